//! Subscribers who do not read.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use snapshot::{snapshot::Snapshot, testing};
use web::config::{Config, WebSocket};

use super::{
    live::publish_and_wait_for,
    socket::{FINAL, PATH, PING, PONG, Socket, connect, request},
};
use crate::app::{App, spawn_app_at};

const SLOW_AFTER: Duration = Duration::from_millis(300);
const PATIENT: Duration = Duration::from_secs(60);

/// A queue of some 400 KB, more than all buffers on the way hold.
pub(crate) fn large(version: u32) -> Snapshot {
    of_rows(1_200, version)
}

/// A queue of so many rows, some 350 bytes each; every row of it is another one in each version.
pub(crate) fn of_rows(n_rows: usize, version: u32) -> Snapshot {
    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.queue, |queue| {
        let item = queue.pending[0].clone();
        let row = |number: usize| {
            let mut item = item.clone();
            item.id = format!("{}~{number}", item.id).into();
            item.failures = version;
            item
        };
        queue.pending = (2..n_rows + 2).map(row).collect();
    });
    snapshot
}

fn app(stalled_after: Duration, max_subscribers: usize) -> App {
    let websocket =
        WebSocket { slow_after: SLOW_AFTER, stalled_after, max_subscribers, ..WebSocket::default() };
    spawn_app_at(large(0), testing::NOW, Config::new().with_websocket(websocket))
}

/// Publishes versions, each of which another subscriber gets without delay, until enough time has gone by.
fn go_on(app: &App, other: &mut Socket, from: u32) -> (u32, u64) {
    let begin = Instant::now();
    let (mut version, mut seq) = (from, 0);
    while begin.elapsed() < SLOW_AFTER * 2 || version < from + 3 {
        version += 1;
        seq = publish_and_wait_for(app, large(version), version);
        let asked = Instant::now();
        other.expect_change("delta", seq);
        assert!(asked.elapsed() < Duration::from_secs(5), "somebody who does not read delays others");
    }
    (version, seq)
}

#[test]
fn who_reads_late_gets_one_frame_instead_of_many_and_who_stays_late_is_sent_away() {
    let app = app(PATIENT, 10);
    let mut other = Socket::open(app.port, PATH);
    other.expect("snapshot", 1);
    let mut late = Socket::open_small(app.port);
    let mut twice = Socket::open_small(app.port);
    let (version, seq) = go_on(&app, &mut other, 0);

    // What was begun is finished; then there is one frame for all versions since.
    late.expect("snapshot", 1);
    let next = late.json();
    assert_eq!(next["seq"].as_u64(), Some(seq), "{}", next["type"]);
    assert!(next["type"] == "snapshot" || next["base"] == 1);
    // It kept up with that one, so it goes on as before.
    let seq = publish_and_wait_for(&app, large(version + 1), version + 1);
    late.expect("delta", seq);
    other.expect("delta", seq);

    twice.expect("snapshot", 1);
    // The frame that is to help it is on its way now; it does not read that one either.
    let mut first = [0];
    twice.stream.peek(&mut first).unwrap();
    go_on(&app, &mut other, version + 1);
    let (code, reason) = twice.end();
    assert_eq!(code, 1013);
    let reason: serde_json::Value = serde_json::from_str(&reason).unwrap();
    assert!(reason["retry_after_ms"].as_u64().unwrap() <= 15_000);
}

/// A close frame cannot be put into the middle of another one, so there is none.
#[test]
fn who_reads_nothing_is_given_up() {
    let app = app(Duration::from_millis(600), 1);
    let mut stalled = Socket::open_small(app.port);
    let begin = Instant::now();
    while Socket::try_open(connect(app.port), &request(PATH, &[])).is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20), "its place is not given back");
    }
    assert!(begin.elapsed() >= Duration::from_millis(500), "{:?}", begin.elapsed());
    let mut rest = Vec::new();
    // An end or a reset.
    let _ = stalled.stream.read_to_end(&mut rest);
    assert!(rest.len() < 300_000, "{}", rest.len());
}

/// The pong waits for the end of the frame, and the newest is enough.
#[test]
fn a_pong_is_not_put_into_the_middle_of_a_frame() {
    let app = app(PATIENT, 10);
    let mut socket = Socket::open_small(app.port);
    for number in 0..30_u8 {
        socket.send(FINAL | PING, &[number; 100]);
    }
    // Until all of them are read: the page is answered by the same threads.
    for _ in 0..20 {
        assert_eq!(app.get("/").status, 200);
    }
    socket.expect("snapshot", 1);
    let mut last = 0;
    while last != 29 {
        let pong = socket.read().unwrap();
        assert_eq!((pong.opcode, pong.payload.len()), (PONG, 100));
        assert!(pong.payload[0] >= last);
        last = pong.payload[0];
    }
}
