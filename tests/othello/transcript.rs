use std::hint::black_box;
use std::time::{Duration, Instant};

use othello_lens::othello::{Game, IllegalReason, Side, TranscriptError, TranscriptErrorKind};
use proptest::prelude::*;

use crate::games;

/// How somebody writes one move.
#[derive(Clone, Debug)]
struct Hand {
    before: &'static str,
    upper: bool,
    number: Option<&'static str>,
    pass: Option<&'static str>,
}

fn hands() -> impl Strategy<Value = Vec<Hand>> {
    let before = prop::sample::select(vec!["", " ", "  ", "\n", "\r\n", "\t", ", ", ";", "\u{a0}"]);
    let number = prop::option::of(prop::sample::select(vec![".", ". ", ")", ": ", " ", "...", ".\n"]));
    let pass = prop::option::of(prop::sample::select(vec!["pass", "PASS", "pa", "Ps", "--"]));
    let hand = (before, any::<bool>(), number, pass).prop_map(|(before, upper, number, pass)| Hand {
        before,
        upper,
        number,
        pass,
    });
    prop::collection::vec(hand, Game::MAX_MOVES)
}

fn written(game: &Game, hands: &[Hand]) -> String {
    let passes: Vec<usize> = game.passes().collect();
    let mut text = String::new();
    for (ply, (square, hand)) in game.moves().iter().zip(hands).enumerate() {
        text += hand.before;
        if let Some(pass) = hand.pass
            && passes.contains(&ply)
        {
            text += pass;
            text += " ";
        }
        if let Some(stop) = hand.number {
            // A number right behind a square would look like part of it.
            text += &format!(" {}{stop}", ply + 1);
        }
        let name = square.to_string();
        text += &if hand.upper { name.to_uppercase() } else { name };
    }
    text
}

/// The moves of a text up to where it stops being a game.
fn kept(text: &str) -> Game {
    text.parse().unwrap_or_else(|error: TranscriptError| error.game)
}

fn refused(text: &str) -> TranscriptError {
    text.parse::<Game>().unwrap_err()
}

proptest! {
    #[test]
    fn a_game_reads_back_however_it_is_written(game in games(), hands in hands()) {
        let text = written(&game, &hands);
        prop_assert_eq!(text.parse::<Game>(), Ok(game), "{:?}", text);
    }

    #[test]
    fn what_comes_before_the_error_is_kept(game in games(), hands in hands(), garbage in "[i-oq-vyzI-OQ-VYZ!?#äß∞][^ ,;，；、\\[\\s]{0,40}") {
        let start = written(&game, &hands);
        let error = refused(&format!("{start} {garbage} f5"));
        prop_assert_eq!(error.game, game);
        prop_assert_eq!(error.game.position(), game.position());
        prop_assert_eq!(error.kind, TranscriptErrorKind::NotASquare);
        prop_assert_eq!(error.offset, start.len() + 1);
        prop_assert_eq!(error.move_number(), game.len() + 1);
        prop_assert!(garbage.starts_with(error.text.trim_end_matches('…')));
    }

    #[test]
    fn any_text_is_a_game_or_an_error_within_it(text in ".{0,200}|([a-h][1-8]|[a-iA-I0-9 .,;:)pasPAS-])*") {
        if let Err(error) = text.parse::<Game>() {
            prop_assert!(text[error.offset..].starts_with(error.text.trim_end_matches('…')));
            prop_assert!(!error.text.is_empty());
            prop_assert_eq!(kept(&text[..error.offset]), error.game);
        }
    }
}

#[test]
fn an_illegal_move_is_named_with_its_reason() {
    let error = refused("1. f5 d6\n2. d6");
    assert_eq!(
        error.to_string(),
        "move 3 (\"d6\" at byte 12): Black cannot move on d6: a white disc stands there"
    );
    let TranscriptErrorKind::Illegal(illegal) = error.kind else { panic!("{error:?}") };
    assert_eq!(illegal.reason, IllegalReason::Occupied(Side::White));
    assert_eq!(illegal.position, error.game.position());
    assert_eq!(
        refused("A1").to_string(),
        "move 1 (\"A1\" at byte 0): Black cannot move on a1: it flips nothing"
    );
}

#[test]
fn what_is_no_square_is_quoted() {
    for (text, quoted) in [
        ("f5x9d6", "x9"),
        ("f5 5d", "5d"),
        ("f5 3f5", "3f5"),
        ("f5,hello world", "hello"),
        ("f5 -", "-"),
        ("f5 d", "d"),
        ("f5 ５d", "５d"),
        ("f5 0123456789abcdefghijklmnop", "0123456789abcdefghij…"),
        ("f5 ∞∞∞∞∞∞∞∞∞", "∞∞∞∞∞∞…"),
    ] {
        let error = refused(text);
        assert_eq!((&*error.text, error.kind), (quoted, TranscriptErrorKind::NotASquare), "{text}");
        assert_eq!(error.game.to_string(), "f5");
    }
}

#[test]
fn a_pass_is_refused_where_the_player_can_move() {
    let error = refused("f5 pass");
    assert_eq!(error.to_string(), "move 2 (\"pass\" at byte 3): White has a legal move and cannot pass");
    assert_eq!(error.kind, TranscriptErrorKind::PassNotDue { side: Side::White });
    assert_eq!(refused("--").game, Game::new());
}

#[test]
fn the_end_may_be_followed_by_both_passes_but_by_no_move() {
    let wipe_out = "e6f4e3f6g5d6e7f5c5";
    assert_eq!(format!("{wipe_out} pass pass").parse(), wipe_out.parse::<Game>());
    let error = refused(&format!("{wipe_out}a1"));
    assert_eq!(error.kind, TranscriptErrorKind::AfterEnd);
    assert_eq!(
        error.to_string(),
        "move 10 (\"a1\" at byte 18): the game ended before, neither player can move"
    );
    assert_eq!(error.game.to_string(), wipe_out);
}

#[test]
fn an_empty_text_is_the_start_of_a_game() {
    for text in [
        "",
        " \n",
        "\u{feff}",
        "https://example.org/?transcript=",
        "http://localhost:8080/?transcript=&ply=0",
    ] {
        assert_eq!(text.parse(), Ok(Game::new()), "{text:?}");
    }
}

/// Texts of which each once cost time that grows with the square of their length, and others like them.
#[test]
fn a_hundred_kilobytes_of_any_text_are_read_at_once() {
    const BYTES: usize = 100_000;
    let patterns = [
        "1.",
        "1",
        "1:1)",
        "99999999.",
        ".",
        " ",
        ",;",
        "\u{a0}",
        "f5",
        "f5d6c3",
        "f5 ",
        "x9",
        "--",
        "pass",
        "1. f5 ",
        "f5pass",
        "äöü",
        "∞1.",
        "1.f5d6c3d3",
        "f5 1.",
        "a",
        "]",
        "\u{feff}",
        "[",
        "(",
        "f5(",
        "{",
        "{}",
        "<a",
        "<a>",
        "[a \"",
        "[a \"b\"]",
        "A[]",
        "A[",
        "&a",
        "&a;",
        "1-",
        "?transcript=",
        "transcript=f5&",
        "\u{200b}",
        "Ｆ５",
    ];
    for start in ["", "f5d6c3 ", "e6f4e3f6g5d6e7f5c5 "] {
        for pattern in patterns {
            for end in ["", "x", " ?", " a1", "1"] {
                let text = format!("{start}{}{end}", pattern.repeat(BYTES / pattern.len()));
                let read = text.parse::<Game>();
                // Other tests want the cores too: one time of five is enough.
                let quick = (0..5).any(|_| {
                    let began = Instant::now();
                    let _ = black_box(&*text).parse::<Game>();
                    began.elapsed() < Duration::from_millis(100)
                });
                assert!(quick, "{start:?} {pattern:?} {end:?}");
                if let Err(error) = read {
                    assert_eq!(kept(&text[..error.offset]), error.game, "{start:?} {pattern:?} {end:?}");
                }
            }
        }
    }
}

/// What people paste, and what must come of it.
#[test]
fn every_recorded_text_has_its_outcome() {
    let cases: serde_json::Value = serde_json::from_str(include_str!("../data/transcripts.json")).unwrap();
    for case in cases.as_array().unwrap() {
        let (text, expect) = (case["text"].as_str().unwrap(), &case["expect"]);
        let read = text.parse::<Game>();
        let shown = format!("{}: {read:?}", case["id"]);
        if let Some(word) = expect["refused"].as_str() {
            assert!(read.unwrap_err().to_string().contains(word), "{shown}");
            continue;
        }
        let game = read.expect(&shown);
        if let Some(moves) = expect["moves"].as_str() {
            assert_eq!(game.to_string(), moves, "{shown}");
        }
        if let Some(plies) = expect["plies"].as_u64() {
            assert_eq!(game.len() as u64, plies, "{shown}");
        }
        if let Some(score) = expect["score"].as_array() {
            let discs = game.position().score();
            assert_eq!([&score[0], &score[1]], [discs.black, discs.white], "{shown}");
        }
    }
}
