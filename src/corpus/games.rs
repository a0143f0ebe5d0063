use std::ops::{Range, RangeInclusive};

use crate::gpt::GptConfig;
use crate::labels::{LabelSet, LabelledPositions};
use crate::othello::{Game, random_game};

use super::{Corpus, FileOfGames, Walks};

/// The moves, from 1, after which SAEs and probes are scored. The first and the last few are left out, as in
/// the published figures: there residual streams are unlike all others.
pub const SCORED: RangeInclusive<usize> = 5..=55;

/// Games that are taken in together.
pub const CHUNK: usize = 8;

/// The plies after which a position is scored in games that are read so far.
fn scored(plies: usize) -> RangeInclusive<usize> {
    *SCORED.start()..=plies.min(*SCORED.end())
}

/// The games of part `number`, from 0 on, of `of` parts of so many games: whole chunks each, as many as in the
/// others give or take one. Empty where there are fewer chunks than parts.
#[must_use]
pub fn shard(games: usize, number: usize, of: usize) -> Range<usize> {
    let edge = |number: usize| (number * games.div_ceil(CHUNK) / of * CHUNK).min(games);
    edge(number)..edge(number + 1)
}

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

/// Games as a model reads them, and what holds in their scored positions.
#[derive(Clone, Debug)]
pub struct Games {
    seed: u64,
    file: Option<FileOfGames>,
    games: Vec<Game>,
    walks: Walks,
    plies: usize,
    /// By the set `board`.
    boards: LabelledPositions,
    /// By further sets.
    labelled: Vec<(&'static LabelSet, LabelledPositions)>,
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
        Self::of(seed, seeds.map(random_game).collect(), None, config)
    }

    /// The games of a file from the one numbered `first`, counted from 0, as far as a model of this config reads
    /// them.
    ///
    /// # Errors
    /// [`CorpusError::NoPositions`].
    pub fn of_file(
        file: FileOfGames,
        first: u64,
        games: &[Game],
        config: &GptConfig,
    ) -> Result<Self, CorpusError> {
        Self::of(first, games.to_vec(), Some(file), config)
    }

    fn of(
        seed: u64,
        games: Vec<Game>,
        file: Option<FileOfGames>,
        config: &GptConfig,
    ) -> Result<Self, CorpusError> {
        let count = games.len();
        // No game has more moves; where a longer one is cut, no more is read of any.
        let read = |game: &Game| {
            let plies = config.vocab.walk(game, config.context).rows.len();
            (plies < game.len()).then_some(plies)
        };
        let plies = games.iter().filter_map(read).fold(config.context.min(60), usize::min);
        let (set, mut begins) = (LabelSet::board(), vec![0]);
        let mut boards = LabelledPositions::new(set.len());
        for game in &games {
            boards.push_game(&set.rows(game, scored(plies)));
            begins.push(boards.len());
        }
        if boards.is_empty() {
            return Err(CorpusError::NoPositions { games: count, context: config.context });
        }
        let walks = Walks::new(config, &games, plies);
        Ok(Self { seed, file, games, walks, plies, boards, labelled: Vec::new(), begins })
    }

    /// The games with their scored positions labelled by these sets too.
    #[must_use]
    pub fn labelled_by(mut self, sets: impl IntoIterator<Item = &'static LabelSet>) -> Self {
        for set in sets {
            if self.labelled(set).is_none() {
                let mut positions = LabelledPositions::new(set.len());
                self.games.iter().for_each(|game| positions.push_game(&set.rows(game, scored(self.plies))));
                self.labelled.push((set, positions));
            }
        }
        self
    }

    /// The seed of the first; of a file's games, its number, from 0.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The games.
    #[must_use]
    pub fn games(&self) -> &[Game] {
        &self.games
    }

    /// Moves of a game that are read, at most.
    #[must_use]
    pub const fn plies(&self) -> usize {
        self.plies
    }

    /// How the model reads them.
    #[must_use]
    pub const fn walks(&self) -> &Walks {
        &self.walks
    }

    /// What holds in the scored positions, those after the moves [`SCORED`], by the set `board`.
    #[must_use]
    pub const fn boards(&self) -> &LabelledPositions {
        &self.boards
    }

    /// What holds in the scored positions by a set; `None` if they are not labelled by it.
    #[must_use]
    pub fn labelled(&self, set: &LabelSet) -> Option<&LabelledPositions> {
        let mut all = std::iter::once((LabelSet::board(), &self.boards)).chain(self.further_sets());
        all.find(|(of, _)| of.name() == set.name()).map(|(_, positions)| positions)
    }

    /// The sets besides `board` that the scored positions are labelled by, and what holds there.
    pub fn further_sets(&self) -> impl Iterator<Item = (&'static LabelSet, &LabelledPositions)> {
        self.labelled.iter().map(|(set, positions)| (*set, positions))
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
            file: self.file,
            first_ply: *SCORED.start(),
            last_ply: *SCORED.end(),
            positions: self.boards.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::gpt::{MlpActivation, Norm, NormKind, Vocab};
    use crate::labels::LabelRow;

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
            let boards = [board.own(), board.opponent(), board.empty(), board.legal_moves()];
            assert_eq!(games.boards().row(position), LabelRow::new(&boards.map(|board| board.0)));
            assert!(games.scored_rows(game).contains(&(ply - 1)));
        }
        assert_eq!(games.scored_rows(0), 4..55);
        assert_eq!(
            games.corpus().positions,
            (0..30).map(|game| games.scored_rows(game).len()).sum::<usize>()
        );
    }

    #[test]
    fn games_of_a_file_are_scored_as_far_as_they_go() {
        let file = FileOfGames { sha256: Digest::of(b"f5"), broken: 0, with_passes: 0, unfinished: 2 };
        let all: Vec<Game> = ["f5d6", "f5d6c3d3c4f4"].map(|text| text.parse().unwrap()).to_vec();
        let games = Games::of_file(file, 7, &all, &config(59)).unwrap();
        assert_eq!((games.scored_rows(0), games.scored_rows(1)), (4..4, 4..6));
        assert_eq!(games.place(1), (1, 6));
        let Corpus { games, seed, file: of, positions, .. } = games.corpus();
        assert_eq!((games, seed, of, positions), (2, 7, Some(file), 2));
        assert!(Games::of_file(file, 0, &all[..1], &config(59)).is_err());
    }

    #[test]
    fn a_model_that_reads_too_little_scores_nothing() {
        assert_eq!(Games::new(0, 2, &config(20)).unwrap().scored_rows(1), 4..20);
        assert!(matches!(Games::new(0, 2, &config(4)), Err(CorpusError::NoPositions { .. })));
    }
}
