//! `games`, and the files of games that other commands are given.

use std::fs::File;
use std::io::{Read as _, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::corpus::{FileOfGames, Games};
use crate::digest::Digest;
use crate::games::{GameFile, ReadAs, Reader};
use crate::gpt::GptConfig;
use crate::othello::Game;

/// The most games: the activations of more are nothing that a machine holds.
const MOST_GAMES: u32 = 1 << 20;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Broken games that are told of.
const TOLD: usize = 10;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file: PGN, GGF, WTHOR's .wtb, lists, rows of numbers of Python, or a transcript a line.
    file: PathBuf,
    /// How squares are meant where the file leaves it open, such as by-letter.
    #[arg(long, value_name = "READING")]
    read_as: Option<ReadAs>,
    /// Print the games, a transcript a line.
    #[arg(long)]
    transcripts: bool,
}

/// Says what games a file holds, and which could not be read.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let (file, of) = read(&args.file, args.read_as)?;
    if args.transcripts {
        for found in &file.games {
            writeln!(out, "{}", found.game)?;
        }
        tell_broken(&file, &args.file, &mut std::io::stderr().lock())?;
        return ensure_games(&file, &args.file);
    }
    let FileOfGames { sha256, with_passes, unfinished, .. } = of;
    let readable = file.read_as.map_or_else(String::new, |read_as| format!(", read as {read_as}"));
    writeln!(out, "{}: {} ({}{readable})", args.file.display(), counted(file.games.len()), file.format)?;
    writeln!(out, "sha256 {sha256}")?;
    writeln!(out, "{with_passes} with a skipped turn, {unfinished} not played to their end")?;
    let contradicted = file.games.iter().filter_map(|found| Some((found.place, found.contradiction()?)));
    for (place, contradiction) in contradicted.take(TOLD) {
        writeln!(out, "game {}: {contradiction}", place.number)?;
    }
    if file.is_cut {
        writeln!(out, "there are more games, which were not read")?;
    }
    tell_broken(&file, &args.file, out)?;
    for offer in &file.offers {
        let (name, words) = (offer.read_as.name(), offer.read_as);
        writeln!(out, "{} with --read-as {name}: {words}", counted(offer.games))?;
    }
    ensure_games(&file, &args.file)
}

/// Refuses a file of which no game could be read.
fn ensure_games(file: &GameFile, path: &Path) -> Result<()> {
    let offers: Vec<&str> = file.offers.iter().map(|offer| offer.read_as.name()).collect();
    let hint = match &*offers {
        [] => String::new(),
        offers => format!("; there are with --read-as {}", offers.join(" or ")),
    };
    let broken = if file.broken_count > 0 { " that can be read" } else { "" };
    ensure!(!file.games.is_empty(), "{}: there are no games in it{broken}{hint}", path.display());
    Ok(())
}

fn counted(games: usize) -> String {
    format!("{games} {}", if games == 1 { "game" } else { "games" })
}

/// The games of a file, and what they are like.
fn read(path: &Path, read_as: Option<ReadAs>) -> Result<(GameFile, FileOfGames)> {
    let shown = || path.display().to_string();
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut reader, mut hasher, mut piece) = (Reader::new(read_as), Digest::hasher(), vec![0; PIECE]);
    loop {
        let bytes = match file.read(&mut piece).with_context(shown)? {
            0 => break,
            bytes => &piece[..bytes],
        };
        hasher.update(bytes);
        reader.push(bytes).with_context(shown)?;
    }
    let read = reader.finish().with_context(shown)?;
    let count = |is: fn(&Game) -> bool| read.games.iter().filter(|found| is(&found.game)).count() as u64;
    let of = FileOfGames {
        sha256: hasher.finish(),
        broken: read.broken_count,
        with_passes: count(|game| game.passes().next().is_some()),
        unfinished: count(|game| !game.is_over()),
    };
    Ok((read, of))
}

/// Names the first games that could not be read.
fn tell_broken(file: &GameFile, path: &Path, out: &mut dyn Write) -> Result<()> {
    for broken in file.broken.iter().take(TOLD) {
        let line =
            if broken.place.line > 0 { format!(", line {}", broken.place.line) } else { String::new() };
        writeln!(out, "{}: game {}{line}: {}", path.display(), broken.place.number, broken.reason)?;
    }
    let rest = file.broken_count - file.broken.len().min(TOLD) as u64;
    if rest > 0 {
        writeln!(out, "{}: {rest} more games could not be read", path.display())?;
    }
    Ok(())
}

/// Games that a command is given: so many random ones, or a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum GamesArg {
    Random(u32),
    File(PathBuf),
}

impl FromStr for GamesArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::File(text.into()));
        }
        let count = text.parse().ok().filter(|count| (1..=MOST_GAMES).contains(count));
        count.map(Self::Random).ok_or_else(|| format!("{text} is not in 1..={MOST_GAMES}"))
    }
}

/// The games that were meant.
#[derive(Debug)]
pub(super) enum GameSource {
    Random { seed: u64, count: usize },
    File { file: FileOfGames, games: Vec<Game> },
}

impl GameSource {
    /// Reads the file, if it is one, and says on standard error what of it could not be read.
    pub(super) fn open(games: &GamesArg, seed: u64, read_as: Option<ReadAs>) -> Result<Self> {
        let path = match games {
            GamesArg::Random(count) => return Ok(Self::Random { seed, count: *count as usize }),
            GamesArg::File(path) => path,
        };
        let (read, file) = read(path, read_as)?;
        tell_broken(&read, path, &mut std::io::stderr().lock())?;
        ensure_games(&read, path)?;
        ensure!(!read.is_cut, "{}: it has more than {} games", path.display(), Reader::MOST_GAMES);
        Ok(Self::File { file, games: read.games.into_iter().map(|found| found.game).collect() })
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Random { count, .. } => *count,
            Self::File { games, .. } => games.len(),
        }
    }

    /// The file's hash; random games have none.
    pub(super) fn sha256(&self) -> Option<Digest> {
        match self {
            Self::Random { .. } => None,
            Self::File { file, .. } => Some(file.sha256),
        }
    }

    /// Some of the games, as a model reads them.
    pub(super) fn games(&self, range: Range<usize>, config: &GptConfig) -> Result<Games> {
        let first = range.start as u64;
        Ok(match self {
            Self::Random { seed, .. } => Games::new(seed.wrapping_add(first), range.len(), config)?,
            Self::File { file, games } => Games::of_file(*file, first, &games[range], config)?,
        })
    }

    /// All of them.
    pub(super) fn all(&self, config: &GptConfig) -> Result<Games> {
        self.games(0..self.len(), config)
    }
}
