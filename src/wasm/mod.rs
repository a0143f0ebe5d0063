//! The browser bindings: they convert, and compute nothing.
//!
//! Structured results are plain objects, bulk numbers typed arrays, and every error becomes a JS `Error`
//! with a `code` in [`error`].

#![allow(unreachable_pub, reason = "wasm-bindgen exports public items alone")]

mod cards;
mod error;
mod lens;
mod loader;
mod othello;
mod values;

use wasm_bindgen::prelude::*;

/// Runs when the module is instantiated.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// Bytes of WebAssembly memory taken so far; it never shrinks.
#[wasm_bindgen]
#[must_use]
pub fn memory_bytes() -> f64 {
    const PAGE: f64 = 65_536.0;
    core::arch::wasm32::memory_size(0) as f64 * PAGE
}
