use othello_lens::othello::{Game, random_game};

/// Every line: a seed and the game that it gives, on every platform.
const RECORDED: &str = include_str!("../data/random-games.txt");

#[test]
fn a_seed_gives_the_recorded_game() {
    let mut lines = 0;
    for line in RECORDED.lines().filter(|line| !line.starts_with('#')) {
        let (seed, transcript) = line.split_once(' ').unwrap();
        assert_eq!(random_game(seed.parse().unwrap()).to_string(), transcript, "seed {seed}");
        lines += 1;
    }
    assert_eq!(lines, 6);
}

#[test]
fn a_game_is_played_to_its_end() {
    assert!((0..500).all(|seed| random_game(seed).is_over()));
}

#[test]
fn every_legal_move_is_as_likely() {
    // Games whose first two moves are f5 d6: black then has five answers.
    let prefix: Game = "f5d6".parse().unwrap();
    let answers = prefix.position().legal_moves();
    let mut counts = [0_u32; 64];
    let mut games = 0;
    for game in (0..6_000).map(random_game).filter(|game| game.moves().starts_with(prefix.moves())) {
        counts[game.moves()[2].index()] += 1;
        games += 1;
    }
    // 6,000 / 4 / 3 games are expected; 4 σ of a binomial count around a fifth of them.
    let expected = f64::from(games) / answers.len() as f64;
    let sigma = (expected * (1.0 - 1.0 / answers.len() as f64)).sqrt();
    assert!((420..580).contains(&games), "{games}");
    for square in answers {
        let count = f64::from(counts[square.index()]);
        assert!((count - expected).abs() < 4.0 * sigma, "{square}: {count} of {games}");
    }
}
