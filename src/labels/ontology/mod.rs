//! The set `ontology`: what else than the present board a feature may tell.
//!
//! Trained on games, a model may well keep track of the last move, of the past of a disc or of whose turn it
//! is, and features that say so look meaningless beside the labels of the board alone.

mod corners;
mod last_move;
mod lines;
mod phase;
mod stable;
mod times_flipped;
mod turn;
mod whole_board;

use super::LabelSet;

pub(super) fn set() -> LabelSet {
    let groups = vec![
        last_move::group(),
        times_flipped::group(),
        turn::group(),
        phase::group(),
        stable::group(),
        corners::group(),
        whole_board::group(),
        lines::group(),
    ];
    LabelSet::new("ontology", groups)
}
