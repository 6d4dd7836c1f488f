//! The binary: command line, configuration, wiring, signals, exit codes, and the client for terminals.

mod cli;
mod commands;
mod config;
mod logs;
mod signals;

use std::process::ExitCode;

use clap::Parser;

/// Rendering and archiving use much memory for a moment, each time on another thread.
///
/// Debug builds keep the system's: tests give them another calendar by a library that is loaded first, and that hangs with
/// an allocator that asks for the time.
#[cfg(not(debug_assertions))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logs::init(cli.log_format);
    commands::run(cli)
}
