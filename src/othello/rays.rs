//! The two computations that everything else rests on, branch-free on plain `u64`s.

use super::Square;

/// Columns b to g: a run of discs that is to be outflanked along a row or diagonal lies within.
const INNER_COLUMNS: u64 = 0x7e7e_7e7e_7e7e_7e7e;

/// From each square, the squares beyond it in each direction: first the four in which indices
/// ascend, then their opposites. A square's rays fill one cache line.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Rays {
    ascending: [u64; 4],
    descending: [u64; 4],
}

static RAYS: [Rays; 64] = {
    let mut rays = [Rays { ascending: [0; 4], descending: [0; 4] }; 64];
    let ascending = [(0, 1), (1, -1), (1, 0), (1, 1)];
    let mut square = 0;
    while square < 64 {
        let (row, column) = (square as i32 / 8, square as i32 % 8);
        let mut direction = 0;
        while direction < 4 {
            let (down, right) = ascending[direction];
            rays[square].ascending[direction] = ray(row, column, down, right);
            rays[square].descending[direction] = ray(row, column, -down, -right);
            direction += 1;
        }
        square += 1;
    }
    rays
};

const fn ray(mut row: i32, mut column: i32, down: i32, right: i32) -> u64 {
    let mut squares = 0;
    loop {
        row += down;
        column += right;
        if row < 0 || row > 7 || column < 0 || column > 7 {
            return squares;
        }
        squares |= 1 << (8 * row + column);
    }
}

/// The discs of `enemy` that a disc of `own` on `square` would flip. The square is taken to be empty.
#[inline(always)]
pub(super) const fn flips(own: u64, enemy: u64, square: Square) -> u64 {
    let rays = &RAYS[square.index() & 63];
    let mut flipped = 0;
    let mut direction = 0;
    while direction < 4 {
        // Everything but the ray is filled, so that adding 1 carries along the run of enemies and
        // ends on the first square of the ray that is none.
        let ray = rays.ascending[direction];
        let end = (enemy | !ray).wrapping_add(1) & ray & own;
        flipped |= end.wrapping_sub((end != 0) as u64) & ray;

        // Downwards there is no carry: the highest square of the ray that is no enemy.
        let ray = rays.descending[direction];
        let others = ray & !enemy;
        let end = (1 << 63) >> (others | 1).leading_zeros() & others & own;
        flipped |= (end.wrapping_neg() << 1) & ray;
        direction += 1;
    }
    flipped
}

/// The empty squares on which a disc of `own` would flip some of `enemy`.
#[inline(always)]
pub(super) const fn legal_moves(own: u64, enemy: u64) -> u64 {
    let inner = enemy & INNER_COLUMNS;
    let reached = along(own, inner, 1) | along(own, inner, 7) | along(own, enemy, 8) | along(own, inner, 9);
    reached & !(own | enemy)
}

/// The squares just beyond runs of `enemy` that begin next to `own`, both ways along one line: a
/// parallel-prefix fill, one step, one step, then two steps twice, which covers the six discs of the
/// longest run.
#[inline(always)]
const fn along(own: u64, enemy: u64, step: u32) -> u64 {
    let mut up = enemy & (own << step);
    let mut down = enemy & (own >> step);
    up |= enemy & (up << step);
    down |= enemy & (down >> step);
    let pairs_up = enemy & (enemy << step);
    let pairs_down = pairs_up >> step;
    up |= pairs_up & (up << (2 * step));
    down |= pairs_down & (down >> (2 * step));
    up |= pairs_up & (up << (2 * step));
    down |= pairs_down & (down >> (2 * step));
    (up << step) | (down >> step)
}
