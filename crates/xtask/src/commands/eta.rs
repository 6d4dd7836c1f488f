//! `cargo xtask bench eta`: builds the replay of the scheduler's estimates, and runs it.

use std::path::{self, PathBuf};

use clap::Args;

use crate::process::{Failure, cargo, run as run_command};

/// How estimates are judged.
#[derive(Debug, Args)]
pub(crate) struct Eta {
    /// Replay this log: lines `finished_at_unix_seconds,package,duration_seconds` below a heading.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Only replay, and fail unless ours is the best and its ranges hold 75 to 85 of a hundred builds.
    #[arg(long)]
    smoke: bool,
}

/// Prints a line for each estimator, and without a file also how queues were foreseen.
///
/// # Errors
/// When the file is no log, or `--smoke` finds fault.
pub(crate) fn run(arguments: &Eta) -> Result<(), Failure> {
    let mut bench = replay();
    if let Some(data) = &arguments.data {
        // Cargo runs it in the folder of its crate.
        let absolute = path::absolute(data);
        bench.arg("--data").arg(absolute.as_deref().unwrap_or(data));
    }
    if arguments.smoke {
        bench.arg("--smoke");
    }
    run_command(&mut bench)
}

/// Replays the log that is kept beside the program.
///
/// # Errors
/// When ours is not the best, or its ranges are too wide or too narrow.
pub(crate) fn smoke() -> Result<(), Failure> {
    run_command(replay().arg("--smoke"))
}

/// As tests are built: it is judged by what it says, not by how fast.
fn replay() -> std::process::Command {
    cargo(&["bench", "--quiet", "--profile", "dev", "--package", "scheduler", "--bench", "eta", "--"])
}
