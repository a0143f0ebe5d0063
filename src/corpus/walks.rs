use std::ops::Range;

use crate::gpt::{GptConfig, Vocab, Walk};
use crate::othello::Game;

/// Games as a model reads them at once, each in as many rows, and the rows among them that are plies: all, where games
/// are moves alone; otherwise a start token and passes have rows too.
#[derive(Clone, Debug)]
pub struct Walks {
    /// `[games, rows]`; behind the end of a game token 0, which in a causal model changes nothing before it.
    tokens: Vec<u32>,
    rows: usize,
    plies: usize,
    /// Of each game, the rows of the plies that are read.
    of_games: Vec<Vec<usize>>,
    moves_alone: bool,
}

impl Walks {
    /// The first `plies` plies of `games`, as far as a model of this config reads them.
    #[must_use]
    pub fn new(config: &GptConfig, games: &[Game], plies: usize) -> Self {
        let walk = |game: &Game| {
            let Walk { mut tokens, mut rows } = config.vocab.walk(game, config.context);
            rows.truncate(plies);
            tokens.truncate(rows.last().map_or(0, |row| row + 1));
            Walk { tokens, rows }
        };
        let walks: Vec<Walk> = games.iter().map(walk).collect();
        let moves_alone = config.vocab == Vocab::Moves;
        let longest = walks.iter().map(|walk| walk.tokens.len()).max().unwrap_or_default();
        let rows = if moves_alone { plies } else { longest };
        let padded = |walk: &Walk| {
            let padding = std::iter::repeat_n(0, rows - walk.tokens.len());
            walk.tokens.iter().copied().chain(padding).collect::<Vec<u32>>()
        };
        let tokens = walks.iter().flat_map(padded).collect();
        Self { tokens, rows, plies, of_games: walks.into_iter().map(|walk| walk.rows).collect(), moves_alone }
    }

    /// What the model reads of some games, `[games, rows]`.
    #[must_use]
    pub fn tokens(&self, games: Range<usize>) -> &[u32] {
        &self.tokens[games.start * self.rows..games.end * self.rows]
    }

    /// Rows a game.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Whether every row is a ply.
    #[must_use]
    pub const fn moves_alone(&self) -> bool {
        self.moves_alone
    }

    /// How many plies of a game are read.
    #[must_use]
    pub fn read(&self, game: usize) -> usize {
        self.of_games[game].len()
    }

    /// The values after the plies of some games, `[games, plies, width]`, given those of all rows, `[games, rows,
    /// width]`; 0 behind the end of a game, where games are not moves alone.
    #[must_use]
    pub fn at_plies(&self, games: Range<usize>, values: Vec<f32>, width: usize) -> Vec<f32> {
        if self.moves_alone {
            return values;
        }
        let mut all = vec![0.0; games.len() * self.plies * width];
        for (game, index) in games.zip(0..) {
            for (ply, row) in self.of_games[game].iter().enumerate() {
                let (to, from) = ((index * self.plies + ply) * width, (index * self.rows + row) * width);
                all[to..to + width].copy_from_slice(&values[from..from + width]);
            }
        }
        all
    }

    /// Hands on the values of the plies among `values`, `[rows, width]` of whole games from row `first` of
    /// `games` on, each with its number in `[games, plies]`.
    pub fn for_each_ply(
        &self,
        games: &Range<usize>,
        first: usize,
        values: &mut [f32],
        width: usize,
        mut take: impl FnMut(usize, &mut [f32]),
    ) {
        let begin = first / self.rows;
        for (index, values) in values.chunks_exact_mut(self.rows * width).enumerate() {
            let index = begin + index;
            for (ply, row) in self.of_games[games.start + index].iter().enumerate() {
                take(index * self.plies + ply, &mut values[row * width..(row + 1) * width]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::othello::random_game;

    /// The first random games of which one has a pass.
    fn games() -> Vec<Game> {
        let with_pass = (0..).find(|&seed| random_game(seed).passes().next().is_some()).unwrap_or_default();
        (0..=with_pass).map(random_game).collect()
    }

    fn config(vocab: Vocab) -> GptConfig {
        GptConfig { vocab, context: 64, ..GptConfig::othello_gpt(1, 1, 8) }
    }

    #[test]
    fn moves_alone_are_rows() {
        let games = games();
        let walks = Walks::new(&config(Vocab::Moves), &games, 59);
        assert!(walks.moves_alone());
        for (index, game) in games.iter().enumerate() {
            let padded: Vec<u32> = Vocab::Moves.padded_tokens(game, 59).collect();
            assert_eq!(walks.tokens(index..index + 1), padded);
        }
        let values: Vec<f32> = (0..games.len() * 59).map(|value| value as f32).collect();
        assert_eq!(walks.at_plies(0..games.len(), values.clone(), 1), values);
    }

    #[test]
    fn a_start_and_passes_have_rows_that_are_no_plies() {
        let games = games();
        for vocab in [Vocab::LetterMajor, Vocab::AllSquares] {
            let walks = Walks::new(&config(vocab), &games, 60);
            assert_eq!(walks.tokens(0..games.len()).len(), games.len() * walks.rows());
            // The values are the numbers of the rows in their game.
            let values = |_| (0..walks.rows()).map(|row| row as f32);
            let values: Vec<f32> = (0..games.len()).flat_map(values).collect();
            let plies = walks.at_plies(0..games.len(), values.clone(), 1);
            for (index, game) in games.iter().enumerate() {
                let rows = vocab.walk(game, 64).rows;
                assert_eq!(walks.read(index), rows.len());
                let rows: Vec<f32> = rows.into_iter().map(|row| row as f32).collect();
                assert_eq!(plies[index * 60..][..rows.len()], rows);
            }
            // From the second game on.
            let (mut values, range) = (values, 1..games.len());
            let tail = &mut values[walks.rows() * 2..];
            walks.for_each_ply(&range, walks.rows(), tail, 1, |number, value| {
                assert_eq!(value[0], plies[60 + number]);
                value[0] = -1.0;
            });
            let left =
                values[walks.rows() * 2..walks.rows() * 3].iter().filter(|&&value| value >= 0.0).count();
            assert_eq!(left, walks.rows() - games[2].len());
        }
    }
}
