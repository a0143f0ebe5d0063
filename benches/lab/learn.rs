//! How well the training `small` has learnt the rules after 25,600 games: the share of positions whose most
//! probable square is illegal, in 1000 games that it has not seen.

use anyhow::{Context, Result};
use othello_lens::corpus;
use othello_lens::figures::native::{Driver, threads};
use othello_lens::figures::{ILLEGAL_TOP1, ModelWhole, Resampling};
use othello_lens::metrics::Bootstrap;
use othello_lens::train::TrainDevice;
use othello_lens::train::gpt::{Games, GptTrainer, GptTraining};

use crate::figures::Figure;

const TRAINED_ON: u64 = 25_600;
const HELD_OUT: usize = 1000;

pub(crate) fn run() -> Result<()> {
    let training = GptTraining { games: TRAINED_ON, ..GptTraining::small() };
    let games = Games::Random { seed: training.seed };
    let mut trainer = GptTrainer::new(training, games, TrainDevice::Cpu)?;
    while !trainer.is_finished() {
        trainer.step()?;
    }

    let weights = trainer.weights()?;
    let games = corpus::Games::new(0, HELD_OUT, &weights.config)?;
    let resampling = Resampling::bootstrap(Bootstrap::new(0), HELD_OUT);
    let whole = ModelWhole { games: &games, resampling: &resampling, executor: threads() };
    let figures = Driver::new(&weights, &games).model(|_| ())?.end(&whole);
    let illegal = figures.get(&ILLEGAL_TOP1).context("no positions")?;
    println!(
        "8×128 after {TRAINED_ON} games: illegal top-1 {:.2} % ({:.2}–{:.2})",
        100.0 * illegal.value,
        100.0 * illegal.low,
        100.0 * illegal.high
    );
    Figure {
        name: "train.gpt.small.illegal_25600",
        value: illegal.value,
        unit: "of positions",
        peer: None,
        n: illegal.n,
    }
    .record()?;
    Ok(())
}
