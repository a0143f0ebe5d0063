//! Tensors in what torch saved: as a zip (torch 1.6 and newer), as pickles one behind the other (older), or within
//! a plain pickle; and arrays of numpy in any of them.

use std::collections::BTreeMap;

use safetensors::Dtype;

use super::FileError;
use super::array::{Array, ByteOrder};
use super::pickle::{Kind, Object, Pickle, Value};
use super::tensors::TensorSet;
use super::zip::Part;

/// The bytes that tensors are views of, by the key that the pickle has for them.
#[derive(Debug, Default)]
pub(super) struct Storages<'a> {
    bytes: BTreeMap<String, &'a [u8]>,
    order: Option<ByteOrder>,
}

/// A pickle, and the storages that its tensors view.
#[derive(Debug)]
pub(super) struct Saved<'a> {
    pub(super) pickle: Pickle<'a>,
    pub(super) storages: Storages<'a>,
}

/// What an old torch begins its files with: 0x1950a86a20f9469cfc6c as Python writes it.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// How deep dictionaries, lists and objects may lie within each other; a whole pickled model has about 20.
const MAX_DEPTH: usize = 100;

/// The most tensors that are listed.
const MAX_TENSORS: usize = 100_000;

impl<'a> Saved<'a> {
    /// What torch saved as the zip of these parts, `length` bytes; `None` if it was not torch.
    ///
    /// # Errors
    /// [`FileError::Pickle`].
    pub(super) fn in_zip(
        file: &str,
        parts: &'a [Part<'a>],
        length: usize,
    ) -> Result<Option<Self>, FileError> {
        let Some(data) =
            parts.iter().find(|part| part.name == "data.pkl" || part.name.ends_with("/data.pkl"))
        else {
            return Ok(None);
        };
        let folder = data.name.trim_end_matches("data.pkl");
        let under = |name: &str| parts.iter().find(|part| part.name.strip_prefix(folder) == Some(name));
        let order = match under("byteorder").map(|part| &*part.bytes) {
            Some(b"big") => ByteOrder::Big,
            _ => ByteOrder::Little,
        };
        let storage = |part: &'a Part<'a>| {
            let key = part.name.strip_prefix(folder)?.strip_prefix("data/")?;
            Some((key.to_owned(), &*part.bytes))
        };
        let bytes = parts.iter().filter_map(storage).collect();
        let pickle = read_pickle(file, &data.bytes, length)?;
        Ok(Some(Self { pickle, storages: Storages { bytes, order: Some(order) } }))
    }

    /// A pickle, with the storages that an old torch put behind it.
    ///
    /// # Errors
    /// [`FileError::Pickle`]; [`FileError::Torch`] where the storages are cut off.
    pub(super) fn in_pickle(file: &str, bytes: &'a [u8]) -> Result<Self, FileError> {
        let first = read_pickle(file, bytes, bytes.len())?;
        if !matches!(first.root().kind(), Kind::Long(number) if number == MAGIC) {
            return Ok(Self { pickle: first, storages: Storages::default() });
        }
        let failed = |reason: &str| FileError::Torch { file: file.to_owned(), reason: reason.to_owned() };
        let mut at = first.length();
        let mut next = || {
            let pickle = read_pickle(file, &bytes[at..], bytes.len())?;
            at += pickle.length();
            Ok::<_, FileError>((pickle, at))
        };
        // The version of the format, and what is particular to the machine.
        let (_version, _machine) = (next()?, next()?);
        let (pickle, _) = next()?;
        let (keys, mut at) = next()?;
        let widths = StorageTypes::of(&pickle);
        let mut storages = Storages { bytes: BTreeMap::new(), order: Some(ByteOrder::Little) };
        for key in keys.root().items() {
            let key =
                key.text().ok_or_else(|| failed("its list of storages has something else than names"))?;
            let cut = || failed(&format!("storage {key} is cut off"));
            let (length, rest) = bytes[at..].split_first_chunk::<8>().ok_or_else(cut)?;
            let dtype = widths.0.get(&*key).copied().unwrap_or(Dtype::U8);
            let length = usize::try_from(i64::from_le_bytes(*length)).ok();
            let length = length.and_then(|length| length.checked_mul(dtype.bitsize() / 8));
            let storage = length.and_then(|length| rest.get(..length)).ok_or_else(cut)?;
            at += 8 + storage.len();
            storages.bytes.insert(key.into_owned(), storage);
        }
        Ok(Self { pickle, storages })
    }

    /// All its tensors, each named by the keys and attributes on the way to it, and the numbers, texts and truth
    /// values beside them.
    ///
    /// # Errors
    /// [`FileError::Tensor`] where one does not fit its storage; [`FileError::Depth`].
    pub(super) fn tensors(&self, file: &str) -> Result<TensorSet<'_>, FileError> {
        let mut walk = Walk {
            file,
            storages: &self.storages,
            met: vec![false; self.pickle.len()],
            name: String::new(),
            found: TensorSet::new(file),
        };
        walk.value(self.pickle.root(), 0)?;
        Ok(walk.found)
    }
}

/// Goes through all values of a pickle, each once.
struct Walk<'f, 'p> {
    file: &'f str,
    storages: &'p Storages<'p>,
    /// The values that were met, by their numbers: a pickle may refer to itself.
    met: Vec<bool>,
    /// Of the value that is looked at.
    name: String,
    found: TensorSet<'p>,
}

impl<'p> Walk<'_, 'p> {
    fn value(&mut self, value: Value<'p>, depth: usize) -> Result<(), FileError> {
        if depth > MAX_DEPTH {
            return Err(FileError::Depth { file: self.file.to_owned(), most: MAX_DEPTH });
        }
        if let Some(array) = self.storages.array(value) {
            let array = array.map_err(|reason| self.failed(reason))?;
            if self.found.len() == MAX_TENSORS {
                return Err(self.failed(format!("is one of more than {MAX_TENSORS}; no more are read")));
            }
            self.found.insert(&self.name, array);
            return Ok(());
        }
        if !matches!(value.kind(), Kind::List | Kind::Tuple | Kind::Set | Kind::Dict | Kind::Object(_))
            || self.met.get_mut(value.identity() as usize).is_none_or(|met| std::mem::replace(met, true))
        {
            return Ok(());
        }
        for (index, item) in value.items().enumerate() {
            // Numbers in lists are data.
            if !matches!(item.kind(), Kind::Int(_) | Kind::Float(_) | Kind::Bool(_) | Kind::Text(_)) {
                self.within(&index.to_string(), item, depth)?;
            }
        }
        for (key, value) in value.entries() {
            if let Some(key) = key_name(key) {
                self.within(&key, value, depth)?;
            }
        }
        if let Kind::Object(Object { args, state, .. }) = value.kind() {
            self.value(args, depth + 1)?;
            state.map_or(Ok(()), |state| self.value(state, depth + 1))?;
        }
        Ok(())
    }

    fn within(&mut self, key: &str, value: Value<'p>, depth: usize) -> Result<(), FileError> {
        let length = self.name.len();
        if !MODULE_TABLES.contains(&key) {
            if length > 0 {
                self.name.push('.');
            }
            self.name.push_str(key);
        }
        match value.kind() {
            Kind::Bool(it) => self.found.note(&self.name, it.into()),
            Kind::Int(it) => self.found.note(&self.name, it.into()),
            Kind::Float(it) => self.found.note(&self.name, it.into()),
            Kind::Text(it) => self.found.note(&self.name, it.into_owned().into()),
            _ => self.value(value, depth + 1)?,
        }
        self.name.truncate(length);
        Ok(())
    }

    fn failed(&self, reason: String) -> FileError {
        let tensor = if self.name.is_empty() { TensorSet::ONLY } else { &self.name };
        FileError::Tensor { file: self.file.to_owned(), tensor: tensor.to_owned(), reason }
    }
}

/// Where a module of torch keeps its tensors and the modules within it: not in the names of its state dict.
const MODULE_TABLES: [&str; 3] = ["_parameters", "_buffers", "_modules"];

fn key_name(key: Value<'_>) -> Option<String> {
    key.text().map(std::borrow::Cow::into_owned).or_else(|| key.int().map(|key| key.to_string()))
}

/// Reads a pickle in a file of `length` bytes.
fn read_pickle<'a>(file: &str, bytes: &'a [u8], length: usize) -> Result<Pickle<'a>, FileError> {
    Pickle::within(bytes, length).map_err(|error| FileError::Pickle { file: file.to_owned(), error })
}

/// The type of each storage that a pickle refers to: an old torch does not say it beside the bytes.
struct StorageTypes(BTreeMap<String, Dtype>);

impl StorageTypes {
    fn of(pickle: &Pickle<'_>) -> Self {
        let keys = pickle.persistent().filter_map(|key| {
            let storage = StorageKey::of(key)?;
            Some((storage.key, storage.dtype))
        });
        Self(keys.collect())
    }
}

/// How a pickle refers to a storage: `("storage", torch.FloatStorage, key, device, length …)`.
struct StorageKey {
    key: String,
    dtype: Dtype,
}

impl StorageKey {
    fn of(key: Value<'_>) -> Option<Self> {
        let mut parts = key.items();
        let (kind, class, key) = (parts.next()?, parts.next()?, parts.next()?);
        let (_, class) = class.global().filter(|_| kind.text().as_deref() == Some("storage"))?;
        Some(Self { key: key_name(key)?, dtype: storage_type(class)? })
    }
}

/// The type of the values of a class of storages.
fn storage_type(class: &str) -> Option<Dtype> {
    Some(match class {
        "FloatStorage" => Dtype::F32,
        "DoubleStorage" => Dtype::F64,
        "HalfStorage" => Dtype::F16,
        "BFloat16Storage" => Dtype::BF16,
        "LongStorage" => Dtype::I64,
        "IntStorage" => Dtype::I32,
        "ShortStorage" => Dtype::I16,
        "CharStorage" => Dtype::I8,
        "ByteStorage" | "UntypedStorage" => Dtype::U8,
        "BoolStorage" => Dtype::BOOL,
        _ => return None,
    })
}

/// The type that torch calls `torch.float32`, of an untyped storage.
fn named_type(name: &str) -> Option<Dtype> {
    Some(match name {
        "float32" | "float" => Dtype::F32,
        "float64" | "double" => Dtype::F64,
        "float16" | "half" => Dtype::F16,
        "bfloat16" => Dtype::BF16,
        "int64" => Dtype::I64,
        "int32" => Dtype::I32,
        "int16" => Dtype::I16,
        "int8" => Dtype::I8,
        "uint8" => Dtype::U8,
        "uint16" => Dtype::U16,
        "uint32" => Dtype::U32,
        "uint64" => Dtype::U64,
        "bool" => Dtype::BOOL,
        _ => return None,
    })
}

impl Storages<'_> {
    /// The tensor that a value is; `None` if it is none.
    fn array<'p>(&'p self, value: Value<'p>) -> Option<Result<Array<'p>, String>> {
        // A parameter around a tensor, in a type around that.
        let mut value = value;
        for _ in 0..4 {
            let Kind::Object(object) = value.kind() else { return None };
            let (module, name) = object.class.global()?;
            let mut args = object.args.items();
            match (module, name) {
                ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_tensor_v3") => {
                    return Some(self.rebuilt(object.args));
                }
                ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state")
                | ("torch.nn.parameter", "Parameter" | "Buffer") => value = args.next()?,
                ("torch._tensor", "_rebuild_from_type_v2") => return Some(self.rebuilt(args.nth(2)?)),
                ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => {
                    return Some(reconstructed(object.state?));
                }
                ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => {
                    return Some(from_buffer(object.args));
                }
                _ => return None,
            }
        }
        None
    }

    /// `_rebuild_tensor…(storage, offset, shape, strides, …)`.
    fn rebuilt<'p>(&'p self, args: Value<'p>) -> Result<Array<'p>, String> {
        let args: Vec<Value<'p>> = args.items().collect();
        let [storage, offset, shape, strides, rest @ ..] = args.as_slice() else {
            return Err("is rebuilt from fewer than four values".to_owned());
        };
        let (mut dtype, bytes) = self.storage(*storage)?;
        // The third version says the type of the values of an untyped storage.
        if let Some((module, name)) =
            rest.get(2).and_then(|it| it.global()).filter(|(module, _)| *module == "torch")
        {
            dtype = named_type(name).ok_or_else(|| format!("is of {module}.{name}, which is not read"))?;
        }
        let sizes = |value: Value<'_>, what: &str| -> Result<Vec<usize>, String> {
            let sizes = value.items().map(|size| size.int().and_then(|size| usize::try_from(size).ok()));
            sizes
                .collect::<Option<_>>()
                .ok_or_else(|| format!("has {what} that are no whole numbers from 0 on"))
        };
        let offset = offset.int().and_then(|offset| usize::try_from(offset).ok());
        let offset = offset.ok_or("begins at no whole number from 0 on")?;
        let (shape, strides) = (sizes(*shape, "sizes")?, sizes(*strides, "strides")?);
        let order = self.order.unwrap_or(ByteOrder::Little);
        Array::strided(dtype, order, shape, strides, offset, bytes).map_err(|error| error.to_string())
    }

    fn storage<'p>(&'p self, value: Value<'p>) -> Result<(Dtype, &'p [u8]), String> {
        match value.kind() {
            Kind::Persistent(key) => {
                let StorageKey { key, dtype } =
                    StorageKey::of(key).ok_or("is of a type of storage that is not read")?;
                let bytes = self
                    .bytes
                    .get(&key)
                    .ok_or_else(|| format!("refers to storage {key}, which is missing"))?;
                Ok((dtype, *bytes))
            }
            // A storage in a plain pickle: the file of an old torch, as bytes.
            Kind::Object(object) if object.class.global() == Some(("torch.storage", "_load_from_bytes")) => {
                match object.args.items().next().map(Value::kind) {
                    Some(Kind::Bytes(bytes)) => lone_storage(bytes),
                    _ => Err("has a storage without bytes".to_owned()),
                }
            }
            _ => Err("has no storage".to_owned()),
        }
    }
}

/// The only storage in the file of an old torch.
fn lone_storage(bytes: &[u8]) -> Result<(Dtype, &[u8]), String> {
    let saved = Saved::in_pickle("its storage", bytes).map_err(|error| error.to_string())?;
    let key = match saved.pickle.root().kind() {
        Kind::Persistent(key) => StorageKey::of(key),
        // A typed storage around an untyped one.
        Kind::Object(object) => match object.args.items().next().map(Value::kind) {
            Some(Kind::Persistent(key)) => StorageKey::of(key),
            _ => None,
        },
        _ => None,
    };
    let StorageKey { key, dtype } = key.ok_or("has a storage of a type that is not read")?;
    let bytes = saved.storages.bytes.get(&key).ok_or("has a storage without bytes")?;
    Ok((dtype, *bytes))
}

/// The state of a numpy array: `(version, shape, dtype, by column, bytes)`.
fn reconstructed(state: Value<'_>) -> Result<Array<'_>, String> {
    let parts: Vec<Value<'_>> = state.items().collect();
    let [_version, shape, dtype, by_column, bytes] = parts.as_slice() else {
        return Err("is an array of numpy in a form that is not read".to_owned());
    };
    numpy(*shape, *dtype, matches!(by_column.kind(), Kind::Bool(true)), *bytes)
}

/// `_frombuffer(bytes, dtype, shape, order)`.
fn from_buffer(args: Value<'_>) -> Result<Array<'_>, String> {
    let parts: Vec<Value<'_>> = args.items().collect();
    let [bytes, dtype, shape, order] = parts.as_slice() else {
        return Err("is an array of numpy in a form that is not read".to_owned());
    };
    numpy(*shape, *dtype, order.text().as_deref() == Some("F"), *bytes)
}

fn numpy<'p>(
    shape: Value<'p>,
    dtype: Value<'p>,
    by_column: bool,
    bytes: Value<'p>,
) -> Result<Array<'p>, String> {
    let not_read = || "is an array of numpy whose values are no plain numbers".to_owned();
    let Kind::Object(object) = dtype.kind() else { return Err(not_read()) };
    let name = object.args.items().next().and_then(Value::text).ok_or_else(not_read)?;
    // `(3, '<', None, …)`.
    let order = object.state.and_then(|state| state.items().nth(1)).and_then(Value::text);
    let order = order.filter(|order| order == ">").map_or("<", |_| ">");
    let (order, dtype) = super::npy::dtype(&format!("{order}{name}")).ok_or_else(not_read)?;
    let shape = shape.items().map(|size| size.int().and_then(|size| usize::try_from(size).ok()));
    let shape = shape.collect::<Option<_>>().ok_or_else(not_read)?;
    let Kind::Bytes(bytes) = bytes.kind() else { return Err(not_read()) };
    Array::contiguous(dtype, order, shape, by_column, bytes).map_err(|error| error.to_string())
}
