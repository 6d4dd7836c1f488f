//! The binary: command line, configuration, wiring, signals, exit codes, and the client for terminals.

mod cli;
mod commands;
mod config;
mod logs;
mod signals;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logs::init();
    commands::run(cli)
}
