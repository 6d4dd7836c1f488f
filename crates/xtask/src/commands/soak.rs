//! `cargo xtask soak`: builds what is needed, and soaks.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::bench::{CENTER, XTASK, build_as_tests_do, build_for_release};
use crate::{
    bench::Programs,
    process::Failure,
    soak::{self, plan::Plan},
};

/// How the server is soaked.
#[derive(Debug, Args)]
pub(crate) struct Soak {
    /// How long.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    minutes: u32,
    /// How many subscribe.
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u16).range(1..))]
    subscribers: u16,
    /// How many requests there are in a second.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..))]
    requests: u16,
    /// Only check, in seconds and with the binary that the tests built, that everything is judged.
    #[arg(long)]
    smoke: bool,
    /// Soak this binary instead of the one that was built.
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

/// Builds the binary, unless there is one, soaks it and prints the verdict.
///
/// # Errors
/// When it cannot be built, or the verdict is bad.
pub(crate) fn run(arguments: &Soak) -> Result<(), Failure> {
    if arguments.smoke {
        return smoke();
    }
    let programs = match &arguments.binary {
        None => build_for_release(&[CENTER, XTASK])?,
        Some(binary) => Programs { command_center: binary.clone(), ..build_for_release(&[XTASK])? },
    };
    let duration = Duration::from_secs(60) * arguments.minutes;
    let plan = Plan::full(duration, usize::from(arguments.subscribers), u32::from(arguments.requests));
    Ok(soak::run(&programs, &plan)?)
}

/// Soaks the binary that the tests use, for seconds: nothing may go wrong.
///
/// # Errors
/// When something does.
pub(crate) fn smoke() -> Result<(), Failure> {
    Ok(soak::run(&build_as_tests_do()?, &Plan::smoke())?)
}
