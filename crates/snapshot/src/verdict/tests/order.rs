//! The first rule that matches has the word.

use super::*;

/// A world in which both rules match says the first; when the first is undone, it says the second.
#[track_caller]
fn check(
    mut both: Snapshot,
    first: VerdictCode,
    undo_first: impl FnOnce(&mut Snapshot),
    second: VerdictCode,
) {
    assert_eq!(say(&both).code, first);
    undo_first(&mut both);
    assert_eq!(say(&both).code, second);
}

#[test]
fn knowing_nothing_comes_before_having_restored_it() {
    let both = changed(|it| {
        it.marks.polled = false;
        it.sources.get_mut(SourceName::Orchestrator).unwrap().last_seen = None;
    });
    let undo = |it: &mut Snapshot| *it = restored("2026-02-23T14:02:07Z");
    check(both, VerdictCode::Starting, undo, VerdictCode::Restored);
}

#[test]
fn a_restart_comes_before_silence() {
    let undo = |it: &mut Snapshot| it.marks.polled = true;
    check(restored("2026-02-23T14:02:07Z"), VerdictCode::Restored, undo, VerdictCode::Blind);
}

#[test]
fn silence_of_all_comes_before_that_of_the_orchestrator() {
    let undo = |it: &mut Snapshot| hear(it, SourceName::Gateway, "2026-02-23T14:29:58Z");
    check(blind(), VerdictCode::Blind, undo, VerdictCode::OrchestratorSilent);
}

#[test]
fn silence_comes_before_what_was_known_of_the_drones() {
    let mut both = deserted(9);
    silence(&mut both, SourceName::Orchestrator, "2026-02-23T14:02:07Z");
    let undo = |it: &mut Snapshot| hear(it, SourceName::Orchestrator, "2026-02-23T14:29:58Z");
    check(both, VerdictCode::OrchestratorSilent, undo, VerdictCode::NoDrone);
}

#[test]
fn without_drones_it_matters_whether_anything_waits() {
    check(deserted(9), VerdictCode::NoDrone, finish_all, VerdictCode::NoDroneIdle);
}

#[test]
fn the_lack_of_drones_comes_before_a_pause() {
    let mut both = deserted(0);
    pause(&mut both, "2026-02-23T14:02:07Z");
    let undo = |it: &mut Snapshot| set_states(it, &[("Izar", DroneState::Idle)]);
    check(both, VerdictCode::NoDroneIdle, undo, VerdictCode::Paused);
}

#[test]
fn builds_under_way_finish_in_a_pause() {
    let undo = |it: &mut Snapshot| set_items(it, Vec::new(), Vec::new(), Vec::new());
    check(world(VerdictCode::PausedFinishing), VerdictCode::PausedFinishing, undo, VerdictCode::Paused);
}

#[test]
fn a_pause_comes_before_a_late_orchestrator() {
    let mut both = world(VerdictCode::OrchestratorLate);
    pause(&mut both, "2026-02-23T14:02:07Z");
    let undo = |it: &mut Snapshot| edit(&mut it.control, |control| control.paused = Some(false));
    check(both, VerdictCode::PausedFinishing, undo, VerdictCode::OrchestratorLate);
}

#[test]
fn a_late_orchestrator_comes_before_being_stuck() {
    let mut both = stuck(9);
    silence(&mut both, SourceName::Orchestrator, "2026-02-23T14:29:40Z");
    let undo = |it: &mut Snapshot| hear(it, SourceName::Orchestrator, "2026-02-23T14:29:58Z");
    check(both, VerdictCode::OrchestratorLate, undo, VerdictCode::Stuck);
}

#[test]
fn being_stuck_comes_before_failing() {
    let mut both = stuck(9);
    set_builds(&mut both, failures(6));
    let undo = |it: &mut Snapshot| it.marks.ready_since = None;
    check(both, VerdictCode::Stuck, undo, VerdictCode::Failing);
}

#[test]
fn failing_comes_before_a_lack_of_hands() {
    let mut both = world(VerdictCode::ShortHanded);
    set_builds(&mut both, failures(6));
    check(both, VerdictCode::Failing, |it| set_builds(it, failures(0)), VerdictCode::ShortHanded);
}

#[test]
fn a_lack_of_hands_comes_before_a_silent_gateway() {
    let mut both = world(VerdictCode::ShortHanded);
    silence(&mut both, SourceName::Gateway, "2026-02-23T14:02:07Z");
    let undo = |it: &mut Snapshot| set_states(it, &[("Meridian", DroneState::Idle)]);
    check(both, VerdictCode::ShortHanded, undo, VerdictCode::GatewaySilent);
}

#[test]
fn a_silent_gateway_comes_before_a_missing_drone() {
    let undo = |it: &mut Snapshot| hear(it, SourceName::Gateway, "2026-02-23T14:29:58Z");
    check(world(VerdictCode::GatewaySilent), VerdictCode::GatewaySilent, undo, VerdictCode::BuildingShort);
}

#[test]
fn a_missing_drone_comes_before_all_systems_go() {
    let undo = |it: &mut Snapshot| set_states(it, &[("Tarn", DroneState::Paused)]);
    check(example(), VerdictCode::BuildingShort, undo, VerdictCode::Building);
    let until = at("2026-02-23T15:00:00Z");
    let grounded = changed(|it| set_states(it, &[("Tarn", DroneState::Grounded { until })]));
    let undo = |it: &mut Snapshot| {
        set_states(it, &[("Tarn", DroneState::Grounded { until: at("2026-02-23T14:30:00Z") })]);
    };
    check(grounded, VerdictCode::BuildingShort, undo, VerdictCode::Building);
}

#[test]
fn while_nothing_is_built_yet_the_work_waits() {
    let undo = |it: &mut Snapshot| {
        let items = vec![pending("dev-qt/qtbase-6.8.2")];
        set_items(it, items, Vec::new(), Vec::new());
    };
    check(world(VerdictCode::Building), VerdictCode::Building, undo, VerdictCode::Waiting);
}

#[test]
fn work_comes_before_the_end_of_a_session() {
    let mut both = waiting(8);
    end_session(&mut both, Some(142), Some(1));
    check(both, VerdictCode::Waiting, finish_all, VerdictCode::SessionDone);
}

#[test]
fn the_end_of_a_session_comes_before_what_is_blocked() {
    let both = rested(|it| {
        end_session(it, Some(142), Some(1));
        hold_back(it, 3);
    });
    let undo = |it: &mut Snapshot| edit(&mut it.control, |control| control.session = None);
    check(both, VerdictCode::SessionDone, undo, VerdictCode::IdleBlocked);
}

#[test]
fn what_is_blocked_comes_before_all_systems_go() {
    check(world(VerdictCode::IdleBlocked), VerdictCode::IdleBlocked, finish_all, VerdictCode::Idle);
}

#[test]
fn a_session_is_news_for_twelve_hours() {
    let ended = |finished: &str| {
        rested(|it| {
            end_session(it, Some(142), Some(1));
            edit(&mut it.control, |control| {
                control.session.as_mut().unwrap().finished_at = Some(at(finished));
            });
        })
    };
    assert_eq!(say(&ended("2026-02-23T02:30:01Z")).code, VerdictCode::SessionDone);
    assert_eq!(say(&ended("2026-02-23T02:30:00Z")).code, VerdictCode::Idle);
}
