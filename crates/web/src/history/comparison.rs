//! What a selection of builds looks like as a whole: what became of them over time, how long they took, and which drone
//! did what. Only pages tell it; documents leave it to who reads them.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use snapshot::history::{Build, BuildStatus, CountsAs};

use super::{
    index::{Index, Row},
    query::HistoryQuery,
    summary::Summary,
};
use crate::detail::durations::Durations;

/// How many stretches of time are told apart at most.
const STRETCHES_MAX: i64 = 48;
/// How long a stretch may be, in seconds: lengths after which hours and days begin.
const STEPS: [i64; 8] = [1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000];
/// How many drones are compared at most.
const DRONES_MAX: usize = 50;

/// A selection as a whole.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// What became of builds, the oldest stretch first, without a gap.
    pub(crate) stretches: Vec<Stretch>,
    /// How long those that succeeded took.
    pub(crate) durations: Durations,
    /// Which drone did what, the one that built last first.
    pub(crate) drones: Vec<(Arc<Build>, Summary)>,
}

/// What became of the builds of some hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Its first instant.
    pub(crate) from: Timestamp,
    /// Builds that succeeded.
    pub(crate) success: u32,
    /// Builds that failed.
    pub(crate) failure: u32,
    /// Builds that say nothing of their package.
    pub(crate) uncounted: u32,
}

impl Comparison {
    /// Of what a query selects; of nothing when no history was ever known.
    pub(crate) fn of(query: &HistoryQuery, index: Option<&Index>) -> Self {
        let Some(index) = index else { return Self::default() };
        let rows = index.select(query);
        Self {
            stretches: stretches(index, &rows),
            durations: Durations::of(index, &rows),
            drones: drones(index, &rows),
        }
    }
}

/// Rows are given the newest first.
fn stretches(index: &Index, rows: &[Row]) -> Vec<Stretch> {
    let ends = rows.last().zip(rows.first());
    let ends = ends.and_then(|(oldest, newest)| Some((index.finished(*oldest)?, index.finished(*newest)?)));
    let Some((oldest, newest)) = ends else { return Vec::new() };
    let n_stretches = |step: i64| newest.div_euclid(step) - oldest.div_euclid(step) + 1;
    let step = STEPS.into_iter().find(|step| n_stretches(*step) <= STRETCHES_MAX);
    let step = step.unwrap_or_else(|| (newest - oldest) / (STRETCHES_MAX - 1) + 1);
    let first = oldest.div_euclid(step);
    let empty = |nth: i64| {
        let from = Timestamp::from_second((first + nth) * step).ok()?;
        Some(Stretch { from, success: 0, failure: 0, uncounted: 0 })
    };
    let mut stretches: Vec<Stretch> = (0..n_stretches(step)).filter_map(empty).collect();
    for row in rows {
        let place = index.finished(*row).map(|at| at.div_euclid(step) - first);
        let place = place.and_then(|place| usize::try_from(place).ok());
        let Some(stretch) = place.and_then(|place| stretches.get_mut(place)) else { continue };
        match index.status(*row).map_or(CountsAs::Uncounted, BuildStatus::counts_as) {
            CountsAs::Success => stretch.success += 1,
            CountsAs::Failure => stretch.failure += 1,
            CountsAs::Uncounted => stretch.uncounted += 1,
        }
    }
    stretches
}

fn drones(index: &Index, rows: &[Row]) -> Vec<(Arc<Build>, Summary)> {
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut parts: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let Some(drone) = index.drone(*row) else { continue };
        let place = *places.entry(drone).or_insert_with(|| {
            parts.push(Vec::new());
            parts.len() - 1
        });
        parts.get_mut(place).into_iter().for_each(|part| part.push(*row));
    }
    parts.truncate(DRONES_MAX);
    let newest = |part: &[Row]| index.build(*part.first()?).cloned();
    parts.iter().filter_map(|part| Some((newest(part)?, Summary::of(index, part)))).collect()
}

#[cfg(test)]
mod tests {
    use snapshot::testing::example;

    use super::*;

    fn of(query: &HistoryQuery) -> Comparison {
        let history = example().history.content.unwrap();
        Comparison::of(query, Some(&Index::of(history)))
    }

    #[test]
    fn every_build_lies_in_one_stretch_and_stretches_follow_each_other() {
        let all = of(&HistoryQuery::default());
        let count = |stretch: &Stretch| stretch.success + stretch.failure + stretch.uncounted;
        let n_builds: usize = example().history.get().unwrap().builds.len();
        assert_eq!(all.stretches.iter().map(count).sum::<u32>() as usize, n_builds);
        assert!((1..=48).contains(&all.stretches.len()));
        let steps: Vec<_> =
            all.stretches.windows(2).map(|two| two[1].from.duration_since(two[0].from)).collect();
        assert!(steps.windows(2).all(|two| two[0] == two[1]), "{steps:?}");
    }

    #[test]
    fn drones_have_their_own_builds() {
        let all = of(&HistoryQuery::default());
        assert!(all.drones.len() > 1);
        for (newest, summary) in all.drones {
            let name = newest.drone.as_ref().unwrap();
            let history = example();
            let builds = &history.history.get().unwrap().builds;
            let mut own = builds.iter().filter(|build| build.drone.as_ref() == Some(name));
            assert_eq!(own.clone().count() as u32, summary.success + summary.failure + summary.uncounted);
            assert_eq!(own.next(), Some(&newest));
        }
    }

    #[test]
    fn nothing_is_compared_with_nothing() {
        let none = Comparison::of(&HistoryQuery::default(), None);
        assert!(none.stretches.is_empty() && none.drones.is_empty());
    }
}
