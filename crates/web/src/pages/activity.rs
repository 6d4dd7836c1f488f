//! What happened of late, one line each.

use serde::Serialize;
use snapshot::{
    activity::{Event, Happening, What, feed},
    fleet::DroneState,
    history::{Build, CountsAs},
    queue::ItemState,
    section::SourceName,
    status::SwarmStatus,
};

use super::{
    badge::{Badge, Tone},
    scene::{Age, Scene},
    time::Instant,
    words::{DroneName, Package, drone, package},
};

/// How many lines the dashboard has.
const COMPACT_MAX: usize = 6;

/// What happened of late.
#[derive(Debug, Serialize)]
pub(super) struct ActivityView {
    /// How old all of this is.
    pub(super) age: Age,
    /// The newest first.
    pub(super) lines: Vec<Line>,
}

/// Something that happened.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    /// What.
    pub(super) badge: Badge,
    /// Whether it is about a package, which may be withheld.
    pub(super) has_package: bool,
    /// The package.
    pub(super) package: Option<Package>,
    /// The drone.
    pub(super) drone: Option<DroneName>,
    /// What else is to be said.
    pub(super) text: Option<String>,
    /// When.
    pub(super) at: Instant,
}

impl ActivityView {
    /// Everything in the last 24 hours, as far as it is kept.
    pub(super) fn all(scene: Scene<'_>) -> Self {
        Self::of(scene, feed(scene.snapshot, scene.now.wall))
    }

    /// The newest that the newest builds do not tell: of these only failures.
    pub(super) fn compact(scene: Scene<'_>) -> Self {
        let is_news = |happening: &Happening<'_>| match happening {
            Happening::Finished(build) => build.status.counts_as() == CountsAs::Failure,
            Happening::Other(_) => true,
        };
        Self::of(scene, feed(scene.snapshot, scene.now.wall).filter(is_news).take(COMPACT_MAX))
    }

    fn of<'a>(scene: Scene<'_>, happenings: impl Iterator<Item = Happening<'a>>) -> Self {
        let line = |happening| match happening {
            Happening::Finished(build) => Line::of_build(scene, build),
            Happening::Other(event) => Line::of_event(scene, event),
        };
        Self { age: scene.age(SourceName::Orchestrator), lines: happenings.map(line).collect() }
    }
}

impl Line {
    fn of_build(scene: Scene<'_>, build: &Build) -> Self {
        Self {
            badge: Badge::build(build.status),
            has_package: true,
            package: package!(build.package),
            drone: drone!(build.drone),
            text: None,
            at: scene.minute(build.finished_at),
        }
    }

    fn of_event(scene: Scene<'_>, event: &Event) -> Self {
        let line = |badge, text: Option<&str>| Self {
            badge,
            has_package: false,
            package: None,
            drone: None,
            text: text.map(str::to_owned),
            at: scene.minute(event.at),
        };
        match &event.what {
            What::Blocked { package, reason } => Self {
                has_package: true,
                package: package!(package),
                text: reason.map(|reason| reason.words_for(None, 0, 1)),
                ..line(Badge::item(ItemState::Blocked), None)
            },
            What::Left(name) => Self {
                drone: Some(DroneName::of(name.as_str())),
                ..line(Badge::drone(DroneState::Offline, false), Some("is no longer heard"))
            },
            What::Returned(name) => Self {
                drone: Some(DroneName::of(name.as_str())),
                ..line(Badge::new(Tone::Ok, "back"), Some("is heard again"))
            },
            What::Paused => line(Badge::swarm(SwarmStatus::Paused), Some("no work is handed out")),
            What::Resumed => line(Badge::new(Tone::Ok, "resumed"), Some("work is handed out again")),
        }
    }
}
