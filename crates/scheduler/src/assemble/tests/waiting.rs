//! Items that wait or are held back, why, and what they are called and counted as.

use snapshot::queue::{Counts, ItemState, Reason, Scope};

use super::builder::{CAPELLA, IZAR, TARN, World, at, build, handed, needed, node, offline, row, status};
use crate::report::{
    Node, OrchestratorReport, QueueRow, Remark, RowStatus, SessionReport, StatusCounts, StatusReport,
};
use snapshot::control::SessionState;

const LLVM: &str = "=llvm-core/llvm-19.1.7";
const NSS: &str = "=dev-libs/nss-3.101";

#[track_caller]
fn check_waiting(nodes: Vec<Node>, is_paused: bool, failures: u32, expected: Reason) {
    let status = StatusReport { is_paused: Some(is_paused), ..status() };
    let queue = Some(vec![needed(LLVM).failed(failures)]);
    let report = OrchestratorReport { status: Some(status), queue, history: None };
    let item = World::new().gateway(nodes).orchestrator(report).item();
    assert_eq!((item.state, item.reason, item.drone), (ItemState::Pending, Some(expected), None));
    assert_eq!(item.failures, failures);
}

#[test]
fn the_first_reason_that_holds_is_given() {
    let paused = |host: &str| Node { is_paused: Some(true), ..node(host) };
    check_waiting(vec![node(IZAR)], false, 0, Reason::InLine);
    check_waiting(vec![node(IZAR)], false, 1, Reason::Retry);
    check_waiting(vec![paused(IZAR), offline(TARN)], false, 1, Reason::NoDroneAble);
    check_waiting(vec![offline(IZAR), offline(TARN)], false, 1, Reason::NoDroneOnline);
    check_waiting(vec![offline(IZAR)], true, 1, Reason::Paused);
    check_waiting(vec![paused(IZAR), node(TARN)], false, 0, Reason::InLine);
    // No drone is known: none is called missing.
    check_waiting(vec![], false, 0, Reason::InLine);
}

#[test]
fn without_any_word_of_drones_none_is_called_missing() {
    for mut world in [World::new(), World::without_gateway()] {
        assert_eq!(world.queue(vec![needed(LLVM)]).item().reason, Some(Reason::InLine));
    }
}

#[test]
fn what_every_able_drone_failed_waits_for_ever_and_says_so() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR), node(TARN), offline(CAPELLA)]);
    let rows = || vec![needed(LLVM).failed(2), needed(NSS)];
    let reason = |world: &mut World| world.queue(rows()).listed().pending[0].reason.unwrap();
    world.builds(vec![build(1, LLVM, IZAR, "failed", -50)]);
    assert_eq!(reason(&mut world), Reason::Retry);
    // A hand-back says nothing of the package, a success least of all.
    world.builds(vec![build(2, LLVM, TARN, "returned", -40), build(3, LLVM, TARN, "success", -30)]);
    assert_eq!(reason(&mut world), Reason::Retry);
    world.builds(vec![build(4, LLVM, TARN, "timeout", -20)]);
    assert_eq!(reason(&mut world), Reason::FailedOnEveryAbleDrone);
    // One that could still build it is back.
    world.gateway(vec![node(IZAR), node(TARN), node(CAPELLA)]);
    assert_eq!(reason(&mut world), Reason::Retry);
}

#[test]
fn a_failure_that_the_backend_forgave_is_no_reason() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR)]).builds(vec![build(1, LLVM, IZAR, "failed", -50)]);
    assert_eq!(world.queue(vec![needed(LLVM)]).item().reason, Some(Reason::InLine));
}

#[test]
fn what_is_held_back_says_why_in_a_closed_word() {
    let check = |status: RowStatus, remark: Remark, failures: u32, state: ItemState, reason: Reason| {
        let row = row(LLVM, status).failed(failures).remarked(remark);
        let item = World::new().gateway(vec![node(IZAR)]).queue(vec![row]).item();
        assert_eq!((item.state, item.reason), (state, Some(reason)));
    };
    for (status, state) in [(RowStatus::Blocked, ItemState::Blocked), (RowStatus::Failed, ItemState::Failed)]
    {
        check(status, Remark::Masked, 7, state, Reason::Masked);
        check(status, Remark::SeveralDrones, 7, state, Reason::FailedOnSeveralDrones);
        check(status, Remark::ByOperator, 7, state, Reason::HeldByOperator);
        check(status, Remark::Other, 5, state, Reason::FailedRepeatedly);
        check(status, Remark::Other, 4, state, Reason::Unspecified);
    }
}

#[test]
fn what_is_done_is_counted_and_never_listed() {
    let rows = vec![row(NSS, RowStatus::Received), needed(LLVM), row(NSS, RowStatus::Received)];
    let queue = World::new().gateway(vec![node(IZAR)]).queue(rows).listed();
    assert_eq!((queue.pending.len(), queue.building.len(), queue.blocked.len()), (1, 0, 0));
    assert_eq!(queue.counts.completed, Some(2));
}

#[test]
fn an_unknown_word_waits_without_a_reason() {
    let item = World::new().gateway(vec![node(IZAR)]).queue(vec![row(LLVM, RowStatus::Other)]).item();
    assert_eq!((item.state, item.reason), (ItemState::Pending, Some(Reason::Unspecified)));
}

#[test]
fn the_queue_wins_whole_when_status_says_otherwise() {
    let counts =
        StatusCounts { needed: Some(9), delegated: Some(1), received: Some(119), ..Default::default() };
    let status = StatusReport { counts, mentioned: vec![needed(NSS)], ..status() };
    let rows = vec![needed(LLVM), handed(NSS, IZAR), row("=a-b/c-1", RowStatus::Blocked)];
    let report = OrchestratorReport { status: Some(status), queue: Some(rows), history: None };
    let queue = World::new().gateway(vec![node(IZAR)]).orchestrator(report).listed();
    let expected = Counts {
        pending: Some(1),
        building: Some(1),
        completed: Some(0),
        failed: Some(0),
        blocked: Some(1),
        assigned: Some(1),
        total: Some(3),
    };
    assert_eq!((queue.counts, queue.truncated.pending), (expected, 0));
}

#[test]
fn without_a_queue_the_status_counts_and_the_lists_are_partial() {
    let counts = StatusCounts {
        needed: Some(85),
        delegated: Some(2),
        received: Some(249),
        blocked: Some(3),
        failed: Some(1),
        total: Some(340),
    };
    let mentioned = vec![handed(LLVM, IZAR), needed(NSS), row("=a-b/c-1", RowStatus::Blocked)];
    let status = StatusReport { counts, mentioned, ..status() };
    let report = OrchestratorReport { status: Some(status), queue: None, history: None };
    let queue = World::new().gateway(vec![node(IZAR)]).orchestrator(report).listed();
    assert_eq!(
        (queue.counts.pending, queue.counts.building, queue.counts.total),
        (Some(85), Some(2), Some(340))
    );
    assert_eq!((queue.pending.len(), queue.building.len(), queue.blocked.len()), (1, 1, 1));
    assert_eq!((queue.truncated.pending, queue.truncated.blocked), (84, 3));
}

#[test]
fn counts_that_nobody_gave_are_not_zero() {
    let report = OrchestratorReport { status: Some(status()), queue: None, history: None };
    assert_eq!(World::new().orchestrator(report).listed().counts, Counts::default());
}

#[test]
fn a_blocked_item_may_come_back_without_anybodys_doing_and_keeps_its_id() {
    let mut world = World::new();
    world
        .gateway(vec![node(IZAR)])
        .queue(vec![row(LLVM, RowStatus::Blocked).remarked(Remark::SeveralDrones)]);
    let before = world.item();
    let after = world.later(1_800).queue(vec![needed(LLVM).failed(2)]).item();
    assert_eq!(
        (before.state, after.state, after.reason),
        (ItemState::Blocked, ItemState::Pending, Some(Reason::Retry))
    );
    assert_eq!(before.id, after.id);
}

#[test]
fn two_rows_of_one_package_have_two_ids_and_keep_them() {
    let mut world = World::new();
    let blocked = || row(LLVM, RowStatus::Blocked);
    world.gateway(vec![node(IZAR)]).queue(vec![blocked(), needed(LLVM)]);
    let ids = |world: &mut World| world.items().into_iter().map(|(id, ..)| id).collect::<Vec<_>>();
    assert_eq!(ids(&mut world), ["llvm-core/llvm-19.1.7~2", "llvm-core/llvm-19.1.7"]);
    world.later(5).queue(vec![needed(LLVM), blocked()]);
    assert_eq!(ids(&mut world), ["llvm-core/llvm-19.1.7~2", "llvm-core/llvm-19.1.7"]);
    world.later(5).queue(vec![needed(LLVM)]);
    assert_eq!(ids(&mut world), ["llvm-core/llvm-19.1.7~2"]);
}

#[test]
fn what_is_cut_is_counted() {
    let rows = |n: usize, status: RowStatus| (0..n).map(move |n| row(&format!("=a-b/p-{n}"), status));
    let rows: Vec<QueueRow> = rows(2_003, RowStatus::Needed)
        .chain(rows(400, RowStatus::Blocked))
        .chain(rows(105, RowStatus::Failed))
        .collect();
    let queue = World::new().gateway(vec![node(IZAR)]).queue(rows).listed();
    assert_eq!((queue.pending.len(), queue.truncated.pending), (2_000, 3));
    assert_eq!((queue.blocked.len(), queue.truncated.blocked), (500, 5));
    assert_eq!((queue.counts.pending, queue.counts.total), (Some(2_003), Some(2_508)));
}

#[test]
fn the_scope_is_the_session_while_one_is_active() {
    let session = |state| SessionReport {
        state,
        started_at: Some(at(-600)),
        finished_at: None,
        total: Some(2),
        completed: Some(0),
        failed: Some(0),
    };
    let check = |session: Option<SessionReport>, expected: Scope| {
        let status = Some(StatusReport { session, ..status() });
        let report = OrchestratorReport { status, queue: Some(vec![needed(LLVM)]), history: None };
        assert_eq!(World::new().orchestrator(report).listed().scope, expected);
    };
    check(None, Scope::All);
    check(Some(session(Some(SessionState::Active))), Scope::Session);
    check(Some(session(Some(SessionState::Completed))), Scope::All);
    check(Some(session(None)), Scope::All);
}
