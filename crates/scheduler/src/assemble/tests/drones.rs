//! Drones: their states, what they are seen to work on, and when they are forgotten.

use identity::config::Unknown;
use snapshot::{
    fleet::{DroneState, Role},
    section::SourceName,
};

use super::builder::{
    CAPELLA, IZAR, NOON, TARN, World, at, handed, names, needed, node, offline, star, status,
};
use crate::report::{Node, OrchestratorReport, StatusReport};

const LLVM: &str = "=llvm-core/llvm-19.1.7";
const NSS: &str = "=dev-libs/nss-3.101";

fn state_of(nodes: Vec<Node>, status: StatusReport) -> DroneState {
    let report = OrchestratorReport { status: Some(status), queue: Some(vec![]), history: None };
    World::new().gateway(nodes).orchestrator(report).drone("Izar").state
}

fn grounded(until: i64) -> StatusReport {
    StatusReport { grounded: vec![(IZAR.to_owned(), at(until))], ..status() }
}

#[test]
fn the_first_state_that_matches_decides() {
    let check = |node: Node, status: StatusReport, expected: DroneState| {
        assert_eq!(state_of(vec![node], status), expected);
    };
    let paused = |node: Node| Node { is_paused: Some(true), ..node };
    check(node(IZAR), status(), DroneState::Idle);
    check(node(IZAR).compiling(LLVM), status(), DroneState::Building);
    check(node(IZAR).compiling(LLVM), grounded(60), DroneState::Grounded { until: at(60) });
    check(node(IZAR), grounded(0), DroneState::Idle);
    check(paused(node(IZAR)).compiling(LLVM), grounded(60), DroneState::Paused);
    check(paused(offline(IZAR)).compiling(LLVM), grounded(60), DroneState::Offline);
}

#[test]
fn a_handed_out_item_that_began_makes_its_drone_build() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR).since(LLVM, -30)]).queue(vec![handed(LLVM, IZAR)]);
    assert_eq!(world.drone("Izar").state, DroneState::Building);
}

#[test]
fn a_silent_drone_shows_no_measurements_and_no_task() {
    let ghost = Node { last_heard: Some(at(-90)), ..offline(IZAR).compiling(LLVM) };
    let drone = World::new().gateway(vec![ghost]).drone("Izar");
    assert_eq!((drone.cpu_percent, drone.memory_percent, drone.load_1m_tenths), (None, None, None));
    assert_eq!((drone.task, drone.assigned), (None, 0));
    assert_eq!((drone.offline_since, drone.state_since), (Some(at(-90)), at(-90)));
    // What does not change with time is still known.
    assert_eq!((drone.cores, drone.memory_gib), (Some(8), Some(31)));
}

#[test]
fn a_drone_that_is_online_says_nothing_of_when_it_was_last_heard() {
    let drone = World::new().gateway(vec![node(IZAR)]).drone("Izar");
    assert_eq!((drone.offline_since, drone.cpu_percent), (None, Some(40)));
}

#[test]
fn a_dependency_is_not_the_package() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR).compiling(NSS)]).queue(vec![handed(LLVM, IZAR)]);
    let task = world.drone("Izar").task.unwrap();
    assert_eq!(task.package.unwrap().as_str(), "llvm-core/llvm-19.1.7");
    assert_eq!(task.compiling.unwrap().as_str(), "dev-libs/nss-3.101");
    assert_eq!(task.started_at, None);
}

#[test]
fn of_two_items_that_began_the_one_that_is_compiled_is_shown() {
    let both = node(IZAR).since(NSS, -50).since(LLVM, -20).compiling(LLVM);
    let mut world = World::new();
    world.gateway(vec![both]).queue(vec![handed(NSS, IZAR), handed(LLVM, IZAR)]);
    let task = world.drone("Izar").task.unwrap();
    assert_eq!(task.package.unwrap().as_str(), "llvm-core/llvm-19.1.7");
    assert_eq!((task.compiling, task.started_at), (None, Some(at(-20))));
}

#[test]
fn what_is_handed_out_beyond_the_present_item_is_counted() {
    let rows = ["=a-b/x-1", "=a-b/y-1", LLVM].map(|package| handed(package, IZAR));
    let mut world = World::new();
    world.gateway(vec![node(IZAR).since(LLVM, -20).compiling(LLVM)]).queue(rows.into());
    assert_eq!(world.drone("Izar").assigned, 2);
}

#[test]
fn the_start_of_a_state_is_kept_while_it_lasts() {
    let mut world = World::new();
    assert_eq!(world.gateway(vec![node(IZAR)]).drone("Izar").state_since, at(0));
    assert_eq!(world.later(10).gateway(vec![node(IZAR)]).drone("Izar").state_since, at(0));
    let building = node(IZAR).compiling(LLVM);
    assert_eq!(world.later(10).gateway(vec![building.clone()]).drone("Izar").state_since, at(20));
    assert_eq!(world.later(10).gateway(vec![building]).drone("Izar").state_since, at(20));
    let gone = Node { last_heard: Some(at(25)), ..offline(IZAR) };
    assert_eq!(world.later(60).gateway(vec![gone]).drone("Izar").state_since, at(25));
}

#[test]
fn a_drone_is_forgotten_after_a_week_of_silence_and_not_before() {
    let week = 7 * 24 * 60 * 60;
    let silent_for = |seconds: i64| {
        let ghost = Node { last_heard: Some(at(-seconds)), ..offline(IZAR) };
        let snapshot = World::new().gateway(vec![ghost, node(TARN)]).snapshot();
        let drones = &snapshot.fleet.get().unwrap().drones;
        drones.iter().any(|drone| drone.name.as_str() == "Izar")
    };
    assert!(silent_for(week));
    assert!(!silent_for(week + 1));
}

#[test]
fn a_drone_that_is_online_is_never_forgotten() {
    let odd = Node { last_heard: Some(at(-30 * 24 * 60 * 60)), ..node(IZAR) };
    assert_eq!(World::new().gateway(vec![odd]).drone("Izar").state, DroneState::Idle);
}

#[test]
fn drones_stand_in_the_order_of_their_names_and_sweepers_are_drones() {
    let sweeper = Node { role: Some(Role::Sweeper), ..node(CAPELLA) };
    let snapshot = World::new().gateway(vec![node(TARN), node(IZAR), sweeper]).snapshot();
    let fleet = snapshot.fleet.get().unwrap();
    let listed: Vec<_> = fleet.drones.iter().map(|drone| (drone.name.as_str(), drone.role)).collect();
    assert_eq!(listed, [("Capella", Role::Sweeper), ("Izar", Role::Drone), ("Tarn", Role::Drone)]);
    assert_eq!((fleet.counts().total, fleet.counts().idle), (3, 3));
}

#[test]
fn a_configured_drone_that_nobody_ever_saw_is_listed_and_not_counted() {
    let mut missing = star("Vega", "vega-host");
    missing.role = Some(super::builder::name("drone"));
    let both = [SourceName::Gateway, SourceName::Orchestrator];
    let mut world = World::with(names(Unknown::Pseudonym, vec![missing]), &both);
    world.gateway(vec![node(IZAR)]);
    assert_eq!(world.drone("Vega").state, DroneState::Unknown);
    let since = world.drone("Vega").state_since;
    assert_eq!(world.later(60).gateway(vec![node(IZAR)]).drone("Vega").state_since, since);
    assert_eq!(world.snapshot().fleet.get().unwrap().counts().total, 1);
    assert_eq!(world.gateway(vec![node("vega-host")]).drone("Vega").state, DroneState::Idle);
}

#[test]
fn dropped_drones_are_neither_listed_nor_counted_and_their_items_stay() {
    let both = [SourceName::Gateway, SourceName::Orchestrator];
    let mut world = World::with(names(Unknown::Drop, vec![]), &both);
    let stranger = node("strange-host").compiling(LLVM);
    world.gateway(vec![node(IZAR), stranger]).queue(vec![handed(LLVM, "strange-host"), needed(NSS)]);
    let snapshot = world.snapshot();
    assert_eq!(snapshot.fleet.get().unwrap().counts().total, 1);
    let item = &snapshot.queue.get().unwrap().building[0];
    assert_eq!((item.state.as_str(), &item.drone), ("building", &None));
    assert_eq!(item.package.as_ref().unwrap().as_str(), "llvm-core/llvm-19.1.7");
}

#[test]
fn an_empty_farm_is_known_to_be_empty() {
    let snapshot = World::new().gateway(vec![]).snapshot();
    assert_eq!(snapshot.fleet.get().unwrap().counts().total, 0);
    assert!(World::new().snapshot().fleet.get().is_none());
    assert_eq!(at(0).as_second(), NOON);
}
