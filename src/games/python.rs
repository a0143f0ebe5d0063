//! Games in files of Python: a pickled list of lists, as of the OthelloGPT notebooks' `gen10e5_*.pickle`, or an array
//! `[games, moves]` of numpy or torch, as their `board_seqs_*.npy` and `.pth`.

use crate::import::pickle::{Kind, Value};
use crate::import::{self, Array, File, FileKind, TensorSet};

use super::FileError;
use super::found::Found;
use super::numbers::{self, Numbers};

/// What a file is called in errors.
const NAME: &str = "the file";

/// The opcode that every pickle of the last twenty years begins with.
const PROTOCOL: u8 = 0x80;

/// How deep a list of games may lie: in a dictionary, in a list.
const DEPTH: usize = 2;

/// The most characters of a move in a list of them.
const LONGEST_MOVE: usize = 4;

/// Whether bytes begin a file of Python.
pub(super) fn begins(bytes: &[u8]) -> bool {
    match FileKind::of(bytes) {
        FileKind::Zip | FileKind::Npy => true,
        FileKind::Pickle if bytes.first() == Some(&PROTOCOL) => true,
        _ => is_old(bytes),
    }
}

/// Whether bytes begin a list, a dictionary or a tuple as pickles of Python 2 do, which are texts: `(lp0`, `((I37`.
fn is_old(bytes: &[u8]) -> bool {
    let marks = bytes.iter().take_while(|&&byte| byte == b'(').count();
    let opcode = match &bytes[marks..] {
        [b'l' | b'd', b'p', digit, ..] | [b'I', digit, ..] => digit.is_ascii_digit(),
        _ => false,
    };
    marks > 0 && opcode
}

/// A game in a file of Python.
enum Row {
    Numbers(Numbers),
    Text(String),
}

impl Row {
    fn put(self, found: &mut Found) {
        match self {
            Self::Numbers(row) => found.row(row, 0),
            Self::Text(text) => found.text(&text, 0, Default::default()),
        }
    }
}

/// Takes in the games of a whole file.
///
/// # Errors
/// [`FileError::Python`] if it is damaged, [`FileError::NotGames`] if there are none in it.
pub(super) fn read(bytes: &[u8], found: &mut Found) -> Result<(), FileError> {
    let file = File::open(NAME, bytes)?;
    let contents = file.contents()?;
    let tensors = contents.tensors()?;
    let are_arrays = arrays(&tensors, found)?;
    if let Some(pickle) = contents.pickle().filter(|_| !are_arrays) {
        games(pickle.root(), 0, &mut bytes.len(), found);
    }
    if found.count() == 0 {
        return Err(FileError::NotGames { found: "a file of Python without rows of whole numbers" });
    }
    Ok(())
}

/// Takes in arrays `[games, moves]` or `[games, moves, 2]`, or else those that are one game each; says whether there
/// are any.
fn arrays(tensors: &TensorSet<'_>, found: &mut Found) -> Result<bool, FileError> {
    let mut all: Vec<(&str, &Array<'_>)> =
        tensors.names().filter_map(|name| Some((name, tensors.get(name)?))).collect();
    let of_games = |array: &&Array<'_>| matches!(array.shape(), [_, _] | [_, _, 2]);
    if let Some(array) = all.iter().map(|(_, array)| *array).find(of_games) {
        let width = array.shape()[1..].iter().product::<usize>().max(1);
        for row in whole(array)?.chunks(width) {
            found.row(row.iter().copied().map(small).collect(), 0);
        }
        return Ok(true);
    }
    all.retain(|(_, array)| array.shape().len() == 1 && (1..=numbers::MOST).contains(&array.len()));
    // The tenth of a list comes after the ninth.
    all.sort_by_key(|(name, _)| (name.len(), *name));
    for (_, array) in &all {
        found.row(whole(array)?.into_iter().map(small).collect(), 0);
    }
    Ok(!all.is_empty())
}

/// The values of an array of whole numbers, which may be written as floating-point numbers.
fn whole(array: &Array<'_>) -> Result<Vec<i64>, FileError> {
    array.integers().or_else(|error| {
        let values = array.floats().unwrap_or_default();
        let is_whole = values.len() == array.len() && values.iter().all(|value| value.fract() == 0.0);
        is_whole
            .then(|| values.into_iter().map(|value| value as i64).collect())
            .ok_or_else(|| FileError::Array(error.to_string()))
    })
}

/// Takes in the games of a list or a dictionary of them, or of those that lie in it. `values` is how many may be looked
/// at: the same list may stand in many places.
fn games(value: Value<'_>, depth: usize, values: &mut usize, found: &mut Found) {
    if let Some(row) = row_of(value) {
        return row.put(found);
    }
    let before = found.count();
    let within = || value.items().chain(value.entries().map(|(_, value)| value));
    for item in within() {
        *values = values.saturating_sub(1);
        if *values == 0 || found.is_cut() {
            return;
        }
        match item.kind() {
            // In a dictionary it is a remark.
            Kind::Text(text) if value.items().len() > 0 => Row::Text(text.into_owned()).put(found),
            // A game with what is told of it.
            Kind::Dict => {
                let row = item.entries().find_map(|(_, value)| row_of(value));
                row.into_iter().for_each(|row| row.put(found));
            }
            _ => row_of(item).into_iter().for_each(|row| row.put(found)),
        }
    }
    if found.count() == before && depth < DEPTH {
        within().for_each(|value| games(value, depth + 1, values, found));
    }
}

/// The game that a list is: of whole numbers, of pairs of them, or of texts that are a move each.
fn row_of(value: Value<'_>) -> Option<Row> {
    if !(1..=numbers::MOST).contains(&value.items().len()) {
        return None;
    }
    let pair = |item: Value<'_>| match item.items().len() {
        2 => item.items().map(|item| item.int().map(small)).collect::<Option<Vec<i16>>>(),
        _ => None,
    };
    let numbers = value.items().map(|item| item.int().map(small)).collect::<Option<Numbers>>();
    let pairs = || value.items().map(pair).collect::<Option<Vec<_>>>().map(|pairs| pairs.concat());
    let texts = || value.items().map(|item| item.text()).collect::<Option<Vec<_>>>();
    let moves = || texts().filter(|texts| texts.iter().all(|text| text.len() <= LONGEST_MOVE));
    let row = numbers.or_else(pairs).map(Row::Numbers);
    row.or_else(|| moves().map(|moves| Row::Text(moves.join(" "))))
}

fn small(number: i64) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}

impl From<import::FileError> for FileError {
    fn from(error: import::FileError) -> Self {
        match error {
            import::FileError::NoTensors { .. } => {
                Self::NotGames { found: "a zip of other files: unpack it first" }
            }
            error => Self::Python(error),
        }
    }
}
