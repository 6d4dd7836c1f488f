//! The world's answers have the shapes of the recorded ones: the same keys, the same JSON types.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use simulator::control_plane;
use simulator::message::Request;
use simulator::recording::{self, State};
use simulator::world::World;
use simulator::world::state::BuildStatus;

/// The paths whose documents both sides have.
const PATHS: [&str; 7] = [
    "/api/v1/nodes?all=true",
    "/api/v1/nodes?all=true&format=legacy",
    "/api/v1/status",
    "/api/v1/queue",
    "/api/v1/history?limit=200",
    "/api/v1/health",
    "/api/v1/orchestrator",
];

/// Objects whose keys are names: their values count as one field.
const MAPS: [&str; 3] = [".packages.delegated", ".drones", ".drone_health"];

/// What the recordings only ever show as null, and what it is otherwise.
const NULL_IN_THE_RECORDINGS: [(&str, &str); 2] =
    [(".drone_health.*.grounded_until", "float"), (".drone_health.*.last_escalation_at", "float")];

/// Every path of a document with the types seen there, and every object's path with its key sets.
#[derive(Debug, Default)]
struct Shape {
    types: BTreeMap<String, BTreeSet<&'static str>>,
    keys: BTreeMap<String, BTreeSet<Vec<String>>>,
}

impl Shape {
    fn add(&mut self, path: &str, value: &Value) {
        self.types.entry(path.to_owned()).or_default().insert(type_of(value));
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(&format!("{path}[]"), item)),
            Value::Object(fields) if MAPS.contains(&path) => {
                fields.values().for_each(|field| self.add(&format!("{path}.*"), field));
            }
            Value::Object(fields) => {
                let mut names: Vec<String> = fields.keys().cloned().collect();
                names.sort_unstable();
                self.keys.entry(path.to_owned()).or_default().insert(names);
                fields.iter().for_each(|(name, field)| self.add(&format!("{path}.{name}"), field));
            }
            _ => {}
        }
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Worlds that together show everything: working, paused, broken, without a session, with a removed machine.
fn worlds() -> Vec<World> {
    let start = 1_795_431_300.0;
    let mut worlds = Vec::new();
    for hour in 0..36 {
        let mut world = World::new(1, start);
        world.advance_to(start + f64::from(hour) * 3_600.0);
        worlds.push(world);
    }
    let mut world = World::new(2, start);
    for status in BuildStatus::ALL {
        world.end_one(status);
    }
    world.ground("tau-host");
    worlds.push(world.clone());
    world.pause();
    worlds.push(world.clone());
    world.resume();
    world.remove("drone-tarn");
    worlds.push(world.clone());
    world.finish_everything();
    worlds.push(world);
    worlds
}

#[test]
fn the_worlds_answers_have_the_recorded_keys_and_types() {
    let worlds = worlds();
    for path in PATHS {
        let (mut recorded, mut told) = (Shape::default(), Shape::default());
        for state in State::ALL {
            let answer = recording::answer(state, path);
            recorded.add("", &serde_json::from_slice(&answer.body).unwrap());
        }
        for world in &worlds {
            let answer = control_plane::answer(world, &Request::get(path));
            assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"));
            told.add("", &serde_json::from_slice(&answer.body).unwrap());
        }
        assert_eq!(told.keys, recorded.keys, "{path}: keys");
        for (field, types) in &told.types {
            let mut allowed = recorded.types.get(field).cloned().unwrap_or_default();
            allowed.extend(
                NULL_IN_THE_RECORDINGS.iter().filter(|(name, _)| name == field).map(|(_, kind)| *kind),
            );
            let nullable = recorded.types[field].contains("null");
            assert!(types.is_subset(&allowed), "{path}{field}: {types:?}, recorded {allowed:?}");
            assert!(nullable || !types.contains("null"), "{path}{field} is never null");
        }
        for (field, types) in &recorded.types {
            let missing: Vec<_> = types.difference(&told.types[field]).collect();
            assert!(missing.is_empty(), "{path}{field}: {missing:?} was recorded and is never told");
        }
    }
}

#[test]
fn an_unknown_path_is_answered_as_recorded() {
    let world = World::new(1, 1_795_431_300.0);
    let told = control_plane::answer(&world, &Request::get("/api/v1/nothing"));
    let recorded = recording::answer(State::Busy, "/api/v1/nothing");
    let parse = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap();
    assert_eq!(told.status, recorded.status);
    assert_eq!(parse(&told.body), parse(&recorded.body));
}

#[test]
fn the_status_lists_ten_waiting_packages_and_counts_all() {
    let world = World::new(1, 1_795_431_300.0);
    let status = control_plane::document(&world, &Request::get("/api/v1/status")).unwrap();
    assert_eq!(status["packages"]["needed"].as_array().unwrap().len(), 10);
    assert!(status["needed"].as_u64().unwrap() > 25);
    assert_eq!(
        status["delegated"].as_u64().unwrap(),
        status["packages"]["delegated"].as_object().unwrap().len() as u64
    );
}

#[test]
fn the_queue_shows_the_session_and_without_one_everything_ever() {
    let mut world = World::new(1, 1_795_431_300.0);
    let rows = |world: &World| {
        let queue = control_plane::document(world, &Request::get("/api/v1/queue")).unwrap();
        queue.as_array().unwrap().len()
    };
    let total = world.items().len();
    assert!(rows(&world) < 150 && total > 300);
    world.finish_everything();
    assert_eq!(rows(&world), total);
}

#[test]
fn the_history_is_newest_first_and_fifty_rows_unless_asked_otherwise() {
    let world = World::new(1, 1_795_431_300.0);
    let ids = |path: &str| -> Vec<u64> {
        let value = control_plane::document(&world, &Request::get(path)).unwrap();
        value["history"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids("/api/v1/history").len(), 50);
    assert_eq!(ids("/api/v1/history?limit=20000").len(), world.builds().len());
    assert!(ids("/api/v1/history?limit=20000").is_sorted_by(|newer, older| newer > older));
}

#[test]
fn an_offline_machine_keeps_its_metrics_and_its_task() {
    let mut world = World::new(1, 1_795_431_300.0);
    let busy = world.nodes().find(|node| node.job.is_some()).unwrap().machine.host;
    world.take_offline(busy);
    let told = control_plane::document(&world, &Request::get("/api/v1/nodes?all=true")).unwrap();
    let row = told.as_array().unwrap().iter().find(|row| row["name"] == busy).unwrap();
    assert_eq!((row["online"].as_bool(), row["status"].as_str()), (Some(false), Some("offline")));
    assert!(row["current_task"].is_string() && row["assigned_packages"].as_array().unwrap().is_empty());
    assert!(row["metrics"]["cpu_percent"].as_f64().unwrap() > 50.0);
    let online = control_plane::document(&world, &Request::get("/api/v1/nodes")).unwrap();
    assert!(online.as_array().unwrap().iter().all(|row| row["name"] != busy));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bodies = || {
        let mut world = World::new(21, 1_795_431_300.0);
        world.advance_to(1_795_431_300.0 + 5_000.0);
        PATHS.map(|path| control_plane::answer(&world, &Request::get(path)).body)
    };
    assert!(bodies() == bodies());
}

#[test]
fn a_planted_world_stays_parseable_and_keeps_its_keys() {
    use simulator::canary::{self, Mode};
    let world = World::new(1, 1_795_431_300.0);
    let mut counter = 0;
    for path in PATHS {
        for mode in [Mode::Everywhere, Mode::KeepingShape] {
            let before = control_plane::document(&world, &Request::get(path)).unwrap();
            let mut planted = before.clone();
            canary::plant(&mut planted, mode, &mut counter);
            let text = planted.to_string();
            assert!(text.contains(canary::MARK), "{path}");
            if mode == Mode::KeepingShape && path == "/api/v1/queue" {
                assert_eq!(planted[0]["package"], before[0]["package"]);
                assert_eq!(planted[0]["status"], before[0]["status"]);
            }
        }
    }
}
