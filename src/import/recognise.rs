//! What files are: the family of each, and what it does not tell.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::answers::{Answers, Question};
use super::families::{FAMILIES, Family, Kind, Read, Source};
use super::kind::without_mark;
use super::{File, FileError, FileKind, ImportError, TensorSet, zip};

/// A file that somebody gives.
#[derive(Clone, Debug)]
pub struct Given<'a> {
    /// Its path, as far as it is known: files in one folder belong together.
    pub path: String,
    /// What is in it.
    pub bytes: Cow<'a, [u8]>,
}

/// A model, a dictionary or a probe in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recognised {
    /// The file's path.
    pub file: String,
    /// What the names of its tensors begin with there, `module.`; most often nothing.
    pub prefix: String,
    /// The family, as people call it.
    pub family: String,
    /// What it holds.
    pub kind: Kind,
    /// What was done to the names, a sentence each.
    pub said: Vec<String>,
    /// What the file does not tell.
    pub questions: Vec<Question>,
}

/// How deep the tensors of a model may lie in a file: `checkpoint.state_dict.module.`.
const MAX_DEPTH: usize = 4;

/// The most names of one level that are looked into.
const MAX_NAMES: usize = 50;

impl<'a> Given<'a> {
    /// The file, or, of a zip in which neither torch nor numpy wrote, the files in it of kinds that are read.
    ///
    /// # Errors
    /// [`FileError::Zip`].
    pub fn unpack(path: &str, bytes: &'a [u8]) -> Result<Vec<Self>, FileError> {
        if FileKind::of(bytes) != FileKind::Zip {
            return Ok(vec![Self { path: path.to_owned(), bytes: bytes.into() }]);
        }
        let parts = zip::parts(path, bytes)?;
        let tensors = |name: &str| name.ends_with("data.pkl") || name.ends_with(".npy");
        if parts.iter().any(|part| tensors(&part.name)) {
            return Ok(vec![Self { path: path.to_owned(), bytes: bytes.into() }]);
        }
        let parts = parts.into_iter().filter(|part| is_read(&part.name));
        Ok(parts.map(|part| Self { path: format!("{path}/{}", part.name), bytes: part.bytes }).collect())
    }

    /// The last part of its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

/// Whether a file of a folder or a zip is looked into: told by how its name ends.
#[must_use]
pub fn is_read(path: &str) -> bool {
    const ENDINGS: [&str; 11] =
        ["safetensors", "json", "pt", "pth", "ckpt", "bin", "pkl", "pickle", "npy", "npz", "zip"];
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    // What macOS puts beside each file begins with a dot.
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|_| !name.starts_with('.'));
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// What each of `files` holds, in their order.
///
/// # Errors
/// [`ImportError`] of the first file that cannot be read or is of no family.
pub fn recognise(files: &[Given<'_>]) -> Result<Vec<Recognised>, ImportError> {
    let all = files.iter().map(|given| recognise_one(files, given)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.concat())
}

/// What one of `files` holds. A JSON file speaks of the files beside it and holds nothing itself.
///
/// # Errors
/// [`ImportError`]: it cannot be read or is of no family.
pub fn recognise_one(files: &[Given<'_>], given: &Given<'_>) -> Result<Vec<Recognised>, ImportError> {
    if FileKind::of(&given.bytes) == FileKind::Json {
        return Ok(Vec::new());
    }
    let config = config(files, given)?;
    let file = File::open(&given.path, &given.bytes)?;
    let contents = file.contents()?;
    let source = Source { tensors: contents.tensors()?, config: config.as_ref() };
    if source.tensors.names().next().is_none() {
        return Err(FileError::Without { file: given.path.clone(), what: contents.what() }.into());
    }
    if is_sparsity(&source.tensors) {
        return Ok(Vec::new());
    }
    let found = find_all(&source);
    if found.is_empty() {
        return Err(ImportError::Family { file: given.path.clone(), found: first_tensors(&source.tensors) });
    }
    let recognised = found.iter().map(|(prefix, family)| {
        let part = part(&source, prefix, &found);
        let mut said = Vec::new();
        if !prefix.is_empty() {
            said.push(format!("the prefix `{prefix}` was stripped from the names of its tensors"));
        }
        let within = found.iter().map(|(prefix, _)| prefix.as_str()).collect::<Vec<_>>();
        let mut others = source.tensors.names().filter(|name| !within.iter().any(|it| name.starts_with(it)));
        if let Some(first) = others.next() {
            said.push(format!("{} other tensors were left out, such as `{first}`", others.count() + 1));
        }
        Ok(Recognised {
            file: given.path.clone(),
            prefix: prefix.clone(),
            family: family.name.to_owned(),
            kind: family.kind,
            said,
            questions: (family.ask)(&part)?,
        })
    });
    recognised.collect()
}

/// Reads one of what was recognised in `files`.
///
/// # Errors
/// [`ImportError`]: a tensor that is missing or misshapen, or a question that was not answered or not well.
pub fn read(files: &[Given<'_>], what: &Recognised, answers: &Answers) -> Result<Read, ImportError> {
    let missing = || ImportError::Family { file: what.file.clone(), found: "not there any more".to_owned() };
    let given = files.iter().find(|given| given.path == what.file).ok_or_else(missing)?;
    let config = config(files, given)?;
    let file = File::open(&given.path, &given.bytes)?;
    let contents = file.contents()?;
    let source = Source { tensors: contents.tensors()?, config: config.as_ref() };
    let found = find_all(&source);
    let (_, family) = found.iter().find(|(prefix, _)| *prefix == what.prefix).ok_or_else(missing)?;
    let part = part(&source, &what.prefix, &found);
    let mut read = (family.read)(&part, answers)?;
    read.said.splice(0..0, what.said.iter().cloned());
    read.told = part.told();
    Ok(read)
}

/// The JSON object in the folder of `given`: `cfg.json` or `config.json` before others.
fn config(files: &[Given<'_>], given: &Given<'_>) -> Result<Option<Value>, ImportError> {
    let beside = files.iter().filter(|it| it.folder() == given.folder());
    let mut beside: Vec<_> = beside.filter(|it| FileKind::of(&it.bytes) == FileKind::Json).collect();
    beside.sort_by_key(|it| !["cfg.json", "config.json"].iter().any(|name| it.path.ends_with(name)));
    let Some(first) = beside.first() else { return Ok(None) };
    let json = serde_json::from_slice(without_mark(&first.bytes));
    Ok(Some(json.map_err(|error| FileError::Json { file: first.path.clone(), reason: error.to_string() })?))
}

/// Every family that is found among the tensors, with the prefix under which it is.
fn find_all(source: &Source<'_>) -> Vec<(String, &'static Family)> {
    let mut found = Vec::new();
    find(source, "", 0, &mut found);
    found
}

fn find(source: &Source<'_>, prefix: &str, depth: usize, found: &mut Vec<(String, &'static Family)>) {
    let family = FAMILIES.into_iter().find(|family| (family.recognise)(source));
    found.extend(family.map(|family| (prefix.to_owned(), family)));
    if depth == MAX_DEPTH {
        return;
    }
    let others = source.tensors.names().filter(|name| family.is_none_or(|family| !(family.knows)(name)));
    let heads: BTreeSet<&str> =
        others.filter_map(|name| name.split_once('.')).map(|(head, _)| head).collect();
    for head in heads.into_iter().take(MAX_NAMES) {
        let head = format!("{head}.");
        let within = source.tensors.renamed(|name| name.strip_prefix(&head).map(str::to_owned));
        find(
            &Source { tensors: within, config: source.config },
            &format!("{prefix}{head}"),
            depth + 1,
            found,
        );
    }
}

/// The tensors under `prefix` that are not under a longer one of those found.
fn part<'a>(source: &Source<'a>, prefix: &str, found: &[(String, &Family)]) -> Source<'a> {
    let deeper: Vec<&str> = found
        .iter()
        .map(|(it, _)| it.as_str())
        .filter(|it| it.len() > prefix.len() && it.starts_with(prefix))
        .collect();
    let tensors = source.tensors.renamed(|name| {
        let is_deeper = deeper.iter().any(|it| name.starts_with(it));
        name.strip_prefix(prefix).filter(|_| !is_deeper).map(str::to_owned)
    });
    Source { tensors, config: source.config }
}

/// Whether it is how often an SAE's features are active, which SAELens writes beside the weights.
fn is_sparsity(tensors: &TensorSet<'_>) -> bool {
    tensors.len() == 1 && tensors.contains("sparsity")
}

fn first_tensors(tensors: &TensorSet<'_>) -> String {
    let names = tensors.names().take(4).map(|name| {
        let shape = tensors.shape(name).unwrap_or_default();
        format!("`{name}` {shape:?}")
    });
    match tensors.len() {
        0 => "none".to_owned(),
        count if count > 4 => format!("{} and {} more", names.collect::<Vec<_>>().join(", "), count - 4),
        _ => names.collect::<Vec<_>>().join(", "),
    }
}
