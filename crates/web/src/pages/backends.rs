//! The backends on `/infrastructure`: how much of the time each answered us.

use serde::Serialize;
use snapshot::section::SourceName;

use super::{
    badge::Badge,
    scene::{Age, Scene},
    time::Instant,
    uptime::UptimeView,
};

/// The backends; probes are our own.
const BACKENDS: [SourceName; 4] =
    [SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus, SourceName::Loki];

/// The backends.
#[derive(Debug, Serialize)]
pub(super) struct BackendsView {
    /// How old this is.
    pub(super) age: Age,
    /// Those that are configured.
    pub(super) rows: Vec<BackendView>,
}

/// One backend.
#[derive(Debug, Serialize)]
pub(super) struct BackendView {
    /// Which.
    pub(super) name: &'static str,
    /// How fresh it is.
    pub(super) badge: Badge,
    /// Since when.
    pub(super) since: Instant,
    /// How much of the time it gave a good answer.
    pub(super) uptime: Option<UptimeView>,
}

impl BackendsView {
    /// `None` without any backend.
    pub(super) fn of(scene: Scene<'_>) -> Option<Self> {
        let age = scene.age_of(&BACKENDS)?;
        let known = scene.snapshot.availability.get();
        let row = |name: SourceName| {
            let observation = scene.snapshot.sources.get(name)?;
            Some(BackendView {
                name: name.title(),
                badge: Badge::source(observation.state(scene.now)),
                since: scene.minute(observation.since(scene.now)),
                uptime: UptimeView::of(known.and_then(|known| known.sources.get(&name))),
            })
        };
        Some(Self { age, rows: BACKENDS.into_iter().filter_map(row).collect() })
    }
}
