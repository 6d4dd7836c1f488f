//! Replays what real backends answered, byte for byte.
//!
//! The recordings were taken in November 2026 from a build-swarm control plane, which serves the gateway's and
//! the orchestrator's paths alike; `contract/build-swarm` holds one folder a state. The host names, addresses,
//! paths and mail addresses inside are planted and stand for what must never be published.
//!
//! - [`prometheus`], [`loki`]: single answers of the others, by name.

use std::io;

use serde_json::Value;

use crate::message::{Answer, Request};
use crate::server::Server;

pub mod loki;
pub mod prometheus;

/// The instants in the recordings lie above this; durations and counts below it.
const FIRST_INSTANT: f64 = 1.0e9;

/// What the recordings contain and must never be published.
pub const INTERNAL_STRINGS: [&str; 20] = [
    "Tau-Host",
    "dr-Meridian-Host",
    "drone-Izar-Host",
    "drone-Tarn",
    "sweeper-Capella",
    "Altair-Link",
    "internal.lan",
    "ops@internal.lan",
    "10.42.0.194",
    "10.42.0.203",
    "10.42.0.184",
    "100.64.0.110",
    "192.168.20.196",
    "fd7a:115c:a1e0::7",
    "fe80::1",
    "/var/tmp/portage",
    "-aaaa-bbbb-cccc-",
    "00000004-aaa",
    "World rebuild on",
    "session-20261123-105500",
];

/// A recorded state of the swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Six packages held, 85 wanted, failures being retried, no session.
    Busy,
    /// The same swarm, paused.
    Paused,
    /// An active session: the queue shows the session only, the status counts everything.
    Session,
    /// Blocked packages, and a history with every kind of failure.
    Troubled,
    /// A drone was deleted: its rows carry the first 12 characters of its id.
    RemovedNode,
    /// Every drone silent for minutes; `current_task` is still set.
    FleetOffline,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Busy, Self::Paused, Self::Session, Self::Troubled, Self::RemovedNode, Self::FleetOffline];

    /// The name of the state's folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Paused => "paused",
            Self::Session => "session",
            Self::Troubled => "troubled",
            Self::RemovedNode => "removed-node",
            Self::FleetOffline => "fleet-offline",
        }
    }

    /// The recorded documents of the state.
    #[must_use]
    pub fn documents(self) -> &'static Documents {
        match self {
            Self::Busy => &BUSY,
            Self::Paused => &PAUSED,
            Self::Session => &SESSION,
            Self::Troubled => &TROUBLED,
            Self::RemovedNode => &REMOVED_NODE,
            Self::FleetOffline => &FLEET_OFFLINE,
        }
    }
}

/// What one state answered, as text.
#[derive(Debug)]
pub struct Documents {
    /// `/api/v1/nodes?all=true`
    pub nodes: &'static str,
    /// `/api/v1/nodes?all=true&format=legacy`
    pub nodes_legacy: &'static str,
    /// `/api/v1/status`
    pub status: &'static str,
    /// `/api/v1/queue`
    pub queue: &'static str,
    /// `/api/v1/history`: the newest 200 builds
    pub history: &'static str,
    /// `/api/v1/health`
    pub health: &'static str,
    /// `/api/v1/orchestrator`
    pub orchestrator: &'static str,
    /// Any other path, with the status 404.
    pub not_found: &'static str,
}

macro_rules! recorded {
    ($state:literal, $document:literal) => {
        include_str!(concat!("../contract/build-swarm/", $state, "/", $document, ".json"))
    };
}

macro_rules! documents {
    ($name:ident, $state:literal) => {
        static $name: Documents = Documents {
            nodes: recorded!($state, "nodes"),
            nodes_legacy: recorded!($state, "nodes-legacy"),
            status: recorded!($state, "status"),
            queue: recorded!($state, "queue"),
            history: recorded!($state, "history"),
            health: recorded!($state, "health"),
            orchestrator: recorded!($state, "orchestrator"),
            not_found: recorded!($state, "not-found"),
        };
    };
}

documents!(BUSY, "busy");
documents!(PAUSED, "paused");
documents!(SESSION, "session");
documents!(TROUBLED, "troubled");
documents!(REMOVED_NODE, "removed-node");
documents!(FLEET_OFFLINE, "fleet-offline");

/// The body of a 500 while the database was locked.
pub const DATABASE_LOCKED: &str = recorded!("error", "nodes-500");

/// The recorded 500 of a locked database.
#[must_use]
pub fn database_locked() -> Answer {
    Answer::json_text(500, DATABASE_LOCKED)
}

/// What the swarm answered in `state`; the history's `limit` cuts the recorded rows.
#[must_use]
pub fn answer(state: State, path_and_query: &str) -> Answer {
    let documents = state.documents();
    let request = Request::get(path_and_query);
    let text = match request.path.as_str() {
        "/api/v1/nodes" if request.query_value("format") == Some("legacy") => documents.nodes_legacy,
        "/api/v1/nodes" => documents.nodes,
        "/api/v1/status" => documents.status,
        "/api/v1/queue" => documents.queue,
        "/api/v1/history" => {
            let limit = request.query_value("limit").and_then(|text| text.parse().ok());
            return Answer::json_text(200, history(documents, limit));
        }
        "/api/v1/health" => documents.health,
        "/api/v1/orchestrator" => documents.orchestrator,
        _ => return Answer::json_text(404, documents.not_found),
    };
    Answer::json_text(200, text)
}

fn history(documents: &Documents, limit: Option<usize>) -> String {
    let (Some(limit), mut value) = (limit, parse(documents.history)) else {
        return documents.history.to_owned();
    };
    match value.get_mut("history").and_then(Value::as_array_mut) {
        Some(rows) if rows.len() > limit => rows.truncate(limit),
        _ => return documents.history.to_owned(),
    }
    value.to_string()
}

/// When `state` was recorded, in seconds since 1970: the latest instant that its answers contain or imply.
#[must_use]
pub fn recorded_at(state: State) -> f64 {
    let documents = state.documents();
    [documents.nodes, documents.nodes_legacy, documents.status, documents.queue, documents.history]
        .iter()
        .map(|text| latest_instant(&parse(text)))
        .fold(FIRST_INSTANT, f64::max)
}

fn latest_instant(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().filter(|instant| *instant > FIRST_INSTANT).unwrap_or(0.0),
        Value::Array(items) => items.iter().map(latest_instant).fold(0.0, f64::max),
        Value::Object(fields) => {
            let number = |key| fields.get(key).and_then(Value::as_f64);
            let implied =
                number("building_since").zip(number("elapsed_s")).map_or(0.0, |(since, s)| since + s);
            fields.values().map(latest_instant).fold(implied, f64::max)
        }
        _ => 0.0,
    }
}

/// The recordings are known to be JSON (a test reads them all); another text would read as `null`.
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// A server that replays `state`.
///
/// # Errors
/// When no socket or thread can be had.
pub fn serve(state: State) -> io::Result<Server> {
    Server::start(move |request| {
        let query: Vec<String> = request.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        answer(state, &format!("{}?{}", request.path, query.join("&")))
    })
}

/// A server that gives one answer to every request.
fn serve_answer(answer: Option<Answer>) -> io::Result<Server> {
    let answer = answer.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such recorded answer"))?;
    Server::start(move |_| answer.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recording_is_a_json_document_of_its_outer_shape() {
        for state in State::ALL {
            let documents = state.documents();
            assert!(parse(documents.nodes).is_array(), "{}", state.name());
            assert!(parse(documents.queue).is_array(), "{}", state.name());
            for text in [
                documents.nodes_legacy,
                documents.status,
                documents.history,
                documents.health,
                documents.orchestrator,
                documents.not_found,
            ] {
                assert!(parse(text).is_object(), "{}", state.name());
            }
        }
        assert_eq!(database_locked().status, 500);
        assert!(parse(DATABASE_LOCKED).is_object());
    }

    #[test]
    fn every_internal_string_was_recorded() {
        let documents = State::ALL.map(State::documents);
        let recorded = |name: &str| {
            documents
                .iter()
                .any(|d| [d.nodes, d.status, d.queue, d.history].iter().any(|text| text.contains(name)))
        };
        for name in INTERNAL_STRINGS {
            assert!(recorded(name), "{name}");
        }
    }

    #[test]
    fn the_history_honours_its_limit() {
        let rows = |path: &str| {
            let body = answer(State::Busy, path).body;
            let value: Value = serde_json::from_slice(&body).unwrap();
            value["history"].as_array().unwrap().len()
        };
        assert_eq!(rows("/api/v1/history"), 200);
        assert_eq!(rows("/api/v1/history?limit=100"), 100);
        assert_eq!(rows("/api/v1/history?limit=0"), 0);
        assert_eq!(rows("/api/v1/history?limit=20000"), 200);
        assert_eq!(rows("/api/v1/history?limit=many"), 200);
    }

    #[test]
    fn a_limited_history_keeps_the_newest_rows_and_the_statistics() {
        let value: Value =
            serde_json::from_slice(&answer(State::Busy, "/api/v1/history?limit=2").body).unwrap();
        assert_eq!(value["history"][0]["id"], 325);
        assert_eq!(value["history"][1]["id"], 324);
        assert_eq!(value["stats"]["total_builds"], 325);
    }

    #[test]
    fn the_legacy_shape_is_an_object_and_the_current_one_an_array() {
        let body = |path| answer(State::Session, path).body;
        assert_eq!(body("/api/v1/nodes?all=true")[0], b'[');
        assert_eq!(body("/api/v1/nodes?all=true&format=legacy")[0], b'{');
    }

    #[test]
    fn an_unknown_path_gets_the_recorded_404() {
        let answer = answer(State::Paused, "/api/v2/nodes");
        assert_eq!(answer.status, 404);
        assert_eq!(parse(std::str::from_utf8(&answer.body).unwrap())["error"], "Not found");
    }

    #[test]
    fn the_instant_of_recording_is_not_before_anything_recorded() {
        assert_eq!(recorded_at(State::Busy).floor(), 1_795_431_416.0);
        assert!((recorded_at(State::RemovedNode) - 1_795_431_607.7).abs() < 0.2);
        assert_eq!(recorded_at(State::FleetOffline).floor(), 1_795_431_875.0);
    }
}
