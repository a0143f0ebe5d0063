//! Between the plain containers and burn's parameters.

use burn::module::Param;
use burn::nn;
use burn::tensor::{Device, Tensor, TensorData, TensorReadError};

use super::{Linear, Matrix};

/// `matrix` as a trainable parameter on `device`.
pub(crate) fn matrix_param(matrix: &Matrix, device: &Device) -> Param<Tensor<2>> {
    Param::from_data(TensorData::new(matrix.data.clone(), [matrix.rows, matrix.cols]), device)
}

/// `values` as a trainable parameter on `device`.
pub(crate) fn vector_param(values: &[f32], device: &Device) -> Param<Tensor<1>> {
    Param::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// `linear` as a trainable layer on `device`.
pub(crate) fn linear_layer(linear: &Linear, device: &Device) -> nn::Linear {
    nn::Linear {
        weight: matrix_param(&linear.weight, device),
        bias: Some(vector_param(&linear.bias, device)),
    }
}

/// The values of `param`, read back.
pub(crate) fn read_matrix(param: &Param<Tensor<2>>) -> Result<Matrix, TensorReadError> {
    let tensor = param.val();
    let [rows, cols] = tensor.dims();
    Ok(Matrix { rows, cols, data: tensor.try_into_vec_as::<f32>()? })
}

/// The values of `param`, read back.
pub(crate) fn read_vector(param: &Param<Tensor<1>>) -> Result<Vec<f32>, TensorReadError> {
    param.val().try_into_vec_as::<f32>()
}

/// The values of `layer`, read back; a missing bias as zeros.
pub(crate) fn read_linear(layer: &nn::Linear) -> Result<Linear, TensorReadError> {
    let weight = read_matrix(&layer.weight)?;
    let bias = match &layer.bias {
        Some(bias) => read_vector(bias)?,
        None => vec![0.0; weight.cols],
    };
    Ok(Linear { weight, bias })
}
