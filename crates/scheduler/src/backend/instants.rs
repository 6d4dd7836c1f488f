//! Instants by somebody else's clock.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use snapshot::clock::{add, whole_second};

use super::wire::Number;

/// How far ahead of ours a backend's clock may be.
const AHEAD_MAX: Duration = Duration::from_secs(120);

/// Reads the instants in one backend's answers, one answer after the other.
///
/// A little ahead of our clock is now; far ahead, or before the epoch, is not known. What was taken for now stays
/// that for as long as the backend repeats it: taken anew from each answer it would move, and with it whatever is
/// dated by it.
#[derive(Debug, Default)]
pub struct Instants {
    now: Timestamp,
    /// By the second that the last answer had: what it was taken for.
    before: HashMap<i64, Timestamp>,
    /// The same of the present answer.
    current: HashMap<i64, Timestamp>,
}

impl Instants {
    /// Begins with an answer that came at `now`.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.now = now;
        self.before = std::mem::take(&mut self.current);
    }

    /// When the present answer came.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// An instant in Unix seconds, without its fraction.
    pub(super) fn read(&mut self, number: Number) -> Option<Timestamp> {
        let second = number.second()?;
        if let Some(taken) = self.before.get(&second).or_else(|| self.current.get(&second)).copied() {
            self.current.insert(second, taken);
            return Some(taken);
        }
        let at = Timestamp::from_second(second).ok()?;
        if at <= self.now {
            return Some(at);
        }
        if at > add(self.now, AHEAD_MAX) {
            return None;
        }
        let taken = whole_second(self.now);
        self.current.insert(second, taken);
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_700_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn instants_at(second: i64) -> Instants {
        let mut instants = Instants::default();
        instants.begin(at(second));
        instants
    }

    #[test]
    fn a_clock_that_is_slightly_ahead_is_taken_as_now() {
        let check = |second: f64, expected: Option<i64>| {
            let read = instants_at(NOON).read(Number::from(second));
            assert_eq!(read.map(Timestamp::as_second), expected, "{second}");
        };
        check(1_699_999_990.7, Some(1_699_999_990));
        check(1_700_000_120.0, Some(NOON));
        check(1_700_000_121.0, None);
        check(0.0, None);
        check(-5.0, None);
        check(1e18, None);
        check(f64::NAN, None);
    }

    #[test]
    fn what_was_taken_for_now_stays_so_while_it_is_repeated() {
        let ahead = Number::from(1_700_000_060.0);
        let mut instants = instants_at(NOON);
        for answered_at in [NOON, NOON + 5, NOON + 59, NOON + 100] {
            instants.begin(at(answered_at));
            assert_eq!(instants.read(ahead), Some(at(NOON)));
            assert_eq!(instants.read(ahead), Some(at(NOON)));
        }
    }

    #[test]
    fn what_is_no_longer_repeated_is_forgotten() {
        let mut instants = instants_at(NOON);
        instants.read(Number::from(1_700_000_060.0));
        instants.begin(at(NOON + 5));
        instants.begin(at(NOON + 10));
        assert_eq!(instants.read(Number::from(1_700_000_060.0)), Some(at(NOON + 10)));
        assert!(instants.before.is_empty());
    }
}
