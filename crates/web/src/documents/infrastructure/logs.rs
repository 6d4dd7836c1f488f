//! How much was logged, in `infrastructure`.

use serde::Serialize;
use snapshot::infrastructure::{self, LogLevel};

use crate::documents::form::Entries;

/// What lines of services are called that have no public name.
const OTHER: &str = "other";

/// How much was logged; nulls and no service before the first answer.
#[derive(Debug, Serialize)]
pub(super) struct Logs<'a> {
    window_seconds: Option<u32>,
    levels: Levels,
    services: Vec<Volume<'a>>,
}

#[derive(Debug)]
struct Levels([Option<u64>; LogLevel::ALL.len()]);

#[derive(Debug, Serialize)]
struct Volume<'a> {
    name: &'a str,
    lines: u64,
}

impl<'a> Logs<'a> {
    /// The view.
    pub(super) fn of(logs: Option<&'a infrastructure::Logs>) -> Self {
        let volume = |volume: &'a infrastructure::LogVolume| Volume {
            name: volume.name.as_str(),
            lines: volume.lines,
        };
        let services = logs.into_iter().flat_map(|logs| &logs.services).map(volume);
        let other = logs.map(|logs| Volume { name: OTHER, lines: logs.other });
        Self {
            window_seconds: logs.map(|logs| logs.window_seconds),
            levels: Levels(logs.map(|logs| logs.levels.map(Some)).unwrap_or_default()),
            services: services.chain(other).collect(),
        }
    }
}

// === impl Levels ===

impl Serialize for Levels {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries: Vec<_> = LogLevel::ALL.map(LogLevel::as_str).into_iter().zip(self.0).collect();
        Entries(&entries).serialize(serializer)
    }
}
