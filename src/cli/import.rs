//! `import`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, bail, ensure};
use clap::builder::{OsStringValueParser, TypedValueParser};
use serde_json::Value;

use crate::bundle::{BundleDir, Dtype, Manifest, ModelEntry, Source, Trained};
use crate::gpt::{Tap, TapError};
use crate::import::check::Candidate;
use crate::import::{
    Answers, Fact, FileSquares, Given, ImportError, Imported, Kind, Model, OtherClasses, Question, Read,
    Readings, Recognised, check, is_read, read, recognise,
};
use crate::plan::Network;
use crate::probe::{Probe, SquareClass};

use super::bundle_builder::{self, BundleArgs, BundleBuilder};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A model, SAEs and probes as their makers left them: torch, safetensors, numpy or whole pickled objects, with the
    /// JSON files that lie beside them; folders and zips of such files. In place of the model's file, a bundle that has
    /// it.
    #[arg(value_name = "FILE|DIR", required_unless_present = "reads")]
    files: Vec<PathBuf>,
    /// A file whose SAE or probe reads this activation, as `blocks.5.hook_resid_post=FILE`, layers counted from 0; may
    /// be given again.
    #[arg(long, value_name = "TAP=FILE", value_parser = Located::parser())]
    reads: Vec<Located>,
    /// The model's attention heads; without it they are told by how well the model plays.
    #[arg(long)]
    heads: Option<usize>,
    /// How the model numbers squares, `letter-major` (a1, a2, a3 …) or `row-major` (a1, b1, c1 …); without it as others
    /// of its family do.
    #[arg(long, value_name = "ORDER", value_parser = squares)]
    squares: Option<String>,
    /// An answer to anything else that a file does not tell, as `pre_bias=no`; may be given again.
    #[arg(long, value_name = "FACT=VALUE")]
    answer: Vec<Answer>,
    /// How the model was trained, as `key=value`; may be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    training: Vec<KeyValue>,
    #[command(flatten)]
    bundle: BundleArgs,
}

/// A file that belongs to an activation: `blocks.5.hook_resid_post=FILE`.
#[derive(Clone, Debug)]
struct Located {
    tap: Tap,
    file: PathBuf,
}

/// `key=value`, the value a number or text.
#[derive(Clone, Debug)]
struct KeyValue(String, Value);

/// `fact=value`.
#[derive(Clone, Debug)]
struct Answer(Fact, String);

impl Located {
    fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|text| Self::parse(&text))
    }

    /// The tap is text; the path need not be.
    fn parse(text: &OsStr) -> Result<Self, String> {
        let expected = "expected TAP=FILE, such as blocks.5.hook_resid_post=sae.safetensors";
        let begin = text.to_string_lossy().split_once('=').map(|(tap, _)| tap.to_owned()).ok_or(expected)?;
        let file = rest(text, begin.len() + 1).ok_or(expected)?;
        let tap = begin.parse().map_err(|error: TapError| error.to_string())?;
        Ok(Self { tap, file: file.into() })
    }
}

/// `text` from byte `at` on; `None` if it cannot be cut there.
#[cfg(unix)]
fn rest(text: &OsStr, at: usize) -> Option<&OsStr> {
    use std::os::unix::ffi::OsStrExt as _;
    text.as_bytes().get(at..).map(OsStr::from_bytes)
}

/// `text` from byte `at` on; `None` if it cannot be cut there.
#[cfg(not(unix))]
fn rest(text: &OsStr, at: usize) -> Option<&OsStr> {
    text.to_str()?.get(at..).map(OsStr::new)
}

impl FromStr for KeyValue {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
        let number = serde_json::from_str(value).ok().filter(Value::is_number);
        Ok(Self(key.to_owned(), number.unwrap_or_else(|| value.into())))
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (fact, value) = text.split_once('=').ok_or("expected FACT=VALUE")?;
        Ok(Self(fact.parse()?, value.to_owned()))
    }
}

fn squares(text: &str) -> Result<String, &'static str> {
    let known = text.parse::<FileSquares>().map_err(|()| "expected letter-major or row-major")?;
    Ok(known.to_string())
}

/// Something to be imported: what it is, and what was answered of it.
struct Item {
    what: Recognised,
    answers: Answers,
}

/// Recognises, asks, rounds, measures and writes.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let mut sources = Vec::new();
    let bytes = read_all(args, &mut sources)?;
    let mut files = Vec::new();
    for (path, bytes) in &bytes {
        files.extend(Given::unpack(path, bytes)?);
    }
    let items = items(args, &files)?;
    let base = base(args, &mut sources)?;
    let models: Vec<&Item> = items.iter().filter(|item| item.what.kind == Kind::Model).collect();
    let mut ignored: Vec<&str> = models.iter().map(|item| &*item.what.file).collect();
    if base.is_none() && !ignored.is_empty() {
        ignored.remove(0);
    }
    if !ignored.is_empty() {
        writeln!(out, "of several models the first is taken, not that in {}", ignored.join(", "))?;
    }

    let given = args.training.iter().map(|KeyValue(key, value)| (key.clone(), value.clone()));
    let mut draft = match (base, models.first()) {
        (Some(base), _) => {
            let ModelEntry { folded, dtype, .. } = base.manifest().model;
            let Trained { weights, mut training, steps } = base.trained_gpt()?;
            training.extend(given);
            let mut draft = BundleBuilder::begin(&args.bundle, weights, folded, dtype, training, sources)?;
            draft.steps(steps);
            draft
        }
        (None, Some(first)) => {
            let Read { imported, said, .. } = import(&files, first, out)?;
            let Imported::Model(Model { weights, folded }) = imported else {
                bail!("{} is no model", first.what.file)
            };
            say(&first.what, &said, out)?;
            BundleBuilder::begin(&args.bundle, weights, folded, Dtype::F32, given.collect(), sources)?
        }
        (None, None) => return Err(no_model(&files, &items)),
    };
    let mut readings = None;
    for item in items.iter().filter(|item| item.what.kind != Kind::Model) {
        let Read { imported, said, told } = import(&files, item, out)?;
        say(&item.what, &said, out)?;
        match imported {
            Imported::Dictionary(weights) => draft.sae(&item.what.file, None, &weights, told)?,
            Imported::Probe(mut probe) => {
                let readings = match &mut readings {
                    Some(readings) => readings,
                    none => none.insert(Readings::new(&Network::new(draft.model().clone()))?),
                };
                if let Some(found) = readings.other_classes(&probe.probe, probe.tap) {
                    writeln!(out, "{}: {}", item.what.file, other_classes(&probe.probe, &found))?;
                    probe.probe = found.of(&probe.probe);
                }
                draft.probe(&item.what.file, None, &probe)?;
            }
            Imported::Model(_) => bail!("{} is a model", item.what.file),
        }
    }
    draft.finish(&[], out)
}

/// In which order the classes of a probe are, in words.
fn other_classes(probe: &Probe, found: &OtherClasses) -> String {
    let list =
        |classes: &[SquareClass]| classes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!(
        "in random games {:.1} % of squares are right if its classes are {}, and {:.1} % if they are {}, as in other files \
         of its family: it is taken to have the former",
        100.0 * found.best,
        list(&found.classes),
        100.0 * found.said,
        list(&probe.classes),
    )
}

/// What is wrong with files of which none has a model: what of them is not read at all, else what they are.
fn no_model(files: &[Given<'_>], items: &[Item]) -> anyhow::Error {
    for item in items {
        let read = import(files, item, &mut std::io::sink());
        if let Err(error) = read
            && matches!(error.downcast_ref(), Some(ImportError::NotRead { .. }))
        {
            return error;
        }
    }
    let found: Vec<String> =
        items.iter().map(|item| format!("{}: {}", item.what.file, item.what.family)).collect();
    let found = if found.is_empty() { "they hold no weights".to_owned() } else { found.join(", ") };
    anyhow::anyhow!(
        "none of the files is a model ({found}); give the model that is read too, or a bundle that has it"
    )
}

/// The bundle among the folders that were named.
fn base(args: &Args, sources: &mut Vec<Source>) -> Result<Option<BundleDir>> {
    let bundles: Vec<&PathBuf> = args.files.iter().filter(|path| is_bundle(path)).collect();
    ensure!(bundles.len() < 2, "a bundle has one model; {} bundles were given", bundles.len());
    let Some(path) = bundles.first() else { return Ok(None) };
    bundle_builder::read(&path.join(Manifest::FILE), sources)?;
    Ok(Some(BundleDir::open(path)?))
}

fn is_bundle(path: &Path) -> bool {
    path.join(Manifest::FILE).is_file()
}

/// The files that were named and those in the folders that were, but for bundles.
fn read_all(args: &Args, sources: &mut Vec<Source>) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut paths = Vec::new();
    let named = args.files.iter().filter(|path| !is_bundle(path));
    for path in named.chain(args.reads.iter().map(|located| &located.file)) {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        let cannot = || format!("cannot read {}", path.display());
        let entries = fs::read_dir(path).with_context(cannot)?.collect::<Result<Vec<_>, _>>();
        let mut inside: Vec<PathBuf> = entries.with_context(cannot)?.iter().map(fs::DirEntry::path).collect();
        inside.retain(|path| path.is_file() && is_read(&name(path)));
        inside.sort();
        ensure!(!inside.is_empty(), "{} has no file of a kind that is read", path.display());
        paths.extend(inside);
    }
    let mut all = BTreeMap::new();
    for path in paths {
        if let Entry::Vacant(entry) = all.entry(name(&path)) {
            entry.insert(bundle_builder::read(&path, sources)?);
        }
    }
    Ok(all)
}

/// What a file is called in messages.
fn name(path: &Path) -> String {
    path.display().to_string()
}

/// What is in the files, an entry for each activation that a file is said to read.
fn items(args: &Args, files: &[Given<'_>]) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for what in recognise(files)? {
        let mut answers: Answers =
            args.answer.iter().map(|Answer(fact, value)| (*fact, value.clone())).collect();
        let heads = args.heads.map(|heads| (Fact::Heads, heads.to_string()));
        let squares = args.squares.clone().map(|squares| (Fact::Squares, squares));
        heads.into_iter().chain(squares).for_each(|(fact, answer)| answers.set(fact, answer));
        let taps =
            args.reads.iter().filter(|located| name(&located.file) == what.file).map(|located| located.tap);
        let taps: Vec<Tap> = taps.filter(|_| what.kind != Kind::Model).collect();
        if taps.is_empty() {
            items.push(Item { what, answers });
            continue;
        }
        for tap in taps {
            let mut answers = answers.clone();
            answers.set(Fact::Reads, tap.to_string());
            items.push(Item { what: what.clone(), answers });
        }
    }
    for Located { file, tap } in &args.reads {
        let named = name(file);
        ensure!(
            file.is_dir()
                || items.iter().any(|item| item.what.file == named && item.what.kind != Kind::Model),
            "{named} is to read {tap}, but it holds no SAE and no probe"
        );
    }
    Ok(items)
}

/// Reads one of the files; what it does not tell and nobody answered is suggested.
fn import(files: &[Given<'_>], item: &Item, out: &mut dyn Write) -> Result<Read> {
    let mut answers = item.answers.clone();
    let mut chosen = Vec::new();
    for question in &item.what.questions {
        if answers.get(question.fact).is_some() {
            continue;
        }
        let (answer, why) = match (question.fact, &question.suggestion) {
            (Fact::Heads, _) => heads(files, item, question, &answers)?,
            (_, Some(suggestion)) => (suggestion.clone(), question.why.clone()),
            (fact, None) => {
                bail!("{}: {}; say it by {}", item.what.file, question.why, flag(fact, &item.what.file))
            }
        };
        chosen.push(format!("{} {answer}: {why}", question.fact));
        answers.suggest(question.fact, answer);
    }
    let read = read(files, &item.what, &answers)?;
    for line in chosen {
        writeln!(out, "{}: {line}", item.what.file)?;
    }
    Ok(read)
}

/// The number of heads under which the model plays legal moves, if one stands out.
fn heads(
    files: &[Given<'_>],
    item: &Item,
    question: &Question,
    answers: &Answers,
) -> Result<(String, String)> {
    let candidates: Vec<usize> = question.options.iter().filter_map(|option| option.parse().ok()).collect();
    let mut answers = answers.clone();
    for question in &item.what.questions {
        let any = question.suggestion.iter().chain(question.options.first()).next();
        any.into_iter().for_each(|any| answers.suggest(question.fact, any.clone()));
    }
    let Imported::Model(Model { weights, .. }) = read(files, &item.what, &answers)?.imported else {
        bail!("{} is no model", item.what.file)
    };
    let ranked = check::rank_heads(weights, &candidates)?;
    let percent = |it: &Candidate| format!("{}: {:.1} %", it.heads, 100.0 * it.illegal_top1);
    let table = ranked.iter().map(percent).collect::<Vec<_>>().join(", ");
    match check::clear(&ranked) {
        Some(best) => Ok((best.to_string(), format!("illegal first choices in random games are {table}"))),
        None => bail!(
            "{}: {}, and how it plays does not either (illegal first choices by number of heads: {table}); say it by {}",
            item.what.file,
            question.why,
            flag(Fact::Heads, &item.what.file)
        ),
    }
}

/// How something is said on the command line.
fn flag(fact: Fact, file: &str) -> String {
    match fact {
        Fact::Heads => "--heads N".to_owned(),
        Fact::Squares => "--squares letter-major|row-major".to_owned(),
        Fact::Reads => format!("--reads blocks.LAYER.HOOK={file}"),
        Fact::PreBias => "--answer pre_bias=yes|no".to_owned(),
        Fact::Selection => "--answer selection=top_k|batch_top_k".to_owned(),
    }
}

fn say(what: &Recognised, said: &[String], out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}: {}", what.file, what.family)?;
    for line in said {
        writeln!(out, "{}: {line}", what.file)?;
    }
    Ok(())
}
