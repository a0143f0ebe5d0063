use std::collections::BTreeMap;

use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::prelude::*;

use crate::bundle::{FeatureCards, FeatureStatistics, Manifest, SelfTest};
use crate::gpt::{Layer, Site, Tap};
use crate::gpu::Gpu;
use crate::lens::{self, Device, LensError};
use crate::othello::Square;
use crate::plan::{Network, Request, SaeId};

use super::cards::{Best, BestLabels, Card};
use super::error::Error;
use super::loader::{SaeLoader, list};
use super::othello::{Position, Replay, parse};
use super::values::{AnalyseOptions, Array, Engine, NextMove, floats, to_js};

#[wasm_bindgen]
extern "C" {
    /// The page's and the worker's clock, in milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// A loaded model at work.
#[wasm_bindgen]
pub struct Lens {
    manifest: Manifest,
    lens: lens::Lens,
    /// The ids of the SAEs that were added, in the order of their [`SaeId`].
    saes: Vec<String>,
    /// The cards that were added, by the id of their SAE.
    cards: BTreeMap<String, FeatureCards>,
    /// Whether the last analysis was to bring the logits.
    logits: bool,
}

/// The part of an analysis that is a run of the model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    activations: Vec<Array<Tap>>,
    features: Option<Array<SaeName<'a>>>,
    logits: Option<Array<NoName>>,
    computed: usize,
    milliseconds: f64,
    engine: Engine<'a>,
}

#[derive(Serialize)]
struct SaeName<'a> {
    sae: &'a str,
}

#[derive(Serialize)]
struct NoName {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Analysis<'a> {
    replay: Replay,
    next_moves: Vec<Option<NextMove>>,
    run: Run<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AppendedMove<'a> {
    transcript: String,
    position: Position,
    next_move: Option<NextMove>,
    run: Run<'a>,
}

#[derive(Serialize)]
struct Statistics {
    games: u64,
    #[serde(with = "preserve")]
    max: JsValue,
    #[serde(with = "preserve")]
    density: JsValue,
}

impl Lens {
    pub(super) async fn new(
        manifest: Manifest,
        network: Network,
        self_test: &SelfTest,
        device: &str,
    ) -> Result<Self, Error> {
        let device = match device {
            "auto" => Device::Auto,
            "gpu" => Device::Gpu,
            "cpu" => Device::Cpu,
            other => {
                return Err(Error::argument("options.device", other, "auto, gpu or cpu"));
            }
        };
        let lens = lens::Lens::new(network, self_test, device).await?;
        Ok(Self { manifest, lens, saes: Vec::new(), cards: BTreeMap::new(), logits: false })
    }

    fn sae_id(&self, id: &str) -> Result<SaeId, Error> {
        self.manifest.sae(id)?;
        let index = self.saes.iter().position(|sae| sae == id);
        Ok(SaeId(index.ok_or_else(|| Error::internal(format!("the SAE `{id}` has not been added")))?))
    }

    fn run(&self, analysis: &lens::Analysis, milliseconds: f64) -> Run<'_> {
        let rows = analysis.rows.len();
        let config = self.lens.network().config();
        let request = self.lens.request();
        let array = |tap: &Tap, values: &Vec<f32>| Array {
            name: *tap,
            shape: match tap.site {
                Site::Pattern => vec![rows, config.heads, config.context],
                site => vec![rows, config.width(site)],
            },
            data: floats(values),
        };
        let features =
            request.saes.first().zip(analysis.features.first()).map(|(&SaeId(sae), values)| Array {
                name: SaeName { sae: &self.saes[sae] },
                shape: vec![rows, self.lens.network().saes()[sae].config().features],
                data: floats(values),
            });
        Run {
            activations: request
                .taps
                .iter()
                .zip(&analysis.activations)
                .map(|(tap, v)| array(tap, v))
                .collect(),
            features,
            logits: self.logits.then(|| Array {
                name: NoName {},
                shape: vec![rows, config.vocab.size()],
                data: floats(&analysis.logits),
            }),
            computed: analysis.computed,
            milliseconds,
            engine: Engine::new(self.lens.engine()),
        }
    }
}

#[wasm_bindgen]
impl Lens {
    /// `Engine`.
    pub fn engine(&self) -> Result<JsValue, JsValue> {
        to_js(&Engine::new(self.lens.engine()))
    }

    /// What loads the SAE `id`; `undefined` if it is there.
    pub fn sae_loader(&self, id: &str) -> Result<Option<SaeLoader>, JsValue> {
        let entry = self.manifest.sae(id).map_err(Error::from)?;
        Ok((!self.saes.iter().any(|sae| sae == id)).then(|| SaeLoader::new(entry.clone())))
    }

    /// Adds an SAE, unless it is there.
    pub fn add_sae(&mut self, loader: SaeLoader) -> Result<(), JsValue> {
        let (id, weights) = loader.finish().map_err(Error::from)?;
        if !self.saes.contains(&id) {
            self.lens.add_sae(weights);
            self.saes.push(id);
        }
        Ok(())
    }

    /// Replays `transcript` and runs the model over it, with `AnalyseOptions`.
    pub async fn analyse(&mut self, transcript: &str, options: JsValue) -> Result<JsValue, JsValue> {
        let options: AnalyseOptions = serde_wasm_bindgen::from_value(options).map_err(Error::from)?;
        let game = parse(transcript)?;
        let layers =
            options.layers.unwrap_or_else(|| (0..self.lens.network().config().layers).map(Layer).collect());
        let taps =
            options.sites.iter().flat_map(|&site| layers.iter().map(move |&layer| Tap { site, layer }));
        let request = Request {
            taps: taps.collect(),
            logits: true,
            saes: options.sae.iter().map(|id| self.sae_id(id)).collect::<Result<_, _>>()?,
        };
        let began = now();
        let analysis = self.lens.analyse(&game, &request).await.map_err(Error::from)?;
        let milliseconds = now() - began;
        self.logits = options.logits;

        let replay = Replay::new(&game);
        // Nothing was read at ply 0, and beyond the context nothing is.
        let mut next_moves = vec![None];
        next_moves.extend(analysis.next_moves.iter().map(|next| next.as_ref().map(NextMove::from)));
        next_moves.resize_with(game.len() + 1, || None);
        to_js(&Analysis { replay, next_moves, run: self.run(&analysis, milliseconds) })
    }

    /// Plays a move, a square's number or name, after the game analysed last and runs the model over it,
    /// with the same options.
    pub async fn append(&mut self, played: JsValue) -> Result<JsValue, JsValue> {
        let square = match (played.as_f64(), played.as_string()) {
            (Some(index), _) => Square::ALL
                .into_iter()
                .find(|square| square.index() as f64 == index)
                .ok_or_else(|| Error::argument("move", index, "a whole number from 0 to 63")),
            (_, Some(name)) => {
                name.parse().map_err(|error| Error::not_a_move(error).about_move(name, self.lens.game()))
            }
            _ => Err(Error::internal("the move is neither a number nor text")),
        }?;
        let began = now();
        let analysis = match self.lens.append(square).await {
            Ok(analysis) => analysis,
            Err(error @ LensError::IllegalMove(_)) => {
                return Err(Error::from(error).about_move(square.to_string(), self.lens.game()).into());
            }
            Err(error) => return Err(Error::from(error).into()),
        };
        let milliseconds = now() - began;
        let game = self.lens.game();
        to_js(&AppendedMove {
            transcript: game.to_string(),
            position: Position::last(game),
            next_move: analysis.next_moves.first().and_then(Option::as_ref).map(NextMove::from),
            run: self.run(&analysis, milliseconds),
        })
    }

    /// See `Lens.directEffect` of `pkg/src/lens.ts`.
    pub fn direct_effect(&self, sae: &str, feature: usize) -> Result<Vec<f32>, JsValue> {
        let sae = self.sae_id(sae)?;
        Ok(self.lens.direct_effect(sae, feature).map_err(Error::from)?.to_vec())
    }

    /// The file with the statistics of an SAE's features, if there is one.
    pub fn statistics_files(&self, sae: &str) -> Result<JsValue, JsValue> {
        let entry = self.manifest.sae(sae).map_err(Error::from)?;
        list(entry.statistics.iter().map(|statistics| &statistics.file))
    }

    /// `FeatureStatistics`, read from that file.
    pub fn statistics(&self, sae: &str, bytes: &[u8]) -> Result<JsValue, JsValue> {
        let entry = self.manifest.sae(sae).map_err(Error::from)?;
        let Some(statistics) = &entry.statistics else { return Ok(JsValue::NULL) };
        let file = statistics.file.verify(bytes).map_err(Error::from)?;
        let read = FeatureStatistics::read(&entry.config, file).map_err(Error::from)?;
        to_js(&Statistics {
            games: statistics.corpus.games,
            max: floats(&read.max),
            density: floats(&read.density),
        })
    }

    /// The file with the cards of an SAE's features, if there is one.
    pub fn cards_files(&self, sae: &str) -> Result<JsValue, JsValue> {
        let entry = self.manifest.sae(sae).map_err(Error::from)?;
        list(entry.cards.iter().map(|cards| &cards.file))
    }

    /// Adds the cards of an SAE's features, read from that file.
    pub fn add_cards(&mut self, sae: &str, bytes: &[u8]) -> Result<(), JsValue> {
        let entry = self.manifest.sae(sae).map_err(Error::from)?;
        if let Some(cards) = &entry.cards {
            let file = cards.file.verify(bytes).map_err(Error::from)?;
            let read = FeatureCards::read(cards, entry.config.features, file).map_err(Error::from)?;
            self.cards.insert(sae.to_owned(), read);
        }
        Ok(())
    }

    /// `FeatureCard`; `null` if there are no cards.
    pub fn card(&self, sae: &str, feature: usize) -> Result<JsValue, JsValue> {
        let entry = self.manifest.sae(sae).map_err(Error::from)?;
        let Some((corpus, cards)) = entry.cards.as_ref().zip(self.cards.get(sae)) else {
            return Ok(JsValue::NULL);
        };
        let last = cards.features.len() - 1;
        let card = cards.features.get(feature).ok_or_else(|| Error::beyond("feature", feature, last))?;
        to_js(&Card::new(corpus, card))
    }

    /// `BestLabels`; `null` if there are no cards.
    pub fn best_labels(&self, sae: &str) -> Result<JsValue, JsValue> {
        to_js(&self.cards.get(sae).map(BestLabels::new))
    }

    /// `(BestFeature | null)[]` by label; `null` if there are no cards.
    pub fn best_features(&self, sae: &str) -> Result<JsValue, JsValue> {
        let best = |cards: &FeatureCards| -> Vec<Option<Best>> {
            cards.labels.iter().map(|best| best.as_ref().map(Best::from)).collect()
        };
        to_js(&self.cards.get(sae).map(best))
    }

    /// The GPU's device, if one is in use.
    pub fn device(&self) -> Option<GpuDevice> {
        self.lens.gpu().cloned().map(GpuDevice)
    }
}

/// A GPU's device. It stands apart from the lens, which is not to be called while it computes.
#[wasm_bindgen]
pub struct GpuDevice(Gpu);

#[wasm_bindgen]
impl GpuDevice {
    /// Takes the device away, as a crash of the driver would.
    pub fn destroy(&self) {
        self.0.destroy();
    }
}
