use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use super::Game;

/// A whole game in which every move is uniformly random among the legal ones.
///
/// The same seed gives the same game on every platform and in every version: ChaCha8 with the
/// little-endian seed, padded with zeros, as its key; a move is the `⌊n · r / 2³²⌋`-th of the `n` legal
/// moves in ascending order, `r` being the next 32-bit word, and words that would favour some moves
/// are drawn again ([Lemire 2019](https://arxiv.org/abs/1805.10941)).
///
/// ```
/// use othello_lens::othello::random_game;
///
/// let game = random_game(1);
/// assert!(game.position().is_over());
/// assert_eq!(game, random_game(1));
/// assert_ne!(game, random_game(2));
/// ```
#[must_use]
pub fn random_game(seed: u64) -> Game {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    let mut game = Game::new();
    loop {
        let moves = game.position().legal_moves();
        if moves.is_empty() {
            return game;
        }
        if let Some(square) = moves.nth(below(&mut rng, moves.len() as u32) as usize) {
            game.play_unchecked(square);
        }
    }
}

/// A uniformly random number below `n`, which is not 0.
pub(crate) fn below(rng: &mut ChaCha8Rng, n: u32) -> u32 {
    // 2³² mod n: as many words are left over when each number is given equally many.
    let left_over = n.wrapping_neg() % n;
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(n);
        if product as u32 >= left_over {
            return (product >> 32) as u32;
        }
    }
}
