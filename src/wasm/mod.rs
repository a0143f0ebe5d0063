//! The browser bindings: they convert, and compute nothing.
//!
//! What crosses to JS is a plain object whose TypeScript type is derived from the struct here and exported
//! by `pkg/src/types.ts`; bulk numbers are typed arrays. Every error becomes a JS `Error` with a `code`, in
//! [`error`].

#![allow(unreachable_pub, reason = "wasm-bindgen exports public items alone")]

mod analysis;
mod bundle;
mod cards;
mod directions;
mod error;
mod figures;
mod games;
mod importing;
mod js;
mod lens;
mod loader;
mod measuring;
mod results;
mod rules;
mod studying;

use wasm_bindgen::prelude::*;

/// Runs when the module is instantiated.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
