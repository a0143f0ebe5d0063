use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ImportError;

/// Something that a file may not tell of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// The number of attention heads.
    Heads,
    /// How squares are numbered: `letter-major` or `row-major`.
    Squares,
    /// The activation that a dictionary or a probe reads, as `blocks.5.hook_resid_post`.
    Reads,
    /// Whether a dictionary's decoder bias is subtracted before encoding: `yes` or `no`.
    PreBias,
    /// How a dictionary chooses its features: `top_k` or `batch_top_k`.
    Selection,
}

impl Fact {
    const ALL: [Self; 5] = [Self::Heads, Self::Squares, Self::Reads, Self::PreBias, Self::Selection];

    const fn name(self) -> &'static str {
        match self {
            Self::Heads => "heads",
            Self::Squares => "squares",
            Self::Reads => "reads",
            Self::PreBias => "pre_bias",
            Self::Selection => "selection",
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|fact| fact.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is nothing that is asked; there are {names}")
        })
    }
}

/// What must be known of a file and does not stand in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What is asked.
    pub fact: Fact,
    /// The answers that are possible; empty where there are too many to list.
    pub options: Vec<String>,
    /// The answer that the file, or the habit of its family, suggests.
    pub suggestion: Option<String>,
    /// Why it is asked, in a sentence.
    pub why: String,
}

/// What was answered of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<Fact, String>);

impl Answers {
    /// Takes `answer` for `fact` in the place of any other.
    pub fn set(&mut self, fact: Fact, answer: impl Into<String>) {
        self.0.insert(fact, answer.into());
    }

    /// Takes `answer` for `fact`, unless there is one.
    pub fn suggest(&mut self, fact: Fact, answer: impl Into<String>) {
        self.0.entry(fact).or_insert_with(|| answer.into());
    }

    /// What was answered; `None` if nothing was.
    #[must_use]
    pub fn get(&self, fact: Fact) -> Option<&str> {
        self.0.get(&fact).map(String::as_str)
    }

    /// The number that was answered.
    ///
    /// # Errors
    /// [`ImportError::Unanswered`] or [`ImportError::Answer`].
    pub(super) fn number(&self, file: &str, fact: Fact) -> Result<usize, ImportError> {
        let answer = self.get(fact).ok_or_else(|| self.missing(file, fact))?;
        answer.parse().map_err(|_| self.wrong(file, fact, "a whole number"))
    }

    pub(super) fn missing(&self, file: &str, fact: Fact) -> ImportError {
        ImportError::Unanswered { file: file.to_owned(), fact }
    }

    pub(super) fn wrong(&self, file: &str, fact: Fact, expected: &'static str) -> ImportError {
        let found = self.get(fact).unwrap_or_default().to_owned();
        ImportError::Answer { file: file.to_owned(), fact, found, expected }
    }
}

impl FromIterator<(Fact, String)> for Answers {
    fn from_iter<I: IntoIterator<Item = (Fact, String)>>(answers: I) -> Self {
        Self(answers.into_iter().collect())
    }
}
