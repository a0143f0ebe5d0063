//! The one place where the library's errors become JS errors: each gets the stable code that
//! `pkg/src/error.ts` lists, and what is known of it as plain data.

use js_sys::Reflect;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::bundle::{BundleError, Manifest, ManifestError};
use crate::games::{self, FileError};
use crate::import::check::CheckError;
use crate::import::{self, ImportError, OwnBundleError, PackError};
use crate::lens::{EngineError, LensError};
use crate::othello::{Game, TranscriptErrorKind};
use crate::plan::PlanError;

use super::loader::AssetLoader;

/// An error on its way to JS.
#[derive(Debug)]
pub struct Error {
    code: &'static str,
    message: String,
    details: Details,
}

/// Why a call of JS gives no result.
pub enum Refusal {
    /// It failed.
    Error(Error),
    /// Something has to be brought first; JS is thrown what brings it.
    Needs(Box<AssetLoader>),
}

/// What is known of an error besides its message; a field is left out where it says nothing.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    move_number: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offers: Option<Vec<TextOffer>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

/// A reading under which a refused text is a game.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TextOffer {
    read_as: &'static str,
    words: &'static str,
    transcript: String,
}

impl Error {
    fn new(code: &'static str, message: impl ToString) -> Self {
        Self { code, message: message.to_string(), details: Details::default() }
    }

    /// An argument that names what does not exist. Its kind was checked before it came here.
    pub(super) fn argument(argument: &'static str, found: impl ToString, expected: impl ToString) -> Self {
        let (found, expected) = (found.to_string(), expected.to_string());
        let message = format!("`{argument}` is {found}; expected {expected}");
        let details = Details {
            argument: Some(argument),
            found: Some(found),
            expected: Some(expected),
            ..Details::default()
        };
        Self { details, ..Self::new("bad_argument", message) }
    }

    /// A number that is beyond the last one.
    pub(super) fn beyond(argument: &'static str, found: usize, last: usize) -> Self {
        Self::argument(argument, found, format!("a whole number from 0 to {last}"))
    }

    /// Files that make no bundle.
    pub(super) fn bad_import(message: impl ToString) -> Self {
        Self::new("bad_import", message)
    }

    /// Weights that do not fit each other.
    pub(super) fn bad_weights(message: impl ToString) -> Self {
        Self::new("bad_weights", message)
    }

    /// A file of what was measured that cannot be read.
    pub(super) fn bad_figures(file: &str, reason: impl std::fmt::Display) -> Self {
        let details = Details { file: Some(file.to_owned()), ..Details::default() };
        Self { details, ..Self::new("bad_weights", format!("{file}: {reason}")) }
    }

    /// Activations that are no numbers.
    pub(super) fn not_finite(message: impl ToString) -> Self {
        Self::new("not_finite", message)
    }

    /// A defect of ours.
    pub(super) fn internal(message: impl ToString) -> Self {
        Self::new("internal", message)
    }

    /// The same error about the move `text` after `game`, which stands.
    pub(super) fn about_move(self, text: String, game: &Game) -> Self {
        let details = Details {
            move_number: Some(game.len() + 1),
            text: Some(text),
            kept: Some(game.to_string()),
            ..self.details
        };
        Self { details, ..self }
    }

    /// A position that the cards of a dictionary name and their corpus does not have.
    pub(super) fn no_such_ply(seed: u64, ply: usize, last: usize) -> Self {
        let message = format!("a card names ply {ply} of the random game {seed}, which ends at ply {last}");
        Self::new("bad_weights", message)
    }

    /// Text that is no move.
    pub(super) fn not_a_move(message: impl ToString) -> Self {
        Self::new("bad_transcript", message)
    }

    /// A transcript that cannot be read to its end. JS counts text in UTF-16 units.
    pub(super) fn transcript(refusal: &games::Refusal, transcript: &str) -> Self {
        let error = &refusal.error;
        let code = match error.kind {
            TranscriptErrorKind::Illegal(_)
            | TranscriptErrorKind::Mirrored(_)
            | TranscriptErrorKind::PassNotDue { .. }
            | TranscriptErrorKind::AfterEnd => "illegal_move",
            _ => "bad_transcript",
        };
        let before = transcript.get(..error.offset).unwrap_or_default();
        let (number, offered) = (error.move_number(), refusal.offered());
        let message = format!("move {number} ({:?}): {}{offered}", error.text, error.kind);
        let offers = refusal.offers.iter().map(|offer| TextOffer {
            read_as: offer.read_as.name(),
            words: offer.read_as.words(),
            transcript: offer.game.to_string(),
        });
        Self {
            details: Details {
                move_number: Some(number),
                text: Some(error.text.to_string()),
                offset: Some(before.encode_utf16().count()),
                kept: Some(error.game.to_string()),
                offers: (!refusal.offers.is_empty()).then(|| offers.collect()),
                ..Details::default()
            },
            ..Self::new(code, message)
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::new("bad_games", error)
    }
}

impl From<import::FileError> for Error {
    fn from(error: import::FileError) -> Self {
        Self::new("bad_import", error)
    }
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        Self::new("bad_import", error)
    }
}

impl From<CheckError> for Error {
    fn from(error: CheckError) -> Self {
        Self::new("bad_import", error)
    }
}

impl From<PackError> for Error {
    fn from(error: PackError) -> Self {
        Self::new("bad_import", error)
    }
}

impl From<OwnBundleError> for Error {
    fn from(error: OwnBundleError) -> Self {
        Self::new("bad_import", error)
    }
}

impl From<BundleError> for Error {
    fn from(error: BundleError) -> Self {
        let manifest = || Some(Manifest::FILE.to_owned());
        let (code, file) = match &error {
            BundleError::Manifest(ManifestError::NewerFormat { .. }) => ("newer_format", manifest()),
            BundleError::Manifest(ManifestError::OlderFormat { .. }) => ("older_format", manifest()),
            BundleError::Manifest(_) => ("bad_manifest", manifest()),
            BundleError::NoSuchDictionary { .. } => ("no_such_dictionary", None),
            BundleError::Length { file, .. } | BundleError::Hash { file, .. } => {
                ("file_damaged", Some(file.clone()))
            }
            BundleError::Tensor(tensor) => ("bad_weights", Some(tensor.file().to_owned())),
            BundleError::OutOfTurn { file, .. }
            | BundleError::Value { file, .. }
            | BundleError::LabelSet { file, .. }
            | BundleError::Atlas { file, .. } => ("bad_weights", Some(file.clone())),
            BundleError::TooLarge { file, .. } => ("too_large", Some(file.clone())),
            BundleError::Incomplete { .. } => ("bad_weights", None),
            _ => ("internal", None),
        };
        Self { details: Details { file, ..Details::default() }, ..Self::new(code, error) }
    }
}

impl From<LensError> for Error {
    fn from(error: LensError) -> Self {
        match error {
            LensError::IllegalMove(_) => Self::new("illegal_move", error),
            LensError::Plan(PlanError::NoSuchLayer { asked, last }) => {
                Self::argument("options.taps", format!("layer {asked}"), format!("a layer from 0 to {last}"))
            }
            LensError::NoSuchFeature { asked, last } => Self::beyond("feature", asked, last),
            LensError::NoDirectEffect { tap } => Self::argument(
                "dictionary",
                format!("one that writes {tap}"),
                "one that adds to the residual stream",
            ),
            LensError::Plan(PlanError::Dictionary { .. }) => Self::new("bad_weights", error),
            LensError::Engine(EngineError::NoGpu { .. }) => Self::new("gpu_unavailable", error),
            LensError::Engine(EngineError::SelfTest(_)) => Self::new("bad_weights", error),
            LensError::Engine(EngineError::NotFinite { .. }) => Self::new("not_finite", error),
            LensError::Plan(_) | LensError::Engine(_) | LensError::NextMove(_) => Self::internal(error),
        }
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let js = js_sys::Error::new(&error.message);
        let details = serde_wasm_bindgen::to_value(&error.details).unwrap_or(Self::UNDEFINED);
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&js, &"code".into(), &error.code.into());
        let _ = Reflect::set(&js, &"details".into(), &details);
        js.into()
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<BundleError> for Refusal {
    fn from(error: BundleError) -> Self {
        Self::Error(error.into())
    }
}

impl From<LensError> for Refusal {
    fn from(error: LensError) -> Self {
        Self::Error(error.into())
    }
}

impl From<Refusal> for JsValue {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Error(error) => error.into(),
            Refusal::Needs(loader) => (*loader).into(),
        }
    }
}
