//! `cargo xtask bench`: builds what is measured, and measures it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::bench::{self, Programs, http, plan::Plan};
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

/// How cached answers are measured.
#[derive(Debug, Args)]
pub(crate) struct Http {
    /// Only check, in seconds and with the binary that the tests built, that measuring works.
    #[arg(long)]
    smoke: bool,
    /// How often each server is measured.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// For how long each time, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    seconds: u64,
    /// Over how many connections.
    #[arg(long, value_name = "N", value_delimiter = ',', default_values_t = [64, 1_000])]
    connections: Vec<usize>,
    /// Measure this binary instead of the one that was built.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Builds the binary, unless there is one, and prints the table.
///
/// # Errors
/// When it cannot be built or measured. A target that is missed is no error.
pub(crate) fn http(arguments: &Http) -> Result<(), Failure> {
    if arguments.connections.contains(&0) {
        return Err(Failure::Missing("without connections there is nothing to measure".to_owned()));
    }
    let built = if arguments.smoke { build_as_tests_do()? } else { build_for_release(&SERVERS)? };
    let programs = match &arguments.binary {
        Some(binary) => Programs { command_center: binary.clone(), ..built },
        None => built,
    };
    let plan = if arguments.smoke {
        http::Plan::smoke()
    } else {
        http::Plan {
            n_rounds: usize::from(arguments.rounds),
            duration: Duration::from_secs(arguments.seconds),
            n_connections: arguments.connections.clone(),
        }
    };
    println!("\n{}", http::http(&programs, &plan)?);
    Ok(())
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
        (None, false) => build_for_release(&[CENTER, XTASK])?,
        (Some(binary), _) => Programs { command_center: binary.clone(), ..build_for_release(&[XTASK])? },
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
pub(super) fn build_as_tests_do() -> Result<Programs, Failure> {
    run_command(&mut cargo(&["test", "--workspace", "--no-run", "--quiet"]))?;
    Ok(programs("debug"))
}

/// What cargo is told to build: one program each.
pub(super) type Target = &'static [&'static str];
pub(super) const CENTER: Target = &["--package", "command-center", "--bin", "command-center"];
pub(super) const XTASK: Target = &["--package", "xtask", "--bin", "xtask"];
const BARE: Target = &["--package", "web", "--example", "bare"];
/// The servers of cached answers.
const SERVERS: [Target; 2] = [CENTER, BARE];

pub(super) fn build_for_release(targets: &[Target]) -> Result<Programs, Failure> {
    for target in targets {
        run_command(cargo(&["build", "--release"]).args(*target))?;
    }
    Ok(programs("release"))
}

fn programs(profile: &str) -> Programs {
    let directory = target_directory().join(profile);
    Programs {
        command_center: directory.join("command-center"),
        xtask: directory.join("xtask"),
        bare: directory.join("examples/bare"),
    }
}
