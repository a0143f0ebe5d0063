//! On libtorch: its own kernels, the ones that PyTorch trains with, and its own automatic differentiation of
//! the one operation.
#![expect(
    deprecated,
    reason = "burn means to drop libtorch; until then it is how PyTorch's own kernels are used"
)]

use burn::backend::LibTorch;
use burn::backend::libtorch::TchTensor;
use burn::backend::tensor::FloatTensor;
use tch::{Device, Tensor};

use super::Fused;

impl Fused for LibTorch {
    fn affine(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        TchTensor::new(x.tensor.linear(&weight.tensor.transpose(0, 1), Some(&bias.tensor)))
    }

    fn norm(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let (scale, shift) = (&scale.tensor, &shift.tensor);
        let (output, mean, inverse) = x.tensor.native_layer_norm(scale.size(), Some(scale), Some(shift), eps);
        (TchTensor::new(output), TchTensor::new(mean), TchTensor::new(inverse))
    }

    fn norm_backward(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        _: FloatTensor<Self>,
        _: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let shift = scale.tensor.zeros_like();
        let inputs = [&x.tensor, &scale.tensor, &shift];
        let norm =
            |[x, scale, shift]: [&Tensor; 3]| x.layer_norm(scale.size(), Some(scale), Some(shift), eps, true);
        let [by_x, by_scale, by_shift] = gradients(inputs, norm, &gradient.tensor).map(TchTensor::new);
        (by_x, by_scale, by_shift)
    }

    fn attend(qkv: FloatTensor<Self>, factor: f64) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [queries, keys, values] = parts(&qkv.tensor);
        let no_mask = None::<&Tensor>;
        let (output, kept) = match qkv.tensor.device() {
            Device::Cpu => Tensor::internal_scaled_dot_product_flash_attention_for_cpu(
                &queries, &keys, &values, 0.0, true, no_mask, factor,
            ),
            _ => {
                let output = attention(&queries, &keys, &values, factor);
                (output.shallow_clone(), output)
            }
        };
        (TchTensor::new(output.transpose(1, 2)), TchTensor::new(kept))
    }

    fn attend_backward(
        qkv: FloatTensor<Self>,
        output: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        factor: f64,
    ) -> FloatTensor<Self> {
        let [queries, keys, values] = parts(&qkv.tensor);
        let gradient = gradient.tensor.transpose(1, 2);
        let no_mask = None::<&Tensor>;
        let (by_queries, by_keys, by_values) = match qkv.tensor.device() {
            Device::Cpu => Tensor::internal_scaled_dot_product_flash_attention_for_cpu_backward(
                &gradient,
                &queries,
                &keys,
                &values,
                &output.tensor.transpose(1, 2),
                &kept.tensor,
                0.0,
                true,
                no_mask,
                factor,
            ),
            _ => {
                let attention =
                    |[queries, keys, values]: [&Tensor; 3]| attention(queries, keys, values, factor);
                let [by_queries, by_keys, by_values] =
                    gradients([&queries, &keys, &values], attention, &gradient);
                (by_queries, by_keys, by_values)
            }
        };
        let parts = [by_queries, by_keys, by_values].map(|part| part.transpose(1, 2));
        TchTensor::new(Tensor::stack(&parts, 2))
    }
}

/// `[batch, ply, 3, heads, d_head]` as three of `[batch, heads, ply, d_head]`.
fn parts(qkv: &Tensor) -> [Tensor; 3] {
    [0, 1, 2].map(|part| qkv.select(2, part).transpose(1, 2))
}

fn attention(queries: &Tensor, keys: &Tensor, values: &Tensor, factor: f64) -> Tensor {
    let no_mask = None::<&Tensor>;
    Tensor::scaled_dot_product_attention(queries, keys, values, no_mask, 0.0, true, factor, false)
}

/// The gradients by `inputs` of the sum of `operation`'s output, weighted by `gradient`.
fn gradients<const N: usize>(
    inputs: [&Tensor; N],
    operation: impl Fn([&Tensor; N]) -> Tensor,
    gradient: &Tensor,
) -> [Tensor; N] {
    let inputs = inputs.map(|input| input.detach().set_requires_grad(true));
    let output = operation(inputs.each_ref());
    let sum = output.flatten(0, -1).dot(&gradient.flatten(0, -1));
    let mut gradients = Tensor::run_backward(&[sum], &inputs, false, false).into_iter();
    [(); N].map(|()| gradients.next().unwrap_or_default())
}
