use std::ops::Range;

use super::Buffer;

/// A pass that no engine can run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    /// Rows beyond the last one, or a range that ends before it starts.
    #[error("a pass over rows {asked:?} was asked for; the plan has rows 0..{rows}")]
    NoSuchRows {
        /// The rows asked for.
        asked: Range<usize>,
        /// How many rows the plan has.
        rows: usize,
    },
    /// Not one token a row.
    #[error("{tokens} tokens were given for {rows} rows")]
    TokenCount {
        /// How many tokens were given.
        tokens: usize,
        /// For how many rows.
        rows: usize,
    },
    /// A token beyond the vocabulary.
    #[error("token {token} was given for row {row}; the vocabulary has tokens 0..{vocab}")]
    NoSuchToken {
        /// Its row.
        row: usize,
        /// The token given.
        token: u32,
        /// How many tokens there are.
        vocab: usize,
    },
    /// A buffer that the plan does not have.
    #[error("the plan has no {buffer}")]
    NoSuchBuffer {
        /// The buffer asked for.
        buffer: Buffer,
    },
    /// Values for a buffer that are not as wide as it is.
    #[error("{found} values were given in place of the {expected} of the {buffer}")]
    Values {
        /// The buffer.
        buffer: Buffer,
        /// How many values were given.
        found: usize,
        /// How many it has in these rows.
        expected: usize,
    },
}

impl PassError {
    /// Checks that a pass can run over `rows` of `context` with these tokens of a vocabulary of `vocab`.
    pub(crate) fn check(
        rows: &Range<usize>,
        context: usize,
        tokens: &[u32],
        vocab: usize,
    ) -> Result<(), Self> {
        if rows.start > rows.end || rows.end > context {
            return Err(Self::NoSuchRows { asked: rows.clone(), rows: context });
        }
        if tokens.len() != rows.len() {
            return Err(Self::TokenCount { tokens: tokens.len(), rows: rows.len() });
        }
        match rows.clone().zip(tokens).find(|&(_, &token)| token as usize >= vocab) {
            Some((row, &token)) => Err(Self::NoSuchToken { row, token, vocab }),
            None => Ok(()),
        }
    }
}
