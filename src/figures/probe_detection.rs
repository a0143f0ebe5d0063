use serde::{Deserialize, Serialize};

use crate::labels::{LabelId, LabelSet, LabelledPositions, Plane};
use crate::metrics::{Confusion, Estimate, Ranking};
use crate::othello::Square;
use crate::probe::SquareClass;

use super::{About, Detail, Figure, FigureError, ProbeChunk, ProbeWhole, ReadBoard, Rows, When};

/// Draws of the intervals, of which there is one a label.
const DRAWS: u32 = 200;

/// How well what a probe says of each square tells the labels of the set `board`: what features can be held
/// against, since the probe was trained on the labels and they were not.
#[derive(Clone, Copy, Debug)]
pub struct ProbeDetection;

/// How well a probe tells a label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeLabel {
    /// The label's name in the set `board`.
    pub label: String,
    /// The AUROC of the log-odds that the probe gives the class on the square.
    pub auroc: Estimate,
    /// The F1 of "it is more probable than not".
    pub f1: f64,
}

impl Figure for ProbeDetection {
    type Subject = ReadBoard;
    /// The log-odds of the classes that are labels, `[positions, classes, 64]`.
    type Partial = Rows;
    /// One entry for each label that sometimes holds and sometimes does not; none of a probe of colours but for
    /// the empty squares.
    type Result = Vec<ProbeLabel>;

    const ABOUT: About = About {
        name: "probe_detection",
        title: "Labels that a probe tells",
        meaning: "how well the log-odds that a probe gives a class on a square tell that it stands there",
        when: When::Always,
        learns: false,
        memory: "4 · 64 · classes · G · 51 bytes: 78 MB for 2000 games and 3 classes",
        values: &[],
        published: &[],
    };

    fn take(chunk: &ProbeChunk<'_>) -> Result<Rows, FigureError> {
        let classes = chunk.classes.len();
        let told: Vec<usize> = (0..classes).filter(|&class| plane(chunk.classes[class]).is_some()).collect();
        let mut rows = Vec::new();
        for game in chunk.range.clone() {
            let first = (game - chunk.range.start) * chunk.games.plies();
            for row in chunk.games.scored_rows(game) {
                let logits = &chunk.logits[(first + row) * 64 * classes..][..64 * classes];
                for &class in &told {
                    rows.extend(logits.chunks_exact(classes).map(|logits| log_odds(logits, class)));
                }
            }
        }
        Ok(Rows(rows))
    }

    fn end(Rows(rows): &Rows, whole: &ProbeWhole<'_>) -> Option<Vec<ProbeLabel>> {
        let positions = whole.games.boards();
        let planes: Vec<Plane> = whole.classes.iter().copied().filter_map(plane).collect();
        let resampling = whole.resampling.first(DRAWS);
        let width = 64 * planes.len();
        let label = |at: usize| {
            let id = planes[at / 64].on(Square::ALL[at % 64]);
            let column = rows.iter().skip(at).step_by(width).copied();
            let scores: Vec<(u32, f32)> = (0..).zip(column).filter(|(_, odds)| *odds != 0.0).collect();
            let resampled = Ranking::new(&scores, positions.len()).resampled(positions, id);
            let value = resampled.auroc(&vec![1; positions.games()])?;
            let drawn = resampling.aurocs(&scores, positions, id).into_iter().flatten().collect();
            let auroc = resampling.interval(value, drawn, positions.len());
            let name = LabelSet::board().label(id).name.clone();
            Some(ProbeLabel { label: name, auroc, f1: confusion(&scores, positions, id).f1() })
        };
        let labels = whole.executor.map(width, label).into_iter().flatten().collect::<Vec<_>>();
        (!labels.is_empty()).then_some(labels)
    }

    fn details(result: &Vec<ProbeLabel>) -> Vec<Detail> {
        let detail = |of: &ProbeLabel| Detail { name: "auroc", of: of.label.clone(), estimate: of.auroc };
        result.iter().map(detail).collect()
    }
}

/// The plane of labels that a class is.
const fn plane(class: SquareClass) -> Option<Plane> {
    match class {
        SquareClass::Own => Some(Plane::Own),
        SquareClass::Opponent => Some(Plane::Opponent),
        SquareClass::Empty => Some(Plane::Empty),
        SquareClass::Black | SquareClass::White => None,
    }
}

/// `ln(p / (1 − p))` of a class under the softmax of `logits`; large where there is no other class.
fn log_odds(logits: &[f32], class: usize) -> f32 {
    let others = || logits.iter().enumerate().filter(|&(other, _)| other != class).map(|(_, &logit)| logit);
    let largest = others().fold(f32::MIN, f32::max);
    let sum: f64 = others().map(|logit| f64::from(logit - largest).exp()).sum();
    if sum == 0.0 {
        return f32::MAX;
    }
    (f64::from(logits[class]) - f64::from(largest) - sum.ln()) as f32
}

/// "It is more probable than not" against what holds.
fn confusion(scores: &[(u32, f32)], positions: &LabelledPositions, label: LabelId) -> Confusion {
    let mut confusion = Confusion { false_negatives: positions.count(label).into(), ..Confusion::default() };
    for &(position, _) in scores.iter().filter(|(_, odds)| *odds > 0.0) {
        if positions.holds(position as usize, label) {
            confusion.true_positives += 1;
            confusion.false_negatives -= 1;
        } else {
            confusion.false_positives += 1;
        }
    }
    confusion
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::{ProbePartials, Resampling, Serial};
    use super::*;
    use crate::corpus::Games;
    use crate::gpt::GptConfig;
    use crate::metrics::Bootstrap;

    fn games() -> Games {
        let config = GptConfig { d_mlp: 4, ..GptConfig::othello_gpt(1, 1, 4) };
        Games::new(3, 12, &config).unwrap()
    }

    #[test]
    fn log_odds_are_those_of_the_softmax() {
        let logits = [1.0_f32, -0.5, 2.0];
        let sum: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
        for (class, &logit) in logits.iter().enumerate() {
            let p = f64::from(logit).exp() / sum;
            assert_relative_eq!(f64::from(log_odds(&logits, class)), (p / (1.0 - p)).ln(), epsilon = 1e-6);
        }
        assert_eq!(log_odds(&[0.3], 0), f32::MAX);
    }

    #[test]
    fn a_probe_that_knows_some_squares_tells_those() {
        let (games, classes) = (games(), [SquareClass::Own, SquareClass::Opponent, SquareClass::Empty]);
        // It is right on the upper half of the board, and says the same of the lower half all the time.
        let mut logits = Vec::new();
        for game in games.games() {
            for ply in 1..=games.plies() {
                let position = game.position_at(ply);
                for square in Square::ALL {
                    logits.extend(classes.map(|class| {
                        let holds =
                            position.is_some_and(|position| class.squares(&position).contains(square));
                        f32::from(u8::from(square.index() < 32 && holds))
                    }));
                }
            }
        }
        let chunk = ProbeChunk { games: &games, range: 0..12, classes: &classes, logits: &logits };
        let partials = ProbePartials {
            probe_detection: Some(ProbeDetection::take(&chunk).unwrap()),
            ..ProbePartials::default()
        };
        let resampling = Resampling::bootstrap(Bootstrap { draws: 20, ..Bootstrap::new(1) }, 12);
        let whole =
            ProbeWhole { games: &games, classes: &classes, resampling: &resampling, executor: &Serial };
        let told = partials.end(&whole).probe_detection.unwrap();
        let of = |name: &str| told.iter().find(|of| of.label == name).unwrap();
        for name in ["own c4", "opponent h2", "empty a1"] {
            assert_eq!([of(name).auroc.value, of(name).auroc.low, of(name).auroc.high], [1.0; 3], "{name}");
        }
        assert_eq!((of("own c5").auroc.value, of("own c5").f1), (0.5, 0.0));
        // What stands there from the beginning is never empty.
        assert!(!told.iter().any(|of| of.label == "empty d4" || of.label.starts_with("legal")));
    }
}
