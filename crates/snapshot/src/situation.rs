//! What a snapshot amounts to at an instant: the figures from which status and verdict follow.

use jiff::Timestamp;

use crate::{
    clock::{Now, add},
    control::SessionState,
    fleet::{Drone, DroneCounts, DroneState},
    history::FailingStreak,
    section::{Observation, SourceName, SourceState},
    snapshot::Snapshot,
};

/// The figures behind status and verdict.
#[derive(Debug)]
pub struct Situation<'a> {
    /// What was looked at.
    pub snapshot: &'a Snapshot,
    /// When.
    pub now: Now,
    /// The orchestrator; `None` = not configured.
    pub orchestrator: Option<SourceState>,
    /// The gateway; `None` = not configured.
    pub gateway: Option<SourceState>,
    /// The drones by state; `None` = no drone list was ever known.
    pub drones: Option<DroneCounts>,
    /// How many drones the swarm counts on.
    pub n_expected: u32,
    /// How many of those can take work.
    pub n_able: u32,
    /// Items being built.
    pub n_building: u32,
    /// Items that wait.
    pub n_waiting: u32,
    /// Last known.
    pub is_paused: bool,
    /// Since when work has waited in vain.
    pub stuck_since: Option<Timestamp>,
    /// The failures in a row.
    pub failing: FailingStreak,
}

impl<'a> Situation<'a> {
    /// Looks at a snapshot at an instant.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, now: Now) -> Self {
        let drones = snapshot.fleet.get().map_or(&[][..], |fleet| &fleet.drones);
        let expected = || drones.iter().filter(|drone| drone.is_expected());
        let queue = snapshot.queue.get();
        let no_failures = FailingStreak { n_builds: 0, n_drones: 0, n_packages: 0 };
        Self {
            snapshot,
            now,
            orchestrator: snapshot.source_state(SourceName::Orchestrator, now),
            gateway: snapshot.source_state(SourceName::Gateway, now),
            drones: snapshot.fleet.get().map(crate::fleet::Fleet::counts),
            n_expected: count(expected()),
            n_able: count(expected().filter(|drone| drone.is_able())),
            n_building: queue.map_or(0, crate::queue::Queue::n_building),
            n_waiting: queue.map_or(0, crate::queue::Queue::n_waiting),
            is_paused: snapshot.control.get().and_then(|control| control.paused).unwrap_or(false),
            stuck_since: stuck_at(snapshot).filter(|at| *at <= now.wall),
            failing: snapshot.history.get().map_or(no_failures, |history| history.failing_streak(now.wall)),
        }
    }

    /// Whether anything was ever known of the orchestrator.
    #[must_use]
    pub fn is_orchestrator_known(&self) -> bool {
        !matches!(self.orchestrator, None | Some(SourceState::Unknown))
    }

    /// Whether drones are known and none of them is online.
    #[must_use]
    pub fn is_deserted(&self) -> bool {
        self.drones.is_some_and(|drones| drones.total > 0 && drones.online == 0)
    }

    /// Whether fewer than half of the drones that the swarm counts on can work.
    #[must_use]
    pub fn is_short_handed(&self) -> bool {
        self.n_able * 2 < self.n_expected
    }

    /// Whether there is work.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.n_building + self.n_waiting > 0
    }

    /// The drones that the swarm counts on and that are offline.
    pub fn missing(&self) -> impl Iterator<Item = &'a Drone> {
        self.expected().filter(|drone| drone.state == DroneState::Offline)
    }

    /// The drones that the swarm counts on and that are grounded at this instant.
    pub fn grounded(&self) -> impl Iterator<Item = (&'a Drone, Timestamp)> {
        let now = self.now.wall;
        self.expected().filter_map(move |drone| match drone.state {
            DroneState::Grounded { until } if until > now => Some((drone, until)),
            _ => None,
        })
    }

    /// The newest good answer of any source.
    #[must_use]
    pub fn last_heard(&self) -> Option<Timestamp> {
        self.snapshot.sources.iter().filter_map(|(_, source)| source.last_seen).map(|seen| seen.at).max()
    }

    /// When a source last gave a good answer.
    #[must_use]
    pub fn last_seen(&self, source: SourceName) -> Option<Timestamp> {
        self.snapshot.sources.get(source).and_then(|source| source.last_seen).map(|seen| seen.at)
    }

    /// When the last build finished.
    #[must_use]
    pub fn last_finished(&self) -> Option<Timestamp> {
        self.snapshot.history.get()?.builds.first().map(|build| build.finished_at)
    }

    /// The last session, if it ended, and when.
    #[must_use]
    pub fn ended_session(&self) -> Option<(crate::control::Session, Timestamp)> {
        let session = self.snapshot.control.get()?.session?;
        Some((session, session.finished_at?)).filter(|_| session.state != SessionState::Active)
    }

    /// Whether every configured source is offline.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        let mut sources = self.snapshot.sources.iter().map(|(_, source)| source.state(self.now)).peekable();
        sources.peek().is_some() && sources.all(|state| state == SourceState::Offline)
    }

    /// Whether nothing was ever known of anything that is configured.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        let unheard = |source: &Observation| source.last_seen.is_none();
        self.snapshot.sources.iter().all(|(_, source)| unheard(source))
    }

    fn expected(&self) -> impl Iterator<Item = &'a Drone> {
        let drones = self.snapshot.fleet.get().map_or(&[][..], |fleet| &fleet.drones);
        drones.iter().filter(|drone| drone.is_expected())
    }
}

/// When waiting work becomes stuck, if nothing happens until then.
#[must_use]
pub fn stuck_at(snapshot: &Snapshot) -> Option<Timestamp> {
    let ready_since = snapshot.marks.ready_since?;
    let finished =
        snapshot.history.get().and_then(|history| history.builds.first()).map(|build| build.finished_at);
    let last_activity = finished.into_iter().chain([ready_since]).max()?;
    Some(add(last_activity, snapshot.policy.stuck_after))
}

fn count<'a>(drones: impl Iterator<Item = &'a Drone>) -> u32 {
    u32::try_from(drones.count()).unwrap_or(u32::MAX)
}
