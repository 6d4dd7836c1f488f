//! Rows of builds: under way, waiting, held back and finished.

use std::sync::Arc;

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::Serialize;
use snapshot::{
    clock::elapsed,
    estimate::{Basis, Estimate},
    history::Build,
    queue::{ItemState, QueueItem, times},
};

use super::{
    badge::Badge,
    scene::Scene,
    time::{Instant, duration, iso},
    words::{DroneName, Package, drone, package},
};

/// How far a build is at most said to be: what is not finished is not done.
const PROGRESS_MAX: u64 = 99;
/// The words before an instant that is still to be believed, and before one that may have changed.
pub(super) const EXPECTED: &str = "expected";
pub(super) const WAS_EXPECTED: &str = "was expected";
/// The words for earlier failures.
pub(super) const FAILURES: &str = "failed {times} before";

/// A build that is handed to a drone.
#[derive(Debug, Serialize)]
pub(super) struct ActiveBuild {
    /// The item's id.
    pub(super) id: String,
    /// What is built.
    pub(super) package: Option<Package>,
    /// The dependency that is compiled right now, if it is not the package itself.
    pub(super) compiling: Option<Package>,
    /// Who has it.
    pub(super) drone: Option<DroneName>,
    /// How it stands, for the layout.
    pub(super) state: &'static str,
    /// The same as it is read.
    pub(super) badge: Badge,
    /// Why it is not being built.
    pub(super) reason: Option<String>,
    /// When work on it began.
    pub(super) started: Option<Instant>,
    /// When it was handed out, while no start is known.
    pub(super) assigned: Option<Instant>,
    /// How far it is; `None` without an estimate, and while the orchestrator is silent.
    pub(super) progress: Option<Progress>,
    /// Whether time goes on for it.
    pub(super) is_ticking: bool,
    /// When it should be done.
    pub(super) expected: Option<Expected>,
    /// When it should have been done: it takes longer than nine of ten would.
    pub(super) late: Option<Late>,
    /// How often it failed before.
    pub(super) failures: Option<String>,
    /// What of the item is not to be read elsewhere on the page, for scripts; `None` where no script takes up the queue.
    pub(super) facts: Option<String>,
}

/// How far a build is, and what a script needs to go on.
#[derive(Debug, Serialize)]
pub(super) struct Progress {
    /// 0 to 99.
    pub(super) percent: u64,
    /// When work began.
    pub(super) started_at: String,
    /// Half of the builds take longer.
    pub(super) median_seconds: u32,
    /// One of ten takes longer.
    pub(super) high_seconds: u32,
}

/// When something should be done.
#[derive(Debug, Serialize)]
pub(super) struct Expected {
    /// The words before the instant: "expected", or "was expected" when that may have changed.
    pub(super) verb: &'static str,
    /// The most likely instant.
    pub(super) at: Instant,
    /// One of ten is earlier, one of ten later.
    pub(super) range: Option<Range>,
    /// What the estimate was learned from.
    pub(super) basis: Option<String>,
}

/// Between two instants.
#[derive(Debug, Serialize)]
pub(super) struct Range {
    /// The earlier one.
    pub(super) low: Instant,
    /// The later one.
    pub(super) high: Instant,
}

/// When something should have been done.
#[derive(Debug, Serialize)]
pub(super) struct Late {
    /// Nine of ten are earlier.
    pub(super) high: Instant,
    /// What the estimate was learned from.
    pub(super) basis: String,
}

/// An item that waits.
#[derive(Debug, Serialize)]
pub(super) struct PendingItem {
    /// The item's id.
    pub(super) id: String,
    /// Its place in the queue, from 1.
    pub(super) position: usize,
    /// What is to be built.
    pub(super) package: Option<Package>,
    /// Why it waits.
    pub(super) reason: Option<Badge>,
    /// Whether the reason is anything but the line itself.
    pub(super) is_held: bool,
    /// How long it should take.
    pub(super) takes: Option<String>,
    /// When work on it should begin.
    pub(super) expected_start: Option<Instant>,
    /// When it should be done.
    pub(super) expected_finish: Option<Instant>,
    /// As for a build under way.
    pub(super) facts: String,
}

/// An item that nobody works on until something changes.
#[derive(Debug, Serialize)]
pub(super) struct BlockedItem {
    /// The item's id.
    pub(super) id: String,
    /// What is to be built.
    pub(super) package: Option<Package>,
    /// Blocked or failed.
    pub(super) badge: Badge,
    /// Why.
    pub(super) reason: Option<String>,
    /// How often it failed.
    pub(super) failures: u32,
    /// As for a build under way.
    pub(super) facts: String,
}

/// A finished build.
#[derive(Debug, Serialize)]
pub(super) struct FinishedBuild {
    /// Its public id.
    pub(super) id: String,
    /// What was built.
    pub(super) package: Option<Package>,
    /// Who built it.
    pub(super) drone: Option<DroneName>,
    /// What became of it.
    pub(super) badge: Badge,
    /// How long it took.
    pub(super) took: Option<String>,
    /// Its share of the longest beside it, 0 to 100, where they are compared.
    pub(super) share: Option<u8>,
    /// When it was booked.
    pub(super) finished: Instant,
}

impl ActiveBuild {
    pub(super) fn of(scene: Scene<'_>, item: &QueueItem) -> Self {
        let is_ticking = scene.is_orchestrator_online() && item.state == ItemState::Building;
        let started_at = item.started_at.filter(|_| is_ticking);
        let pace = started_at.zip(item.estimate);
        let is_overdue = pace.is_some_and(|(at, estimate)| {
            elapsed(at, scene.now.wall).as_secs() > u64::from(estimate.high_seconds)
        });
        let badge = if is_overdue { Badge::overdue() } else { Badge::item(item.state) };
        let task = scene.drones().iter().filter(|drone| Some(&drone.name) == item.drone.as_ref());
        let mut task = task.filter_map(|drone| drone.task.as_ref());
        let compiling =
            task.find(|task| task.package == item.package).and_then(|task| task.compiling.as_ref());
        let late = item.estimate.zip(item.started_at).filter(|_| is_overdue);
        Self {
            id: item.id.to_string(),
            package: package!(item.package),
            compiling: package!(compiling),
            drone: drone!(item.drone),
            state: item.state.as_str(),
            badge,
            reason: item.reason.map(|reason| reason.words(item, 1)),
            started: scene.maybe_minute(item.started_at),
            assigned: scene.maybe_minute(item.assigned_at.filter(|_| item.started_at.is_none())),
            progress: pace
                .filter(|_| !is_overdue)
                .map(|(at, estimate)| Progress::of(at, estimate, scene.now.wall)),
            is_ticking,
            expected: Expected::of(scene, item).filter(|_| late.is_none()),
            late: late.and_then(|(estimate, at)| Late::of(scene, estimate, at)),
            failures: failures(item.failures),
            facts: None,
        }
    }

    /// With what a script needs to take up the queue.
    pub(super) fn with_facts(self, item: &QueueItem) -> Self {
        Self { facts: Some(facts(item)), ..self }
    }
}

impl Progress {
    fn of(started_at: Timestamp, estimate: Estimate, now: Timestamp) -> Self {
        let median = u64::from(estimate.median_seconds.max(1));
        let percent = elapsed(started_at, now).as_secs().saturating_mul(100) / median;
        Self {
            percent: percent.min(PROGRESS_MAX),
            started_at: iso(started_at),
            median_seconds: estimate.median_seconds,
            high_seconds: estimate.high_seconds,
        }
    }
}

impl Expected {
    fn of(scene: Scene<'_>, item: &QueueItem) -> Option<Self> {
        let at = item.expected_finish_at?;
        let range = item.started_at.zip(item.estimate).and_then(|(at, estimate)| {
            Some(Range {
                low: after(scene, at, estimate.low_seconds, RoundMode::Trunc)?,
                high: after(scene, at, estimate.high_seconds, RoundMode::Ceil)?,
            })
        });
        Some(Self {
            verb: if scene.is_orchestrator_online() { EXPECTED } else { WAS_EXPECTED },
            at: scene.minute(at),
            range,
            basis: item.estimate.map(basis),
        })
    }
}

impl Late {
    fn of(scene: Scene<'_>, estimate: Estimate, started_at: Timestamp) -> Option<Self> {
        let high = after(scene, started_at, estimate.high_seconds, RoundMode::Ceil)?;
        Some(Self { high, basis: basis(estimate) })
    }
}

impl PendingItem {
    pub(super) fn of(scene: Scene<'_>, item: &QueueItem, position: usize) -> Self {
        let reason = item.reason.map(|reason| Badge::reason(reason, reason.words(item, position)));
        Self {
            id: item.id.to_string(),
            position,
            package: package!(item.package),
            is_held: item.reason.is_some_and(|reason| reason != snapshot::queue::Reason::InLine),
            reason,
            takes: item.estimate.map(|estimate| duration(u64::from(estimate.median_seconds))),
            expected_start: scene.maybe_minute(item.expected_start_at),
            expected_finish: scene.maybe_minute(item.expected_finish_at),
            facts: facts(item),
        }
    }
}

impl BlockedItem {
    pub(super) fn of(item: &QueueItem) -> Self {
        Self {
            id: item.id.to_string(),
            package: package!(item.package),
            badge: Badge::item(item.state),
            reason: item.reason.map(|reason| reason.words(item, 1)),
            failures: item.failures,
            facts: facts(item),
        }
    }
}

impl FinishedBuild {
    pub(super) fn of(scene: Scene<'_>, build: &Build) -> Self {
        Self {
            id: build.id.as_str().to_owned(),
            package: package!(build.package),
            drone: drone!(build.drone),
            badge: Badge::build(build.status),
            took: build.duration_seconds.map(|seconds| duration(u64::from(seconds))),
            share: None,
            finished: scene.minute(build.finished_at),
        }
    }

    /// Some builds, each with its share of the longest of them.
    pub(super) fn compared(scene: Scene<'_>, builds: &[Arc<Build>]) -> Vec<Self> {
        let longest = builds.iter().filter_map(|build| build.duration_seconds).max().unwrap_or(0);
        let share = |seconds: u32| u8::try_from(u64::from(seconds) * 100 / u64::from(longest.max(1))).ok();
        let compared = |build: &Arc<Build>| Self {
            share: build.duration_seconds.and_then(share),
            ..Self::of(scene, build)
        };
        builds.iter().map(compared).collect()
    }
}

/// A whole minute; rounded outwards, or a range of one minute would end before what is expected in it.
fn after(scene: Scene<'_>, at: Timestamp, seconds: u32, mode: RoundMode) -> Option<Instant> {
    let at = at.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).ok()?;
    let minute = TimestampRound::new().smallest(Unit::Minute).mode(mode);
    at.round(minute).ok().map(|at| scene.minute(at))
}

/// What a script needs to take up the queue where the page leaves off: its fields in the order of the documents, except
/// for id and package, joined by bars, and empty where nothing is known. No word and no name has a bar.
fn facts(item: &QueueItem) -> String {
    let at = |at: Option<Timestamp>| at.map(iso).unwrap_or_default();
    let estimate = item.estimate.map(|estimate| {
        let Estimate { median_seconds, low_seconds, high_seconds, basis, samples } = estimate;
        format!("{median_seconds} {low_seconds} {high_seconds} {} {samples}", basis.as_str())
    });
    [
        item.state.as_str(),
        item.reason.map_or("", snapshot::queue::Reason::as_str),
        item.drone.as_ref().map_or("", |drone| drone.as_str()),
        &item.failures.to_string(),
        &at(item.assigned_at),
        &at(item.started_at),
        &estimate.unwrap_or_default(),
        &at(item.expected_start_at),
        &at(item.expected_finish_at),
    ]
    .join("|")
}

fn failures(n: u32) -> Option<String> {
    (n > 0).then(|| FAILURES.replace("{times}", &times(n)))
}

fn basis(estimate: Estimate) -> String {
    basis_pattern(estimate.basis, estimate.samples).replace("{n}", &estimate.samples.to_string())
}

/// What an estimate was learned from, with `{n}` for the number of builds.
pub(super) fn basis_pattern(basis: Basis, samples: u32) -> String {
    let of = match basis {
        Basis::Package => "of this package",
        Basis::Category => "in its category",
        Basis::Global => "of any package",
    };
    let builds = if samples == 1 { "build" } else { "builds" };
    format!("from {{n}} {builds} {of}")
}
