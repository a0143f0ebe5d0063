use serde::{Deserialize, Serialize};

use crate::gpt::Vocab;
use crate::othello::Square;

use super::softmax::LogSoftmax;

/// The logits `[vocab]` of the three models at one position.
#[derive(Clone, Copy, Debug)]
pub struct SpliceLogits<'a> {
    /// Of the model as it is.
    pub original: &'a [f32],
    /// With zeros in place of the activation.
    pub zeroed: &'a [f32],
    /// With the reconstruction in place of the activation.
    pub spliced: &'a [f32],
}

/// What comes next at one position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The tokens of the legal moves, bit n for token n.
    pub legal: u128,
    /// The token of the move that was played; `None` where the record ends.
    pub played: Option<u32>,
}

/// The three models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpliceModel {
    /// As it is.
    Original,
    /// With zeros in place of the activation.
    Zeroed,
    /// With the reconstruction in place of the activation.
    Spliced,
}

/// What the next-move prediction loses when an SAE's reconstruction stands in for the activation that it
/// reads, as sums over positions: the same positions are run through the original model, through the model
/// with zeros in place of that activation (zero ablation), and through the spliced model. Sums of several
/// parts add up to those of all of their positions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpliceSums(pub [f64; SpliceSums::WIDTH]);

/// Means over positions, of one of the three models.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveFigures {
    /// The loss against all legal moves alike: −(1/n) · Σ ln p over the n legal moves, in nats. For games of
    /// uniformly random moves this is the expectation of `sampled_loss` given the position.
    pub loss: f64,
    /// The loss against the move that was played: −ln p, in nats. Over the positions where one was; NaN if
    /// there is none.
    pub sampled_loss: f64,
    /// The share of positions at which the most probable of the squares that a move can name is illegal; of
    /// equally probable ones the first in token order counts.
    pub illegal_top1: f64,
    /// The probability on squares where no legal move is.
    pub illegal_mass: f64,
    /// KL(original ‖ this model) over the whole vocabulary, in nats.
    pub kl: f64,
}

/// The figures of a splice over some positions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpliceFigures {
    /// How many positions there are.
    pub positions: f64,
    /// Of the original model; its `kl` is 0.
    pub original: MoveFigures,
    /// Of the zero-ablated model.
    pub zeroed: MoveFigures,
    /// Of the spliced model.
    pub spliced: MoveFigures,
}

impl SpliceSums {
    /// Positions, those with a played move, and five sums for each model.
    pub const WIDTH: usize = 2 + 3 * Self::PER_MODEL;
    const PER_MODEL: usize = 5;

    /// Adds a position. One without a legal move is not counted.
    ///
    /// # Panics
    /// If the logits are not of `vocab`.
    pub fn add(&mut self, logits: SpliceLogits<'_>, target: Target, vocab: Vocab) {
        if target.legal == 0 {
            return;
        }
        let mut sums = Self::default();
        sums.add_legal(logits, target, vocab);
        self.merge(&sums);
    }

    fn add_legal(&mut self, logits: SpliceLogits<'_>, target: Target, vocab: Vocab) {
        self.0[0] += 1.0;
        self.0[1] += f64::from(u8::from(target.played.is_some()));
        let moves = move_tokens(vocab);
        let original = LogSoftmax::of(logits.original);
        let rows = [logits.original, logits.zeroed, logits.spliced];
        for (row, sums) in rows.into_iter().zip(self.0[2..].chunks_exact_mut(Self::PER_MODEL)) {
            assert_eq!(row.len(), vocab.size(), "the logits are of another vocabulary");
            let model = LogSoftmax::of(row);
            let log_probability = |token: u32| model.log_probability(row[token as usize]);
            let [loss, sampled_loss, illegal_top, illegal_mass, kl] = sums else { continue };

            let (mut top, mut legal_log_sum): (Option<(f32, bool)>, f64) = (None, 0.0);
            for token in (0..vocab.size() as u32).filter(|token| moves >> token & 1 == 1) {
                let legal = target.legal >> token & 1 == 1;
                if legal {
                    legal_log_sum += log_probability(token);
                } else {
                    *illegal_mass += log_probability(token).exp();
                }
                let logit = row[token as usize];
                if top.is_none_or(|(highest, _)| logit > highest) {
                    top = Some((logit, legal));
                }
            }
            *loss -= legal_log_sum / f64::from(target.legal.count_ones());
            *sampled_loss -= target.played.map_or(0.0, log_probability);
            *illegal_top += f64::from(u8::from(top.is_some_and(|(_, legal)| !legal)));
            *kl += divergence(original, logits.original, model, row);
        }
    }

    /// Adds the positions of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, other)| *mine += other);
    }

    /// The means; `None` over no position.
    #[must_use]
    pub fn figures(&self) -> Option<SpliceFigures> {
        let [positions, played, ..] = self.0;
        let of = |model: SpliceModel| {
            let sums = &self.0[2 + model as usize * Self::PER_MODEL..];
            MoveFigures {
                loss: sums[0] / positions,
                sampled_loss: sums[1] / played,
                illegal_top1: sums[2] / positions,
                illegal_mass: sums[3] / positions,
                kl: sums[4] / positions,
            }
        };
        (positions > 0.0).then(|| SpliceFigures {
            positions,
            original: of(SpliceModel::Original),
            zeroed: of(SpliceModel::Zeroed),
            spliced: of(SpliceModel::Spliced),
        })
    }
}

impl SpliceFigures {
    /// Those of one model.
    #[must_use]
    pub const fn of(&self, model: SpliceModel) -> &MoveFigures {
        match model {
            SpliceModel::Original => &self.original,
            SpliceModel::Zeroed => &self.zeroed,
            SpliceModel::Spliced => &self.spliced,
        }
    }

    /// Loss recovered: `(L_spliced − L_zeroed) / (L_original − L_zeroed)` of the loss against all legal
    /// moves. 1 if the reconstruction costs nothing, 0 if it is no better than zeros (Bricken et al., Towards
    /// Monosemanticity, 2023; Karvonen et al., 2408.00113). `None` if zeros cost nothing.
    #[must_use]
    pub fn loss_recovered(&self) -> Option<f64> {
        recovered(self.original.loss, self.zeroed.loss, self.spliced.loss)
    }

    /// [`Self::loss_recovered`], of the loss against the moves that were played.
    #[must_use]
    pub fn sampled_loss_recovered(&self) -> Option<f64> {
        recovered(self.original.sampled_loss, self.zeroed.sampled_loss, self.spliced.sampled_loss)
    }
}

fn recovered(original: f64, zeroed: f64, spliced: f64) -> Option<f64> {
    let recovered = (spliced - zeroed) / (original - zeroed);
    recovered.is_finite().then_some(recovered)
}

/// The tokens that are moves, bit n for token n.
fn move_tokens(vocab: Vocab) -> u128 {
    Square::ALL.into_iter().filter_map(|square| vocab.token(square)).fold(0, |set, token| set | 1 << token)
}

/// KL(p ‖ q) in nats. A token without probability in p adds nothing.
fn divergence(p: LogSoftmax, p_logits: &[f32], q: LogSoftmax, q_logits: &[f32]) -> f64 {
    let terms = p_logits.iter().zip(q_logits).map(|(&p_logit, &q_logit)| {
        let log_p = p.log_probability(p_logit);
        let probability = log_p.exp();
        if probability > 0.0 { probability * (log_p - q.log_probability(q_logit)) } else { 0.0 }
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    const VOCAB: Vocab = Vocab::Moves;

    /// One position: its ply, three rows of logits, the legal moves and the one that was played.
    type Case = (usize, [Vec<f32>; 3], u128, Option<u32>);

    fn case() -> impl Strategy<Value = Case> {
        let row = || prop::collection::vec(-6.0_f32..6.0, 61);
        let legal = any::<u64>().prop_map(|set| u128::from(set & (2 * ((1 << 60) - 1))));
        (0_usize..5, [row(), row(), row()], legal, prop::option::of(1_u32..61))
    }

    fn over(cases: &[Case]) -> SpliceSums {
        let mut sums = SpliceSums::default();
        for (_, [original, zeroed, spliced], legal, played) in cases {
            let target = Target { legal: *legal, played: *played };
            sums.add(SpliceLogits { original, zeroed, spliced }, target, VOCAB);
        }
        sums
    }

    fn softmax(logits: &[f32]) -> Vec<f64> {
        let exponentials: Vec<f64> = logits.iter().map(|&x| f64::from(x).exp()).collect();
        let sum: f64 = exponentials.iter().sum();
        exponentials.iter().map(|e| e / sum).collect()
    }

    /// The definitions, one position and one figure at a time.
    fn by_definition(cases: &[Case], model: usize) -> Option<[f64; 5]> {
        let cases: Vec<&Case> = cases.iter().filter(|(_, _, legal, _)| *legal != 0).collect();
        let mean = |figure: &dyn Fn(&[f64], &Case) -> f64| {
            let sum: f64 = cases.iter().map(|case| figure(&softmax(&case.1[model]), case)).sum();
            sum / cases.len() as f64
        };
        let legal = |case: &Case| (1..61).filter(|t| case.2 >> t & 1 == 1).collect::<Vec<usize>>();
        let played = cases.iter().filter(|case| case.3.is_some()).count() as f64 / cases.len() as f64;
        (!cases.is_empty()).then(|| {
            [
                mean(&|p, case| {
                    legal(case).iter().map(|&t| -p[t].ln()).sum::<f64>() / legal(case).len() as f64
                }),
                mean(&|p, case| case.3.map_or(0.0, |t| -p[t as usize].ln())) / played,
                mean(&|p, case| {
                    let top = (1..61).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap();
                    f64::from(u8::from(!legal(case).contains(&top)))
                }),
                mean(&|p, case| (1..61).filter(|t| !legal(case).contains(t)).map(|t| p[t]).sum()),
                mean(&|q, case| {
                    let p = softmax(&case.1[0]);
                    p.iter().zip(q).map(|(p, q)| p * (p / q).ln()).sum()
                }),
            ]
        })
    }

    fn assert_figures(found: Option<SpliceFigures>, cases: &[Case]) {
        let models = [SpliceModel::Original, SpliceModel::Zeroed, SpliceModel::Spliced];
        for (index, model) in models.into_iter().enumerate() {
            let Some(expected) = by_definition(cases, index) else {
                assert_eq!(found, None);
                continue;
            };
            let &MoveFigures { loss, sampled_loss, illegal_top1, illegal_mass, kl } =
                found.unwrap().of(model);
            for (found, expected) in
                [loss, sampled_loss, illegal_top1, illegal_mass, kl].into_iter().zip(expected)
            {
                if expected.is_nan() {
                    assert!(found.is_nan());
                } else {
                    assert_relative_eq!(found, expected, epsilon = 1e-9, max_relative = 1e-9);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definitions_over_all_and_by_ply_in_one_part_or_in_two(
            cases in prop::collection::vec(case(), 1..16),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = over(&cases);
            assert_figures(whole.figures(), &cases);
            let mut positions = 0.0;
            for ply in 0..5 {
                let here: Vec<Case> = cases.iter().filter(|case| case.0 == ply).cloned().collect();
                let found = over(&here).figures();
                assert_figures(found, &here);
                positions += found.map_or(0.0, |figures| figures.positions);
            }
            prop_assert_eq!(positions, whole.figures().map_or(0.0, |figures| figures.positions));

            let (left, right) = cases.split_at(cut.index(cases.len()));
            let mut merged = over(left);
            merged.merge(&over(right));
            for (merged, whole) in merged.0.iter().zip(whole.0) {
                assert_relative_eq!(*merged, whole, epsilon = 1e-9, max_relative = 1e-9);
            }
        }
    }

    /// Two legal moves of two tokens each; the logits give the first token the chance `p`, the second 1 − p.
    fn certain(p: f32) -> Vec<f32> {
        let mut logits = vec![-1e4; 61];
        (logits[1], logits[2]) = (p.ln(), (1.0 - p).ln());
        logits
    }

    fn figures(spliced: &[f32]) -> SpliceFigures {
        let mut splice = SpliceSums::default();
        let (original, zeroed) = (certain(0.5), certain(0.1));
        let target = Target { legal: 0b110, played: Some(1) };
        splice.add(SpliceLogits { original: &original, zeroed: &zeroed, spliced }, target, VOCAB);
        splice.figures().unwrap()
    }

    #[test]
    fn all_is_recovered_by_the_original_and_nothing_by_zeros() {
        let same = figures(&certain(0.5));
        assert_relative_eq!(same.loss_recovered().unwrap(), 1.0, epsilon = 1e-12);
        assert_relative_eq!(same.spliced.kl, 0.0, epsilon = 1e-12);
        assert_relative_eq!(same.original.loss, 2_f64.ln(), epsilon = 1e-7);
        let zeros = figures(&certain(0.1));
        assert_relative_eq!(zeros.loss_recovered().unwrap(), 0.0, epsilon = 1e-12);
        assert_relative_eq!(zeros.sampled_loss_recovered().unwrap(), 0.0, epsilon = 1e-12);
        // ½ ln(½/0.1) + ½ ln(½/0.9)
        assert_relative_eq!(zeros.spliced.kl, 0.5 * (0.25_f64 / 0.09).ln(), epsilon = 1e-6);
    }

    #[test]
    fn nothing_can_be_recovered_where_zeros_cost_nothing() {
        let mut splice = SpliceSums::default();
        let row = certain(0.5);
        let logits = SpliceLogits { original: &row, zeroed: &row, spliced: &row };
        splice.add(logits, Target { legal: 0b10, played: None }, VOCAB);
        assert_eq!(splice.figures().unwrap().loss_recovered(), None);
        assert!(splice.figures().unwrap().original.sampled_loss.is_nan());
        splice.add(logits, Target { legal: 0, played: None }, VOCAB);
        assert_eq!(splice.figures().unwrap().positions, 1.0, "a finished game is not counted");
    }

    #[test]
    fn the_interval_is_over_games() {
        let (good, bad) = (certain(0.5), certain(0.3));
        let zeroed = certain(0.1);
        let (mut per_game, mut all) = (Vec::new(), SpliceSums::default());
        for game in 0..20 {
            let mut sums = SpliceSums::default();
            let spliced = if game % 2 == 0 { &good } else { &bad };
            for _ in 0..3 {
                let logits = SpliceLogits { original: &good, zeroed: &zeroed, spliced };
                sums.add(logits, Target { legal: 0b110, played: Some(2) }, VOCAB);
            }
            per_game.extend(sums.0);
            all.merge(&sums);
        }
        let recovered =
            |sums: &[f64]| SpliceSums(sums.try_into().unwrap()).figures().unwrap().loss_recovered();
        let estimate =
            crate::metrics::Bootstrap::new(3).of_sums(&per_game, SpliceSums::WIDTH, 60, recovered).unwrap();
        let value = all.figures().unwrap().loss_recovered().unwrap();
        assert_relative_eq!(estimate.value, value, epsilon = 1e-12);
        assert!(estimate.low < value && value < estimate.high);
    }
}
