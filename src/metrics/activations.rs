/// What features do in many positions, feature by feature: of each only where it is not 0, since most
/// features are 0 in most positions.
///
/// ```
/// use othello_lens::metrics::Activations;
///
/// let mut activations = Activations::new(2);
/// activations.push(&[0.0, 1.5])?;
/// activations.push(&[0.0, 0.0])?;
/// activations.push(&[0.25, 3.0])?;
/// assert_eq!(activations.positions(), 3);
/// assert_eq!(activations.of(1), [(0, 1.5), (2, 3.0)]);
/// # Ok::<(), othello_lens::metrics::NotFinite>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    positions: u32,
    features: Vec<Vec<(u32, f32)>>,
}

/// An activation is infinite or no number.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("feature {feature} is {value} in position {position}; activations must be finite")]
pub struct NotFinite {
    /// The feature's number.
    pub feature: usize,
    /// The position's number.
    pub position: u32,
    /// What it is.
    pub value: f32,
}

impl Activations {
    /// In no positions yet.
    #[must_use]
    pub fn new(features: usize) -> Self {
        Self { positions: 0, features: vec![Vec::new(); features] }
    }

    /// Adds one position: what every feature does there, `[features]`.
    ///
    /// # Errors
    /// [`NotFinite`]; nothing is then added.
    ///
    /// # Panics
    /// If the row is of another width.
    pub fn push(&mut self, row: &[f32]) -> Result<(), NotFinite> {
        assert_eq!(row.len(), self.features.len(), "one activation a feature");
        let position = self.positions;
        if let Some((feature, &value)) = row.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(NotFinite { feature, position, value });
        }
        for (feature, &value) in self.features.iter_mut().zip(row) {
            if value != 0.0 {
                feature.push((position, value));
            }
        }
        self.positions += 1;
        Ok(())
    }

    /// Adds the positions of `other`, which is of as many features, after those that are there.
    pub fn append(&mut self, other: &Self) {
        let before = self.positions;
        for (mine, theirs) in self.features.iter_mut().zip(&other.features) {
            mine.extend(theirs.iter().map(|&(position, value)| (before + position, value)));
        }
        self.positions += other.positions;
    }

    /// The number of positions.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.positions as usize
    }

    /// The number of features.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features.len()
    }

    /// Where that feature is not 0, and what it is there; positions ascend.
    #[must_use]
    pub fn of(&self, feature: usize) -> &[(u32, f32)] {
        &self.features[feature]
    }

    /// The largest activation of that feature, 0 where it never is positive.
    #[must_use]
    pub fn max(&self, feature: usize) -> f32 {
        self.of(feature).iter().fold(0.0, |max, &(_, value)| max.max(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [[f32; 3]; 4] = [[1.0, 0.0, -0.0], [0.0; 3], [0.5, -2.0, 0.0], [3.0, 0.0, 0.0]];

    fn of(rows: &[[f32; 3]]) -> Activations {
        let mut activations = Activations::new(3);
        rows.iter().for_each(|row| activations.push(row).unwrap());
        activations
    }

    #[test]
    fn only_what_is_not_zero_is_kept() {
        let activations = of(&ROWS);
        assert_eq!(activations.of(0), [(0, 1.0), (2, 0.5), (3, 3.0)]);
        assert_eq!(activations.of(1), [(2, -2.0)]);
        assert_eq!(activations.of(2), []);
        assert_eq!([0, 1, 2].map(|feature| activations.max(feature)), [3.0, 0.0, 0.0]);
    }

    #[test]
    fn in_two_parts_it_is_the_same() {
        for split in 0..=ROWS.len() {
            let mut parts = of(&ROWS[..split]);
            parts.append(&of(&ROWS[split..]));
            assert_eq!(parts, of(&ROWS));
        }
    }

    #[test]
    fn what_is_no_number_is_refused_and_leaves_no_trace() {
        let mut activations = of(&ROWS);
        let refused = activations.push(&[1.0, f32::INFINITY, 0.0]).unwrap_err();
        assert_eq!(refused, NotFinite { feature: 1, position: 4, value: f32::INFINITY });
        assert!(activations.push(&[1.0, 0.0, f32::NAN]).is_err());
        assert_eq!(activations, of(&ROWS));
    }
}
