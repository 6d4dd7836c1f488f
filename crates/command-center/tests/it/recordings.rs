//! Every recorded state of the real control plane gives exactly these documents.

use jiff::Timestamp;
use scheduler::config::draft::{GalaxyDraft, NamesDraft, StarDraft};
use serde_json::{Value, json};
use simulator::recording::{self, State};
use snapshot::clock::{Clock, Now};

use crate::support::stack::{Setup, Stack};

/// The operator's names for the machines in the recordings.
pub(crate) fn names() -> NamesDraft {
    let star = |name: &str, alias: &str| StarDraft {
        name: Some(name.to_owned()),
        aliases: vec![alias.to_owned()],
        ..StarDraft::default()
    };
    let galaxy = |name: &str, network: &str| GalaxyDraft {
        name: Some(name.to_owned()),
        networks: vec![network.to_owned()],
    };
    NamesDraft {
        galaxies: vec![galaxy("Milky Way", "10.42.0.0/24"), galaxy("Andromeda", "100.64.0.0/10")],
        stars: vec![
            star("Izar", "drone-izar-host"),
            star("Tarn", "192.168.20.196"),
            star("Tau", "tau-host"),
            star("Meridian", "00000003-aaaa-bbbb-cccc-000000000003"),
            star("Capella", "00000004-aaa"),
        ],
        ..NamesDraft::default()
    }
}

fn stack(state: State, server: &simulator::server::Server) -> Stack {
    #[expect(clippy::cast_possible_truncation, reason = "instants of this decade")]
    let wall = Timestamp::from_millisecond((recording::recorded_at(state) * 1000.0).ceil() as i64).unwrap();
    let now = Now { wall, uptime: std::time::Duration::from_secs(1_000) };
    let setup = Setup { names: names(), clock: Clock::from_fn(move || now), ..Setup::once(&server.url()) };
    setup.start().ready()
}

fn documents(stack: &Stack) -> Value {
    let mut queue = stack.document("queue");
    // Random for each run of the server.
    queue["data"]["epoch"] = json!("[epoch]");
    json!({
        "build-swarm": stack.document("build-swarm"),
        "queue": queue,
        "build-history": stack.document("build-history?per_page=20"),
        "infrastructure": stack.document("infrastructure"),
    })
}

#[track_caller]
fn check(state: State) {
    let server = recording::serve(state).unwrap();
    let documents = documents(&stack(state, &server));
    insta::assert_json_snapshot!(state.name(), documents);
}

#[test]
fn a_busy_swarm_is_published_as_recorded() {
    check(State::Busy);
}

#[test]
fn a_paused_swarm_is_published_as_recorded() {
    check(State::Paused);
}

#[test]
fn a_session_is_published_as_recorded() {
    check(State::Session);
}

#[test]
fn a_troubled_swarm_is_published_as_recorded() {
    check(State::Troubled);
}

#[test]
fn a_removed_drone_is_published_as_recorded() {
    check(State::RemovedNode);
}

#[test]
fn a_silent_fleet_is_published_as_recorded() {
    check(State::FleetOffline);
}

#[test]
fn the_older_form_of_the_nodes_gives_the_same_drones() {
    for state in [State::Busy, State::Session] {
        let array = recording::serve(state).unwrap();
        let legacy = simulator::server::Server::start(move |request| {
            let query =
                if request.path.ends_with("/nodes") { "?all=true&format=legacy" } else { "?limit=100" };
            recording::answer(state, &format!("{}{query}", request.path))
        })
        .unwrap();
        let names_and_states = |server: &simulator::server::Server| -> Vec<Value> {
            let document = stack(state, server).document("build-swarm");
            let drones = document["data"]["drones"].as_array().unwrap();
            drones
                .iter()
                .map(|drone| json!([drone["name"], drone["role"], drone["galaxy"], drone["cores"]]))
                .collect()
        };
        assert_eq!(names_and_states(&array), names_and_states(&legacy));
    }
}
