//! Rows of numbers in files of Python: a pickled list of lists, as of the OthelloGPT notebooks' `gen10e5_*.pickle`, or
//! an array `[games, moves]` of numpy or torch, as their `board_seqs_*.npy` and `.pth`.

use crate::import::pickle::Value;
use crate::import::{self, File, FileKind};

use super::FileError;
use super::found::Found;
use super::numbers::{self, Numbers};

/// What a file is called in errors.
const NAME: &str = "the file";

/// The opcode that every pickle of the last twenty years begins with; older ones look like other texts.
const PROTOCOL: u8 = 0x80;

/// Whether bytes begin a file of Python.
pub(super) fn begins(bytes: &[u8]) -> bool {
    match FileKind::of(bytes) {
        FileKind::Zip | FileKind::Npy => true,
        FileKind::Pickle => bytes.first() == Some(&PROTOCOL),
        _ => false,
    }
}

/// Takes in the rows of a whole file.
///
/// # Errors
/// [`FileError::Python`] if it is damaged, [`FileError::NotGames`] if there are no rows of whole numbers in it.
pub(super) fn read(bytes: &[u8], found: &mut Found) -> Result<(), FileError> {
    let file = File::open(NAME, bytes)?;
    let contents = file.contents()?;
    let tensors = contents.tensors()?;
    let shaped = tensors.names().filter_map(|name| tensors.get(name)).find(|array| array.shape().len() == 2);
    if let Some(array) = shaped {
        let whole = array.integers().map_err(|error| FileError::Array(error.to_string()))?;
        let moves = array.shape()[1].max(1);
        whole.chunks(moves).for_each(|row| found.row(row.iter().copied().map(small).collect(), 0));
        return Ok(());
    }
    let rows = contents.pickle().map(|pickle| pickle.root().items());
    for row in rows.into_iter().flatten().take_while(|_| !found.is_cut()).collect::<Vec<_>>() {
        if let Some(row) = row_of(row) {
            found.row(row, 0);
        }
    }
    if found.len() == 0 {
        return Err(FileError::NotGames { found: "a file of Python without rows of whole numbers" });
    }
    Ok(())
}

/// The numbers of a list of whole numbers.
fn row_of(row: Value<'_>) -> Option<Numbers> {
    let items = row.items();
    let fits = (1..=numbers::MOST).contains(&items.len());
    fits.then(|| items.map(|item| item.int().map(small)).collect()).flatten()
}

fn small(number: i64) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}

impl From<import::FileError> for FileError {
    fn from(error: import::FileError) -> Self {
        Self::Python(error)
    }
}
