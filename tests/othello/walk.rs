//! The rules a second time, by walking from square to square: slow, and simple enough to be believed.

use othello_lens::othello::{Bitboard, Position, Side, Square};

const DIRECTIONS: [(i8, i8); 8] = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)];

/// Discs by square.
#[derive(Clone, Copy)]
pub(crate) struct Board([Option<Side>; 64]);

impl Board {
    pub(crate) fn of(position: &Position) -> Self {
        Self(Square::ALL.map(|square| position.disc(square)))
    }

    pub(crate) fn flips(&self, side: Side, square: Square) -> Bitboard {
        if self.0[square.index()].is_some() {
            return Bitboard::EMPTY;
        }
        DIRECTIONS.into_iter().flat_map(|direction| self.enclosed(side, square, direction)).collect()
    }

    fn enclosed(&self, side: Side, from: Square, (down, right): (i8, i8)) -> Vec<Square> {
        let mut run = Vec::new();
        let (mut row, mut column) = (from.row() as i8, from.column() as i8);
        loop {
            (row, column) = (row + down, column + right);
            let Some(square) = Square::at(row as u8, column as u8) else { return Vec::new() };
            match self.0[square.index()] {
                Some(disc) if disc == side => return run,
                Some(_) => run.push(square),
                None => return Vec::new(),
            }
        }
    }

    pub(crate) fn legal_moves(&self, side: Side) -> Bitboard {
        Square::ALL.into_iter().filter(|&square| !self.flips(side, square).is_empty()).collect()
    }

    pub(crate) fn play(mut self, side: Side, square: Square) -> Self {
        for disc in self.flips(side, square).with(square) {
            self.0[disc.index()] = Some(side);
        }
        self
    }

    pub(crate) fn perft(self, side: Side, depth: u32) -> u64 {
        if depth == 0 {
            return 1;
        }
        let moves = self.legal_moves(side);
        if moves.is_empty() {
            let over = self.legal_moves(side.opponent()).is_empty();
            return if over { 1 } else { self.perft(side.opponent(), depth - 1) };
        }
        moves.iter().map(|square| self.play(side, square).perft(side.opponent(), depth - 1)).sum()
    }
}
