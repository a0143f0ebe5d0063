//! On libtorch: its own kernels, the ones that PyTorch trains with. Where the kernel of a gradient cannot be
//! called by itself, its automatic differentiation calls it, on the operation done once more.
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
    fn affine(
        rows: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        TchTensor::new(rows.tensor.linear(&weight.tensor.transpose(0, 1), Some(&bias.tensor)))
    }

    fn norm_backward(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        eps: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let shift = scale.tensor.zeros_like();
        let norm =
            |[x, scale, shift]: [&Tensor; 3]| x.layer_norm(scale.size(), Some(scale), Some(shift), eps, true);
        let inputs = [&x.tensor, &scale.tensor, &shift];
        let [of_x, of_scale, of_shift] = gradients(inputs, norm, &gradient.tensor).map(TchTensor::new);
        (of_x, of_scale, of_shift)
    }

    fn attend(qkv: FloatTensor<Self>, factor: f64) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let [queries, keys, values] = parts(&qkv.tensor);
        let no_mask = None::<&Tensor>;
        let (output, kept) = match qkv.tensor.device() {
            Device::Cpu => Tensor::internal_scaled_dot_product_flash_attention_for_cpu(
                &queries, &keys, &values, 0.0, true, no_mask, factor,
            ),
            _ => {
                let output = TchTensor::new(attention(&queries, &keys, &values, factor).transpose(1, 2));
                return (output.clone(), output);
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
        let (of_queries, of_keys, of_values) = match qkv.tensor.device() {
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
                let [of_queries, of_keys, of_values] =
                    gradients([&queries, &keys, &values], attention, &gradient);
                (of_queries, of_keys, of_values)
            }
        };
        let parts = [of_queries, of_keys, of_values].map(|part| part.transpose(1, 2));
        TchTensor::new(Tensor::stack(&parts, 2))
    }
}

/// `[batch, ply, 3, heads, d_head]` as three of `[batch, heads, ply, d_head]`.
fn parts(qkv: &Tensor) -> [Tensor; 3] {
    // libtorch's CPU kernel takes the last stride to be 1.
    let qkv = qkv.contiguous();
    [0, 1, 2].map(|part| qkv.select(2, part).transpose(1, 2))
}

fn attention(queries: &Tensor, keys: &Tensor, values: &Tensor, factor: f64) -> Tensor {
    let no_mask = None::<&Tensor>;
    Tensor::scaled_dot_product_attention(queries, keys, values, no_mask, 0.0, true, factor, false)
}

/// The gradients with respect to `inputs`, from that of `operation`'s output.
fn gradients<const N: usize>(
    inputs: [&Tensor; N],
    operation: impl Fn([&Tensor; N]) -> Tensor,
    gradient: &Tensor,
) -> [Tensor; N] {
    tch::with_grad(|| {
        let inputs = inputs.map(|input| input.detach().set_requires_grad(true));
        let output = operation(inputs.each_ref());
        let sum = output.flatten(0, -1).dot(&gradient.flatten(0, -1));
        let mut gradients = Tensor::run_backward(&[sum], &inputs, false, false).into_iter();
        inputs.map(|input| gradients.next().unwrap_or_else(|| input.zeros_like()))
    })
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    #[test]
    fn what_gpus_differentiate_is_what_the_cpu_has_a_kernel_for() {
        let random = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu));
        let (qkv, gradient) = (random(&[3, 40, 3, 2, 8]), random(&[3, 40, 2, 8]));
        let [queries, keys, values] = parts(&qkv);
        let attention = |[queries, keys, values]: [&Tensor; 3]| attention(queries, keys, values, 0.3);
        let found = gradients([&queries, &keys, &values], attention, &gradient.transpose(1, 2));

        let qkv = TchTensor::new(qkv);
        let (output, kept) = LibTorch::attend(qkv.clone(), 0.3);
        let expected = LibTorch::attend_backward(qkv, output, kept, TchTensor::new(gradient), 0.3);
        for (found, expected) in found.iter().zip(parts(&expected.tensor)) {
            assert!(found.allclose(&expected, 1e-4, 1e-5, false));
        }
    }
}
