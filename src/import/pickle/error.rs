/// Bytes that are not a pickle, or one that is not read. `at` counts the bytes before the opcode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickleError {
    /// The bytes end before the pickle does.
    #[error("the pickle is cut off: after {at} bytes more were expected")]
    Truncated {
        /// Where.
        at: usize,
    },
    /// A byte that is no opcode of protocols 0 to 5.
    #[error("byte {at} of the pickle is {opcode:#04x}, which is no opcode")]
    Opcode {
        /// Where.
        at: usize,
        /// The byte.
        opcode: u8,
    },
    /// An opcode takes more from the stack than is there, or something else.
    #[error("the opcode at byte {at} of the pickle does not find {expected} on the stack")]
    Stack {
        /// Where.
        at: usize,
        /// What it needs.
        expected: &'static str,
    },
    /// A reference to something that was not remembered.
    #[error("the opcode at byte {at} of the pickle recalls entry {key}, which was never stored")]
    Memo {
        /// Where.
        at: usize,
        /// The number of the entry.
        key: u64,
    },
    /// A number or a text is written wrongly.
    #[error("the opcode at byte {at} of the pickle is not followed by {expected}")]
    Literal {
        /// Where.
        at: usize,
        /// What must follow.
        expected: &'static str,
    },
    /// A version of the format that is not read.
    #[error("the pickle has protocol {found}; 0 to 5 are read")]
    Protocol {
        /// As the pickle says.
        found: u8,
    },
    /// It refers to what is outside: Python's extension registry, or buffers that were kept apart.
    #[error("the opcode at byte {at} of the pickle refers to {what}, which is not in the file")]
    Outside {
        /// Where.
        at: usize,
        /// What it refers to.
        what: &'static str,
    },
    /// What it describes takes more memory than a file of its length may.
    #[error(
        "at byte {at} the pickle takes more than {most} bytes of memory, four times the length of its file: it is refused"
    )]
    TooLarge {
        /// Where.
        at: usize,
        /// The most memory that it may take.
        most: usize,
    },
}
