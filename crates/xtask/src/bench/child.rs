//! Processes that are killed when nobody needs them any more, some of which are given orders line by line.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::error::{BenchError, Context as _};

/// A running process.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// Starts `command`.
    pub(crate) fn start(command: &mut Command) -> Result<Self, BenchError> {
        command.spawn().during("starting a process").map(Self)
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to end, and gives how it ended; `None` if it still runs after `patience`.
    pub(crate) fn end(&mut self, patience: Duration) -> Result<Option<ExitStatus>, BenchError> {
        if let Some(pid) = i32::try_from(self.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let end = Instant::now() + patience;
        loop {
            let status = self.0.try_wait().during("waiting for a process's end")?;
            if status.is_some() || Instant::now() > end {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_none())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that is written to and read from.
#[derive(Debug)]
pub(crate) struct Conversation {
    process: Process,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Conversation {
    /// Starts `program`.
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Result<Self, BenchError> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        let (input, output) = (process.0.stdin.take(), process.0.stdout.take());
        match (input, output) {
            (Some(input), Some(output)) => Ok(Self { process, input, output: BufReader::new(output) }),
            _ => Err(BenchError::Unexpected("a process without input and output".to_owned())),
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Writes a line.
    pub(crate) fn say(&mut self, line: &str) -> Result<(), BenchError> {
        self.input.write_all(format!("{line}\n").as_bytes()).during("giving an order")
    }

    /// Waits for a line.
    pub(crate) fn hear(&mut self) -> Result<String, BenchError> {
        let mut line = String::new();
        match self.output.read_line(&mut line).during("reading an answer")? {
            0 => Err(BenchError::Unexpected("a process ended before it answered".to_owned())),
            _ => Ok(line),
        }
    }
}
