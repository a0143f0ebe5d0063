//! Files as torch and numpy write them, and what is none.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use othello_lens::import::{Array, File, FileError, FileKind, TensorSet};

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import").join(name)).unwrap()
}

/// What `then` makes of the tensors of a file.
fn with<T>(name: &str, bytes: &[u8], then: impl FnOnce(&TensorSet<'_>) -> T) -> Result<T, FileError> {
    let file = File::open(name, bytes)?;
    let contents = file.contents()?;
    Ok(then(&contents.tensors()?))
}

fn refused(name: &str, bytes: &[u8]) -> String {
    with(name, bytes, |_| ()).unwrap_err().to_string()
}

#[test]
fn the_same_values_are_read_however_torch_saved_them() {
    for name in ["values-zip.pt", "values-legacy.pt", "values-plain.pkl", "values-newest.pkl"] {
        with(name, &data(name), |tensors| {
            let floats = |tensor: &str| tensors.get(tensor).map(|it| it.floats().unwrap());
            let integers = |tensor: &str| tensors.get(tensor).map(|it| it.integers().unwrap());
            let shape = |tensor: &str| tensors.get(tensor).map(Array::shape);
            assert_eq!(shape("turned"), Some(&[4, 3][..]), "{name}");
            let turned = [0.0, 4.0, 8.0, 1.0, 5.0, 9.0, 2.0, 6.0, 10.0, 3.0, 7.0, 11.0];
            assert_eq!(floats("turned").unwrap(), turned);
            assert_eq!(floats("shared.begin").unwrap(), [0.0, 1.0, 2.0]);
            assert_eq!(floats("shared.every_other").unwrap(), [1.0, 3.0, 5.0, 7.0]);
            for halves in ["half", "bfloat", "double"] {
                assert_eq!(floats(halves).unwrap(), [1.5, -2.0], "{name}, {halves}");
            }
            assert_eq!(integers("whole").unwrap(), [3, -4]);
            assert_eq!(integers("mask").unwrap(), [1, 0]);
            assert_eq!(floats("parameter").unwrap(), [0.25]);
            assert_eq!(floats("array").unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
            assert_eq!(shape("array"), Some(&[2, 3][..]));
            assert_eq!(shape("empty"), Some(&[0, 3][..]));
            assert_eq!(floats("layers.0").unwrap(), [7.0]);
            assert_eq!(tensors.len(), 12);
            assert_eq!(tensors.facts()["k"], 32);
            assert_eq!(tensors.facts()["name"], "values");
        })
        .unwrap();
    }
}

#[test]
fn a_tensor_alone_has_a_name() {
    let read = with("only.pth", &data("only.pth"), |tensors| tensors.get(TensorSet::ONLY).unwrap().floats());
    assert_eq!(read.unwrap().unwrap(), (0..12).map(|it| it as f32).collect::<Vec<_>>());
}

#[test]
fn arrays_of_numpy_are_read_from_their_files_and_from_zips_of_them() {
    let moves = |tensors: &TensorSet<'_>, name: &str| tensors.get(name).unwrap().integers().unwrap();
    for name in ["stored.npz", "compressed.npz"] {
        with(name, &data(name), |tensors| {
            assert_eq!(moves(tensors, "moves"), [37, 43, 19, 0]);
            assert_eq!(tensors.get("weights").unwrap().floats().unwrap(), [0.5, 1.5]);
        })
        .unwrap();
    }
    with("moves.npy", &data("moves.npy"), |tensors| {
        assert_eq!(moves(tensors, TensorSet::ONLY), [37, 43, 19, 0]);
    })
    .unwrap();
}

#[test]
fn what_holds_no_tensors_is_called_what_it_is() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 101483264\n";
    assert!(refused("model.pth", pointer).starts_with("model.pth is a Git LFS pointer, not the file itself"));
    assert!(refused("model.pth", b"<!DOCTYPE html><title>Sign in</title>").contains("is an HTML page"));
    assert!(refused("model.pth", b"\x1f\x8b\x08\0").contains("gzip"));
    assert!(refused("model.pth", b"").contains("is empty"));
    assert!(refused("model.pth", b"hello").contains("is a text"));
    assert!(
        refused("notes.zip", &zip(&[("a.txt", b"a"), ("b.txt", b"b")]))
            .contains("in it there are a.txt, b.txt")
    );
    assert_eq!(File::open("cfg.json", b"{\"d_in\": 8}").unwrap().kind(), FileKind::Json);
}

#[test]
fn a_torch_file_that_is_cut_off_or_changed_is_refused() {
    for name in ["values-zip.pt", "values-legacy.pt", "values-plain.pkl", "compressed.npz"] {
        let whole = data(name);
        for length in [whole.len() - 1, whole.len() - 40, whole.len() / 2, 20] {
            let error = refused(name, &whole[..length]);
            assert!(error.starts_with(name), "{error}");
        }
    }
    let mut changed = data("values-zip.pt");
    let at = changed.windows(4).position(|bytes| bytes == 5.0_f32.to_le_bytes()).unwrap();
    changed[at] ^= 1;
    assert!(refused("values-zip.pt", &changed).contains("its checksum does not fit"));
}

/// A zip of stored parts.
fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for (name, bytes) in parts {
        let (mut entry, config) = archive.new_file(name).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        std::io::Write::write_all(&mut writer, bytes).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}

/// A torch zip of one tensor: a storage of four floats, and the pickle that makes a tensor of it.
fn tensor(storage: &str, offset: &str, shape: &str, strides: &str) -> Vec<u8> {
    let pickle = format!(
        "ctorch._utils\n_rebuild_tensor_v2\n((S'storage'\nctorch\n{storage}\nS'0'\nS'cpu'\nI4\ntQ{offset}\n{shape}{strides}I00\n\
         ccollections\nOrderedDict\n)RtR."
    );
    // Names of storages are texts.
    let pickle = pickle.replace("S'storage'", "Vstorage").replace("S'0'", "V0").replace("S'cpu'", "Vcpu");
    zip(&[("a/data.pkl", pickle.as_bytes()), ("a/data/0", &[0; 16])])
}

#[test]
fn a_tensor_that_lies_about_its_storage_is_refused() {
    let read =
        |bytes: &[u8]| with("a.pt", bytes, |tensors| tensors.get(TensorSet::ONLY).unwrap().floats().unwrap());
    assert_eq!(read(&tensor("FloatStorage", "I1", "(I3\nt", "(I1\nt")).unwrap(), [0.0; 3]);
    let cases = [
        (tensor("FloatStorage", "I2", "(I3\nt", "(I1\nt"), "needs 20 bytes; there are 16"),
        (
            tensor("FloatStorage", "I0", "(L1152921504606846976L\nt", "(I1\nt"),
            "needs 4611686018427387904 bytes",
        ),
        (tensor("FloatStorage", "I0", "(I1073741824\nI1073741824\nt", "(I0\nI0\nt"), "its storage has 4"),
        (tensor("FloatStorage", "I-1", "(I3\nt", "(I1\nt"), "begins at no whole number"),
        (tensor("FloatStorage", "I0", "(I-3\nt", "(I1\nt"), "has sizes that are no whole numbers"),
        (tensor("DoubleStorage", "I0", "(I4\nt", "(I1\nt"), "needs 32 bytes; there are 16"),
        (tensor("QInt8Storage", "I0", "(I4\nt", "(I1\nt"), "type of storage that is not read"),
    ];
    for (bytes, expected) in cases {
        let error = refused("a.pt", &bytes);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_pickle_that_asks_to_run_something_is_read_and_nothing_is_run() {
    let bytes = b"\x80\x04cos\nsystem\n\x8c\x0ctouch /tmp/x\x85R.";
    assert_eq!(with("evil.pkl", bytes, |tensors| tensors.len()).unwrap(), 0);
}

#[test]
fn what_is_nested_too_deep_or_in_itself_ends() {
    let deep = [b"]".repeat(300), b"a".repeat(299), b".".to_vec()].concat();
    assert!(refused("deep.pkl", &deep).contains("more than 100 deep"));
    assert_eq!(with("cycle.pkl", b"]q\x00h\x00a.", |tensors| tensors.len()).unwrap(), 0);
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_unpacked() {
    let bytes = data("bomb.npz");
    assert!(bytes.len() < 100_000);
    assert!(refused("bomb.npz", &bytes).contains("more than is read"));
}
