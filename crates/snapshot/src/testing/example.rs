//! The world of the documented examples, at 14:30:00 on 23 February 2026, and two others.

use std::{sync::Arc, time::Duration};

use identity::version::Version;

use super::{at, default_limits, edit, limits, name, now, online, past};
use crate::{
    control::{Control, Session, SessionState},
    estimate::{Basis, Drain, Estimate, Score, Scoreboard},
    fleet::{Drone, DroneState, Fleet, Role, Task},
    queue::{Counts, ItemState, Queue, QueueItem, Reason, Scope, Truncated},
    section::{Fault, Observation, Section, Seen, SourceName},
    snapshot::{Marks, Policy, Snapshot, Sources},
    status::SwarmStatus,
    verdict::VerdictCode,
};

const POLICY: Policy = Policy { stuck_after: Duration::from_secs(600), demo: false };

/// The farm at work: two drones build, one sweeps, one is offline; nine packages wait.
#[must_use]
pub fn example() -> Snapshot {
    let mut sources = Sources::default();
    let gateway = default_limits(SourceName::Gateway);
    sources.insert(SourceName::Gateway, online("2026-02-23T06:02:09Z", "2026-02-23T14:29:54Z", gateway));
    let orchestrator = default_limits(SourceName::Orchestrator);
    let orchestrator = online("2026-02-23T06:02:11Z", "2026-02-23T14:29:58Z", orchestrator);
    sources.insert(SourceName::Orchestrator, orchestrator);
    let since = at("2026-02-23T05:40:03Z");
    let builds = past::builds();
    Snapshot {
        fleet: section(fleet(), "2026-02-23T14:29:54Z"),
        control: section(control(), "2026-02-23T06:02:11Z"),
        queue: section(queue(builds[..3].to_vec()), "2026-02-23T14:04:13Z"),
        history: section(past::history(builds), "2026-02-23T13:51:43Z"),
        scores: Scoreboard {
            package: Some(Score { builds: 612, typical_error_percent: 21, inside_percent: 81 }),
            category: Some(Score { builds: 97, typical_error_percent: 80, inside_percent: 79 }),
            global: None,
        },
        marks: Marks {
            at: Some(at("2026-02-23T14:29:58Z")),
            status: Some((SwarmStatus::Active, since)),
            verdict: Some((VerdictCode::BuildingShort, since)),
            ready_since: None,
            polled: true,
        },
        ..Snapshot::empty(at("2026-02-23T06:02:08Z"), sources, POLICY)
    }
}

/// The first start, at 14:29:58, with an orchestrator configured that has not answered yet.
#[must_use]
pub fn started() -> Snapshot {
    let started_at = at("2026-02-23T14:29:58Z");
    let mut sources = Sources::default();
    let orchestrator = Observation::new(started_at, default_limits(SourceName::Orchestrator));
    sources.insert(SourceName::Orchestrator, orchestrator);
    Snapshot::empty(started_at, sources, POLICY)
}

/// The farm at work, but the orchestrator has been silent since 14:02:07 and offline since 14:03:07.
#[must_use]
pub fn orchestrator_dead() -> Snapshot {
    let mut snapshot = example();
    let (seen, offline_since) = (now("2026-02-23T14:02:07Z"), at("2026-02-23T14:03:07Z"));
    if let Some(orchestrator) = snapshot.sources.get_mut(SourceName::Orchestrator) {
        orchestrator.limits = limits(30, 60);
        orchestrator.last_seen = Some(Seen { at: seen.wall, uptime: Some(seen.uptime) });
        orchestrator.checked_at = Some(at("2026-02-23T14:29:57Z"));
        orchestrator.fault = Some(Fault::Refused);
        orchestrator.fault_since = Some(at("2026-02-23T14:02:12Z"));
    }
    snapshot.fleet.changed_at = Some(at("2026-02-23T14:02:04Z"));
    snapshot.queue.changed_at = Some(at("2026-02-23T14:01:13Z"));
    edit(&mut snapshot.queue, |queue| queue.building[2].assigned_at = Some(at("2026-02-23T14:01:11Z")));
    snapshot.marks.status = Some((SwarmStatus::Offline, offline_since));
    snapshot.marks.verdict = Some((VerdictCode::OrchestratorSilent, seen.wall));
    snapshot
}

fn section<T>(content: T, changed: &str) -> Section<T> {
    Section { content: Some(Arc::new(content)), changed_at: Some(at(changed)) }
}

fn control() -> Control {
    let session = Session {
        state: SessionState::Active,
        started_at: Some(at("2026-02-23T05:40:03Z")),
        finished_at: None,
        total: Some(154),
        completed: Some(142),
        failed: Some(1),
    };
    Control {
        version: Version::parse("2.6.0"),
        paused: Some(false),
        paused_since: None,
        session: Some(session),
    }
}

fn fleet() -> Fleet {
    let drone = |drone_name: &str, galaxy: &str, state, since: &str| Drone {
        galaxy: Some(name(galaxy)),
        state_since: at(since),
        offline_since: (state == DroneState::Offline).then(|| at(since)),
        ..super::drone(drone_name, state)
    };
    let capella = Drone {
        role: Role::Sweeper,
        cores: Some(8),
        memory_gib: Some(31),
        cpu_percent: Some(4),
        memory_percent: Some(22),
        load_1m_tenths: Some(3),
        ..drone("Capella", "Milky Way", DroneState::Idle, "2026-02-23T13:20:44Z")
    };
    let izar = Drone {
        cores: Some(16),
        memory_gib: Some(62),
        cpu_percent: Some(97),
        memory_percent: Some(61),
        load_1m_tenths: Some(162),
        task: Some(task(&llvm())),
        ..drone("Izar", "Milky Way", DroneState::Building, "2026-02-23T13:52:04Z")
    };
    let meridian = Drone {
        cores: Some(24),
        memory_gib: Some(125),
        cpu_percent: Some(88),
        memory_percent: Some(54),
        load_1m_tenths: Some(239),
        task: Some(task(&firefox())),
        assigned: 1,
        ..drone("Meridian", "Andromeda", DroneState::Building, "2026-02-23T13:58:20Z")
    };
    let tarn = Drone {
        cores: Some(14),
        memory_gib: Some(31),
        ..drone("Tarn", "Milky Way", DroneState::Offline, "2026-02-23T03:12:40Z")
    };
    Fleet { drones: vec![capella, izar, meridian, tarn] }
}

/// What a drone does that builds this item.
fn task(item: &QueueItem) -> Task {
    Task {
        package: item.package.clone(),
        compiling: None,
        started_at: item.started_at,
        estimate: item.estimate,
        expected_finish_at: item.expected_finish_at,
    }
}

fn queue(recent: Vec<Arc<crate::history::Build>>) -> Queue {
    let tensorflow = QueueItem {
        state: ItemState::Failed,
        failures: 5,
        ..super::blocked("sci-libs/tensorflow-2.18.0", Reason::FailedRepeatedly)
    };
    Queue {
        paused: Some(false),
        scope: Scope::Session,
        drain: Some(Drain {
            median_at: at("2026-02-23T16:40:00Z"),
            low_at: at("2026-02-23T16:06:00Z"),
            high_at: at("2026-02-23T17:30:00Z"),
            excluded: 1,
        }),
        truncated: Truncated::default(),
        counts: Counts {
            pending: Some(8),
            building: Some(3),
            completed: Some(142),
            failed: Some(1),
            blocked: Some(0),
            assigned: Some(1),
            total: Some(154),
        },
        pending: pending(),
        building: vec![llvm(), firefox(), rust()],
        blocked: vec![tensorflow],
        recent,
    }
}

fn pending() -> Vec<QueueItem> {
    let item = |atom, basis, seconds, samples, start, finish| {
        expected(super::pending(atom), basis, seconds, samples, Some(start), finish)
    };
    let of = Basis::Package;
    let kwin = item("kde-plasma/kwin-6.3.1", of, [420, 330, 600], 14, "15:09", "15:16");
    vec![
        item("dev-qt/qtbase-6.8.2", of, [1020, 840, 1380], 9, "14:41", "14:58"),
        item("dev-qt/qtdeclarative-6.8.2", of, [660, 540, 900], 9, "14:58", "15:09"),
        QueueItem { reason: Some(Reason::Retry), failures: 1, ..kwin },
        item("kde-plasma/plasma-workspace-6.3.1", of, [540, 420, 780], 14, "15:16", "15:25"),
        item("media-libs/mesa-24.3.4", of, [300, 240, 420], 31, "15:25", "15:30"),
        item("net-libs/nodejs-22.13.1", of, [1500, 1200, 2100], 7, "15:28", "15:53"),
        item("app-office/libreoffice-25.2.0.3", of, [4200, 3300, 6000], 5, "15:30", "16:40"),
        item("dev-util/maturin-1.8.2", Basis::Category, [180, 60, 600], 212, "15:53", "15:56"),
    ]
}

fn llvm() -> QueueItem {
    let item = super::building("llvm-core/llvm-19.1.7", "Izar", "2026-02-23T13:52:04Z");
    let item = QueueItem { assigned_at: Some(at("2026-02-23T13:51:40Z")), ..item };
    expected(item, Basis::Package, [2940, 2280, 3900], 11, None, "14:41")
}

fn firefox() -> QueueItem {
    let item = super::building("www-client/firefox-135.0.1", "Meridian", "2026-02-23T13:58:20Z");
    let item = QueueItem { assigned_at: Some(at("2026-02-23T13:58:02Z")), failures: 1, ..item };
    expected(item, Basis::Package, [1860, 1620, 2400], 23, None, "14:33")
}

fn rust() -> QueueItem {
    let item = QueueItem {
        state: ItemState::Assigned,
        reason: Some(Reason::DroneBusy),
        drone: Some(name("Meridian")),
        assigned_at: Some(at("2026-02-23T14:04:11Z")),
        ..super::pending("dev-lang/rust-1.84.1")
    };
    expected(item, Basis::Package, [3300, 2700, 4500], 6, Some("14:33"), "15:28")
}

/// The item with an estimate (median, low, high) and the minutes of the day at which it should begin and end.
fn expected(
    item: QueueItem,
    basis: Basis,
    [median_seconds, low_seconds, high_seconds]: [u32; 3],
    samples: u32,
    start: Option<&str>,
    finish: &str,
) -> QueueItem {
    let minute = |text: &str| at(&format!("2026-02-23T{text}:00Z"));
    let start = start.map(minute);
    QueueItem {
        estimate: Some(Estimate { median_seconds, low_seconds, high_seconds, basis, samples }),
        expected_start_at: start,
        expected_finish_at: Some(minute(finish)),
        ..item
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        notice::{self, Beside},
        section::SourceState,
        status::{self, DocumentStatus},
        testing::NOW,
        verdict,
    };

    const SWARM: [SourceName; 2] = [SourceName::Orchestrator, SourceName::Gateway];

    #[test]
    fn the_queue_of_the_example_has_the_documented_hash() {
        assert_eq!(format!("{:08x}", example().queue.get().unwrap().hash()), "4c7ece55");
    }

    #[test]
    fn the_figures_of_the_example_are_the_documented_ones() {
        let (snapshot, now) = (example(), now(NOW));
        let counts = snapshot.fleet.get().unwrap().counts();
        assert_eq!((counts.total, counts.online, counts.building, counts.offline), (4, 3, 2, 1));
        assert_eq!((counts.idle, counts.paused, counts.grounded), (1, 0, 0));
        let queue = snapshot.queue.get().unwrap();
        let n = |items: &[QueueItem]| u32::try_from(items.len()).ok();
        assert_eq!(queue.counts.pending, n(&queue.pending));
        assert_eq!(queue.counts.building, n(&queue.building));
        assert_eq!(queue.counts.failed, n(&queue.blocked));
        assert_eq!((queue.n_building(), queue.n_waiting(), queue.n_held_back()), (2, 9, 1));
        assert_eq!(status::document_status(&snapshot, &SWARM, now), DocumentStatus::Ok);
        assert_eq!(notice::notices(&snapshot, &SWARM, Beside::Verdict, now), []);
    }

    #[test]
    fn the_example_at_its_instant_is_building_short() {
        let (snapshot, now) = (example(), now(NOW));
        let verdict = verdict::verdict(&snapshot, now);
        let text = "Building 2 packages, 9 waiting; all done around 16:40 UTC.";
        assert_eq!(verdict.text.plain(now.wall), text);
        assert_eq!(verdict.since, at("2026-02-23T05:40:03Z"));
        let notes: Vec<String> = verdict.notes.iter().map(|note| note.plain(now.wall)).collect();
        assert_eq!(notes, ["Tarn is offline since 03:12 UTC."]);
        let situation = crate::situation::Situation::of(&snapshot, now);
        let status = status::swarm_status(&situation);
        assert_eq!(status, SwarmStatus::Active);
        let since = status::swarm_status_since(&snapshot, status, now);
        assert_eq!(since, Some(at("2026-02-23T05:40:03Z")));
    }

    #[test]
    fn the_dead_orchestrator_is_the_documented_one() {
        let (snapshot, now) = (orchestrator_dead(), now(NOW));
        let orchestrator = snapshot.sources.get(SourceName::Orchestrator).unwrap();
        assert_eq!(orchestrator.state(now), SourceState::Offline);
        assert_eq!(orchestrator.since(now), at("2026-02-23T14:03:07Z"));
        assert_eq!(status::document_status(&snapshot, &SWARM, now), DocumentStatus::Offline);
        let verdict = verdict::verdict(&snapshot, now);
        let text = "Orchestrator silent since 14:02 UTC; showing what was known.";
        assert_eq!(verdict.text.plain(now.wall), text);
        assert_eq!(verdict.since, at("2026-02-23T14:02:07Z"));
        let notes: Vec<String> = verdict.notes.iter().map(|note| note.plain(now.wall)).collect();
        assert_eq!(notes, ["3 of 4 drones still report in."]);
    }

    #[test]
    fn the_first_start_knows_nothing() {
        let (snapshot, now) = (started(), now("2026-02-23T14:29:58Z"));
        let verdict = verdict::verdict(&snapshot, now);
        let text = "Waiting for the first answer from the orchestrator.";
        assert_eq!((verdict.text.plain(now.wall).as_str(), verdict.since), (text, snapshot.started_at));
        assert_eq!(status::document_status(&snapshot, &SWARM, now), DocumentStatus::Unknown);
        let orchestrator = snapshot.sources.get(SourceName::Orchestrator).unwrap();
        assert_eq!(orchestrator.state(now), SourceState::Unknown);
        assert_eq!(orchestrator.since(now), snapshot.started_at);
    }
}
