//! The table of verdicts, row by row.

use super::*;
use crate::{
    situation::Situation,
    snapshot::Level,
    status::{SwarmStatus, swarm_status},
};

#[track_caller]
fn check(code: VerdictCode, level: Level, status: SwarmStatus, text: &str, title: &str, badge: &str) {
    check_world(&world(code), code, level, status, [text, title, badge]);
}

#[track_caller]
fn check_world(snapshot: &Snapshot, code: VerdictCode, level: Level, status: SwarmStatus, words: [&str; 3]) {
    let now = now(NOW);
    let verdict = verdict(snapshot, now);
    let title = format!("{} {}", verdict.level.shape(), verdict.title.plain(now.wall));
    let said = [verdict.text.plain(now.wall), title, verdict.badge.plain(now.wall)];
    assert_eq!((verdict.code, verdict.level), (code, level));
    assert_eq!(said, words);
    assert_eq!(swarm_status(&Situation::of(snapshot, now)), status);
}

#[test]
fn what_is_shown_is_the_past() {
    check(
        VerdictCode::Starting,
        Level::Unknown,
        SwarmStatus::Unknown,
        "Waiting for the first answer from the orchestrator.",
        "○ Starting",
        "starting",
    );
    check(
        VerdictCode::Restored,
        Level::Unknown,
        SwarmStatus::Offline,
        "Just restarted; showing what was known at 14:02 UTC.",
        "○ As of 14:02",
        "as of 14:02 UTC",
    );
    check(
        VerdictCode::Blind,
        Level::Critical,
        SwarmStatus::Offline,
        "No answer from anything since 14:02 UTC. Everything below is as it was then.",
        "■ Silent",
        "silent since 14:02 UTC",
    );
    check(
        VerdictCode::OrchestratorSilent,
        Level::Critical,
        SwarmStatus::Offline,
        "Orchestrator silent since 14:02 UTC; showing what was known.",
        "■ Silent",
        "silent since 14:02 UTC",
    );
}

#[test]
fn nothing_can_be_built_or_is_to_be() {
    check(
        VerdictCode::NoDrone,
        Level::Critical,
        SwarmStatus::Offline,
        "Nothing can build: all 4 drones are offline. 9 packages wait.",
        "■ No drone",
        "no drones",
    );
    check(
        VerdictCode::NoDroneIdle,
        Level::Warning,
        SwarmStatus::Offline,
        "All 4 drones are offline; nothing is waiting.",
        "▲ No drone",
        "no drones",
    );
    check(
        VerdictCode::Paused,
        Level::Note,
        SwarmStatus::Paused,
        "Paused since 14:02 UTC; 9 packages wait.",
        "◆ Paused",
        "paused",
    );
    check(
        VerdictCode::PausedFinishing,
        Level::Note,
        SwarmStatus::Paused,
        "Paused since 14:02 UTC; 2 builds are finishing, 9 packages wait.",
        "◆ Paused",
        "paused",
    );
}

#[test]
fn something_is_wrong() {
    let check = |code, text, title, badge| {
        check(code, Level::Warning, SwarmStatus::Degraded, text, title, badge);
    };
    check(
        VerdictCode::OrchestratorLate,
        "No news from the orchestrator since 14:29 UTC; it may be restarting.",
        "▲ Late",
        "late",
    );
    check(
        VerdictCode::Stuck,
        "9 packages wait, but nothing has been built since 13:51 UTC.",
        "▲ Stuck",
        "stuck",
    );
    check(VerdictCode::Failing, "The last 6 builds all failed, on 2 drones.", "▲ Failing", "failing");
    check(
        VerdictCode::ShortHanded,
        "Building with 1 of 3 drones; 9 packages wait.",
        "▲ 1/3 drones",
        "1/3 drones",
    );
    check(
        VerdictCode::GatewaySilent,
        "Builds go on, but drone health is unknown since 14:02 UTC.",
        "▲ Drones?",
        "drones unknown",
    );
}

#[test]
fn there_is_work() {
    check(
        VerdictCode::BuildingShort,
        Level::Note,
        SwarmStatus::Active,
        "Building 2 packages, 9 waiting; all done around 16:40 UTC.",
        "◆ 2 building",
        "2 building",
    );
    check(
        VerdictCode::Building,
        Level::Ok,
        SwarmStatus::Active,
        "All systems go: building 2 packages, 9 waiting; all done around 16:40 UTC.",
        "● 2 building",
        "2 building",
    );
    check(
        VerdictCode::Waiting,
        Level::Ok,
        SwarmStatus::Active,
        "8 packages queued; the first build is about to start.",
        "● 8 queued",
        "8 queued",
    );
}

#[test]
fn there_is_none() {
    check(
        VerdictCode::SessionDone,
        Level::Note,
        SwarmStatus::Idle,
        "Session finished 14:02 UTC: 142 built, 1 failed.",
        "◆ Done",
        "done",
    );
    let flawless = rested(|it| end_session(it, Some(143), Some(0)));
    check_world(
        &flawless,
        VerdictCode::SessionDone,
        Level::Ok,
        SwarmStatus::Idle,
        ["Session finished 14:02 UTC: 143 built, 0 failed.", "● Done", "done"],
    );
    check(
        VerdictCode::IdleBlocked,
        Level::Note,
        SwarmStatus::Idle,
        "Nothing to build; 3 packages are blocked.",
        "◆ 3 blocked",
        "3 blocked",
    );
    check(
        VerdictCode::Idle,
        Level::Ok,
        SwarmStatus::Idle,
        "All systems go. Nothing to build since 13:51 UTC.",
        "● Idle",
        "idle",
    );
}

#[test]
fn one_of_a_kind_is_said_in_the_singular() {
    let lone = |n_waiting: usize, state| {
        let mut snapshot = waiting(n_waiting);
        edit(&mut snapshot.fleet, |fleet| fleet.drones.retain(|drone| drone.name.same("Izar")));
        set_states(&mut snapshot, &[("Izar", state)]);
        snapshot
    };
    let one_builds = |n_waiting: usize| {
        changed(|it| {
            let items = ATOMS.into_iter().take(n_waiting).map(pending).collect();
            let llvm = building("llvm-core/llvm-19.1.7", "Izar", "2026-02-23T13:52:04Z");
            set_items(it, items, vec![llvm], Vec::new());
        })
    };
    check_text(
        &lone(1, DroneState::Offline),
        "Nothing can build: the only drone is offline. 1 package waits.",
    );
    check_text(&lone(0, DroneState::Offline), "The only drone is offline; nothing is waiting.");
    check_text(&paused(1), "Paused since 14:02 UTC; 1 package waits.");
    check_text(&stuck(1), "1 package waits, but nothing has been built since 13:51 UTC.");
    check_text(&lone(0, DroneState::Paused), "Only 0 of 1 drone can build.");
    check_text(&waiting(1), "1 package queued; the first build is about to start.");
    check_text(&one_builds(1), "Building 1 package, 1 waiting.");
    check_text(&rested(|it| hold_back(it, 1)), "Nothing to build; 1 package is blocked.");

    let mut finishing = one_builds(1);
    pause(&mut finishing, "2026-02-23T14:02:07Z");
    check_text(&finishing, "Paused since 14:02 UTC; 1 build is finishing, 1 package waits.");
    let mut short = one_builds(1);
    set_states(&mut short, &[("Meridian", DroneState::Paused)]);
    check_text(&short, "Building with 1 of 3 drones; 1 package waits.");
    let mut complete = one_builds(1);
    set_states(&mut complete, &[("Tarn", DroneState::Idle)]);
    check_text(&complete, "All systems go: building 1 package, 1 waiting.");
    let on_izar = failures(9).into_iter().filter(|build| {
        build.status == BuildStatus::Success || build.drone.as_ref().is_some_and(|name| name.same("Izar"))
    });
    let failing = changed(|it| set_builds(it, on_izar.collect()));
    check_text(&failing, "The last 5 builds all failed, on 1 drone.");
}

#[test]
fn what_is_not_known_is_left_out_or_shown_as_such() {
    let no_drain = changed(|it| edit(&mut it.queue, |queue| queue.drain = None));
    check_text(&no_drain, "Building 2 packages, 9 waiting.");
    check_text(&rested(|it| end_session(it, None, None)), "Session finished 14:02 UTC: – built, – failed.");
    let never = rested(|it| edit(&mut it.history, |history| history.builds.clear()));
    check_text(&never, "All systems go. Nothing to build.");
    let unseen = changed(|it| {
        pause(it, "2026-02-23T14:02:07Z");
        edit(&mut it.control, |control| control.paused_since = None);
    });
    check_text(&unseen, "Paused; 2 builds are finishing, 9 packages wait.");
    let mut idle_short = rested(|it| end_session(it, None, None));
    set_states(&mut idle_short, &[("Meridian", DroneState::Offline), ("Tarn", DroneState::Offline)]);
    check_text(&idle_short, "Only 1 of 3 drones can build.");
}

#[test]
fn the_day_is_named_when_it_is_not_today() {
    let snapshot = changed(|it| silence(it, SourceName::Orchestrator, "2026-02-22T23:59:59Z"));
    check_text(&snapshot, "Orchestrator silent since 22 Feb 23:59 UTC; showing what was known.");
    let restored = restored("2025-12-22T23:59:59Z");
    let now = now(NOW);
    let verdict = verdict(&restored, now);
    assert_eq!(verdict.title.plain(now.wall), "As of 22 Dec 2025 23:59");
    assert_eq!(verdict.badge.plain(now.wall), "as of 22 Dec 2025 23:59 UTC");
}

#[test]
fn a_verdict_knows_since_when_it_holds() {
    for code in ALL {
        let snapshot = world(code);
        let expected = match code {
            VerdictCode::Starting | VerdictCode::Restored => snapshot.started_at,
            VerdictCode::OrchestratorSilent | VerdictCode::Paused | VerdictCode::PausedFinishing => {
                at("2026-02-23T14:02:07Z")
            }
            _ => at(MARKED),
        };
        assert_eq!(verdict(&snapshot, now(NOW)).since, expected, "{code:?}");
    }
}

#[test]
fn a_farm_without_an_orchestrator_says_so() {
    let mut snapshot = started();
    snapshot.sources = crate::snapshot::Sources::default();
    check_text(&snapshot, "Waiting for the first answer from the orchestrator.");
    let gateway = crate::testing::online(NOW, NOW, crate::testing::limits(30, 60));
    snapshot.sources.insert(SourceName::Gateway, gateway);
    check_text(&snapshot, "No orchestrator is configured; only the drones are known.");
}
