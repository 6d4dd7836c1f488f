//! `cargo xtask`: everything that is done to the workspace rather than by it.
//!
//! Knows how to call cargo, apt and cargo-deny; what is right or wrong is decided in the library beside it.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the terminal")]

mod bench;
mod commands;
mod process;
mod soak;
mod step;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Checks and tests of the Command Center.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Every check and every test, in the order of their cost; stops at the first failure.
    Ci {
        /// Steps to leave out, for example `--except test`.
        #[arg(long, value_name = "STEP", value_parser = commands::ci::STEPS)]
        except: Vec<String>,
    },
    /// Installs by apt what tests need, if it can, and runs the tests.
    Test {
        /// Also the tests that take minutes.
        #[arg(long)]
        long: bool,
        /// Run only tests whose name contains one of these.
        filter: Vec<String>,
    },
    /// The rules over sources, templates, documents and dependencies.
    Tidy,
    /// Feeds every reader of foreign bytes with anything; needs a nightly toolchain and cargo-fuzz.
    Fuzz(commands::fuzz::Fuzz),
    /// Measurements against something that does the same.
    #[command(subcommand)]
    Bench(Bench),
    /// The real binary under load, for as long as is wanted: no error, no drift, no growth.
    Soak(commands::soak::Soak),
    /// The broadcast server that `bench live` compares with.
    #[command(hide = true)]
    BenchMinimal {
        /// Frames, one a line.
        recording: PathBuf,
    },
    /// The subscribers of `bench live`, and the subscribers and visitors of `soak`.
    #[command(hide = true)]
    BenchFleet {
        /// Whom they ask.
        server: SocketAddr,
    },
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Expected durations against what others predict, over a log of builds.
    Eta(commands::eta::Eta),
    /// Cached answers against nginx with files and against a bare actix-web handler.
    Http(commands::bench::Http),
    /// The live queue over WebSocket against a minimal tokio-tungstenite broadcast; takes about half an hour.
    Live(commands::bench::Live),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Ci { except } => commands::ci::run(&except),
        Command::Test { long, filter } => commands::test::run(long, &filter),
        Command::Tidy => commands::tidy::run(),
        Command::Fuzz(fuzz) => commands::fuzz::run(&fuzz),
        Command::Bench(Bench::Eta(eta)) => commands::eta::run(&eta),
        Command::Bench(Bench::Http(http)) => commands::bench::http(&http),
        Command::Bench(Bench::Live(live)) => commands::bench::live(&live),
        Command::Soak(soak) => commands::soak::run(&soak),
        Command::BenchMinimal { recording } => bench::minimal::serve(&recording).map_err(Into::into),
        Command::BenchFleet { server } => bench::fleet::run(server).map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("\nfailed: {failure}");
            ExitCode::FAILURE
        }
    }
}
