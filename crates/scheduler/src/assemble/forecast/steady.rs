//! What was published of expectations, and when it gives way to something new.
//!
//! A finished build moves the expected instants of all that wait behind it, by a little. Publishing that would cost
//! every reader hundreds of operations a build and tell him nothing. So a value stays while it is about right, and
//! when many are due at once the most wrong go first, a few for each finished build. What changed itself is published
//! at once, and so is everything that matters when drones come or go.

use std::{cmp::Ordering, collections::HashMap, sync::Arc, time::Duration};

use identity::name::PublicName;
use jiff::Timestamp;
use snapshot::{
    clock::elapsed,
    estimate::{Drain, Estimate},
    queue::{ItemState, QueueItem},
};

use super::{Expected, Terms};

/// How far an instant may be off in any case; the drain's; and in parts of the time that is left.
const INSTANT_SLACK: Duration = Duration::from_secs(60);
const DRAIN_SLACK: Duration = Duration::from_secs(120);
const SHARE_OF_REST: f64 = 0.1;

/// How far a number of seconds may be off in any case, and in parts of itself: a median, and the fuzzy ends of its
/// range.
const SECONDS_SLACK: f64 = 10.0;
const SHARE_OF_MEDIAN: f64 = 0.15;
const SHARE_OF_ENDS: f64 = 0.3;

/// How many items that did not change themselves get new values after a finished build, and for every minute in which
/// none finished.
const AFTER_A_BUILD: usize = 10;
const A_MINUTE: usize = 4;

/// Why there is a new outlook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Builds finished.
    Learned,
    /// A minute passed.
    Minute,
    /// The queue or the drones changed.
    Changed,
}

/// What was published last.
#[derive(Debug, Default)]
pub(super) struct Steady {
    items: HashMap<Arc<str>, Published>,
    drain: Option<Drain>,
    terms: Terms,
    /// How many items that did not change themselves may get new values.
    allowance: usize,
}

#[derive(Debug, Clone)]
struct Published {
    facts: Facts,
    expected: Expected,
}

/// What makes an item another one, as far as expectations go.
type Facts = (ItemState, Option<PublicName>, Option<Timestamp>, u32);

pub(super) fn facts(item: &QueueItem) -> Facts {
    (item.state, item.drone.clone(), item.started_at, item.failures)
}

impl Steady {
    /// What is published of an item.
    pub(super) fn of(&self, id: &str) -> Expected {
        self.items.get(id).map(|published| published.expected).unwrap_or_default()
    }

    /// When the queue is published to be empty.
    pub(super) fn drain(&self) -> Option<Drain> {
        self.drain
    }

    /// Takes in new expectations of all items, in the order of the queue.
    pub(super) fn publish(
        &mut self,
        occasion: Occasion,
        terms: &Terms,
        rows: &[(&QueueItem, Expected)],
        drain: Option<Drain>,
        now: Timestamp,
    ) {
        self.allowance = match occasion {
            Occasion::Learned => AFTER_A_BUILD,
            Occasion::Minute => self.allowance.max(A_MINUTE),
            Occasion::Changed => self.allowance,
        };
        let mut before = std::mem::take(&mut self.items);
        let is_upheaval = self.terms != *terms;
        self.terms = terms.clone();
        let mut due: Vec<(f64, &QueueItem, Expected)> = Vec::new();
        for (item, mut expected) in rows.iter().copied() {
            let facts = facts(item);
            let id = Arc::clone(&item.id);
            if let Some(published) = before.remove(&item.id).filter(|published| published.facts == facts) {
                // What was promised of a build when it began is the measure of it until it ends.
                if item.state == ItemState::Building && published.expected.estimate.is_some() {
                    expected.estimate = published.expected.estimate;
                }
                let (mended, urgency) = mend(&published.expected, &expected, now);
                if urgency <= 1.0 {
                    self.items.insert(id, published);
                    continue;
                }
                expected = mended;
                if !is_upheaval && urgency.is_finite() {
                    due.push((urgency, item, expected));
                    self.items.insert(id, published);
                    continue;
                }
            }
            self.items.insert(id, Published { facts, expected });
        }
        // The sort is stable: of the equally wrong, the first in the queue are first.
        due.sort_by(|a, b| b.0.total_cmp(&a.0));
        due.truncate(self.allowance);
        self.allowance -= due.len();
        for (_, item, expected) in due {
            let published = Published { facts: facts(item), expected };
            self.items.insert(Arc::clone(&item.id), published);
        }
        self.drain = steady_drain(self.drain, drain, now);
    }
}

/// What is published next in place of `old`, were there room for all, and how wrong `old` is: over 1 gives way;
/// infinite when there is something where there was nothing. What is about right stays, each value for itself.
fn mend(old: &Expected, new: &Expected, now: Timestamp) -> (Expected, f64) {
    let instant = |old: Option<Timestamp>, new: Option<Timestamp>| {
        mend_value(old, new, |old, new| off(old, new, INSTANT_SLACK, now))
    };
    let (estimate, estimate_off) =
        mend_value(old.estimate, new.estimate, |old, new| off_estimate(&old, &new));
    let (start, start_off) = instant(old.start, new.start);
    let (mut finish, finish_off) = instant(old.finish, new.finish);
    if start > finish {
        finish = new.finish.max(start);
    }
    (Expected { estimate, start, finish }, estimate_off.max(start_off).max(finish_off))
}

fn mend_value<T: Copy>(old: Option<T>, new: Option<T>, off: impl Fn(T, T) -> f64) -> (Option<T>, f64) {
    match (old, new) {
        (None, None) => (None, 0.0),
        (Some(before), Some(after)) => {
            let off = off(before, after);
            (if off > 1.0 { new } else { old }, off)
        }
        _ => (new, f64::INFINITY),
    }
}

/// How far an instant is off, in what is allowed; one that has passed always is.
fn off(old: Timestamp, new: Timestamp, slack: Duration, now: Timestamp) -> f64 {
    let difference = elapsed(old.min(new), old.max(new)).as_secs_f64();
    let allowed = slack.as_secs_f64().max(elapsed(now, old).as_secs_f64() * SHARE_OF_REST);
    let has_passed = old <= now && old != new;
    // A passed one is more wrong than any, and finite: many pass while nothing is heard.
    if has_passed { difference / allowed + 1e6 } else { difference / allowed }
}

fn off_estimate(old: &Estimate, new: &Estimate) -> f64 {
    let off = |old: u32, new: u32, share: f64| {
        let (old, new) = (f64::from(old), f64::from(new));
        (old - new).abs() / SECONDS_SLACK.max(old * share)
    };
    let numbers = [
        off(old.median_seconds, new.median_seconds, SHARE_OF_MEDIAN),
        off(old.low_seconds, new.low_seconds, SHARE_OF_ENDS),
        off(old.high_seconds, new.high_seconds, SHARE_OF_ENDS),
    ];
    let basis = if old.basis == new.basis { 0.0 } else { 2.0 };
    numbers.into_iter().fold(basis, f64::max)
}

fn steady_drain(old: Option<Drain>, new: Option<Drain>, now: Timestamp) -> Option<Drain> {
    let (Some(old), Some(new)) = (old, new) else { return new };
    let is_off = |old: Timestamp, new: Timestamp| off(old, new, DRAIN_SLACK, now).total_cmp(&1.0);
    // A low end that has passed says that it may be done any moment; that alone is no news.
    let holds = is_off(old.median_at, new.median_at) != Ordering::Greater
        && is_off(old.high_at, new.high_at) != Ordering::Greater
        && (old.low_at <= now || is_off(old.low_at, new.low_at) != Ordering::Greater);
    Some(if holds { Drain { excluded: new.excluded, ..old } } else { new })
}
