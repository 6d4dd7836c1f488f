//! The view of `/packages/{category}/{name}`.

use serde::Serialize;
use snapshot::{history::Build, section::SourceName};

use super::{
    builds::FinishedBuild,
    durations::DurationsView,
    history::SummaryView,
    items::ItemView,
    scene::{Age, Scene},
    time::{Instant, duration},
    words::{DroneName, Package, drone, maybe_number, number},
};
use crate::{
    detail::{PackageRecord, package::Part},
    history::summary::Summary,
    parameters::escape,
};

/// A package.
#[derive(Debug, Serialize)]
pub(super) struct PackageView {
    /// How old all of this is.
    pub(super) age: Age,
    /// Its name.
    pub(super) package: Package,
    /// What its builds amount to.
    pub(super) summary: SummaryView,
    /// The last good version.
    pub(super) last_success: Option<Outcome>,
    /// The first version that broke after it.
    pub(super) first_failure: Option<Outcome>,
    /// Its items in the queue.
    pub(super) items: Vec<ItemView>,
    /// How long it takes.
    pub(super) durations: DurationsView,
    /// Its versions.
    pub(super) versions: Vec<PartView>,
    /// Who built it.
    pub(super) drones: Vec<PartView>,
    /// Its newest builds.
    pub(super) builds: Vec<FinishedBuild>,
    /// How many builds of it are kept.
    pub(super) total: Option<String>,
    /// All of them in the history, as its query string.
    pub(super) query: String,
    /// The oldest build of anything that is kept.
    pub(super) oldest: Option<Instant>,
}

/// What became of a version.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// The version, if it has one.
    pub(super) version: Option<String>,
    /// When.
    pub(super) at: Instant,
    /// Where.
    pub(super) drone: Option<DroneName>,
}

/// Builds of one version or one drone.
#[derive(Debug, Serialize)]
pub(super) struct PartView {
    /// The version.
    pub(super) version: Option<String>,
    /// The drone.
    pub(super) drone: Option<DroneName>,
    /// How many succeeded.
    pub(super) built: String,
    /// How many failed.
    pub(super) failed: String,
    /// Half of them took longer.
    pub(super) median: Option<String>,
    /// The newest of them.
    pub(super) last: Instant,
}

impl PackageView {
    pub(super) fn of(scene: Scene<'_>, record: &PackageRecord<'_>) -> Self {
        let outcome = |build: &Build| Outcome::of(scene, build);
        let part = |part: &Part| PartView::of(scene, &part.newest, &part.summary);
        let name = format!("{}/{}", record.category, record.name);
        Self {
            age: scene.age(SourceName::Orchestrator),
            package: Package::of(&record.category, &record.name, None),
            summary: SummaryView::of(record.summary),
            last_success: record.last_success.as_deref().map(outcome),
            first_failure: record.first_failure.as_deref().map(outcome),
            items: record.items.iter().map(|item| ItemView::of(scene, item)).collect(),
            durations: DurationsView::of(&record.durations),
            versions: record.versions.iter().map(part).collect(),
            drones: record.drones.iter().map(part).collect(),
            builds: record.builds.iter().map(|build| FinishedBuild::of(scene, build)).collect(),
            total: maybe_number(record.summary.map(|all| all.success + all.failure + all.uncounted)),
            query: format!("?package={}", escape(&name)),
            oldest: scene.maybe_minute(record.kept.and_then(|kept| kept.oldest_finished_at)),
        }
    }
}

impl Outcome {
    fn of(scene: Scene<'_>, build: &Build) -> Self {
        Self { version: version(build), at: scene.minute(build.finished_at), drone: drone!(build.drone) }
    }
}

impl PartView {
    pub(super) fn of(scene: Scene<'_>, newest: &Build, sum: &Summary) -> Self {
        Self {
            version: version(newest),
            drone: drone!(newest.drone),
            built: number(sum.success),
            failed: number(sum.failure),
            median: sum.median_seconds.map(|seconds| duration(u64::from(seconds))),
            last: scene.minute(newest.finished_at),
        }
    }
}

fn version(build: &Build) -> Option<String> {
    build.package.as_ref().and_then(|package| package.version()).map(str::to_owned)
}
