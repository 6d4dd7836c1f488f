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

#[test]
fn followers_notice_what_is_not_so() {
    let directory = tempfile::tempdir().unwrap();
    let recording = directory.path().join("frames");
    let queue = json!({"counts": {}, "pending": [], "building": [], "blocked": [], "recent": []});
    let version = |seq: u64, hash: &str| json!({"epoch": "a", "seq": seq, "hash": hash});
    let frame = |kind: &str, version: &Value, more: &Value| {
        let mut frame = json!({"type": kind});
        for part in [version, more] {
            frame.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        }
        frame.to_string()
    };
    let delta =
        |base: u64, version: &Value| frame("delta", version, &json!({"base": base, "ops": [], "counts": {}}));
    // The hash of no rows at all.
    let (first, good, bad) = (version(7, "811c9dc5"), version(8, "811c9dc5"), version(9, "00000000"));
    let frames = [frame("snapshot", &first, &json!({"queue": queue})), delta(7, &good), delta(8, &bad)];
    fs::write(&recording, frames.join("\n")).unwrap();

    let mut server = Process::start(&["bench-minimal", recording.to_str().unwrap()]).unwrap();
    let mut fleet = Process::start(&["bench-fleet", &server.hear()]).unwrap();
    let seen = fleet.ask(&json!({"Follow": {"n_followers": 30, "stay_ms": 600_000}}))["Followed"].take();
    assert_eq!(
        (&seen["n_connections"], &seen["n_snapshots"], &seen["faults"]),
        (&30.into(), &30.into(), &json!({}))
    );

    let begin = std::time::Instant::now();
    let mut wait_for = |order: &Value, is_there: &dyn Fn(&Value) -> bool| {
        let mut answer = fleet.ask(order);
        while !is_there(&answer) {
            assert!(begin.elapsed().as_secs() < 20, "{answer}");
            answer = fleet.ask(order);
        }
    };
    server.say("next");
    let compare = json!({"Compare": {"version": good, "queue": queue}});
    let equal = json!({"Compared": {"n_followers": 30, "n_equal": 30, "n_whole": 1, "n_whole_equal": 1}});
    wait_for(&compare, &|answer| *answer == equal);
    let mut other = compare.clone();
    other["Compare"]["queue"]["paused"] = true.into();
    wait_for(&other, &|answer| {
        answer["Compared"]["n_equal"] == 30 && answer["Compared"]["n_whole_equal"] == 0
    });
    server.say("next");
    let drift = json!({"the queue drifted from the server's": 30});
    wait_for(&json!("Followed"), &|answer| answer["Followed"]["faults"] == drift);
}
