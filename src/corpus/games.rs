use std::ops::{Range, RangeInclusive};

use crate::bundle::Corpus;
use crate::gpt::GptConfig;
use crate::metrics::{Boards, Labels};
use crate::othello::{Game, random_game};

/// The moves, from 1, after which SAEs and probes are scored. The first and the last few are left out, as in
/// the published figures: there residual streams are unlike all others.
pub const SCORED: RangeInclusive<usize> = 5..=55;

/// Games that are taken in together.
pub const CHUNK: usize = 8;

/// What is wrong with a corpus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorpusError {
    /// Games so short, or a context, that no position is scored.
    #[error("none of the {games} games has a position to be scored: the model reads {context} moves")]
    NoPositions {
        /// The number of games.
        games: usize,
        /// Moves that the model reads.
        context: usize,
    },
}

/// Random games as a model reads them, and what holds in their scored positions.
#[derive(Clone, Debug)]
pub struct Games {
    seed: u64,
    games: Vec<Game>,
    /// `[games, plies]`; behind the end of a game, padding.
    tokens: Vec<u32>,
    plies: usize,
    boards: Boards,
    /// Of each game, the number of its first scored position; then the number of all.
    begins: Vec<usize>,
}

impl Games {
    /// The games with the seeds `seed..seed + count`, as far as a model of this config reads them.
    ///
    /// # Errors
    /// [`CorpusError::NoPositions`].
    pub fn new(seed: u64, count: usize, config: &GptConfig) -> Result<Self, CorpusError> {
        let seeds = (0..count as u64).map(|index| seed.wrapping_add(index));
        let games: Vec<Game> = seeds.map(random_game).collect();
        // No game has more moves.
        let plies = config.context.min(60);
        let mut tokens = vec![0; count * plies];
        let (mut boards, mut begins) = (Boards::default(), vec![0]);
        for (tokens, game) in tokens.chunks_exact_mut(plies.max(1)).zip(&games) {
            for (token, &square) in tokens.iter_mut().zip(game.moves()) {
                *token = config.vocab.token(square).unwrap_or(0);
            }
            let last = plies.min(*SCORED.end());
            let scored = game.positions().enumerate().take(last + 1).skip(*SCORED.start());
            boards.push_game(scored.map(|(_, position)| Labels::of(&position)));
            begins.push(boards.len());
        }
        if boards.is_empty() {
            return Err(CorpusError::NoPositions { games: count, context: config.context });
        }
        Ok(Self { seed, games, tokens, plies, boards, begins })
    }

    /// The seed of the first.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The games.
    #[must_use]
    pub fn games(&self) -> &[Game] {
        &self.games
    }

    /// Rows a game.
    #[must_use]
    pub const fn plies(&self) -> usize {
        self.plies
    }

    /// `[games, plies]`.
    #[must_use]
    pub fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// What holds in the scored positions, those after the moves [`SCORED`].
    #[must_use]
    pub const fn boards(&self) -> &Boards {
        &self.boards
    }

    /// The ranges of games that are taken in together, [`CHUNK`] games each but for the last.
    pub fn chunks(&self) -> impl ExactSizeIterator<Item = Range<usize>> + '_ {
        (0..self.games.len()).step_by(CHUNK).map(|first| first..self.games.len().min(first + CHUNK))
    }

    /// The rows of `game`, of its `plies`, that are scored: row t is the position after move t + 1.
    #[must_use]
    pub fn scored_rows(&self, game: usize) -> Range<usize> {
        let first = *SCORED.start() - 1;
        first..first + self.begins[game + 1] - self.begins[game]
    }

    /// The number of the first scored position of `game`.
    #[must_use]
    pub fn first_position(&self, game: usize) -> usize {
        self.begins[game]
    }

    /// Which game a scored position is of, and after how many moves.
    #[must_use]
    pub fn place(&self, position: usize) -> (usize, usize) {
        let game = self.boards.game_of(position);
        (game, position - self.begins[game] + *SCORED.start())
    }

    /// What a bundle says of the scored positions.
    #[must_use]
    pub fn corpus(&self) -> Corpus {
        Corpus {
            games: self.games.len() as u64,
            seed: self.seed,
            first_ply: *SCORED.start(),
            last_ply: *SCORED.end(),
            positions: self.boards.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpt::{MlpActivation, Norm, NormKind, Vocab};

    fn config(context: usize) -> GptConfig {
        GptConfig {
            layers: 1,
            heads: 1,
            d_model: 4,
            d_head: 4,
            d_mlp: 4,
            context,
            vocab: Vocab::Moves,
            norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
            activation: MlpActivation::Gelu,
            attention_scale: 0.5,
        }
    }

    #[test]
    fn a_scored_position_is_the_board_after_its_moves() {
        let games = Games::new(7, 30, &config(59)).unwrap();
        for position in [0, 17, games.boards().len() / 2, games.boards().len() - 1] {
            let (game, ply) = games.place(position);
            let board = games.games()[game].position_at(ply).unwrap();
            assert_eq!(games.boards().labels()[position], Labels::of(&board));
            assert!(games.scored_rows(game).contains(&(ply - 1)));
        }
        assert_eq!(games.scored_rows(0), 4..55);
        assert_eq!(
            games.corpus().positions,
            (0..30).map(|game| games.scored_rows(game).len()).sum::<usize>()
        );
    }

    #[test]
    fn a_model_that_reads_too_little_scores_nothing() {
        assert_eq!(Games::new(0, 2, &config(20)).unwrap().scored_rows(1), 4..20);
        assert!(matches!(Games::new(0, 2, &config(4)), Err(CorpusError::NoPositions { .. })));
    }
}
