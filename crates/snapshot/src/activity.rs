//! What happened of late, found by comparing what was published with what is published next.
//!
//! Finished builds are in the history already and are not kept twice: [`feed`] puts both together. Events tell of public
//! values alone, so that nothing a backend wrote can get into them.

use std::{collections::HashSet, iter::Peekable};

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    control::Control,
    fleet::{Drone, DroneState, Fleet},
    history::{Build, DAY},
    outage::{self, Outage},
    queue::{ItemState, Queue, Reason},
    section::SourceName,
    snapshot::Snapshot,
};

/// How many events are kept, and how many of all that happened are told.
pub const EVENTS_MAX: usize = 100;

/// What happened of late beside finished builds: events of the last 24 hours, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Activity {
    /// The events, [`EVENTS_MAX`] at most.
    pub events: Vec<Event>,
    /// Outages of the last 30 days that are over, the one that ended last first.
    #[serde(default)]
    pub outages: Vec<Outage>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, as the backend booked it where it did; otherwise when it was seen.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What can happen beside a build that finishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// Nobody builds a package until something changes.
    Blocked {
        /// The package; `None` = withheld since.
        package: Option<PackageAtom>,
        /// Why.
        reason: Option<Reason>,
    },
    /// A drone is no longer heard.
    Left(PublicName),
    /// A drone is heard again.
    Returned(PublicName),
    /// No work is handed out any more.
    Paused,
    /// Work is handed out again.
    Resumed,
}

/// Something that happened, of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening<'a> {
    /// A build finished.
    Finished(&'a Build),
    /// Anything else.
    Other(&'a Event),
}

impl Activity {
    /// What is kept after `next` was made from `previous` at `now`.
    #[must_use]
    pub fn after(mut self, previous: &Snapshot, next: &Snapshot, now: Timestamp) -> Self {
        let heard = |source| {
            let seen = next.sources.get(source).and_then(|source| source.last_seen);
            seen.map_or(now, |seen| seen.at.min(now))
        };
        let events = &mut self.events;
        if let (Some(before), Some(after)) = (previous.fleet.get(), next.fleet.get()) {
            events.extend(moves(before, after));
        }
        if let (Some(before), Some(after)) = (previous.control.get(), next.control.get()) {
            events.extend(pause(before, after, heard(SourceName::Orchestrator)));
        }
        if let (Some(before), Some(after)) = (previous.queue.get(), next.queue.get()) {
            events.extend(blocks(before, after, heard(SourceName::Orchestrator)));
        }
        events.iter_mut().for_each(|event| event.at = event.at.min(now));
        let begin = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        events.retain(|event| event.at > begin);
        events.sort_by_key(|event| std::cmp::Reverse(event.at));
        events.truncate(EVENTS_MAX);
        self.outages.extend(outage::ended(previous, next));
        outage::keep(&mut self.outages, now);
        self
    }
}

impl Happening<'_> {
    /// When it happened.
    #[must_use]
    pub fn at(self) -> Timestamp {
        match self {
            Self::Finished(build) => build.finished_at,
            Self::Other(event) => event.at,
        }
    }
}

/// Everything that happened in the 24 hours before `now`, the newest first, [`EVENTS_MAX`] at most.
pub fn feed(snapshot: &Snapshot, now: Timestamp) -> impl Iterator<Item = Happening<'_>> {
    let begin = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
    let builds = snapshot.history.get().into_iter().flat_map(|history| &history.builds);
    let events = snapshot.activity.get().into_iter().flat_map(|activity| &activity.events);
    let merged = Merged {
        builds: builds.map(|build| Happening::Finished(build)).peekable(),
        events: events.map(Happening::Other).peekable(),
    };
    merged.take_while(move |happening| happening.at() > begin).take(EVENTS_MAX)
}

/// Two feeds, each the newest first, as one.
struct Merged<B: Iterator, E: Iterator> {
    builds: Peekable<B>,
    events: Peekable<E>,
}

impl<'a, B, E> Iterator for Merged<B, E>
where
    B: Iterator<Item = Happening<'a>>,
    E: Iterator<Item = Happening<'a>>,
{
    type Item = Happening<'a>;

    fn next(&mut self) -> Option<Happening<'a>> {
        match (self.builds.peek(), self.events.peek()) {
            (Some(build), Some(event)) if event.at() > build.at() => self.events.next(),
            (Some(_), _) => self.builds.next(),
            (None, _) => self.events.next(),
        }
    }
}

/// Drones that went and drones that came back. One that was not listed before has done neither.
fn moves(before: &Fleet, after: &Fleet) -> impl Iterator<Item = Event> {
    after.drones.iter().filter_map(|drone| {
        let was = before.drones.iter().find(|was| was.name == drone.name)?.state;
        match (was, drone.state) {
            (DroneState::Offline | DroneState::Unknown, DroneState::Offline)
            | (DroneState::Unknown, _)
            | (_, DroneState::Unknown) => None,
            (_, DroneState::Offline) => Some(left(drone)),
            (DroneState::Offline, _) => {
                Some(Event { at: drone.state_since, what: What::Returned(drone.name.clone()) })
            }
            _ => None,
        }
    })
}

fn left(drone: &Drone) -> Event {
    Event { at: drone.offline_since.unwrap_or(drone.state_since), what: What::Left(drone.name.clone()) }
}

fn pause(before: &Control, after: &Control, seen: Timestamp) -> Option<Event> {
    match (before.paused?, after.paused?) {
        (false, true) => Some(Event { at: after.paused_since.unwrap_or(seen), what: What::Paused }),
        (true, false) => Some(Event { at: seen, what: What::Resumed }),
        _ => None,
    }
}

/// Items that became blocked. A queue of other items, or one of which a part was not listed, says nothing of that, and
/// nor does an item that is withheld: it may be an old one that lost its name.
fn blocks(before: &Queue, after: &Queue, seen: Timestamp) -> Vec<Event> {
    if before.scope != after.scope || before.truncated.blocked > 0 {
        return Vec::new();
    }
    let is_blocked = |state| state == ItemState::Blocked;
    let known: HashSet<_> =
        before.blocked.iter().filter(|item| is_blocked(item.state)).map(|item| &item.id).collect();
    let new = after.blocked.iter().filter(|item| is_blocked(item.state) && !known.contains(&item.id));
    let event = |package, reason| Event { at: seen, what: What::Blocked { package: Some(package), reason } };
    new.filter_map(|item| Some(event(item.package.clone()?, item.reason))).collect()
}

#[cfg(test)]
mod tests;
