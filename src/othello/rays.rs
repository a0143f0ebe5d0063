//! The two computations that everything else rests on, branch-free on plain `u64`s.

use super::Square;

/// Columns b to g: a run of discs that is to be outflanked along a row or diagonal lies within.
const INNER_COLUMNS: u64 = 0x7e7e_7e7e_7e7e_7e7e;

/// The squares beyond a square, up to the edge, in the directions that need a mask. One cache line.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Rays {
    east: u64,
    west: u64,
    /// South-west, south and south-east.
    south: [u64; 3],
}

static RAYS: [Rays; 64] = {
    let mut rays = [Rays { east: 0, west: 0, south: [0; 3] }; 64];
    let mut square = 0;
    while square < 64 {
        let (row, column) = (square as i32 / 8, square as i32 % 8);
        rays[square] = Rays {
            east: ray(row, column, 0, 1),
            west: ray(row, column, 0, -1),
            south: [ray(row, column, 1, -1), ray(row, column, 1, 0), ray(row, column, 1, 1)],
        };
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

/// The discs of `opponent` that a disc of `own` on `square` would flip. The square is taken to be empty.
#[inline(always)]
pub(super) const fn flips(own: u64, opponent: u64, square: Square) -> u64 {
    let rays = &RAYS[square.index() & 63];
    let east = flips_upwards(own, opponent, rays.east);
    let west = flips_west(own, opponent, rays.west);
    let south = flips_south(own, opponent, rays);
    // The northern rays are the southern ones of the board upside down.
    let upside_down = &RAYS[(square.index() & 63) ^ 56];
    let north = flips_south(own.swap_bytes(), opponent.swap_bytes(), upside_down).swap_bytes();
    east | west | south | north
}

#[inline(always)]
const fn flips_south(own: u64, opponent: u64, rays: &Rays) -> u64 {
    flips_upwards(own, opponent, rays.south[0])
        | flips_upwards(own, opponent, rays.south[1])
        | flips_upwards(own, opponent, rays.south[2])
}

/// The flips along one ray on which indices ascend.
#[inline(always)]
const fn flips_upwards(own: u64, opponent: u64, ray: u64) -> u64 {
    // With everything but the ray filled, adding 1 carries along the run of the opponent's discs and ends on the
    // first square of the ray that holds none.
    let end = (opponent | !ray).wrapping_add(1) & ray & own;
    end.wrapping_sub((end != 0) as u64) & ray
}

/// The flips along the ray to the west. There indices descend and nothing carries, so that the first
/// square without a disc of the opponent is looked up as the highest bit.
#[inline(always)]
const fn flips_west(own: u64, opponent: u64, ray: u64) -> u64 {
    let others = ray & !opponent;
    let end = ((1 << 63) >> (others | 1).leading_zeros()) & others & own;
    (end.wrapping_neg() << 1) & ray
}

/// The empty squares on which a disc of `own` would flip some of `opponent`.
#[inline(always)]
pub(super) const fn legal_moves(own: u64, opponent: u64) -> u64 {
    let inner = opponent & INNER_COLUMNS;
    let reached =
        along(own, inner, 1) | along(own, inner, 7) | along(own, opponent, 8) | along(own, inner, 9);
    reached & !(own | opponent)
}

/// The squares just beyond runs of `opponent` that begin next to `own`, both ways along one line: a
/// parallel-prefix fill, one step, one step, then two steps twice, which covers the six discs of the
/// longest run.
#[inline(always)]
const fn along(own: u64, opponent: u64, step: u32) -> u64 {
    let mut up = opponent & (own << step);
    let mut down = opponent & (own >> step);
    up |= opponent & (up << step);
    down |= opponent & (down >> step);
    let pairs_up = opponent & (opponent << step);
    let pairs_down = pairs_up >> step;
    up |= pairs_up & (up << (2 * step));
    down |= pairs_down & (down >> (2 * step));
    up |= pairs_up & (up << (2 * step));
    down |= pairs_down & (down >> (2 * step));
    (up << step) | (down >> step)
}
