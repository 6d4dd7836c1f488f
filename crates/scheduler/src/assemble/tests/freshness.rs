//! Two sources, one truth: who decides about drones when one falls silent, and what an outage leaves as it was.

use std::sync::Arc;

use snapshot::{
    fleet::DroneState,
    section::{Fault, SourceName, SourceState},
    snapshot::Snapshot,
};

use super::builder::{IZAR, TARN, World, at, build, handed, needed, node, offline, status};
use crate::report::{Node, OrchestratorReport, QueueRow, StatusReport};

const LLVM: &str = "=llvm-core/llvm-19.1.7";

fn of_orchestrator(drones: Vec<Node>, rows: Vec<QueueRow>) -> OrchestratorReport {
    OrchestratorReport { status: Some(StatusReport { drones, ..status() }), queue: Some(rows), history: None }
}

fn states(snapshot: &Snapshot) -> Vec<(&str, DroneState)> {
    let drones = &snapshot.fleet.get().unwrap().drones;
    drones.iter().map(|drone| (drone.name.as_str(), drone.state)).collect()
}

#[test]
fn the_gateway_decides_while_it_is_fresh() {
    let mut world = World::new();
    world.gateway(vec![offline(IZAR), node(TARN)]);
    world.later(30).orchestrator(of_orchestrator(vec![node(IZAR), offline(TARN)], vec![]));
    assert_eq!(states(&world.snapshot()), [("Izar", DroneState::Offline), ("Tarn", DroneState::Idle)]);
}

#[test]
fn a_silent_gateway_gives_way_to_the_orchestrators_map_if_that_is_fresher() {
    let mut world = World::new();
    world.gateway(vec![offline(IZAR), node(TARN)]);
    let map = || vec![Node { role: None, is_paused: None, ..node(IZAR) }, offline(TARN)];
    world.orchestrator(of_orchestrator(map(), vec![]));
    // Not fresher: both said so at the same time, and the gateway's word stands, old as it is.
    world.later(45).silence(SourceName::Gateway).silence(SourceName::Orchestrator);
    assert_eq!(states(&world.snapshot()), [("Izar", DroneState::Offline), ("Tarn", DroneState::Idle)]);
    world.orchestrator(of_orchestrator(map(), vec![]));
    assert_eq!(states(&world.snapshot()), [("Izar", DroneState::Idle), ("Tarn", DroneState::Offline)]);
    // One good answer, and it decides again.
    world.later(5).gateway(vec![offline(IZAR), node(TARN)]);
    assert_eq!(states(&world.snapshot()), [("Izar", DroneState::Offline), ("Tarn", DroneState::Idle)]);
}

#[test]
fn what_only_the_gateway_knows_stays_when_it_is_silent() {
    let mut world = World::new();
    let sweeper = Node { role: Some(snapshot::fleet::Role::Sweeper), is_paused: Some(true), ..node(IZAR) };
    world.gateway(vec![sweeper]);
    let bare = Node { role: None, is_paused: None, cores: None, memory_gib: None, ..node(IZAR) };
    world.later(45).orchestrator(of_orchestrator(vec![bare, node(TARN)], vec![]));
    let izar = world.drone("Izar");
    assert_eq!(
        (izar.role, izar.state, izar.cores),
        (snapshot::fleet::Role::Sweeper, DroneState::Paused, Some(8))
    );
    assert_eq!(world.drone("Tarn").state, DroneState::Idle);
}

#[test]
fn without_a_gateway_the_orchestrators_map_decides() {
    let mut world = World::without_gateway();
    world.orchestrator(of_orchestrator(vec![offline(IZAR), node(TARN)], vec![handed(LLVM, IZAR)]));
    assert_eq!(states(&world.snapshot()), [("Izar", DroneState::Offline), ("Tarn", DroneState::Idle)]);
    assert_eq!(world.item().state.as_str(), "stalled");
}

#[test]
fn a_gateway_that_the_leak_guard_holds_back_is_as_fresh_as_it_is() {
    let mut world = World::new();
    world.gateway(vec![offline(IZAR)]).snapshot();
    world.assembler.held_back.insert((SourceName::Gateway, "fleet"), 1);
    world.assembler.withhold();
    world.later(5).orchestrator(of_orchestrator(vec![node(IZAR)], vec![]));
    assert_eq!(states(&world.snapshot()), [("Izar", DroneState::Offline)]);
}

#[test]
fn a_failed_poll_changes_nothing_but_the_observation() {
    let mut world = World::new();
    world
        .gateway(vec![node(IZAR)])
        .builds(vec![build(1, LLVM, IZAR, "success", -5)])
        .queue(vec![needed(LLVM)]);
    let before = world.snapshot();
    let after = world.later(5).silence(SourceName::Orchestrator).silence(SourceName::Gateway).snapshot();
    assert!(Arc::ptr_eq(before.fleet.content.as_ref().unwrap(), after.fleet.content.as_ref().unwrap()));
    assert!(Arc::ptr_eq(before.queue.content.as_ref().unwrap(), after.queue.content.as_ref().unwrap()));
    assert!(Arc::ptr_eq(before.history.content.as_ref().unwrap(), after.history.content.as_ref().unwrap()));
    assert!(Arc::ptr_eq(before.control.content.as_ref().unwrap(), after.control.content.as_ref().unwrap()));
    let observed = after.sources.get(SourceName::Orchestrator).unwrap();
    assert_eq!(observed.last_seen.unwrap().at, at(0));
    assert_eq!((observed.checked_at, observed.fault), (Some(at(5)), Some(Fault::Refused)));
    assert_eq!(after.source_state(SourceName::Orchestrator, world.now), Some(SourceState::Online));
}

#[test]
fn a_source_that_is_not_configured_is_not_listened_to() {
    let mut world = World::without_gateway();
    let snapshot = world.gateway(vec![node(IZAR)]).snapshot();
    assert!(snapshot.fleet.get().is_none());
}

#[test]
fn work_that_waits_in_vain_is_dated_from_when_that_was_first_seen() {
    let mut world = World::new();
    let ready = |world: &mut World| world.snapshot().marks.ready_since;
    world.gateway(vec![node(IZAR)]).queue(vec![needed(LLVM)]);
    assert_eq!(ready(&mut world), Some(at(0)));
    world.later(60).gateway(vec![node(IZAR)]).queue(vec![needed(LLVM)]);
    assert_eq!(ready(&mut world), Some(at(0)));
    world
        .later(60)
        .gateway(vec![node(IZAR).compiling(LLVM)])
        .queue(vec![handed(LLVM, IZAR), needed("=a-b/c-1")]);
    assert_eq!(ready(&mut world), None);
}
