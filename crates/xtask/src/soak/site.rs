//! The server under load: the real binary with its demonstration, as a process of its own.

use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use serde_json::Value;
use tempfile::TempDir;

use super::plan::Plan;
use crate::bench::{
    Programs,
    child::Process,
    error::{BenchError, Context as _},
    fleet::orders::Version,
    machine::wait_for,
    server::{ask_for_queue, free_address, is_ready},
};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to stop, with all its subscribers.
const STOPPED_WITHIN: Duration = Duration::from_secs(10);
/// What the log may not have.
const BAD_LINES: [&str; 2] = [" ERROR ", "panicked at"];

/// A running demonstration.
#[derive(Debug)]
pub(super) struct Site {
    process: Process,
    address: SocketAddr,
    log: PathBuf,
    _directory: TempDir,
}

impl Site {
    /// Starts it and waits until every backend was heard.
    pub(super) fn start(programs: &Programs, plan: &Plan) -> Result<Self, BenchError> {
        let directory = tempfile::tempdir().during("making a directory")?;
        let log = directory.path().join("log");
        let output = fs::File::create(&log).during("making a log")?;
        let address = free_address()?;
        let mut command = Command::new(&programs.command_center);
        command.env_clear().args(["demo", "--listen", &address.to_string()]);
        command.args(["--speed", &plan.speed.to_string(), &format!("--chaos={}", plan.chaos)]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output);
        let process = Process::start(&mut command)?;
        let mut site = Self { process, address, log, _directory: directory };
        wait_for("the server's start", PATIENCE, || {
            site.check()?;
            Ok(is_ready(address).then_some(()))
        })?;
        Ok(site)
    }

    /// Where it is asked.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process's number.
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Errs when the process has ended.
    pub(super) fn check(&mut self) -> Result<(), BenchError> {
        if self.process.is_running() {
            return Ok(());
        }
        let last = fs::read_to_string(&self.log).unwrap_or_default();
        let last = last.lines().last().unwrap_or("nothing");
        Err(BenchError::Unexpected(format!("the server ended; the last that it said: {last}")))
    }

    /// The queue as its document tells it, and which version that is.
    pub(super) fn queue(&self) -> Result<(Version, Value), BenchError> {
        let answer = ask_for_queue(self.address).during("asking for the queue")?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let mut document: Value = serde_json::from_str(body).during("reading the queue")?;
        let mut queue = document["data"].take();
        let version = serde_json::from_value(queue.clone()).during("reading the queue")?;
        if let Some(fields) = queue.as_object_mut() {
            for name in ["epoch", "seq", "hash"] {
                fields.remove(name);
            }
        }
        Ok((version, queue))
    }

    /// Stops it as a supervisor does; gives how it ended, and what it complained of.
    pub(super) fn stop(mut self) -> Result<(Option<ExitStatus>, Vec<String>), BenchError> {
        let status = self.process.end(STOPPED_WITHIN)?;
        let log = fs::read_to_string(&self.log).during("reading the log")?;
        let bad = log.lines().filter(|line| BAD_LINES.iter().any(|bad| line.contains(bad)));
        Ok((status, bad.map(ToOwned::to_owned).collect()))
    }
}
