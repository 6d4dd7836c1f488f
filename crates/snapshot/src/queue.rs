//! The build queue.

use std::{fmt::Write as _, sync::Arc};

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    estimate::{Drain, Estimate},
    history::Build,
};

/// The most items listed as pending.
pub const PENDING_MAX: usize = 2_000;
/// The most items listed as blocked.
pub const BLOCKED_MAX: usize = 500;
/// The most builds listed as recent.
pub const RECENT_MAX: usize = 50;

/// The queue, as last known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// Whether the orchestrator hands out work.
    pub paused: Option<bool>,
    /// Which items the orchestrator lists.
    pub scope: Scope,
    /// When it should be empty.
    pub drain: Option<Drain>,
    /// Items that are not listed.
    pub truncated: Truncated,
    /// Everything, also what is cut.
    pub counts: Counts,
    /// Waiting, in the order of the queue.
    pub pending: Vec<QueueItem>,
    /// Handed to drones.
    pub building: Vec<QueueItem>,
    /// Held back.
    pub blocked: Vec<QueueItem>,
    /// The newest builds, the newest first. They are archived as builds, not with the queue.
    #[serde(skip)]
    pub recent: Vec<Arc<Build>>,
}

/// Which items the orchestrator lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Those of the active session.
    Session,
    /// All that ever were.
    All,
}

/// How many items are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Truncated {
    /// Pending ones.
    pub pending: u32,
    /// Blocked ones.
    pub blocked: u32,
}

/// How many items are in each state; `None` = not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Waiting.
    pub pending: Option<u32>,
    /// Handed to drones.
    pub building: Option<u32>,
    /// Done.
    pub completed: Option<u32>,
    /// Given up.
    pub failed: Option<u32>,
    /// Held back.
    pub blocked: Option<u32>,
    /// The part of `building` that waits on a busy drone.
    pub assigned: Option<u32>,
    /// All of them.
    pub total: Option<u32>,
}

/// One item of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueItem {
    /// Its public id: the package's text, numbered from the second of a package on.
    pub id: Arc<str>,
    /// What is to be built; `None` = withheld.
    pub package: Option<PackageAtom>,
    /// How it stands.
    pub state: ItemState,
    /// Why it is not being built.
    pub reason: Option<Reason>,
    /// Which drone has it.
    pub drone: Option<PublicName>,
    /// How often it failed.
    pub failures: u32,
    /// When it was handed out.
    pub assigned_at: Option<Timestamp>,
    /// When work on it began.
    pub started_at: Option<Timestamp>,
    /// How long it should take.
    pub estimate: Option<Estimate>,
    /// When work on it should begin.
    pub expected_start_at: Option<Timestamp>,
    /// When it should be done.
    pub expected_finish_at: Option<Timestamp>,
}

/// How an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ItemState {
    /// Waits.
    Pending,
    /// Is being built.
    Building,
    /// Waits on a busy drone.
    Assigned,
    /// Sits on a drone that went offline.
    Stalled,
    /// Held back.
    Blocked,
    /// Given up.
    Failed,
}

/// Why an item is not being built: a closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// Others are before it.
    InLine,
    /// It failed and will be tried again.
    Retry,
    /// The swarm is paused.
    Paused,
    /// There is no drone.
    NoDroneOnline,
    /// No drone may work.
    NoDroneAble,
    /// Every drone that could has failed it.
    FailedOnEveryAbleDrone,
    /// Its drone works on something else.
    DroneBusy,
    /// Its drone went offline.
    DroneOffline,
    /// Portage masks it.
    Masked,
    /// Several drones failed it.
    FailedOnSeveralDrones,
    /// It failed again and again.
    FailedRepeatedly,
    /// The operator holds it.
    HeldByOperator,
    /// Something else, which is not published.
    Unspecified,
}

/// FNV-1a in 32 bits: every client can compute it, without a secure context or a library.
#[must_use]
pub fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl Queue {
    /// The hash by which a client proves that it has the same queue: FNV-1a of its facts, without estimates.
    #[must_use]
    pub fn hash(&self) -> u32 {
        let mut text = String::new();
        let lists = [("pending", &self.pending), ("building", &self.building), ("blocked", &self.blocked)];
        for (list, items) in lists {
            for item in items {
                item.write_facts(list, &mut text);
            }
        }
        for build in &self.recent {
            text.push_str("recent\t");
            text.push_str(build.id.as_str());
            text.push('\n');
        }
        fnv1a(&text)
    }

    /// The items that are really being built, as far as that is known of those handed out.
    #[must_use]
    pub fn n_building(&self) -> u32 {
        self.counts.building.unwrap_or(0).saturating_sub(self.n_held())
    }

    /// The items that wait: pending, assigned to a busy drone, or stalled on a silent one.
    #[must_use]
    pub fn n_waiting(&self) -> u32 {
        self.counts.pending.unwrap_or(0).saturating_add(self.n_held())
    }

    /// The items that nobody works on until something changes.
    #[must_use]
    pub fn n_held_back(&self) -> u32 {
        self.counts.blocked.unwrap_or(0).saturating_add(self.counts.failed.unwrap_or(0))
    }

    /// The items that were handed out and that nobody builds yet.
    fn n_held(&self) -> u32 {
        let held = self.building.iter().filter(|item| item.state != ItemState::Building).count();
        u32::try_from(held).unwrap_or(u32::MAX)
    }
}

impl QueueItem {
    fn write_facts(&self, list: &str, text: &mut String) {
        let drone = self.drone.as_ref().map_or("", PublicName::as_str);
        let reason = self.reason.map_or("", Reason::as_str);
        // Writing to a string cannot fail.
        let _ = write!(text, "{list}\t{}\t{}\t{drone}\t{}\t", self.id, self.state.as_str(), self.failures);
        if let Some(started_at) = self.started_at {
            let _ = write!(text, "{started_at:.0}");
        }
        let _ = writeln!(text, "\t{reason}");
    }
}

impl Scope {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::All => "all",
        }
    }
}

impl ItemState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Building, Self::Assigned, Self::Stalled, Self::Blocked, Self::Failed];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Building => "building",
            Self::Assigned => "assigned",
            Self::Stalled => "stalled",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
        }
    }
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::InLine,
        Self::Retry,
        Self::Paused,
        Self::NoDroneOnline,
        Self::NoDroneAble,
        Self::FailedOnEveryAbleDrone,
        Self::DroneBusy,
        Self::DroneOffline,
        Self::Masked,
        Self::FailedOnSeveralDrones,
        Self::FailedRepeatedly,
        Self::HeldByOperator,
        Self::Unspecified,
    ];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InLine => "in_line",
            Self::Retry => "retry",
            Self::Paused => "paused",
            Self::NoDroneOnline => "no_drone_online",
            Self::NoDroneAble => "no_drone_able",
            Self::FailedOnEveryAbleDrone => "failed_on_every_able_drone",
            Self::DroneBusy => "drone_busy",
            Self::DroneOffline => "drone_offline",
            Self::Masked => "masked",
            Self::FailedOnSeveralDrones => "failed_on_several_drones",
            Self::FailedRepeatedly => "failed_repeatedly",
            Self::HeldByOperator => "held_by_operator",
            Self::Unspecified => "unspecified",
        }
    }

    /// The reason of that word in documents.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// The words on pages, with `{ahead}`, `{times}` and `{drone}` where those belong.
    #[must_use]
    pub const fn pattern(self) -> &'static str {
        match self {
            Self::InLine => "{ahead} ahead of it",
            Self::Retry => "Failed {times}, will be tried again",
            Self::Paused => "The swarm is paused",
            Self::NoDroneOnline => "No drone is online",
            Self::NoDroneAble => "Every drone is paused or grounded",
            Self::FailedOnEveryAbleDrone => "Every drone that could build it has failed it",
            Self::DroneBusy => "Next on {drone}",
            Self::DroneOffline => "{drone} went offline; will be handed to another",
            Self::Masked => "Masked by Portage",
            Self::FailedOnSeveralDrones => "Failed on several drones",
            Self::FailedRepeatedly => "Failed again and again",
            Self::HeldByOperator => "Held by the operator",
            Self::Unspecified => "Reason not published",
        }
    }

    /// The words on pages; `position` counts from 1.
    #[must_use]
    pub fn words(self, item: &QueueItem, position: usize) -> String {
        self.words_for(item.drone.as_ref().map(PublicName::as_str), item.failures, position)
    }

    /// The words for an item of which the drone, the failures and the position, counted from 1, are known.
    #[must_use]
    pub fn words_for(self, drone: Option<&str>, failures: u32, position: usize) -> String {
        let drone = drone.unwrap_or(if self == Self::DroneOffline { "Its drone" } else { "its drone" });
        self.pattern()
            .replace("{ahead}", &position.saturating_sub(1).to_string())
            .replace("{times}", &times(failures))
            .replace("{drone}", drone)
    }
}

/// How often something happened, in words.
#[must_use]
pub fn times(n: u32) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

#[cfg(test)]
mod tests;
