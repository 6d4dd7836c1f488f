//! How good estimates are: a log of builds is replayed, and each build predicted from those before it.
//!
//! `cargo xtask bench eta [--data FILE]` runs this. The file has lines `finished_at_unix_seconds,package,
//! duration_seconds` in any order, below a heading. Without a file the log beside this program is replayed, and a
//! queue of 300 packages is simulated to its end.
#![expect(clippy::print_stdout, reason = "a program that prints")]

mod baselines;
mod log;
mod queue;

use std::{path::PathBuf, process::ExitCode};

use baselines::{LastFifteen, Predictor, VersionThenCategory};
use log::Log;
use scheduler::estimate::Estimator;

/// Predictions are scored from this build on.
const SCORED_FROM: usize = 100;

/// The log that is replayed when no other is named.
const OUR_LOG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/eta/gentoo-builds.csv");

fn main() -> ExitCode {
    // Cargo adds `--bench` to what it is told to pass on.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let data = match arguments.as_slice() {
        [] => None,
        [flag, file] if flag == "--data" => Some(PathBuf::from(file)),
        _ => {
            println!("usage: eta [--data FILE]");
            return ExitCode::from(64);
        }
    };
    let file = data.clone().unwrap_or_else(|| PathBuf::from(OUR_LOG));
    match Log::read(&file) {
        Ok(log) => replay(&log),
        Err(problem) => {
            println!("{}: {problem}", file.display());
            return ExitCode::FAILURE;
        }
    }
    if data.is_none() {
        queue::simulate();
    }
    ExitCode::SUCCESS
}

fn replay(log: &Log) {
    for (name, predictor) in [
        ("mean by exact version, then category", &mut VersionThenCategory::default() as &mut dyn Predictor),
        ("median of the last 15 by name", &mut LastFifteen::default()),
    ] {
        let mut score = Score::default();
        for (idx, build) in log.builds.iter().enumerate() {
            if idx + 1 >= SCORED_FROM
                && let Some(predicted) = predictor.predict(&build.package)
            {
                score.add(predicted, build.seconds);
            }
            predictor.learn(&build.package, build.seconds);
        }
        println!("{name}: {:.4} ({} builds)", score.mean(), score.n);
    }
    ours(log);
}

/// Ours is judged by what is published: whole seconds.
fn ours(log: &Log) {
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
    let coverage = f64::from(n_inside) / score.n.max(1.0) * 100.0;
    println!("ours: {:.4} ({} builds), {coverage:.1} % within the 10-90 % range", score.mean(), score.n);
}

/// A mean of errors.
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
