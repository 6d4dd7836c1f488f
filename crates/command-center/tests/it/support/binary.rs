//! The real binary as a child process.

use std::{
    io::Read as _,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread::JoinHandle,
};

use super::{eventually, http, namespace};

/// The binary.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_command-center");

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
    let mut command = Command::new(BINARY);
    command.env_clear().args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The arguments of a server, and where it listens.
fn with_listeners(args: &[&str], (public, internal): (SocketAddr, SocketAddr)) -> Vec<String> {
    let listeners =
        ["--listen".to_owned(), public.to_string(), "--internal-listen".to_owned(), internal.to_string()];
    args.iter().map(|arg| (*arg).to_owned()).chain(listeners).collect()
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

    /// Starts a server that sees some files in the place of others.
    pub(crate) fn start_seeing(places: &namespace::Places, args: &[&str]) -> Self {
        let addresses = (free_address(), free_address());
        let args = with_listeners(args, addresses);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut command = namespace::command(places, Path::new(BINARY), &args);
        command.env_clear().stdin(Stdio::null());
        Self::launch(Stdio::piped(), command, addresses).ready()
    }

    fn listen(
        log: impl Into<Stdio>,
        args: &[&str],
        variables: &[(&str, &str)],
        addresses: (SocketAddr, SocketAddr),
    ) -> Self {
        Self::spawn(log, args, variables, addresses).ready()
    }

    fn ready(mut self) -> Self {
        let running = &mut self;
        let is_ready = eventually("readiness of the binary, or its end", || {
            let has_ended = running.child.try_wait().unwrap().is_some();
            let answer = http::request(running.internal, "GET", "/readyz").ok();
            let is_ready = answer.is_some_and(|answer| answer.status == 200);
            (is_ready || has_ended).then_some(is_ready)
        });
        if !is_ready {
            let (status, log) = self.end();
            panic!("the binary ended with {status}: {log}");
        }
        self
    }

    /// Starts a server and waits for nothing.
    pub(crate) fn spawn(
        log: impl Into<Stdio>,
        args: &[&str],
        variables: &[(&str, &str)],
        addresses: (SocketAddr, SocketAddr),
    ) -> Self {
        let args = with_listeners(args, addresses);
        let mut command = command(&args.iter().map(String::as_str).collect::<Vec<_>>());
        command.envs(variables.iter().copied());
        Self::launch(log, command, addresses)
    }

    fn launch(
        log: impl Into<Stdio>,
        mut command: Command,
        (public, internal): (SocketAddr, SocketAddr),
    ) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
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
    pub(crate) fn pid(&self) -> u32 {
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
