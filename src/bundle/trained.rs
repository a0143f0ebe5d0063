//! Weights in one file of their own, as training leaves them and `bundle build` takes them.
//!
//! A safetensors file in fp32, its tensors named as in a bundle; what they are and how they came about
//! stands as JSON in the header's metadata, under the one key `othello_lens`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::atomic_file::write_atomically;
use crate::dictionary::DictionaryWeights;
use crate::gpt::GptWeights;
use crate::probe::TappedProbe;
use crate::tensor::NamedTensor;
use crate::tensor_file::{TensorFile, TensorFileError};

use super::dir::io;
use super::stored::{StoredTensor, serialize};
use super::trainable::Kind;
use super::{BundleError, Command, Dtype, IoError, WriteError};

/// The one key of the metadata. With two, safetensors would write them in an order that changes.
const KEY: &str = "othello_lens";

/// Weights, and how they came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained<W> {
    /// The weights.
    pub weights: W,
    /// How they were trained, in their maker's words: `games`, `optimizer`, `alpha` …
    pub training: BTreeMap<String, Value>,
    /// The commands that made them, in the order in which they can be run again.
    pub steps: Vec<Command>,
}

/// What can be [`Trained`].
pub trait Trainable: Sized + Kind {}

impl Trainable for GptWeights {}
impl Trainable for DictionaryWeights {}
impl Trainable for TappedProbe {}

/// What stands in the metadata.
#[derive(Serialize, Deserialize)]
struct About<C> {
    kind: String,
    config: C,
    #[serde(default)]
    training: BTreeMap<String, Value>,
    #[serde(default)]
    steps: Vec<Command>,
}

impl<W: Trainable> Trained<W> {
    /// The file.
    ///
    /// # Errors
    /// [`WriteError::Contents`]: [`BundleError::Gpt`] or [`BundleError::Dictionary`] where the weights contradict
    /// their config, [`BundleError::Tensor`] where one of them is not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, WriteError> {
        self.weights.validate()?;
        let about = About {
            kind: W::KIND.to_owned(),
            config: self.weights.config(),
            training: self.training.clone(),
            steps: self.steps.clone(),
        };
        let about = serde_json::to_string(&about).map_err(|error| unreadable(W::KIND, &error))?;
        let encode = |tensor: NamedTensor<'_>| {
            if let Some(index) = tensor.values.iter().position(|value| !value.is_finite()) {
                return Err(WriteError::Contents(BundleError::Tensor(TensorFileError::NotFinite {
                    file: format!("the {} to be written", W::KIND),
                    value: tensor.values[index].to_string(),
                    tensor: tensor.name,
                    index,
                })));
            }
            StoredTensor::encode(tensor.name, tensor.shape, tensor.values, Dtype::F32)
        };
        let parts = self.weights.tensors().into_iter().map(encode).collect::<Result<Vec<_>, _>>()?;
        serialize(W::KIND, &parts, Some((KEY, about)))
    }

    /// Reads a file; `name` is what errors call it.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] where it is malformed or holds other tensors than its config calls for;
    /// [`BundleError::Trained`] where it does not say what it is, or is something else;
    /// [`BundleError::Gpt`] or [`BundleError::Dictionary`] where its weights contradict its config.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, BundleError> {
        let file = TensorFile::parse(name, bytes)?;
        let about = about::<Value>(&file)?;
        if about.kind != W::KIND {
            return Err(BundleError::Trained {
                file: name.to_owned(),
                reason: format!("it is of kind `{}`; expected `{}`", about.kind, W::KIND),
            });
        }
        let config: W::Config =
            serde_json::from_value(about.config).map_err(|error| unreadable(name, &error))?;
        let mut known = Vec::new();
        let weights = W::build(config, &mut |tensor, shape| {
            let values = file.values(&tensor, &shape.dims())?;
            known.push(tensor);
            Ok(values)
        })?;
        file.refuse_unknown("those that its config calls for", |tensor| {
            known.iter().any(|known| known == tensor)
        })?;
        weights.validate()?;
        Ok(Self { weights, training: about.training, steps: about.steps })
    }

    /// Writes the file, which takes its name when all of it is on disk. One that is there is replaced.
    ///
    /// # Errors
    /// As [`Self::to_bytes`], or [`WriteError::Io`].
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        Ok(write_whole(path, &self.to_bytes()?)?)
    }

    /// Reads the file `path`.
    ///
    /// # Errors
    /// As [`Self::parse`], or [`BundleError::Io`].
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let bytes = fs::read(path).map_err(io("read", path))?;
        Self::parse(&path.display().to_string(), &bytes)
    }
}

/// Writes `bytes` to `path` so that whatever is there at any instant is whole: the old file or the new.
///
/// # Errors
/// [`IoError`]; nothing is left behind.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    write_atomically(path, bytes).map_err(io("write", path))
}

fn about<C: DeserializeOwned>(file: &TensorFile<'_>) -> Result<About<C>, BundleError> {
    let json = file.metadata().get(KEY).ok_or_else(|| BundleError::Trained {
        file: file.name().to_owned(),
        reason: format!("its metadata has no `{KEY}`; expected a file that `othello-lens train` has written"),
    })?;
    serde_json::from_str(json).map_err(|error| unreadable(file.name(), &error))
}

fn unreadable(file: &str, error: &serde_json::Error) -> BundleError {
    BundleError::Trained { file: file.to_owned(), reason: format!("`{KEY}` in its metadata: {error}") }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::dictionary::{Architecture, DictionaryConfig};
    use crate::gpt::{GptConfig, Layer, Site, Tap};
    use crate::probe::{Probe, SquareClass};
    use crate::tensor::{Linear, Matrix};

    const TAP: Tap = Tap { site: Site::MlpOut, layer: Layer(1) };

    fn trained<W>(weights: W) -> Trained<W> {
        let step = Command {
            program: "othello-lens 0.1.0".to_owned(),
            commit: None,
            command: "othello-lens train it".to_owned(),
            seed: 7,
        };
        let training = [("games".to_owned(), 64.into()), ("optimizer".to_owned(), "AdamW".into())];
        Trained { weights, training: training.into(), steps: vec![step] }
    }

    fn numbers(matrix: &mut Matrix) {
        matrix.data.iter_mut().enumerate().for_each(|(i, value)| *value = 0.1 + i as f32);
    }

    fn gpt() -> Trained<GptWeights> {
        let mut weights = GptWeights::zeros(GptConfig { d_mlp: 16, ..GptConfig::othello_gpt(2, 2, 8) });
        numbers(&mut weights.blocks[1].qkv.weight);
        trained(weights)
    }

    fn sae() -> Trained<DictionaryWeights> {
        let config =
            DictionaryConfig { pre_bias: true, ..DictionaryConfig::sae(TAP, 8, 12, Architecture::JumpRelu) };
        let Ok(weights) = DictionaryWeights::build(config, |tensor, shape| {
            let count = shape.values() as usize;
            Ok::<_, Infallible>(match tensor {
                "encoder" => (0..count).map(|i| 0.1 + i as f32).collect(),
                "decoder" => vec![0.0; count],
                "encoder_bias" => vec![0.25; count],
                "decoder_bias" => vec![-0.5; count],
                _ => vec![0.01; count],
            })
        });
        trained(weights)
    }

    fn probe() -> Trained<TappedProbe> {
        let mut map = Linear { weight: Matrix::zeros(8, 128), bias: vec![1.5; 128] };
        numbers(&mut map.weight);
        let probe = Probe { classes: vec![SquareClass::Black, SquareClass::White], map };
        trained(TappedProbe { tap: TAP, probe })
    }

    #[test]
    fn what_is_written_is_read_back_to_the_bit() {
        assert_eq!(Trained::parse("m", &gpt().to_bytes().unwrap()).unwrap(), gpt());
        assert_eq!(Trained::parse("s", &sae().to_bytes().unwrap()).unwrap(), sae());
        assert_eq!(Trained::parse("p", &probe().to_bytes().unwrap()).unwrap(), probe());
        assert_eq!(sae().to_bytes().unwrap(), sae().to_bytes().unwrap());
    }

    #[test]
    fn a_file_of_another_kind_is_refused_by_name() {
        let message = |bytes: &[u8]| Trained::<DictionaryWeights>::parse("x", bytes).unwrap_err().to_string();
        assert_eq!(message(&gpt().to_bytes().unwrap()), "x: it is of kind `model`; expected `dictionary`");
        let bare = serialize("x", &[], None).unwrap();
        assert_eq!(
            message(&bare),
            "x: its metadata has no `othello_lens`; expected a file that `othello-lens train` has written"
        );
        let odd = serialize("x", &[], Some((KEY, "{\"kind\":\"dictionary\"}".to_owned()))).unwrap();
        assert!(message(&odd).contains("missing field `config`"), "{}", message(&odd));
    }

    #[test]
    fn a_tensor_that_is_missing_or_too_many_is_refused() {
        let about = |config: DictionaryConfig| {
            let about =
                About { kind: "dictionary".to_owned(), config, training: BTreeMap::new(), steps: Vec::new() };
            Some((KEY, serde_json::to_string(&about).unwrap()))
        };
        let parts = |count: usize| -> Vec<StoredTensor> {
            let weights = sae().weights;
            let tensors = weights.named().into_iter().take(count);
            tensors.map(|t| StoredTensor::encode(t.name, t.shape, t.values, Dtype::F32).unwrap()).collect()
        };
        let read = |count, config: DictionaryConfig| {
            let bytes = serialize("x", &parts(count), about(config)).unwrap();
            Trained::<DictionaryWeights>::parse("x", &bytes).unwrap_err().to_string()
        };
        assert_eq!(read(4, sae().weights.config), "x: tensor `threshold` is missing");
        let tied = DictionaryConfig { tied: true, ..sae().weights.config };
        assert!(read(5, tied).starts_with("x: tensor `decoder` is not part of this form of file"));
        let wide = DictionaryConfig { features: usize::MAX / 2, ..sae().weights.config };
        assert!(read(5, wide).starts_with("x: tensor `encoder` is [8, 12]"));
    }

    #[test]
    fn weights_that_are_not_finite_or_contradict_their_config_are_not_written() {
        let mut wrong = sae();
        wrong.weights.tensors.get_mut("encoder").unwrap().data[3] = f32::NAN;
        assert!(wrong.to_bytes().unwrap_err().to_string().contains("`encoder` has NaN at 3"));
        let mut wrong = probe();
        wrong.weights.probe.classes.pop();
        assert!(matches!(wrong.to_bytes().unwrap_err(), WriteError::Contents(BundleError::Probe(_))));
    }

    #[test]
    fn a_file_takes_its_name_when_it_is_whole_and_a_failure_leaves_nothing() {
        let folder = std::env::temp_dir().join(format!("othello-lens-trained-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("sae.safetensors");
        sae().save(&path).unwrap();
        sae().save(&path).unwrap();
        assert_eq!(Trained::open(&path).unwrap(), sae());
        // A folder cannot be replaced by a file.
        let taken = folder.join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(matches!(sae().save(&taken), Err(WriteError::Io(IoError { action: "write", .. }))));
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["sae.safetensors", "taken"]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
