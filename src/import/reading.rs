//! A check of what a dictionary or a probe reads: where it belongs it does well.

use std::collections::BTreeMap;

use crate::cpu;
use crate::dictionary::{DictionaryWeights, oracle};
use crate::gpt::{GptConfig, Layer, Site, Tap, Walk};
use crate::metrics::BoardAccuracy;
use crate::othello::{Position, random_game};
use crate::plan::{Buffer, Network, Plan, Request};
use crate::probe::{ClassSet, Probe, SquareClass};

use super::check::CheckError;

/// Random games whose positions are read.
const GAMES: u64 = 4;

/// Of so many positions one is read: those of one game are alike.
const EVERY: usize = 5;

/// How much more of the board must be right under another order of a probe's classes.
const CLEARLY: f64 = 0.05;

/// How much of the board must be right under that: what knows nothing may be taken for anything.
const KNOWS: f64 = 0.7;

/// An order of a probe's classes that fits better than the one that it is said to have.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherClasses {
    /// The order.
    pub classes: [SquareClass; ClassSet::COUNT],
    /// The share of squares that are right under the order that it is said to have.
    pub said: f64,
    /// That under this one.
    pub best: f64,
}

impl OtherClasses {
    /// The probe, its classes in the usual order.
    #[must_use]
    pub fn of(&self, probe: &Probe) -> Probe {
        probe.reordered(self.classes)
    }
}

/// The activations of a model at some positions of random games, to hold against what is said to read them.
#[derive(Clone, Debug)]
pub struct Readings {
    config: GptConfig,
    positions: Vec<Position>,
    /// `[positions][width]`.
    activations: BTreeMap<Tap, Vec<Vec<f32>>>,
}

impl Readings {
    /// What `network` does.
    ///
    /// # Errors
    /// [`CheckError`].
    pub fn new(network: &Network) -> Result<Self, CheckError> {
        let config = network.config().clone();
        let sites = Site::ALL.into_iter().filter(|&site| site != Site::Pattern);
        let taps =
            sites.flat_map(|site| (0..config.layers).map(move |layer| Tap { site, layer: Layer(layer) }));
        // What a block receives is what the one before it leaves.
        let taps: Vec<Tap> = taps.filter(|tap| tap.site != Site::ResidPre || tap.layer == Layer(0)).collect();
        let plan = Plan::new(network, &Request { taps: taps.clone(), ..Request::default() })?;
        let mut session = cpu::Session::new(network.clone(), plan);
        let mut readings = Self { positions: Vec::new(), activations: BTreeMap::new(), config };
        for seed in 0..GAMES {
            let game = random_game(seed);
            let Walk { tokens, rows } = readings.config.vocab.walk(&game, readings.config.context);
            session.run(0..tokens.len(), &tokens)?;
            for (row, position) in rows.into_iter().zip(game.positions().skip(1)).step_by(EVERY) {
                readings.positions.push(position);
                for &tap in &taps {
                    let values = session.row(Buffer::tap(tap), row).unwrap_or_default().to_vec();
                    readings.activations.entry(tap).or_default().push(values);
                }
            }
        }
        Ok(readings)
    }

    /// The activations that are `width` wide, those of the residual stream first.
    pub fn taps(&self, width: usize) -> impl Iterator<Item = Tap> {
        let residual = |tap: &Tap| matches!(tap.site, Site::ResidPre | Site::ResidMid | Site::ResidPost);
        let fits: Vec<Tap> =
            self.activations.keys().copied().filter(|tap| self.config.width(tap.site) == width).collect();
        let (residual, others): (Vec<_>, Vec<_>) = fits.into_iter().partition(residual);
        residual.into_iter().chain(others)
    }

    /// The number of positions.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.positions.len()
    }

    /// The fraction of the variance of what a dictionary writes that its reconstruction leaves unexplained: 0 is
    /// perfect, 1 no better than the mean. `None` where the model has no such activations.
    #[must_use]
    pub fn unexplained(&self, weights: &DictionaryWeights) -> Option<f64> {
        weights.config.fits(&self.config).ok()?;
        let inputs = self.side_by_side(&weights.config.reads)?;
        let targets = self.side_by_side(&weights.config.writes)?;
        let mean: Vec<f64> = (0..weights.config.d_out)
            .map(|at| targets.iter().map(|row| f64::from(row[at])).sum::<f64>() / targets.len() as f64)
            .collect();
        let (mut left, mut whole) = (0.0, 0.0);
        for (input, target) in inputs.iter().zip(&targets) {
            let found = oracle::decode(weights, &oracle::encode(weights, input), input);
            for ((&target, found), mean) in target.iter().zip(found).zip(&mean) {
                left += (f64::from(target) - found).powi(2);
                whole += (f64::from(target) - mean).powi(2);
            }
        }
        (whole > 0.0).then(|| left / whole)
    }

    /// How well a probe tells the board from `tap`; `None` where the model has no such activation.
    #[must_use]
    pub fn accuracy(&self, probe: &Probe, tap: Tap) -> Option<BoardAccuracy> {
        let classes = probe.classes.len();
        let inputs = self.side_by_side(&[tap])?;
        if inputs.first()?.len() != probe.map.weight.rows {
            return None;
        }
        let mut accuracy = BoardAccuracy::new(classes);
        for (input, position) in inputs.iter().zip(&self.positions) {
            let mut logits = probe.map.bias.clone();
            for (row, &value) in input.iter().enumerate() {
                logits
                    .iter_mut()
                    .zip(probe.map.weight.row(row))
                    .for_each(|(sum, weight)| *sum += value * weight);
            }
            let boards: Vec<u64> = probe.classes.iter().map(|class| class.squares(position).0).collect();
            accuracy.add(&logits, &boards);
        }
        Some(accuracy)
    }

    /// The order of own, opponent and empty under which a probe of them tells the board best, if it does so well and far better than under the
    /// order that it is said to have, and how much is right under both; `None` too where the model has no such
    /// activation.
    #[must_use]
    pub fn other_classes(&self, probe: &Probe, tap: Tap) -> Option<OtherClasses> {
        let share = |classes: [SquareClass; ClassSet::COUNT]| {
            let probe = Probe { classes: classes.to_vec(), map: probe.map.clone() };
            self.accuracy(&probe, tap)?.share()
        };
        let player = ClassSet::Player.classes();
        if probe.classes != player {
            return None;
        }
        let said = share(player)?;
        let [own, opponent, empty] = player;
        let others = [
            [own, empty, opponent],
            [opponent, own, empty],
            [opponent, empty, own],
            [empty, own, opponent],
            [empty, opponent, own],
        ];
        let shares = others.into_iter().filter_map(|classes| Some((share(classes)?, classes)));
        let (best, classes) = shares.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        (best > KNOWS && best > said + CLEARLY).then_some(OtherClasses { classes, said, best })
    }

    /// The activations of several taps, side by side.
    fn side_by_side(&self, taps: &[Tap]) -> Option<Vec<Vec<f32>>> {
        let all = taps.iter().map(|tap| self.rows(*tap)).collect::<Option<Vec<_>>>()?;
        Some(
            (0..self.positions.len())
                .map(|at| all.iter().flat_map(|rows| rows[at].clone()).collect())
                .collect(),
        )
    }

    fn rows(&self, tap: Tap) -> Option<&Vec<Vec<f32>>> {
        let same = match tap {
            Tap { site: Site::ResidPre, layer: Layer(layer @ 1..) } => {
                Tap { site: Site::ResidPost, layer: Layer(layer - 1) }
            }
            tap => tap,
        };
        self.activations.get(&same)
    }
}
