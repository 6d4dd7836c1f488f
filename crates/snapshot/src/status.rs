//! The status of the swarm and of the documents.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Now,
    deadline,
    section::{SourceName, SourceState},
    situation::Situation,
    snapshot::Snapshot,
};

/// How the swarm is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SwarmStatus {
    /// There is work.
    Active,
    /// There is none.
    Idle,
    /// The operator paused it.
    Paused,
    /// Something is wrong, but not everything.
    Degraded,
    /// It cannot build, or nobody knows.
    Offline,
    /// Nothing was ever known.
    Unknown,
}

/// How fresh a document is: never the health of the swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentStatus {
    /// Every source is fresh.
    Ok,
    /// Some source is not.
    Stale,
    /// The primary source is silent.
    Offline,
    /// The primary source never answered.
    Unknown,
}

/// The status of the swarm; the first rule that matches decides.
#[must_use]
pub fn swarm_status(situation: &Situation<'_>) -> SwarmStatus {
    let orchestrator_is = |state| situation.orchestrator == Some(state);
    let gateway_is = |state| situation.gateway == Some(state);
    if !situation.is_orchestrator_known() {
        SwarmStatus::Unknown
    } else if orchestrator_is(SourceState::Offline) || situation.is_deserted() {
        SwarmStatus::Offline
    } else if situation.is_paused {
        SwarmStatus::Paused
    } else if orchestrator_is(SourceState::Stale)
        || gateway_is(SourceState::Offline)
        || situation.is_short_handed()
        || situation.stuck_since.is_some()
        || situation.failing.is_alarming()
    {
        SwarmStatus::Degraded
    } else if situation.has_work() {
        SwarmStatus::Active
    } else {
        SwarmStatus::Idle
    }
}

/// Since when the swarm has this status; `None` while it is unknown.
#[must_use]
pub fn swarm_status_since(snapshot: &Snapshot, status: SwarmStatus, now: Now) -> Option<Timestamp> {
    match snapshot.marks.status {
        _ if status == SwarmStatus::Unknown => None,
        Some((marked, since)) if marked == status => Some(since),
        _ => Some(deadline::turned_at(snapshot, now, |now| swarm_status(&Situation::of(snapshot, now)))),
    }
}

/// The freshness of a document that rests on these sources, the primary one first.
///
/// Sources that are not configured do not count; without a configured primary one the next stands in for it.
#[must_use]
pub fn document_status(snapshot: &Snapshot, sources: &[SourceName], now: Now) -> DocumentStatus {
    let mut states = sources.iter().filter_map(|name| snapshot.source_state(*name, now));
    match states.next() {
        None | Some(SourceState::Unknown) => DocumentStatus::Unknown,
        Some(SourceState::Offline) => DocumentStatus::Offline,
        Some(SourceState::Online) if states.all(|state| state == SourceState::Online) => DocumentStatus::Ok,
        Some(_) => DocumentStatus::Stale,
    }
}

impl SwarmStatus {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Paused => "paused",
            Self::Degraded => "degraded",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }
}

impl DocumentStatus {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Stale => "stale",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests;
