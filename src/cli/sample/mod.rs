//! The sample of games that a bundle is measured on when it is made and when it is checked: how good the model is, what rounding its
//! weights has cost, how the features of its SAEs behave and how well its probes read the board.

mod board;
mod features;
mod legality;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};

use crate::bundle::SelfTest;
use crate::cpu;
use crate::gpt::{GptConfig, Tap};
use crate::measure::SCORED;
use crate::metrics::{BoardAccuracy, Legality};
use crate::othello::{Game, random_game};
use crate::plan::{Buffer, DictionaryId, Network, Plan, Request};
use crate::probe::Probe;

use board::add_board;
pub(super) use features::{Decoder, Features};
use legality::legality;

/// Games whose figures are added up before they are kept.
const GROUP: u64 = 32;

/// What is measured.
#[derive(Debug)]
pub(super) struct Subject {
    /// The bundle's network.
    pub(super) network: Network,
    /// The model before its weights were rounded.
    pub(super) exact: Network,
    /// Of the network's SAEs, in their order.
    pub(super) decoders: Vec<Decoder>,
    /// The bundle's probes, and what they read.
    pub(super) probes: Vec<(Tap, Probe)>,
}

/// What was measured over some games.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Rows read: one a move, up to the context's length.
    pub(super) positions: usize,
    /// The bundle's network.
    pub(super) model: Legality,
    /// The network before its weights were rounded.
    pub(super) exact: Legality,
    /// `max |Δ|` of the two networks' logits.
    difference: f32,
    /// `max |x|` of the exact logits.
    largest: f32,
    /// One entry an SAE.
    pub(super) features: Vec<Features>,
    /// One entry a probe, over [`SCORED`].
    pub(super) boards: Vec<BoardAccuracy>,
}

impl Figures {
    fn new(subject: &Subject) -> Self {
        Self {
            positions: 0,
            model: Legality::default(),
            exact: Legality::default(),
            difference: 0.0,
            largest: 0.0,
            features: subject.decoders.iter().map(Features::new).collect(),
            boards: subject.probes.iter().map(|(_, probe)| BoardAccuracy::new(probe.classes.len())).collect(),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.positions += other.positions;
        self.model.merge(other.model);
        self.exact.merge(other.exact);
        self.difference = self.difference.max(other.difference);
        self.largest = self.largest.max(other.largest);
        self.features.iter_mut().zip(&other.features).for_each(|(mine, other)| mine.merge(other));
        self.boards.iter_mut().zip(&other.boards).for_each(|(mine, other)| mine.merge(other));
    }

    /// `max |Δ| / max |x|` of the logits of the rounded and the exact model.
    pub(super) fn logit_difference(&self) -> f64 {
        f64::from(self.difference) / f64::from(self.largest.max(f32::MIN_POSITIVE))
    }
}

/// Measures `subject` on the games with the seeds `seed..seed + games`. The same seeds give the same
/// figures however many cores there are.
pub(super) fn measure(subject: &Subject, seed: u64, games: u64) -> Result<Figures> {
    Ok(total(subject, measure_in_groups(subject, seed, games, GROUP)?.iter()))
}

/// For each of `groups` the figures of all others.
pub(super) fn leave_one_out(subject: &Subject, groups: &[Figures]) -> Vec<Figures> {
    let others = |left_out: usize| groups.iter().enumerate().filter(move |&(index, _)| index != left_out);
    (0..groups.len()).map(|out| total(subject, others(out).map(|(_, group)| group))).collect()
}

fn total<'a>(subject: &Subject, groups: impl Iterator<Item = &'a Figures>) -> Figures {
    let mut total = Figures::new(subject);
    groups.for_each(|group| total.merge(group));
    total
}

/// As [`measure`], in groups of `size` games.
pub(super) fn measure_in_groups(subject: &Subject, seed: u64, games: u64, size: u64) -> Result<Vec<Figures>> {
    let bar = progress(games);
    let next = AtomicU64::new(0);
    // Added up in this order, since sums of floats depend on it; and few of them, since with many SAEs the
    // figures take megabytes.
    let work = || -> Result<Vec<(u64, Figures)>> {
        let mut player = Player::new(subject)?;
        let mut done = Vec::new();
        loop {
            let group = next.fetch_add(1, Ordering::Relaxed);
            let first = group.saturating_mul(size);
            if first >= games {
                return Ok(done);
            }
            let mut total = Figures::new(subject);
            for index in first..games.min(first + size) {
                total.merge(&player.measure(&random_game(seed.wrapping_add(index)))?);
                bar.inc(1);
            }
            done.push((group, total));
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
    all.sort_by_key(|&(group, _)| group);
    Ok(all.into_iter().map(|(_, figures)| figures).collect())
}

/// Plays games through the rounded and the exact network.
struct Player<'a> {
    subject: &'a Subject,
    rounded: cpu::Session,
    exact: cpu::Session,
}

impl<'a> Player<'a> {
    fn new(subject: &'a Subject) -> Result<Self> {
        let session = |network: &Network, request: Request| {
            anyhow::Ok(cpu::Session::new(network.clone(), Plan::new(network, &request)?))
        };
        let request = Request {
            taps: subject.probes.iter().map(|&(tap, _)| tap).collect(),
            logits: true,
            dictionaries: (0..subject.decoders.len()).map(DictionaryId).collect(),
        };
        Ok(Self {
            subject,
            rounded: session(&subject.network, request)?,
            exact: session(&subject.exact, Request { logits: true, ..Request::default() })?,
        })
    }

    fn measure(&mut self, game: &Game) -> Result<Figures> {
        let config = self.subject.network.config();
        let tokens = tokens(config, game);
        let rows = 0..tokens.len();
        self.rounded.run(rows.clone(), &tokens)?;
        self.exact.run(rows.clone(), &tokens)?;
        let logits = |session: &cpu::Session| {
            session.read(Buffer::Logits, rows.clone()).context("the plan leaves no logits")
        };
        let (found, expected) = (logits(&self.rounded)?, logits(&self.exact)?);

        let mut figures = Figures::new(self.subject);
        figures.positions = rows.len();
        figures.model = legality(config, game, &found)?;
        figures.exact = legality(config, game, &expected)?;
        figures.difference = found.iter().zip(&expected).fold(0.0, |max, (x, y)| max.max((x - y).abs()));
        figures.largest = expected.iter().fold(0.0, |max, x| max.max(x.abs()));
        for (index, (features, decoder)) in
            figures.features.iter_mut().zip(&self.subject.decoders).enumerate()
        {
            let sae = DictionaryId(index);
            let tap = self.subject.network.dictionaries()[index].config().tap();
            for row in rows.clone() {
                let (x, f) = (Buffer::tap(tap), self.subject.network.features(sae));
                features.add(decoder, self.row(x, row)?, self.row(f, row)?, SCORED.contains(&(row + 1)));
            }
        }
        for (board, (tap, probe)) in figures.boards.iter_mut().zip(&self.subject.probes) {
            for (row, position) in rows.clone().zip(game.positions().skip(1)) {
                if SCORED.contains(&(row + 1)) {
                    add_board(board, probe, self.row(Buffer::tap(*tap), row)?, &position);
                }
            }
        }
        Ok(figures)
    }

    fn row(&self, buffer: Buffer, row: usize) -> Result<&[f32]> {
        self.rounded.row(buffer, row).with_context(|| format!("the plan leaves no {buffer:?}"))
    }
}

/// A self-test over the first `games` games from `seed` on that are long enough.
pub(super) fn self_test(network: &Network, seed: u64, games: usize) -> Result<SelfTest> {
    let config = network.config();
    // Most random games have 60 moves; there is none with more.
    let plies = config.context.min(59);
    let tokens: Vec<u32> = (0_u64..)
        .map(|index| tokens(config, &random_game(seed.wrapping_add(index))))
        .filter(|tokens| tokens.len() >= plies)
        .take(games)
        .flat_map(|tokens| tokens.into_iter().take(plies))
        .collect();
    let logits = logits(network, games, &tokens)?;
    Ok(SelfTest { games, plies, tokens, logits })
}

/// The logits, `[games, plies, vocab]`, of `games` games of equal length.
pub(super) fn logits(network: &Network, games: usize, tokens: &[u32]) -> Result<Vec<f32>> {
    let plan = Plan::new(network, &Request { logits: true, ..Request::default() })?;
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
pub(super) fn tokens(config: &GptConfig, game: &Game) -> Vec<u32> {
    let tokens = game.moves().iter().filter_map(|&square| config.vocab.token(square));
    tokens.take(config.context).collect()
}

fn progress(games: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("measuring {bar:40} {pos}/{len} games, {eta} left");
    ProgressBar::new(games).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
