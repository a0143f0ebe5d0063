//! A bundle of ours among the files: its folder, or a zip of it.

use crate::bundle::{BundleError, FileEntry, Manifest, ManifestError};

use super::Given;

/// Where a bundle lies among files, and what its manifest says.
#[derive(Clone, Debug)]
pub struct OwnBundle {
    /// The path of its manifest.
    pub path: String,
    /// What that says.
    pub manifest: Manifest,
}

/// A file of a bundle that is not there, or not as its manifest says.
#[derive(Debug, thiserror::Error)]
pub enum OwnBundleError {
    /// It is not among the files.
    #[error("{manifest} lists {file}, which is not among the files; give the whole folder of the bundle")]
    Missing {
        /// The path of the manifest.
        manifest: String,
        /// The file that it lists.
        file: String,
    },
    /// It is damaged.
    #[error(transparent)]
    Damaged(#[from] BundleError),
}

impl OwnBundle {
    /// The bundles among `files`, by their manifests.
    ///
    /// # Errors
    /// [`ManifestError`] where a manifest cannot be read.
    pub fn all(files: &[Given<'_>]) -> Result<Vec<Self>, ManifestError> {
        let manifests = files.iter().filter(|given| given.name() == Manifest::FILE);
        let read = manifests
            .map(|given| Ok(Self { path: given.path.clone(), manifest: Manifest::parse(&given.bytes)? }));
        read.collect()
    }

    /// Whether `given` lies in the bundle's folder.
    #[must_use]
    pub fn holds(&self, given: &Given<'_>) -> bool {
        let folder =
            |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        folder(&self.path) == folder(&given.path)
    }

    /// Every file that the manifest lists, checked.
    ///
    /// # Errors
    /// [`OwnBundleError`].
    pub fn files<'a>(&self, files: &'a [Given<'_>]) -> Result<Vec<(FileEntry, &'a [u8])>, OwnBundleError> {
        let found = self.manifest.files().map(|entry| {
            let is_it = |given: &&Given<'_>| self.holds(given) && given.name() == entry.path();
            let missing =
                || OwnBundleError::Missing { manifest: self.path.clone(), file: entry.path().to_owned() };
            let given = files.iter().find(is_it).ok_or_else(missing)?;
            entry.verify(&given.bytes)?;
            Ok((entry.clone(), &*given.bytes))
        });
        found.collect()
    }
}
