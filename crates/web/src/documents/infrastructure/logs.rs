//! How much was logged, in `infrastructure`.

use serde::Serialize;
use snapshot::infrastructure::{self, LogCounts, LogLevel};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type, schema::SchemaType},
};

use crate::documents::form::Entries;

/// What lines of services are called that have no public name.
const OTHER: &str = "other";

/// How much was logged in the last hour, and in the last day as far as that is known.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Logs<'a> {
    #[serde(flatten)]
    hour: Counts<'a>,
    day: Option<Counts<'a>>,
}

/// How much was logged in a stretch of time; nulls and no service before the first answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogCounts)]
struct Counts<'a> {
    window_seconds: Option<u32>,
    #[schema(schema_with = levels)]
    levels: Levels,
    services: Vec<Volume<'a>>,
}

#[derive(Debug)]
struct Levels([Option<u64>; LogLevel::ALL.len()]);

#[derive(Debug, Serialize, ToSchema)]
struct Volume<'a> {
    name: &'a str,
    lines: u64,
}

impl<'a> Logs<'a> {
    /// The view.
    pub(super) fn of(logs: Option<&'a infrastructure::Logs>) -> Self {
        let day = logs.and_then(|logs| logs.day.as_ref());
        Self { hour: Counts::of(logs.map(|logs| &logs.hour)), day: day.map(|day| Counts::of(Some(day))) }
    }
}

impl<'a> Counts<'a> {
    fn of(counts: Option<&'a LogCounts>) -> Self {
        let volume = |volume: &'a infrastructure::LogVolume| Volume {
            name: volume.name.as_str(),
            lines: volume.lines,
        };
        let services = counts.into_iter().flat_map(|counts| &counts.services).map(volume);
        let other = counts.map(|counts| Volume { name: OTHER, lines: counts.other });
        Self {
            window_seconds: counts.map(|counts| counts.window_seconds),
            levels: Levels(counts.map(|counts| counts.levels.map(Some)).unwrap_or_default()),
            services: services.chain(other).collect(),
        }
    }
}

/// A number for every level.
fn levels() -> Object {
    let number =
        || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Integer, Type::Null])).build();
    LogLevel::ALL
        .into_iter()
        .fold(ObjectBuilder::new(), |object, level| {
            object.property(level.as_str(), number()).required(level.as_str())
        })
        .build()
}

// === impl Levels ===

impl Serialize for Levels {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries: Vec<_> = LogLevel::ALL.map(LogLevel::as_str).into_iter().zip(self.0).collect();
        Entries(&entries).serialize(serializer)
    }
}
