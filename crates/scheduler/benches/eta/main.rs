//! How good estimates are: a log of builds is replayed, and each build predicted from those before it.
//!
//! `cargo xtask bench eta [--data FILE] [--smoke]` runs this. The file has lines `finished_at_unix_seconds,package,
//! duration_seconds` in any order, below a heading; without one the log beside this program is replayed, and queues of
//! 300 packages are simulated to their end. With `--smoke` nothing is simulated, and it is a failure when ours is not
//! the best or its ranges hold too few or too many builds.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

mod baselines;
mod log;
mod queue;

use std::{ops::RangeInclusive, path::PathBuf, process::ExitCode};

use baselines::{LastFifteen, Predictor, VersionThenCategory};
use log::Log;
use scheduler::estimate::Estimator;

/// Predictions are scored from this build on.
const SCORED_FROM: usize = 100;

/// How many builds of a hundred the 10-90 % range must hold.
const COVERAGE: RangeInclusive<f64> = 75.0..=85.0;

/// The log that is replayed when no other is named.
const OUR_LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/eta/gentoo-builds.csv");

/// What is asked for.
#[derive(Default)]
struct Arguments {
    data: Option<PathBuf>,
    is_smoke: bool,
}

fn main() -> ExitCode {
    let Some(arguments) = Arguments::parse(std::env::args().skip(1)) else {
        eprintln!("usage: eta [--data FILE] [--smoke]");
        return ExitCode::from(64);
    };
    let file = arguments.data.clone().unwrap_or_else(|| PathBuf::from(OUR_LOG));
    let log = match Log::read(&file) {
        Ok(log) => log,
        Err(problem) => {
            eprintln!("{}: {problem}", file.display());
            return ExitCode::FAILURE;
        }
    };
    if log.n_refused > 0 {
        eprintln!("{} lines are no builds or repeat one and are left out", log.n_refused);
    }
    if log.builds.len() < SCORED_FROM {
        eprintln!("{}: {} builds are too few to score any", file.display(), log.builds.len());
        return ExitCode::FAILURE;
    }
    let is_good = replay(&log);
    if arguments.is_smoke {
        return if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if arguments.data.is_none() {
        queue::simulate();
    }
    ExitCode::SUCCESS
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--data" => arguments.data = Some(words.next()?.into()),
                "--smoke" => arguments.is_smoke = true,
                // Cargo adds it to what it is told to pass on.
                "--bench" => {}
                _ => return None,
            }
        }
        Some(arguments)
    }
}

/// Prints a line for each estimator; tells whether ours is the best and keeps what it promises.
fn replay(log: &Log) -> bool {
    let others = [
        ("mean by exact version then category", &mut VersionThenCategory::default() as &mut dyn Predictor),
        ("median of the last 15 by name", &mut LastFifteen::default()),
    ];
    let mut best_other = f64::INFINITY;
    for (name, predictor) in others {
        let mut score = Score::default();
        for (idx, build) in log.builds.iter().enumerate() {
            if idx + 1 >= SCORED_FROM
                && let Some(predicted) = predictor.predict(&build.package)
            {
                score.add(predicted, build.seconds);
            }
            predictor.learn(&build.package, build.seconds);
        }
        println!("{name:<37}{:.4}", score.mean());
        best_other = best_other.min(score.mean());
    }
    let (score, coverage) = ours(log);
    println!("{:<37}{score:.4}, the 10-90 % range held {coverage:.1} %", "ours");
    score < best_other && COVERAGE.contains(&coverage)
}

/// The mean error and how many of a hundred builds were in their ranges. Ours is judged by what is published: whole
/// seconds.
fn ours(log: &Log) -> (f64, f64) {
    let mut estimator = Estimator::new();
    let mut score = Score::default();
    let mut n_inside = 0_u32;
    for (idx, build) in log.builds.iter().enumerate() {
        let forecast = estimator.forecast(Some(&build.package), None);
        if idx + 1 >= SCORED_FROM
            && let Some(estimate) = forecast.map(|forecast| forecast.estimate())
        {
            score.add(f64::from(estimate.median_seconds), build.seconds);
            let range = f64::from(estimate.low_seconds)..=f64::from(estimate.high_seconds);
            n_inside += u32::from(range.contains(&build.seconds));
        }
        estimator.learn(Some(&build.package), None, build.whole_seconds());
    }
    (score.mean(), f64::from(n_inside) / score.n * 100.0)
}

/// A mean of errors; no number without any.
#[derive(Default)]
struct Score {
    sum: f64,
    n: f64,
}

impl Score {
    fn add(&mut self, predicted: f64, seconds: f64) {
        self.sum += ((predicted + 5.0) / (seconds + 5.0)).ln().abs();
        self.n += 1.0;
    }

    fn mean(&self) -> f64 {
        self.sum / self.n
    }
}
