//! The data of `queue`: every item.

use serde::Serialize;
use snapshot::queue;
use utoipa::ToSchema;

use super::item::{Build, Counts, Drain, QueueItem};

/// The queue without its version: what subscribers keep up to date.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(crate) struct Body<'a> {
    paused: Option<bool>,
    #[schema(schema_with = crate::openapi::words::maybe_scope)]
    scope: Option<&'static str>,
    drain: Option<Drain>,
    truncated: Truncated,
    counts: Counts,
    pending: Vec<QueueItem<'a>>,
    building: Vec<QueueItem<'a>>,
    blocked: Vec<QueueItem<'a>>,
    recent: Vec<Build<'a>>,
}

/// What is not listed. Of an unknown queue nothing was cut.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Truncated {
    pending: u32,
    blocked: u32,
}

impl<'a> Body<'a> {
    /// The view; `None` for a queue of which nothing was ever known.
    pub(crate) fn of(queue: Option<&'a queue::Queue>) -> Self {
        let items = |items: fn(&queue::Queue) -> &Vec<queue::QueueItem>| {
            queue.map(items).into_iter().flatten().map(QueueItem::of).collect()
        };
        let truncated = queue.map(|queue| queue.truncated).unwrap_or_default();
        Self {
            paused: queue.and_then(|queue| queue.paused),
            scope: queue.map(|queue| queue.scope.as_str()),
            drain: queue.and_then(|queue| queue.drain.as_ref()).map(Drain::of),
            truncated: Truncated::of(truncated),
            counts: queue.map(|queue| Counts::of(&queue.counts)).unwrap_or_default(),
            pending: items(|queue| &queue.pending),
            building: items(|queue| &queue.building),
            blocked: items(|queue| &queue.blocked),
            recent: queue.into_iter().flat_map(|queue| &queue.recent).map(|build| Build::of(build)).collect(),
        }
    }
}

impl Truncated {
    /// The view.
    pub(crate) fn of(truncated: queue::Truncated) -> Self {
        let queue::Truncated { pending, blocked } = truncated;
        Self { pending, blocked }
    }
}
