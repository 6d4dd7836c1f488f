//! The queue in numbers: the counts, their bar, the drain and the session.

use serde::Serialize;
use snapshot::{
    clock::elapsed,
    control::{Session, SessionState},
    estimate::Drain,
    history::DAY,
    queue::{Counts, Queue, Scope},
};

use super::{
    badge::{Badge, Tone},
    scene::{Age, Scene},
    time::Instant,
    words::{maybe_number, number},
};

/// The width of the bar's drawing.
const BAR_WIDTH: u32 = 1000;
/// The narrowest part of the bar that can still be seen.
const PART_MIN: u32 = 6;

/// The queue in numbers.
#[derive(Debug, Serialize)]
pub(super) struct CountsView {
    /// How old all of this is.
    pub(super) age: Age,
    /// The five counts, in the order of a package's life.
    pub(super) tiles: Vec<Tile>,
    /// The counts as a bar; `None` when there is nothing to draw or not all of them are known.
    pub(super) bar: Option<Bar>,
    /// All of them together.
    pub(super) total: Option<String>,
    /// When the queue should be empty.
    pub(super) drain: Option<DrainView>,
    /// Whether there is anything left to build.
    pub(super) is_open: bool,
}

/// One count.
#[derive(Debug, Serialize)]
pub(super) struct Tile {
    /// The number.
    pub(super) value: Option<String>,
    /// Its word, and its colour and shape: none where there is nothing.
    pub(super) badge: Badge,
    /// Whether it is one of the queue's counts, which change with every frame.
    pub(super) is_live: bool,
    /// What else is to be said.
    pub(super) note: Option<String>,
}

/// A bar whose parts stand for the counts.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    /// The same in words.
    pub(super) label: String,
    /// Its parts from the start to the end.
    pub(super) parts: Vec<Part>,
}

/// A part of the bar.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    /// Its colour.
    pub(super) tone: Tone,
    /// Where it begins.
    pub(super) x: u32,
    /// How wide it is.
    pub(super) width: u32,
}

/// When the queue should be empty.
#[derive(Debug, Serialize)]
pub(super) struct DrainView {
    /// The most likely instant.
    pub(super) at: Instant,
    /// One of ten times it is earlier.
    pub(super) low: Instant,
    /// One of ten times it is later.
    pub(super) high: Instant,
    /// How many items are not in it.
    pub(super) excluded: Option<String>,
    /// Whether the orchestrator still says so.
    pub(super) is_past: bool,
}

/// A run through a set of packages.
#[derive(Debug, Serialize)]
pub(super) struct SessionView {
    /// How it stands.
    pub(super) badge: Badge,
    /// When it began.
    pub(super) started: Option<Instant>,
    /// When it ended.
    pub(super) finished: Option<Instant>,
    /// When it should end.
    pub(super) end: Option<DrainView>,
    /// How many packages it has.
    pub(super) total: Option<String>,
    /// How many are done.
    pub(super) completed: Option<String>,
    /// How many failed.
    pub(super) failed: Option<String>,
    /// Done and failed of all.
    pub(super) percent: Option<u32>,
}

impl CountsView {
    pub(super) fn of(scene: Scene<'_>) -> Self {
        let queue = scene.snapshot.queue.get();
        let counts = queue.map(|queue| queue.counts).unwrap_or_default();
        Self {
            age: scene.age(snapshot::section::SourceName::Orchestrator),
            tiles: tiles(counts, queue),
            bar: Bar::of_queue(counts),
            total: maybe_number(counts.total),
            is_open: [counts.pending, counts.building].into_iter().flatten().any(|n| n > 0),
            drain: queue.and_then(|queue| queue.drain).map(|drain| DrainView::of(scene, drain)),
        }
    }
}

impl Tile {
    pub(super) fn new(word: &'static str, n: Option<impl Into<u64>>, tone: Tone) -> Self {
        let n: Option<u64> = n.map(Into::into);
        let shown = if n.unwrap_or(0) > 0 { tone } else { Tone::Unknown };
        Self { value: n.map(number), badge: Badge::new(shown, word), is_live: false, note: None }
    }

    /// With something else said.
    pub(super) fn with_note(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}

impl Bar {
    /// The bar of a queue, from what is done to what is given up.
    fn of_queue(counts: Counts) -> Option<Self> {
        Self::of([
            ("completed", counts.completed?.into(), Tone::Ok),
            ("building", counts.building?.into(), Tone::Busy),
            ("pending", counts.pending?.into(), Tone::Note),
            ("blocked", counts.blocked?.into(), Tone::Warning),
            ("failed", counts.failed?.into(), Tone::Critical),
        ])
    }

    /// The bar of finished builds.
    pub(super) fn of_outcomes(success: u32, failure: u32, uncounted: u32) -> Option<Self> {
        Self::of([
            ("built", success.into(), Tone::Ok),
            ("failed", failure.into(), Tone::Critical),
            ("not counted", uncounted.into(), Tone::Note),
        ])
    }

    /// The bar of any counts; `None` when all of them are zero.
    pub(super) fn of<const N: usize>(parts: [(&'static str, u64, Tone); N]) -> Option<Self> {
        let shown: Vec<_> = parts.into_iter().filter(|(_, n, _)| *n > 0).collect();
        let sum = shown.iter().fold(0, |sum: u64, (_, n, _)| sum.saturating_add(*n));
        let words: Vec<String> = shown.iter().map(|(word, n, _)| format!("{} {word}", number(*n))).collect();
        let width = |n: u64| {
            let share = n.saturating_mul(u64::from(BAR_WIDTH)) / sum.max(1);
            u32::try_from(share).unwrap_or(BAR_WIDTH).max(PART_MIN)
        };
        // What the narrow parts take beyond their share, the widest one gives.
        let spare = shown.iter().map(|(_, n, _)| width(*n)).sum::<u32>();
        let widest = shown.iter().enumerate().max_by_key(|(_, (_, n, _))| *n).map(|(idx, _)| idx)?;
        let mut x = 0;
        let mut placed = Vec::new();
        for (idx, (_, n, tone)) in shown.into_iter().enumerate() {
            let own = width(n);
            let width = if idx == widest { (own + BAR_WIDTH).saturating_sub(spare) } else { own };
            placed.push(Part { tone, x, width });
            x += width;
        }
        Some(Self { label: words.join(", "), parts: placed })
    }
}

impl DrainView {
    fn of(scene: Scene<'_>, drain: Drain) -> Self {
        Self {
            at: scene.minute(drain.median_at),
            low: scene.minute(drain.low_at),
            high: scene.minute(drain.high_at),
            excluded: (drain.excluded > 0).then(|| number(drain.excluded)),
            is_past: !scene.is_orchestrator_online(),
        }
    }
}

impl SessionView {
    /// The session under way, or the last one for a day after its end.
    pub(super) fn of(scene: Scene<'_>) -> Option<Self> {
        let session = scene.snapshot.control.get()?.session?;
        let is_news = session.finished_at.is_none_or(|at| elapsed(at, scene.now.wall) < DAY);
        let queue = scene.snapshot.queue.get().filter(|_| session.state == SessionState::Active);
        // Only the items of the session are in such a queue.
        let drain = queue.filter(|queue| queue.scope == Scope::Session).and_then(|queue| queue.drain);
        is_news.then(|| Self {
            end: drain.map(|drain| DrainView::of(scene, drain)),
            badge: Badge::session(session.state),
            started: scene.maybe_minute(session.started_at),
            finished: scene.maybe_minute(session.finished_at),
            total: maybe_number(session.total),
            completed: maybe_number(session.completed),
            failed: maybe_number(session.failed),
            percent: percent(session),
        })
    }
}

fn percent(session: Session) -> Option<u32> {
    let total = session.total.filter(|total| *total > 0)?;
    let done = u64::from(session.completed?) + u64::from(session.failed.unwrap_or(0));
    u32::try_from(done.saturating_mul(100) / u64::from(total)).ok().map(|percent| percent.min(100))
}

fn tiles(counts: Counts, queue: Option<&Queue>) -> Vec<Tile> {
    let waiting_on_drones = counts.assigned.filter(|n| *n > 0).map(|n| format!("{} assigned", number(n)));
    let left_out = |n: u32| (n > 0).then(|| format!("{} not listed", number(n)));
    let truncated = queue.map(|queue| queue.truncated).unwrap_or_default();
    let tiles = [
        Tile::new("pending", counts.pending, Tone::Note).with_note(left_out(truncated.pending)),
        Tile::new("building", counts.building, Tone::Busy).with_note(waiting_on_drones),
        Tile::new("completed", counts.completed, Tone::Ok),
        Tile::new("failed", counts.failed, Tone::Critical),
        Tile::new("blocked", counts.blocked, Tone::Warning).with_note(left_out(truncated.blocked)),
    ];
    tiles.into_iter().map(|tile| Tile { is_live: true, ..tile }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pending: u32, building: u32, completed: u32, failed: u32) -> Counts {
        let total = Some(pending + building + completed + failed);
        Counts {
            pending: Some(pending),
            building: Some(building),
            completed: Some(completed),
            failed: Some(failed),
            blocked: Some(0),
            assigned: Some(0),
            total,
        }
    }

    #[test]
    fn every_part_of_the_bar_can_be_seen_and_the_bar_is_full() {
        for counts in [counts(8, 3, 142, 1), counts(1, 1, 20_000, 1), counts(0, 0, 5, 0), counts(1, 1, 1, 1)]
        {
            let bar = Bar::of_queue(counts).unwrap();
            assert!(bar.parts.iter().all(|part| part.width >= PART_MIN), "{bar:?}");
            let end = bar.parts.last().map(|part| part.x + part.width);
            assert_eq!(end, Some(BAR_WIDTH), "{bar:?}");
        }
    }

    #[test]
    fn there_is_no_bar_for_nothing_and_none_for_what_is_not_known() {
        assert!(Bar::of_queue(counts(0, 0, 0, 0)).is_none());
        assert!(Bar::of_queue(Counts { failed: None, ..counts(1, 1, 1, 1) }).is_none());
    }
}
