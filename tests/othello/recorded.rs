use othello_lens::othello::Game;

#[test]
fn recorded_games_replay_with_the_same_skipped_turns() {
    let recorded: serde_json::Value = serde_json::from_str(include_str!("../data/golden.json")).unwrap();
    let texts = recorded["games"].as_array().unwrap();
    let skips = recorded["skipped_turn_before_ply"].as_array().unwrap();
    assert_eq!((texts.len(), skips.len()), (2, 2));
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
fn a_game_can_end_on_a_nearly_empty_board() {
    // The shortest game there is: nine moves, and white has no disc left.
    let game: Game = "e6f4e3f6g5d6e7f5c5".parse().unwrap();
    assert_eq!(
        format!("\n{}", game.position()),
        "
  a b c d e f g h
1 . . . . . . . .
2 . . . . . . . .
3 . . . . X . . .
4 . . . X X X . .
5 . . X X X X X .
6 . . . X X X . .
7 . . . . X . . .
8 . . . . . . . .
Game over"
    );
    assert_eq!(game.position().score().to_string(), "13–0");
    assert_eq!(game.passes().count(), 0);
}
