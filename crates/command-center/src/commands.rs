//! The commands and their exit codes: 0 done, 64 wrong configuration or argument, 1 anything else.

mod backstage;
mod check_config;
mod demo;
mod healthcheck;
mod metrics;
mod names;
mod openapi;
mod serve;
mod watch;

use std::{
    fmt::{self, Display},
    io::Write as _,
    process::ExitCode,
};

use crate::{
    cli::{Cli, Command},
    config::ConfigError,
};

/// The exit code for a configuration or an argument that is wrong (`EX_USAGE`).
const EXIT_CONFIG: u8 = 64;

/// Why a command failed: one sentence, except for configurations, of which every problem is listed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The configuration is wrong.
    Config(ConfigError),
    /// Nothing is configured that could be watched.
    NothingToWatch,
    /// An argument is wrong.
    Usage(String),
    /// Anything else.
    Runtime(String),
}

/// Runs what the command line asks for.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::CheckConfig(args) => check_config::run(&args),
        Command::Names(args) => names::run(&args),
        Command::Healthcheck(args) => healthcheck::run(&args),
        Command::Openapi => openapi::run(),
        Command::Watch(args) => watch::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody may be reading any more; the exit code says it too.
            let _ = writeln!(std::io::stderr(), "command-center: {failure}");
            match failure {
                Failure::Config(_) | Failure::NothingToWatch | Failure::Usage(_) => {
                    ExitCode::from(EXIT_CONFIG)
                }
                Failure::Runtime(_) => ExitCode::FAILURE,
            }
        }
    }
}

/// Prints to standard output; a reader that went away is no failure.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

// === impl Failure ===

impl Failure {
    fn runtime(what: impl Display) -> Self {
        Self::Runtime(what.to_string())
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "the configuration is wrong\n{error}"),
            Self::NothingToWatch => f.write_str(
                "no backend is configured: set GATEWAY_URL and ORCHESTRATOR_URL, or give their url in the \
                 configuration file; `command-center demo` shows a simulated farm",
            ),
            Self::Usage(what) | Self::Runtime(what) => f.write_str(what),
        }
    }
}
