//! How deep the queue was: the most that was told in each step of the clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use jiff::Timestamp;
use snapshot::{
    queue::Counts,
    trend::{DEPTH_KEPT, DEPTH_STEP, Depth, DepthHistory, Steps},
};

use crate::archive::record::Trends;

/// The most samples in memory: what is published, and some that a wrong clock made.
const SAMPLES_MAX: usize = 2 * (DEPTH_KEPT.as_secs() / DEPTH_STEP.as_secs()) as usize;

/// The samples.
#[derive(Debug, Default)]
pub(super) struct DepthBook {
    samples: BTreeMap<Timestamp, Depth>,
    unstored: BTreeSet<Timestamp>,
    /// The step that ran when samples were last published.
    published_in: Option<Timestamp>,
}

impl DepthBook {
    pub(super) fn restored(depths: Vec<Depth>) -> Self {
        // The archive keeps more than is published.
        let newest = depths.into_iter().rev().take(SAMPLES_MAX);
        Self { samples: newest.map(|depth| (depth.at, depth)).collect(), ..Self::default() }
    }

    /// Takes in what was told; counts that were not are no sample.
    pub(super) fn note(&mut self, counts: Counts, at: Timestamp) {
        let Counts { pending: Some(pending), building, blocked, failed, .. } = counts else { return };
        let at = step(at);
        let blocked = blocked.unwrap_or(0).saturating_add(failed.unwrap_or(0));
        let told = Depth { at, pending, building: building.unwrap_or(0), blocked };
        let most = self.samples.get(&at).map_or(told, |known| known.max(told));
        if self.samples.insert(at, most) != Some(most) {
            self.unstored.insert(at);
        }
        while self.samples.len() > SAMPLES_MAX {
            self.samples.pop_first();
        }
    }

    /// What is to be published, when another step runs than the last time.
    pub(super) fn published(&mut self, now: Timestamp) -> Option<DepthHistory> {
        let running = step(now);
        if self.published_in.replace(running) == Some(running) {
            return None;
        }
        let begin = running.checked_sub(DEPTH_KEPT).unwrap_or(Timestamp::MIN);
        let whole = self.samples.range(begin..running);
        Some(DepthHistory { samples: whole.map(|(_, sample)| *sample).collect() })
    }

    /// The samples that changed since the last call.
    pub(super) fn take_unstored(&mut self, trends: &mut Trends) {
        let changed = mem::take(&mut self.unstored).into_iter();
        trends.depths = changed.filter_map(|at| Some((at, *self.samples.get(&at)?))).collect();
    }
}

/// The step of an instant.
fn step(at: Timestamp) -> Timestamp {
    Steps::until(at, DEPTH_STEP, 0).begin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn counts(pending: u32) -> Counts {
        let some = Some(1);
        Counts { pending: Some(pending), building: some, blocked: some, failed: some, ..Counts::default() }
    }

    fn published(book: &mut DepthBook, now: i64) -> Option<Vec<(i64, u32)>> {
        let samples = book.published(at(now))?.samples;
        Some(samples.iter().map(|sample| (sample.at.as_second(), sample.pending)).collect())
    }

    #[test]
    fn the_most_of_each_step_is_published_once_it_is_over() {
        let mut book = DepthBook::default();
        assert_eq!(published(&mut book, 1_000), Some(vec![]));
        for (second, pending) in [(1_000, 4), (1_100, 9), (1_199, 2)] {
            book.note(counts(pending), at(second));
            assert_eq!(published(&mut book, second), None);
        }
        assert_eq!(published(&mut book, 1_200), Some(vec![(600, 9)]));
        book.note(Counts::default(), at(1_300));
        assert_eq!(published(&mut book, 1_800), Some(vec![(600, 9)]));
    }

    #[test]
    fn a_clock_that_goes_back_keeps_the_most_and_what_lies_ahead_is_not_published() {
        let mut book = DepthBook::default();
        book.note(counts(9), at(1_000));
        book.note(counts(5), at(4_102_444_800));
        book.note(counts(2), at(1_100));
        assert_eq!(published(&mut book, 1_200), Some(vec![(600, 9)]));
    }

    #[test]
    fn what_changed_is_stored_once() {
        let mut book = DepthBook::default();
        let stored = |book: &mut DepthBook| {
            let mut trends = Trends::default();
            book.take_unstored(&mut trends);
            trends.depths.into_values().map(|depth| (depth.pending, depth.blocked)).collect::<Vec<_>>()
        };
        book.note(counts(3), at(1_000));
        assert_eq!(stored(&mut book), [(3, 2)]);
        book.note(counts(2), at(1_010));
        assert!(stored(&mut book).is_empty());
    }

    #[test]
    fn samples_are_bounded_and_the_newest_are_restored() {
        let mut book = DepthBook::default();
        for n in 0..5_000 {
            book.note(counts(n), at(i64::from(n) * 600));
        }
        assert_eq!(book.samples.len(), SAMPLES_MAX);
        let mut again = DepthBook::restored(book.samples.values().copied().collect());
        let week = published(&mut again, 5_000 * 600).unwrap();
        assert_eq!((week.len(), week.last()), (1_008, Some(&(4_999 * 600, 4_999))));
    }
}
