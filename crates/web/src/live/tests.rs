//! Frames as a client sees them, over queues of every kind.

use proptest::prelude::*;
use serde_json::Value;
use snapshot::{
    queue::Queue,
    snapshot::Snapshot,
    testing::{self, at},
};

use super::*;
use crate::mirror::{Heard, Mirror, Resume};

/// The text in a frame.
fn text(frame: &Frame) -> String {
    let bytes = [&frame.head[..], &frame.tail[..]].concat();
    let (len, payload) = match bytes[1] {
        126 => (usize::from(bytes[2]) << 8 | usize::from(bytes[3]), &bytes[4..]),
        len => (usize::from(len), &bytes[2..]),
    };
    assert_eq!((bytes[0], len), (0x81, payload.len()));
    String::from_utf8(payload.to_vec()).unwrap()
}

/// The message in a frame.
fn message(frame: &Frame) -> Value {
    serde_json::from_str(&text(frame)).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn showing(queue: Option<Queue>) -> Snapshot {
    let mut snapshot = testing::example();
    snapshot.queue.content = queue.map(Arc::new);
    snapshot
}

/// One run of a server that publishes one queue after the other.
struct Server {
    run: Run,
    live: Live,
}

impl Server {
    fn new(queue: Option<Queue>) -> Self {
        let run = Run::new("b51d07");
        let live = Live::next(&run, None, &showing(queue), testing::now(testing::NOW)).unwrap();
        Self { run, live }
    }

    fn publish(&mut self, queue: Option<Queue>) {
        self.show(&showing(queue), testing::NOW);
    }

    fn show(&mut self, snapshot: &Snapshot, now: &str) {
        self.live = Live::next(&self.run, Some(&self.live), snapshot, testing::now(now)).unwrap();
    }

    fn resume(&self, since: u64) -> Option<Vec<Value>> {
        let frames = self.live.resume(self.live.epoch().as_str(), since)?;
        Some(frames.iter().map(message).collect())
    }
}

/// Tells a client what is in a frame.
#[track_caller]
fn tell(client: &Mirror, frame: &Frame, expected: Heard) -> Mirror {
    let mut client = client.clone();
    assert_eq!(client.receive(&text(frame)), Ok(expected), "{}", text(frame));
    client
}

/// A client that joins.
#[track_caller]
fn joined(live: &Live) -> Mirror {
    tell(&Mirror::new(), &live.snapshot(at(testing::NOW)), Heard::Snapshot)
}

/// The document's data, which is the truth.
fn document(live: &Live) -> Value {
    serde_json::from_str(live.data().get()).unwrap()
}

/// Holds a client's queue to the document's.
#[track_caller]
fn check(client: &Mirror, live: &Live) {
    let Resume { epoch, since } = client.resume().unwrap();
    let mut document = document(live);
    let fields = document.as_object_mut().unwrap();
    assert_eq!((fields.remove("epoch"), fields.remove("seq")), (Some(epoch.into()), Some(since.into())));
    fields.remove("hash").unwrap();
    assert_eq!(client.queue(), document);
    tell(client, &live.heartbeat(at(testing::NOW), Duration::from_secs(20)), Heard::Heartbeat);
}

proptest! {
    #[test]
    fn every_way_leads_to_the_document(seeds in proptest::collection::vec(any::<u64>(), 1..6)) {
        let mut server = Server::new(Some(testing::random_queue(0)));
        let mut clients = vec![joined(&server.live)];
        for seed in seeds {
            server.publish(Some(testing::random_queue(seed)));
            for client in &clients {
                let Resume { epoch, since } = client.resume().unwrap();
                let mut stepping = client.clone();
                for frame in server.live.resume(epoch, since).unwrap() {
                    stepping = tell(&stepping, &frame, Heard::Delta);
                }
                check(&stepping, &server.live);
                if let Some(frame) = server.live.conflated(since) {
                    check(&tell(client, &frame, Heard::Delta), &server.live);
                }
            }
            clients.push(joined(&server.live));
            check(clients.last().unwrap(), &server.live);
        }
    }
}

#[test]
fn a_snapshot_has_the_documented_keys() {
    let server = Server::new(testing::example().queue.get().cloned());
    let frame = server.live.snapshot(at("2026-02-23T14:30:00.412Z"));
    let text = text(&frame);
    let head = format!(
        r#"{{"type":"snapshot","protocol":1,"build":"b51d07","epoch":"{}","seq":1,"hash":"4c7ece55","server_time":"2026-02-23T14:30:00.412Z","status":"ok","timestamp":"2026-02-23T14:29:58Z","sources":{{"orchestrator":"online","gateway":"online"}},"#,
        server.live.epoch().as_str()
    );
    assert!(text.starts_with(&(head + "\"queue\":{")), "{text}");
    let queue = message(&frame)["queue"].take();
    assert_eq!(
        keys(&queue),
        ["blocked", "building", "counts", "drain", "paused", "pending", "recent", "scope", "truncated"]
    );
    // The queue is shared by all.
    assert_eq!(frame.tail.as_ptr(), server.live.snapshot(at(testing::NOW)).tail.as_ptr());
}

#[test]
fn a_heartbeat_says_how_fresh_the_queue_is() {
    let mut server = Server::new(testing::example().queue.get().cloned());
    let heartbeat = |live: &Live| text(&live.heartbeat(at("2026-02-23T14:30:22Z"), Duration::from_secs(20)));
    let epoch = server.live.epoch().as_str().to_owned();
    let expected = |status: &str, orchestrator: &str| {
        format!(
            r#"{{"type":"heartbeat","epoch":"{epoch}","seq":1,"hash":"4c7ece55","server_time":"2026-02-23T14:30:22.000Z","status":"{status}","timestamp":"2026-02-23T14:29:58Z","sources":{{"orchestrator":"{orchestrator}","gateway":"online"}},"next_ms":20000,"build":"b51d07"}}"#
        )
    };
    assert_eq!(heartbeat(&server.live), expected("ok", "online"));
    let standing = server.live.standing().clone();
    server.show(&testing::example(), "2026-02-23T14:30:01Z");
    assert_eq!(server.live.standing(), &standing);
    server.show(&testing::example(), "2026-02-23T14:30:20Z");
    assert_ne!(server.live.standing(), &standing);
    assert_eq!((heartbeat(&server.live), server.live.seq()), (expected("stale", "stale"), 1));
}

#[test]
fn of_nothing_known_nothing_is_claimed() {
    let run = Run::new("b51d07");
    let live = Live::next(&run, None, &testing::started(), testing::now("2026-02-23T14:29:58Z")).unwrap();
    let message = message(&live.snapshot(at("2026-02-23T14:29:58Z")));
    assert_eq!((&message["seq"], &message["hash"]), (&0.into(), &"811c9dc5".into()));
    assert_eq!((&message["status"], &message["timestamp"]), (&"unknown".into(), &Value::Null));
    assert_eq!(message["sources"], serde_json::json!({"orchestrator": "unknown"}));
    assert_eq!(live.resume(live.epoch().as_str(), 0), Some(Vec::new()));
}

#[test]
fn the_version_moves_with_what_is_published_only() {
    let queue = testing::example().queue.get().cloned().unwrap();
    let mut server = Server::new(None);
    let hash = |server: &Server| document(&server.live)["hash"].as_str().unwrap().to_owned();
    assert_eq!((server.live.seq(), hash(&server).as_str()), (0, "811c9dc5"));
    server.publish(None);
    assert_eq!(server.live.seq(), 0);
    server.publish(Some(queue.clone()));
    assert_eq!((server.live.seq(), hash(&server).as_str()), (1, "4c7ece55"));
    let data = Arc::clone(server.live.data());
    let mut next = queue.clone();
    server.publish(Some(next.clone()));
    // Documents have whole seconds.
    next.building[0].started_at = Some(at("2026-02-23T13:52:04.3Z"));
    server.publish(Some(next.clone()));
    assert!(Arc::ptr_eq(&data, server.live.data()));
    assert_eq!(server.live.seq(), 1);
    next.drain = None;
    server.publish(Some(next.clone()));
    assert_eq!((server.live.seq(), hash(&server).as_str()), (2, "4c7ece55"));
    // Counts are told with every delta, and may be all that it tells.
    next.counts.completed = Some(143);
    server.publish(Some(next));
    let deltas = server.resume(2).unwrap();
    assert_eq!(
        (deltas.len(), &deltas[0]["ops"], &deltas[0]["counts"]["completed"]),
        (1, &Value::Array(Vec::new()), &143.into())
    );
    assert_eq!(
        keys(&deltas[0]),
        ["base", "counts", "epoch", "hash", "ops", "seq", "server_time", "status", "timestamp", "type"]
    );
}

#[test]
fn who_cannot_be_led_on_gets_the_whole_queue() {
    let queue = || testing::example().queue.get().cloned().unwrap();
    let epoch = |server: &Server| server.live.epoch().as_str().to_owned();
    let mut server = Server::new(Some(queue()));
    server.publish(Some(testing::example_next()));
    assert_eq!(server.resume(1).map(|deltas| deltas.len()), Some(1));
    assert_eq!(server.resume(2), Some(Vec::new()));
    for (epoch, since) in
        [("k3v9q2", 1), ("", 2), (&*epoch(&server), 0), (&*epoch(&server), 3), (&*epoch(&server), u64::MAX)]
    {
        assert_eq!(server.live.resume(epoch, since), None, "{epoch} {since}");
    }
    let twice = Queue { blocked: vec![queue().pending[0].clone(), queue().pending[0].clone()], ..queue() };
    for interruption in [Some(twice), None] {
        let before = server.live.seq();
        server.publish(interruption);
        assert_eq!((server.resume(before), server.live.conflated(before)), (None, None));
        server.publish(Some(queue()));
        assert_eq!(server.resume(before + 1), None);
        server.publish(Some(testing::example_next()));
        assert_eq!(server.resume(before + 2).map(|deltas| deltas.len()), Some(1));
        assert_eq!(server.resume(before + 1), None);
    }
}

#[test]
fn who_is_behind_gets_one_frame_which_is_made_once() {
    let mut server = Server::new(testing::example().queue.get().cloned());
    server.publish(Some(testing::example_next()));
    server.publish(Some(Queue { drain: None, ..testing::example_next() }));
    let frame = server.live.conflated(1).unwrap();
    assert_eq!(frame.head.as_ptr(), server.live.conflated(1).unwrap().head.as_ptr());
    let delta = message(&frame);
    assert_eq!((&delta["base"], &delta["seq"]), (&1.into(), &3.into()));
    let n_steps = |delta: &Value| delta["ops"].as_array().unwrap().len();
    assert_eq!((n_steps(&delta), n_steps(&server.resume(2).unwrap()[0])), (9, 1));
    // The way of a single step is that step.
    assert_eq!(
        server.live.conflated(2),
        Some(server.live.resume(server.live.epoch().as_str(), 2).unwrap().remove(0))
    );
    for none in [0, 3, 4] {
        assert_eq!(server.live.conflated(none), None);
    }
    // Once the way is longer than the queue, the queue is the shorter way.
    for _ in 0..8 {
        server.publish(testing::example().queue.get().cloned());
        server.publish(Some(testing::example_next()));
    }
    assert_eq!(server.live.conflated(1), None);
    assert_eq!(server.resume(1).map(|deltas| deltas.len()), Some(18));
}
