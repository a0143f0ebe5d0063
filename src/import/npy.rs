//! Arrays of numpy, as `numpy.save` writes them (format versions 1 to 3).

use safetensors::Dtype;

use super::FileError;
use super::array::{Array, ByteOrder};

/// The longest header that is read, in bytes.
const MAX_HEADER: usize = 1 << 16;

const MAGIC: &[u8] = b"\x93NUMPY";

/// Reads the array `bytes`, which errors call `file`, without copying its values.
///
/// # Errors
/// [`FileError::Npy`]: a header that is damaged, or values that are no numbers; [`FileError::Tensor`]: an array
/// that is longer than the file.
pub fn read<'a>(file: &str, bytes: &'a [u8]) -> Result<Array<'a>, FileError> {
    let failed = |reason: &str| FileError::Npy { file: file.to_owned(), reason: reason.to_owned() };
    let cut = || failed("it is cut off");
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| failed("it does not begin as one"))?;
    let (&[major, _minor], rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
    let (length, rest) = match major {
        1 => {
            let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
            (usize::from(u16::from_le_bytes(*length)), rest)
        }
        2 | 3 => {
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
            (u32::from_le_bytes(*length) as usize, rest)
        }
        _ => return Err(failed(&format!("its version is {major}; 1 to 3 are read"))),
    };
    if length > MAX_HEADER {
        return Err(failed(&format!("it says that it has {length} bytes; at most {MAX_HEADER} are read")));
    }
    let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
    let header = std::str::from_utf8(header).map_err(|_| failed("it is not text"))?;
    let Header { descr, fortran_order, shape } = Header::parse(header)
        .ok_or_else(|| failed(&format!("`{}` is not what numpy writes", header.trim())))?;
    let (order, dtype) = dtype(descr).ok_or_else(|| {
        failed(&format!(
            "its values are `{descr}`; whole numbers, floating-point numbers and booleans are read"
        ))
    })?;
    Array::contiguous(dtype, order, shape, fortran_order, data).map_err(|error| FileError::Tensor {
        file: file.to_owned(),
        tensor: "array".to_owned(),
        reason: error.to_string(),
    })
}

/// What `numpy.save` says of an array, as the Python literal of a dictionary.
struct Header<'h> {
    descr: &'h str,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl<'h> Header<'h> {
    fn parse(text: &'h str) -> Option<Self> {
        let value = |key: &str| {
            let quoted = [format!("'{key}':"), format!("\"{key}\":")];
            let at = quoted.iter().find_map(|quoted| Some(text.find(quoted.as_str())? + quoted.len()))?;
            Some(text[at..].trim_start())
        };
        let descr = value("descr")?;
        let quote = descr.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
        let descr = descr[1..].split(quote).next()?;
        let fortran_order = value("fortran_order")?;
        let fortran_order = match (fortran_order.starts_with("True"), fortran_order.starts_with("False")) {
            (true, _) => true,
            (_, true) => false,
            _ => return None,
        };
        let shape = value("shape")?.strip_prefix('(')?.split(')').next()?;
        let sizes = shape.split(',').map(str::trim).filter(|size| !size.is_empty());
        // Python 2 wrote long numbers with an L.
        let shape = sizes.map(|size| size.trim_end_matches('L').parse().ok()).collect::<Option<_>>()?;
        Some(Self { descr, fortran_order, shape })
    }
}

/// The type that numpy calls `descr`, such as `<f4`; `None` for texts, objects and records.
pub(super) fn dtype(descr: &str) -> Option<(ByteOrder, Dtype)> {
    let (order, name) = match descr.split_at_checked(1)? {
        ("<" | "|" | "=", name) => (ByteOrder::Little, name),
        (">", name) => (ByteOrder::Big, name),
        _ => (ByteOrder::Little, descr),
    };
    let dtype = match name {
        "f2" => Dtype::F16,
        "f4" => Dtype::F32,
        "f8" => Dtype::F64,
        "i1" => Dtype::I8,
        "i2" => Dtype::I16,
        "i4" => Dtype::I32,
        "i8" => Dtype::I64,
        "u1" => Dtype::U8,
        "u2" => Dtype::U16,
        "u4" => Dtype::U32,
        "u8" => Dtype::U64,
        "b1" => Dtype::BOOL,
        _ => return None,
    };
    Some((order, dtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of version 1 as `numpy.save` writes it.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let padded = format!("{header:<117}\n");
        [MAGIC, b"\x01\0", &(padded.len() as u16).to_le_bytes(), padded.as_bytes(), data].concat()
    }

    fn refused(header: &str, data: &[u8]) -> String {
        read("a.npy", &file(header, data)).unwrap_err().to_string()
    }

    #[test]
    fn rows_and_columns_are_read_in_either_order() {
        let bytes: Vec<u8> = (0..6_i16).flat_map(i16::to_le_bytes).collect();
        let by_row = file("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }", &bytes);
        let by_row = read("a.npy", &by_row).unwrap();
        assert_eq!((by_row.shape(), by_row.integers().unwrap()), (&[2, 3][..], vec![0, 1, 2, 3, 4, 5]));
        let by_column = file("{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }", &bytes);
        assert_eq!(read("a.npy", &by_column).unwrap().integers().unwrap(), [0, 2, 4, 1, 3, 5]);
    }

    #[test]
    fn bytes_may_stand_in_the_other_order() {
        let bytes = [1.5_f32.to_be_bytes(), (-2.0_f32).to_be_bytes()].concat();
        let file = file("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", &bytes);
        assert_eq!(read("a.npy", &file).unwrap().floats().unwrap(), [1.5, -2.0]);
    }

    #[test]
    fn what_is_not_read_is_refused_with_a_reason() {
        assert!(refused("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", b"").contains("`|O`"));
        assert!(
            refused("{'descr': '<U60', 'fortran_order': False, 'shape': (2,), }", b"").contains("`<U60`")
        );
        assert!(refused("{'shape': (2,)}", b"").contains("not what numpy writes"));
        let long = "{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,), }";
        assert!(refused(long, b"").contains("1152921504606846976"));
        let short = refused("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", &[0; 16]);
        assert!(short.contains("needs 24 bytes; there are 16"), "{short}");
        assert!(read("a.npy", &MAGIC[..4]).is_err());
    }
}
