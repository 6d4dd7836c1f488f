//! Who received what, and when.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::orders::Arrival;

/// Counts what all subscribers of a fleet receive.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    n_subscribers: usize,
    n_lost: usize,
    /// By the number that the delta leads to.
    deltas: BTreeMap<u64, Arrival>,
}

impl Tally {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another one reads.
    pub(super) fn join(&self) {
        self.counts().n_subscribers += 1;
    }

    /// One reads no longer.
    pub(super) fn lose(&self) {
        let mut counts = self.counts();
        counts.n_subscribers -= 1;
        counts.n_lost += 1;
    }

    /// One received, at `now_ns`, the steps after `base` up to `seq` in a frame of `n_bytes`.
    pub(super) fn delta(&self, base: u64, seq: u64, n_bytes: u64, now_ns: u64) {
        let mut counts = self.counts();
        for step in base + 1..=seq {
            let new = Arrival { first_ns: now_ns, last_ns: now_ns, n_subscribers: 0, n_bytes };
            let arrival = counts.deltas.entry(step).or_insert(new);
            arrival.last_ns = now_ns;
            arrival.n_subscribers += 1;
        }
    }

    /// Whether all who read have at least `n_deltas` since the last [`Tally::take`].
    pub(super) fn are_complete(&self, n_deltas: usize) -> bool {
        let counts = self.counts();
        let complete = counts.deltas.values().filter(|delta| delta.n_subscribers >= counts.n_subscribers);
        complete.count() >= n_deltas
    }

    /// Everything since the last time.
    pub(super) fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut self.counts().deltas).into_values().collect()
    }

    /// How many were lost, ever.
    pub(super) fn n_lost(&self) -> usize {
        self.counts().n_lost
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrival, Tally};

    #[test]
    fn a_delta_is_complete_when_all_have_it() {
        let tally = Tally::default();
        tally.join();
        tally.join();
        tally.delta(7, 8, 400, 100);
        assert!(!tally.are_complete(1));
        tally.delta(7, 8, 400, 130);
        assert!(tally.are_complete(1) && !tally.are_complete(2));
        let expected = Arrival { first_ns: 100, last_ns: 130, n_subscribers: 2, n_bytes: 400 };
        assert_eq!(tally.take(), [expected]);
        assert!(tally.take().is_empty());
    }

    #[test]
    fn one_frame_may_bring_several_steps() {
        let tally = Tally::default();
        tally.join();
        tally.delta(7, 10, 900, 100);
        assert!(tally.are_complete(3) && !tally.are_complete(4));
    }

    #[test]
    fn who_is_lost_is_not_waited_for() {
        let tally = Tally::default();
        tally.join();
        tally.join();
        tally.delta(7, 8, 400, 100);
        tally.lose();
        assert!(tally.are_complete(1));
        assert_eq!(tally.n_lost(), 1);
    }
}
