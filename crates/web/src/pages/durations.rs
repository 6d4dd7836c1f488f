//! How long builds took: a curve from build to build, and how many took about as long.

use serde::Serialize;

use super::{
    curve::{Curve, path},
    time::duration,
    words::number,
};
use crate::detail::durations::{Bin, Durations};

/// How long builds took.
#[derive(Debug, Serialize)]
pub(super) struct DurationsView {
    /// From build to build; `None` without any.
    pub(super) trend: Option<Trend>,
    /// How many took about as long.
    pub(super) bins: Vec<BinView>,
}

/// How long builds took, one after the other.
#[derive(Debug, Serialize)]
pub(super) struct Trend {
    /// The drawing. Its height stands for the longest.
    pub(super) curve: Curve,
    /// How many builds there are.
    pub(super) n_builds: String,
    /// The shortest.
    pub(super) shortest: String,
    /// The longest.
    pub(super) longest: String,
    /// The newest.
    pub(super) newest: String,
}

/// Builds that took about as long.
#[derive(Debug, Serialize)]
pub(super) struct BinView {
    /// From how long to how long.
    pub(super) label: String,
    /// How many.
    pub(super) builds: String,
    /// The share of the largest group, 0 to 100.
    pub(super) percent: u32,
}

impl DurationsView {
    pub(super) fn of(durations: &Durations) -> Self {
        let most = durations.bins.iter().map(|bin| bin.builds).max().unwrap_or(0);
        Self {
            trend: Trend::of(durations),
            bins: durations.bins.iter().map(|bin| BinView::of(*bin, most)).collect(),
        }
    }
}

impl Trend {
    fn of(durations: &Durations) -> Option<Self> {
        let lengths: Vec<u32> = durations.trend.iter().filter_map(|build| build.duration_seconds).collect();
        let (least, most) = (*lengths.iter().min()?, *lengths.iter().max()?);
        let words = |seconds: u32| duration(u64::from(seconds));
        let (shortest, longest, newest) = (words(least), words(most), words(*lengths.last()?));
        let percents: Vec<Option<u8>> = lengths.iter().map(|length| share(*length, most)).collect();
        let n_builds = lengths.len();
        let curve = Curve {
            label: format!("How long {n_builds} builds took: {shortest} to {longest}, the newest {newest}"),
            width: n_builds.saturating_sub(1).max(1),
            path: path(&percents),
        };
        Some(Self { curve, n_builds: n_builds.to_string(), shortest, longest, newest })
    }
}

impl BinView {
    fn of(bin: Bin, most: u32) -> Self {
        let percent = u64::from(bin.builds) * 100 / u64::from(most.max(1));
        let to = match bin.to_seconds {
            u32::MAX => "more".to_owned(),
            seconds => duration(u64::from(seconds)),
        };
        Self {
            label: format!("{} to {to}", duration(u64::from(bin.from_seconds))),
            builds: number(bin.builds),
            percent: u32::try_from(percent).unwrap_or(100).max(u32::from(bin.builds > 0)),
        }
    }
}

fn share(length: u32, most: u32) -> Option<u8> {
    u8::try_from(u64::from(length) * 100 / u64::from(most.max(1))).ok()
}
