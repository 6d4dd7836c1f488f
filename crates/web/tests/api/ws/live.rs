//! What a subscriber is told, and when.

use std::time::{Duration, Instant};

use serde_json::Value;
use snapshot::{snapshot::Snapshot, testing};
use web::config::{Config, WebSocket};

use super::socket::{PATH, Socket};
use crate::app::{App, spawn_app, spawn_app_at};

/// The example, with a failure count that makes it another one.
pub(super) fn version(number: u32) -> Snapshot {
    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.queue, |queue| queue.pending[0].failures = number);
    snapshot
}

/// Publishes and waits until it is out, so that the next one is another version.
pub(super) fn publish_and_wait(app: &App, number: u32) -> u64 {
    publish_and_wait_for(app, version(number), number)
}

/// Publishes a queue, whose first item failed `number` times, and waits until it is out.
pub(super) fn publish_and_wait_for(app: &App, snapshot: Snapshot, number: u32) -> u64 {
    app.publish(snapshot);
    let is_out = |answer: &crate::client::Answer| {
        answer.json()["data"]["pending"][0]["failures"].as_u64() == Some(number.into())
    };
    app.wait_for("queue", is_out).json()["data"]["seq"].as_u64().unwrap()
}

fn resumed(app: &App, epoch: &Value, since: u64) -> Socket {
    Socket::open(app.port, &format!("{PATH}?epoch={}&since={since}", epoch.as_str().unwrap()))
}

#[test]
fn first_comes_the_queue_then_what_changes() {
    let app = spawn_app(testing::example());
    let mut socket = Socket::open(app.port, PATH);
    let first = socket.expect("snapshot", 1);
    assert_eq!(first["hash"], "4c7ece55");
    assert_eq!(first["queue"]["pending"].as_array().unwrap().len(), 8);
    for number in 1..5 {
        let seq = publish_and_wait(&app, number);
        let delta = socket.expect("delta", seq);
        assert_eq!((delta["base"].as_u64(), &delta["epoch"]), (Some(seq - 1), &first["epoch"]));
    }
}

#[test]
fn who_comes_back_gets_what_was_missed_and_at_once_a_heartbeat() {
    let app = spawn_app(testing::example());
    let epoch = Socket::open(app.port, PATH).expect("snapshot", 1)["epoch"].clone();
    for number in 1..4 {
        publish_and_wait(&app, number);
    }
    let mut socket = resumed(&app, &epoch, 2);
    socket.expect("delta", 3);
    socket.expect("delta", 4);
    let heartbeat = socket.expect("heartbeat", 4);
    assert_eq!(heartbeat["next_ms"], 20_000);
    resumed(&app, &epoch, 4).expect("heartbeat", 4);
    // What is not known is met with the whole.
    for target in ["?epoch=other&since=4", "?since=4", "?epoch=x", "?epoch=&since=x", "?x=y"] {
        Socket::open(app.port, &format!("{PATH}{target}")).expect("snapshot", 4);
    }
    resumed(&app, &epoch, 5).expect("snapshot", 4);
    resumed(&app, &epoch, u64::MAX).expect("snapshot", 4);
}

/// Older ways than the ring has are not known.
#[test]
fn who_comes_back_too_late_gets_the_whole_queue() {
    let app = spawn_app(testing::example());
    let epoch = Socket::open(app.port, PATH).expect("snapshot", 1)["epoch"].clone();
    let seq = (1..260).map(|number| publish_and_wait(&app, number)).last().unwrap();
    resumed(&app, &epoch, 1).expect("snapshot", seq);
    resumed(&app, &epoch, seq - 200).expect("delta", seq - 199);
}

#[test]
fn heartbeats_come_as_often_as_promised() {
    let websocket = WebSocket { heartbeat: Duration::from_millis(300), ..WebSocket::default() };
    let app = spawn_app_at(testing::example(), testing::NOW, Config::new().with_websocket(websocket));
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    let begin = Instant::now();
    for _ in 0..3 {
        assert_eq!(socket.expect("heartbeat", 1)["next_ms"], 300);
    }
    let elapsed = begin.elapsed();
    assert!(elapsed >= Duration::from_millis(700), "{elapsed:?}");
    // A change in between delays none of them.
    let seq = publish_and_wait(&app, 1);
    socket.expect_change("delta", seq);
    socket.expect("heartbeat", seq);
}

/// The socket is healthy and nothing changes: without a word it would look as if all were well.
#[test]
fn a_dead_orchestrator_is_heard_of_at_once() {
    let app = spawn_app(testing::example());
    let mut socket = Socket::open(app.port, PATH);
    assert_eq!(socket.expect("snapshot", 1)["status"], "ok");
    let begin = Instant::now();
    app.clock.advance(20);
    app.publish(testing::example());
    let heartbeat = socket.expect("heartbeat", 1);
    assert_eq!(
        (&heartbeat["status"], &heartbeat["sources"]["orchestrator"]),
        (&"stale".into(), &"stale".into())
    );
    app.clock.advance(40);
    app.publish(testing::example());
    assert_eq!(socket.expect("heartbeat", 1)["status"], "offline");
    assert!(begin.elapsed() < Duration::from_secs(15), "these were no ordinary heartbeats");
}

/// Nobody rang the renderer: the one who comes does, and is told nothing that has expired.
#[test]
fn after_a_standstill_nothing_is_told_as_fresh() {
    let app = spawn_app(testing::example());
    let mut before = Socket::open(app.port, PATH);
    assert_eq!(before.expect("snapshot", 1)["status"], "ok");
    app.clock.advance(3_600);
    let mut after = Socket::open(app.port, PATH);
    assert_eq!(after.expect("snapshot", 1)["status"], "offline");
    assert_eq!(before.expect("heartbeat", 1)["status"], "offline");
}

/// It is waited for, a second; then there is the last value, which says when it was, and no sign of life.
#[test]
fn while_the_renderer_hangs_there_is_no_sign_of_life() {
    let websocket = WebSocket { heartbeat: Duration::from_millis(200), ..WebSocket::default() };
    let app = spawn_app_at(testing::example(), testing::NOW, Config::new().with_websocket(websocket));
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    let mut held = 0;
    app.clock.hold_renderer(|| {
        app.clock.advance(3_600);
        let begin = Instant::now();
        Socket::open(app.port, PATH).expect("snapshot", 1);
        assert!(begin.elapsed() >= Duration::from_millis(900), "it was not waited for");
        held = begin.elapsed().as_millis() / 200;
    });
    let mut n_fresh = 0;
    while socket.json()["status"] != "offline" {
        n_fresh += 1;
    }
    assert!(n_fresh <= 2, "{n_fresh} signs of life in {held} intervals");
}
