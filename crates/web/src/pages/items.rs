//! Items of the queue as pages about one package or drone tell of them.

use serde::Serialize;
use snapshot::queue::QueueItem;

use super::{
    badge::Badge,
    scene::Scene,
    time::Instant,
    words::{DroneName, Package, drone, package},
};

/// An item of the queue.
#[derive(Debug, Serialize)]
pub(super) struct ItemView {
    /// What is to be built.
    pub(super) package: Option<Package>,
    /// How it stands.
    pub(super) badge: Badge,
    /// Who has it.
    pub(super) drone: Option<DroneName>,
    /// When work on it began.
    pub(super) started: Option<Instant>,
    /// When it should be done.
    pub(super) expected: Option<Instant>,
}

impl ItemView {
    pub(super) fn of(scene: Scene<'_>, item: &QueueItem) -> Self {
        Self {
            package: package!(item.package),
            badge: Badge::item(item.state),
            drone: drone!(item.drone),
            started: scene.maybe_minute(item.started_at),
            expected: scene.maybe_minute(item.expected_finish_at),
        }
    }
}
