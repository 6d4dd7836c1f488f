//! The verdicts: one world for each, and what is said of it.

mod length;
mod notes;
mod order;
mod table;

use crate::{
    control::{Session, SessionState},
    fleet::DroneState,
    history::BuildStatus,
    queue::Reason,
    section::{Seen, SourceName},
    snapshot::Snapshot,
    testing::{
        NOW, at, blocked, build, building, edit, empty_queue, example, finish_all, hear, now,
        orchestrator_dead, pause, pending, set_builds, set_items, set_states, silence, started,
    },
    verdict::{Verdict, VerdictCode, verdict},
};

/// Five minutes before [`NOW`]: when the verdicts began that are marked.
const MARKED: &str = "2026-02-23T14:25:00Z";

#[derive(Debug, PartialEq)]
struct Said {
    code: VerdictCode,
    text: String,
    notes: Vec<String>,
}

fn say(snapshot: &Snapshot) -> Said {
    let now = now(NOW);
    let Verdict { code, text, notes, .. } = verdict(snapshot, now);
    let notes = notes.iter().map(|note| note.plain(now.wall)).collect();
    Said { code, text: text.plain(now.wall), notes }
}

#[track_caller]
fn check_text(snapshot: &Snapshot, text: &str) {
    assert_eq!(say(snapshot).text, text);
}

/// A world with this verdict at [`NOW`].
fn world(code: VerdictCode) -> Snapshot {
    let mut snapshot = match code {
        VerdictCode::Starting => started(),
        VerdictCode::Restored => restored("2026-02-23T14:02:07Z"),
        VerdictCode::Blind => blind(),
        VerdictCode::OrchestratorSilent => orchestrator_dead(),
        VerdictCode::NoDrone => deserted(9),
        VerdictCode::NoDroneIdle => deserted(0),
        VerdictCode::Paused => paused(9),
        VerdictCode::PausedFinishing => changed(|it| pause(it, "2026-02-23T14:02:07Z")),
        VerdictCode::OrchestratorLate => {
            changed(|it| silence(it, SourceName::Orchestrator, "2026-02-23T14:29:40Z"))
        }
        VerdictCode::Stuck => stuck(9),
        VerdictCode::Failing => changed(|it| set_builds(it, failures(6))),
        VerdictCode::ShortHanded => changed(lose_meridian),
        VerdictCode::GatewaySilent => changed(|it| silence(it, SourceName::Gateway, "2026-02-23T14:02:07Z")),
        VerdictCode::BuildingShort => example(),
        VerdictCode::Building => changed(|it| set_states(it, &[("Tarn", DroneState::Idle)])),
        VerdictCode::Waiting => waiting(8),
        VerdictCode::SessionDone => rested(|it| end_session(it, Some(142), Some(1))),
        VerdictCode::IdleBlocked => rested(|it| hold_back(it, 3)),
        VerdictCode::Idle => rested(|_| {}),
    };
    snapshot.marks.verdict = Some((code, at(MARKED)));
    snapshot
}

const ALL: [VerdictCode; 19] = [
    VerdictCode::Starting,
    VerdictCode::Restored,
    VerdictCode::Blind,
    VerdictCode::OrchestratorSilent,
    VerdictCode::NoDrone,
    VerdictCode::NoDroneIdle,
    VerdictCode::Paused,
    VerdictCode::PausedFinishing,
    VerdictCode::OrchestratorLate,
    VerdictCode::Stuck,
    VerdictCode::Failing,
    VerdictCode::ShortHanded,
    VerdictCode::GatewaySilent,
    VerdictCode::BuildingShort,
    VerdictCode::Building,
    VerdictCode::Waiting,
    VerdictCode::SessionDone,
    VerdictCode::IdleBlocked,
    VerdictCode::Idle,
];

const ATOMS: [&str; 9] = [
    "dev-qt/qtbase-6.8.2",
    "dev-qt/qtdeclarative-6.8.2",
    "kde-plasma/kwin-6.3.1",
    "kde-plasma/plasma-workspace-6.3.1",
    "media-libs/mesa-24.3.4",
    "net-libs/nodejs-22.13.1",
    "app-office/libreoffice-25.2.0.3",
    "dev-util/maturin-1.8.2",
    "dev-lang/rust-1.84.1",
];

fn changed(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut snapshot = example();
    change(&mut snapshot);
    snapshot
}

/// Work waits and nothing is built, while every drone but Tarn could.
fn waiting(n: usize) -> Snapshot {
    changed(|it| {
        finish_all(it);
        let items = ATOMS.into_iter().take(n).map(pending).collect();
        set_items(it, items, Vec::new(), Vec::new());
    })
}

/// No work and no session, all drones there, and then some.
fn rested(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    changed(|it| {
        finish_all(it);
        set_states(it, &[("Tarn", DroneState::Idle)]);
        edit(&mut it.control, |control| control.session = None);
        change(it);
    })
}

fn restored(seen: &str) -> Snapshot {
    changed(|it| {
        it.marks.polled = false;
        it.started_at = at("2026-02-23T14:29:59Z");
        for source in SourceName::ALL {
            if let Some(observation) = it.sources.get_mut(source) {
                observation.last_seen = Some(Seen { at: at(seen), uptime: None });
            }
        }
    })
}

fn blind() -> Snapshot {
    changed(|it| {
        silence(it, SourceName::Gateway, "2026-02-23T14:02:04Z");
        silence(it, SourceName::Orchestrator, "2026-02-23T14:02:07Z");
    })
}

fn deserted(n_waiting: usize) -> Snapshot {
    let mut snapshot = waiting(n_waiting);
    let offline = ["Capella", "Izar", "Meridian", "Tarn"].map(|drone| (drone, DroneState::Offline));
    set_states(&mut snapshot, &offline);
    snapshot
}

fn paused(n_waiting: usize) -> Snapshot {
    let mut snapshot = waiting(n_waiting);
    pause(&mut snapshot, "2026-02-23T14:02:07Z");
    snapshot
}

fn stuck(n_waiting: usize) -> Snapshot {
    let mut snapshot = waiting(n_waiting);
    snapshot.marks.ready_since = Some(at("2026-02-23T14:00:00Z"));
    snapshot
}

fn lose_meridian(snapshot: &mut Snapshot) {
    set_states(snapshot, &[("Meridian", DroneState::Offline)]);
    let items = ATOMS.into_iter().map(pending).collect();
    let llvm = building("llvm-core/llvm-19.1.7", "Izar", "2026-02-23T13:52:04Z");
    set_items(snapshot, items, vec![llvm], Vec::new());
}

fn failures(n: usize) -> Vec<std::sync::Arc<crate::history::Build>> {
    let minutes = (10..).step_by(5);
    let drones = ["Izar", "Meridian"].into_iter().cycle();
    let failed = |((atom, drone), minute)| {
        build(atom, drone, BuildStatus::Failed, &format!("2026-02-23T13:{minute}:00Z"))
    };
    let successful = build("dev-libs/openssl-3.4.1", "Izar", BuildStatus::Success, "2026-02-23T13:00:00Z");
    ATOMS.into_iter().zip(drones).zip(minutes).take(n).map(failed).chain([successful]).collect()
}

fn end_session(snapshot: &mut Snapshot, completed: Option<u32>, failed: Option<u32>) {
    let session = Session {
        state: SessionState::Completed,
        started_at: Some(at("2026-02-23T05:40:03Z")),
        finished_at: Some(at("2026-02-23T14:02:07Z")),
        total: Some(143),
        completed,
        failed,
    };
    edit(&mut snapshot.control, |control| control.session = Some(session));
}

fn hold_back(snapshot: &mut Snapshot, n: usize) {
    let items = ATOMS.into_iter().take(n).map(|atom| blocked(atom, Reason::Masked)).collect();
    set_items(snapshot, Vec::new(), Vec::new(), items);
}

#[test]
fn every_world_has_its_verdict() {
    for code in ALL {
        assert_eq!(say(&world(code)).code, code);
    }
}

#[test]
fn a_queue_of_which_only_counts_are_known_is_work() {
    let snapshot = rested(|it| {
        edit(&mut it.queue, |queue| {
            *queue = empty_queue();
            queue.counts.building = Some(2);
        });
    });
    check_text(&snapshot, "All systems go: building 2 packages, 0 waiting.");
}

#[test]
fn one_good_answer_heals() {
    let mut snapshot = orchestrator_dead();
    hear(&mut snapshot, SourceName::Orchestrator, "2026-02-23T14:29:59Z");
    assert_eq!(say(&snapshot).code, VerdictCode::BuildingShort);
}
