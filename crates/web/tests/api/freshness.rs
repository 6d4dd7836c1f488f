//! When bytes change: with content, with the passing of time, and otherwise at most once in 15 seconds.

use snapshot::{
    section::{Fault, SourceName},
    snapshot::Snapshot,
    testing,
};

use crate::{
    app::{App, spawn_app},
    client::Answer,
};

const DOCUMENTS: [&str; 4] = ["build-swarm", "build-history", "infrastructure", "queue"];

fn bodies(app: &App) -> Vec<(String, Vec<u8>)> {
    DOCUMENTS.map(|name| app.document(name)).map(|answer| (answer.etag().to_owned(), answer.body)).into()
}

/// Publishes a snapshot and waits until it was rendered: its announcement is told by every document.
fn publish_and_wait(app: &App, mut snapshot: Snapshot, name: &str) -> Answer {
    let text = format!("Told at {:?}.", std::time::Instant::now());
    snapshot.announcement = Some(std::sync::Arc::new(snapshot::snapshot::Announcement {
        text: text.clone(),
        level: snapshot::snapshot::Level::Note,
        from: None,
        until: None,
    }));
    app.publish(snapshot);
    app.wait_for(name, |answer| answer.text().contains(&text))
}

fn heard_at(seen: &str) -> Snapshot {
    let mut snapshot = testing::example();
    testing::hear(&mut snapshot, SourceName::Orchestrator, seen);
    testing::hear(&mut snapshot, SourceName::Gateway, seen);
    snapshot
}

#[test]
fn equal_content_keeps_its_bytes_for_15_seconds() {
    let app = spawn_app(testing::example());
    let before = bodies(&app);
    app.publish(heard_at("2026-02-23T14:30:14Z"));
    app.clock.advance(14);
    // The history is another one and everything else is as it was; what changed shows that all was looked at again.
    let mut snapshot = heard_at("2026-02-23T14:30:14Z");
    testing::edit(&mut snapshot.history, |history| {
        history.builds.pop();
    });
    app.publish(snapshot);
    let history = app.wait_for("build-history", |answer| answer.json()["data"]["kept"]["builds"] == 1_872);
    assert_eq!(history.json()["expected_next"], "2026-02-23T14:30:44Z");
    assert_eq!(history.json()["changed_at"], "2026-02-23T14:30:14Z");
    let after = bodies(&app);
    for name in [0, 2, 3] {
        assert_eq!(before[name], after[name], "{}", DOCUMENTS[name]);
    }
    assert_ne!(before[1].0, after[1].0);
}

#[test]
fn stamps_are_renewed_after_15_seconds_and_nothing_else_changes() {
    let app = spawn_app(testing::example());
    let before = app.document("queue");
    app.clock.advance(15);
    app.publish(heard_at("2026-02-23T14:30:13Z"));
    let after = app.wait_for("queue", |answer| answer.etag() != before.etag());
    let (before, mut after) = (before.json(), after.json());
    assert_eq!(after["timestamp"], "2026-02-23T14:30:13Z");
    assert_eq!(after["expected_next"], "2026-02-23T14:30:45Z");
    for stamp in ["timestamp", "expected_next"] {
        after[stamp] = before[stamp].clone();
    }
    for stamp in ["last_seen", "checked_at"] {
        after["sources"]["orchestrator"][stamp] = before["sources"]["orchestrator"][stamp].clone();
    }
    assert_eq!(before, after);
}

#[test]
fn the_version_moves_with_the_queue_and_not_with_the_load_of_a_drone() {
    let app = spawn_app(testing::example());
    let seq = |answer: &Answer| answer.json()["data"]["seq"].as_u64().unwrap();
    assert_eq!(seq(&app.document("queue")), 1);

    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.fleet, |fleet| fleet.drones[0].cpu_percent = Some(5));
    app.publish(snapshot);
    app.wait_for("build-swarm", |answer| answer.json()["data"]["drones"][0]["cpu_percent"] == 5);
    assert_eq!(seq(&app.document("queue")), 1);

    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.queue, |queue| {
        queue.pending.pop();
    });
    app.publish(snapshot);
    let queue = app.wait_for("queue", |answer| seq(answer) == 2);
    assert_eq!(queue.json()["data"]["pending"].as_array().unwrap().len(), 7);
    let page = app.get("/queue");
    let epoch = queue.json()["data"]["epoch"].as_str().unwrap().to_owned();
    assert!(page.text().contains(&format!("data-epoch=\"{epoch}\"")));
    assert!(page.text().contains("data-seq=\"2\""));
}

#[test]
fn a_fault_is_news_and_a_failed_attempt_alone_changes_no_state() {
    let app = spawn_app(testing::example());
    let before = app.document("queue").json();
    app.clock.advance(5);
    let mut snapshot = testing::example();
    if let Some(orchestrator) = snapshot.sources.get_mut(SourceName::Orchestrator) {
        orchestrator.fail(Fault::Timeout, testing::now("2026-02-23T14:30:04Z"));
    }
    app.publish(snapshot);
    let fault = |answer: &Answer| answer.json()["sources"]["orchestrator"]["fault"].clone();
    let after = app.wait_for("queue", |answer| fault(answer) == "timeout").json();
    assert_eq!(after["status"], "ok");
    assert_eq!(after["changed_at"], "2026-02-23T14:30:04Z");
    assert_eq!(after["data"], before["data"]);
}

/// The writer of snapshots is gone and nobody rings: the first request after the deadline finds it out.
#[test]
fn documents_of_a_dead_scheduler_turn_old_by_themselves() {
    let mut app = spawn_app(testing::example());
    app.publisher = None;
    let state = || {
        let document = app.document("build-swarm").json();
        let source = &document["sources"]["orchestrator"];
        let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (word(&document["status"]), word(&source["state"]), word(&source["since"]))
    };
    let expect =
        |status: &str, state: &str, since: &str| (status.to_owned(), state.to_owned(), since.to_owned());
    assert_eq!(state(), expect("ok", "online", "2026-02-23T06:02:11Z"));
    // Fifteen seconds after 14:29:58 are still fresh, and not a millisecond more.
    app.clock.advance(13);
    assert_eq!(state(), expect("ok", "online", "2026-02-23T06:02:11Z"));
    app.clock.advance(1);
    assert_eq!(state(), expect("stale", "stale", "2026-02-23T14:30:13Z"));
    assert!(app.document("queue").json()["notices"][0]["text"].as_str().unwrap().contains("silent since"));
    app.clock.advance(15);
    assert_eq!(state(), expect("offline", "offline", "2026-02-23T14:30:28Z"));
    let document = app.document("build-swarm").json();
    assert_eq!(document["data"]["swarm"]["verdict"]["code"], "orchestrator_silent");
    assert_eq!(document["data"]["swarm"]["orchestrator"], "offline");
    assert_eq!(document["timestamp"], "2026-02-23T14:29:54Z");
    assert_eq!(document["changed_at"], "2026-02-23T14:30:28Z");
}

/// As after a minute in which the process was stopped or the machine slept.
#[test]
fn the_first_answer_after_a_jump_of_the_clock_is_already_marked_old() {
    for path in ["/", "/queue", "/history"] {
        let app = spawn_app(testing::example());
        let before = app.get(path);
        app.clock.advance(70);
        let after = app.get(path);
        assert_ne!(before.etag(), after.etag(), "{path}");
        assert!(after.text().contains("ilent"), "{path}");
    }
    for name in ["build-swarm", "build-history", "queue"] {
        let app = spawn_app(testing::example());
        app.clock.advance(70);
        assert_eq!(app.document(name).json()["status"], "offline", "{name}");
    }
}

#[test]
fn no_answer_is_past_its_promise_also_when_the_calendar_alone_is_stepped() {
    let app = spawn_app(testing::example());
    for (wall, promise) in [
        ("2026-02-23T18:00:00Z", "2026-02-23T18:00:30Z"),
        ("2026-02-23T18:00:16Z", "2026-02-23T18:00:16Z"),
        ("2026-02-25T00:00:01Z", "2026-02-25T00:00:31Z"),
    ] {
        app.clock.set_wall(wall);
        for name in DOCUMENTS {
            let document = app.document(name).json();
            assert!(document["expected_next"].as_str().unwrap() >= promise, "{name} at {wall}");
            assert!(document["status"] != "offline", "a stepped calendar makes nothing old");
        }
    }
}

#[test]
fn yesterdays_instants_are_told_with_their_day_from_midnight_on() {
    let app = spawn_app(testing::example());
    let note = || {
        let verdict = &app.document("build-swarm").json()["data"]["swarm"]["verdict"];
        verdict["text"].as_str().unwrap().to_owned()
    };
    app.clock.advance(60);
    assert!(note().starts_with("No answer from anything since 14:29 UTC."), "{}", note());
    app.clock.advance(10 * 3_600);
    assert!(note().contains("since 23 Feb 14:29 UTC"), "{}", note());
}

#[test]
fn announcements_are_told_at_once() {
    let app = spawn_app(testing::example());
    let answer = publish_and_wait(&app, testing::example(), "infrastructure");
    assert_eq!(answer.json()["notices"][0]["code"], "operator");
}
