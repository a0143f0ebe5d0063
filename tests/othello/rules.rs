use othello_lens::othello::{
    Bitboard, Direction, Game, IllegalReason, Position, PositionError, Side, Square, Symmetry,
};
use proptest::prelude::*;

use crate::walk::Board;
use crate::{games, positions};

proptest! {
    #[test]
    fn moves_and_flips_are_those_of_a_walk_over_the_board(position in positions()) {
        let (board, side) = (Board::of(&position), position.to_move());
        prop_assert_eq!(position.legal_moves(), board.legal_moves(side));
        for square in Square::ALL {
            prop_assert_eq!(position.flips(square), board.flips(side, square), "{}", square);
        }
    }

    #[test]
    fn the_lines_of_a_move_are_its_flips_by_direction(position in positions()) {
        let mut through_any = Bitboard::EMPTY;
        for square in Square::ALL {
            let mut flips = Bitboard::EMPTY;
            for direction in Direction::ALL {
                let mut line = square.into();
                for discs in 1..=7 {
                    line = line | direction.step(line);
                    if position.moves_flipping(direction, discs).contains(square) {
                        flips |= line.without(square);
                        through_any.insert(square);
                    }
                }
            }
            prop_assert_eq!(flips, position.flips(square), "{}", square);
        }
        prop_assert_eq!(through_any, position.legal_moves());
    }

    #[test]
    fn a_stable_disc_is_never_flipped_again(game in games()) {
        let positions: Vec<Position> = game.positions().collect();
        for (ply, position) in positions.iter().enumerate() {
            for square in position.stable() {
                let disc = position.disc(square);
                prop_assert!(positions[ply..].iter().all(|later| later.disc(square) == disc), "{}", square);
            }
        }
        if let Some(last) = positions.last().filter(|last| last.empty().is_empty()) {
            prop_assert_eq!(last.stable(), Bitboard::FULL);
        }
    }

    #[test]
    fn moves_and_flips_follow_the_board_under_every_symmetry(position in positions()) {
        for symmetry in Symmetry::ALL {
            let moved = position.transformed(symmetry);
            prop_assert_eq!(moved.transformed(symmetry.inverse()), position);
            prop_assert_eq!(moved.legal_moves(), position.legal_moves().transformed(symmetry));
            for square in Square::ALL {
                let flips = moved.flips(square.transformed(symmetry));
                prop_assert_eq!(flips, position.flips(square).transformed(symmetry), "{:?} {}", symmetry, square);
            }
        }
    }

    #[test]
    fn a_move_adds_its_disc_and_turns_its_flips(position in positions()) {
        let mover = position.to_move();
        for square in position.legal_moves() {
            let after = position.play(square).unwrap();
            let flips = position.flips(square);
            prop_assert_eq!(after, position.play_unchecked(square));
            prop_assert_eq!(after.discs(mover), position.own() | flips | square.into());
            prop_assert_eq!(after.discs(!mover), position.opponent() ^ flips);
        }
    }

    #[test]
    fn any_other_move_is_refused_with_its_reason_and_the_position(position in positions()) {
        for square in !position.legal_moves() {
            let refused = position.play(square).unwrap_err();
            prop_assert_eq!((refused.square, refused.side(), refused.position), (square, position.to_move(), position));
            let reason = match position.disc(square) {
                _ if position.is_over() => IllegalReason::GameOver,
                Some(side) => IllegalReason::Occupied(side),
                None => IllegalReason::FlipsNothing,
            };
            prop_assert_eq!(refused.reason, reason);
        }
    }

    #[test]
    fn a_turn_is_skipped_only_where_a_player_is_stuck(game in games()) {
        for (before, after) in game.positions().zip(game.positions().skip(1)) {
            let board = Board::of(&after);
            let (mover, next) = (before.to_move(), !before.to_move());
            let (can_go_on, can_answer) =
                (!board.legal_moves(mover).is_empty(), !board.legal_moves(next).is_empty());
            prop_assert_eq!(after.is_over(), !can_answer && !can_go_on);
            prop_assert_eq!(after.to_move() == mover, !can_answer && can_go_on);
        }
    }

    #[test]
    fn no_disc_is_ever_lost(game in games()) {
        for (ply, position) in game.positions().enumerate() {
            let score = position.score();
            prop_assert_eq!(usize::from(score.black + score.white), 4 + ply);
            prop_assert_eq!(position.empty().len(), 60 - ply);
        }
    }

    #[test]
    fn replaying_gives_the_positions_passed_through(game in games()) {
        let mut replayed = Game::new();
        for (ply, &square) in game.moves().iter().enumerate() {
            prop_assert_eq!(game.position_at(ply), Some(replayed.position()));
            replayed.play(square).unwrap();
        }
        prop_assert_eq!(replayed, game);
        prop_assert_eq!(replayed.position(), game.position());
        prop_assert_eq!(game.position_at(game.len()), Some(game.position()));
        prop_assert_eq!(game.position_at(game.len() + 1), None);
        prop_assert_eq!(game.positions().last(), Some(game.position()));
        prop_assert_eq!(Game::from_moves(game.moves()), Ok(game));
    }

    #[test]
    fn undo_takes_back_what_play_did(game in games()) {
        for square in game.position().legal_moves() {
            let mut longer = game;
            longer.play(square).unwrap();
            prop_assert_eq!(longer.undo(), Some(square));
            prop_assert_eq!(longer.position(), game.position());
            prop_assert_eq!(longer, game);
        }
    }

    #[test]
    fn undo_leads_back_to_the_start(mut game in games()) {
        let mut moves = game.moves().to_vec();
        while let Some(square) = game.undo() {
            prop_assert_eq!(Some(square), moves.pop());
            prop_assert_eq!(game.moves(), &moves[..]);
        }
        prop_assert!(moves.is_empty());
        prop_assert_eq!(game.position(), Position::START);
    }

    #[test]
    fn a_refused_move_leaves_the_game_as_it_was(game in games()) {
        for square in !game.position().legal_moves() {
            let mut same = game;
            prop_assert_eq!(same.play(square).unwrap_err().position, game.position());
            prop_assert_eq!((same, same.position()), (game, game.position()));
        }
    }

    #[test]
    fn a_printed_position_reads_back(position in positions()) {
        let read: Position = position.to_string().parse().unwrap();
        prop_assert_eq!(read.discs(Side::Black), position.discs(Side::Black));
        prop_assert_eq!(read.discs(Side::White), position.discs(Side::White));
        // A finished board does not say whose turn it would be.
        prop_assert!(position.is_over() || read == position);
    }

    #[test]
    fn any_text_is_a_position_or_an_error(text in "[-XxOo*.a-h1-8 \n]{0,80}|.{0,80}") {
        let _ = text.parse::<Position>();
    }

    #[test]
    fn a_bitboard_is_a_set_of_squares(bits: u64, other: u64) {
        let set = Bitboard(bits);
        let squares: Vec<Square> = set.iter().collect();
        prop_assert!(squares.is_sorted());
        prop_assert_eq!(squares.len(), set.len());
        prop_assert_eq!(squares.iter().copied().collect::<Bitboard>(), set);
        for (n, &square) in squares.iter().enumerate() {
            prop_assert_eq!(set.nth(n), Some(square));
        }
        prop_assert_eq!(set.nth(squares.len()), None);
        for square in Square::ALL {
            prop_assert_eq!(set.contains(square), squares.contains(&square));
            prop_assert_eq!((set & Bitboard(other)).contains(square), set.contains(square) && Bitboard(other).contains(square));
            prop_assert!(set.with(square).contains(square) && !set.without(square).contains(square));
        }
    }
}

#[test]
fn squares_have_names_in_either_case() {
    for square in Square::ALL {
        let name = square.to_string();
        assert_eq!(name.parse(), Ok(square));
        assert_eq!(name.to_uppercase().parse(), Ok(square));
        assert_eq!(Square::at(square.row(), square.column()), Some(square));
        assert_eq!(Square::new(square.index() as u8), Some(square));
    }
    assert_eq!(Square::new(64), None);
    for text in ["", "f", "f9", "i1", "5f", "f55", " f5", "é5", "a place far away from the board"] {
        assert!(text.parse::<Square>().is_err(), "{text:?}");
    }
    let error = "a place far away from the board".parse::<Square>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "read \"a place far away fro…\", expected a square: a column a–h and a row 1–8, as in \"f5\""
    );
}

#[test]
fn a_board_that_is_none_says_what_was_read() {
    let row = "........";
    let text = |rows: usize, end: &str| format!("{}{end}", row.repeat(rows)).parse::<Position>().unwrap_err();
    assert_eq!(text(7, ""), PositionError::Squares(56));
    assert_eq!(text(8, ""), PositionError::NoSide);
    assert_eq!(text(8, "\n?"), PositionError::Unexpected { read: '?', offset: 65 });
    assert_eq!(text(1, "#"), PositionError::Unexpected { read: '#', offset: 8 });
    let both = Bitboard::column(2) & Bitboard::row(1);
    let error = Position::new(both, both, Side::Black).unwrap_err();
    assert_eq!(error.to_string(), "c2 holds a black and a white disc, expected one at most");
}
