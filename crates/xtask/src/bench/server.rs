//! The two servers that are compared, each as a process of its own on the servers' cores.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use super::{
    Programs,
    backend::Backend,
    child::{Conversation, Process},
    error::{BenchError, Context as _},
    farm::Farm,
    machine::{Cores, now_ns, wait_for},
};

/// How long a server may take to start, or to poll beyond its interval.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that sends a delta when it is told to.
#[derive(Debug)]
pub(crate) enum Server {
    /// The Command Center, with backends that change.
    Ours(Ours),
    /// The broadcast that replays what it sent.
    Minimal(Minimal),
}

/// The Command Center.
#[derive(Debug)]
pub(crate) struct Ours {
    process: Process,
    backend: Backend,
    address: SocketAddr,
    interval: Duration,
    _configuration: TempDir,
}

/// The minimal broadcast.
#[derive(Debug)]
pub(crate) struct Minimal {
    conversation: Conversation,
    address: SocketAddr,
    interval: Duration,
}

impl Server {
    /// Starts it with a queue of `n_rows`, polled at `interval`, and waits until it is ready.
    pub(crate) fn ours(
        programs: &Programs,
        cores: &Cores,
        n_rows: usize,
        interval: Duration,
    ) -> Result<Self, BenchError> {
        let backend = Backend::start(Farm::new(n_rows))?;
        let directory = tempfile::tempdir().during("making a directory")?;
        let file = directory.path().join("config.toml");
        let (url, milliseconds) = (backend.url(), interval.as_millis());
        let text = format!(
            "[gateway]\nurl = \"{url}\"\n[orchestrator]\nurl = \"{url}\"\ninterval = \"{milliseconds}ms\"\n"
        );
        fs::write(&file, text).during("writing a configuration")?;
        let (address, internal) = (free_address()?, free_address()?);
        let mut command = Command::new(&programs.command_center);
        command.env_clear().arg("serve").arg("--config").arg(&file);
        command.args(["--listen", &address.to_string(), "--internal-listen", &internal.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = cores.as_server(|| Process::start(&mut command))?;
        wait_for("the server's start", PATIENCE, || {
            if !process.is_running() {
                let what = format!("{} ended instead of serving", programs.command_center.display());
                return Err(BenchError::Unexpected(what));
            }
            Ok(is_ready(address).then_some(()))
        })?;
        Ok(Self::Ours(Ours { process, backend, address, interval, _configuration: directory }))
    }

    /// Starts the broadcast of the frames in `recording`, which is told to send one each `interval`.
    pub(crate) fn minimal(
        programs: &Programs,
        recording: &Path,
        cores: &Cores,
        interval: Duration,
    ) -> Result<Self, BenchError> {
        let recording = recording.display().to_string();
        let mut conversation =
            cores.as_server(|| Conversation::start(&programs.xtask, &["bench-minimal", &recording]))?;
        let line = conversation.hear()?;
        let address = line.trim().parse::<SocketAddr>();
        let address =
            address.map_err(|_| BenchError::Unexpected(format!("`{}` is no address", line.trim())))?;
        Ok(Self::Minimal(Minimal { conversation, address, interval }))
    }

    /// Where subscribers ask.
    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Ours(ours) => ours.address,
            Self::Minimal(minimal) => minimal.address,
        }
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        match self {
            Self::Ours(ours) => ours.process.id(),
            Self::Minimal(minimal) => minimal.conversation.id(),
        }
    }

    /// Makes it publish `n_deltas`, one each interval; gives when it was told of each, in nanoseconds.
    ///
    /// Ours is told by the answer to a poll, the other by a line on its input. It returns an interval after the
    /// last, so that what is measured around it covers the same time on both sides.
    pub(crate) fn publish(&mut self, n_deltas: u64) -> Result<Vec<u64>, BenchError> {
        let told = match self {
            Self::Ours(ours) => {
                let n_intervals = u32::try_from(n_deltas).unwrap_or(u32::MAX);
                ours.backend.change(n_deltas, PATIENCE + ours.interval.saturating_mul(n_intervals))?
            }
            Self::Minimal(minimal) => minimal.publish(n_deltas)?,
        };
        thread::sleep(self.interval());
        Ok(told)
    }

    fn interval(&self) -> Duration {
        match self {
            Self::Ours(ours) => ours.interval,
            Self::Minimal(minimal) => minimal.interval,
        }
    }
}

impl Minimal {
    fn publish(&mut self, n_deltas: u64) -> Result<Vec<u64>, BenchError> {
        let mut told = Vec::new();
        for _ in 0..n_deltas {
            thread::sleep(self.interval);
            self.conversation.say("next")?;
            told.push(now_ns());
        }
        Ok(told)
    }
}

/// An address of the loopback at which nobody listens.
pub(crate) fn free_address() -> Result<SocketAddr, BenchError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("finding a free port")?;
    listener.local_addr().during("finding a free port")
}

/// The whole answer of a server that was asked for the queue's document.
pub(crate) fn ask_for_queue(public: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(public)?;
    let target = "/api/v1/services/public/queue";
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {public}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Whether the server shows what every backend said.
pub(crate) fn is_ready(public: SocketAddr) -> bool {
    ask_for_queue(public)
        .is_ok_and(|answer| answer.contains(r#""status":"ok""#) && !answer.contains(r#""state":"unknown""#))
}
