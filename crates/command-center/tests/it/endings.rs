//! How the real binary ends: drained in time whatever clients do, or with one sentence and the right exit code.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::Output,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use simulator::{
    behaviour::Behaviour,
    recording::{self, State},
};

use crate::support::{
    DEADLINE,
    binary::{self, BINARY, Running, free_address},
    faketime::FakeTime,
    namespace, program,
};

/// Subscribers may take five seconds to leave and then requests under way five to end.
const BOUND: Duration = Duration::from_secs(10);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(3);

#[track_caller]
fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The failure is the last line, in one sentence, without what only programmers understand.
#[track_caller]
fn is_one_sentence(log: &str, begin: &str) {
    let last = log.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("command-center: {begin}")), "{log}");
    for word in ["Err(", "Error {", "Os {", "unwrap", "panicked at"] {
        assert!(!last.contains(word), "{last}");
    }
}

/// Runs the binary with two free ports, to its end.
fn run(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let [public, internal] = [free_address(), free_address()].map(|address| address.to_string());
    let listeners = ["--listen", &public, "--internal-listen", &internal];
    binary::command(&[args, &listeners].concat()).envs(variables.iter().copied()).output().unwrap()
}

fn connect(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

#[test]
fn sigterm_ends_it_in_time_whatever_clients_and_backends_do() {
    let server = recording::serve(State::Busy).unwrap();
    let url = server.url();
    let directory = tempfile::tempdir().unwrap();
    let args = ["serve", "--data-dir", directory.path().to_str().unwrap()];
    let running = Running::start(&args, &[("GATEWAY_URL", &url), ("ORCHESTRATOR_URL", &url)]);
    // A connection that waits, half a request, a request whose answer nobody reads, and a subscriber who reads nothing.
    let mut idle = connect(running.public, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    idle.read_exact(&mut [0; 12]).unwrap();
    let half = connect(running.public, "GET / HTTP/1.1\r\nHo");
    let unread = connect(running.public, &"GET /queue HTTP/1.1\r\nHost: x\r\n\r\n".repeat(500));
    let mut subscriber = connect(
        running.public,
        &format!(
            "GET /ws/queue HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            running.public
        ),
    );
    subscriber.read_exact(&mut [0; 12]).unwrap();
    server.set_behaviour(Behaviour::Stall);
    let begun = Instant::now();
    running.signal(Signal::TERM);
    let (status, log) = running.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(begun.elapsed() < BOUND + SLACK, "{:?}", begun.elapsed());
    drop((idle, half, unread, subscriber));
}

#[test]
fn a_port_that_is_taken_is_named_with_its_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (flag, other, key) in
        [("--listen", "--internal-listen", "listen"), ("--internal-listen", "--listen", "internal_listen")]
    {
        let free = free_address().to_string();
        let output = binary::run(&["demo", flag, &address, other, &free]);
        assert_eq!(output.status.code(), Some(1));
        is_one_sentence(&said(&output), &format!("cannot listen on {address} ({key}): "));
    }
}

#[test]
fn a_data_directory_that_cannot_be_one_is_said_and_exit_1() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let url = ("GATEWAY_URL", "http://127.0.0.1:9");
    for directory in [file.path().to_path_buf(), file.path().join("below")] {
        let output = run(&["serve", "--data-dir", directory.to_str().unwrap()], &[url]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        is_one_sentence(&said(&output), "nothing can be kept: ");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let into = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &into);
        } else {
            fs::copy(entry.path(), into).unwrap();
        }
    }
}

#[test]
fn a_template_that_is_broken_is_found_out_at_the_start() {
    let templates =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../templates")).canonicalize().unwrap();
    if !namespace::is_allowed() {
        return;
    }
    for (name, spoil) in [("pages/queue.html", "{% if %}"), ("layout.html", "{{ nobody.knows.this }}")] {
        let directory = tempfile::tempdir().unwrap();
        copy(&templates, directory.path());
        let file = directory.path().join(name);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}{spoil}")).unwrap();
        let places = [(directory.path().to_path_buf(), templates.clone())];
        let args = ["demo", "--listen", "127.0.0.1:0"];
        let output = namespace::command(&places, Path::new(BINARY), &args).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {}", said(&output));
        assert!(
            said(&output).contains("command-center: the pages cannot be rendered: "),
            "{name}: {}",
            said(&output)
        );
        assert!(said(&output).contains(name), "{name}: {}", said(&output));
    }
}

/// Nothing in the process is made to panic for tests. But it cannot live past the end of the calendar, and a clock can be
/// set to that: then its tasks panic, and the process must not go on without them.
#[test]
fn a_task_that_panics_ends_the_process_with_a_clear_last_line() {
    if program::is_missing(&["faketime"]) {
        return;
    }
    let time = FakeTime::start();
    let server = recording::serve(State::Busy).unwrap();
    let url = server.url();
    let config = tempfile::NamedTempFile::new().unwrap();
    let timing = "interval = \"300ms\"\n";
    fs::write(
        config.path(),
        format!("[gateway]\nurl = \"{url}\"\n{timing}[orchestrator]\nurl = \"{url}\"\n{timing}"),
    )
    .unwrap();
    let variables = time.variables();
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let running = Running::start(&["serve", "--config", config.path().to_str().unwrap()], &variables);
    time.set("+8000y");
    let (status, log) = running.end();
    assert_eq!(status.code(), Some(1), "{log}");
    let last = log.lines().last().unwrap();
    let is_clear =
        ["gateway", "orchestrator", "assembler", "renderer"].iter().any(|task| last.contains(task));
    assert!(last.starts_with("command-center: the ") && is_clear && last.contains("panicked"), "{log}");
}
