//! The view of `/`.

use serde::Serialize;
use snapshot::{
    queue::QueueItem,
    section::SourceName,
    situation::Situation,
    status::{swarm_status, swarm_status_since},
    verdict,
};

use super::{
    activity::ActivityView,
    badge::{Badge, Tone},
    builds::{ActiveBuild, FinishedBuild},
    counts::{Bar, CountsView, SessionView, Tile},
    drones::FleetView,
    hosts::StripView,
    scene::{Age, Scene},
    time::{Instant, duration},
    words::SentenceView,
};

/// How many finished builds the dashboard has: they leave room for what else happened.
const RECENT_SHOWN: usize = 8;

/// The dashboard.
#[derive(Debug, Serialize)]
pub(super) struct DashboardView {
    /// How things are, in words.
    pub(super) verdict: VerdictView,
    /// The swarm itself.
    pub(super) swarm: SwarmView,
    /// The queue in numbers.
    pub(super) counts: CountsView,
    /// What is being built.
    pub(super) active: ActiveView,
    /// Who builds.
    pub(super) fleet: FleetView,
    /// The machines, if anything watches them.
    pub(super) hosts: Option<StripView>,
    /// What was built last.
    pub(super) recent: RecentView,
    /// What else happened of late.
    pub(super) activity: ActivityView,
    /// What happened in the last 24 hours.
    pub(super) day: DayView,
}

/// The verdict.
#[derive(Debug, Serialize)]
pub(super) struct VerdictView {
    /// How urgent it is.
    pub(super) badge: Badge,
    /// Which rule matched.
    pub(super) code: &'static str,
    /// The sentence.
    pub(super) text: SentenceView,
    /// What else is worth a sentence.
    pub(super) notes: Vec<SentenceView>,
    /// Since when.
    pub(super) since: Instant,
    /// How old the oldest thing is that it rests on.
    pub(super) age: Age,
}

/// The swarm itself.
#[derive(Debug, Serialize)]
pub(super) struct SwarmView {
    /// How old this is.
    pub(super) age: Age,
    /// Its status.
    pub(super) badge: Badge,
    /// Since when.
    pub(super) since: Option<Instant>,
    /// Whether the orchestrator ever said anything of itself.
    pub(super) is_known: bool,
    /// The orchestrator's version.
    pub(super) version: Option<String>,
    /// The run at hand.
    pub(super) session: Option<SessionView>,
}

/// What drones have in their hands.
#[derive(Debug, Serialize)]
pub(super) struct ActiveView {
    /// How old this is.
    pub(super) age: Age,
    /// Whether any queue was ever known.
    pub(super) is_known: bool,
    /// What is being built, what was interrupted, and what waits for a drone that is busy.
    pub(super) builds: Vec<ActiveBuild>,
}

/// What was built last.
#[derive(Debug, Serialize)]
pub(super) struct RecentView {
    /// How old this is.
    pub(super) age: Age,
    /// Whether anything was ever known.
    pub(super) is_known: bool,
    /// The builds, the newest first.
    pub(super) builds: Vec<FinishedBuild>,
}

/// What happened in the last 24 hours.
#[derive(Debug, Serialize)]
pub(super) struct DayView {
    /// How old this is.
    pub(super) age: Age,
    /// Builds that succeeded, that failed and that count as neither.
    pub(super) tiles: [Tile; 3],
    /// The same as a bar; `None` without any.
    pub(super) bar: Option<Bar>,
    /// The share of successes among those that count.
    pub(super) rate: Option<String>,
    /// How long all of them took together.
    pub(super) build_time: Option<String>,
    /// How much of the day was observed; `None` when all of it was.
    pub(super) coverage: Option<String>,
}

impl DashboardView {
    pub(super) fn of(scene: Scene<'_>) -> Self {
        Self {
            verdict: VerdictView::of(scene),
            swarm: SwarmView::of(scene),
            counts: CountsView::of(scene),
            active: ActiveView::of(scene),
            fleet: FleetView::of(scene),
            hosts: StripView::of(scene),
            recent: RecentView::of(scene),
            activity: ActivityView::compact(scene),
            day: DayView::of(scene),
        }
    }
}

impl VerdictView {
    fn of(scene: Scene<'_>) -> Self {
        let verdict = verdict::verdict(scene.snapshot, scene.now);
        Self {
            badge: Badge::level(verdict.level),
            code: verdict.code.as_str(),
            text: scene.sentence(&verdict.text),
            notes: verdict.notes.iter().map(|note| scene.sentence(note)).collect(),
            since: scene.minute(verdict.since),
            age: verdict_age(scene),
        }
    }
}

impl SwarmView {
    fn of(scene: Scene<'_>) -> Self {
        let status = swarm_status(&Situation::of(scene.snapshot, scene.now));
        let control = scene.snapshot.control.get();
        Self {
            age: scene.age(SourceName::Orchestrator),
            badge: Badge::swarm(status),
            since: scene.maybe_minute(swarm_status_since(scene.snapshot, status, scene.now)),
            is_known: control.is_some(),
            version: control.and_then(|control| control.version.as_ref()).map(|v| v.as_str().to_owned()),
            session: SessionView::of(scene),
        }
    }
}

impl ActiveView {
    fn of(scene: Scene<'_>) -> Self {
        Self::made(scene, |item| ActiveBuild::of(scene, item))
    }

    /// With what a script needs to take up the queue: on a page that shows all of it.
    pub(super) fn with_facts(scene: Scene<'_>) -> Self {
        Self::made(scene, |item| ActiveBuild::of(scene, item).with_facts(item))
    }

    fn made(scene: Scene<'_>, make: impl Fn(&QueueItem) -> ActiveBuild) -> Self {
        let queue = scene.snapshot.queue.get();
        let items = queue.map_or(&[][..], |queue| &queue.building);
        Self {
            age: scene.age(SourceName::Orchestrator),
            is_known: queue.is_some(),
            builds: items.iter().map(make).collect(),
        }
    }
}

impl RecentView {
    fn of(scene: Scene<'_>) -> Self {
        let history = scene.snapshot.history.get();
        let builds = history.map_or(&[][..], |history| &history.builds);
        Self {
            age: scene.age(SourceName::Orchestrator),
            is_known: history.is_some(),
            builds: builds.iter().take(RECENT_SHOWN).map(|build| FinishedBuild::of(scene, build)).collect(),
        }
    }
}

impl DayView {
    fn of(scene: Scene<'_>) -> Self {
        let source = scene.snapshot.sources.get(SourceName::Orchestrator);
        let seen = source.and_then(|source| source.last_seen);
        let history = scene.snapshot.history.get();
        let day = history.zip(seen).map(|(history, seen)| history.last_day(seen.at, scene.now.wall));
        let rate = day.and_then(|day| rate(day.success, day.failure));
        Self {
            age: scene.age(SourceName::Orchestrator),
            tiles: outcomes(day.map(|day| (day.success, day.failure, day.uncounted))),
            bar: day.and_then(|day| Bar::of_outcomes(day.success, day.failure, day.uncounted)),
            rate,
            build_time: day.map(|day| duration(day.build_seconds)),
            coverage: day
                .filter(|day| day.coverage_percent < 100)
                .map(|day| format!("{} %", day.coverage_percent)),
        }
    }
}

/// How many builds succeeded, failed and count as neither.
pub(super) fn outcomes(builds: Option<(u32, u32, u32)>) -> [Tile; 3] {
    [
        Tile::new("built", builds.map(|(success, _, _)| success), Tone::Ok),
        Tile::new("failed", builds.map(|(_, failure, _)| failure), Tone::Critical),
        Tile::new("not counted", builds.map(|(_, _, uncounted)| uncounted), Tone::Note),
    ]
}

/// The share of successes, with one decimal; `None` without anything that counts.
pub(super) fn rate(success: u32, failure: u32) -> Option<String> {
    let all = u64::from(success) + u64::from(failure);
    let tenths = (u64::from(success) * 1_000 + all / 2).checked_div(all)?;
    Some(format!("{}.{} %", tenths / 10, tenths % 10))
}

/// The age of what rests on both the orchestrator and the gateway: as old as the older of them, and old when the
/// orchestrator is, which alone decides whether the sentence is of the past.
fn verdict_age(scene: Scene<'_>) -> Age {
    let seen = |name: &SourceName| {
        let seen = scene.snapshot.sources.get(*name).and_then(|source| source.last_seen);
        Some((seen?.at, *name))
    };
    let sources = [SourceName::Orchestrator, SourceName::Gateway];
    let oldest = sources.iter().filter_map(seen).min();
    let primary = scene.age(SourceName::Orchestrator);
    match oldest {
        Some((_, name)) if primary.at.is_some() => Age { at: scene.age(name).at, ..primary },
        _ => primary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_of_what_counts() {
        assert_eq!(rate(139, 3).as_deref(), Some("97.9 %"));
        assert_eq!(rate(5, 0).as_deref(), Some("100.0 %"));
        assert_eq!(rate(0, 0), None);
    }
}
