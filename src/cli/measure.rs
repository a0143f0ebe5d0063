//! What is measured on random games when a bundle is made: how good the model is, what rounding its
//! weights has cost, and how the features of its SAEs behave.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use crate::bundle::{FeatureStatistics, SelfTest};
use crate::cpu;
use crate::gpt::GptConfig;
use crate::othello::{Game, random_game};
use crate::plan::{Buffer, Network, Plan, Request, SaeId};
use crate::score::NextMove;

/// What was measured over some games.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Rows read: one a move, up to the context's length.
    pub(super) positions: usize,
    /// The bundle's network.
    pub(super) model: Legality,
    /// The network before its weights were rounded.
    pub(super) exact: Legality,
    /// `max |Δ| / max |x|` of the two networks' logits.
    pub(super) logit_difference: f64,
    /// One entry an SAE of the bundle's network.
    pub(super) features: Vec<FeatureStatistics>,
}

/// How a network's next move does against the rules, over positions in which a move is possible.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Legality {
    positions: usize,
    illegal_top: usize,
    illegal_mass: f64,
}

impl Legality {
    /// The share of positions whose most probable square is illegal.
    pub(super) fn illegal_top1(&self) -> f64 {
        self.illegal_top as f64 / self.positions.max(1) as f64
    }

    /// The mean probability on illegal squares.
    pub(super) fn illegal_mass(&self) -> f64 {
        self.illegal_mass / self.positions.max(1) as f64
    }

    fn add(&mut self, other: Self) {
        self.positions += other.positions;
        self.illegal_top += other.illegal_top;
        self.illegal_mass += other.illegal_mass;
    }
}

/// One game's share of [`Figures`].
struct GameFigures {
    positions: usize,
    model: Legality,
    exact: Legality,
    difference: f32,
    largest: f32,
    /// An SAE's features: the largest activation, and at how many positions it is active.
    features: Vec<Vec<(f32, u32)>>,
}

/// Measures `network`, and `exact` beside it, on the games with the seeds `seed..seed + games`. The same
/// seeds give the same figures however many cores there are.
pub(super) fn measure(network: &Network, exact: &Network, seed: u64, games: u64) -> Result<Figures> {
    let saes: Vec<SaeId> = (0..network.saes().len()).map(SaeId).collect();
    let plan = Plan::new(network, 1, &Request { logits: true, saes: saes.clone(), ..Request::default() })?;
    let exact_plan = Plan::new(exact, 1, &Request { logits: true, ..Request::default() })?;

    let bar = progress(games);
    let next = AtomicU64::new(0);
    let work = || -> Result<Vec<(u64, GameFigures)>> {
        let mut session = cpu::Session::new(network.clone(), plan.clone());
        let mut exact = cpu::Session::new(exact.clone(), exact_plan.clone());
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= games {
                return Ok(done);
            }
            let game = random_game(seed.wrapping_add(index));
            let figures = measure_game(&mut session, &mut exact, network.config(), &saes, &game)?;
            done.push((index, figures));
            bar.inc(1);
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut all = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.join().map_err(|_| anyhow!("a measuring thread panicked"))??);
        }
        anyhow::Ok(all)
    })?;
    bar.finish_and_clear();
    // Sums of floats depend on their order.
    all.sort_by_key(|&(index, _)| index);
    Ok(sum(network, all.into_iter().map(|(_, figures)| figures)))
}

fn measure_game(
    session: &mut cpu::Session,
    exact: &mut cpu::Session,
    config: &GptConfig,
    saes: &[SaeId],
    game: &Game,
) -> Result<GameFigures> {
    let tokens = tokens(config, game);
    let rows = 0..tokens.len();
    let logits = |session: &mut cpu::Session| -> Result<Vec<f32>> {
        session.run(rows.clone(), &tokens)?;
        session.read(Buffer::Logits, rows.clone()).context("the plan leaves no logits")
    };
    let (found, expected) = (logits(session)?, logits(exact)?);
    let features = saes.iter().map(|&sae| {
        let activations = session.read(Buffer::Features(sae), rows.clone());
        let activations = activations.context("the plan leaves no features")?;
        let count = activations.len() / rows.len().max(1);
        let mut features = vec![(0.0_f32, 0); count];
        for row in activations.chunks_exact(count.max(1)) {
            for ((max, active), &value) in features.iter_mut().zip(row) {
                *max = max.max(value);
                *active += u32::from(value != 0.0);
            }
        }
        anyhow::Ok(features)
    });
    Ok(GameFigures {
        positions: rows.len(),
        features: features.collect::<Result<_>>()?,
        model: legality(config, game, &found)?,
        exact: legality(config, game, &expected)?,
        difference: found.iter().zip(&expected).fold(0.0, |max, (x, y)| max.max((x - y).abs())),
        largest: expected.iter().fold(0.0, |max, x| max.max(x.abs())),
    })
}

fn legality(config: &GptConfig, game: &Game, logits: &[f32]) -> Result<Legality> {
    let mut figures = Legality::default();
    for (row, position) in logits.chunks_exact(config.vocab.size()).zip(game.positions().skip(1)) {
        if position.is_over() {
            continue;
        }
        let next = NextMove::new(row, config.vocab, position.legal_moves())?;
        figures.positions += 1;
        figures.illegal_top += usize::from(!next.top_is_legal);
        figures.illegal_mass += f64::from(next.illegal_mass);
    }
    Ok(figures)
}

fn sum(network: &Network, games: impl Iterator<Item = GameFigures>) -> Figures {
    let count = |sae: usize| network.saes()[sae].config().features;
    let mut totals: Vec<Vec<(f32, u64)>> =
        (0..network.saes().len()).map(|sae| vec![(0.0, 0); count(sae)]).collect();
    let (mut model, mut exact) = (Legality::default(), Legality::default());
    let (mut positions, mut difference, mut largest) = (0, 0.0_f32, 0.0_f32);
    for game in games {
        positions += game.positions;
        model.add(game.model);
        exact.add(game.exact);
        difference = difference.max(game.difference);
        largest = largest.max(game.largest);
        for (total, features) in totals.iter_mut().flatten().zip(game.features.into_iter().flatten()) {
            *total = (total.0.max(features.0), total.1 + u64::from(features.1));
        }
    }
    let density = |active: u64| (active as f64 / positions.max(1) as f64) as f32;
    let features = totals.into_iter().map(|totals| FeatureStatistics {
        max: totals.iter().map(|total| total.0).collect(),
        density: totals.iter().map(|total| density(total.1)).collect(),
    });
    Figures {
        positions,
        model,
        exact,
        logit_difference: f64::from(difference) / f64::from(largest.max(f32::MIN_POSITIVE)),
        features: features.collect(),
    }
}

/// A self-test over the first `games` games from `seed` on that fill the context.
pub(super) fn self_test(network: &Network, seed: u64, games: usize) -> Result<SelfTest> {
    let config = network.config();
    let tokens: Vec<u32> = (0_u64..)
        .map(|index| tokens(config, &random_game(seed.wrapping_add(index))))
        .filter(|tokens| tokens.len() == config.context)
        .take(games)
        .flatten()
        .collect();
    let logits = logits(network, games, &tokens)?;
    Ok(SelfTest { games, plies: config.context, tokens, logits })
}

/// The logits, `[games, plies, vocab]`, of `games` games of equal length side by side.
pub(super) fn logits(network: &Network, games: usize, tokens: &[u32]) -> Result<Vec<f32>> {
    let plan = Plan::new(network, 1, &Request { logits: true, ..Request::default() })?;
    let mut session = cpu::Session::new(network.clone(), plan);
    let mut logits = Vec::new();
    for tokens in tokens.chunks_exact((tokens.len() / games.max(1)).max(1)) {
        let rows = 0..tokens.len();
        session.run(rows.clone(), tokens)?;
        logits.extend(session.read(Buffer::Logits, rows).context("the plan leaves no logits")?);
    }
    Ok(logits)
}

/// The moves of `game`, as far as the context goes.
fn tokens(config: &GptConfig, game: &Game) -> Vec<u32> {
    let tokens = game.moves().iter().filter_map(|&square| config.vocab.token(square));
    tokens.take(config.context).collect()
}

fn progress(games: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("measuring {bar:40} {pos}/{len} games, {eta} left");
    ProgressBar::new(games).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
