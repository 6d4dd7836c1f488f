//! The real binary as a child process.

use std::{
    io::Read as _,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread::JoinHandle,
};

use super::{eventually, http};

/// A running server; it is killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    /// Reads the log, so that a talkative process is not held up by a full pipe.
    log: Option<JoinHandle<String>>,
    pub(crate) public: SocketAddr,
    pub(crate) internal: SocketAddr,
}

/// The binary, without anything of this process's environment.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_command-center"));
    command.env_clear().args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the binary to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

/// An address on which nobody listens now.
pub(crate) fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// Waits until every thread of a process that was told to stop stands still.
pub(crate) fn wait_until_it_stands(child: &Child) {
    let tasks = format!("/proc/{}/task", child.id());
    eventually("every thread to stand still", || {
        let stands = |task: std::fs::DirEntry| {
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            // The state follows the name, which stands in parentheses.
            stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
        };
        std::fs::read_dir(&tasks).unwrap().flatten().all(stands).then_some(())
    });
}

impl Running {
    /// Starts a server and waits until it tried every backend.
    pub(crate) fn start(args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_logging_to(Stdio::piped(), args, variables)
    }

    /// The same, with the log where it may be long: nobody reads a pipe before the end.
    pub(crate) fn start_logging_to(log: impl Into<Stdio>, args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::listen(log, args, variables, (free_address(), free_address()))
    }

    /// Starts a server where another one was: its public and its internal address.
    pub(crate) fn start_at(addresses: (SocketAddr, SocketAddr), args: &[&str]) -> Self {
        Self::listen(Stdio::piped(), args, &[], addresses)
    }

    fn listen(
        log: impl Into<Stdio>,
        args: &[&str],
        variables: &[(&str, &str)],
        addresses: (SocketAddr, SocketAddr),
    ) -> Self {
        let mut running = Self::spawn(log, args, variables, addresses);
        let is_ready = eventually("readiness of the binary, or its end", || {
            let has_ended = running.child.try_wait().unwrap().is_some();
            let answer = http::request(running.internal, "GET", "/readyz").ok();
            let is_ready = answer.is_some_and(|answer| answer.status == 200);
            (is_ready || has_ended).then_some(is_ready)
        });
        if !is_ready {
            let (status, log) = running.end();
            panic!("the binary ended with {status}: {log}");
        }
        running
    }

    /// Starts a server and waits for nothing.
    pub(crate) fn spawn(
        log: impl Into<Stdio>,
        args: &[&str],
        variables: &[(&str, &str)],
        (public, internal): (SocketAddr, SocketAddr),
    ) -> Self {
        let (listen, internal_listen) = (public.to_string(), internal.to_string());
        let listeners = ["--listen", &listen, "--internal-listen", &internal_listen];
        let mut child = command(&[args, &listeners].concat())
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let log = child.stderr.take().map(|mut stderr| {
            std::thread::spawn(move || {
                let mut log = String::new();
                stderr.read_to_string(&mut log).unwrap();
                log
            })
        });
        Self { child, log, public, internal }
    }

    /// The process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Stops the process and waits until every thread of it stands still.
    pub(crate) fn stop(&self) {
        self.signal(rustix::process::Signal::STOP);
        wait_until_it_stands(&self.child);
    }

    /// Waits for the end; gives the log too.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let status = eventually("the process's end", || self.child.try_wait().unwrap());
        let log = self.log.take().map_or(String::new(), |log| log.join().unwrap());
        (status, log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
