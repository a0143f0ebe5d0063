//! How values of Rust become values of JS.

use js_sys::{Float32Array, Int32Array};
use serde::{Serialize, Serializer};
use serde_wasm_bindgen::preserve;
use tsify::{Ts, Tsify};
use wasm_bindgen::JsValue;

use super::error::Error;

/// A square, `8 · row + column`; a1 is 0, top-left in print.
#[tsify::declare]
pub type Square = usize;

/// Numbers as a `Float32Array` of its own.
pub(super) struct Floats(JsValue);

impl Floats {
    pub(super) fn new(values: &[f32]) -> Self {
        Self(Float32Array::from(values).into())
    }
}

impl Serialize for Floats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        preserve::serialize(&self.0, serializer)
    }
}

/// Whole numbers as an `Int32Array` of its own.
pub(super) struct Integers(JsValue);

impl Integers {
    pub(super) fn new(values: &[i32]) -> Self {
        Self(Int32Array::from(values).into())
    }
}

impl Serialize for Integers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        preserve::serialize(&self.0, serializer)
    }
}

/// Numbers of 8 bits as a `Uint8Array`.
pub(super) struct Bytes(pub(super) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// A plain object; `None` is `null`.
pub(super) fn object<T: Serialize + Tsify>(value: &T) -> Result<Ts<T>, Error> {
    plain(value).map(Ts::new_unchecked)
}

/// A plain object, or a list of them, or `null`.
pub(super) fn plain(value: &impl Serialize) -> Result<JsValue, Error> {
    let serializer =
        serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(Error::internal)
}

/// Bytes of WebAssembly memory taken so far; it never shrinks.
pub(super) fn memory() -> f64 {
    const PAGE: f64 = 65_536.0;
    core::arch::wasm32::memory_size(0) as f64 * PAGE
}
