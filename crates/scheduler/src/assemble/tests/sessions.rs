//! Version, pause and session.

use snapshot::control::{Control, Session, SessionState};

use super::builder::{World, at, needed, session, status};
use crate::report::{OrchestratorReport, SessionReport, StatusReport};

fn report(state: Option<SessionState>, total: u32, completed: u32, failed: u32) -> SessionReport {
    SessionReport {
        state,
        started_at: Some(at(-600)),
        finished_at: None,
        total: Some(total),
        completed: Some(completed),
        failed: Some(failed),
    }
}

fn control(world: &mut World) -> Control {
    world.snapshot().control.get().unwrap().clone()
}

fn without_session() -> OrchestratorReport {
    OrchestratorReport { status: Some(status()), ..OrchestratorReport::default() }
}

const ACTIVE: Option<SessionState> = Some(SessionState::Active);

#[test]
fn a_session_is_published_without_its_name() {
    let shown = control(World::new().orchestrator(session(report(ACTIVE, 60, 7, 1)))).session.unwrap();
    let expected = Session {
        state: SessionState::Active,
        started_at: Some(at(-600)),
        finished_at: None,
        total: Some(60),
        completed: Some(7),
        failed: Some(1),
    };
    assert_eq!(shown, expected);
}

#[test]
fn the_total_is_what_was_counted_when_the_session_says_less() {
    let status = StatusReport { session: Some(report(ACTIVE, 0, 0, 0)), ..status() };
    let queue = Some((0..90).map(|n| needed(&format!("=a-b/p-{n}"))).collect());
    let said = OrchestratorReport { status: Some(status), queue, history: None };
    assert_eq!(control(World::new().orchestrator(said)).session.unwrap().total, Some(90));
}

#[test]
fn a_session_that_is_mentioned_no_more_has_ended() {
    let check = |completed: u32, failed: u32, expected: SessionState| {
        let mut world = World::new();
        world.orchestrator(session(report(ACTIVE, 60, completed, failed)));
        control(&mut world);
        let ended = control(world.later(10).orchestrator(without_session())).session.unwrap();
        assert_eq!((ended.state, ended.finished_at), (expected, Some(at(10))));
        // It ended then, however long ago that is now.
        assert_eq!(control(world.later(500).orchestrator(without_session())).session, Some(ended));
    };
    check(58, 2, SessionState::Completed);
    check(58, 1, SessionState::Aborted);
}

#[test]
fn a_session_in_an_undocumented_state_is_none() {
    assert_eq!(control(World::new().orchestrator(session(report(None, 60, 7, 1)))).session, None);
    let mut world = World::new();
    world.orchestrator(session(report(ACTIVE, 60, 7, 1)));
    control(&mut world);
    let ended = control(world.later(10).orchestrator(session(report(None, 60, 7, 1)))).session.unwrap();
    assert_eq!(ended.state, SessionState::Aborted);
}

#[test]
fn a_pause_is_dated_by_when_it_was_first_seen() {
    let paused = |is_paused| OrchestratorReport {
        status: Some(StatusReport { is_paused, ..status() }),
        ..OrchestratorReport::default()
    };
    let mut world = World::new();
    let seen = |world: &mut World| {
        let control = control(world);
        (control.paused, control.paused_since)
    };
    assert_eq!(seen(world.orchestrator(paused(Some(false)))), (Some(false), None));
    assert_eq!(seen(world.later(5).orchestrator(paused(Some(true)))), (Some(true), Some(at(5))));
    assert_eq!(seen(world.later(5).orchestrator(paused(Some(true)))), (Some(true), Some(at(5))));
    assert_eq!(seen(world.later(5).orchestrator(paused(Some(false)))), (Some(false), None));
    assert_eq!(seen(world.later(5).orchestrator(paused(Some(true)))), (Some(true), Some(at(20))));
    assert_eq!(seen(world.later(5).orchestrator(paused(None))), (None, None));
}

#[test]
fn without_a_status_the_last_one_stands() {
    let mut world = World::new();
    world.orchestrator(session(report(ACTIVE, 60, 7, 1)));
    let before = control(&mut world);
    let queue_only = OrchestratorReport { queue: Some(vec![]), ..OrchestratorReport::default() };
    assert_eq!(control(world.later(5).orchestrator(queue_only)), before);
}
