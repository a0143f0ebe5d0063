use std::collections::BTreeSet;

use super::{About, When};

/// Which figures are measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen(BTreeSet<&'static str>);

impl Chosen {
    /// Those of `all` that are always measured, and those for which `asked` says so.
    pub fn of(all: impl IntoIterator<Item = &'static About>, mut asked: impl FnMut(&About) -> bool) -> Self {
        let chosen = all.into_iter().filter(|about| about.when == When::Always || asked(about));
        Self(chosen.map(|about| about.name).collect())
    }

    /// These figures alone.
    #[must_use]
    pub fn only(figures: &[&'static About]) -> Self {
        Self(figures.iter().map(|about| about.name).collect())
    }

    /// Whether any of them learns on games of its own.
    #[must_use]
    pub fn learns(&self) -> bool {
        super::DictionaryFigures::ALL.iter().any(|about| about.learns && self.contains(about))
    }

    /// Whether a figure is among them.
    #[must_use]
    pub fn contains(&self, about: &About) -> bool {
        self.0.contains(about.name)
    }
}

/// Makes of a list of figures the struct of their partials and the struct of their results.
macro_rules! registry {
    (
        $(#[$doc:meta])*
        $subject:ty: $partials:ident, $figures:ident { $($name:ident: $figure:ty,)* }
    ) => {
        $(#[$doc])*
        ///
        /// The partials of those figures that are measured.
        #[derive(Clone, Debug, Default)]
        pub struct $partials {
            $(
                #[doc = concat!("Of [`", stringify!($figure), "`].")]
                pub $name: Option<<$figure as Figure>::Partial>,
            )*
        }

        $(#[$doc])*
        ///
        /// The results of those figures that were measured: what is written as JSON, and read again.
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $figures {
            $(
                #[doc = concat!("Of [`", stringify!($figure), "`].")]
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $name: Option<<$figure as Figure>::Result>,
            )*
        }

        impl $partials {
            /// Takes in a chunk of games.
            ///
            /// # Errors
            /// [`FigureError`] where there is no number to be had.
            pub fn take(
                chosen: &Chosen,
                chunk: &<$subject as Subject>::Chunk<'_>,
            ) -> Result<Self, FigureError> {
                Ok(Self {
                    $($name: if chosen.contains(&<$figure as Figure>::ABOUT) {
                        Some(<$figure as Figure>::take(chunk)?)
                    } else {
                        None
                    },)*
                })
            }

            /// Adds those of the games that follow.
            pub fn append(&mut self, next: Self) {
                $(match (&mut self.$name, next.$name) {
                    (Some(mine), Some(next)) => Partial::append(mine, next),
                    (mine @ None, next) => *mine = next,
                    (Some(_), None) => {}
                })*
            }

            /// Writes them as tensors.
            pub fn save<'a>(&'a self, tensors: &mut Vec<Tensor<'a>>) {
                $(if let Some(partial) = &self.$name {
                    partial.save(stringify!($name), tensors);
                })*
            }

            /// Reads what [`save`](Self::save) wrote of the figures that were chosen.
            ///
            /// # Errors
            /// [`FigureError`] where a tensor is missing or malformed.
            pub fn open(
                chosen: &Chosen,
                file: &crate::tensor_file::TensorFile<'_>,
            ) -> Result<Self, FigureError> {
                Ok(Self {
                    $($name: if chosen.contains(&<$figure as Figure>::ABOUT) {
                        Some(Partial::open(stringify!($name), file)?)
                    } else {
                        None
                    },)*
                })
            }

            /// What comes out over all games.
            #[must_use]
            pub fn end(&self, whole: &<$subject as Subject>::Whole<'_>) -> $figures {
                $figures {
                    $($name: self
                        .$name
                        .as_ref()
                        .and_then(|partial| <$figure as Figure>::end(partial, whole)),)*
                }
            }
        }

        impl $figures {
            /// What people are told of each.
            pub const ALL: &[&'static About] = &[$(&<$figure as Figure>::ABOUT,)*];

            /// All numbers that stand for the whole, with their descriptions.
            #[must_use]
            pub fn values(&self) -> Vec<(&'static Value, crate::metrics::Estimate)> {
                let mut all = Vec::new();
                $(all.extend(self.$name.iter().flat_map(<$figure as Figure>::values));)*
                all
            }

            /// One of them; `None` where it was not measured.
            #[must_use]
            pub fn get(&self, value: &Value) -> Option<crate::metrics::Estimate> {
                self.values().into_iter().find(|(known, _)| known.name == value.name).map(|(_, found)| found)
            }

            /// The numbers of one label or at one ply each.
            #[must_use]
            pub fn details(&self) -> Vec<Detail> {
                let mut all = Vec::new();
                $(all.extend(self.$name.iter().flat_map(<$figure as Figure>::details));)*
                all
            }

            /// Takes from `other`, of the same subject, what was not measured here.
            pub fn complete(&mut self, other: Self) {
                $(if self.$name.is_none() {
                    self.$name = other.$name;
                })*
            }
        }
    };
}
