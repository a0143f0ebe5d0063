//! What is done with the activations of a pass on the way: keep them, replace them.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::{Layer, Site, Tap};

/// Sees every activation of a pass as it is computed, patterns where it asks for them, and returns what the pass
/// goes on with.
///
/// What leaves one block is what the next one receives: `ResidPost` of a block is seen first, then
/// what was returned for it is seen as `ResidPre` of the next.
pub trait Hook {
    /// An activation of any site but [`Site::Pattern`], `[batch, ply, d_model]`.
    fn vector(&mut self, tap: Tap, activation: Tensor<3>) -> Tensor<3> {
        let _ = tap;
        activation
    }

    /// An attention pattern, `[batch, heads, ply, keys]`. `keys` is `ply` and the plies that were
    /// cached before it.
    fn pattern(&mut self, layer: Layer, pattern: Tensor<4>) -> Tensor<4> {
        let _ = layer;
        pattern
    }

    /// Whether it wants the pattern of this block; where it does not, attention need not make one, and may or
    /// may not show it.
    fn sees_pattern(&self, layer: Layer) -> bool {
        let _ = layer;
        true
    }
}

/// Leaves everything as it is.
impl Hook for () {
    fn sees_pattern(&self, _: Layer) -> bool {
        false
    }
}

/// The first, then the second.
impl<A: Hook, B: Hook> Hook for (A, B) {
    fn vector(&mut self, tap: Tap, activation: Tensor<3>) -> Tensor<3> {
        let activation = self.0.vector(tap, activation);
        self.1.vector(tap, activation)
    }

    fn pattern(&mut self, layer: Layer, pattern: Tensor<4>) -> Tensor<4> {
        let pattern = self.0.pattern(layer, pattern);
        self.1.pattern(layer, pattern)
    }

    fn sees_pattern(&self, layer: Layer) -> bool {
        self.0.sees_pattern(layer) || self.1.sees_pattern(layer)
    }
}

impl<H: Hook> Hook for &mut H {
    fn vector(&mut self, tap: Tap, activation: Tensor<3>) -> Tensor<3> {
        (**self).vector(tap, activation)
    }

    fn pattern(&mut self, layer: Layer, pattern: Tensor<4>) -> Tensor<4> {
        (**self).pattern(layer, pattern)
    }

    fn sees_pattern(&self, layer: Layer) -> bool {
        (**self).sees_pattern(layer)
    }
}

/// The hook that keeps the activations at chosen taps.
#[derive(Clone, Debug)]
pub struct Activations {
    taps: Vec<Tap>,
    vectors: BTreeMap<Tap, Tensor<3>>,
    patterns: BTreeMap<Layer, Tensor<4>>,
}

impl Activations {
    /// Keeps the activations at `taps`.
    #[must_use]
    pub fn at(taps: &[Tap]) -> Self {
        Self { taps: taps.to_vec(), vectors: BTreeMap::new(), patterns: BTreeMap::new() }
    }

    /// The activation at `tap`, `[batch, ply, d_model]`; `None` if it was not kept, or is a pattern.
    #[must_use]
    pub fn vector(&self, tap: Tap) -> Option<&Tensor<3>> {
        self.vectors.get(&tap)
    }

    /// The attention pattern of a block, `[batch, heads, ply, keys]`; `None` if it was not kept.
    #[must_use]
    pub fn pattern(&self, layer: Layer) -> Option<&Tensor<4>> {
        self.patterns.get(&layer)
    }
}

impl Hook for Activations {
    fn vector(&mut self, tap: Tap, activation: Tensor<3>) -> Tensor<3> {
        if self.taps.contains(&tap) {
            self.vectors.insert(tap, activation.clone());
        }
        activation
    }

    fn pattern(&mut self, layer: Layer, pattern: Tensor<4>) -> Tensor<4> {
        if self.taps.contains(&Tap { site: Site::Pattern, layer }) {
            self.patterns.insert(layer, pattern.clone());
        }
        pattern
    }

    fn sees_pattern(&self, layer: Layer) -> bool {
        self.taps.contains(&Tap { site: Site::Pattern, layer })
    }
}

/// The hook that puts `replace(x)` in the place of the activation `x` at `tap`: how an SAE's
/// reconstruction is spliced into a model.
#[derive(Clone, Debug)]
pub struct Splice<F> {
    /// Where; any site but [`Site::Pattern`].
    pub tap: Tap,
    /// From `[batch, ply, d_model]` to the same shape.
    pub replace: F,
}

impl<F: FnMut(Tensor<3>) -> Tensor<3>> Hook for Splice<F> {
    fn vector(&mut self, tap: Tap, activation: Tensor<3>) -> Tensor<3> {
        if tap == self.tap { (self.replace)(activation) } else { activation }
    }

    fn sees_pattern(&self, _: Layer) -> bool {
        false
    }
}
