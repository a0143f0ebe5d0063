use std::fs;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use rayon::prelude::*;

use crate::digest::Digest;
use crate::othello::{Game, random_game};
use crate::train::TrainError;

/// Where training games come from. Each has a number, and the same number is always the same game, so
/// that a training can go on anywhere.
#[derive(Clone, Debug)]
pub enum Games {
    /// Uniformly random legal games, each number a game of its own.
    Random {
        /// Of the training: seed 0 begins at game 2³², each further one 2³² later. Games below 2³² are
        /// never trained on; what is measured is measured there.
        seed: u64,
    },
    /// These games, over and over, each time in another order.
    Listed {
        /// At least one.
        games: Vec<Game>,
        /// Of the order.
        seed: u64,
    },
}

impl Games {
    /// The number of random games that a seed has of its own.
    pub const OF_A_SEED: u64 = 1 << 32;

    /// The last seed that has random games of its own: those of a further one would be numbers from 0 on.
    pub const LAST_SEED: u64 = (1 << 32) - 2;

    /// The games of a file: one transcript a line; empty lines and those that begin with `#` are skipped.
    ///
    /// # Errors
    /// [`TrainError::Games`], naming line and move; [`TrainError::NoGames`]; [`TrainError::Io`].
    pub fn read(path: &Path, seed: u64) -> Result<Self, TrainError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|error| std::io::Error::new(error.kind(), format!("cannot read {file}: {error}")))?;
        let lines: Vec<(usize, &str)> = text.lines().enumerate().collect();
        let parsed = lines.into_par_iter().filter_map(|(index, line)| {
            let line_text = line.trim();
            if line_text.is_empty() || line_text.starts_with('#') {
                return None;
            }
            let game = line_text.parse::<Game>().map_err(|error| error.to_string()).and_then(|game| {
                if game.is_empty() { Err("a game has at least one move".to_owned()) } else { Ok(game) }
            });
            Some(game.map_err(|error| TrainError::Games { file: file.clone(), line: index + 1, error }))
        });
        // The first bad line, not the first that a thread met.
        let games = parsed.collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>, _>>()?;
        if games.is_empty() {
            return Err(TrainError::NoGames { file });
        }
        Ok(Self::Listed { games, seed })
    }

    /// What tells listed games from others: the sha256 of their moves, a byte each (the square's index) and
    /// 255 after each game. `None` of random ones, which their seed tells.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Digest> {
        let Self::Listed { games, .. } = self else { return None };
        let bytes = games.iter().flat_map(|game| {
            let squares = game.moves().iter().map(|square| square.index() as u8);
            squares.chain(std::iter::once(u8::MAX))
        });
        Some(Digest::of(&bytes.collect::<Vec<u8>>()))
    }

    /// The games numbered `first..first + count`.
    #[must_use]
    pub fn take(&self, first: u64, count: usize) -> Vec<Game> {
        match self {
            Self::Random { seed } => {
                let base = seed.wrapping_add(1) << 32;
                (0..count as u64)
                    .into_par_iter()
                    .map(|index| random_game(base.wrapping_add(first).wrapping_add(index)))
                    .collect()
            }
            Self::Listed { games, seed } => {
                let length = games.len() as u64;
                let mut order = (u64::MAX, Vec::new());
                (first..first + count as u64)
                    .map(|number| {
                        let round = number / length;
                        if order.0 != round {
                            order = (round, shuffled(games.len(), *seed, round));
                        }
                        games[order.1[(number % length) as usize]]
                    })
                    .collect()
            }
        }
    }
}

/// The numbers `0..length` in the random order of round `round` (Fisher–Yates).
fn shuffled(length: usize, seed: u64, round: u64) -> Vec<usize> {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&round.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    let mut order: Vec<usize> = (0..length).collect();
    for last in (1..length).rev() {
        // The bias, length / 2⁶⁴, does not matter in an order.
        let other = ((u128::from(rng.next_u64()) * (last as u128 + 1)) >> 64) as usize;
        order.swap(last, other);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_always_the_same_game() {
        let listed = Games::Listed { games: (0..7).map(random_game).collect(), seed: 3 };
        for games in [Games::Random { seed: 1 }, listed] {
            let all = games.take(0, 30);
            assert_eq!(games.take(11, 9), all[11..20]);
        }
    }

    #[test]
    fn each_round_has_every_listed_game_once_in_another_order() {
        let games: Vec<Game> = (0..7).map(random_game).collect();
        let taken = Games::Listed { games: games.clone(), seed: 0 }.take(0, 14);
        for round in taken.chunks(7) {
            assert!(games.iter().all(|game| round.contains(game)));
        }
        assert_ne!(taken[..7], taken[7..]);
    }

    #[test]
    fn lists_of_other_games_have_other_fingerprints() {
        let of = |transcripts: &[&str]| {
            let games = transcripts.iter().map(|text| text.parse().unwrap()).collect();
            Games::Listed { games, seed: 0 }.fingerprint().unwrap()
        };
        assert_eq!(of(&["f5d6c3", "f5"]), of(&["f5 d6 c3", "f5"]));
        assert_ne!(of(&["f5d6c3", "f5"]), of(&["f5d6", "c4f5"].map(|_| "f5d6c3")));
        assert_ne!(of(&["f5d6c3", "f5"]), of(&["f5", "f5d6c3"]));
        assert_eq!(Games::Random { seed: 1 }.fingerprint(), None);
    }

    #[test]
    fn training_games_are_not_those_that_are_measured() {
        assert_eq!(Games::Random { seed: 0 }.take(5, 1), [random_game((1 << 32) + 5)]);
    }

    #[test]
    fn an_illegal_move_in_a_file_is_named_with_its_line() {
        let path = std::env::temp_dir().join(format!("othello-lens-games-{}", std::process::id()));
        let read = |text: &str| {
            fs::write(&path, text).unwrap();
            Games::read(&path, 0)
        };
        let file = path.display();
        let error = read("# two games\nf5d6c3\n\nf5 d6 a1\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{file}, line 4: move 3 (\"a1\" at byte 6): Black cannot move on a1: it flips nothing"),
        );
        assert_eq!(read("\n#\n").unwrap_err().to_string(), format!("{file}: no games"));
        let Games::Listed { games, .. } = read("f5d6c3\r\nd3").unwrap() else { panic!("a file is a list") };
        assert_eq!(games.len(), 2);
        fs::remove_file(&path).unwrap();
        let error = Games::read(&path, 0).unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot read {file}: ")), "{error}");
    }
}
