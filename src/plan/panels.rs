use crate::tensor::Matrix;

/// Columns that lie side by side in [`Panels`], and what every row of a buffer is padded to.
pub const PANEL: usize = 8;

/// A weight matrix `[inputs, outputs]` cut into panels of [`PANEL`] columns, each panel stored row
/// after row, so that a kernel that computes eight outputs reads memory in one straight line. The last
/// panel is padded with zeros.
#[derive(Clone, Debug, PartialEq)]
pub struct Panels {
    inputs: usize,
    outputs: usize,
    data: Vec<f32>,
}

impl Panels {
    /// `matrix`, `[inputs, outputs]`, as panels.
    #[must_use]
    pub fn pack(matrix: &Matrix) -> Self {
        let (inputs, outputs) = (matrix.rows, matrix.cols);
        let mut data = vec![0.0; outputs.div_ceil(PANEL) * inputs * PANEL];
        for (panel, chunk) in data.chunks_exact_mut(inputs * PANEL).enumerate() {
            let first = panel * PANEL;
            let count = PANEL.min(outputs - first);
            for (input, lane) in chunk.chunks_exact_mut(PANEL).enumerate() {
                lane[..count].copy_from_slice(&matrix.row(input)[first..][..count]);
            }
        }
        Self { inputs, outputs, data }
    }

    /// Rows of the matrix.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Columns of the matrix, without padding.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// `[⌈outputs / PANEL⌉, inputs, PANEL]`.
    #[must_use]
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// `row · matrix`, `[outputs]`, of a `row` of `[inputs]`.
    #[must_use]
    pub fn multiply(&self, row: &[f32]) -> Vec<f32> {
        let dot = |column: Vec<f32>| row.iter().zip(column).map(|(x, w)| x * w).sum();
        (0..self.outputs).map(|output| dot(self.column(output))).collect()
    }

    /// Column `output` of the matrix, copied: `[inputs]`.
    #[must_use]
    pub fn column(&self, output: usize) -> Vec<f32> {
        let panel = &self.data[output / PANEL * self.inputs * PANEL..][..self.inputs * PANEL];
        panel.iter().skip(output % PANEL).step_by(PANEL).copied().collect()
    }
}
