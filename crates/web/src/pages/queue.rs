//! The view of `/queue`.

use serde::Serialize;
use snapshot::{queue::Scope, section::SourceName};

use super::{
    builds::{BlockedItem, FinishedBuild, PendingItem},
    counts::CountsView,
    dashboard::ActiveView,
    patterns::Patterns,
    scene::{Age, Scene},
    time::Instant,
    trend::TrendView,
    words::{length, number},
};

/// How many pending items stand in the open; the rest is folded, as many at a time.
const GROUP_LEN: usize = 100;

/// The queue.
#[derive(Debug, Serialize)]
pub(super) struct QueueView {
    /// How old all of this is.
    pub(super) age: Age,
    /// Whether any queue was ever known.
    pub(super) is_known: bool,
    /// Nothing is pending, building or held back.
    pub(super) is_empty: bool,
    /// When the last build finished, if one ever did.
    pub(super) last_finished: Option<Instant>,
    /// The queue in numbers.
    pub(super) counts: CountsView,
    /// Which items are listed.
    pub(super) scope: Option<&'static str>,
    /// What drones have in their hands.
    pub(super) active: ActiveView,
    /// How many pending items one group has.
    pub(super) group_length: usize,
    /// Whether any item is pending.
    pub(super) is_waiting: bool,
    /// What waits, in the order of the queue.
    pub(super) pending: ListView<Group>,
    /// What is held back.
    pub(super) blocked: ListView<BlockedItem>,
    /// What was built last.
    pub(super) recent: ListView<FinishedBuild>,
    /// The queue over a day and a week.
    pub(super) trend: Option<TrendView>,
    /// What a script makes rows from.
    pub(super) patterns: Patterns,
}

/// A list that may be cut.
#[derive(Debug, Serialize)]
pub(super) struct ListView<T> {
    /// How old it is.
    pub(super) age: Age,
    /// How many there are in all, if that is known.
    pub(super) total: Option<String>,
    /// The rows.
    pub(super) rows: Vec<T>,
    /// How many are not listed; `None` when all are.
    pub(super) truncated: Option<String>,
}

/// Neighbours in the queue.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    /// Which ones: "101 to 200".
    pub(super) label: String,
    /// Names the group for scripts.
    pub(super) id: String,
    /// Whether it stands in the open.
    pub(super) is_open: bool,
    /// The items.
    pub(super) items: Vec<PendingItem>,
}

impl QueueView {
    pub(super) fn of(scene: Scene<'_>) -> Self {
        let queue = scene.snapshot.queue.get();
        let age = || scene.age(SourceName::Orchestrator);
        let history = scene.snapshot.history.get();
        let last = history.and_then(|history| history.builds.first()).map(|build| build.finished_at);
        let blocked = queue.map_or(&[][..], |queue| &queue.blocked);
        let recent = queue.map_or(&[][..], |queue| &queue.recent);
        let cut = queue.map(|queue| queue.truncated).unwrap_or_default();
        let is_idle = |queue: &snapshot::queue::Queue| {
            queue.pending.is_empty() && queue.building.is_empty() && queue.n_waiting() == 0
        };
        Self {
            age: age(),
            is_known: queue.is_some(),
            is_empty: queue.is_some_and(is_idle),
            last_finished: scene.maybe_minute(last),
            counts: CountsView::of(scene),
            scope: queue.map(|queue| match queue.scope {
                Scope::Session => "Listed are the packages of the session.",
                Scope::All => "Listed are all packages, of every session.",
            }),
            active: ActiveView::with_facts(scene),
            group_length: GROUP_LEN,
            is_waiting: queue.is_some_and(|queue| !queue.pending.is_empty()),
            pending: ListView {
                age: age(),
                total: queue.and_then(|queue| queue.counts.pending).map(number),
                rows: groups(scene),
                truncated: left_out(cut.pending),
            },
            blocked: ListView {
                age: age(),
                total: queue.map(|queue| number(queue.n_held_back())),
                rows: blocked.iter().map(BlockedItem::of).collect(),
                truncated: left_out(cut.blocked),
            },
            recent: ListView {
                age: age(),
                total: queue.map(|queue| number(length(&queue.recent))),
                rows: recent.iter().map(|build| FinishedBuild::of(scene, build)).collect(),
                truncated: None,
            },
            trend: TrendView::of(scene),
            patterns: Patterns::new(&scene.minute(scene.now.wall)),
        }
    }
}

fn groups(scene: Scene<'_>) -> Vec<Group> {
    let Some(queue) = scene.snapshot.queue.get() else { return Vec::new() };
    let group = |(idx, chunk): (usize, &[snapshot::queue::QueueItem])| {
        let first = idx * GROUP_LEN + 1;
        let views = chunk.iter().enumerate();
        let length = if chunk.is_empty() { GROUP_LEN } else { chunk.len() };
        Group {
            label: format!("{first} to {}", first + length - 1),
            id: format!("pending-{first}"),
            is_open: idx == 0,
            items: views.map(|(offset, item)| PendingItem::of(scene, item, first + offset)).collect(),
        }
    };
    match &queue.pending[..] {
        // What comes must have a place to come to.
        [] => vec![group((0, &[]))],
        items => items.chunks(GROUP_LEN).enumerate().map(group).collect(),
    }
}

fn left_out(n: u32) -> Option<String> {
    (n > 0).then(|| number(n))
}
