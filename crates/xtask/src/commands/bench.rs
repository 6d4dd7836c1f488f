//! `cargo xtask bench`: builds what is measured, and measures it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::bench::{self, Programs, plan::Plan};
use crate::process::{Failure, cargo, run as run_command, target_directory};

/// How the live queue is measured.
#[derive(Debug, Args)]
pub(crate) struct Live {
    /// Only check, in seconds and with the binary that the tests built, that measuring works.
    #[arg(long)]
    smoke: bool,
    /// How often each server is measured.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// How many subscribe at a time.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [100, 1_000, 9_500])]
    subscribers: Vec<usize>,
    /// For how long some read nothing, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    stalled_for: u64,
    /// Measure this binary instead of the one that was built.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Builds the binary, unless there is one, and prints the table.
///
/// # Errors
/// When it cannot be built or measured. A target that is missed is no error.
pub(crate) fn live(arguments: &Live) -> Result<(), Failure> {
    if arguments.subscribers.contains(&0) {
        return Err(Failure::Missing("without subscribers there is nothing to measure".to_owned()));
    }
    let programs = match (&arguments.binary, arguments.smoke) {
        (None, true) => build_as_tests_do()?,
        (None, false) => build_for_release(&["command-center", "xtask"])?,
        (Some(binary), _) => Programs { command_center: binary.clone(), ..build_for_release(&["xtask"])? },
    };
    let stalled_for = Duration::from_secs(arguments.stalled_for);
    let plan = if arguments.smoke {
        Plan::smoke()
    } else {
        Plan::full(usize::from(arguments.rounds), &arguments.subscribers, stalled_for)
    };
    Ok(bench::live(&programs, &plan)?)
}

/// Measures the binary that the tests use, as little as possible: every value must come out and be possible.
///
/// # Errors
/// When one does not, or is not.
pub(crate) fn smoke() -> Result<(), Failure> {
    Ok(bench::live(&build_as_tests_do()?, &Plan::smoke())?)
}

/// By the very command that builds for the tests, so that nothing is built twice.
fn build_as_tests_do() -> Result<Programs, Failure> {
    run_command(&mut cargo(&["test", "--workspace", "--no-run", "--quiet"]))?;
    Ok(programs("debug"))
}

fn build_for_release(packages: &[&str]) -> Result<Programs, Failure> {
    let mut build = cargo(&["build", "--release"]);
    for package in packages {
        build.args(["--package", package]);
    }
    run_command(&mut build)?;
    Ok(programs("release"))
}

fn programs(profile: &str) -> Programs {
    let directory = target_directory().join(profile);
    Programs { command_center: directory.join("command-center"), xtask: directory.join("xtask") }
}
