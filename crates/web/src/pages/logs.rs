//! How much is logged, by level and by service.

use serde::Serialize;
use snapshot::{
    infrastructure::{LogCounts, LogLevel, LogVolume},
    section::SourceName,
};

use super::{
    badge::Tone,
    counts::{Bar, Tile},
    scene::{Age, Scene},
    time::duration,
    words::number,
};

/// What lines of services are called that have no public name.
const OTHER: &str = "other";

/// How much is logged.
#[derive(Debug, Serialize)]
pub(super) struct LogsView {
    /// How old this is.
    pub(super) age: Age,
    /// The stretch that was counted; `None` when nothing was ever known.
    pub(super) window: Option<String>,
    /// Lines by level.
    pub(super) tiles: Vec<Tile>,
    /// The same as a bar.
    pub(super) bar: Option<Bar>,
    /// Lines by service.
    pub(super) services: Vec<VolumeView>,
}

/// Lines of one service.
#[derive(Debug, Serialize)]
pub(super) struct VolumeView {
    /// Its name.
    pub(super) name: String,
    /// How many in the stretch that was counted.
    pub(super) lines: String,
    /// How many in a day, where that is known.
    pub(super) day: Option<String>,
    /// The share of all lines.
    pub(super) percent: u64,
}

impl LogsView {
    /// `None` when nothing is to know of logs.
    pub(super) fn of(scene: Scene<'_>) -> Option<Self> {
        scene.snapshot.sources.get(SourceName::Loki)?;
        let logs = scene.snapshot.logs.get();
        let hour = logs.map(|logs| &logs.hour);
        let day = logs.and_then(|logs| logs.day.as_ref());
        let levels = LogLevel::ALL.map(|level| (level.as_str(), lines(hour, level), tone(level)));
        let known = levels.map(|(word, lines, tone)| (word, lines.unwrap_or(0), tone));
        let tile = |level: LogLevel| {
            let of_day = day.and_then(|day| Some(in_day(lines(Some(day), level)?, day)));
            Tile::new(level.as_str(), lines(hour, level), tone(level)).with_note(of_day)
        };
        Some(Self {
            age: scene.age(SourceName::Loki),
            window: hour.map(|hour| duration(u64::from(hour.window_seconds))),
            tiles: LogLevel::ALL.into_iter().map(tile).collect(),
            bar: logs.and_then(|_| Bar::of(known)),
            services: hour.map(|hour| volumes(hour, day)).unwrap_or_default(),
        })
    }
}

fn lines(counts: Option<&LogCounts>, level: LogLevel) -> Option<u64> {
    let idx = LogLevel::ALL.iter().position(|other| *other == level)?;
    counts?.levels.get(idx).copied()
}

fn in_day(lines: u64, day: &LogCounts) -> String {
    format!("{} in {}", number(lines), duration(u64::from(day.window_seconds)))
}

/// The services of the hour, and those that were heard in the day only.
fn volumes(hour: &LogCounts, day: Option<&LogCounts>) -> Vec<VolumeView> {
    let of_day = day.into_iter().flat_map(|day| &day.services);
    let mut heard: Vec<&LogVolume> = hour.services.iter().chain(of_day).collect();
    heard.sort_by(|a, b| a.name.cmp(&b.name));
    heard.dedup_by(|a, b| a.name == b.name);
    let lines = |counts: &LogCounts, heard: &LogVolume| {
        counts.services.iter().find(|volume| volume.name == heard.name).map_or(0, |volume| volume.lines)
    };
    let named = heard.into_iter().map(|heard| {
        (heard.name.to_string(), lines(hour, heard), day.map(|day| in_day(lines(day, heard), day)))
    });
    let other = (OTHER.to_owned(), hour.other, day.map(|day| in_day(day.other, day)));
    let all: Vec<(String, u64, Option<String>)> = named.chain([other]).collect();
    let sum = all.iter().fold(0_u64, |sum, (_, lines, _)| sum.saturating_add(*lines)).max(1);
    let view = |(name, lines, day): (String, u64, Option<String>)| VolumeView {
        name,
        lines: number(lines),
        day,
        percent: lines.saturating_mul(100) / sum,
    };
    all.into_iter().map(view).collect()
}

const fn tone(level: LogLevel) -> Tone {
    match level {
        LogLevel::Critical | LogLevel::Error => Tone::Critical,
        LogLevel::Warning => Tone::Warning,
        LogLevel::Info => Tone::Ok,
        LogLevel::Debug => Tone::Note,
        LogLevel::Unknown => Tone::Unknown,
    }
}
