//! Badges: one value each, in a few words, for pages of others.
//!
//! Whoever embeds a badge sees nothing else of us, so what is old says as of when, in the badge itself.

use serde::Serialize;
use snapshot::{
    clock::Now,
    fleet::{Drone, DroneState},
    infrastructure::{Reachability, services::services},
    section::{SourceName, SourceState},
    sentence::time_of_day,
    situation::Situation,
    snapshot::{Level, Snapshot},
    verdict,
};
use utoipa::ToSchema;

/// The height of a picture and what stands around its texts, in pixels.
const HEIGHT: u32 = 20;
const PADDING: u32 = 6;
/// The room of the shape before the message, with what stands behind it.
const SHAPE: u32 = 13;

/// The badges that there are for everybody; those of drones have the drones' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadgeName {
    /// The verdict.
    Status,
    /// How much is built and waits.
    Queue,
    /// How many drones are online.
    Drones,
    /// What became of the builds of the last 24 hours.
    Builds,
    /// How many hosts are up.
    Hosts,
    /// How many services are up.
    Services,
}

/// A value in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Badge {
    label: String,
    message: String,
    level: Level,
}

/// What the template of the picture sees.
#[derive(Debug, Serialize)]
pub(crate) struct Picture<'a> {
    label: &'a str,
    message: &'a str,
    width: u32,
    height: u32,
    label_width: u32,
    label_x: u32,
    label_length: u32,
    message_width: u32,
    message_x: u32,
    message_length: u32,
    shape: &'static str,
    shape_x: u32,
    color: &'static str,
}

/// What shields.io asks of an endpoint; it refuses any other key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BadgeData)]
pub(crate) struct Data<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'static str,
    /// Whoever embeds it cannot give it another colour.
    is_error: bool,
}

impl BadgeName {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Status, Self::Queue, Self::Drones, Self::Builds, Self::Hosts, Self::Services];

    /// The word in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Queue => "queue",
            Self::Drones => "drones",
            Self::Builds => "builds",
            Self::Hosts => "hosts",
            Self::Services => "services",
        }
    }

    /// The badge of this name, if there is one.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == word)
    }
}

impl Badge {
    /// What a badge says; `None` for what nobody is configured to know.
    pub(crate) fn of(name: BadgeName, snapshot: &Snapshot, now: Now) -> Option<Self> {
        match name {
            BadgeName::Status => Some(Self::status(snapshot, now)),
            BadgeName::Queue => Self::queue(snapshot, now),
            BadgeName::Drones => Self::drones(snapshot, now),
            BadgeName::Builds => Self::builds(snapshot, now),
            BadgeName::Hosts => Self::hosts(snapshot, now),
            BadgeName::Services => Self::services(snapshot, now),
        }
    }

    /// What the badge of a drone says.
    pub(crate) fn of_drone(drone: &Drone, snapshot: &Snapshot, now: Now) -> Self {
        let package = drone.task.as_ref().and_then(|task| task.package.as_ref());
        let (message, level) = match drone.state {
            DroneState::Building => {
                let of = package.map_or_else(String::new, |package| format!(" {}", package.as_str()));
                (format!("building{of}"), Level::Ok)
            }
            DroneState::Idle => ("idle".to_owned(), Level::Ok),
            DroneState::Paused => ("paused".to_owned(), Level::Note),
            DroneState::Grounded { .. } => ("grounded".to_owned(), Level::Note),
            DroneState::Offline => {
                let since = drone.offline_since.unwrap_or(drone.state_since);
                (format!("offline since {}", time_of_day(since, now.wall)), Level::Warning)
            }
            DroneState::Unknown => ("never seen".to_owned(), Level::Unknown),
        };
        let sources = [drone_source(snapshot)];
        Self::new(drone.name.as_str(), Some((message, level)), snapshot, &sources, now)
    }

    /// One that says something.
    pub(crate) fn specimen() -> Self {
        Self { label: "text".to_owned(), message: "text".to_owned(), level: Level::Ok }
    }

    fn status(snapshot: &Snapshot, now: Now) -> Self {
        let verdict = verdict::verdict(snapshot, now);
        let message = verdict.badge.plain(now.wall);
        Self { label: "build swarm".to_owned(), message, level: verdict.level }
    }

    fn queue(snapshot: &Snapshot, now: Now) -> Option<Self> {
        snapshot.sources.get(SourceName::Orchestrator)?;
        let said = snapshot.queue.get().map(|queue| match (queue.n_building(), queue.n_waiting()) {
            (0, 0) => ("empty".to_owned(), Level::Ok),
            (building, waiting) => (format!("{building} building, {waiting} waiting"), Level::Ok),
        });
        Some(Self::new("queue", said, snapshot, &[SourceName::Orchestrator], now))
    }

    fn drones(snapshot: &Snapshot, now: Now) -> Option<Self> {
        let source = drone_source(snapshot);
        snapshot.sources.get(source)?;
        let situation = Situation::of(snapshot, now);
        let said = situation.drones.map(|drones| {
            let level = if situation.is_deserted() {
                Level::Critical
            } else if situation.is_short_handed() {
                Level::Warning
            } else if situation.missing().next().is_some() || situation.grounded().next().is_some() {
                Level::Note
            } else {
                Level::Ok
            };
            (format!("{}/{} online", drones.online, drones.total), level)
        });
        Some(Self::new("drones", said, snapshot, &[source], now))
    }

    fn builds(snapshot: &Snapshot, now: Now) -> Option<Self> {
        let source = snapshot.sources.get(SourceName::Orchestrator)?;
        let seen = source.last_seen.map(|seen| seen.at);
        let day = snapshot.history.get().zip(seen).map(|(history, seen)| history.last_day(seen, now.wall));
        let is_failing = Situation::of(snapshot, now).failing.is_alarming();
        let said = day.map(|day| {
            let failed = if day.failure > 0 { format!(", {} failed", day.failure) } else { String::new() };
            let level = if is_failing { Level::Warning } else { Level::Ok };
            (format!("{} built{failed}", day.success), level)
        });
        Some(Self::new("builds in 24 h", said, snapshot, &[SourceName::Orchestrator], now))
    }

    fn hosts(snapshot: &Snapshot, now: Now) -> Option<Self> {
        snapshot.sources.get(SourceName::Prometheus)?;
        let states = snapshot.metrics.get().map(|metrics| metrics.hosts.iter().map(|host| host.state));
        let said = states.map(share_that_is_up);
        Some(Self::new("hosts", said, snapshot, &[SourceName::Prometheus], now))
    }

    fn services(snapshot: &Snapshot, now: Now) -> Option<Self> {
        let sources = [SourceName::Prometheus, SourceName::Probes];
        sources.iter().find_map(|name| snapshot.sources.get(*name))?;
        let services = services(snapshot);
        let said = services.map(|services| share_that_is_up(services.iter().map(|service| service.state)));
        Some(Self::new("services", said, snapshot, &sources, now))
    }

    /// What is said, and as of when if one of the sources is silent.
    fn new(
        label: &str,
        said: Option<(String, Level)>,
        snapshot: &Snapshot,
        sources: &[SourceName],
        now: Now,
    ) -> Self {
        let label = label.to_owned();
        let Some((message, level)) = said else {
            return Self { label, message: "unknown".to_owned(), level: Level::Unknown };
        };
        let late = sources.iter().filter_map(|name| snapshot.sources.get(*name));
        let late = late.filter(|source| source.state(now) != SourceState::Online);
        match late.map(|source| source.last_seen.map(|seen| seen.at)).min() {
            None => Self { label, message, level },
            Some(seen) => {
                let at = seen.map_or("unknown when".to_owned(), |at| time_of_day(at, now.wall));
                Self { label, message: format!("{message}, as of {at}"), level: Level::Unknown }
            }
        }
    }

    /// As a picture.
    pub(crate) fn picture(&self) -> Picture<'_> {
        let (label_length, message_length) = (width(&self.label), width(&self.message));
        let label_width = label_length + 2 * PADDING;
        let message_width = SHAPE + message_length + 2 * PADDING;
        Picture {
            label: &self.label,
            message: &self.message,
            width: label_width + message_width,
            height: HEIGHT,
            label_width,
            label_x: PADDING,
            label_length,
            message_width,
            message_x: label_width + PADDING + SHAPE,
            message_length,
            shape: shape(self.level),
            shape_x: label_width + PADDING,
            color: color(self.level),
        }
    }

    /// As data for shields.io.
    pub(crate) fn data(&self) -> Data<'_> {
        Data {
            schema_version: 1,
            label: &self.label,
            message: &self.message,
            color: color(self.level),
            is_error: matches!(self.level, Level::Critical | Level::Unknown),
        }
    }
}

/// Who knows the drones.
fn drone_source(snapshot: &Snapshot) -> SourceName {
    let gateway = snapshot.sources.get(SourceName::Gateway);
    gateway.map_or(SourceName::Orchestrator, |_| SourceName::Gateway)
}

fn share_that_is_up(states: impl Iterator<Item = Reachability>) -> (String, Level) {
    let known: Vec<_> = states.filter(|state| *state != Reachability::Unknown).collect();
    let n = |of| known.iter().filter(|state| **state == of).count();
    let (up, down) = (n(Reachability::Up), n(Reachability::Down));
    let level = match (down, n(Reachability::Degraded)) {
        _ if known.is_empty() => Level::Unknown,
        (0, 0) => Level::Ok,
        (0, _) => Level::Note,
        _ => Level::Warning,
    };
    (format!("{up}/{} up", known.len()), level)
}

/// Dark enough for white letters.
const fn color(level: Level) -> &'static str {
    match level {
        Level::Ok => "#1f7a3a",
        Level::Note => "#1d5fa8",
        Level::Warning => "#8f5600",
        Level::Critical => "#b3261e",
        Level::Unknown => "#5b6470",
    }
}

/// The shape that stands for a level, in a square of eight pixels.
const fn shape(level: Level) -> &'static str {
    match level {
        Level::Ok => "M4 0a4 4 0 1 0 0 8a4 4 0 1 0 0-8z",
        Level::Note => "M4 0L8 4L4 8L0 4z",
        Level::Warning => "M4 0L8 8H0z",
        Level::Critical => "M0 0H8V8H0z",
        Level::Unknown => "M4 0a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM4 2a2 2 0 1 1 0 4a2 2 0 1 1 0-4z",
    }
}

/// How wide a text is in Verdana of eleven pixels. The picture says so too, and other fonts are fitted into it.
fn width(text: &str) -> u32 {
    let tenths: u32 = text.chars().map(tenths).sum();
    tenths.div_ceil(10)
}

const fn tenths(c: char) -> u32 {
    match c {
        'i' | 'l' => 30,
        'j' | 'f' | ' ' => 39,
        '.' | ',' | '\'' => 40,
        't' | 'I' => 45,
        'r' | '-' | '/' | ':' | '(' | ')' => 49,
        's' | 'c' | 'z' => 57,
        'm' | 'M' | 'W' | '%' => 108,
        'w' => 90,
        'A'..='Z' => 78,
        'a'..='z' | '0'..='9' => 70,
        _ => 80,
    }
}

#[cfg(test)]
mod tests;
