//! Worlds for tests: the documented examples, and small changes to them.
//!
//! Everything here panics on bad input: the input is written by whoever writes the test.

mod example;
mod machines;
mod next;
mod past;
mod random;

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use identity::{
    config::Config,
    directory::Directory,
    guard::LeakGuard,
    name::PublicName,
    package::{Atom, PackageAtom},
    pseudonym::{Key, Pseudonyms},
};
use jiff::Timestamp;

use crate::{
    clock::{Now, add, elapsed},
    control::Control,
    fleet::{Drone, DroneState, Fleet, Role},
    history::{Build, BuildId, BuildStatus, History},
    queue::{Counts, ItemState, Queue, QueueItem, Reason, Scope, Truncated},
    section::{Fault, Limits, Observation, Section, Seen, SourceName},
    snapshot::Snapshot,
};

pub use example::{example, orchestrator_dead, started};
pub use machines::{
    disk, example_infrastructure, host, many_hosts, service, set_hosts, started_infrastructure, uptime,
};
pub use next::example_next;
pub use random::random_queue;

/// The instant at which [`example`] and [`orchestrator_dead`] are looked at.
pub const NOW: &str = "2026-02-23T14:30:00Z";

/// A public name.
#[must_use]
#[track_caller]
pub fn name(text: &str) -> PublicName {
    PublicName::new(text).unwrap_or_else(|problem| panic!("{text:?}: {problem}"))
}

/// A package, cleared by a directory that knows no internal name.
#[must_use]
#[track_caller]
pub fn package(text: &str) -> PackageAtom {
    static CLEARANCE: LazyLock<(Directory, LeakGuard)> = LazyLock::new(|| {
        let directory = Directory::new(Config::default(), Pseudonyms::new(Key::new([0; 32]), []));
        let guard = directory.guard();
        (directory, guard)
    });
    let (directory, guard) = &*CLEARANCE;
    let cleared = Atom::parse(text).and_then(|atom| directory.package(&atom, guard));
    cleared.unwrap_or_else(|| panic!("{text:?} is no package that may be published"))
}

/// An instant, from RFC 3339.
#[must_use]
#[track_caller]
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|problem| panic!("{text:?}: {problem}"))
}

/// Both clocks at an instant. They never disagree: the machine started in 2020 and was never stepped.
#[must_use]
#[track_caller]
pub fn now(text: &str) -> Now {
    clocks(at(text))
}

/// Both clocks at an instant, as [`now`].
#[must_use]
#[track_caller]
pub fn clocks(wall: Timestamp) -> Now {
    Now { wall, uptime: elapsed(at("2020-01-01T00:00:00Z"), wall) }
}

/// When silence begins to matter, in seconds.
#[must_use]
pub fn limits(stale_after: u64, offline_after: u64) -> Limits {
    Limits {
        stale_after: Duration::from_secs(stale_after),
        offline_after: Duration::from_secs(offline_after),
    }
}

/// The limits that a source has by default.
#[must_use]
pub fn default_limits(source: SourceName) -> Limits {
    match source {
        SourceName::Gateway => limits(30, 60),
        SourceName::Orchestrator => limits(15, 30),
        SourceName::Prometheus => limits(45, 90),
        SourceName::Loki | SourceName::Probes => limits(90, 180),
    }
}

/// A source that has been online since an instant and last answered at another.
#[must_use]
#[track_caller]
pub fn online(since: &str, seen: &str, limits: Limits) -> Observation {
    let seen = now(seen);
    Observation {
        last_seen: Some(Seen { at: seen.wall, uptime: Some(seen.uptime) }),
        checked_at: Some(seen.wall),
        online_since: Some(at(since)),
        ..Observation::new(at(since), limits)
    }
}

/// A drone of which little is known, seen in its state since 06:00 on the day of [`NOW`].
#[must_use]
#[track_caller]
pub fn drone(drone_name: &str, state: DroneState) -> Drone {
    let state_since = at("2026-02-23T06:00:00Z");
    Drone {
        name: name(drone_name),
        role: Role::Drone,
        galaxy: None,
        state,
        state_since,
        offline_since: (state == DroneState::Offline).then_some(state_since),
        cores: None,
        memory_gib: None,
        cpu_percent: None,
        memory_percent: None,
        load_1m_tenths: None,
        task: None,
        assigned: 0,
        optional: false,
    }
}

/// An item that waits in line.
#[must_use]
#[track_caller]
pub fn pending(atom: &str) -> QueueItem {
    QueueItem {
        id: atom.into(),
        package: Some(package(atom)),
        state: ItemState::Pending,
        reason: Some(Reason::InLine),
        drone: None,
        failures: 0,
        assigned_at: None,
        started_at: None,
        estimate: None,
        expected_start_at: None,
        expected_finish_at: None,
    }
}

/// An item that a drone has been building since an instant.
#[must_use]
#[track_caller]
pub fn building(atom: &str, drone_name: &str, started: &str) -> QueueItem {
    QueueItem {
        state: ItemState::Building,
        reason: None,
        drone: Some(name(drone_name)),
        assigned_at: Some(at(started)),
        started_at: Some(at(started)),
        ..pending(atom)
    }
}

/// An item that is held back.
#[must_use]
#[track_caller]
pub fn blocked(atom: &str, reason: Reason) -> QueueItem {
    QueueItem { state: ItemState::Blocked, reason: Some(reason), ..pending(atom) }
}

/// A build of two minutes; an empty drone name stands for an unknown drone.
#[must_use]
#[track_caller]
pub fn build(atom: &str, drone_name: &str, status: BuildStatus, finished: &str) -> Arc<Build> {
    let (package, finished_at) = (package(atom), at(finished));
    let id = BuildId::of(Some(&package), finished_at, status.as_str(), Some(120_000), 0);
    let drone = (!drone_name.is_empty()).then(|| name(drone_name));
    Arc::new(Build { id, package: Some(package), drone, status, duration_seconds: Some(120), finished_at })
}

/// Nothing in the queue, nothing done.
#[must_use]
pub fn empty_queue() -> Queue {
    Queue {
        paused: Some(false),
        scope: Scope::All,
        drain: None,
        truncated: Truncated::default(),
        counts: Counts {
            pending: Some(0),
            building: Some(0),
            completed: Some(0),
            failed: Some(0),
            blocked: Some(0),
            assigned: Some(0),
            total: Some(0),
        },
        pending: Vec::new(),
        building: Vec::new(),
        blocked: Vec::new(),
        recent: Vec::new(),
    }
}

/// Changes the content of a section in place; what was never known is not changed.
pub fn edit<T: Clone>(section: &mut Section<T>, change: impl FnOnce(&mut T)) {
    if let Some(content) = &mut section.content {
        change(Arc::make_mut(content));
    }
}

/// A configured source last answered at an instant.
#[track_caller]
pub fn hear(snapshot: &mut Snapshot, source: SourceName, seen: &str) {
    let seen = now(seen);
    if let Some(observation) = snapshot.sources.get_mut(source) {
        observation.last_seen = Some(Seen { at: seen.wall, uptime: Some(seen.uptime) });
        observation.checked_at = Some(seen.wall);
        (observation.fault, observation.fault_since) = (None, None);
    }
}

/// A configured source last answered at an instant and refuses the connection since.
#[track_caller]
pub fn silence(snapshot: &mut Snapshot, source: SourceName, since: &str) {
    hear(snapshot, source, since);
    if let Some(observation) = snapshot.sources.get_mut(source) {
        let failed = add(at(since), Duration::from_secs(5));
        observation.checked_at = Some(failed);
        (observation.fault, observation.fault_since) = (Some(Fault::Refused), Some(failed));
    }
}

/// Gives drones other states; one that is not there is added.
#[track_caller]
pub fn set_states(snapshot: &mut Snapshot, states: &[(&str, DroneState)]) {
    edit(&mut snapshot.fleet, |fleet| {
        for (drone_name, state) in states {
            let Drone { offline_since, .. } = drone(drone_name, *state);
            match fleet.drones.iter_mut().find(|drone| drone.name.same(drone_name)) {
                Some(drone) => {
                    let since = drone.offline_since.or(offline_since);
                    (drone.state, drone.offline_since) = (*state, offline_since.and(since));
                    if *state != DroneState::Building {
                        drone.task = None;
                    }
                }
                None => fleet.drones.push(drone(drone_name, *state)),
            }
        }
        fleet.drones.sort_by(|a, b| a.name.cmp(&b.name));
    });
}

/// Puts other drones in place of all there are.
pub fn set_drones(snapshot: &mut Snapshot, drones: Vec<Drone>) {
    edit(&mut snapshot.fleet, |fleet| *fleet = Fleet { drones });
}

/// Puts other items in place of all there are, and counts them.
pub fn set_items(
    snapshot: &mut Snapshot,
    pending: Vec<QueueItem>,
    building: Vec<QueueItem>,
    blocked: Vec<QueueItem>,
) {
    let n = |items: &[QueueItem]| u32::try_from(items.len()).unwrap_or(u32::MAX);
    edit(&mut snapshot.queue, |queue| {
        let completed = queue.counts.completed.unwrap_or(0);
        let assigned = building.iter().filter(|item| item.state == ItemState::Assigned).count();
        queue.counts = Counts {
            pending: Some(n(&pending)),
            building: Some(n(&building)),
            completed: Some(completed),
            failed: Some(0),
            blocked: Some(n(&blocked)),
            assigned: u32::try_from(assigned).ok(),
            total: Some(n(&pending) + n(&building) + n(&blocked) + completed),
        };
        (queue.drain, queue.truncated) = (None, Truncated::default());
        (queue.pending, queue.building, queue.blocked) = (pending, building, blocked);
    });
}

/// Takes every item out of the queue and lets the drones that build rest.
pub fn finish_all(snapshot: &mut Snapshot) {
    set_items(snapshot, Vec::new(), Vec::new(), Vec::new());
    edit(&mut snapshot.fleet, |fleet| {
        for drone in &mut fleet.drones {
            (drone.task, drone.assigned) = (None, 0);
            if drone.state == DroneState::Building {
                drone.state = DroneState::Idle;
            }
        }
    });
}

/// Pauses the swarm.
#[track_caller]
pub fn pause(snapshot: &mut Snapshot, since: &str) {
    let since = at(since);
    edit(&mut snapshot.control, |control| {
        *control = Control { paused: Some(true), paused_since: Some(since), ..control.clone() };
    });
    edit(&mut snapshot.queue, |queue| queue.paused = Some(true));
}

/// Puts other builds in place of all there are; in any order.
pub fn set_builds(snapshot: &mut Snapshot, mut builds: Vec<Arc<Build>>) {
    builds.sort_by_key(|build| std::cmp::Reverse(build.finished_at));
    edit(&mut snapshot.history, |history| *history = History { builds, ..history.clone() });
}
