//! The contract's own examples, every operation and every refusal, and texts of all sorts.

mod robustness;

use serde_json::{Value, json};

use super::*;

const DOCUMENT: &str = include_str!("../../tests/api/documents/queue.json");
const DELTA: &str = include_str!("../../tests/api/documents/queue_delta.json");

/// The frame that has the queue of the document.
fn snapshot_frame() -> Value {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut queue = document["data"].clone();
    let fields = queue.as_object_mut().unwrap();
    let [epoch, seq, hash] = ["epoch", "seq", "hash"].map(|key| fields.remove(key).unwrap());
    json!({
        "type": "snapshot", "protocol": 1, "build": "b51d07", "epoch": epoch, "seq": seq, "hash": hash,
        "server_time": "2026-02-23T14:30:00.412Z", "status": "ok", "timestamp": "2026-02-23T14:29:58Z",
        "sources": {"orchestrator": "online", "gateway": "online"}, "queue": queue,
    })
}

fn delta_frame() -> Value {
    serde_json::from_str(DELTA).unwrap()
}

fn heartbeat(seq: u64, hash: &str) -> Value {
    json!({
        "type": "heartbeat", "epoch": "k3v9q2", "seq": seq, "hash": hash, "server_time": "2026-02-23T14:30:22.000Z",
        "status": "stale", "timestamp": "2026-02-23T14:30:03Z",
        "sources": {"orchestrator": "stale", "gateway": "online"}, "next_ms": 20_000, "build": "b51d08",
    })
}

/// A mirror that has the queue of the document.
fn filled() -> Mirror {
    let mut mirror = Mirror::new();
    assert_eq!(mirror.receive(&snapshot_frame().to_string()), Ok(Heard::Snapshot));
    mirror
}

fn ids(mirror: &Mirror, list: List) -> Vec<&str> {
    mirror.rows(list).map(Row::id).collect()
}

/// What a change of the filled mirror does; the frame's hash is made to fit.
fn after(ops: Value) -> Result<Mirror, OperationError> {
    let mut mirror = filled();
    let counts = mirror.field("counts").clone();
    let hash = match mirror.rows.after(ops.as_array().unwrap(), counts.as_object().unwrap()) {
        Ok(rows) => rows.hash(),
        Err(MirrorError::Operation { problem, .. }) => return Err(problem),
        Err(other) => panic!("{other}"),
    };
    let mut frame = delta_frame();
    frame["ops"] = ops;
    frame["counts"] = counts;
    frame["hash"] = format!("{hash:08x}").into();
    assert_eq!(mirror.receive(&frame.to_string()), Ok(Heard::Delta));
    Ok(mirror)
}

/// A frame that does not fit leaves the queue, and nothing to go on from.
#[track_caller]
fn refused(frame: &Value, expected: MirrorError) {
    let mut mirror = filled();
    let before = mirror.queue();
    assert_eq!(mirror.receive(&frame.to_string()), Err(expected));
    assert_eq!(mirror.queue(), before);
    assert_eq!(mirror.resume(), None);
    assert_eq!(mirror.receive(&delta_frame().to_string()), Err(MirrorError::NoSnapshot));
    assert_eq!(mirror.receive(&snapshot_frame().to_string()), Ok(Heard::Snapshot));
}

fn with(mut frame: Value, key: &str, value: impl Into<Value>) -> Value {
    frame[key] = value.into();
    frame
}

#[test]
fn the_documented_queue_has_the_documented_hash_before_and_after_the_documented_delta() {
    let mut mirror = filled();
    assert_eq!(format!("{:08x}", mirror.rows.hash()), "4c7ece55");
    assert_eq!(mirror.receive(DELTA), Ok(Heard::Delta));
    assert_eq!(format!("{:08x}", mirror.rows.hash()), "b1668b8d");
    assert_eq!(mirror.resume(), Some(Resume { epoch: "k3v9q2", since: 4712 }));
    assert_eq!(
        ids(&mirror, List::Building),
        ["llvm-core/llvm-19.1.7", "dev-lang/rust-1.84.1", "dev-qt/qtbase-6.8.2"]
    );
    assert_eq!(ids(&mirror, List::Recent), ["9d6s0e5k1u7hf", "7f3k2m9q4c1x0", "5h8w1t6z2v9bd"]);
    let pending = ids(&mirror, List::Pending);
    assert_eq!(
        pending[4..],
        [
            "net-libs/nodejs-22.13.1",
            "dev-util/maturin-1.8.2",
            "app-office/libreoffice-25.2.0.3",
            "app-editors/vim-9.1.1122",
        ]
    );
    assert_eq!((mirror.count("completed"), mirror.count("total")), (Some(143), Some(155)));
    assert_eq!(mirror.field("drain")["median_at"], "2026-02-23T16:43:00Z");
    assert_eq!(mirror.timestamp(), Some("2026-02-23T14:30:03Z".parse().unwrap()));
    assert_eq!(mirror.server_time(), Some("2026-02-23T14:30:03.107Z".parse().unwrap()));
}

#[test]
fn the_document_and_the_frame_give_the_same_queue() {
    let mirror = Mirror::from_document(DOCUMENT).unwrap();
    assert_eq!(mirror.queue(), filled().queue());
    assert_eq!(mirror.queue(), snapshot_frame()["queue"]);
    assert_eq!(mirror.resume(), filled().resume());
    assert_eq!(mirror.sources()["orchestrator"], SourceState::Online);
    assert_eq!((mirror.status(), mirror.server_time()), (DocumentStatus::Ok, None));
}

#[test]
fn the_document_with_deltas_goes_on_from_there() {
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let mut mirror = Mirror::from_document(DOCUMENT).unwrap();
    let data = |deltas: Value| json!({"epoch": "k3v9q2", "seq": 4712, "hash": "b1668b8d", "counts": {}, "deltas": deltas});
    document["data"] = data(json!([delta_frame()]));
    let date = "2026-02-23T14:30:05Z".parse().unwrap();
    assert_eq!(mirror.receive_document(&document.to_string(), Some(date)), Ok(Heard::Delta));
    assert_eq!((mirror.resume().unwrap().since, mirror.server_time()), (4712, Some(date)));
    document["data"] = data(json!([]));
    assert_eq!(mirror.receive_document(&document.to_string(), None), Ok(Heard::Heartbeat));
    let missed = Err(MirrorError::Seq { mine: 4711, theirs: 4712 });
    assert_eq!(filled().receive_document(&document.to_string(), None), missed);
    document["data"] = data(json!({}));
    let malformed = Err(MirrorError::Malformed("deltas"));
    assert_eq!(mirror.receive_document(&document.to_string(), None), malformed);
}

#[test]
fn a_snapshot_replaces_whatever_was_there() {
    let mut mirror = filled();
    let other = with(with(snapshot_frame(), "epoch", "another1"), "seq", 3);
    assert_eq!(mirror.receive(&other.to_string()), Ok(Heard::Snapshot));
    assert_eq!(mirror.resume(), Some(Resume { epoch: "another1", since: 3 }));
}

#[test]
fn a_delta_of_the_past_is_ignored_and_one_beyond_a_gap_is_refused() {
    let mut mirror = filled();
    assert_eq!(mirror.receive(DELTA), Ok(Heard::Delta));
    let queue = mirror.queue();
    assert_eq!(mirror.receive(DELTA), Ok(Heard::Ignored));
    assert_eq!(mirror.queue(), queue);
    assert_eq!(mirror.resume().unwrap().since, 4712);

    let later = with(with(delta_frame(), "base", 4712), "seq", 4713);
    refused(&later, MirrorError::Gap { mine: 4711, base: 4712 });
    let overlapping = with(with(delta_frame(), "base", 4709), "seq", 4712);
    refused(&overlapping, MirrorError::Gap { mine: 4711, base: 4709 });
    refused(&with(delta_frame(), "seq", 4711), MirrorError::Malformed("base"));
    refused(&with(delta_frame(), "epoch", "another1"), MirrorError::Epoch);
}

#[test]
fn a_conflated_delta_spans_several_versions() {
    let mut mirror = filled();
    assert_eq!(mirror.receive(&with(delta_frame(), "seq", 4799).to_string()), Ok(Heard::Delta));
    assert_eq!(mirror.resume().unwrap().since, 4799);
}

#[test]
fn a_heartbeat_is_compared_and_tells_states() {
    let mut mirror = filled();
    assert_eq!(mirror.receive(&heartbeat(4711, "4c7ece55").to_string()), Ok(Heard::Heartbeat));
    assert_eq!(mirror.status(), DocumentStatus::Stale);
    assert_eq!(mirror.sources()["orchestrator"], SourceState::Stale);
    assert_eq!(mirror.next(), Some(Duration::from_secs(20)));
    assert_eq!(mirror.build(), Some("b51d08"));

    refused(&heartbeat(4711, "4c7ece56"), MirrorError::Hash);
    refused(&heartbeat(4712, "4c7ece55"), MirrorError::Seq { mine: 4711, theirs: 4712 });
    refused(&heartbeat(4710, "4c7ece55"), MirrorError::Seq { mine: 4711, theirs: 4710 });
    refused(&with(heartbeat(4711, "4c7ece55"), "epoch", "another1"), MirrorError::Epoch);
}

#[test]
fn a_queue_that_differs_from_its_hash_is_refused() {
    refused(&with(snapshot_frame(), "hash", "00000000"), MirrorError::Hash);
    refused(&with(delta_frame(), "hash", "00000000"), MirrorError::Hash);
}

#[test]
fn words_and_keys_of_the_future_are_kept_or_unknown() {
    let mut mirror = Mirror::new();
    let mut frame = snapshot_frame();
    frame["status"] = "splendid".into();
    frame["sources"]["orchestrator"] = "dreaming".into();
    frame["queue"]["mood"] = "calm".into();
    frame["queue"]["pending"][0]["colour"] = "blue".into();
    frame["colour"] = json!({});
    assert_eq!(mirror.receive(&frame.to_string()), Ok(Heard::Snapshot));
    assert_eq!(mirror.status(), DocumentStatus::Unknown);
    assert_eq!(mirror.sources()["orchestrator"], SourceState::Unknown);
    assert_eq!(mirror.field("mood"), "calm");
    assert_eq!(mirror.rows(List::Pending).next().unwrap().text("colour"), Some("blue"));
    assert_eq!(mirror.receive(r#"{"type":"postcard"}"#), Ok(Heard::Unknown));
    assert_eq!(mirror.resume().unwrap().since, 4711);
}

#[test]
fn another_protocol_is_left_to_polling() {
    let error = filled().receive(&with(snapshot_frame(), "protocol", 2).to_string()).unwrap_err();
    assert_eq!((error.remedy(), &error), (Remedy::Poll, &MirrorError::Protocol(2)));
    assert_eq!(MirrorError::Hash.remedy(), Remedy::ReconnectWhole);
}

#[test]
fn every_field_of_a_frame_is_required() {
    for (frame, optional) in
        [(snapshot_frame(), "build"), (delta_frame(), "none"), (heartbeat(4711, "4c7ece55"), "build")]
    {
        for key in frame.as_object().unwrap().keys().filter(|key| *key != optional) {
            let mut without = frame.clone();
            without.as_object_mut().unwrap().remove(key);
            let name = filled().receive(&without.to_string()).unwrap_err();
            assert!(matches!(name, MirrorError::Malformed(field) if field == key), "{key}: {name}");
        }
    }
}

#[test]
fn texts_that_are_no_frames_are_refused() {
    for (text, error) in [
        ("", MirrorError::NotJson),
        ("[]", MirrorError::NotJson),
        ("{}", MirrorError::Malformed("type")),
        (&"x".repeat(TEXT_MAX + 1), MirrorError::TooLarge),
        (&"[".repeat(100_000), MirrorError::NotJson),
    ] {
        assert_eq!(filled().receive(text), Err(error));
    }
    assert_eq!(Mirror::new().receive(DELTA), Err(MirrorError::NoSnapshot));
    assert_eq!(Mirror::new().receive(&heartbeat(0, "811c9dc5").to_string()), Err(MirrorError::NoSnapshot));
}

#[test]
fn a_row_is_added_before_another_or_at_the_end() {
    let item = json!({"id": "a/b-1", "state": "failed", "reason": null, "drone": null, "failures": 1, "started_at": null});
    let at = |before: Value| after(json!([{"op": "add", "list": "blocked", "before": before, "item": item}]));
    let mirror = at(Value::Null).unwrap();
    assert_eq!(ids(&mirror, List::Blocked), ["sci-libs/tensorflow-2.18.0", "a/b-1"]);
    let mirror = at("sci-libs/tensorflow-2.18.0".into()).unwrap();
    assert_eq!(ids(&mirror, List::Blocked), ["a/b-1", "sci-libs/tensorflow-2.18.0"]);
    assert_eq!(at("nobody".into()).err(), Some(OperationError::NoSuchNeighbour));
    assert_eq!(at(5.into()).err(), Some(OperationError::Malformed("before")));
}

#[test]
fn a_row_is_changed_field_by_field_and_nested_objects_as_wholes() {
    let set = json!({"failures": 3, "estimate": {"median_seconds": 1}});
    let mirror =
        after(json!([{"op": "change", "list": "building", "id": "dev-lang/rust-1.84.1", "set": set}]));
    let mirror = mirror.unwrap();
    let row = mirror.rows(List::Building).nth(2).unwrap();
    assert_eq!((row.field("failures"), row.field("estimate")), (&3.into(), &json!({"median_seconds": 1})));
    assert_eq!(row.text("drone"), Some("Meridian"));
    assert_eq!(row.field("nothing"), &Value::Null);
}

#[test]
fn a_row_moves_within_a_list_and_between_lists() {
    let id = "sci-libs/tensorflow-2.18.0";
    let set = json!({"state": "pending", "reason": "retry"});
    let mirror = after(json!([
        {"op": "move", "from": "blocked", "to": "pending", "id": id, "before": "dev-qt/qtbase-6.8.2", "set": set},
        {"op": "move", "from": "building", "to": "building", "id": "llvm-core/llvm-19.1.7", "before": null, "set": {}},
    ]))
    .unwrap();
    assert_eq!(ids(&mirror, List::Blocked), [""; 0]);
    assert_eq!(ids(&mirror, List::Pending)[..2], [id, "dev-qt/qtbase-6.8.2"]);
    assert_eq!(ids(&mirror, List::Building)[2], "llvm-core/llvm-19.1.7");
    assert_eq!(mirror.rows(List::Pending).next().unwrap().text("reason"), Some("retry"));
}

#[test]
fn fields_of_the_queue_are_set() {
    let mirror = after(json!([{"op": "meta", "set": {"paused": true, "drain": null}}])).unwrap();
    assert_eq!((mirror.paused(), mirror.field("drain")), (Some(true), &Value::Null));
}

#[test]
fn an_operation_on_what_is_not_there_is_refused() {
    let llvm = "llvm-core/llvm-19.1.7";
    let item = json!({"id": llvm, "state": "building", "reason": null, "drone": null, "failures": 0, "started_at": null});
    let bare = json!({"id": "a/b-1"});
    use OperationError::{Fixed, Kind, Malformed, NoSuchList, NoSuchNeighbour, NoSuchRow, TooLarge, Twice};
    for (op, expected) in [
        (json!(5), Malformed("op")),
        (json!({}), Malformed("op")),
        (json!({"op": "swap"}), Kind),
        (json!({"op": "remove", "list": "shelved", "id": llvm}), NoSuchList),
        (json!({"op": "remove", "list": "pending", "id": llvm}), NoSuchRow),
        (json!({"op": "remove", "list": "building"}), Malformed("id")),
        (json!({"op": "change", "list": "pending", "id": llvm, "set": {}}), NoSuchRow),
        (json!({"op": "change", "list": "building", "id": llvm}), Malformed("set")),
        (json!({"op": "change", "list": "building", "id": llvm, "set": {"id": "a/b-1"}}), Fixed),
        (json!({"op": "change", "list": "building", "id": llvm, "set": {"state": 5}}), Malformed("state")),
        (
            json!({"op": "change", "list": "building", "id": llvm, "set": {"failures": -1}}),
            Malformed("failures"),
        ),
        (json!({"op": "change", "list": "building", "id": llvm, "set": {"x": "y".repeat(9_000)}}), TooLarge),
        (json!({"op": "add", "list": "building", "before": null, "item": item}), Twice),
        (json!({"op": "add", "list": "building", "item": bare}), Malformed("drone")),
        (json!({"op": "add", "list": "recent", "before": null, "item": {}}), Malformed("id")),
        (json!({"op": "add", "list": "recent", "before": null}), Malformed("item")),
        (json!({"op": "add", "list": "recent", "item": bare}), Malformed("before")),
        (
            json!({"op": "move", "from": "building", "to": "building", "id": llvm, "before": llvm, "set": {}}),
            NoSuchNeighbour,
        ),
        (
            json!({"op": "move", "from": "recent", "to": "pending", "id": "7f3k2m9q4c1x0", "before": null, "set": {}}),
            Malformed("started_at"),
        ),
        (json!({"op": "meta", "set": {"pending": []}}), Fixed),
        (json!({"op": "meta", "set": {"counts": {}}}), Fixed),
        (json!({"op": "meta"}), Malformed("set")),
    ] {
        assert_eq!(after(json!([op])).err(), Some(expected), "{op}");
        let frame = with(delta_frame(), "ops", json!([op]));
        refused(&frame, MirrorError::Operation { index: 0, problem: expected });
    }
}
