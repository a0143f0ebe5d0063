#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Kind, Pickle, PickleError, Value};

/// The value in the words of Python.
fn repr(value: Value<'_>) -> String {
    let list = |items: Vec<String>| items.join(", ");
    let items = || list(value.items().map(repr).collect());
    match value.kind() {
        Kind::Nothing => "None".to_owned(),
        Kind::Bool(true) => "True".to_owned(),
        Kind::Bool(false) => "False".to_owned(),
        Kind::Int(number) => number.to_string(),
        Kind::Long(bytes) => format!("long {bytes:02x?}"),
        Kind::Float(number) => format!("{number:?}"),
        Kind::Text(text) => format!("'{text}'"),
        Kind::Bytes(bytes) => format!("b'{}'", bytes.escape_ascii()),
        Kind::List => format!("[{}]", items()),
        Kind::Tuple => format!("({})", items()),
        Kind::Set => format!("{{{}}}", items()),
        Kind::Dict => {
            let entries = value.entries().map(|(key, value)| format!("{}: {}", repr(key), repr(value)));
            format!("{{{}}}", list(entries.collect()))
        }
        Kind::Global { module, name } => format!("{module}.{name}"),
        Kind::Object(object) => {
            let state = object.state.map(|state| format!(" with {}", repr(state))).unwrap_or_default();
            format!("{}{}{state}", repr(object.class), repr(object.args))
        }
        Kind::Persistent(key) => format!("<{}>", repr(key)),
    }
}

fn read(bytes: &[u8]) -> String {
    repr(Pickle::read(bytes).unwrap().root())
}

fn refused(bytes: &[u8]) -> PickleError {
    Pickle::read(bytes).unwrap_err()
}

/// `pickle.dumps({"a": [1, 2.5, None, True, -7, 1 << 40], "b": ("é", b"\xff\x00")}, protocol)` of Python 3.11.
#[test]
fn every_protocol_gives_the_same_value() {
    let files: [&[u8]; 6] = [
        include_bytes!("../../../tests/data/import/plain-0.pkl"),
        include_bytes!("../../../tests/data/import/plain-1.pkl"),
        include_bytes!("../../../tests/data/import/plain-2.pkl"),
        include_bytes!("../../../tests/data/import/plain-3.pkl"),
        include_bytes!("../../../tests/data/import/plain-4.pkl"),
        include_bytes!("../../../tests/data/import/plain-5.pkl"),
    ];
    for (protocol, bytes) in files.into_iter().enumerate() {
        assert_eq!(
            read(bytes),
            r"{'a': [1, 2.5, None, True, -7, 1099511627776], 'b': ('é', b'\xff\x00')}",
            "protocol {protocol}"
        );
        assert_eq!(Pickle::read(bytes).unwrap().length(), bytes.len());
    }
}

#[test]
fn a_call_is_noted_down_and_not_made() {
    // __reduce__ → os.system("rm -rf /").
    assert_eq!(read(b"cos\nsystem\n(S'rm -rf /'\ntR."), "os.system(b'rm -rf /')");
    assert_eq!(read(b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R."), "posix.system('true')");
    assert_eq!(read(b"(ios\nsystem\n."), "os.system()");
    assert_eq!(read(b"(cm\nC\nK\x01o."), "m.C(1)");
    assert_eq!(read(b"cm\nC\n)\x81}X\x01\x00\x00\x00xK\x05sb."), "m.C() with {'x': 5}");
}

#[test]
fn ordered_dictionaries_sets_and_bytes_are_what_they_stand_for() {
    assert_eq!(read(b"ccollections\nOrderedDict\n)RK\x01K\x02s."), "{1: 2}");
    assert_eq!(read(b"ccollections\nOrderedDict\n((lp0\n(lp1\nI1\naI2\naatR."), "{1: 2}");
    assert_eq!(read(b"c__builtin__\nset\n((lI3\natR."), "{3}");
    assert_eq!(read(b"\x80\x04\x8f(K\x01K\x02\x90."), "{1, 2}");
    assert_eq!(read(b"c_codecs\nencode\nX\x02\0\0\0\xc3\xbfU\x06latin1\x86R."), r"b'\xff'");
}

#[test]
fn what_protocol_0_escapes_is_read() {
    assert_eq!(
        read(
            br"S'a\x41\n\'\\'
."
        ),
        r"b'aA\n\'\\'"
    );
    assert_eq!(read(b"Va\\u00e9\\U0001f600\xe8\n."), "'aé😀è'");
    assert_eq!(read(b"(I00\nI01\nI-5\nL7L\nF1e3\nt."), "(False, True, -5, 7, 1000.0)");
}

#[test]
fn numbers_of_any_length_keep_their_sign() {
    assert_eq!(read(b"\x8a\x01\xff."), "-1");
    assert_eq!(read(b"\x8a\x00."), "0");
    assert_eq!(read(b"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."), i64::MIN.to_string());
    assert_eq!(read(b"J\xff\xff\xff\x7f."), i32::MAX.to_string());
    assert_eq!(read(b"J\x00\x00\x00\xc0."), (-(1 << 30)).to_string());
    // torch's magic number.
    assert_eq!(read(b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."), "long [6c, fc, 9c, 46, f9, 20, 6a, a8, 50, 19]");
}

#[test]
fn a_value_may_hold_itself() {
    let pickle = Pickle::read(b"]q\x00h\x00a.").unwrap();
    let root = pickle.root();
    assert_eq!(root.items().next().unwrap().identity(), root.identity());
}

#[test]
fn what_is_no_pickle_is_refused_with_its_place() {
    assert_eq!(refused(b""), PickleError::Truncated { at: 0 });
    assert_eq!(refused(b"K"), PickleError::Truncated { at: 1 });
    assert_eq!(refused(b"X\xff\xff\xff\xffabc."), PickleError::Truncated { at: 5 });
    assert_eq!(refused(b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffa."), PickleError::Truncated { at: 9 });
    assert_eq!(refused(b"N\xff."), PickleError::Opcode { at: 1, opcode: 0xff });
    assert_eq!(refused(b"\x80\x09."), PickleError::Protocol { found: 9 });
    assert_eq!(refused(b"."), PickleError::Stack { at: 0, expected: "a value" });
    assert_eq!(refused(b"Nt."), PickleError::Stack { at: 1, expected: "a mark" });
    assert_eq!(refused(b"}(Nu."), PickleError::Stack { at: 3, expected: "a value for every key" });
    assert_eq!(refused(b"NNa."), PickleError::Stack { at: 2, expected: "a list or a set" });
    // What is below a mark is another's.
    assert_eq!(refused(b"](NNa."), PickleError::Stack { at: 4, expected: "a list or a set" });
    assert_eq!(refused(b"h\x00."), PickleError::Memo { at: 0, key: 0 });
    assert_eq!(refused(b"Ione\n."), PickleError::Literal { at: 0, expected: "a whole number" });
    assert!(matches!(refused(b"N\x97."), PickleError::Outside { .. }));
    assert!(matches!(refused(b"\x82\x01."), PickleError::Outside { .. }));
}

#[test]
fn what_would_grow_beyond_its_file_is_refused() {
    // A node for each byte, and a memo of four thousand million entries.
    let lists = [b"]".repeat(1 << 20), b".".to_vec()].concat();
    assert!(matches!(refused(&lists), PickleError::TooLarge { .. }));
    assert!(matches!(refused(b"Nr\xff\xff\xff\xff."), PickleError::Literal { .. }));
    let marks = [b"(".repeat(1 << 20), b".".to_vec()].concat();
    assert!(matches!(refused(&marks), PickleError::TooLarge { .. }));
}

#[test]
fn a_file_of_games_takes_no_more_than_it_may() {
    // As `pickle.dumps` writes a hundred thousand lists of sixty numbers.
    let mut bytes = b"\x80\x04]\x94(".to_vec();
    for game in 0..10_000_u32 {
        bytes.extend(b"]\x94(");
        bytes.extend((0..60).flat_map(|ply| [b'K', (game + ply) as u8 % 64]));
        bytes.push(b'e');
    }
    bytes.extend(b"e.");
    let pickle = Pickle::read(&bytes).unwrap();
    let games: Vec<_> = pickle.root().items().collect();
    assert_eq!((games.len(), games[9_999].items().len()), (10_000, 60));
    assert_eq!(games[7].items().next().unwrap().int(), Some(7));
}
