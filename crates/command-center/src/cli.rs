//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::logs::LogFormat;

/// A public, read-only, live status site for a build swarm.
#[derive(Debug, Parser)]
#[command(name = "command-center", disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: ServeArgs,
    /// How each event is written on standard error.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, global = true)]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch the configured backends and serve the site (the default).
    Serve(ServeArgs),
    /// Serve a simulated farm; needs nothing else.
    Demo(DemoArgs),
    /// Read the configuration and list every problem in it.
    CheckConfig(ConfigArgs),
    /// Show what a running server calls every internal name.
    Names(NamesArgs),
    /// Tell by the exit code whether a running server lives.
    ///
    /// Exits with 0 when its internal listener answers within two seconds, with 1 when it does not, with 64 when the
    /// address is looked up in a configuration that is wrong.
    Healthcheck(RunningArgs),
    /// Print the description of the API, in OpenAPI 3.1.
    Openapi,
    /// Show the queue of a running server in this terminal, live.
    ///
    /// In a terminal it is drawn in place until Ctrl-C; otherwise every event is one line. Exits with 0 when it was
    /// interrupted or when nobody reads any more, with 64 for a URL that cannot be used, with 1 for anything else.
    Watch(WatchArgs),
}

#[derive(Debug, Clone, Args, Default)]
pub(crate) struct ConfigArgs {
    /// The configuration file [default: /etc/command-center/config.toml, if it exists].
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Clone, Args, Default)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// Where the public site listens [default: 127.0.0.1:5000].
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where health, readiness, names and metrics are told; never make it public [default: 127.0.0.1:5001].
    #[arg(long, value_name = "ADDR")]
    pub(crate) internal_listen: Option<SocketAddr>,
    /// Where things are kept that survive a restart [default: nowhere].
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where the site listens.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8093")]
    pub(crate) listen: SocketAddr,
    /// Where health, readiness, names and metrics are told.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) internal_listen: SocketAddr,
    /// How many times faster than a real farm.
    #[arg(long, value_name = "X", default_value_t = 10.0)]
    pub(crate) speed: f64,
    /// Break every backend in turn, X times faster than one can watch, and say so on every page.
    #[arg(
        long,
        value_name = "X",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        value_parser = pace
    )]
    pub(crate) chaos: Option<f64>,
    /// Which of many worlds.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct NamesArgs {
    #[command(flatten)]
    pub(crate) running: RunningArgs,
    /// Print configuration that claims the unclaimed, to paste and to edit.
    #[arg(long)]
    pub(crate) toml: bool,
}

/// Where the running server is asked.
#[derive(Debug, Args)]
pub(crate) struct RunningArgs {
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
    /// The running server's internal listener [default: as configured].
    #[arg(long, value_name = "ADDR")]
    pub(crate) internal_listen: Option<SocketAddr>,
}

/// Reads how much faster chaos comes; beyond twenty times, polls would follow each other without pause.
fn pace(text: &str) -> Result<f64, String> {
    let pace = text.parse().ok().filter(|pace| (0.1..=20.0).contains(pace));
    pace.ok_or_else(|| "must be a number from 0.1 to 20".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// The site, with its base path if it has one; http, https, ws or wss.
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8093")]
    pub(crate) url: String,
    /// Print the queue as it is now, and exit.
    #[arg(long)]
    pub(crate) once: bool,
}
