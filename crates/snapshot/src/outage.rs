//! Outages: from when until when something did not answer.
//!
//! One that goes on follows from the snapshot at an instant; one that is over was noted when what it is about came
//! back. Both begin at the same instant, so whoever tells of outages can tell which is which over their whole life, and
//! over restarts of this process.

use identity::name::PublicName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    clock::{Now, add},
    fleet::{Drone, DroneState},
    history::DAY,
    infrastructure::{Host, Reachability, Service, services::services},
    section::{Observation, SourceName, SourceState},
    snapshot::Snapshot,
};

/// How many outages that are over are kept.
pub const OUTAGES_MAX: usize = 100;

/// How many days they are kept.
const KEPT_DAYS: u32 = 30;

/// A stretch of time in which something did not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// What.
    pub subject: Subject,
    /// From when on: the last sign of life, where one is known.
    pub from: Timestamp,
    /// Until when; `None` = it goes on, as far as is known.
    pub to: Option<Timestamp>,
}

/// What can fail to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// A backend, or our own probes.
    Source(SourceName),
    /// A drone that is missed.
    Drone(PublicName),
    /// A host.
    Host(PublicName),
    /// A service.
    Service(PublicName),
}

/// The outages that go on at `now`: sources, drones, hosts, services, each in the order in which they are listed.
#[must_use]
pub fn ongoing(snapshot: &Snapshot, now: Now) -> Vec<Outage> {
    let silent = |(name, source): (SourceName, &Observation)| {
        let seen = source.last_seen.filter(|_| source.state(now) == SourceState::Offline)?;
        Some(Outage { subject: Subject::Source(name), from: seen.at, to: None })
    };
    let drones = snapshot.fleet.get().into_iter().flat_map(|fleet| &fleet.drones);
    let hosts = snapshot.metrics.get().into_iter().flat_map(|metrics| &metrics.hosts);
    let down = services(snapshot).unwrap_or_default();
    let mut all: Vec<Outage> = snapshot.sources.iter().filter_map(silent).collect();
    all.extend(drones.filter_map(of_drone));
    all.extend(hosts.filter_map(of_host));
    all.extend(down.iter().filter_map(of_service));
    all
}

/// The outages that ended between two snapshots that follow each other.
#[must_use]
pub(crate) fn ended(previous: &Snapshot, next: &Snapshot) -> Vec<Outage> {
    let mut ended: Vec<Outage> =
        previous.sources.iter().filter_map(|source| returned(source, next)).collect();
    if let (Some(before), Some(after)) = (previous.fleet.get(), next.fleet.get()) {
        ended.extend(before.drones.iter().filter_map(|was| {
            let outage = of_drone(was)?;
            let drone = after.drones.iter().find(|drone| drone.name == was.name)?;
            let is_back = !matches!(drone.state, DroneState::Offline | DroneState::Unknown);
            is_back.then(|| outage.until(drone.state_since))
        }));
    }
    let is_same_metrics = is_same(previous.metrics.get(), next.metrics.get());
    if let (Some(before), Some(after), false) = (previous.metrics.get(), next.metrics.get(), is_same_metrics)
    {
        ended.extend(before.hosts.iter().filter_map(|was| {
            let outage = of_host(was)?;
            let host = after.hosts.iter().find(|host| host.name == was.name)?;
            (host.state == Reachability::Up).then(|| outage.until(host.state_since))
        }));
    }
    let is_same_everything = is_same_metrics && is_same(previous.probes.get(), next.probes.get());
    if !is_same_everything && let (Some(before), Some(after)) = (services(previous), services(next)) {
        ended.extend(before.iter().filter_map(|was| {
            let outage = of_service(was)?;
            let service = after.iter().find(|service| service.name == was.name)?;
            let is_back = matches!(service.state, Reachability::Up | Reachability::Degraded);
            is_back.then(|| outage.until(service.state_since))
        }));
    }
    ended
}

/// Whether both are the very same, or neither is known.
fn is_same<T>(previous: Option<&T>, next: Option<&T>) -> bool {
    match (previous, next) {
        (Some(previous), Some(next)) => std::ptr::eq(previous, next),
        (None, None) => true,
        _ => false,
    }
}

/// Of outages that are over those that are worth keeping at `now`, the one that ended last first.
pub(crate) fn keep(outages: &mut Vec<Outage>, now: Timestamp) {
    let is_new = |to: Timestamp| add(to, DAY * KEPT_DAYS) > now;
    outages.retain(|outage| outage.to.is_some_and(is_new));
    outages.sort_by_key(|outage| std::cmp::Reverse(outage.to));
    outages.truncate(OUTAGES_MAX);
}

/// A source that was offline just before it was heard again, and that this process asked before.
///
/// Without that, nobody knows whether it was silent or whether nobody listened.
fn returned((name, was): (SourceName, &Observation), next: &Snapshot) -> Option<Outage> {
    let seen = next.sources.get(name)?.last_seen?;
    let heard = Now { wall: seen.at, uptime: seen.uptime? };
    let is_back = was.is_tried() && was.last_seen != Some(seen) && was.state(heard) == SourceState::Offline;
    let from = was.last_seen.filter(|_| is_back)?.at;
    Some(Outage { subject: Subject::Source(name), from, to: None }.until(seen.at))
}

fn of_drone(drone: &Drone) -> Option<Outage> {
    let from = drone.offline_since.unwrap_or(drone.state_since);
    let is_missed = drone.state == DroneState::Offline && !drone.optional;
    is_missed.then(|| Outage { subject: Subject::Drone(drone.name.clone()), from, to: None })
}

fn of_host(host: &Host) -> Option<Outage> {
    let outage = || Outage { subject: Subject::Host(host.name.clone()), from: host.state_since, to: None };
    (host.state == Reachability::Down).then(outage)
}

fn of_service(service: &Service) -> Option<Outage> {
    let subject = || Subject::Service(service.name.clone());
    let outage = || Outage { subject: subject(), from: service.state_since, to: None };
    (service.state == Reachability::Down).then(outage)
}

impl Outage {
    /// The same, over at an instant, and never before it began.
    fn until(self, to: Timestamp) -> Self {
        Self { to: Some(to.max(self.from)), ..self }
    }
}

impl Subject {
    /// The word for its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Source(_) => "source",
            Self::Drone(_) => "drone",
            Self::Host(_) => "host",
            Self::Service(_) => "service",
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Source(name) => name.title(),
            Self::Drone(name) | Self::Host(name) | Self::Service(name) => name.as_str(),
        }
    }
}

#[cfg(test)]
mod tests;
