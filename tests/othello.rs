//! The rules of Othello against recorded games, and their invariants on random ones.

use othello_lens::othello::{Game, Position, perft};

#[test]
fn recorded_games_replay_with_the_same_skipped_turns() {
    let recorded: serde_json::Value = serde_json::from_str(include_str!("data/golden.json")).unwrap();
    let texts = recorded["games"].as_array().unwrap();
    let skips = recorded["skipped_turn_before_ply"].as_array().unwrap();
    assert_eq!(texts.len(), 2);
    for (text, skips) in texts.iter().zip(skips) {
        let text = text.as_str().unwrap();
        let game: Game = text.parse().unwrap();
        assert_eq!(game.to_string(), text);
        assert!(game.is_over());
        let passes: Vec<_> = game.passes().map(|ply| ply as u64).collect();
        let skips: Vec<_> = skips.as_array().unwrap().iter().map(|ply| ply.as_u64().unwrap()).collect();
        assert_eq!(passes, skips);
    }
}

#[test]
fn counts_from_the_start_are_the_published_ones() {
    let counts = [4, 12, 56, 244, 1396, 8200, 55092, 390_216, 3_005_288];
    for (depth, count) in (1..).zip(counts) {
        assert_eq!(perft(Position::START, depth), count, "depth {depth}");
    }
}
