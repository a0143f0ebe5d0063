use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::bundle::{self, Command, Dtype, Manifest, Source};
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::digest::Digest;
use crate::gpt::GptConfig;
use crate::import::{
    self, Answers, Fact, FileError, FileKind, Given, ImportError, Imported, Kind, Model, OwnBundle, Question,
    Read, Readings, Recognised, ToPack, check,
};
use crate::plan::Network;
use crate::probe::TappedProbe;

use super::bundle::FileEntry;
use super::error::Error;
use super::js::{Bytes, memory, object, plain};
use super::lab::this_program;
use super::loader::BundleLoader;

/// A model, a dictionary or a probe in the files that were given, or a bundle of this package's own.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct ImportItem {
    /// The path of its file.
    file: String,
    /// Whose files look so: `minGPT (Li et al.)`, `SAELens` …
    family: String,
    #[tsify(type = "'model' | 'dictionary' | 'probe' | 'bundle'")]
    kind: &'static str,
    /// Its sizes, in words.
    about: String,
    /// The activation that a dictionary or a probe reads, where its file tells.
    reads: Option<String>,
    /// What was done to the names of its tensors, a sentence each.
    said: Vec<String>,
    /// What the file does not tell.
    questions: Vec<ImportQuestion>,
}

/// What must be known of a file and does not stand in it.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct ImportQuestion {
    /// What is asked.
    fact: ImportFact,
    /// The answers that are possible; empty where there are too many to list.
    options: Vec<String>,
    /// The answer that the file, or the habit of its family, suggests.
    suggestion: Option<String>,
    /// Why it is asked, in a sentence.
    why: String,
}

/// Something that a file may not tell of itself: the number of attention heads, how squares are numbered, the activation
/// that is read, whether the decoder's bias is subtracted before encoding, how features are chosen.
#[derive(Clone, Copy, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum ImportFact {
    Heads,
    Squares,
    Reads,
    PreBias,
    Selection,
}

/// A file of which nothing becomes anything, and why.
#[derive(Serialize, Tsify)]
pub struct RefusedFile {
    file: String,
    /// What is wrong with it, in a sentence that names it.
    reason: String,
    /// Whether it was read and is of no family: it may be something else, such as games.
    #[serde(rename = "isOther")]
    is_other: bool,
}

/// What the files that were given hold.
#[derive(Serialize, Tsify)]
pub struct Recognition {
    items: Vec<ImportItem>,
    refused: Vec<RefusedFile>,
}

/// An item that is to become part of a bundle.
#[derive(Deserialize, Tsify)]
pub struct ImportPart {
    /// Its number among the items, from 0.
    item: usize,
    /// What was answered of it.
    #[tsify(type = "Partial<Record<ImportFact, string>>")]
    answers: Answers,
}

/// What a bundle is to be made of.
#[derive(Deserialize, Tsify)]
pub struct ImportRequest {
    /// What to call it before people.
    name: String,
    /// Its parts; without a model among them they are added to the bundle that was given for that.
    parts: Vec<ImportPart>,
}

/// How well an item does under each answer to a question.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct ImportRanking {
    /// What is compared: of a model how often its most probable square is no legal move, of a dictionary how much of the
    /// variance it leaves unexplained, of a probe how many squares it gets wrong; the less the better.
    #[tsify(type = "'illegal_top1' | 'fvu' | 'wrong_squares'")]
    measure: &'static str,
    /// The answers, the best first.
    candidates: Vec<ImportCandidate>,
    /// The best answer, where it is better than the next by more than chance.
    clear: Option<String>,
}

/// An answer, and how well an item does under it.
#[derive(Clone, Serialize, Tsify)]
pub struct ImportCandidate {
    answer: String,
    value: f64,
    /// Positions of random games that this was measured on.
    positions: usize,
}

/// Files of other people's tools on their way to a bundle.
#[wasm_bindgen]
#[derive(Default)]
pub struct Importer {
    files: Vec<Held>,
    sources: Vec<Source>,
    items: Vec<Item>,
    base: Option<Base>,
    /// Of the model that is chosen with these answers, or of the base.
    readings: Option<(Option<(usize, Answers)>, Readings)>,
    packed: Vec<(bundle::FileEntry, Vec<u8>)>,
}

/// A file, or one of a zip.
struct Held {
    path: String,
    bytes: Vec<u8>,
}

enum Item {
    Part(Recognised),
    Bundle(Box<OwnBundle>),
}

/// The bundle in view, to whose model things can be added.
struct Base {
    manifest: Manifest,
    network: Network,
}

#[wasm_bindgen]
impl Importer {
    /// Nothing given yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes of WebAssembly memory taken so far; it never shrinks.
    #[must_use]
    pub fn memory(&self) -> f64 {
        memory()
    }

    /// Whether a file of a folder is looked into: told by how its name ends.
    #[wasm_bindgen(js_name = isRead)]
    #[must_use]
    pub fn is_read(path: &str) -> bool {
        import::is_read(path)
    }

    /// Takes a file; of a zip in which no tool wrote tensors, the files in it.
    pub fn add(&mut self, path: String, bytes: Vec<u8>) -> Result<(), Error> {
        if self.files.iter().any(|held| held.path == path) {
            return Err(Error::bad_import(format!(
                "two files are called {path}; give one of them another name"
            )));
        }
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        self.sources.push(Source { name, bytes: bytes.len() as u64, sha256: Digest::of(&bytes) });
        let inside = Given::unpack(&path, &bytes)?;
        match &*inside {
            [it] if it.path == path => {
                drop(inside);
                self.files.push(Held { path, bytes });
            }
            _ => {
                if inside.is_empty() {
                    return Err(Error::bad_import(format!(
                        "{path} is a zip without a file of a kind that is read"
                    )));
                }
                let held = |given: Given<'_>| Held { path: given.path, bytes: given.bytes.into_owned() };
                self.files.extend(inside.into_iter().map(held));
            }
        }
        Ok(())
    }

    /// What was given. A file that cannot become anything is named with the reason, and the others go on.
    pub fn recognise(&mut self) -> Result<Ts<Recognition>, Error> {
        let given = given(&self.files);
        let own = OwnBundle::all(&given).map_err(Error::bad_import)?;
        let (mut found, mut items, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for file in given.iter().filter(|file| !own.iter().any(|bundle| bundle.holds(file))) {
            let described = import::recognise_one(&given, file).and_then(|all| {
                let describe = |what: Recognised| Ok((ImportItem::of(&given, &what)?, Item::Part(what)));
                all.into_iter().map(describe).collect::<Result<Vec<_>, _>>()
            });
            match described {
                Ok(all) => all.into_iter().for_each(|(described, item)| {
                    found.push(described);
                    items.push(item);
                }),
                Err(error) => refused.push(RefusedFile {
                    file: file.path.clone(),
                    is_other: matches!(
                        error,
                        ImportError::Family { .. } | ImportError::File(FileError::Without { .. })
                    ),
                    reason: error.to_string(),
                }),
            }
        }
        for bundle in own {
            found.push(ImportItem::from(&bundle));
            items.push(Item::Bundle(Box::new(bundle)));
        }
        let json = given.iter().find(|file| FileKind::of(&file.bytes) == FileKind::Json);
        if let Some(json) = json.filter(|_| items.is_empty() && refused.is_empty()) {
            let file = json.path.clone();
            let reason =
                format!("{file} is JSON, which has no tensors: give the file that it belongs to as well");
            refused.push(RefusedFile { file, reason, is_other: true });
        }
        self.items = items;
        object(&Recognition { items: found, refused })
    }

    /// Takes the bundle to whose model parts are added where no model is among them; its model's files must have been
    /// added to the loader.
    #[wasm_bindgen(js_name = takeBase)]
    pub fn take_base(&mut self, loader: BundleLoader) -> Result<(), Error> {
        let (manifest, network) = loader.into_parts()?;
        self.base = Some(Base { manifest, network });
        self.readings = None;
        Ok(())
    }

    /// How well an item does under each answer to a question; null where nothing can tell. `parts` are those that are
    /// chosen so far: a dictionary is held against the model among them, or else against that of the base.
    #[wasm_bindgen(unchecked_return_type = "ImportRanking | null")]
    pub fn rank(
        &mut self,
        item: usize,
        fact: Ts<ImportFact>,
        request: Ts<ImportRequest>,
    ) -> Result<JsValue, Error> {
        let fact = Fact::from(fact.to_rust().map_err(Error::internal)?);
        let request = request.to_rust().map_err(Error::internal)?;
        let what = self.part(item)?.clone();
        let answers = request.parts.iter().find(|part| part.item == item).map(|part| part.answers.clone());
        let answers = with_suggestions(&what, &answers.unwrap_or_default());
        let ranking = match (what.kind, fact) {
            (Kind::Model, Fact::Heads) => Some(self.rank_heads(&what, answers)?),
            (Kind::Model, _) => None,
            (Kind::Dictionary | Kind::Probe, _) => self.rank_reader(&what, fact, &answers, &request.parts)?,
        };
        plain(&ranking)
    }

    /// Whether what is asked for is added to the base.
    #[wasm_bindgen(js_name = isAddition)]
    pub fn is_addition(&self, request: Ts<ImportRequest>) -> Result<bool, Error> {
        let request = request.to_rust().map_err(Error::internal)?;
        let adds = |part: &ImportPart| self.part(part.item).is_ok_and(|what| what.kind != Kind::Model);
        Ok(request.parts.iter().all(adds))
    }

    /// Makes a bundle; `files` and `take` then have its files. Returns its manifest.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn pack(&mut self, request: Ts<ImportRequest>) -> Result<JsValue, Error> {
        let ImportRequest { name, parts } = request.to_rust().map_err(Error::internal)?;
        if let [ImportPart { item, .. }] = &*parts
            && let Some(Item::Bundle(own)) = self.items.get(*item)
        {
            let given = given(&self.files);
            let files = own.files(&given)?.into_iter().map(|(entry, bytes)| (entry, bytes.to_vec()));
            self.packed = files.collect();
            let manifest = given.iter().find(|given| given.path == own.path);
            return plain(&Bytes(manifest.map(|given| given.bytes.to_vec()).unwrap_or_default()));
        }
        let mut taken = Vec::new();
        let mut has_model = false;
        for ImportPart { item, answers } in &parts {
            let what = self.part(*item)?;
            let Read { imported, told, .. } = import::read(&given(&self.files), what, answers)?;
            has_model |= what.kind == Kind::Model;
            taken.push((imported, told));
        }
        let what = ToPack {
            parts: taken,
            base: self.base.as_ref().filter(|_| !has_model).map(|base| base.manifest.clone()),
            command: self.command(&name, &parts)?,
            name,
            sources: self.sources.clone(),
            dtype: Dtype::F32,
        };
        let (manifest, files) = import::pack(what)?;
        self.packed = files.0;
        let mut json = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
        json.push(b'\n');
        plain(&Bytes(json))
    }

    /// The files of the bundle that was made, without those that its base has.
    pub fn files(&self) -> Result<Vec<Ts<FileEntry>>, Error> {
        self.packed.iter().map(|(entry, _)| object(&FileEntry::from(entry))).collect()
    }

    /// The bytes of one of them, which are let go of.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn take(&mut self, index: usize) -> Result<JsValue, Error> {
        let file = self.packed.get_mut(index);
        let (_, bytes) = file.ok_or_else(|| Error::internal(format!("there is no file number {index}")))?;
        plain(&Bytes(std::mem::take(bytes)))
    }
}

impl Importer {
    fn part(&self, item: usize) -> Result<&Recognised, Error> {
        match self.items.get(item) {
            Some(Item::Part(what)) => Ok(what),
            _ => Err(Error::argument("item", item, "the number of a model, a dictionary or a probe")),
        }
    }

    fn rank_heads(&self, what: &Recognised, mut answers: Answers) -> Result<ImportRanking, Error> {
        let question = what.questions.iter().find(|question| question.fact == Fact::Heads);
        let options = question.map(|question| question.options.clone()).unwrap_or_default();
        let candidates: Vec<usize> = options.iter().filter_map(|option| option.parse().ok()).collect();
        // Any number of heads has the same weights.
        answers.set(Fact::Heads, options.first().cloned().unwrap_or_default());
        let Imported::Model(Model { weights, .. }) = self.read(what, &answers)?.imported else {
            return Err(Error::internal("a model was read as something else"));
        };
        let ranked = check::rank_heads(weights, &candidates)?;
        Ok(ImportRanking {
            measure: "illegal_top1",
            clear: check::clear(&ranked).map(|heads| heads.to_string()),
            candidates: ranked
                .iter()
                .map(|it| ImportCandidate {
                    answer: it.heads.to_string(),
                    value: it.illegal_top1,
                    positions: it.positions as usize,
                })
                .collect(),
        })
    }

    /// How well a dictionary or a probe does under each answer.
    fn rank_reader(
        &mut self,
        what: &Recognised,
        fact: Fact,
        answers: &Answers,
        parts: &[ImportPart],
    ) -> Result<Option<ImportRanking>, Error> {
        self.want_readings(parts)?;
        let Some((_, readings)) = &self.readings else { return Ok(None) };
        let options = match fact {
            Fact::Reads => {
                let mut any = answers.clone();
                any.suggest(Fact::Reads, ANY_TAP);
                let width = match self.read(what, &any)?.imported {
                    Imported::Dictionary(weights) => weights.config.d_in,
                    Imported::Probe(TappedProbe { probe, .. }) => probe.map.weight.rows,
                    Imported::Model(_) => return Ok(None),
                };
                let taps: Vec<String> = readings.taps(width).map(|tap| tap.to_string()).collect();
                if taps.is_empty() {
                    let message = format!(
                        "{} reads {width} values; no activation of this model has so many",
                        what.file
                    );
                    return Err(Error::bad_import(message));
                }
                taps
            }
            _ => {
                let question = what.questions.iter().find(|question| question.fact == fact);
                question.map(|question| question.options.clone()).unwrap_or_default()
            }
        };
        let (mut measure, mut candidates) = ("fvu", Vec::new());
        for answer in options {
            let mut answers = answers.clone();
            answers.set(fact, answer.clone());
            let value = match self.read(what, &answers) {
                Ok(Read { imported: Imported::Dictionary(weights), .. }) => unexplained(readings, &weights),
                Ok(Read { imported: Imported::Probe(TappedProbe { tap, probe }), .. }) => {
                    measure = "wrong_squares";
                    readings.accuracy(&probe, tap).and_then(|it| it.share()).map(|right| 1.0 - right)
                }
                // A transcoder has no place everywhere.
                _ => None,
            };
            let positions = readings.positions();
            candidates.extend(value.map(|value| ImportCandidate { answer, value, positions }));
        }
        candidates.sort_by(|a, b| a.value.total_cmp(&b.value));
        let clear = match &*candidates {
            [best, next, ..] => best.value < 0.9 * next.value && best.value < 1.0,
            [best] => best.value < 1.0,
            [] => false,
        };
        let clear = candidates.first().filter(|_| clear).map(|best| best.answer.clone());
        Ok(Some(ImportRanking { measure, candidates, clear }))
    }

    /// Runs the model that `parts` name, or that of the base, unless it was.
    fn want_readings(&mut self, parts: &[ImportPart]) -> Result<(), Error> {
        let is_model = |part: &&ImportPart| self.part(part.item).is_ok_and(|what| what.kind == Kind::Model);
        let chosen = parts.iter().find(is_model).map(|part| (part.item, part.answers.clone()));
        if self.readings.as_ref().is_some_and(|(of, _)| *of == chosen) {
            return Ok(());
        }
        let network = match (&chosen, &self.base) {
            (Some((item, answers)), _) => match self.read(self.part(*item)?, answers)?.imported {
                Imported::Model(Model { weights, .. }) => Network::new(weights),
                _ => return Err(Error::internal("a model was read as something else")),
            },
            (None, Some(base)) => base.network.clone(),
            (None, None) => return Ok(()),
        };
        self.readings = Some((chosen, Readings::new(&network)?));
        Ok(())
    }

    fn read(&self, what: &Recognised, answers: &Answers) -> Result<Read, Error> {
        Ok(import::read(&given(&self.files), what, answers)?)
    }

    /// The command that does the same.
    fn command(&self, name: &str, parts: &[ImportPart]) -> Result<Command, Error> {
        let mut words = vec!["othello-lens import".to_owned()];
        words.extend(self.sources.iter().map(|source| source.name.clone()));
        for part in parts {
            let file = &self.part(part.item)?.file;
            for question in &self.part(part.item)?.questions {
                let Some(answer) = part.answers.get(question.fact) else { continue };
                words.push(match question.fact {
                    Fact::Heads => format!("--heads {answer}"),
                    Fact::Squares => format!("--squares {answer}"),
                    Fact::Reads => format!("--reads {answer}={file}"),
                    fact => format!("--answer {fact}={answer}"),
                });
            }
        }
        words.push(format!("--dtype f32 --name {name:?}"));
        Ok(this_program(words.join(" "), 0))
    }
}

/// An activation that every model has.
const ANY_TAP: &str = "blocks.0.hook_resid_post";

/// What no number stands for is as bad as can be.
fn unexplained(readings: &Readings, weights: &DictionaryWeights) -> Option<f64> {
    readings.unexplained(weights).filter(|value| value.is_finite())
}

fn given(files: &[Held]) -> Vec<Given<'_>> {
    files.iter().map(|held| Given { path: held.path.clone(), bytes: Cow::Borrowed(&held.bytes) }).collect()
}

/// The answers, and what is suggested where there is none.
fn with_suggestions(what: &Recognised, answers: &Answers) -> Answers {
    let mut answers = answers.clone();
    for Question { fact, options, suggestion, .. } in &what.questions {
        let any = suggestion.iter().chain(options.first()).next();
        any.into_iter().for_each(|any| answers.suggest(*fact, any.clone()));
    }
    answers
}

impl ImportItem {
    /// What was recognised, read once: what cannot be read is refused before it is chosen.
    fn of(files: &[Given<'_>], what: &Recognised) -> Result<Self, ImportError> {
        let mut answers = with_suggestions(what, &Answers::default());
        let asks = what.questions.iter().any(|question| question.fact == Fact::Reads);
        if asks {
            answers.suggest(Fact::Reads, ANY_TAP);
        }
        let (kind, about, reads) = match import::read(files, what, &answers)?.imported {
            Imported::Model(Model { weights, .. }) => {
                let GptConfig { layers, d_model, context, .. } = weights.config;
                ("model", format!("{layers} layers of width {d_model}, {context} tokens"), None)
            }
            Imported::Dictionary(weights) => {
                let DictionaryConfig { d_in, features, architecture, .. } = &weights.config;
                let about = format!("{features} features of {d_in} values, {}", architecture.name());
                ("dictionary", about, Some(weights.config.tap()))
            }
            Imported::Probe(TappedProbe { tap, probe }) => {
                let about =
                    format!("{} classes a square, of {} values", probe.classes.len(), probe.map.weight.rows);
                ("probe", about, Some(tap))
            }
        };
        Ok(Self {
            file: what.file.clone(),
            family: what.family.clone(),
            kind,
            about,
            reads: reads.filter(|_| !asks).map(|tap| tap.to_string()),
            said: what.said.clone(),
            questions: what.questions.iter().cloned().map(ImportQuestion::from).collect(),
        })
    }
}

impl From<&OwnBundle> for ImportItem {
    fn from(own: &OwnBundle) -> Self {
        let GptConfig { layers, d_model, .. } = own.manifest.model.config;
        let dictionaries = own.manifest.dictionaries.len();
        Self {
            file: own.path.clone(),
            family: "othello-lens bundle".to_owned(),
            kind: "bundle",
            about: format!(
                "{}: {layers} layers of width {d_model}, {dictionaries} dictionaries",
                own.manifest.name
            ),
            reads: None,
            said: Vec::new(),
            questions: Vec::new(),
        }
    }
}

impl From<Question> for ImportQuestion {
    fn from(question: Question) -> Self {
        let Question { fact, options, suggestion, why } = question;
        Self { fact: fact.into(), options, suggestion, why }
    }
}

impl From<Fact> for ImportFact {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Heads => Self::Heads,
            Fact::Squares => Self::Squares,
            Fact::Reads => Self::Reads,
            Fact::PreBias => Self::PreBias,
            Fact::Selection => Self::Selection,
        }
    }
}

impl From<ImportFact> for Fact {
    fn from(fact: ImportFact) -> Self {
        match fact {
            ImportFact::Heads => Self::Heads,
            ImportFact::Squares => Self::Squares,
            ImportFact::Reads => Self::Reads,
            ImportFact::PreBias => Self::PreBias,
            ImportFact::Selection => Self::Selection,
        }
    }
}
