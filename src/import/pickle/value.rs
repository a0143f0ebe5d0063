use std::borrow::Cow;

use super::Pickle;
use super::graph::{Node, ObjectNode, Ref};

/// A value of a pickle: Python's plain ones, and what only Python could make of names and arguments.
#[derive(Clone, Copy, Debug)]
pub struct Value<'p> {
    pub(super) pickle: &'p Pickle<'p>,
    pub(super) at: Ref,
}

/// What a [`Value`] is.
#[derive(Clone, Debug)]
pub enum Kind<'p> {
    /// `None`.
    Nothing,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number of at most 64 bits.
    Int(i64),
    /// A whole number of more: two's complement, little-endian.
    Long(&'p [u8]),
    /// A number in double precision.
    Float(f64),
    /// A text; what is not UTF-8 in it is replaced.
    Text(Cow<'p, str>),
    /// Bytes.
    Bytes(&'p [u8]),
    /// A list: see [`Value::items`].
    List,
    /// A tuple: see [`Value::items`].
    Tuple,
    /// A set: see [`Value::items`].
    Set,
    /// A dictionary: see [`Value::entries`].
    Dict,
    /// The name of a class or a function.
    Global {
        /// The module that it is in.
        module: &'p str,
        /// Its name there.
        name: &'p str,
    },
    /// A call that was not made.
    Object(Object<'p>),
    /// What the program that wrote the pickle keeps elsewhere, under this key.
    Persistent(Value<'p>),
}

/// A call that was not made: what it would have called, with what, and what was to be done with the result.
#[derive(Clone, Copy, Debug)]
pub struct Object<'p> {
    /// The class or function, most often a [`Kind::Global`].
    pub class: Value<'p>,
    /// Its arguments, most often a tuple.
    pub args: Value<'p>,
    /// What was to be set as its attributes.
    pub state: Option<Value<'p>>,
}

impl<'p> Value<'p> {
    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind<'p> {
        let number = match self.at.get() {
            Ok(number) => number,
            Err(value) => return Kind::Int(value),
        };
        let text = |bytes: &'p [u8]| Kind::Text(String::from_utf8_lossy(bytes));
        match &self.pickle.nodes[number] {
            Node::Nothing => Kind::Nothing,
            Node::Bool(value) => Kind::Bool(*value),
            Node::Int(value) => Kind::Int(*value),
            Node::Long(span) => Kind::Long(self.pickle.span(*span)),
            Node::Float(value) => Kind::Float(*value),
            Node::Text(span) => text(self.pickle.span(*span)),
            Node::Bytes(span) => Kind::Bytes(self.pickle.span(*span)),
            Node::Unescaped { is_text: true, bytes } => text(bytes),
            Node::Unescaped { is_text: false, bytes } => Kind::Bytes(bytes),
            Node::List(_) => Kind::List,
            Node::Tuple(_) => Kind::Tuple,
            Node::Set(_) => Kind::Set,
            Node::Dict(_) => Kind::Dict,
            Node::Global { module, name } => {
                // The machine takes no others.
                let text = |span| std::str::from_utf8(self.pickle.span(span)).unwrap_or_default();
                Kind::Global { module: text(*module), name: text(*name) }
            }
            Node::Object(object) => Kind::Object(Object {
                class: self.other(object.class),
                args: self.other(object.args),
                state: object.state.map(|state| self.other(state)),
            }),
            Node::Persistent(key) => Kind::Persistent(self.other(*key)),
        }
    }

    /// The whole number; `None` if it is none, or one of more than 64 bits.
    #[must_use]
    pub fn int(self) -> Option<i64> {
        match self.kind() {
            Kind::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The text; `None` if it is none.
    #[must_use]
    pub fn text(self) -> Option<Cow<'p, str>> {
        match self.kind() {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list, a tuple or a set, and what was to be appended to an object; none for any other.
    pub fn items(self) -> impl ExactSizeIterator<Item = Value<'p>> + DoubleEndedIterator {
        let items = match self.node() {
            Some(Node::List(items) | Node::Tuple(items) | Node::Set(items)) => items.as_slice(),
            Some(Node::Object(object)) => &object.items,
            _ => &[],
        };
        items.iter().map(move |&item| self.other(item))
    }

    /// The keys and values of a dictionary, and what was to be set in an object; none for any other. A key may
    /// come again: then the last one counts.
    pub fn entries(self) -> impl ExactSizeIterator<Item = (Value<'p>, Value<'p>)> + DoubleEndedIterator {
        let entries = match self.node() {
            Some(Node::Dict(entries)) => entries.as_slice(),
            Some(Node::Object(object)) => &object.entries,
            _ => &[],
        };
        let (pairs, _) = entries.as_chunks::<2>();
        pairs.iter().map(move |&[key, value]| (self.other(key), self.other(value)))
    }

    /// The value of a dictionary under a key that is a text; `None` if there is none.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value<'p>> {
        self.entries()
            .rev()
            .find(|(known, _)| known.text().is_some_and(|known| known == key))
            .map(|(_, it)| it)
    }

    /// Module and name of a class or function; `None` if it is none.
    #[must_use]
    pub fn global(self) -> Option<(&'p str, &'p str)> {
        match self.kind() {
            Kind::Global { module, name } => Some((module, name)),
            _ => None,
        }
    }

    /// A number that no other value of the same pickle has, but for whole numbers that are equal.
    #[must_use]
    pub const fn identity(self) -> u32 {
        self.at.identity()
    }

    fn node(self) -> Option<&'p Node> {
        self.at.get().ok().map(|number| &self.pickle.nodes[number])
    }

    const fn other(self, at: Ref) -> Self {
        Self { pickle: self.pickle, at }
    }
}

impl ObjectNode {
    /// `class(*args)`, not called.
    pub(super) fn call(class: Ref, args: Ref) -> Self {
        Self { class, args, state: None, items: Vec::new(), entries: Vec::new() }
    }
}
