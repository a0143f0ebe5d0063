//! A part of the games that is measured by itself, and the parts put together again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::bundle::Command;
use crate::cli::games::GameSource;
use crate::cli::measured::{Output, read};
use crate::cli::provenance::this_step;
use crate::corpus::{CHUNK, Games, shard};
use crate::digest::Digest;
use crate::figures::{
    Chosen, DictionaryRun, FigureError, ModelFigures, ModelPartials, ProbeFigures, ProbePartials, Tensor,
    to_bytes,
};
use crate::gpt::Tap;
use crate::tensor_file::TensorFile;

use super::subject::Subject;
use super::{Measure, Sink, Source};

/// One of several parts of the games, which are cut between chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shard {
    /// From 1 on.
    number: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split_once('/').and_then(|(number, of)| number.parse().ok().zip(of.parse().ok()));
        numbers
            .map(|(number, of)| Self { number, of })
            .filter(|shard| (1..=shard.of).contains(&shard.number))
            .ok_or("expected I/N, such as 2/3")
    }
}

impl Shard {
    /// Its games of so many.
    fn games(self, games: usize) -> Result<std::ops::Range<usize>> {
        let chunks = games.div_ceil(CHUNK);
        let Self { number, of } = self;
        ensure!(of <= chunks, "--shard {number}/{of}: {games} games can be divided into at most {chunks}");
        Ok(shard(games, number - 1, of))
    }
}

/// The games of `source`, or a shard of them.
pub(super) fn games(measure: &Measure, subject: &Subject, source: &GameSource) -> Result<Games> {
    let whole = Shard { number: 1, of: 1 };
    let range = measure.shard.unwrap_or(whole).games(source.len())?;
    source.games(range, &subject.model.config)
}

/// The hashes of files of games, those to measure on and those to learn on.
fn hashes((games, learning): (&GameSource, Option<&GameSource>)) -> [Option<Digest>; 2] {
    [games.sha256(), learning.and_then(GameSource::sha256)]
}

/// `shard.json`, which is written last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Contents {
    shard: Shard,
    measure: Measure,
    step: Command,
    /// The names of the files of weights of everything that was measured.
    weights: BTreeMap<String, Vec<String>>,
    /// The hashes of the files of games.
    #[serde(default)]
    games: [Option<Digest>; 2],
}

/// Writes the partials of a shard.
pub(super) struct ShardWriter<'a> {
    contents: Contents,
    subject: &'a Subject,
    output: &'a Output,
}

impl<'a> ShardWriter<'a> {
    pub(super) fn new(
        measure: &Measure,
        shard: Shard,
        subject: &'a Subject,
        corpora: (&GameSource, Option<&GameSource>),
        output: &'a Output,
    ) -> Self {
        let contents = Contents {
            shard,
            measure: measure.clone(),
            step: this_step(measure.seed),
            weights: weights(subject),
            games: hashes(corpora),
        };
        Self { contents, subject, output }
    }

    fn write(&self, name: &str, tensors: &[Tensor<'_>]) -> Result<()> {
        self.output.write(name, &to_bytes(tensors)?)
    }
}

impl Sink for ShardWriter<'_> {
    fn model(&mut self, partials: &ModelPartials) -> Result<()> {
        let mut tensors = Vec::new();
        partials.save(&mut tensors);
        self.write(MODEL, &tensors)
    }

    fn probe(&mut self, index: usize, partials: &ProbePartials) -> Result<()> {
        let mut tensors = Vec::new();
        partials.save(&mut tensors);
        self.write(&probe(&self.subject.probes[index].id), &tensors)
    }

    fn dictionary(
        &mut self,
        index: usize,
        run: &DictionaryRun,
        learning: Option<&DictionaryRun>,
    ) -> Result<()> {
        let id = &self.subject.saes[index].id;
        let mut tensors = Vec::new();
        run.save(&mut tensors);
        self.write(&dictionary(id), &tensors)?;
        if let Some(learning) = learning {
            let mut tensors = Vec::new();
            learning.save(&mut tensors);
            self.write(&learnt(id), &tensors)?;
        }
        Ok(())
    }

    fn leave(&mut self, _: Tap) -> Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.output.write_json(ShardFolders::FILE, &self.contents)
    }
}

const MODEL: &str = "model.safetensors";

fn probe(id: &str) -> String {
    format!("probe-{id}.safetensors")
}

fn dictionary(id: &str) -> String {
    format!("dictionary-{id}.safetensors")
}

fn learnt(id: &str) -> String {
    format!("learning-{id}.safetensors")
}

fn weights(subject: &Subject) -> BTreeMap<String, Vec<String>> {
    let saes = subject.saes.iter().map(|part| (dictionary(&part.id), part.files.clone()));
    let probes = subject.probes.iter().map(|part| (probe(&part.id), part.files.clone()));
    saes.chain(probes).chain([(MODEL.to_owned(), subject.files.clone())]).collect()
}

/// The folders of all shards of one measurement, in the order of their games.
pub(super) struct ShardFolders(Vec<(PathBuf, Contents)>);

impl ShardFolders {
    /// The file that says what a folder holds.
    pub(super) const FILE: &str = "shard.json";

    pub(super) fn open(folders: &[PathBuf]) -> Result<Self> {
        let open = |folder: &PathBuf| -> Result<(PathBuf, Contents)> {
            let contents = read(&folder.join(Self::FILE)).with_context(|| {
                format!("{} is no folder that `measure --shard` has filled", folder.display())
            })?;
            Ok((folder.clone(), contents))
        };
        let mut all: Vec<(PathBuf, Contents)> = folders.iter().map(open).collect::<Result<_>>()?;
        all.sort_by_key(|(_, contents)| contents.shard.number);
        let Some((first, of_first)) = all.first() else { bail!("there is no shard") };
        for (folder, contents) in &all {
            let same = contents.measure == of_first.measure
                && contents.weights == of_first.weights
                && contents.games == of_first.games
                && contents.shard.of == of_first.shard.of;
            ensure!(same, "{} is of another measurement than {}", folder.display(), first.display());
        }
        let numbers: Vec<usize> = all.iter().map(|(_, contents)| contents.shard.number).collect();
        let of = of_first.shard.of;
        let expected: Vec<usize> = (1..=of).collect();
        ensure!(numbers == expected, "the shards are {numbers:?}; expected each of 1 to {of} once");
        Ok(Self(all))
    }

    pub(super) fn measure(&self) -> &Measure {
        &self.0[0].1.measure
    }

    pub(super) fn steps(&self) -> Vec<Command> {
        self.0.iter().map(|(_, contents)| contents.step.clone()).collect()
    }

    /// Figures must not be finished with other weights and games than they were begun with.
    pub(super) fn check(
        &self,
        subject: &Subject,
        games: &GameSource,
        learning: Option<&GameSource>,
    ) -> Result<()> {
        let (folder, contents) = &self.0[0];
        let there = weights(subject);
        ensure!(contents.weights == there, "{} is of other weights: measure anew", folder.display());
        let same = contents.games == hashes((games, learning));
        ensure!(same, "{}: the file of games has changed since: measure anew", folder.display());
        Ok(())
    }

    pub(super) fn source<'a>(&'a self, subject: &'a Subject, chosen: &'a Chosen) -> ShardSource<'a> {
        ShardSource { folders: &self.0, subject, chosen }
    }
}

/// Reads the partials of all shards and puts them together.
pub(super) struct ShardSource<'a> {
    folders: &'a [(PathBuf, Contents)],
    subject: &'a Subject,
    chosen: &'a Chosen,
}

impl ShardSource<'_> {
    /// The partials in the file `name` of each folder, one put behind the other.
    fn all<P>(
        &self,
        name: &str,
        open: impl Fn(&TensorFile<'_>) -> Result<P, FigureError>,
        append: impl Fn(&mut P, P),
    ) -> Result<P> {
        let read = |folder: &Path| -> Result<P> {
            let path = folder.join(name);
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok(open(&TensorFile::parse(&path.display().to_string(), &bytes)?)?)
        };
        let mut folders = self.folders.iter();
        let (first, _) = folders.next().context("there is no shard")?;
        let mut all = read(first)?;
        for (folder, _) in folders {
            append(&mut all, read(folder)?);
        }
        Ok(all)
    }
}

impl Source for ShardSource<'_> {
    fn model(&mut self) -> Result<ModelPartials> {
        let chosen = Chosen::only(ModelFigures::ALL);
        self.all(MODEL, |file| ModelPartials::open(&chosen, file), ModelPartials::append)
    }

    fn enter(&mut self, _: &[Tap]) -> Result<()> {
        Ok(())
    }

    fn probe(&mut self, index: usize) -> Result<ProbePartials> {
        let (chosen, name) = (Chosen::only(ProbeFigures::ALL), probe(&self.subject.probes[index].id));
        self.all(&name, |file| ProbePartials::open(&chosen, file), ProbePartials::append)
    }

    fn dictionary(&mut self, index: usize) -> Result<(DictionaryRun, Option<DictionaryRun>)> {
        let id = &self.subject.saes[index].id;
        let open = |name: &str, chosen: &Chosen| {
            self.all(name, |file| DictionaryRun::open(chosen, file), DictionaryRun::append)
        };
        let run = open(&dictionary(id), self.chosen)?;
        let learning = self.chosen.learns().then(|| open(&learnt(id), &Chosen::default()));
        Ok((run, learning.transpose()?))
    }
}
