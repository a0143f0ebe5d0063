use std::fmt;

use crate::othello::{Game, Transcript, TranscriptError, TranscriptErrorKind};

use super::numbers;
use super::{Mirror, Numbering, ReadAs};

/// A text that is no game, and the games that it would be under other readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What is wrong.
    pub error: TranscriptError,
    /// The readings under which all of it is a legal game, the likeliest first.
    pub offers: Vec<OneOffer>,
}

/// A reading of a text, and the game that it then is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneOffer {
    /// The reading.
    pub read_as: ReadAs,
    /// The game.
    pub game: Game,
}

/// Moves of a game that a sentence shows.
const SHOWN: usize = 6;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.error, self.offered())
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// The readings in words: `; read as squares by letter it is e6f4c3c4, as squares by row f5d6c3d3`.
    #[must_use]
    pub fn offered(&self) -> String {
        let offered = self.offers.iter().map(|OneOffer { read_as, game }| {
            let moves: String = game.moves().iter().take(SHOWN).map(ToString::to_string).collect();
            let more = if game.len() > SHOWN { "…" } else { "" };
            format!("as {read_as} {moves}{more}")
        });
        let offered = offered.collect::<Vec<_>>().join(", ");
        if offered.is_empty() { offered } else { format!("; read {offered}") }
    }
}

/// The game of a text, which may have several lines; `read_as` says how squares are meant where it leaves that
/// open.
///
/// # Errors
/// [`Refusal`], with the readings under which the text is a game.
///
/// ```
/// use othello_lens::games::read_one;
///
/// let refusal = read_one("37 43 18 19", None).unwrap_err();
/// assert_eq!(refusal.offers[0].read_as.name(), "by-letter");
/// assert_eq!(refusal.offers[0].game.to_string(), "e6f4c3c4");
/// assert_eq!(read_one("37 43 18 19", Some("by-row".parse()?)).unwrap().game.to_string(), "f5d6c3d3");
/// # Ok::<(), othello_lens::games::UnknownReading>(())
/// ```
pub fn read_one(text: &str, read_as: Option<ReadAs>) -> Result<Transcript, Refusal> {
    let mut error = match Transcript::read(text) {
        Ok(transcript) => return Ok(transcript),
        Err(error) => error,
    };
    let mut offers: Vec<OneOffer> = Vec::new();
    if let Some(row) = numbers::extract(text) {
        // Words around lists of numbers are not what is wrong.
        if error.game.is_empty() {
            error.kind = TranscriptErrorKind::Numbers;
        }
        let games = Numbering::ALL.map(|numbering| (numbering, numbers::play(&row, numbering)));
        let legal = games.into_iter().filter_map(|(numbering, game)| Some((numbering, game.ok()?)));
        offers.extend(legal.map(|(numbering, game)| OneOffer { read_as: ReadAs::Numbers(numbering), game }));
    } else if matches!(error.kind, TranscriptErrorKind::Mirrored(_)) {
        let games = Mirror::ALL.map(|mirror| (mirror, Transcript::read_mirrored(text, mirror.symmetry())));
        let legal = games.into_iter().filter_map(|(mirror, read)| Some((mirror, read.ok()?.game)));
        offers.extend(legal.map(|(mirror, game)| OneOffer { read_as: ReadAs::Mirrored(mirror), game }));
    }
    match offers.iter().find(|offer| Some(offer.read_as) == read_as) {
        Some(asked) => Ok(Transcript { game: asked.game, result: None }),
        None => Err(Refusal { error, offers }),
    }
}
