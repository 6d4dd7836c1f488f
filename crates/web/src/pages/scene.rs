//! What every view is made from: one snapshot at one instant.

use jiff::Timestamp;
use serde::Serialize;
use snapshot::{
    clock::Now,
    section::{SourceName, SourceState},
    snapshot::Snapshot,
};

use super::{
    time::Instant,
    words::{SentenceView, sentence},
};

/// One snapshot at one instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    /// What is shown.
    pub(super) snapshot: &'a Snapshot,
    /// When it is read.
    pub(super) now: Now,
}

/// How old a section is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Age {
    /// The last good answer of its source; `None`: there was none.
    pub(super) at: Option<Instant>,
    /// `online`, `stale`, `offline` or `unknown`.
    pub(super) state: &'static str,
    /// The source was heard of, but not recently: what is shown may have changed since.
    pub(super) is_old: bool,
    /// The source by name.
    pub(super) source: &'static str,
}

impl<'a> Scene<'a> {
    /// To the minute.
    pub(super) fn minute(&self, at: Timestamp) -> Instant {
        Instant::minute(at, self.now.wall)
    }

    /// To the minute, if there is an instant.
    pub(super) fn maybe_minute(&self, at: Option<Timestamp>) -> Option<Instant> {
        at.map(|at| self.minute(at))
    }

    /// To the second.
    pub(super) fn second(&self, at: Timestamp) -> Instant {
        Instant::second(at, self.now.wall)
    }

    /// A sentence in pieces.
    pub(super) fn sentence(&self, text: &snapshot::sentence::Sentence) -> SentenceView {
        sentence(text, self.now.wall)
    }

    /// The age of what rests on a source.
    pub(super) fn age(&self, source: SourceName) -> Age {
        let observation = self.snapshot.sources.get(source);
        let state = observation.map_or(SourceState::Unknown, |observation| observation.state(self.now));
        let seen = observation.and_then(|observation| observation.last_seen);
        Age {
            at: seen.map(|seen| self.second(seen.at)),
            state: state.as_str(),
            is_old: matches!(state, SourceState::Stale | SourceState::Offline),
            source: source.title(),
        }
    }

    /// The age of what rests on several sources: that of the one which was silent longest. `None` without any of them.
    pub(super) fn age_of(&self, sources: &[SourceName]) -> Option<Age> {
        let seen =
            |name: &SourceName| self.snapshot.sources.get(*name).map(|source| (source.last_seen, *name));
        let known: Vec<_> = sources.iter().filter_map(seen).collect();
        let heard = known.iter().filter_map(|(seen, name)| Some(((*seen)?.at, *name)));
        let is_late = |name| self.snapshot.source_state(name, self.now) != Some(SourceState::Online);
        let oldest = heard.min_by_key(|(at, name)| (!is_late(*name), *at)).map(|(_, name)| name);
        oldest.or_else(|| known.first().map(|(_, name)| *name)).map(|name| self.age(name))
    }

    /// The source that knows the drones: the gateway, or without one the orchestrator.
    pub(super) fn drone_source(&self) -> SourceName {
        let gateway = self.snapshot.sources.get(SourceName::Gateway);
        gateway.map_or(SourceName::Orchestrator, |_| SourceName::Gateway)
    }

    /// Whether what the orchestrator said may be believed to go on.
    pub(super) fn is_orchestrator_online(&self) -> bool {
        self.snapshot.source_state(SourceName::Orchestrator, self.now) == Some(SourceState::Online)
    }

    /// The drones as last known; none before the first answer.
    pub(super) fn drones(&self) -> &'a [snapshot::fleet::Drone] {
        self.snapshot.fleet.get().map_or(&[], |fleet| &fleet.drones)
    }
}
