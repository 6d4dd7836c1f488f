//! How many hosts or services are in each state.

use super::Reachability;

/// How many are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Those that answer.
    pub up: u32,
    /// Those of which a part answers.
    pub degraded: u32,
    /// Those that do not.
    pub down: u32,
    /// Those that nobody asked.
    pub unknown: u32,
}

impl Tally {
    /// Counts.
    #[must_use]
    pub fn of(states: impl IntoIterator<Item = Reachability>) -> Self {
        let mut tally = Self::default();
        for state in states {
            *match state {
                Reachability::Up => &mut tally.up,
                Reachability::Degraded => &mut tally.degraded,
                Reachability::Down => &mut tally.down,
                Reachability::Unknown => &mut tally.unknown,
            } += 1;
        }
        tally
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.up + self.degraded + self.down + self.unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_counted_once() {
        use Reachability::{Degraded, Down, Unknown, Up};
        let tally = Tally::of([Up, Up, Up, Degraded, Degraded, Down, Unknown]);
        assert_eq!(tally, Tally { up: 3, degraded: 2, down: 1, unknown: 1 });
        assert_eq!(tally.total(), 7);
        assert_eq!(Tally::of([]).total(), 0);
    }
}
