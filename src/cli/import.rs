//! `bundle import`.

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use clap::builder::{OsStringValueParser, TypedValueParser};
use serde_json::Value;

use crate::bundle::Dtype;
use crate::dictionary::import::huben;
use crate::gpt::import::mingpt;
use crate::gpt::{Tap, TapError};
use crate::probe::{Probe, SquareClass, TappedProbe};
use crate::tensor_file::TensorFile;

use super::bundle_builder::{self, BundleArgs, BundleBuilder, file_name};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose names the model's tensors have.
    #[arg(long, value_enum)]
    from: Family,
    /// The model, a safetensors file.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// The model's attention heads, which its shapes do not tell.
    #[arg(long)]
    heads: usize,
    /// How the model was trained, as `key=value`; may be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    training: Vec<KeyValue>,
    /// An SAE and the activation that it reads, as `blocks.5.hook_resid_post=FILE`, layers counted from 0;
    /// may be given again.
    #[arg(long, value_name = "TAP=FILE", requires = "sae_from", value_parser = Located::parser())]
    sae: Vec<Located>,
    /// Whose form the SAEs have.
    #[arg(long, value_enum)]
    sae_from: Option<SaeFamily>,
    /// A linear probe of own, opponent and empty squares (`weight` of d × 192, `bias` of 192, square-major),
    /// given as an SAE is; may be given again.
    #[arg(long, value_name = "TAP=FILE", value_parser = Located::parser())]
    probe: Vec<Located>,
    #[command(flatten)]
    bundle: BundleArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Family {
    /// minGPT (Li et al.).
    Mingpt,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SaeFamily {
    /// Huben's `SparseAutoencoder`, tied or untied.
    Huben,
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
        Ok(Self(key.to_owned(), number_or_text(value)))
    }
}

fn number_or_text(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(number @ Value::Number(_)) => number,
        _ => Value::String(text.to_owned()),
    }
}

/// Imports, rounds, measures and writes.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let mut draft = begin(args)?;
    for located in &args.sae {
        sae(&mut draft, located, args.sae_from)?;
    }
    for located in &args.probe {
        probe(&mut draft, located)?;
    }
    draft.finish(&[], out)
}

fn begin(args: &Args) -> Result<BundleBuilder<'_>> {
    let mut sources = Vec::new();
    let bytes = bundle_builder::read(&args.model, &mut sources)?;
    let exact = match args.from {
        Family::Mingpt => mingpt(&TensorFile::parse(&file_name(&args.model), &bytes)?, args.heads)?,
    };
    let training = args.training.iter().map(|KeyValue(key, value)| (key.clone(), value.clone()));
    BundleBuilder::begin(&args.bundle, exact, Dtype::F32, training.collect(), sources)
}

fn sae(draft: &mut BundleBuilder<'_>, located: &Located, family: Option<SaeFamily>) -> Result<()> {
    let bytes = draft.read(&located.file)?;
    let file = TensorFile::parse(&file_name(&located.file), &bytes)?;
    let exact = match family.context("--sae needs --sae-from")? {
        SaeFamily::Huben => huben(&file, located.tap)?,
    };
    let training = file.metadata().iter().map(|(key, value)| (key.clone(), number_or_text(value)));
    draft.sae(file.name(), None, &exact, training.collect())
}

fn probe(draft: &mut BundleBuilder<'_>, located: &Located) -> Result<()> {
    const CLASSES: [SquareClass; 3] = [SquareClass::Own, SquareClass::Opponent, SquareClass::Empty];

    let bytes = draft.read(&located.file)?;
    let file = TensorFile::parse(&file_name(&located.file), &bytes)?;
    let probe = Probe::read(&file, draft.config().d_model, &CLASSES)?;
    draft.probe(file.name(), None, &TappedProbe { tap: located.tap, probe })
}
