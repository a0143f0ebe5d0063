use super::machine::Machine;
use super::{PickleError, Value};

/// What a pickle describes, over the bytes that it was read from.
#[derive(Debug)]
pub struct Pickle<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) nodes: Vec<Node>,
    pub(super) root: Ref,
    length: usize,
}

impl<'a> Pickle<'a> {
    /// Reads the pickle that `bytes` begin with. It takes no more memory than four times their length and 64 KiB.
    ///
    /// # Errors
    /// [`PickleError`]: the first opcode that cannot be followed.
    pub fn read(bytes: &'a [u8]) -> Result<Self, PickleError> {
        Self::within(bytes, bytes.len())
    }

    /// The same of a pickle that is part of a file of `length` bytes, which says what memory it may take.
    pub(in crate::import) fn within(bytes: &'a [u8], length: usize) -> Result<Self, PickleError> {
        let (nodes, root, length) = Machine::new(bytes, length).run()?;
        Ok(Self { bytes, nodes, root, length })
    }

    /// What it describes.
    #[must_use]
    pub const fn root(&self) -> Value<'_> {
        Value { pickle: self, at: self.root }
    }

    /// The bytes that it takes; there may be others behind.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// The number of values, but for whole numbers in lists: [`Value::identity`] of any other is less.
    #[must_use]
    pub(in crate::import) const fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Every key under which the program that wrote it keeps something elsewhere.
    pub(in crate::import) fn persistent(&self) -> impl Iterator<Item = Value<'_>> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Persistent(key) => Some(Value { pickle: self, at: *key }),
            _ => None,
        })
    }

    pub(super) fn span(&self, span: Span) -> &[u8] {
        &self.bytes[span.begin..span.end]
    }
}

/// A value: a whole number of at most 31 bits, which stands for itself, or the number of a node. Lists hold
/// these, so that one of small numbers takes four bytes each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ref(u32);

impl Ref {
    /// What [`Node::FIRST`] begins with.
    pub(super) const NONE: Self = Self(0);
    pub(super) const FALSE: Self = Self(1);
    pub(super) const TRUE: Self = Self(2);
    pub(super) const EMPTY_TUPLE: Self = Self(3);

    const NUMBER: u32 = 1 << 31;

    /// The node of this number; `None` beyond what can be referred to.
    pub(super) fn node(number: usize) -> Option<Self> {
        u32::try_from(number).ok().filter(|number| number & Self::NUMBER == 0).map(Self)
    }

    /// The whole number itself; `None` if it has more than 31 bits.
    pub(super) fn number(value: i64) -> Option<Self> {
        const LIMIT: i64 = 1 << 30;
        (-LIMIT..LIMIT).contains(&value).then_some(Self(value as u32 | Self::NUMBER))
    }

    /// Which of the two it is.
    pub(super) const fn get(self) -> Result<usize, i64> {
        match self.0 & Self::NUMBER {
            0 => Ok(self.0 as usize),
            // The sign is the highest of the 31 bits.
            _ => Err((((self.0 << 1) as i32) >> 1) as i64),
        }
    }

    /// A number that no other value of the same pickle has, but for whole numbers that are equal.
    pub(super) const fn identity(self) -> u32 {
        self.0
    }
}

/// A part of the bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) begin: usize,
    pub(super) end: usize,
}

/// A value that is no small whole number.
#[derive(Debug)]
pub(super) enum Node {
    Nothing,
    Bool(bool),
    Int(i64),
    /// Two's complement, little-endian, of more than eight bytes.
    Long(Span),
    Float(f64),
    Text(Span),
    Bytes(Span),
    /// Bytes that stand in the file in another form.
    Unescaped {
        is_text: bool,
        bytes: Box<[u8]>,
    },
    List(Vec<Ref>),
    Tuple(Vec<Ref>),
    Set(Vec<Ref>),
    /// A key, its value, the next key …
    Dict(Vec<Ref>),
    Global {
        module: Span,
        name: Span,
    },
    Object(Box<ObjectNode>),
    Persistent(Ref),
}

/// A call that was not made, and what was to be done with what it gives.
#[derive(Debug)]
pub(super) struct ObjectNode {
    pub(super) class: Ref,
    pub(super) args: Ref,
    pub(super) state: Option<Ref>,
    /// What would have been appended.
    pub(super) items: Vec<Ref>,
    /// What would have been set: a key, its value, the next key …
    pub(super) entries: Vec<Ref>,
}

impl Node {
    /// The nodes that every pickle has: those of [`Ref::NONE`], [`Ref::FALSE`], [`Ref::TRUE`] and
    /// [`Ref::EMPTY_TUPLE`].
    pub(super) const FIRST: [Self; 4] =
        [Self::Nothing, Self::Bool(false), Self::Bool(true), Self::Tuple(Vec::new())];
}
