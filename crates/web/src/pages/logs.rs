//! How much is logged, by level and by service.

use serde::Serialize;
use snapshot::{
    infrastructure::{LogLevel, Logs},
    section::SourceName,
};

use super::{
    badge::Tone,
    counts::{Bar, Tile},
    scene::{Age, Scene},
    time::duration,
    words::number,
};

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
    /// How many.
    pub(super) lines: String,
    /// The share of all lines.
    pub(super) percent: u64,
}

impl LogsView {
    /// `None` when nothing is to know of logs.
    pub(super) fn of(scene: Scene<'_>) -> Option<Self> {
        scene.snapshot.sources.get(SourceName::Loki)?;
        let logs = scene.snapshot.logs.get();
        let level = |level: LogLevel| {
            let idx = LogLevel::ALL.iter().position(|other| *other == level);
            let lines = logs.zip(idx).and_then(|(logs, idx)| logs.levels.get(idx)).copied();
            (level.as_str(), lines, tone(level))
        };
        let levels = LogLevel::ALL.map(level);
        let known = levels.map(|(word, lines, tone)| (word, lines.unwrap_or(0), tone));
        Some(Self {
            age: scene.age(SourceName::Loki),
            window: logs.map(|logs| duration(u64::from(logs.window_seconds))),
            tiles: levels.into_iter().map(|(word, lines, tone)| Tile::new(word, lines, tone)).collect(),
            bar: logs.and_then(|_| Bar::of(known)),
            services: logs.map(volumes).unwrap_or_default(),
        })
    }
}

fn volumes(logs: &Logs) -> Vec<VolumeView> {
    let other = ("other".to_owned(), logs.other);
    let named = logs.services.iter().map(|volume| (volume.name.to_string(), volume.lines));
    let all: Vec<(String, u64)> = named.chain([other]).collect();
    let sum = all.iter().fold(0_u64, |sum, (_, lines)| sum.saturating_add(*lines)).max(1);
    let view = |(name, lines): (String, u64)| VolumeView {
        name,
        lines: number(lines),
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
