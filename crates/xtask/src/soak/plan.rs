//! How long a soak lasts, what it asks of the server, and what it allows.

use std::time::Duration;

/// A soak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// How long the server is under load.
    pub(crate) duration: Duration,
    /// Subscribers that keep the queue.
    pub(crate) n_subscribers: usize,
    /// How long each of them stays before it leaves and comes back.
    pub(crate) stay: Duration,
    /// Requests for pages and documents in a second.
    pub(crate) per_second: u32,
    /// The share of them that has to be answered at least: a busy machine asks later than it should.
    pub(crate) answered_min: f64,
    /// How many times faster than a real farm the simulated one is.
    pub(crate) speed: u32,
    /// How many times faster than one can watch its backends break.
    pub(crate) chaos: u32,
    /// What the server's memory may grow by, in bytes, from the reference to the end, beside [`GROWTH_MAX`].
    pub(crate) memory_slack: u64,
    /// The same of its open files.
    pub(crate) files_slack: usize,
}

/// The share by which memory may grow.
pub(crate) const GROWTH_MAX: f64 = 0.1;
/// Memory that may come in the time of a soak: what the farm's history says grows, and a hundred days go by in one.
const MEMORY_SLACK: u64 = 4 << 20;
/// Connections to and from backends and visitors come and go.
const FILES_SLACK: usize = 32;
/// The window whose values are compared, at the reference and at the end.
const WINDOW: Duration = Duration::from_secs(60);

impl Plan {
    /// For as long as is wanted, with everything.
    pub(crate) fn full(duration: Duration, n_subscribers: usize, per_second: u32) -> Self {
        Self {
            duration,
            n_subscribers,
            stay: Duration::from_secs(90),
            per_second,
            answered_min: 0.9,
            speed: 100,
            chaos: 4,
            memory_slack: MEMORY_SLACK,
            files_slack: FILES_SLACK,
        }
    }

    /// The least in which everything happens once, by a binary without optimisations. Its memory is still filling up
    /// and is not judged.
    pub(crate) fn smoke() -> Self {
        Self {
            duration: Duration::from_secs(8),
            n_subscribers: 50,
            stay: Duration::from_secs(2),
            per_second: 40,
            answered_min: 0.1,
            chaos: 20,
            memory_slack: u64::MAX / 2,
            ..Self::full(Duration::ZERO, 0, 0)
        }
    }

    /// From when to when values are the reference: the second minute, of a short soak the second quarter.
    pub(crate) fn reference(&self) -> (Duration, Duration) {
        let begin = WINDOW.min(self.duration / 4);
        (begin, begin + self.window())
    }

    /// From when to when values are those of the end.
    pub(crate) fn end(&self) -> (Duration, Duration) {
        (self.duration.saturating_sub(self.window()), self.duration)
    }

    fn window(&self) -> Duration {
        WINDOW.min(self.duration / 4)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Plan;

    #[test]
    fn the_second_minute_is_compared_with_the_last() {
        let seconds = |plan: &Plan| {
            let ((from, to), (begin, end)) = (plan.reference(), plan.end());
            [from, to, begin, end].map(|instant| instant.as_secs())
        };
        assert_eq!(seconds(&Plan::full(Duration::from_secs(1_200), 1, 1)), [60, 120, 1_140, 1_200]);
        assert_eq!(seconds(&Plan::full(Duration::from_secs(240), 1, 1)), [60, 120, 180, 240]);
        assert_eq!(seconds(&Plan::smoke()), [2, 4, 6, 8]);
    }
}
