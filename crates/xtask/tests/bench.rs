//! The two processes that every measurement needs: the broadcast that is compared with, and the subscribers.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A process that answers lines with lines; it is killed when it is dropped.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(arguments: &[&str]) -> Option<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (input, output) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Self { child, input, output })
    }

    fn say(&mut self, line: impl std::fmt::Display) {
        assert!(writeln!(self.input, "{line}").is_ok());
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).is_ok());
        line.trim_end().to_owned()
    }

    fn ask(&mut self, order: &Value) -> Value {
        self.say(order);
        serde_json::from_str(&self.hear()).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn subscribers_receive_what_was_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let recording = directory.path().join("frames");
    let (first, rest) = (r#"{"type":"snapshot","seq":7,"queue":{}}"#, "x".repeat(70_000));
    let deltas = [8, 9].map(|seq| format!(r#"{{"type":"delta","base":{},"seq":{seq},"ops":[]}}"#, seq - 1));
    let long = format!(r#"{{"type":"delta","base":9,"seq":10,"ops":["{rest}"]}}"#);
    fs::write(&recording, [first, &deltas[0], &deltas[1], &long].join("\n")).unwrap();

    let mut server = Process::start(&["bench-minimal", recording.to_str().unwrap()]).unwrap();
    let address = server.hear();
    let mut fleet = Process::start(&["bench-fleet", &address]).unwrap();
    let joined = fleet.ask(&json!({"Subscribe": {"n_subscribers": 30}}));
    assert_eq!(joined["Subscribed"]["first_frame_bytes"], first.len());
    assert_eq!(fleet.ask(&json!({"Stall": {"n_subscribers": 3}})), json!("Stalled"));

    for expected in [vec![deltas[0].len(), deltas[1].len()], vec![long.len()]] {
        for _ in &expected {
            server.say("next");
        }
        let order = json!({"Await": {"n_deltas": expected.len(), "patience_ms": 20_000}});
        let received = fleet.ask(&order)["Received"].take();
        assert_eq!(received["n_lost"], 0);
        let arrivals = received["deltas"].as_array().unwrap();
        assert_eq!(arrivals.iter().map(|arrival| &arrival["n_bytes"]).collect::<Vec<_>>(), expected);
        for arrival in arrivals {
            assert_eq!(arrival["n_subscribers"], 30);
            assert!(arrival["first_ns"].as_u64() <= arrival["last_ns"].as_u64());
        }
    }

    // Without the server, all are lost, and that is told.
    drop(server);
    let order = json!({"Await": {"n_deltas": 1, "patience_ms": 500}});
    let is_told = (0..40).any(|_| fleet.ask(&order)["Received"]["n_lost"] == 30);
    assert!(is_told);
}
