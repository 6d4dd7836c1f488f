//! What is asked more seldom than polls happen, because it is dear: remembered for a while.
//!
//! Where it fails, what is asked often is known without it, and what was known of it stays until it is too old.

use std::time::Duration;

use jiff::Timestamp;
use snapshot::clock::elapsed;

use crate::error::FetchError;

/// From one good answer to the next question.
const INTERVAL: Duration = Duration::from_secs(300);
/// From a failure to the next question: it may be a question that is too dear.
const RETRY: Duration = Duration::from_secs(60);

/// An answer of a while ago, and when to ask again.
#[derive(Debug)]
pub(super) struct Seldom<T> {
    known: Option<Known<T>>,
    due_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Known<T> {
    answer: T,
    /// As of when it speaks.
    at: Timestamp,
}

impl<T> Seldom<T> {
    /// Whether it is time to ask.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        // A clock that was set back does not make it wait for longer than it ever should.
        let is_early = |due_at: Timestamp| now < due_at && elapsed(now, due_at) <= INTERVAL;
        !self.due_at.is_some_and(is_early)
    }

    /// Takes in an answer that speaks as of `at`; after a failure, what was known stays.
    pub(super) fn take_in(&mut self, answer: Result<T, FetchError>, at: Timestamp, now: Timestamp) {
        let pause = if answer.is_ok() { INTERVAL } else { RETRY };
        self.due_at = now.checked_add(pause).ok();
        match answer {
            Ok(answer) => self.known = Some(Known { answer, at }),
            Err(error) => tracing::debug!(%error, "what is asked seldom was not answered"),
        }
    }

    /// What is known, if it is as of at most `kept` ago.
    pub(super) fn known(&self, kept: Duration, now: Timestamp) -> Option<&T> {
        self.known.as_ref().filter(|known| elapsed(known.at, now) <= kept).map(|known| &known.answer)
    }
}

// === impl Seldom ===

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self { known: None, due_at: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_good_answer_stands_for_five_minutes_and_a_failure_for_one() {
        let mut asked = Seldom::default();
        assert!(asked.is_due(at(1_000)));
        asked.take_in(Ok(7), at(1_000), at(1_000));
        assert!(!asked.is_due(at(1_299)) && asked.is_due(at(1_300)));
        asked.take_in(Err(FetchError::Timeout), at(1_300), at(1_300));
        assert!(!asked.is_due(at(1_359)) && asked.is_due(at(1_360)));
        assert_eq!(asked.known(Duration::from_secs(600), at(1_600)), Some(&7));
        assert_eq!(asked.known(Duration::from_secs(600), at(1_601)), None);
    }

    #[test]
    fn a_clock_that_is_set_back_delays_nothing() {
        let mut asked = Seldom::default();
        asked.take_in(Ok(7), at(1_000_000), at(1_000_000));
        assert!(asked.is_due(at(1_000)));
    }
}
