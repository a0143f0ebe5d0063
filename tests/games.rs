//! Files of games: what is written in any format is read again, and what is broken is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;

use othello_lens::games::{FileError, Format, GameFile, Mirror, Numbering, ReadAs, Reader, read_one};
use othello_lens::gpt::Vocab;
use othello_lens::othello::{Game, Score, Square, Symmetry, random_game};
use proptest::prelude::*;

fn read_as(bytes: &[u8], read_as: Option<ReadAs>) -> Result<GameFile, FileError> {
    let mut reader = Reader::new(read_as);
    reader.push(bytes)?;
    reader.finish()
}

fn read(bytes: impl AsRef<[u8]>) -> GameFile {
    read_as(bytes.as_ref(), None).unwrap()
}

fn games(file: &GameFile) -> Vec<Game> {
    file.games.iter().map(|found| found.game).collect()
}

/// Games of some moves at least.
fn some_games() -> impl Strategy<Value = Vec<Game>> {
    prop::collection::vec((any::<u64>(), 4..=60_usize), 2..12).prop_map(|drawn| {
        let game = |(seed, plies)| {
            let mut game = random_game(seed);
            game.truncate(plies);
            game
        };
        drawn.into_iter().map(game).collect()
    })
}

/// The words of a game, passes among them.
fn words(game: &Game, pass: &str) -> Vec<String> {
    let passes: Vec<usize> = game.passes().collect();
    let mut words = Vec::new();
    for (ply, square) in game.moves().iter().enumerate() {
        if passes.contains(&ply) {
            words.push(pass.to_owned());
        }
        words.push(square.to_string());
    }
    words
}

fn pgn(game: &Game, tags: &str) -> String {
    let mut text = format!("{tags}[Result \"{}\"]\n\n", dashed(game.position().score()));
    for (pair, words) in words(game, "--").chunks(2).enumerate() {
        write!(text, "{}. {} ", pair + 1, words.join(" ")).unwrap();
        if pair % 6 == 5 {
            text.push('\n');
        }
    }
    text + &dashed(game.position().score()) + "\n\n"
}

fn dashed(score: Score) -> String {
    format!("{}-{}", score.black, score.white)
}

fn ggf(game: &Game) -> String {
    let mut text =
        "(;GM[Othello]PC[here]PB[x]PW[y]RE[?]TY[8]BO[8 ---------------------------O*------*O------------\
                    --------------- *]"
            .to_owned();
    let mut positions = game.positions();
    let mut black = true;
    for word in words(game, "PA") {
        let value = if word == "PA" {
            "PA".to_owned()
        } else {
            black = positions.next().unwrap().to_move() == othello_lens::othello::Side::Black;
            format!("{word}//1.5")
        };
        let side = if word == "PA" { !black } else { black };
        write!(text, "{}[{value}]", if side { 'B' } else { 'W' }).unwrap();
    }
    text + ";)"
}

fn wthor(games: &[Game]) -> Vec<u8> {
    let mut bytes = vec![20, 24, 1, 31];
    bytes.extend((games.len() as u32).to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(2023_u16.to_le_bytes());
    bytes.extend([8, 0, 22, 0]);
    for (index, game) in games.iter().enumerate() {
        for number in [7, index as u16, 500] {
            bytes.extend(u16::to_le_bytes(number));
        }
        let black = game.position().score().black;
        bytes.extend([black, black]);
        let moves = game.moves().iter().map(|square| 10 * (square.row() + 1) + square.column() + 1);
        let moves: Vec<u8> = moves.chain(std::iter::repeat(0)).take(60).collect();
        bytes.extend(moves);
    }
    bytes
}

fn numbers(game: &Game, numbering: Numbering) -> Vec<String> {
    let of = |square: Square| {
        let (row, column) = (i32::from(square.row()), i32::from(square.column()));
        let transposed = square.transformed(Symmetry::Transpose);
        let token = |square: Square| Vocab::Moves.token(square).unwrap() as i32;
        match numbering {
            Numbering::ByLetter => vec![8 * column + row],
            Numbering::ByRow => vec![8 * row + column],
            Numbering::ByLetterFromOne => vec![8 * column + row + 1],
            Numbering::ByRowFromOne => vec![8 * row + column + 1],
            Numbering::TokensByLetter => vec![token(transposed)],
            Numbering::TokensByRow => vec![token(square)],
            Numbering::TokensByLetterFromZero => vec![token(transposed) - 1],
            Numbering::TokensByRowFromZero => vec![token(square) - 1],
            Numbering::RowColumnDigits => vec![10 * row + column + 11],
            Numbering::ColumnRowDigits => vec![10 * column + row + 11],
            Numbering::RowColumnPairs => vec![row, column],
            Numbering::ColumnRowPairs => vec![column, row],
            Numbering::RowColumnPairsFromOne => vec![row + 1, column + 1],
            Numbering::ColumnRowPairsFromOne => vec![column + 1, row + 1],
        }
    };
    game.moves().iter().flat_map(|&square| of(square)).map(|number| number.to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_format_reads_back(all in some_games(), crlf in any::<bool>()) {
        let line = |game: &Game| words(game, "PA").join(" ");
        let quoted = |game: &Game| format!("['{}']", words(game, "pass").join("', '"));
        let json: Vec<String> = all.iter().map(ToString::to_string).collect();
        let join = |each: &dyn Fn(&Game) -> String, between: &str| all.iter().map(each).collect::<Vec<_>>().join(between);
        let texts = [
            (Format::Lines, join(&line, "\n")),
            (Format::Lines, join(&|game| format!("XX {} PP PP", words(game, "--").join(" ").to_uppercase()), "\n")),
            (Format::Lines, format!("id,winner,moves\n{}", join(&|game| format!("17,-1,{game}"), "\n"))),
            (Format::Lines, join(&|game| format!("http://localhost:8080/?transcript={game}&ply=1"), "\n")),
            (Format::Pgn, join(&|game| pgn(game, "[Event \"x (y) [z]\"]\n[Black \"A\"]\n[White \"B\"]\n"), "")),
            (Format::Ggf, join(&ggf, "\n")),
            (Format::Ggf, join(&ggf, "")),
            (Format::Lists, format!("[{}]", join(&quoted, ",\n"))),
            (Format::Lists, serde_json::to_string(&json).unwrap()),
            (Format::Lists, join(&|game| format!("{{\"id\": 3, \"moves\": \"{game}\", \"black\": \"A\"}}"), "\n")),
        ];
        for (format, text) in texts {
            let text = if crlf { text.replace('\n', "\r\n") } else { text };
            let file = read(&text);
            prop_assert_eq!(file.format, format, "{}", text);
            prop_assert_eq!(&file.broken, &[], "{}", text);
            prop_assert_eq!(games(&file), all.clone(), "{}", text);
        }
        let file = read(wthor(&all));
        prop_assert_eq!(file.format, Format::Wthor);
        prop_assert_eq!(games(&file), all);
        prop_assert_eq!(file.broken_count, 0);
    }

    #[test]
    fn pieces_of_a_file_do_not_matter(all in some_games(), cuts in prop::collection::vec(1_usize..400, 1..40)) {
        let text = all.iter().map(|game| pgn(game, "[White \"Ünïcødé ♞\"]\n")).collect::<String>();
        // Long enough to be told before its end.
        let text = text.repeat(1 + 70_000 / text.len());
        for bytes in [text.clone().into_bytes(), wthor(&games(&read(&text)))] {
            let mut reader = Reader::new(None);
            let mut rest = bytes.as_slice();
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at(rest.len().min(*cut));
                reader.push(piece).unwrap();
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert!(reader.finish().unwrap() == read(&bytes));
        }
    }

    #[test]
    fn numbers_are_read_under_every_numbering(all in some_games()) {
        for numbering in Numbering::ALL {
            let reading = ReadAs::Numbers(numbering);
            let rows = |between: &str| all.iter().map(|game| numbers(game, numbering).join(between)).collect::<Vec<_>>();
            let nested = if numbering.is_pairs() {
                let pairs = |game: &Game| {
                    let numbers = numbers(game, numbering);
                    let pairs = numbers.chunks(2).map(|pair| format!("({})", pair.join(", "))).collect::<Vec<_>>();
                    format!("[{}]", pairs.join(", "))
                };
                format!("[{}]", all.iter().map(pairs).collect::<Vec<_>>().join(",\n "))
            } else {
                format!("tensor([[{}]])", rows(",\n 3"[..2].trim_end()).join("],\n ["))
            };
            for text in [rows(" ").join("\n"), rows(",").join("\r\n"), nested] {
                let file = read_as(text.as_bytes(), Some(reading)).unwrap();
                prop_assert_eq!(&file.broken, &[], "{} {}", reading, text);
                prop_assert_eq!(games(&file), all.clone(), "{} {}", reading, text);
                // Unasked, a reading is taken under which all are games, and this one is offered.
                let file = read(&text);
                prop_assert_eq!(file.games.len(), all.len());
                prop_assert!(file.read_as == Some(reading) || file.offers.iter().any(|offer| offer.read_as == reading));
            }
        }
    }

    #[test]
    fn a_mirrored_game_is_offered(game in some_games().prop_map(|games| games[0])) {
        for mirror in Mirror::ALL {
            let mirrored: String = game.moves().iter().map(|square| square.transformed(mirror.symmetry()).to_string()).collect();
            let refusal = read_one(&mirrored, None).unwrap_err();
            prop_assert!(refusal.to_string().contains("mirrored"));
            prop_assert_eq!(read_one(&mirrored, Some(ReadAs::Mirrored(mirror))).unwrap().game, game);
            let lines = format!("{mirrored}\n{mirrored}\n");
            prop_assert_eq!(read(&lines).offers.len(), 2);
            let file = read_as(lines.as_bytes(), Some(ReadAs::Mirrored(mirror))).unwrap();
            prop_assert_eq!(games(&file), [game, game]);
        }
    }

    #[test]
    fn any_bytes_are_games_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_as(&bytes, None);
    }
}

#[test]
fn numbers_alone_are_never_a_game_by_themselves() {
    for text in [
        "37 43 18 19",
        "[37, 43, 18, 19]",
        "(37, 43, 18, 19)",
        "37\n43\n18\n19\n",
        "array([37., 43., 18., 19.])",
    ] {
        let refusal = read_one(text, None).unwrap_err();
        assert!(refusal.to_string().contains("numbers"), "{refusal}");
        let offered: Vec<(&str, String)> =
            refusal.offers.iter().map(|offer| (offer.read_as.name(), offer.game.to_string())).collect();
        assert_eq!(offered[0], ("by-letter", "e6f4c3c4".to_owned()), "{text}");
        assert_eq!(offered[1], ("by-row", "f5d6c3d3".to_owned()), "{text}");
        let file = read(text);
        assert_eq!((file.games.len(), file.broken_count), (0, 1), "{text}");
        assert_eq!(file.offers[0].read_as.name(), "by-letter", "{text}");
    }
    // Numbers that are no game under any reading are refused all the same.
    let refusal = read_one("1 2 3 4", None).unwrap_err();
    assert!(refusal.to_string().contains("numbers"), "{refusal}");
    assert_eq!(refusal.offers, []);
}

#[test]
fn rows_of_numbers_may_have_passes_and_padding() {
    // White moved last, and black is stuck.
    let game: Game = "f5f6d3g5h5h4f7h6c5".parse().unwrap();
    let by_row = numbers(&game, Numbering::ByRow);
    let with = |mark: &str| format!("{},{mark},{},{mark}", by_row[..8].join(","), by_row[8]);
    for mark in ["-1", "64", "65", "-100"] {
        let padded = format!("{},-1,-1", with(mark).trim_end_matches(&format!(",{mark}")));
        assert_eq!(
            read_one(&padded, Some(ReadAs::Numbers(Numbering::ByRow))).unwrap().game,
            game,
            "{padded}"
        );
    }
    let early = format!("{},-1,{}", by_row[0], by_row[1..].join(","));
    let refusal = read_one(&early, Some(ReadAs::Numbers(Numbering::ByRow))).unwrap_err();
    assert_eq!(refusal.offers, []);
}

#[test]
fn a_broken_game_among_a_thousand_is_named_and_the_others_are_read() {
    let all: Vec<Game> = (0..1000).map(random_game).collect();
    let mut texts: Vec<String> = all.iter().map(|game| pgn(game, "[Black \"A\"]\n[White \"B\"]\n")).collect();
    texts[499] = texts[499].replacen("2. ", "2. {never closed ", 1);
    texts[700] = "[Black \"A\"]\n\n1. f5 d6 2. a1 c3 *\n\n".to_owned();
    texts[800] = "[Black \"A\"]\n[Result \"*\"]\n\n*\n\n".to_owned();
    let file = read(texts.concat());
    assert_eq!(file.games.len(), 997);
    assert_eq!(file.broken_count, 3);
    let line =
        |number: usize| texts[..number - 1].iter().map(|text| text.lines().count() as u64).sum::<u64>() + 1;
    for (broken, (number, word)) in file.broken.iter().zip([(500, "closes"), (701, "a1"), (801, "no move")]) {
        assert_eq!(broken.place.number, number as u64);
        assert_eq!(broken.place.line, line(number));
        assert!(broken.reason.contains(word), "{}", broken.reason);
    }
    assert_eq!(file.broken[1].kept.to_string(), "f5d6");
    assert_eq!(file.games[996].place.number, 1000);
}

#[test]
fn what_a_file_says_of_a_game_is_kept() {
    let over = random_game(3);
    let score = over.position().score();
    let tags = "[Event \"Club \\\"Tiger\\\" 3\"] [Date \"2024.01.02\"]\n[Black \"A, B\"]\n[White \"?\"]\n";
    let file = read(pgn(&over, tags) + &pgn(&over, tags).replace(&dashed(score), "40-24"));
    let about = file.games[0].about.as_ref().unwrap();
    assert_eq!((&*about.event, &*about.date), ("Club \"Tiger\" 3", "2024.01.02"));
    assert_eq!((&*about.black, &*about.white), ("A, B", ""));
    assert_eq!(about.result, Some(score));
    assert_eq!(file.games[0].contradiction(), None);
    assert!(file.games[1].contradiction().unwrap().contains("40–24"));
    let file = read(wthor(&[over]));
    let about = file.games[0].about.as_ref().unwrap();
    assert_eq!((&*about.black, &*about.white, &*about.date), ("player 0", "player 500", "2023"));
    // A wiped-out game is often told as 64-0.
    let wiped = read("[Event \"x\"]\n\ne6f4e3f6g5d6e7f5c5 64-0\n");
    assert_eq!(wiped.games[0].contradiction(), None);
}

#[test]
fn a_file_of_something_else_is_named_for_what_it_is() {
    let named = |bytes: &[u8]| read_as(bytes, None).unwrap_err().to_string();
    for (bytes, word) in [
        (&b"<!DOCTYPE html><html><body>f5</body></html>"[..], "HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n", "Git LFS"),
        (b"PK\x03\x04....", "zip"),
        (b"\x80\x02]q\0.", "without rows"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"\x93NUMPY\x01\0", "numpy"),
        (b"\x80\x04\x95", "pickle"),
        (b"", "empty"),
        (b" \n\xef\xbb\xbf", "empty"),
        (b"f5d6\0c3", "no text"),
        (b"Dear club,\n", "without moves"),
        (b"[[[[[[", "without moves"),
        (b"\x10\0\0\0\0\0\0\0{\"a\":1}", "safetensors"),
    ] {
        assert!(named(bytes).contains(word), "{}", named(bytes));
    }
    let mut larger = wthor(&[random_game(1)]);
    larger[12] = 10;
    assert!(named(&larger).contains("10 × 10"));
}

/// Files that Python, numpy and torch wrote: `tests/data/games/games.py`.
#[test]
fn games_of_notebooks_are_read() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let all = std::fs::read_to_string(data.join("random-games.txt")).unwrap();
    let all: Vec<Game> = all
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap().1.parse().unwrap())
        .collect();
    for (name, format, numbering) in [
        ("synthetic.pickle", Format::Python, Some(Numbering::ByLetter)),
        ("board_seqs_int.npy", Format::Python, Some(Numbering::TokensByLetter)),
        ("board_seqs_string.pth", Format::Python, Some(Numbering::ByLetter)),
        ("start-token.txt", Format::Lines, None),
    ] {
        let file = read(std::fs::read(data.join("games").join(name)).unwrap());
        assert_eq!((file.format, file.broken_count), (format, 0), "{name}");
        assert_eq!(file.read_as, numbering.map(ReadAs::Numbers), "{name}");
        assert_eq!(games(&file), all, "{name}");
    }
    // Each ends seven moves before the one before it.
    let cut = |(index, game): (usize, &Game)| Game::from_moves(&game.moves()[..60 - 7 * index]).unwrap();
    let cut: Vec<Game> = all.iter().enumerate().map(cut).collect();
    for name in [
        "moves.pickle",
        "texts.pickle",
        "arrays.pickle",
        "pairs.pickle",
        "named.pickle",
        "told.pickle",
        "python2.pickle",
        "tensors.pth",
        "zeros.npy",
        "floats.npy",
    ] {
        let file = read(std::fs::read(data.join("games").join(name)).unwrap());
        assert_eq!((file.format, file.broken_count), (Format::Python, 0), "{name}: {:?}", file.broken);
        assert_eq!(games(&file), cut, "{name}");
    }
    let weights = std::fs::read(data.join("import/mingpt.ckpt")).unwrap();
    let refusal = read_as(&weights, None).unwrap_err().to_string();
    assert_eq!(refusal, "the array is F32; expected whole numbers, a row a game");
}

#[test]
fn a_wthor_file_that_ends_early_says_so() {
    let all: Vec<Game> = (0..5).map(random_game).collect();
    let bytes = wthor(&all);
    let within = read(&bytes[..bytes.len() - 10]);
    assert_eq!((within.games.len(), within.broken[0].place.number), (4, 5));
    let before = read(&bytes[..bytes.len() - 68]);
    assert!(before.broken[0].reason.contains("5 games"), "{:?}", before.broken);
    let mut wrong = bytes;
    wrong[16 + 68 + 8] = 99;
    let wrong = read(wrong);
    assert_eq!((wrong.games.len(), wrong.broken[0].place.number), (4, 2));
    assert!(wrong.broken[0].reason.contains("99"));
}

#[test]
fn texts_of_other_encodings_are_read() {
    let text = "[White \"Zoë\"]\r\n\r\n1. f5 d6 2. c3\r\n";
    let little: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let marked = format!("\u{feff}{text}").into_bytes();
    for bytes in [little, big, marked] {
        let file = read(bytes);
        assert_eq!((file.format, file.games.len()), (Format::Pgn, 1));
        assert_eq!(file.games[0].about.as_ref().unwrap().white, "Zoë");
    }
    let latin: Vec<u8> = text.chars().map(|character| character as u8).collect();
    assert_eq!(read(latin).games[0].game.to_string(), "f5d6c3");
}

#[test]
fn one_game_may_take_several_lines() {
    for text in ["1. f5 d6\n2. c3 d3\n", "F5D6\nC3D3", "BLACK, f5\nWHITE, d6\nBLACK, c3\nWHITE, d3"] {
        let file = read(text);
        assert_eq!(file.format, Format::Transcript);
        assert_eq!(games(&file), ["f5d6c3d3".parse().unwrap()]);
    }
}

#[test]
fn a_game_of_a_megabyte_is_refused_and_the_next_is_read() {
    let long = format!("f5 d6 {{{}}}\ne6f4\n", "x".repeat(3 << 20));
    let file = read(&long);
    assert_eq!((file.games.len(), file.broken_count), (1, 1));
    assert_eq!(file.games[0].place.line, 2);
    assert!(file.broken[0].reason.contains("characters"));
}

#[test]
fn no_more_games_are_read_than_are_wanted() {
    let text = "f5d6c3\n".repeat(50);
    let mut reader = Reader::new(None).at_most(20);
    reader.push(text.as_bytes()).unwrap();
    let file = reader.finish().unwrap();
    assert_eq!((file.games.len(), file.is_cut), (20, true));
}

/// Tournament games as they were published, where they are at hand.
#[test]
fn published_games_agree_with_their_results() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/real/liveothello-40.pgn");
    let Ok(bytes) = std::fs::read(path) else { return };
    let file = read(bytes);
    assert_eq!((file.format, file.games.len(), file.broken_count), (Format::Pgn, 40, 0));
    for found in &file.games {
        assert_eq!(found.contradiction(), None, "{:?}", found.place);
    }
}
