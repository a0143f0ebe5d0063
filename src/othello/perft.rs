use super::{Bitboard, Position, Square, rays};

/// Counts the leaves of the game tree `depth` plies below `position`.
///
/// A skipped turn counts as a ply, unlike in [`Position::play`], and a game that ended earlier as one
/// leaf: so do the
/// [published counts](http://www.aartbik.com/MISC/reversi.html).
///
/// ```
/// use othello_lens::othello::{Position, perft};
///
/// assert_eq!([0, 1, 2, 3, 4, 5].map(|depth| perft(Position::START, depth)), [1, 4, 12, 56, 244, 1396]);
/// ```
#[must_use]
pub fn perft(position: Position, depth: u32) -> u64 {
    if depth == 0 { 1 } else { leaves(position.own().0, position.opponent().0, depth) }
}

/// How many positions have their moves counted in one loop.
const BATCH: usize = 32;

/// `depth` is at least 1.
fn leaves(own: u64, opponent: u64, depth: u32) -> u64 {
    let moves = rays::legal_moves(own, opponent);
    if moves == 0 {
        let over = rays::legal_moves(opponent, own) == 0;
        return if over || depth == 1 { 1 } else { leaves(opponent, own, depth - 1) };
    }
    match depth {
        1 => u64::from(moves.count_ones()),
        2 => leaves_of_children(own, opponent, moves),
        _ => Bitboard(moves)
            .iter()
            .map(|square| {
                let (own, opponent) = after(own, opponent, square);
                leaves(own, opponent, depth - 1)
            })
            .sum(),
    }
}

/// The leaves two plies down. The positions in between are first collected, so that the compiler can
/// count the moves of several side by side in vector registers.
fn leaves_of_children(own: u64, opponent: u64, mut moves: u64) -> u64 {
    let mut owns = [0; BATCH];
    let mut opponents = [0; BATCH];
    let mut count = 0;
    while moves != 0 {
        let mut len = 0;
        while len < BATCH && moves != 0 {
            (owns[len], opponents[len]) = after(own, opponent, Square::of_lowest_bit(moves));
            moves &= moves - 1;
            len += 1;
        }
        for (&own, &opponent) in owns[..len].iter().zip(&opponents[..len]) {
            let moves = rays::legal_moves(own, opponent);
            // Without a move, a skipped turn or the game's end is the one leaf.
            count += u64::from(moves.count_ones()) + u64::from(moves == 0);
        }
    }
    count
}

/// The discs after a move, from the view of the other player.
#[inline(always)]
fn after(own: u64, opponent: u64, square: Square) -> (u64, u64) {
    let own = own | square.bitboard().0 | rays::flips(own, opponent, square);
    (opponent & !own, own)
}
