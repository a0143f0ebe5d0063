use super::{Position, Square, rays};

/// Counts the leaves of the game tree `depth` plies below `position`.
///
/// A skipped turn counts as a ply, unlike in [`Position::play`], and a game that ended earlier as one
/// leaf: so do the [published counts](https://www.aartbik.com/strategy.php).
///
/// ```
/// use othello_lens::othello::{Position, perft};
///
/// assert_eq!([0, 1, 2, 3, 4, 5].map(|depth| perft(Position::START, depth)), [1, 4, 12, 56, 244, 1396]);
/// ```
#[must_use]
pub fn perft(position: Position, depth: u32) -> u64 {
    if depth == 0 { 1 } else { leaves(position.own().0, position.enemy().0, depth) }
}

/// `depth` is at least 1.
fn leaves(own: u64, enemy: u64, depth: u32) -> u64 {
    let mut moves = rays::legal_moves(own, enemy);
    if moves == 0 {
        let over = rays::legal_moves(enemy, own) == 0;
        return if over || depth == 1 { 1 } else { leaves(enemy, own, depth - 1) };
    }
    if depth == 1 {
        return u64::from(moves.count_ones());
    }
    let mut count = 0;
    while moves != 0 {
        let square = Square::of_lowest_bit(moves);
        moves &= moves - 1;
        let own = own | square.bitboard().0 | rays::flips(own, enemy, square);
        count += leaves(enemy & !own, own, depth - 1);
    }
    count
}
