use crate::dictionary::DictionaryConfig;
use crate::tensor_file::TensorFile;

use super::{BundleError, Verified};

/// How the features of an SAE behave on random games.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureStatistics {
    /// The largest activation of each feature, `[F]`.
    pub max: Vec<f32>,
    /// The share of positions at which each feature is active, `[F]`.
    pub density: Vec<f32>,
}

impl FeatureStatistics {
    /// Reads the file of an SAE's statistics.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] where it is malformed.
    pub fn read(config: &DictionaryConfig, file: Verified<'_>) -> Result<Self, BundleError> {
        let file = TensorFile::parse(file.path(), file.bytes())?;
        file.refuse_unknown("max, density", |tensor| ["max", "density"].contains(&tensor))?;
        let shape = [config.features];
        Ok(Self { max: file.values("max", &shape)?, density: file.values("density", &shape)? })
    }
}
