//! The stack machine. The opcodes are those of CPython's `pickletools`, in its order of protocols.

use super::PickleError;
use super::graph::{Node, ObjectNode, Ref, Span};

/// Memory that any pickle may take, however short.
const SLACK: usize = 1 << 16;

/// How many times its file's length a pickle may take in memory.
const MOST_PER_BYTE: usize = 4;

/// Follows the opcodes of a pickle.
pub(super) struct Machine<'a> {
    bytes: &'a [u8],
    /// The opcode that is followed, and the byte that is read next.
    opcode_at: usize,
    at: usize,
    stack: Vec<Ref>,
    /// How high the stack was at each mark.
    marks: Vec<u32>,
    memo: Vec<Option<Ref>>,
    nodes: Vec<Node>,
    /// Bytes of memory that were asked for, and the most that may be.
    spent: usize,
    most: usize,
}

type Result<T> = std::result::Result<T, PickleError>;

impl<'a> Machine<'a> {
    /// Of a pickle in a file of `length` bytes.
    pub(super) fn new(bytes: &'a [u8], length: usize) -> Self {
        let most = length.saturating_mul(MOST_PER_BYTE).saturating_add(SLACK);
        Self {
            bytes,
            opcode_at: 0,
            at: 0,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Vec::new(),
            nodes: Vec::from(Node::FIRST),
            spent: 0,
            most,
        }
    }

    /// The nodes, the value that is left at the end, and how many bytes it took.
    pub(super) fn run(mut self) -> Result<(Vec<Node>, Ref, usize)> {
        loop {
            self.opcode_at = self.at;
            let [opcode] = self.take()?;
            if opcode == b'.' {
                let root = self.pop()?;
                return Ok((self.nodes, root, self.at));
            }
            self.follow(opcode)?;
        }
    }

    fn follow(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            // Protocol 0.
            b'(' => {
                self.spend_room(room(&self.marks, 1), self.marks.capacity(), size_of::<u32>())?;
                // A stack of 2³² entries would have been refused as too large.
                grow(&mut self.marks, &[self.stack.len() as u32]);
                Ok(())
            }
            b'0' => self.pop_one(),
            b'1' => {
                let first = self.pop_mark()?;
                self.stack.truncate(first);
                Ok(())
            }
            b'2' => {
                let top = self.top()?;
                self.push(top)
            }
            b'F' => {
                let value = self.parse_line("a number")?;
                self.push_node(Node::Float(value))
            }
            b'I' => self.int_line(),
            b'L' => self.long_line(),
            b'S' => self.quoted_line(),
            b'V' => self.unicode_line(),
            b'N' => self.push(Ref::NONE),
            b'P' => {
                let key = self.line()?;
                let key = self.node(Node::Text(key))?;
                self.push_node(Node::Persistent(key))
            }
            b'Q' => {
                let key = self.pop()?;
                self.push_node(Node::Persistent(key))
            }
            b'R' => {
                let args = self.pop()?;
                let class = self.pop()?;
                self.call(class, args)
            }
            b'a' => {
                let first = self.lowest(1)?;
                self.append(first)
            }
            b'b' => self.build(),
            b'c' => {
                let module = self.utf8_line()?;
                let name = self.utf8_line()?;
                self.push_node(Node::Global { module, name })
            }
            b'd' => {
                let first = self.pop_mark()?;
                self.check_pairs(first)?;
                let entries = self.cut(first)?;
                self.push_node(Node::Dict(entries))
            }
            b'g' => {
                let key = self.parse_line("the number of an entry")?;
                self.recall(key)
            }
            b'p' => {
                let key = self.parse_line("the number of an entry")?;
                self.remember(key)
            }
            b'i' => {
                let module = self.utf8_line()?;
                let name = self.utf8_line()?;
                let first = self.pop_mark()?;
                let args = self.cut(first)?;
                let args = self.node(Node::Tuple(args))?;
                let class = self.node(Node::Global { module, name })?;
                self.call(class, args)
            }
            b'l' => {
                let first = self.pop_mark()?;
                let items = self.cut(first)?;
                self.push_node(Node::List(items))
            }
            b't' => {
                let first = self.pop_mark()?;
                self.push_tuple(first)
            }
            b's' => {
                let first = self.lowest(2)?;
                self.set(first)
            }
            // Protocol 1.
            b'G' => {
                let value = f64::from_be_bytes(self.take()?);
                self.push_node(Node::Float(value))
            }
            b'J' => {
                let value = i32::from_le_bytes(self.take()?);
                self.push_int(value.into())
            }
            b'K' => {
                let [value] = self.take()?;
                self.push_int(value.into())
            }
            b'M' => {
                let value = u16::from_le_bytes(self.take()?);
                self.push_int(value.into())
            }
            b'T' | b'B' => self.span_of(4).and_then(|span| self.push_node(Node::Bytes(span))),
            b'U' | b'C' => self.span_of(1).and_then(|span| self.push_node(Node::Bytes(span))),
            b'X' => self.span_of(4).and_then(|span| self.push_node(Node::Text(span))),
            b']' => self.push_node(Node::List(Vec::new())),
            b')' => self.push(Ref::EMPTY_TUPLE),
            b'}' => self.push_node(Node::Dict(Vec::new())),
            b'e' | 0x90 => {
                let first = self.pop_mark()?;
                self.append(first)
            }
            b'u' => {
                let first = self.pop_mark()?;
                self.set(first)
            }
            b'h' => {
                let [key] = self.take()?;
                self.recall(key.into())
            }
            b'j' => {
                let key = u32::from_le_bytes(self.take()?);
                self.recall(key.into())
            }
            b'q' => {
                let [key] = self.take()?;
                self.remember(key.into())
            }
            b'r' => {
                let key = u32::from_le_bytes(self.take()?);
                self.remember(key.into())
            }
            b'o' => {
                let first = self.pop_mark()?;
                let class = *self.stack.get(first).ok_or_else(|| self.stack_lacks("a class"))?;
                let args = self.cut(first + 1)?;
                self.stack.truncate(first);
                let args = self.node(Node::Tuple(args))?;
                self.call(class, args)
            }
            // Protocol 2.
            0x80 => match self.take()? {
                [0..=5] => Ok(()),
                [found] => Err(PickleError::Protocol { found }),
            },
            0x81 => {
                let args = self.pop()?;
                let class = self.pop()?;
                self.call(class, args)
            }
            0x82..=0x84 => Err(self.outside("Python's registry of extensions")),
            0x85..=0x87 => {
                let first = self.lowest(usize::from(opcode - 0x84))?;
                self.push_tuple(first)
            }
            0x88 => self.push(Ref::TRUE),
            0x89 => self.push(Ref::FALSE),
            0x8a => self.span_of(1).and_then(|span| self.push_long(span)),
            0x8b => self.span_of(4).and_then(|span| self.push_long(span)),
            // Protocol 4.
            0x8c => self.span_of(1).and_then(|span| self.push_node(Node::Text(span))),
            0x8d => self.span_of(8).and_then(|span| self.push_node(Node::Text(span))),
            0x8e | 0x96 => self.span_of(8).and_then(|span| self.push_node(Node::Bytes(span))),
            0x8f => self.push_node(Node::Set(Vec::new())),
            0x91 => {
                let first = self.pop_mark()?;
                let items = self.cut(first)?;
                self.push_node(Node::Set(items))
            }
            0x92 => {
                // Named arguments are kept behind the others.
                let named = self.pop()?;
                let args = self.pop()?;
                let class = self.pop()?;
                let args = self.node_of(&[args, named])?;
                self.call(class, args)
            }
            0x93 => self.stack_global(),
            0x94 => self.remember(self.memo.len() as u64),
            // The length of what follows, of use to readers of streams alone.
            0x95 => self.take::<8>().map(drop),
            // Protocol 5.
            0x97 | 0x98 => Err(self.outside("a buffer that was kept apart")),
            _ => Err(PickleError::Opcode { at: self.opcode_at, opcode }),
        }
    }

    // What opcodes do.

    fn pop_one(&mut self) -> Result<()> {
        // As CPython: the top may be a mark.
        if self.marks.last().is_some_and(|&mark| mark as usize == self.stack.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop().map(drop)
    }

    fn call(&mut self, class: Ref, args: Ref) -> Result<()> {
        match self.plain(class, args)? {
            Some(node) => self.push_node(node),
            None => {
                self.spend(size_of::<ObjectNode>())?;
                self.push_node(Node::Object(Box::new(ObjectNode::call(class, args))))
            }
        }
    }

    /// What a call gives that stands for something plain.
    fn plain(&mut self, class: Ref, args: Ref) -> Result<Option<Node>> {
        let (Some(Node::Global { module, name }), Some(Node::Tuple(args))) =
            (self.get(class), self.get(args))
        else {
            return Ok(None);
        };
        let of = |span: &Span| &self.bytes[span.begin..span.end];
        let node = match (of(module), of(name), args.as_slice()) {
            (b"collections", b"OrderedDict", []) => Node::Dict(Vec::new()),
            (b"collections", b"OrderedDict", [pairs]) => match self.pairs(*pairs) {
                Some(entries) => {
                    self.spend(entries.len() * size_of::<Ref>())?;
                    Node::Dict(entries)
                }
                None => return Ok(None),
            },
            (b"builtins" | b"__builtin__", b"set" | b"frozenset", [items]) => match self.get(*items) {
                Some(Node::List(items) | Node::Tuple(items)) => {
                    let items = items.clone();
                    self.spend(items.len() * size_of::<Ref>())?;
                    Node::Set(items)
                }
                _ => return Ok(None),
            },
            (b"builtins" | b"__builtin__", b"bytes" | b"bytearray", []) => {
                Node::Bytes(Span { begin: self.at, end: self.at })
            }
            (b"builtins" | b"__builtin__", b"bytearray", [bytes]) => match self.get(*bytes) {
                Some(Node::Bytes(span)) => Node::Bytes(*span),
                _ => return Ok(None),
            },
            // How protocols below 3 write bytes.
            (b"_codecs", b"encode", [text, _]) => {
                let text = match self.get(*text) {
                    Some(Node::Text(span)) => of(span),
                    Some(Node::Unescaped { is_text: true, bytes }) => bytes,
                    _ => return Ok(None),
                };
                let Some(bytes) = latin1(text) else { return Ok(None) };
                self.spend(bytes.len())?;
                Node::Unescaped { is_text: false, bytes }
            }
            _ => return Ok(None),
        };
        Ok(Some(node))
    }

    /// The keys and values of a list of pairs.
    fn pairs(&self, list: Ref) -> Option<Vec<Ref>> {
        let Some(Node::List(pairs) | Node::Tuple(pairs)) = self.get(list) else { return None };
        let mut entries = Vec::with_capacity(pairs.len() * 2);
        for &pair in pairs {
            let Some(Node::List(pair) | Node::Tuple(pair)) = self.get(pair) else { return None };
            let [key, value] = pair.as_slice() else { return None };
            entries.extend([*key, *value]);
        }
        Some(entries)
    }

    fn build(&mut self) -> Result<()> {
        let state = self.pop()?;
        let object = self.top()?;
        match object.get().map(|number| &mut self.nodes[number]) {
            Ok(Node::Object(object)) => object.state = Some(state),
            // Attributes of a plain value: torch hangs `_metadata` on a state dict.
            Ok(_) => {}
            Err(_) => return Err(self.stack_lacks("an object")),
        }
        Ok(())
    }

    /// Takes the values from `first` on off the stack and appends them to what is below.
    fn append(&mut self, first: usize) -> Result<()> {
        self.extend(first, "a list or a set", |node| match node {
            Node::List(items) | Node::Set(items) => Some(items),
            Node::Object(object) => Some(&mut object.items),
            _ => None,
        })
    }

    /// Takes the keys and values from `first` on off the stack and sets them in what is below.
    fn set(&mut self, first: usize) -> Result<()> {
        self.check_pairs(first)?;
        self.extend(first, "a dictionary", |node| match node {
            Node::Dict(entries) => Some(entries),
            Node::Object(object) => Some(&mut object.entries),
            _ => None,
        })
    }

    fn extend(
        &mut self,
        first: usize,
        expected: &'static str,
        mut list: impl FnMut(&mut Node) -> Option<&mut Vec<Ref>>,
    ) -> Result<()> {
        let lacks = self.stack_lacks(expected);
        let below =
            first.checked_sub(1).filter(|&below| below >= self.floor()).ok_or_else(|| lacks.clone())?;
        let number = self.stack[below].get().map_err(|_| lacks.clone())?;
        let more = self.stack.len() - first;
        let list_of = list(&mut self.nodes[number]).ok_or(lacks)?;
        let (room, capacity) = (room(list_of, more), list_of.capacity());
        self.spend_room(room, capacity, size_of::<Ref>())?;
        if let Some(list) = list(&mut self.nodes[number]) {
            grow(list, &self.stack[first..]);
        }
        self.stack.truncate(first);
        Ok(())
    }

    fn stack_global(&mut self) -> Result<()> {
        let name = self.pop()?;
        let module = self.pop()?;
        match (self.get(module), self.get(name)) {
            (Some(&Node::Text(module)), Some(&Node::Text(name))) => {
                self.utf8(module)?;
                self.utf8(name)?;
                self.push_node(Node::Global { module, name })
            }
            _ => Err(self.stack_lacks("a module and a name")),
        }
    }

    fn remember(&mut self, key: u64) -> Result<()> {
        let value = self.top()?;
        // Picklers number from 0 on, and each entry takes an opcode.
        let key = usize::try_from(key).ok().filter(|&key| key < self.bytes.len());
        let key = key.ok_or_else(|| self.literal("the number of an entry that can be"))?;
        if key >= self.memo.len() {
            let more = key + 1 - self.memo.len();
            let room = room(&self.memo, more);
            self.spend_room(room, self.memo.capacity(), size_of::<Option<Ref>>())?;
            self.memo.reserve_exact(reserve(&self.memo, room));
            self.memo.resize(key + 1, None);
        }
        self.memo[key] = Some(value);
        Ok(())
    }

    fn recall(&mut self, key: u64) -> Result<()> {
        let value = usize::try_from(key).ok().and_then(|key| *self.memo.get(key)?);
        let value = value.ok_or(PickleError::Memo { at: self.opcode_at, key })?;
        self.push(value)
    }

    // Numbers and texts.

    fn int_line(&mut self) -> Result<()> {
        let span = self.line()?;
        match &self.bytes[span.begin..span.end] {
            // How protocol 0 writes them.
            b"00" => self.push(Ref::FALSE),
            b"01" => self.push(Ref::TRUE),
            _ => {
                let value = self.parse(span, "a whole number")?;
                self.push_int(value)
            }
        }
    }

    fn long_line(&mut self) -> Result<()> {
        let Span { begin, end } = self.line()?;
        let digits = self.bytes[begin..end].strip_suffix(b"L").unwrap_or(&self.bytes[begin..end]);
        let end = begin + digits.len();
        let value = self.parse(Span { begin, end }, "a whole number of at most 64 bits")?;
        self.push_int(value)
    }

    /// Python's `repr` of a byte string.
    fn quoted_line(&mut self) -> Result<()> {
        let Span { begin, end } = self.line()?;
        let line = &self.bytes[begin..end];
        let quoted = match line {
            [first @ (b'"' | b'\''), inner @ .., last] if first == last => inner,
            _ => return Err(self.literal("a text in quotes")),
        };
        if !quoted.contains(&b'\\') {
            return self.push_node(Node::Bytes(Span { begin: begin + 1, end: end - 1 }));
        }
        self.spend(quoted.len())?;
        let bytes = unescape(quoted).ok_or_else(|| self.literal("a text with escapes that are known"))?;
        self.push_node(Node::Unescaped { is_text: false, bytes })
    }

    /// Latin-1 with `\uXXXX` for all else.
    fn unicode_line(&mut self) -> Result<()> {
        let span = self.line()?;
        let line = &self.bytes[span.begin..span.end];
        if line.is_ascii() && !line.contains(&b'\\') {
            return self.push_node(Node::Text(span));
        }
        self.spend(line.len().saturating_mul(2))?;
        let text = raw_unicode(line).ok_or_else(|| self.literal("a text with escapes that are known"))?;
        self.push_node(Node::Unescaped { is_text: true, bytes: text.into_bytes().into() })
    }

    fn push_long(&mut self, span: Span) -> Result<()> {
        let bytes = &self.bytes[span.begin..span.end];
        if bytes.len() > 8 {
            return self.push_node(Node::Long(span));
        }
        let sign = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
        let mut all = [sign; 8];
        all[..bytes.len()].copy_from_slice(bytes);
        self.push_int(i64::from_le_bytes(all))
    }

    fn push_int(&mut self, value: i64) -> Result<()> {
        match Ref::number(value) {
            Some(number) => self.push(number),
            None => self.push_node(Node::Int(value)),
        }
    }

    // The bytes.

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let chunk = self.bytes[self.at..].first_chunk::<N>();
        let chunk = *chunk.ok_or(PickleError::Truncated { at: self.at })?;
        self.at += N;
        Ok(chunk)
    }

    /// The bytes whose length stands before them, in `width` bytes.
    fn span_of(&mut self, width: usize) -> Result<Span> {
        let mut length = [0; 8];
        for byte in &mut length[..width] {
            [*byte] = self.take()?;
        }
        let begin = self.at;
        let length = usize::try_from(u64::from_le_bytes(length)).ok();
        let end = length.and_then(|length| begin.checked_add(length)).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or(PickleError::Truncated { at: begin })?;
        self.at = end;
        Ok(Span { begin, end })
    }

    /// The bytes up to the end of the line.
    fn line(&mut self) -> Result<Span> {
        let begin = self.at;
        let length = self.bytes[begin..].iter().position(|&byte| byte == b'\n');
        let end = begin + length.ok_or(PickleError::Truncated { at: begin })?;
        self.at = end + 1;
        Ok(Span { begin, end })
    }

    fn utf8_line(&mut self) -> Result<Span> {
        let span = self.line()?;
        self.utf8(span)?;
        Ok(span)
    }

    fn utf8(&self, span: Span) -> Result<&str> {
        std::str::from_utf8(&self.bytes[span.begin..span.end]).map_err(|_| self.literal("a name in UTF-8"))
    }

    fn parse<T: std::str::FromStr>(&self, span: Span, expected: &'static str) -> Result<T> {
        let text = self.utf8(span).ok().and_then(|text| text.trim().parse().ok());
        text.ok_or_else(|| self.literal(expected))
    }

    fn parse_line<T: std::str::FromStr>(&mut self, expected: &'static str) -> Result<T> {
        let span = self.line()?;
        self.parse(span, expected)
    }

    // The stack and the nodes.

    fn push(&mut self, value: Ref) -> Result<()> {
        self.spend_room(room(&self.stack, 1), self.stack.capacity(), size_of::<Ref>())?;
        grow(&mut self.stack, &[value]);
        Ok(())
    }

    fn push_node(&mut self, node: Node) -> Result<()> {
        let at = self.node(node)?;
        self.push(at)
    }

    /// Takes the values from `first` on off the stack as a tuple.
    fn push_tuple(&mut self, first: usize) -> Result<()> {
        let items = self.cut(first)?;
        match items.is_empty() {
            true => self.push(Ref::EMPTY_TUPLE),
            false => self.push_node(Node::Tuple(items)),
        }
    }

    fn node(&mut self, node: Node) -> Result<Ref> {
        let at = Ref::node(self.nodes.len()).ok_or_else(|| self.too_large())?;
        let room = room(&self.nodes, 1);
        self.spend_room(room, self.nodes.capacity(), size_of::<Node>())?;
        self.nodes.reserve_exact(reserve(&self.nodes, room));
        self.nodes.push(node);
        Ok(at)
    }

    fn node_of(&mut self, items: &[Ref]) -> Result<Ref> {
        self.spend(size_of_val(items))?;
        self.node(Node::Tuple(items.to_vec()))
    }

    fn get(&self, at: Ref) -> Option<&Node> {
        at.get().ok().map(|number| &self.nodes[number])
    }

    /// How high the stack is where the last mark stands: what is below belongs to others.
    fn floor(&self) -> usize {
        self.marks.last().map_or(0, |&mark| mark as usize)
    }

    fn top(&self) -> Result<Ref> {
        let top = self.stack.last().filter(|_| self.stack.len() > self.floor());
        top.copied().ok_or_else(|| self.stack_lacks("a value"))
    }

    fn pop(&mut self) -> Result<Ref> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// Where the last `count` values begin.
    fn lowest(&self, count: usize) -> Result<usize> {
        let first = self.stack.len().checked_sub(count).filter(|&first| first >= self.floor());
        first.ok_or_else(|| self.stack_lacks("enough values"))
    }

    /// Takes the values from `first` on off the stack.
    fn cut(&mut self, first: usize) -> Result<Vec<Ref>> {
        self.spend(size_of_val(&self.stack[first..]))?;
        let items = self.stack[first..].to_vec();
        self.stack.truncate(first);
        Ok(items)
    }

    /// Removes the last mark; returns where the values above it begin.
    fn pop_mark(&mut self) -> Result<usize> {
        let first = self.marks.pop().ok_or_else(|| self.stack_lacks("a mark"))?;
        Ok(first as usize)
    }

    fn check_pairs(&self, first: usize) -> Result<()> {
        match (self.stack.len() - first).is_multiple_of(2) {
            true => Ok(()),
            false => Err(self.stack_lacks("a value for every key")),
        }
    }

    // Limits and errors.

    fn spend(&mut self, bytes: usize) -> Result<()> {
        self.spent = self.spent.saturating_add(bytes);
        match self.spent <= self.most {
            true => Ok(()),
            false => Err(self.too_large()),
        }
    }

    /// Makes sure that a vector can have `room` for more entries than its capacity; while it grows, there are two.
    fn spend_room(&mut self, room: usize, capacity: usize, size: usize) -> Result<()> {
        if room > 0 {
            let moved = capacity.saturating_mul(size);
            self.spend(room.saturating_mul(size).saturating_add(moved))?;
            self.spent -= moved;
        }
        Ok(())
    }

    const fn too_large(&self) -> PickleError {
        PickleError::TooLarge { at: self.opcode_at, most: self.most }
    }

    const fn stack_lacks(&self, expected: &'static str) -> PickleError {
        PickleError::Stack { at: self.opcode_at, expected }
    }

    const fn literal(&self, expected: &'static str) -> PickleError {
        PickleError::Literal { at: self.opcode_at, expected }
    }

    const fn outside(&self, what: &'static str) -> PickleError {
        PickleError::Outside { at: self.opcode_at, what }
    }
}

/// For how many entries beyond its capacity `all` needs room, to take so many more: none, or at least a quarter of
/// its length. Vectors double by themselves, which memory that is counted does not allow.
fn room<T>(all: &Vec<T>, more: usize) -> usize {
    match all.capacity() - all.len() {
        spare if spare >= more => 0,
        spare => (more - spare).max(all.len() / 4),
    }
}

fn grow<T: Copy>(all: &mut Vec<T>, more: &[T]) {
    let room = room(all, more.len());
    all.reserve_exact(reserve(all, room));
    all.extend_from_slice(more);
}

/// What `reserve_exact`, which counts from the length, is to be told for so many entries beyond the capacity.
fn reserve<T>(all: &Vec<T>, room: usize) -> usize {
    if room == 0 { 0 } else { all.capacity() - all.len() + room }
}

/// UTF-8 of characters below 256 as one byte each.
fn latin1(utf8: &[u8]) -> Option<Box<[u8]>> {
    let text = std::str::from_utf8(utf8).ok()?;
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The escapes that Python's `repr` of a byte string writes.
fn unescape(quoted: &[u8]) -> Option<Box<[u8]>> {
    let mut bytes = Vec::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&escape, after) = rest.split_first()?;
        rest = after;
        bytes.push(match escape {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'\\' | b'\'' | b'"' => escape,
            b'x' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            _ => return None,
        });
    }
    Some(bytes.into())
}

/// Python's `raw-unicode-escape`.
fn raw_unicode(line: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = match (byte, rest.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(byte));
                continue;
            }
        };
        let (number, after) = rest[1..].split_at_checked(digits)?;
        rest = after;
        let number = u32::from_str_radix(std::str::from_utf8(number).ok()?, 16).ok()?;
        text.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Some(text)
}
