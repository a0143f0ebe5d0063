//! Operations that automatic differentiation takes apart into more steps than they need; each step reads and
//! writes whole activations, which is what training on burn 0.22 waits for. LayerNorm and attention have
//! gradients of their own here, and on libtorch linear layers, LayerNorm and attention have its own kernels.
#![cfg_attr(feature = "torch", expect(deprecated, reason = "burn means to drop libtorch; see `torch`"))]

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Flex, Scalar, TensorMetadata, backend_extension};
use burn::nn;
use burn::tensor::{Shape, Slice, Tensor, TensorData};

/// `(x − mean) / √(variance + eps) · scale + shift` over the last dimension of `x`, `[batch, ply, d_model]`,
/// with the biased variance.
pub(super) fn layer_norm(x: Tensor<3>, scale: Tensor<1>, shift: Tensor<1>, eps: f64) -> Tensor<3> {
    let [x, scale, shift] = [x.into_dispatch(), scale.into_dispatch(), shift.into_dispatch()];
    Tensor::from_dispatch(<Dispatch as Fused>::norm(x, scale, shift, eps))
}

/// `softmax(queries · keysᵀ · factor) · values` of each head, every ply reading itself and earlier ones. From
/// queries, keys and values, `[batch, ply, 3, heads, d_head]`, to `[batch, ply, heads, d_head]`.
pub(super) fn causal_attention(qkv: Tensor<5>, factor: f64) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as Fused>::attend(qkv.into_dispatch(), factor).0)
}

/// `x · weight + bias` of every row: from `[batch, ply, d_in]` to `[batch, ply, d_out]`.
pub(super) fn linear(layer: &nn::Linear, x: Tensor<3>) -> Tensor<3> {
    let [batch, plies, d_in] = x.dims();
    // One product of all rows, in the backward pass too.
    let rows = x.reshape([batch * plies, d_in]);
    let rows = match &layer.bias {
        Some(bias) => affine(rows, layer.weight.val(), bias.val()),
        None => layer.forward(rows),
    };
    let [_, d_out] = rows.dims();
    rows.reshape([batch, plies, d_out])
}

fn affine(rows: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    let [rows, weight, bias] = [rows.into_dispatch(), weight.into_dispatch(), bias.into_dispatch()];
    Tensor::from_dispatch(<Dispatch as Fused>::affine(rows, weight, bias))
}

/// The operations and their gradients, composed of what every backend has.
#[backend_extension(
    Flex,
    Cube: cfg(feature = "burn-wgpu"),
    LibTorch: cfg(feature = "torch"),
    Autodiff,
)]
trait Fused: Backend {
    /// From `[rows, d_in]`, `[d_in, d_out]` and `[d_out]` to `[rows, d_out]`.
    fn affine(
        rows: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        Self::linear(rows, weight, Some(bias))
    }

    /// `[batch, ply, d_model]`, as [`layer_norm`].
    fn norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        Self::layer_norm(x, scale, Some(shift), eps)
    }

    /// The gradients with respect to `x`, `scale` and `shift`, from that of the output.
    ///
    /// With n = (x − mean) / deviation and g the gradient times `scale`, that of x is
    /// `(g − mean(g) − n · mean(g · n)) / deviation`.
    fn norm_backward(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let mean = Self::float_mean_dim(x.clone(), 2);
        let centred = Self::float_sub(x, mean);
        let variance = Self::float_mean_dim(Self::float_mul(centred.clone(), centred.clone()), 2);
        let deviation = Self::float_sqrt(Self::float_add_scalar(variance, Scalar::from(eps)));
        let normal = Self::float_div(centred, deviation.clone());

        let of_shift = over_rows::<Self>(gradient.clone());
        let of_scale = over_rows::<Self>(Self::float_mul(gradient.clone(), normal.clone()));
        let scaled = Self::float_mul(gradient, in_rows::<Self>(scale));
        let along = Self::float_mean_dim(Self::float_mul(scaled.clone(), normal.clone()), 2);
        let mean = Self::float_mean_dim(scaled.clone(), 2);
        let rest = Self::float_sub(Self::float_sub(scaled, mean), Self::float_mul(normal, along));
        (Self::float_div(rest, deviation), of_scale, of_shift)
    }

    /// The output, `[batch, ply, heads, d_head]`, and what its gradient needs: here the pattern.
    fn attend(qkv: FloatTensor<Self>, factor: f64) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let plies = qkv.shape()[1];
        let [queries, keys, values] = parts::<Self>(qkv);
        let scores = Self::float_matmul(queries, Self::float_swap_dims(keys, 2, 3));
        let scores = Self::float_mul_scalar(scores, Scalar::from(factor));
        let later = |at: usize| at % plies > at / plies;
        let mask = |at| if later(at) { f32::NEG_INFINITY } else { 0.0 };
        let mask: Vec<f32> = (0..plies * plies).map(mask).collect();
        let mask = TensorData::new(mask, [1, 1, plies, plies]);
        let mask = Self::float_from_data(mask, &scores.device());
        let pattern = Self::softmax(Self::float_add(scores, mask), 3);
        (Self::float_swap_dims(Self::float_matmul(pattern.clone(), values), 1, 2), pattern)
    }

    /// The gradient with respect to `qkv`, from that of the output.
    ///
    /// With the pattern P, the gradient dO of P · V: dV = Pᵀ · dO, dP = dO · Vᵀ, and through the softmax
    /// dS = P ∘ (dP − the sum of dP ∘ P over keys).
    fn attend_backward(
        qkv: FloatTensor<Self>,
        output: FloatTensor<Self>,
        pattern: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        factor: f64,
    ) -> FloatTensor<Self> {
        let _ = output;
        let [queries, keys, values] = parts::<Self>(qkv);
        let gradient = Self::float_swap_dims(gradient, 1, 2);
        let of_values = Self::float_matmul(Self::float_swap_dims(pattern.clone(), 2, 3), gradient.clone());
        let of_pattern = Self::float_matmul(gradient, Self::float_swap_dims(values, 2, 3));
        let of_scores = Self::float_mul(of_pattern, pattern.clone());
        let sums = Self::float_sum_dim(of_scores.clone(), 3);
        let of_scores = Self::float_sub(of_scores, Self::float_mul(pattern, sums));
        let of_scores = Self::float_mul_scalar(of_scores, Scalar::from(factor));
        let of_queries = Self::float_matmul(of_scores.clone(), keys);
        let of_keys = Self::float_matmul(Self::float_swap_dims(of_scores, 2, 3), queries);
        joined::<Self>([of_queries, of_keys, of_values])
    }
}

/// `[d]` as `[1, 1, d]`.
fn in_rows<B: Backend>(vector: FloatTensor<B>) -> FloatTensor<B> {
    let d = vector.shape()[0];
    B::float_reshape(vector, Shape::new([1, 1, d]))
}

/// The sum over all rows of `[batch, ply, d]`.
fn over_rows<B: Backend>(rows: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, plies, d] = rows.shape().dims();
    let sum = B::float_sum_dim(B::float_reshape(rows, Shape::new([batch * plies, d])), 0);
    B::float_reshape(sum, Shape::new([d]))
}

/// `[batch, ply, 3, heads, d_head]` as three of `[batch, heads, ply, d_head]`.
fn parts<B: Backend>(qkv: FloatTensor<B>) -> [FloatTensor<B>; 3] {
    let [batch, plies, _, heads, d_head] = qkv.shape().dims();
    [0, 1, 2].map(|part| {
        let slices =
            [Slice::full(), Slice::full(), Slice::from(part..part + 1), Slice::full(), Slice::full()];
        let part = B::float_slice(qkv.clone(), &slices);
        B::float_swap_dims(B::float_reshape(part, Shape::new([batch, plies, heads, d_head])), 1, 2)
    })
}

/// The inverse of [`parts`].
fn joined<B: Backend>(parts: [FloatTensor<B>; 3]) -> FloatTensor<B> {
    let [batch, heads, plies, d_head] = parts[0].shape().dims();
    let parts = parts.map(|part| {
        B::float_reshape(B::float_swap_dims(part, 1, 2), Shape::new([batch, plies, 1, heads, d_head]))
    });
    B::float_cat(parts.into(), 2)
}

impl Fused for Flex {}

#[cfg(feature = "burn-wgpu")]
impl Fused for burn::backend::Cube {}

#[cfg(feature = "torch")]
mod torch;

mod autodiff {
    use burn::backend::Autodiff;
    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};

    use super::{FloatTensor, Fused};

    #[derive(Debug)]
    struct Affine;

    impl<B: Fused> Backward<B, 3> for Affine {
        /// Input and weight.
        type State = [FloatTensor<B>; 2];

        fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
            let gradient = grads.consume::<B>(&ops.node);
            let [x, weight] = ops.state;
            let [of_x, of_weight, of_bias] = ops.parents;
            if let Some(parent) = of_x {
                grads.register::<B>(parent.id, B::linear_x_backward(weight, gradient.clone()));
            }
            if let Some(parent) = of_weight {
                grads.register::<B>(parent.id, B::linear_weight_backward(x, gradient.clone()));
            }
            if let Some(parent) = of_bias {
                grads.register::<B>(parent.id, B::linear_bias_backward(gradient));
            }
        }
    }

    #[derive(Debug)]
    struct Norm;

    impl<B: Fused> Backward<B, 3> for Norm {
        /// Input and scale; epsilon.
        type State = ([FloatTensor<B>; 2], f64);

        fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
            let gradient = grads.consume::<B>(&ops.node);
            let ([x, scale], eps) = ops.state;
            let (of_x, of_scale, of_shift) = B::norm_backward(x, scale, gradient, eps);
            for (parent, gradient) in ops.parents.into_iter().zip([of_x, of_scale, of_shift]) {
                if let Some(parent) = parent {
                    grads.register::<B>(parent.id, gradient);
                }
            }
        }
    }

    #[derive(Debug)]
    struct Attend;

    impl<B: Fused> Backward<B, 1> for Attend {
        /// Input, output and what was kept; the factor.
        type State = ([FloatTensor<B>; 3], f64);

        fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
            let gradient = grads.consume::<B>(&ops.node);
            let ([qkv, output, kept], factor) = ops.state;
            let [parent] = ops.parents;
            if let Some(parent) = parent {
                grads.register::<B>(parent.id, B::attend_backward(qkv, output, kept, gradient, factor));
            }
        }
    }

    impl<B: Fused, C: CheckpointStrategy> Fused for Autodiff<B, C> {
        fn affine(
            x: FloatTensor<Self>,
            weight: FloatTensor<Self>,
            bias: FloatTensor<Self>,
        ) -> FloatTensor<Self> {
            let nodes = [x.node(), weight.node(), bias.node()];
            let [x, weight, bias] = [x, weight, bias].map(FloatTensor::<Self>::into_primitive);
            let output = B::affine(x.clone(), weight.clone(), bias);
            match Affine.prepare::<C>(nodes).compute_bound().stateful() {
                OpsKind::Tracked(operation) => operation.finish([x, weight], output),
                OpsKind::UnTracked(operation) => operation.finish(output),
            }
        }

        fn norm(
            x: FloatTensor<Self>,
            scale: FloatTensor<Self>,
            shift: FloatTensor<Self>,
            eps: f64,
        ) -> FloatTensor<Self> {
            let nodes = [x.node(), scale.node(), shift.node()];
            let [x, scale, shift] = [x, scale, shift].map(FloatTensor::<Self>::into_primitive);
            let output = B::norm(x.clone(), scale.clone(), shift, eps);
            match Norm.prepare::<C>(nodes).compute_bound().stateful() {
                OpsKind::Tracked(operation) => operation.finish(([x, scale], eps), output),
                OpsKind::UnTracked(operation) => operation.finish(output),
            }
        }

        fn attend(qkv: FloatTensor<Self>, factor: f64) -> (FloatTensor<Self>, FloatTensor<Self>) {
            let node = qkv.node();
            let qkv = qkv.into_primitive();
            let (output, kept) = B::attend(qkv.clone(), factor);
            let shown = Self::FloatTensorPrimitive::new(kept.clone());
            let output = match Attend.prepare::<C>([node]).compute_bound().stateful() {
                OpsKind::Tracked(operation) => {
                    operation.finish(([qkv, output.clone(), kept], factor), output)
                }
                OpsKind::UnTracked(operation) => operation.finish(output),
            };
            (output, shown)
        }
    }
}

#[cfg(test)]
#[cfg(feature = "train")]
mod tests {
    use burn::tensor::activation::softmax;
    use burn::tensor::{Bool, Device, Tolerance, module};

    use super::*;
    use crate::train::TrainDevice;

    const DEVICES: &[TrainDevice] = &[
        TrainDevice::Flex,
        #[cfg(feature = "torch")]
        TrainDevice::Torch,
    ];

    /// The output of `operation` on three inputs of these sizes, then the gradients of a weighted sum of it
    /// with respect to each input that it uses.
    fn of<const D: usize>(
        device: TrainDevice,
        sizes: [usize; 3],
        operation: impl Fn([Tensor<1>; 3]) -> Tensor<D>,
    ) -> Vec<TensorData> {
        let device = device.open().unwrap().autodiff();
        let inputs = [0, 1, 2].map(|at| values(at as f32, sizes[at], &device).require_grad());
        let output = operation(inputs.clone());
        let count = output.shape().num_elements();
        let output = output.reshape([count]);
        let gradients = (output.clone() * values(3.0, count, &device)).sum().backward();
        let gradients = inputs.iter().filter_map(|input| input.grad(&gradients)).map(Tensor::into_data);
        std::iter::once(output.inner().into_data()).chain(gradients).collect()
    }

    /// From −1.5 to 1.5 in no order.
    fn values(seed: f32, count: usize, device: &Device) -> Tensor<1> {
        let values: Vec<f32> = (0..count).map(|at| 1.5 * (seed + 7.3 * at as f32).sin()).collect();
        Tensor::from_data(TensorData::new(values, [count]), device)
    }

    fn assert_same(found: &[TensorData], expected: &[TensorData], gradients: usize) {
        assert_eq!((found.len(), expected.len()), (1 + gradients, 1 + gradients));
        for (found, expected) in found.iter().zip(expected) {
            found.assert_approx_eq::<f32>(expected, Tolerance::absolute(2e-5));
        }
    }

    #[test]
    fn an_affine_map_is_a_product_and_a_sum() {
        let sizes = [30, 20, 4];
        let expected = of(TrainDevice::Flex, sizes, |[x, weight, bias]| {
            x.reshape([1, 6, 5]).matmul(weight.reshape([1, 5, 4])) + bias.reshape([1, 1, 4])
        });
        for &device in DEVICES {
            let found = of(device, sizes, |[x, weight, bias]| {
                affine(x.reshape([6, 5]), weight.reshape([5, 4]), bias)
            });
            assert_same(&found, &expected, 3);
        }
    }

    #[test]
    fn layer_norm_is_that_of_burn() {
        let sizes = [42, 7, 7];
        let expected = of(TrainDevice::Flex, sizes, |[x, scale, shift]| {
            module::layer_norm(x.reshape([2, 3, 7]), scale, Some(shift), 0.3)
        });
        for &device in DEVICES {
            let found =
                of(device, sizes, |[x, scale, shift]| layer_norm(x.reshape([2, 3, 7]), scale, shift, 0.3));
            assert_same(&found, &expected, 3);
        }
    }

    #[test]
    fn attention_is_its_formula_step_by_step() {
        // More plies than libtorch's CPU kernel takes at once.
        let (shape, sizes) = ([2, 40, 3, 2, 4], [1920, 1, 1]);
        let expected = of(TrainDevice::Flex, sizes, |[qkv, ..]| {
            let qkv = qkv.reshape(shape).permute([2, 0, 3, 1, 4]);
            let [queries, keys, values] =
                [0, 1, 2].map(|part| qkv.clone().narrow(0, part, 1).squeeze_dim::<4>(0));
            let scores = queries.matmul(keys.swap_dims(2, 3)) * 0.7;
            let later = Tensor::<2, Bool>::tril_mask([40, 40], 0, &scores.device());
            let later = later.unsqueeze::<4>().expand(scores.shape());
            let pattern = softmax(scores.mask_fill(later, f32::NEG_INFINITY), 3);
            pattern.matmul(values).swap_dims(1, 2)
        });
        for &device in DEVICES {
            let found = of(device, sizes, |[qkv, ..]| causal_attention(qkv.reshape(shape), 0.7));
            assert_same(&found, &expected, 1);
        }
    }
}
