//! What the tests of the labels share: games seen square by square, and predicates held against definitions
//! that look at nothing else.

use proptest::prelude::*;

use super::LabelSet;
use crate::othello::{Game, Position, Side, Square, random_game};

/// Random games, some of them broken off.
pub(super) fn game() -> impl Strategy<Value = Game> {
    (any::<u64>(), 0_usize..=80).prop_map(|(seed, len)| {
        let mut game = random_game(seed);
        game.truncate(len);
        game
    })
}

/// A game whose squares are looked up one at a time.
pub(super) struct Cells {
    pub(super) moves: Vec<Square>,
    positions: Vec<Position>,
}

impl Cells {
    fn new(game: &Game) -> Self {
        Self { moves: game.moves().to_vec(), positions: game.positions().collect() }
    }

    /// Whose disc stands on a square after `ply` moves.
    pub(super) fn disc(&self, ply: usize, square: Square) -> Option<Side> {
        self.positions[ply].disc(square)
    }

    /// Whose turn it is after `ply` moves.
    pub(super) fn to_move(&self, ply: usize) -> Side {
        self.positions[ply].to_move()
    }

    /// How many discs a side has after `ply` moves.
    pub(super) fn count(&self, ply: usize, side: Side) -> usize {
        Square::ALL.into_iter().filter(|&square| self.disc(ply, square) == Some(side)).count()
    }

    /// Whether the disc on a square changed its colour with move `ply`, from 1.
    pub(super) fn changed(&self, ply: usize, square: Square) -> bool {
        let [before, after] = [ply - 1, ply].map(|ply| self.disc(ply, square));
        before.is_some() && before != after
    }

    /// The squares on which the player to move after `ply` moves may play.
    pub(super) fn legal(&self, ply: usize) -> Vec<Square> {
        let position = self.positions[ply];
        Square::ALL.into_iter().filter(|&square| position.play(square).is_ok()).collect()
    }
}

/// The square so many steps down and to the right.
pub(super) fn beside(square: Square, down: i8, right: i8, steps: i8) -> Option<Square> {
    let [row, column] = [(square.row(), down), (square.column(), right)]
        .map(|(from, by)| u8::try_from(from as i8 + by * steps).unwrap_or(u8::MAX));
    Square::at(row, column)
}

/// Holds a statement about squares against its definition, at every ply: on the squares that have a label the
/// two agree, and on all others the definition never holds.
pub(super) fn assert_squares(game: &Game, statement: &str, holds: impl Fn(&Cells, usize, Square) -> bool) {
    let (set, cells) = (LabelSet::ontology(), Cells::new(game));
    assert!(set.labels().iter().any(|label| label.statement == statement), "{statement}");
    for ply in 0..=game.len() {
        let names: Vec<String> = set.holding(game, ply).map(|id| set.label(id).name.clone()).collect();
        for square in Square::ALL {
            let name = format!("{statement} {square}");
            assert_eq!(names.contains(&name), holds(&cells, ply, square), "{name} at ply {ply} of {game}");
        }
    }
}

/// Holds a statement about the whole position against its definition, at every ply.
pub(super) fn assert_position(game: &Game, name: &str, holds: impl Fn(&Cells, usize) -> bool) {
    let (set, cells) = (LabelSet::ontology(), Cells::new(game));
    let id = set.find(name).unwrap();
    for ply in 0..=game.len() {
        let found = set.holding(game, ply).any(|holding| holding == id);
        assert_eq!(found, holds(&cells, ply), "{name} at ply {ply} of {game}");
    }
}

#[test]
fn an_unknown_set_is_refused_with_the_names_of_those_there_are() {
    assert_eq!(LabelSet::named("ontology").unwrap().name(), "ontology");
    let refused = LabelSet::named("boards").unwrap_err().to_string();
    assert_eq!(refused, "read \"boards\", expected the name of a label set: board, ontology");
}

#[test]
fn names_fit_into_a_table_and_titles_are_sentences() {
    for set in LabelSet::all() {
        for label in set.labels() {
            assert!(!label.name.contains([',', '"']), "{}", label.name);
            assert!(label.title.ends_with('.') && !label.title.contains('{'), "{}", label.title);
        }
    }
}

/// Scores name a set by its version: what has another checksum needs another version.
#[test]
fn the_labels_are_those_of_the_version() {
    let checksum = |set: &LabelSet| {
        let bytes = set.labels().iter().flat_map(|label| label.name.bytes().chain([0]));
        // FNV-1a.
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    };
    let known = LabelSet::all().map(|set| (set.name(), set.version(), checksum(set)));
    assert_eq!(
        known,
        [("board", 1, 18_207_617_534_597_759_157), ("ontology", 1, 15_592_434_673_449_951_672)]
    );
}

#[test]
fn every_label_holds_somewhere() {
    for set in LabelSet::all() {
        let mut ever = vec![0; set.words()];
        for seed in 0..3000 {
            for row in set.rows(&random_game(seed), 0..=60).chunks_exact(set.words()) {
                ever.iter_mut().zip(row).for_each(|(ever, word)| *ever |= word);
            }
        }
        let ever = super::LabelRow::new(&ever);
        let never: Vec<&str> =
            set.ids().filter(|&id| !ever.contains(id)).map(|id| &*set.label(id).name).collect();
        // The centre is never empty, so that no move is legal there.
        let centre = ["d4", "e4", "d5", "e5"];
        let known = ["empty", "legal"].map(|plane| centre.map(|square| format!("{plane} {square}"))).concat();
        assert_eq!(never, if set.name() == "board" { known } else { Vec::new() });
    }
}
