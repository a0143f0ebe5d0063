use serde::{Deserialize, Serialize};

use crate::corpus::Games;
use crate::metrics::{ActivePosition, MaxActivating, sample_strata};

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When};

/// The strongest boards of a feature, and random ones from each quarter of its activations.
const STRONGEST: usize = 16;
const QUARTERS: usize = 4;
const EACH: usize = 4;

/// Boards on which each feature is active.
#[derive(Clone, Copy, Debug)]
pub struct Boards;

/// Boards on which a feature is active.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureBoards {
    /// Where it is most active, at most one a game, strongest first.
    pub top: Vec<Board>,
    /// Random ones of each quarter of its activations, from the lowest quarter up.
    pub quarters: Vec<Vec<Board>>,
}

/// A position of a random game, and what a feature is there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// The game's seed.
    pub seed: u64,
    /// Moves that were played.
    pub ply: usize,
    /// The activation.
    pub activation: f32,
}

impl Figure for Boards {
    type Subject = Dictionary;
    type Partial = ();
    /// One entry a feature.
    type Result = Vec<FeatureBoards>;

    const ABOUT: About = About {
        name: "boards",
        title: "Boards",
        meaning: "the boards on which a feature is strongest, and random ones of each quarter of its range",
        when: When::Asked,
        learns: false,
        memory: "1 kB a feature",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<Vec<FeatureBoards>> {
        let games = whole.games;
        Some(whole.executor.map(whole.activations.features(), |feature| {
            let activations = whole.activations.of(feature);
            let top = strongest(&activations, games, STRONGEST);
            let quarters = sample_strata(&activations, QUARTERS, EACH, feature as u64);
            let of_quarter = |drawn: Vec<(u32, f32)>| {
                drawn.into_iter().map(|(position, activation)| board(games, position as usize, activation))
            };
            FeatureBoards {
                top: top
                    .positions()
                    .iter()
                    .map(|at| Board {
                        seed: games.seed().wrapping_add(at.game),
                        ply: usize::from(at.ply),
                        activation: at.activation,
                    })
                    .collect(),
                quarters: quarters.into_iter().map(|drawn| of_quarter(drawn).collect()).collect(),
            }
        }))
    }
}

fn board(games: &Games, position: usize, activation: f32) -> Board {
    let (game, ply) = games.place(position);
    Board { seed: games.seed().wrapping_add(game as u64), ply, activation }
}

/// The `count` positions, at most one a game, at which the activations are largest and above 0, where a feature
/// says something; games by their number.
pub(super) fn strongest(activations: &[(u32, f32)], games: &Games, count: usize) -> MaxActivating {
    let mut top = MaxActivating::new(count);
    for &(position, activation) in activations.iter().filter(|(_, activation)| *activation > 0.0) {
        let (game, ply) = games.place(position as usize);
        top.add(ActivePosition { activation, game: game as u64, ply: ply as u16 });
    }
    top
}
