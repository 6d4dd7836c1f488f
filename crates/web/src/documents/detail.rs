//! The data of documents about one package or one drone.

use std::sync::Arc;

use serde::Serialize;
use snapshot::{history, queue, snapshot::Snapshot};
use utoipa::ToSchema;

use super::{
    build_history::{Kept, Summary},
    build_swarm::Drone,
    form::Instant,
    infrastructure::host::Host,
    item::{Build, QueueItem},
};
use crate::detail::{DroneRecord, PackageRecord, durations, package::Part};

/// The view of a package.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Package<'a> {
    package: String,
    summary: Summary,
    last_success: Option<Build<'a>>,
    first_failure: Option<Build<'a>>,
    versions: Vec<Version<'a>>,
    drones: Vec<Builder<'a>>,
    durations: Durations<'a>,
    queued: Vec<QueueItem<'a>>,
    builds: Vec<Build<'a>>,
    kept: Kept,
}

/// The view of a drone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DroneDetail<'a> {
    name: &'a str,
    drone: Option<Drone<'a>>,
    host: Option<Host<'a>>,
    summary: Summary,
    durations: Durations<'a>,
    queued: Vec<QueueItem<'a>>,
    builds: Vec<Build<'a>>,
    kept: Kept,
}

#[derive(Debug, Serialize, ToSchema)]
struct Version<'a> {
    version: Option<&'a str>,
    summary: Summary,
    last_finished_at: Instant,
}

#[derive(Debug, Serialize, ToSchema)]
struct Builder<'a> {
    drone: Option<&'a str>,
    summary: Summary,
    last_finished_at: Instant,
}

#[derive(Debug, Serialize, ToSchema)]
struct Durations<'a> {
    trend: Vec<Build<'a>>,
    histogram: Vec<Bin>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Bin {
    from_seconds: u32,
    to_seconds: u32,
    builds: u32,
}

impl<'a> Package<'a> {
    /// The view.
    pub(crate) fn of(record: &'a PackageRecord<'_>) -> Self {
        Self {
            package: format!("{}/{}", record.category, record.name),
            summary: Summary::maybe(record.summary.as_ref()),
            last_success: record.last_success.as_deref().map(Build::of),
            first_failure: record.first_failure.as_deref().map(Build::of),
            versions: record.versions.iter().map(Version::of).collect(),
            drones: record.drones.iter().map(Builder::of).collect(),
            durations: Durations::of(&record.durations),
            queued: items(&record.items),
            builds: builds(&record.builds),
            kept: Kept::of(record.kept),
        }
    }
}

impl<'a> DroneDetail<'a> {
    /// The view.
    pub(crate) fn of(record: &'a DroneRecord<'_>, snapshot: &Snapshot) -> Self {
        Self {
            name: &record.name,
            drone: record.drone.map(Drone::of),
            host: record.host.map(|host| Host::of(host, snapshot)),
            summary: Summary::maybe(record.summary.as_ref()),
            durations: Durations::of(&record.durations),
            queued: items(&record.items),
            builds: builds(&record.builds),
            kept: Kept::of(record.kept),
        }
    }
}

impl<'a> Version<'a> {
    fn of(part: &'a Part) -> Self {
        Self {
            version: part.newest.package.as_ref().and_then(|package| package.version()),
            summary: Summary::of(&part.summary),
            last_finished_at: Instant(part.newest.finished_at),
        }
    }
}

impl<'a> Builder<'a> {
    fn of(part: &'a Part) -> Self {
        Self {
            drone: part.newest.drone.as_ref().map(|name| name.as_str()),
            summary: Summary::of(&part.summary),
            last_finished_at: Instant(part.newest.finished_at),
        }
    }
}

impl<'a> Durations<'a> {
    fn of(durations: &'a durations::Durations) -> Self {
        let bin = |bin: &durations::Bin| {
            let durations::Bin { from_seconds, to_seconds, builds } = *bin;
            Bin { from_seconds, to_seconds, builds }
        };
        Self { trend: builds(&durations.trend), histogram: durations.bins.iter().map(bin).collect() }
    }
}

fn builds(builds: &[Arc<history::Build>]) -> Vec<Build<'_>> {
    builds.iter().map(|build| Build::of(build)).collect()
}

fn items<'a>(items: &[&'a queue::QueueItem]) -> Vec<QueueItem<'a>> {
    items.iter().map(|item| QueueItem::of(item)).collect()
}
