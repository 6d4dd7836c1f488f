//! Rows of builds: under way, waiting, held back and finished.

use jiff::Timestamp;
use serde::Serialize;
use snapshot::{
    clock::elapsed,
    estimate::{Basis, Estimate},
    history::Build,
    queue::{ItemState, QueueItem},
};

use super::{
    badge::Badge,
    scene::Scene,
    time::{Instant, duration, iso},
    words::{Package, package},
};

/// How far a build is at most said to be: what is not finished is not done.
const PROGRESS_MAX: u64 = 99;

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
    pub(super) drone: Option<String>,
    /// How it stands.
    pub(super) badge: Badge,
    /// Why it is not being built.
    pub(super) reason: Option<String>,
    /// When work on it began.
    pub(super) started: Option<Instant>,
    /// When it was handed out.
    pub(super) assigned: Option<Instant>,
    /// How far it is; `None` without an estimate, and while the orchestrator is silent.
    pub(super) progress: Option<Progress>,
    /// It takes longer than nine of ten would.
    pub(super) is_overdue: bool,
    /// Whether time goes on for it.
    pub(super) is_ticking: bool,
    /// When it should be done.
    pub(super) expected: Option<Expected>,
    /// How often it failed before.
    pub(super) failures: Option<String>,
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
    /// One of ten is earlier.
    pub(super) low: Option<Instant>,
    /// One of ten is later.
    pub(super) high: Option<Instant>,
    /// What the estimate was learned from.
    pub(super) basis: Option<String>,
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
}

/// A finished build.
#[derive(Debug, Serialize)]
pub(super) struct FinishedBuild {
    /// Its public id.
    pub(super) id: String,
    /// What was built.
    pub(super) package: Option<Package>,
    /// Who built it.
    pub(super) drone: Option<String>,
    /// What became of it.
    pub(super) badge: Badge,
    /// How long it took.
    pub(super) took: Option<String>,
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
        let badge = if is_overdue {
            Badge::new(super::badge::Tone::Warning, "overdue")
        } else {
            Badge::item(item.state)
        };
        let task = scene.drones().iter().filter(|drone| Some(&drone.name) == item.drone.as_ref());
        let mut task = task.filter_map(|drone| drone.task.as_ref());
        let compiling =
            task.find(|task| task.package == item.package).and_then(|task| task.compiling.as_ref());
        Self {
            id: item.id.to_string(),
            package: package!(item.package),
            compiling: package!(compiling),
            drone: item.drone.as_ref().map(ToString::to_string),
            badge,
            reason: item.reason.map(|reason| reason.words(item, 1)),
            started: scene.maybe_minute(item.started_at),
            assigned: scene.maybe_minute(item.assigned_at),
            progress: pace
                .filter(|_| !is_overdue)
                .map(|(at, estimate)| Progress::of(at, estimate, scene.now.wall)),
            is_overdue,
            is_ticking,
            expected: Expected::of(scene, item),
            failures: failures(item.failures),
        }
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
        let after = |seconds: fn(&Estimate) -> u32| {
            let seconds = jiff::SignedDuration::from_secs(i64::from(seconds(item.estimate.as_ref()?)));
            let at = item.started_at?.checked_add(seconds).ok()?;
            Some(scene.minute(at))
        };
        Some(Self {
            verb: if scene.is_orchestrator_online() { "expected" } else { "was expected" },
            at: scene.minute(at),
            low: after(|estimate| estimate.low_seconds),
            high: after(|estimate| estimate.high_seconds),
            basis: item.estimate.map(basis),
        })
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
        }
    }
}

impl FinishedBuild {
    pub(super) fn of(scene: Scene<'_>, build: &Build) -> Self {
        Self {
            id: build.id.as_str().to_owned(),
            package: package!(build.package),
            drone: build.drone.as_ref().map(ToString::to_string),
            badge: Badge::build(build.status),
            took: build.duration_seconds.map(|seconds| duration(u64::from(seconds))),
            finished: scene.minute(build.finished_at),
        }
    }
}

fn failures(n: u32) -> Option<String> {
    match n {
        0 => None,
        1 => Some("failed once before".to_owned()),
        2 => Some("failed twice before".to_owned()),
        n => Some(format!("failed {n} times before")),
    }
}

fn basis(estimate: Estimate) -> String {
    let of = match estimate.basis {
        Basis::Package => "of this package",
        Basis::Category => "in its category",
        Basis::Global => "of any package",
    };
    match estimate.samples {
        1 => format!("from 1 build {of}"),
        n => format!("from {n} builds {of}"),
    }
}
