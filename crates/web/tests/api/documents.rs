//! Every documented example, byte for byte but for white space.

use serde_json::Value;
use snapshot::testing;
use web::config::Config;

use crate::app::{PUBLIC, spawn_app, spawn_app_at};

/// The text without the white space between its tokens.
pub(crate) fn minified(json: &str) -> String {
    let (mut in_text, mut is_escaped) = (false, false);
    let mut minified = String::new();
    for c in json.chars() {
        if !in_text && c.is_whitespace() {
            continue;
        }
        in_text ^= c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        minified.push(c);
    }
    minified
}

#[track_caller]
fn check(body: &str, expected: &str) {
    assert_eq!(body, minified(expected));
}

#[test]
fn the_swarm() {
    let app = spawn_app(testing::example());
    check(app.document("build-swarm").text(), include_str!("documents/build_swarm.json"));
}

#[test]
fn the_swarm_of_which_nothing_is_known() {
    let app = spawn_app_at(testing::started(), "2026-02-23T14:29:58Z", Config::new());
    check(app.document("build-swarm").text(), include_str!("documents/build_swarm_started.json"));
}

#[test]
fn the_swarm_whose_orchestrator_is_dead() {
    let app = spawn_app(testing::orchestrator_dead());
    let mut expected: Value = serde_json::from_str(include_str!("documents/build_swarm.json")).unwrap();
    let changes = include_str!("documents/build_swarm_orchestrator_dead.json");
    merge(&mut expected, serde_json::from_str(changes).unwrap());
    // The example leaves out that the last 28 minutes of the day were not observed.
    expected["data"]["last_24h"]["coverage_percent"] = 98.into();
    assert_eq!(app.document("build-swarm").json(), expected);
}

fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, change) in changes {
                merge(into.get_mut(&key).unwrap(), change);
            }
        }
        (into, change) => *into = change,
    }
}

#[test]
fn the_history() {
    let app = spawn_app(testing::example());
    let answer = app.get(&format!("{PUBLIC}/build-history?from=2026-02-22&per_page=3"));
    check(answer.text(), include_str!("documents/build_history.json"));
}

#[test]
fn the_queue() {
    let app = spawn_app(testing::example());
    let answer = app.document("queue");
    let data = &answer.json()["data"];
    // Of this run, and not of the documented one.
    let (epoch, seq) = (data["epoch"].as_str().unwrap(), data["seq"].as_u64().unwrap());
    assert_eq!((epoch.len(), seq), (8, 1));
    let version = format!("\"epoch\":\"{epoch}\",\"seq\":{seq},");
    let body = answer.text().replace(&version, "\"epoch\":\"k3v9q2\",\"seq\":4711,");
    check(&body, include_str!("documents/queue.json"));
}

#[test]
fn infrastructure_that_nothing_watches() {
    let app = spawn_app(testing::example());
    let body = app.document("infrastructure");
    check(body.text(), include_str!("documents/infrastructure_not_configured.json"));
}

#[test]
fn nothing_known_is_null_and_lists_are_never_null() {
    let app = spawn_app_at(testing::started(), "2026-02-23T14:29:58Z", Config::new());
    let queue = app.document("queue").json();
    assert_eq!(queue["data"]["seq"], 0);
    assert_eq!(queue["data"]["hash"], "811c9dc5");
    assert_eq!(queue["data"]["scope"], Value::Null);
    let history = app.document("build-history").json();
    assert_eq!(history["data"]["page"]["total"], Value::Null);
    assert_eq!(history["data"]["kept"]["builds"], Value::Null);
    assert_eq!(history["data"]["summary"]["success"], Value::Null);
    for name in ["build-swarm", "build-history", "infrastructure", "queue"] {
        let document = app.document(name).json();
        assert_eq!(document["status"], "unknown");
        assert_eq!(document["changed_at"], Value::Null);
        no_list_is_null(&document["data"]);
    }
}

fn no_list_is_null(data: &Value) {
    let lists =
        ["drones", "builds", "pending", "building", "blocked", "recent", "hosts", "services", "galaxies"];
    for (key, value) in data.as_object().unwrap() {
        assert!(!lists.contains(&key.as_str()) || value.is_array(), "{key}");
    }
}

#[test]
fn a_session_is_shown_for_a_day_after_its_end() {
    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.control, |control| {
        if let Some(session) = &mut control.session {
            session.finished_at = Some(testing::at("2026-02-23T14:00:00Z"));
        }
    });
    let app = spawn_app(snapshot);
    let session = || app.document("build-swarm").json()["data"]["session"].clone();
    assert_eq!(session()["finished_at"], "2026-02-23T14:00:00Z");
    app.clock.advance(23 * 3_600);
    assert!(session().is_object());
    app.clock.advance(3_600);
    assert!(session().is_null());
}

#[test]
fn a_demonstration_says_so_in_every_document_and_page() {
    let mut snapshot = testing::example();
    snapshot.policy.demo = true;
    let app = spawn_app(snapshot);
    for name in ["build-swarm", "build-history", "infrastructure", "queue"] {
        assert_eq!(app.document(name).json()["notices"][0]["code"], "demo", "{name}");
    }
    for path in ["/", "/queue", "/history", "/infrastructure"] {
        assert!(app.get(path).text().contains("Nothing here is real"), "{path}");
    }
}
