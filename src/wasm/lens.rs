use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use tsify::Ts;
use wasm_bindgen::prelude::*;

use crate::bundle::{
    self, CorpusFile, DictionaryAssembler, DictionaryEntry, FileEntry, Manifest, ProbeEntry, SelfTest,
};
use crate::cards::{Atlas, FeatureCards};
use crate::gpt::Site;
use crate::gpu::Gpu;
use crate::labels::LabelSet;
use crate::lens::{self, Device, LensError};
use crate::othello::Square;
use crate::plan::{DictionaryId, Network, Request};
use crate::probe::Probe;

use super::analysis::{
    Activations, Analysis, AnalysisRequest, AppendedMove, Engine, Features, Logits, NextMove, Run,
};
use super::cards::{BestFeature, BestLabels, FeatureCard, FeatureStatistics, FeatureTable};
use super::error::{Error, Refusal};
use super::js::{Floats, memory, object, plain};
use super::loader::{Asset, AssetLoader};
use super::rules::{Position, Replay, parse};

#[wasm_bindgen]
extern "C" {
    /// The page's and the worker's clock, in milliseconds.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// A loaded model at work. What a call needs of a dictionary and the lens has not, it throws as an [`AssetLoader`].
#[wasm_bindgen]
pub struct Lens {
    pub(super) manifest: Manifest,
    pub(super) lens: lens::Lens,
    /// What was taken of the bundle's dictionaries, by their ids.
    taken: BTreeMap<String, Taken>,
    /// The probes that were taken, by their ids.
    probes: BTreeMap<String, Rc<Probe>>,
    /// Atlases, by the names of their sets.
    atlases: BTreeMap<String, Atlas>,
    /// JSON files of what was measured, by their names.
    figures: BTreeMap<String, JsValue>,
    /// Whether the last analysis was to bring the logits.
    logits: bool,
}

/// What was taken of a dictionary.
#[derive(Default)]
struct Taken {
    weights: Option<DictionaryId>,
    statistics: Option<bundle::FeatureStatistics>,
    cards: Option<FeatureCards>,
}

impl Lens {
    pub(super) async fn new(
        manifest: Manifest,
        network: Network,
        self_test: &SelfTest,
        device: Device,
    ) -> Result<Self, Error> {
        let lens = lens::Lens::new(network, self_test, device).await?;
        Ok(Self {
            manifest,
            lens,
            taken: BTreeMap::new(),
            probes: BTreeMap::new(),
            atlases: BTreeMap::new(),
            figures: BTreeMap::new(),
            logits: false,
        })
    }

    /// The model with the dictionaries that are here.
    pub(super) fn network(&self) -> &Network {
        self.lens.network()
    }

    /// The dictionary `id` of the lens.
    pub(super) fn weights(&self, id: &str) -> Result<DictionaryId, Refusal> {
        let entry = self.manifest.dictionary(id)?;
        let weights = self.taken.get(id).and_then(|taken| taken.weights);
        weights.ok_or_else(|| {
            let assembler = DictionaryAssembler::new(&entry.config);
            needs(Asset::Weights(entry.into_owned(), assembler))
        })
    }

    /// A probe of the bundle.
    pub(super) fn probe(&self, entry: &ProbeEntry) -> Result<Rc<Probe>, Refusal> {
        let width = self.lens.network().config().width(entry.tap.site);
        let probe = self.probes.get(&entry.id).cloned();
        probe.ok_or_else(|| needs(Asset::Probe(entry.clone(), width, None)))
    }

    /// The probes that read what a dictionary writes, where directions can be compared.
    pub(super) fn probes_of(&self, entry: &DictionaryEntry) -> Result<Vec<(String, Rc<Probe>)>, Refusal> {
        let [tap] = entry.config.writes[..] else { return Ok(Vec::new()) };
        let read_it = self.manifest.all_probes().filter(|probe| probe.tap == tap);
        let known = |entry: &ProbeEntry| Ok((entry.id.clone(), self.probe(entry)?));
        read_it.map(known).collect()
    }

    /// What is known of the features of the dictionary `id` over a corpus, if the bundle has it.
    fn known_statistics(
        &self,
        id: &str,
    ) -> Result<Option<(&CorpusFile, &bundle::FeatureStatistics)>, Refusal> {
        let Cow::Borrowed(entry) = self.manifest.dictionary(id)? else { return Ok(None) };
        let Some(file) = &entry.statistics else { return Ok(None) };
        let statistics = self.taken.get(id).and_then(|taken| taken.statistics.as_ref());
        statistics
            .map(|statistics| Some((file, statistics)))
            .ok_or_else(|| needs(Asset::Statistics(entry.clone(), None)))
    }

    /// The cards of the features of the dictionary `id`, if the bundle has them.
    fn cards(&self, id: &str) -> Result<Option<(&CorpusFile, &FeatureCards)>, Refusal> {
        let Cow::Borrowed(entry) = self.manifest.dictionary(id)? else { return Ok(None) };
        let Some(file) = &entry.cards else { return Ok(None) };
        let cards = self.taken.get(id).and_then(|taken| taken.cards.as_ref());
        cards.map(|cards| Some((file, cards))).ok_or_else(|| needs(Asset::Cards(entry.clone(), None)))
    }

    /// The contents of a JSON file of what was measured.
    fn measured(&self, file: &FileEntry) -> Result<JsValue, Refusal> {
        let known = self.figures.get(file.path()).cloned();
        known.ok_or_else(|| needs(Asset::Figures(file.clone(), None)))
    }

    fn run(&self, analysis: &lens::Analysis, milliseconds: f64) -> Run {
        let rows = analysis.rows.len();
        let config = self.lens.network().config();
        let request = self.lens.request();
        let activations = request.taps.iter().zip(&analysis.activations).map(|(tap, values)| Activations {
            tap: (*tap).into(),
            shape: match tap.site {
                Site::Pattern => vec![rows, config.heads, config.context],
                site => vec![rows, config.width(site)],
            },
            data: Floats::new(values),
        });
        let features =
            request.dictionaries.first().zip(analysis.features.first()).map(|(&id, values)| Features {
                dictionary: self.id(id).to_owned(),
                shape: [rows, self.lens.network().dictionaries()[id.0].config().features],
                data: Floats::new(values),
            });
        Run {
            activations: activations.collect(),
            features,
            logits: self
                .logits
                .then(|| Logits { shape: [rows, config.vocab.size()], data: Floats::new(&analysis.logits) }),
            computed: analysis.computed,
            milliseconds,
            engine: Engine::from(self.lens.engine()),
        }
    }

    /// The id of a dictionary of the lens.
    fn id(&self, dictionary: DictionaryId) -> &str {
        let found = self.taken.iter().find(|(_, taken)| taken.weights == Some(dictionary));
        found.map_or("", |(id, _)| id)
    }
}

fn needs(asset: Asset) -> Refusal {
    Refusal::Needs(Box::new(AssetLoader { asset }))
}

#[wasm_bindgen]
impl Lens {
    /// The engine that runs.
    pub fn engine(&self) -> Result<Ts<Engine>, Error> {
        object(&Engine::from(self.lens.engine()))
    }

    /// Takes what a call needed, unless it is here.
    pub fn take(&mut self, loader: AssetLoader) -> Result<(), Error> {
        match loader.asset {
            Asset::Weights(entry, assembler) => {
                let taken = self.taken.entry(entry.id).or_default();
                if taken.weights.is_none() {
                    taken.weights = Some(self.lens.add_dictionary(assembler.finish()?));
                }
            }
            Asset::Statistics(entry, statistics) => {
                self.taken.entry(entry.id).or_default().statistics = statistics;
            }
            Asset::Cards(entry, cards) => self.taken.entry(entry.id).or_default().cards = cards,
            Asset::Probe(entry, _, probe) => {
                self.probes.extend(probe.map(|probe| (entry.id, Rc::new(probe))));
            }
            Asset::Atlas(entry, atlas) => self.atlases.extend(atlas.map(|atlas| (entry.set, atlas))),
            Asset::Figures(file, figures) => {
                self.figures.extend(figures.map(|figures| (file.path().to_owned(), figures)));
            }
        }
        Ok(())
    }

    /// Replays `transcript` and runs the model over it.
    pub async fn analyse(
        &mut self,
        transcript: &str,
        options: Ts<AnalysisRequest>,
    ) -> Result<Ts<Analysis>, Refusal> {
        let options = options.to_rust().map_err(Error::internal)?;
        let game = parse(transcript)?;
        let request = Request {
            taps: options.taps.iter().map(|tap| tap.read("options.taps")).collect::<Result<_, _>>()?,
            logits: true,
            dictionaries: options.dictionary.iter().map(|id| self.weights(id)).collect::<Result<_, _>>()?,
        };
        let began = now();
        let analysis = self.lens.analyse(&game, &request).await?;
        let milliseconds = now() - began;
        self.logits = options.logits;

        let replay = Replay::new(&game);
        // Nothing was read at ply 0, and beyond the context nothing is.
        let mut next_moves = vec![None];
        next_moves.extend(analysis.next_moves.iter().map(|next| next.as_ref().map(NextMove::from)));
        next_moves.resize_with(game.len() + 1, || None);
        Ok(object(&Analysis { replay, next_moves, run: self.run(&analysis, milliseconds) })?)
    }

    /// Plays a move, a square's number or name, after the game analysed last and runs the model over it,
    /// with the same options.
    pub async fn append(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Square | string")] played: JsValue,
    ) -> Result<Ts<AppendedMove>, Error> {
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
                return Err(Error::from(error).about_move(square.to_string(), self.lens.game()));
            }
            Err(error) => return Err(error.into()),
        };
        let milliseconds = now() - began;
        let game = self.lens.game();
        let position = Position::at(game, game.len());
        object(&AppendedMove {
            transcript: game.to_string(),
            position: position.ok_or_else(|| Error::internal("the game has no last position"))?,
            next_move: analysis.next_moves.first().and_then(Option::as_ref).map(NextMove::from),
            run: self.run(&analysis, milliseconds),
        })
    }

    /// What a feature adds to the logits of the squares along the direct path.
    #[wasm_bindgen(js_name = directEffect)]
    pub fn direct_effect(&self, dictionary: &str, feature: usize) -> Result<Vec<f32>, Refusal> {
        let dictionary = self.weights(dictionary)?;
        Ok(self.lens.direct_effect(dictionary, feature)?.to_vec())
    }

    /// What is known of a dictionary's features over a corpus.
    #[wasm_bindgen(unchecked_return_type = "FeatureStatistics | null")]
    pub fn statistics(&self, dictionary: &str) -> Result<JsValue, Refusal> {
        if let Some((file, statistics)) = self.known_statistics(dictionary)? {
            let known = FeatureStatistics::new(&file.corpus, &statistics.max, &statistics.density);
            return Ok(plain(&known)?);
        }
        let cards = self.cards(dictionary)?;
        Ok(plain(&cards.map(|(file, cards)| FeatureStatistics::of_cards(&file.corpus, cards)))?)
    }

    /// What was measured on all features of a dictionary.
    #[wasm_bindgen(unchecked_return_type = "FeatureTable | null")]
    pub fn features(&self, dictionary: &str) -> Result<JsValue, Refusal> {
        let cards = self.cards(dictionary)?;
        Ok(plain(&cards.map(|(file, cards)| FeatureTable::new(&file.corpus, cards)))?)
    }

    /// Which of all features tells each label of a set best.
    #[wasm_bindgen(unchecked_return_type = "Atlas | null")]
    pub fn atlas(&self, set: &str) -> Result<JsValue, Refusal> {
        let known = LabelSet::named(set).map_err(|error| {
            let names = LabelSet::all().map(LabelSet::name).join(", ");
            Error::argument("set", format!("{:?}", error.name), names)
        })?;
        let Some(file) = self.manifest.atlases.iter().find(|file| file.set == known.name()) else {
            return Ok(JsValue::NULL);
        };
        let atlas = self.atlases.get(set).ok_or_else(|| needs(Asset::Atlas(file.clone(), None)))?;
        Ok(plain(&super::cards::Atlas::from(atlas))?)
    }

    /// What was measured on the model and on each probe.
    #[wasm_bindgen(unchecked_return_type = "BundleResults | null")]
    pub fn results(&self) -> Result<JsValue, Refusal> {
        self.manifest.results.as_ref().map_or(Ok(JsValue::NULL), |file| self.measured(file))
    }

    /// What was measured on a dictionary.
    #[wasm_bindgen(js_name = dictionaryResults, unchecked_return_type = "DictionaryFigures | null")]
    pub fn dictionary_results(&self, dictionary: &str) -> Result<JsValue, Refusal> {
        let entry = self.manifest.dictionary(dictionary)?;
        entry.figures.as_ref().map_or(Ok(JsValue::NULL), |file| self.measured(file))
    }

    /// What was measured on a feature.
    #[wasm_bindgen(unchecked_return_type = "FeatureCard | null")]
    pub fn card(&self, dictionary: &str, feature: usize) -> Result<JsValue, Refusal> {
        let Some((file, cards)) = self.cards(dictionary)? else { return Ok(JsValue::NULL) };
        let card = FeatureCard::new(&file.corpus, cards, feature)?;
        let card = card.ok_or_else(|| Error::beyond("feature", feature, cards.features.len() - 1))?;
        Ok(plain(&card)?)
    }

    /// The label that each feature of a dictionary tells best.
    #[wasm_bindgen(js_name = bestLabels, unchecked_return_type = "BestLabels | null")]
    pub fn best_labels(&self, dictionary: &str) -> Result<JsValue, Refusal> {
        Ok(plain(&self.cards(dictionary)?.map(|(_, cards)| BestLabels::from(cards)))?)
    }

    /// The feature of a dictionary that tells each label best, for the labels that vary.
    #[wasm_bindgen(js_name = bestFeatures, unchecked_return_type = "BestFeature[] | null")]
    pub fn best_features(&self, dictionary: &str) -> Result<JsValue, Refusal> {
        Ok(plain(&self.cards(dictionary)?.map(|(_, cards)| BestFeature::all(cards)))?)
    }

    /// Bytes of WebAssembly memory taken so far; it never shrinks.
    #[must_use]
    pub fn memory(&self) -> f64 {
        memory()
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
