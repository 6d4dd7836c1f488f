//! The view of `/drones/{name}`.

use serde::Serialize;
use snapshot::section::SourceName;

use super::{
    builds::FinishedBuild,
    drones::DroneView,
    durations::DurationsView,
    history::SummaryView,
    hosts::HostView,
    items::ItemView,
    scene::{Age, Scene},
    time::Instant,
    words::maybe_number,
};
use crate::{detail::DroneRecord, parameters::escape};

/// A drone.
#[derive(Debug, Serialize)]
pub(super) struct DronePage {
    /// Its name.
    pub(super) name: String,
    /// How old its state is.
    pub(super) age: Age,
    /// How it stands; `None` when it is retired.
    pub(super) drone: Option<DroneView>,
    /// What it has in hand.
    pub(super) items: Vec<ItemView>,
    /// The machine that it is, if anything watches that.
    pub(super) host: Option<HostView>,
    /// How old that is.
    pub(super) host_age: Age,
    /// How old its builds are.
    pub(super) builds_age: Age,
    /// What its builds amount to.
    pub(super) summary: SummaryView,
    /// How long they take.
    pub(super) durations: DurationsView,
    /// Its newest builds.
    pub(super) builds: Vec<FinishedBuild>,
    /// How many builds of it are kept.
    pub(super) total: Option<String>,
    /// All of them in the history, as its query string.
    pub(super) query: String,
    /// The oldest build of anything that is kept.
    pub(super) oldest: Option<Instant>,
}

impl DronePage {
    pub(super) fn of(scene: Scene<'_>, record: &DroneRecord<'_>) -> Self {
        let history = scene.snapshot.history.get();
        Self {
            name: record.name.clone(),
            age: scene.age(scene.drone_source()),
            drone: record.drone.map(|drone| DroneView::of(scene, drone, history)),
            items: record.items.iter().map(|item| ItemView::of(scene, item)).collect(),
            host: record.host.map(|host| HostView::of_drone(scene, host)),
            host_age: scene.age(SourceName::Prometheus),
            builds_age: scene.age(SourceName::Orchestrator),
            summary: SummaryView::of(record.summary),
            durations: DurationsView::of(&record.durations),
            builds: record.builds.iter().map(|build| FinishedBuild::of(scene, build)).collect(),
            total: maybe_number(record.summary.map(|all| all.success + all.failure + all.uncounted)),
            query: format!("?drone={}", escape(&record.name)),
            oldest: scene.maybe_minute(record.kept.and_then(|kept| kept.oldest_finished_at)),
        }
    }
}
