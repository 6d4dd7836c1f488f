//! Wall and monotonic time, read together and injected.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// What the calendar says; it may be stepped.
    pub wall: Timestamp,
    /// Time since the machine started, counting sleep; it never goes back.
    pub uptime: Duration,
}

/// The step by which a limit is passed: the limit itself still belongs to what was.
pub(crate) const MOMENT: Duration = Duration::from_nanos(1);

/// Where time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Now + Send + Sync>);

impl Clock {
    /// The machine's own clocks.
    #[must_use]
    pub fn system() -> Self {
        Self::from_fn(|| Now { wall: Timestamp::now(), uptime: uptime() })
    }

    /// A clock that a test, a replay or a demonstration moves.
    #[must_use]
    pub fn from_fn(read: impl Fn() -> Now + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Reads both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        (self.0)()
    }
}

impl Now {
    /// The same instant, later by `by` on both clocks.
    #[must_use]
    pub fn later(self, by: Duration) -> Self {
        Self { wall: add(self.wall, by), uptime: self.uptime + by }
    }

    /// The same instant, earlier by `by` on both clocks.
    #[must_use]
    pub fn earlier(self, by: Duration) -> Self {
        let wall = self.wall.checked_sub(by).unwrap_or(Timestamp::MIN);
        Self { wall, uptime: self.uptime.saturating_sub(by) }
    }
}

/// `at` and a duration, at most the end of time.
#[must_use]
pub fn add(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// How much later `to` is than `from`; zero when it is not.
#[must_use]
pub fn elapsed(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}

/// `at` without its fraction of a second.
#[must_use]
pub fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Boot time and not monotonic time: a laptop that slept must not believe that its data is fresh.
fn uptime() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}

// === impl Clock ===

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({:?})", self.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_moves_forward_on_both_hands() {
        let clock = Clock::system();
        let first = clock.now();
        let second = clock.now();
        assert!(second.uptime >= first.uptime);
        assert!(elapsed(second.wall, first.wall.max(second.wall)) < Duration::from_secs(60));
    }

    #[test]
    fn elapsed_is_never_negative() {
        let early = Timestamp::from_second(100).unwrap();
        let late = Timestamp::from_second(160).unwrap();
        assert_eq!(elapsed(early, late), Duration::from_secs(60));
        assert_eq!(elapsed(late, early), Duration::ZERO);
    }
}
