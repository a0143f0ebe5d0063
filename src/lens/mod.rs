//! A model at work: one network, one game, one engine.
//!
//! A [`Lens`] keeps what the last analysis computed. Rows of moves that the next game begins with
//! stand: an appended move costs one row, a move taken back none. Should the GPU be lost, the same
//! call goes on on the CPU.

mod engine;

use std::ops::Range;

use crate::bundle::SelfTest;
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::gpt::{Site, Tap, Walk};
#[cfg(feature = "gpu")]
use crate::gpu::Gpu;
use crate::metrics::{NextMove, NextMoveError, direct_effect};
use crate::othello::{Game, IllegalMove, Square};
use crate::plan::{
    Buffer, DictionaryId, DictionaryNetwork, LinearId, Network, NormId, Plan, PlanError, Request,
};

use engine::Engine;
pub use engine::{Device, EngineError, EngineInfo, EngineKind};

/// What went wrong in a [`Lens`].
#[derive(Debug, thiserror::Error)]
pub enum LensError {
    /// The move cannot be appended.
    #[error(transparent)]
    IllegalMove(#[from] IllegalMove),
    /// The request names what the network does not have.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A feature that the dictionary does not have.
    #[error("feature {asked} was asked for; the dictionary has features 0 to {last}")]
    NoSuchFeature {
        /// As asked for, from 0.
        asked: usize,
        /// The last one, from 0.
        last: usize,
    },
    /// A dictionary that writes this activation adds nothing to the residual stream by itself.
    #[error(
        "the dictionary writes {tap}, which does not add to the residual stream: it has no direct effect"
    )]
    NoDirectEffect {
        /// What it writes.
        tap: Tap,
    },
    /// The engine cannot be had, or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Logits and positions do not fit together.
    #[error(transparent)]
    NextMove(#[from] NextMoveError),
}

/// A network with an engine, and the rows of the last game.
#[derive(Debug)]
pub struct Lens {
    network: Network,
    engine: Engine,
    /// Of the last analysis, as is `game`: a call that fails or is dropped half way changes neither.
    request: Request,
    game: Game,
    /// What the plan that the engine has was built for.
    planned: Request,
    /// The tokens of the rows that the engine holds. They may be more than the game has moves, as after
    /// a move was taken back.
    standing: Vec<u32>,
    /// What these rows hold of what was asked for.
    kept: Vec<Kept>,
}

/// A buffer as far as its rows stand, `[rows, width]`.
#[derive(Debug)]
struct Kept {
    buffer: Buffer,
    width: usize,
    values: Vec<f32>,
}

/// What the model makes of some plies of a game.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// The rows that follow, of the plies that the model reads. Row `r` is ply `r + 1`: the model has read
    /// `r + 1` moves and expects the one after.
    pub rows: Range<usize>,
    /// `[rows, vocab]`.
    pub logits: Vec<f32>,
    /// A row each; `None` where the game is over.
    pub next_moves: Vec<Option<NextMove>>,
    /// In the order of [`Request::taps`]: `[rows, width]`, of a pattern `[rows, heads, context]`.
    pub activations: Vec<Vec<f32>>,
    /// In the order of [`Request::dictionaries`]: `[rows, F]`.
    pub features: Vec<Vec<f32>>,
    /// Rows that were computed for it; the others stood.
    pub computed: usize,
}

impl Lens {
    /// A lens on `network`, whose engine is chosen as [`Device`] says. A GPU must find the logits of
    /// `self_test`.
    ///
    /// # Errors
    /// [`LensError::Engine`] if [`Device::Gpu`] is asked for and cannot be had.
    pub async fn new(network: Network, self_test: &SelfTest, device: Device) -> Result<Self, LensError> {
        let engine = Engine::choose(&network, self_test, device).await?;
        let (request, game) = (Request { logits: true, ..Request::default() }, Game::new());
        let planned = request.clone();
        Ok(Self { network, engine, request, game, planned, standing: Vec::new(), kept: Vec::new() })
    }

    /// The network, with the dictionaries that were added.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The engine that is running.
    #[must_use]
    pub fn engine(&self) -> &EngineInfo {
        self.engine.info()
    }

    /// The game of the last analysis.
    #[must_use]
    pub fn game(&self) -> &Game {
        &self.game
    }

    /// What the last analysis was asked for.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Adds a dictionary.
    pub fn add_dictionary(&mut self, weights: DictionaryWeights) -> DictionaryId {
        self.network.add_dictionary(weights)
    }

    /// Runs the model over `game`. Logits are computed whether asked for or not.
    ///
    /// # Errors
    /// [`LensError::Plan`] where the network does not have what is requested, [`LensError::Engine`]
    /// where not even the CPU engine runs. Game and request of the last analysis then stay.
    pub async fn analyse(&mut self, game: &Game, request: &Request) -> Result<Analysis, LensError> {
        let request = Request { logits: true, ..request.clone() };
        self.run(game, request, 0).await
    }

    /// Appends a move to the game of the last analysis and runs the model over it, with the same
    /// request. The analysis has the row of that move alone; none where the context is full.
    ///
    /// # Errors
    /// [`LensError::IllegalMove`]; the game then stays. Else as [`Lens::analyse`].
    pub async fn append(&mut self, square: Square) -> Result<Analysis, LensError> {
        let mut game = self.game;
        game.play(square)?;
        self.run(&game, self.request.clone(), game.len() - 1).await
    }

    /// What a unit of activation of a feature adds to the logits of the squares: see
    /// [`direct_effect`].
    ///
    /// # Errors
    /// [`LensError::Plan`] or [`LensError::NoSuchFeature`].
    pub fn direct_effect(&self, dictionary: DictionaryId, feature: usize) -> Result<[f32; 64], LensError> {
        let scale = &self.network.norm(NormId::Final).scale;
        let unembed = &self.network.linear(LinearId::Unembed).weight;
        let direction = self.added(dictionary, feature)?;
        Ok(direct_effect(
            &direction,
            scale,
            |token| unembed.column(token as usize),
            self.network.config().vocab,
        ))
    }

    /// What a unit of activation of a feature adds to the residual stream, `[d_model]`.
    ///
    /// # Errors
    /// [`LensError::Plan`], [`LensError::NoSuchFeature`], or [`LensError::NoDirectEffect`].
    pub fn added(&self, dictionary: DictionaryId, feature: usize) -> Result<Vec<f32>, LensError> {
        let found = self.dictionary(dictionary, feature)?;
        self.residual_direction(found.config(), &found.direction(feature))
    }

    /// A dictionary that has such a feature.
    ///
    /// # Errors
    /// [`LensError::Plan`] or [`LensError::NoSuchFeature`].
    pub fn dictionary(
        &self,
        dictionary: DictionaryId,
        feature: usize,
    ) -> Result<&DictionaryNetwork, LensError> {
        let loaded = self.network.dictionaries();
        let missing = PlanError::NoSuchDictionary { asked: dictionary.0, loaded: loaded.len() };
        let found = loaded.get(dictionary.0).ok_or(missing)?;
        let features = found.config().features;
        if feature >= features {
            return Err(LensError::NoSuchFeature { asked: feature, last: features - 1 });
        }
        Ok(found)
    }

    /// What a feature whose direction is `[d_out]` adds to the last residual stream, `[d_model]`: its
    /// directions at the taps that the dictionary writes, neurons and heads through the weights that lead out
    /// of them. Of several residual streams only the last counts: what is added to one is in all later ones.
    fn residual_direction(
        &self,
        config: &DictionaryConfig,
        direction: &[f32],
    ) -> Result<Vec<f32>, LensError> {
        let gpt = self.network.config();
        let is_stream = |site| matches!(site, Site::ResidPre | Site::ResidMid | Site::ResidPost);
        let mut sum = vec![0.0; gpt.d_model];
        let mut rest = direction;
        for tap in &config.writes {
            let (part, later) = rest.split_at(gpt.width(tap.site));
            rest = later;
            let added = match tap.site {
                Site::MlpPost => self.network.linear(LinearId::MlpOut(tap.layer)).weight.multiply(part),
                Site::Z => self.network.linear(LinearId::AttnOut(tap.layer)).weight.multiply(part),
                Site::MlpIn | Site::Pattern => return Err(LensError::NoDirectEffect { tap: *tap }),
                _ => part.to_vec(),
            };
            if is_stream(tap.site) {
                sum = added;
            } else {
                sum.iter_mut().zip(added).for_each(|(sum, value)| *sum += value);
            }
        }
        Ok(sum)
    }

    /// The GPU that is in use.
    #[cfg(feature = "gpu")]
    #[must_use]
    pub fn gpu(&self) -> Option<&Gpu> {
        self.engine.device()
    }

    /// The analysis of the plies that are read after the first `from`.
    async fn run(&mut self, game: &Game, request: Request, from: usize) -> Result<Analysis, LensError> {
        let plan = Plan::new(&self.network, &request)?;
        let config = self.network.config();
        let Walk { tokens, rows } = config.vocab.walk(game, config.context);
        let mut computed = 0;
        if request != self.planned || !self.engine.has_session() {
            self.planned.clone_from(&request);
            self.set_plan(&plan).await?;
        }
        loop {
            match self.bring(&tokens).await {
                Ok(rows) => {
                    computed += rows;
                    break;
                }
                Err(error) => {
                    self.engine.fall_back(&self.network, error).await?;
                    self.set_plan(&plan).await?;
                }
            }
        }
        let analysis = self.analysis(game, &rows, from.min(rows.len()), computed)?;
        self.game = *game;
        self.request = request;
        Ok(analysis)
    }

    /// Changes the plan. The rows go with the old one.
    async fn set_plan(&mut self, plan: &Plan) -> Result<(), LensError> {
        self.standing.clear();
        self.kept.clear();
        for buffer in self.buffers() {
            let width = plan.width(buffer).ok_or(EngineError::NoSuchBuffer { buffer })?;
            self.kept.push(Kept { buffer, width, values: Vec::new() });
        }
        if let Err(error) = self.engine.set_plan(&self.network, plan.clone()).await {
            self.engine.fall_back(&self.network, error).await?;
            self.engine.set_plan(&self.network, plan.clone()).await?;
        }
        Ok(())
    }

    /// Computes the rows of `tokens` that do not stand; says how many.
    async fn bring(&mut self, tokens: &[u32]) -> Result<usize, EngineError> {
        let from = self.standing.iter().zip(tokens).take_while(|(a, b)| a == b).count();
        let new = &tokens[from..];
        if new.is_empty() {
            return Ok(0);
        }
        // The rows after it attend to those that are about to be replaced. They are given up before
        // the pass, so that nothing false stands if it fails.
        self.standing.truncate(from);
        for kept in &mut self.kept {
            kept.values.truncate(from * kept.width);
        }
        let buffers: Vec<Buffer> = self.kept.iter().map(|kept| kept.buffer).collect();
        let read = self.engine.pass(from..tokens.len(), new, &buffers).await?;
        for (kept, values) in self.kept.iter_mut().zip(read) {
            kept.values.extend(values);
        }
        self.standing.extend(new);
        Ok(new.len())
    }

    /// What an analysis shows: the logits, then the taps, then the features.
    fn buffers(&self) -> Vec<Buffer> {
        let taps = self.planned.taps.iter().map(|&tap| Buffer::tap(tap));
        let features = self.planned.dictionaries.iter().map(|&id| self.network.features(id));
        [Buffer::Logits].into_iter().chain(taps).chain(features).collect()
    }

    /// `rows` are those of all plies that are read.
    fn analysis(
        &self,
        game: &Game,
        rows: &[usize],
        from: usize,
        computed: usize,
    ) -> Result<Analysis, LensError> {
        let mut values = self.kept.iter().map(|kept| {
            let row = |row: usize| &kept.values[row * kept.width..(row + 1) * kept.width];
            rows[from..].iter().flat_map(|&at| row(at)).copied().collect::<Vec<f32>>()
        });
        let logits = values.next().unwrap_or_default();
        let activations = values.by_ref().take(self.planned.taps.len()).collect();
        let features = values.collect();

        let vocab = self.network.config().vocab;
        let positions = game.positions().skip(from + 1);
        let next_moves = positions
            .zip(logits.chunks_exact(vocab.size()))
            .map(|(position, logits)| match position.legal_moves() {
                legal if legal.is_empty() => Ok(None),
                legal => NextMove::new(logits, vocab, legal).map(Some),
            })
            .collect::<Result<_, _>>()?;
        Ok(Analysis { rows: from..rows.len(), logits, next_moves, activations, features, computed })
    }
}
