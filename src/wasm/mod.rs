//! The browser bindings: they convert, and compute nothing.
//!
//! What crosses to JS is a plain object whose TypeScript type is derived from the struct here and exported
//! by `pkg/src/types.ts`; bulk numbers are typed arrays. Every error becomes a JS `Error` with a `code`, in
//! [`error`].
//!
//! They are built twice. The lens's program is what a visitor waits for: it runs a model and shows what was
//! measured on it. The laboratory's, with the feature `wasm-lab`, is the same and what measures, studies, and
//! reads the files of others, which workers of their own run.

#![cfg_attr(
    not(feature = "wasm-lab"),
    expect(dead_code, reason = "the laboratory needs more of what is shared")
)]
#![allow(unreachable_pub, reason = "wasm-bindgen exports public items alone")]

mod analysis;
mod bundle;
mod cards;
mod directions;
mod error;
mod figures;
#[cfg(feature = "wasm-lab")]
mod games;
#[cfg(feature = "wasm-lab")]
mod importing;
mod js;
#[cfg(feature = "wasm-lab")]
mod lab;
mod lens;
mod loader;
#[cfg(feature = "wasm-lab")]
mod measuring;
mod results;
mod rules;
#[cfg(feature = "wasm-lab")]
mod studying;

use wasm_bindgen::prelude::*;

/// Runs when the module is instantiated.
#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}
