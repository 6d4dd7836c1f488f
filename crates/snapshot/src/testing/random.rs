//! Queues by chance: any two of them have most of their rows in common, in other places and with other fields.

use std::sync::Arc;

use jiff::Timestamp;

use super::{build, empty_queue, name, package};
use crate::{
    estimate::{Basis, Drain, Estimate},
    history::{Build, BuildStatus},
    queue::{Counts, ItemState, Queue, QueueItem, Reason, Scope, Truncated},
};

/// Rows are drawn from this many.
const N_ROWS: usize = 12;

/// The generator `SplitMix64`.
struct Chance(u64);

/// A queue of at most a dozen items and builds; the same one for the same seed.
#[must_use]
pub fn random_queue(seed: u64) -> Queue {
    let mut chance = Chance(seed);
    let mut lists: [Vec<QueueItem>; 3] = Default::default();
    for id in chance.order() {
        // One of four rows is in no list.
        if let Some(list) = lists.get_mut(chance.below(4)) {
            list.push(chance.item(id));
        }
    }
    let [pending, building, blocked] = lists;
    let recent: Vec<_> = chance.order().into_iter().filter(|_| chance.below(2) == 0).collect();
    let instant = Timestamp::from_second(1_771_855_200).unwrap_or_default();
    let excluded = chance.maybe(|chance| chance.number(2));
    Queue {
        paused: chance.maybe(|chance| chance.below(2) == 0),
        scope: chance.of([Scope::All, Scope::Session]),
        drain: excluded.map(|excluded| Drain {
            median_at: instant,
            low_at: instant,
            high_at: instant,
            excluded,
        }),
        truncated: Truncated { pending: chance.number(2), blocked: chance.number(2) },
        counts: Counts { completed: chance.maybe(|chance| chance.number(2)), ..empty_queue().counts },
        pending,
        building,
        blocked,
        recent: recent.into_iter().map(|id| chance.build(id)).collect(),
    }
}

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn number(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit)).unwrap_or_default()
    }

    fn below(&mut self, limit: u32) -> usize {
        usize::try_from(self.number(limit)).unwrap_or_default()
    }

    fn of<T: Copy, const N: usize>(&mut self, values: [T; N]) -> T {
        values[self.below(u32::try_from(N).unwrap_or(1))]
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| make(self))
    }

    /// All rows in some order.
    fn order(&mut self) -> Vec<usize> {
        let mut order: Vec<_> = (0..N_ROWS).map(|id| (self.next(), id)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, id)| id).collect()
    }

    fn item(&mut self, id: usize) -> QueueItem {
        let mut instant = || self.maybe(|chance| Timestamp::from_second(i64::from(chance.number(3)) * 3_600));
        let instants =
            [instant(), instant(), instant(), instant()].map(|instant| instant.and_then(Result::ok));
        let [assigned_at, started_at, expected_start_at, expected_finish_at] = instants;
        QueueItem {
            id: format!("dev-libs/p-{id}").into(),
            package: self.maybe(|_| package(&format!("dev-libs/p-{id}"))),
            state: self.of([ItemState::Pending, ItemState::Building, ItemState::Failed]),
            reason: self.maybe(|chance| chance.of([Reason::InLine, Reason::Retry])),
            drone: self.maybe(|chance| name(chance.of(["Izar", "Mizar"]))),
            failures: self.number(2),
            assigned_at,
            started_at,
            estimate: self.maybe(|chance| Estimate {
                median_seconds: chance.number(3),
                low_seconds: 0,
                high_seconds: 9,
                basis: chance.of([Basis::Package, Basis::Global]),
                samples: 2,
            }),
            expected_start_at,
            expected_finish_at,
        }
    }

    /// A build whose drone may have been renamed: its id is of other facts.
    fn build(&mut self, id: usize) -> Arc<Build> {
        let made = build(&format!("dev-libs/p-{id}"), "", BuildStatus::Success, "2026-02-23T14:00:00Z");
        let drone = self.maybe(|chance| name(chance.of(["Izar", "Mizar"])));
        Arc::new(Build {
            drone,
            package: made.package.clone().filter(|_| self.below(2) == 0),
            status: self.of([BuildStatus::Success, BuildStatus::Failed]),
            duration_seconds: self.maybe(|chance| chance.number(2)),
            ..(*made).clone()
        })
    }
}
