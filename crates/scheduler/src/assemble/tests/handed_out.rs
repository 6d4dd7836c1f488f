//! Items that were handed to drones: being handed out is not being built.

use snapshot::{
    queue::{ItemState, Reason},
    section::SourceName,
};

use super::builder::{IZAR, TARN, World, at, handed, needed, node, offline, row, status};
use crate::report::{Node, OrchestratorReport, QueueRow, RowStatus, StatusReport};

const LLVM: &str = "=llvm-core/llvm-19.1.7";
const NSS: &str = "=dev-libs/nss-3.101";
const RUST: &str = "=dev-lang/rust-1.84.1";

/// How an item that Izar was handed stands, and since when it is built.
#[track_caller]
fn check(izar: Node, rows: Vec<QueueRow>, expected: ItemState, started: Option<i64>) {
    let queue = World::new().gateway(vec![izar, node(TARN)]).queue(rows).listed();
    let item = &queue.building[0];
    let reason = match expected {
        ItemState::Assigned => Some(Reason::DroneBusy),
        ItemState::Stalled => Some(Reason::DroneOffline),
        _ => None,
    };
    assert_eq!((item.state, item.reason, item.started_at), (expected, reason, started.map(at)));
    let n_assigned = queue.building.iter().filter(|item| item.state == ItemState::Assigned).count();
    assert_eq!(queue.counts.assigned.unwrap() as usize, n_assigned);
    assert_eq!(queue.counts.building.unwrap() as usize, queue.building.len());
}

#[test]
fn what_was_fetched_ahead_is_not_being_built() {
    check(node(IZAR), vec![handed(LLVM, IZAR)], ItemState::Assigned, None);
    let busy = node(IZAR).since(RUST, -40).compiling(RUST);
    check(busy, vec![handed(LLVM, IZAR), handed(RUST, IZAR)], ItemState::Assigned, None);
}

#[test]
fn what_began_is_being_built() {
    check(node(IZAR).since(LLVM, -40), vec![handed(LLVM, IZAR)], ItemState::Building, Some(-40));
    check(node(IZAR).about(LLVM, -41), vec![handed(LLVM, IZAR)], ItemState::Building, Some(-41));
    check(node(IZAR).compiling(LLVM), vec![handed(LLVM, IZAR)], ItemState::Building, None);
}

#[test]
fn a_drone_that_compiles_nobodys_item_works_for_its_oldest() {
    let earlier = QueueRow { assigned_at: Some(at(-90)), ..handed(LLVM, IZAR) };
    check(node(IZAR).compiling(NSS), vec![earlier.clone(), handed(RUST, IZAR)], ItemState::Building, None);
    check(node(IZAR).compiling(NSS), vec![handed(RUST, IZAR), earlier.clone()], ItemState::Assigned, None);
    // What it compiles is an item of its own: nothing follows for another.
    let rows = vec![earlier, row(NSS, RowStatus::Blocked)];
    check(node(IZAR).compiling(NSS), rows, ItemState::Assigned, None);
}

#[test]
fn the_items_of_a_silent_drone_are_stalled_whatever_it_still_says() {
    let ghost = offline(IZAR).since(LLVM, -40).compiling(LLVM);
    check(ghost, vec![handed(LLVM, IZAR)], ItemState::Stalled, Some(-40));
}

#[test]
fn a_drone_that_is_not_listed_any_more_is_as_gone_as_a_silent_one() {
    let queue = World::new().gateway(vec![node(IZAR)]).queue(vec![handed(LLVM, TARN)]).listed();
    assert_eq!(
        (queue.building[0].state, queue.building[0].reason),
        (ItemState::Stalled, Some(Reason::DroneOffline))
    );
}

#[test]
fn nobody_is_called_gone_while_no_drone_is_known() {
    for mut world in [World::new(), World::without_gateway()] {
        assert_eq!(world.queue(vec![handed(LLVM, IZAR)]).item().state, ItemState::Assigned);
    }
}

#[test]
fn a_start_that_only_trembles_is_pinned_at_first_sight() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR).about(LLVM, -41)]).queue(vec![handed(LLVM, IZAR)]);
    let first = world.listed();
    for seconds in [-40, -42, -41] {
        world.later(5).gateway(vec![node(IZAR).about(LLVM, seconds)]).queue(vec![handed(LLVM, IZAR)]);
        assert_eq!(world.listed(), first);
    }
    // The instant itself is better than what was made of an age.
    world.gateway(vec![node(IZAR).since(LLVM, -38)]);
    assert_eq!(world.item().started_at, Some(at(-38)));
}

#[test]
fn a_pinned_start_stays_when_the_gateway_falls_silent() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR).since(LLVM, -38)]).queue(vec![handed(LLVM, IZAR)]);
    assert_eq!(world.item().started_at, Some(at(-38)));
    let drones = vec![node(IZAR).about(LLVM, -36)];
    let status = StatusReport { drones, ..status() };
    let report =
        OrchestratorReport { status: Some(status), queue: Some(vec![handed(LLVM, IZAR)]), history: None };
    world.later(45).silence(SourceName::Gateway).orchestrator(report);
    assert_eq!((world.item().state, world.item().started_at), (ItemState::Building, Some(at(-38))));
}

#[test]
fn a_start_before_the_hand_out_belongs_to_an_earlier_try() {
    // Recorded: a package that failed elsewhere keeps the start of that try.
    check(node(IZAR).since(LLVM, -90).compiling(LLVM), vec![handed(LLVM, IZAR)], ItemState::Building, None);
    check(node(IZAR).since(LLVM, -61), vec![handed(LLVM, IZAR)], ItemState::Building, Some(-61));
}

#[test]
fn a_second_try_on_the_same_drone_is_dated_anew() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR).about(LLVM, -41)]).queue(vec![handed(LLVM, IZAR)]);
    assert_eq!(world.item().started_at, Some(at(-41)));
    let again = QueueRow { assigned_at: Some(at(100)), ..handed(LLVM, IZAR) };
    world.later(120).gateway(vec![node(IZAR).about(LLVM, 110)]).queue(vec![again]);
    assert_eq!(world.item().started_at, Some(at(110)));
}

#[test]
fn an_item_that_goes_back_loses_its_start_and_its_drone() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR).since(LLVM, -38)]).queue(vec![handed(LLVM, IZAR)]);
    world.listed();
    world.later(5).queue(vec![needed(LLVM)]);
    let item = world.item();
    assert_eq!((item.state, item.started_at, item.drone), (ItemState::Pending, None, None));
}
