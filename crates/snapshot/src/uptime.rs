//! How much of a stretch of time something was up, as far as anybody saw.
//!
//! Three values and not two: what nobody saw is neither up nor down, and neither is what happened while the observer
//! himself was away. Shares are of what was observed; how much that is, is told beside them.

use std::collections::BTreeMap;

use identity::name::PublicName;

use crate::section::SourceName;

/// The windows over which shares are told, in hours: a day, a week, 30 and 90 days.
pub const WINDOW_HOURS: [u32; 4] = [24, 168, 720, 2_160];

/// The days that are marked one by one, today included.
pub const MARKED_DAYS: usize = 30;

/// What is known of everything that is watched. Values are of one instant; they move in steps of minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Availability {
    /// The listed hosts.
    pub hosts: BTreeMap<PublicName, Uptime>,
    /// The listed services, whoever measures them.
    pub services: BTreeMap<PublicName, Uptime>,
    /// The backends: up is a good answer to us.
    pub sources: BTreeMap<SourceName, Uptime>,
}

/// What is known of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uptime {
    /// The shares, in the order of [`WINDOW_HOURS`].
    pub windows: [Share; WINDOW_HOURS.len()],
    /// The days of the calendar in UTC, the oldest first, today last.
    pub days: [DayMark; MARKED_DAYS],
}

/// How much of a window something was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Up, in hundredths of a percent of what was observed; `None` when nothing was.
    pub up_hundredths: Option<u16>,
    /// Observed, in tenths of a percent of the window.
    pub observed_tenths: u16,
}

/// A day at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DayMark {
    /// Nobody saw anything.
    #[default]
    Unobserved,
    /// Up whenever it was seen.
    Up,
    /// Up at times, down at times.
    Partly,
    /// Down whenever it was seen.
    Down,
}

/// Seconds that were observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Observed {
    /// Up.
    pub up: u64,
    /// Down.
    pub down: u64,
}

impl Uptime {
    /// Of something that nobody saw yet.
    pub const UNOBSERVED: Self = Self {
        windows: [Share { up_hundredths: None, observed_tenths: 0 }; WINDOW_HOURS.len()],
        days: [DayMark::Unobserved; MARKED_DAYS],
    };

    /// From the seconds of each window and of each day.
    #[must_use]
    pub fn of(windows: [Observed; WINDOW_HOURS.len()], days: [Observed; MARKED_DAYS]) -> Self {
        let mut shares = [Share::default(); WINDOW_HOURS.len()];
        for ((share, observed), hours) in shares.iter_mut().zip(windows).zip(WINDOW_HOURS) {
            *share = Share::of(observed, u64::from(hours) * 3_600);
        }
        Self { windows: shares, days: days.map(DayMark::of) }
    }
}

impl Share {
    /// The share of a window of so many seconds.
    ///
    /// All and nothing are exact: a second of failure keeps it under 100 %, a second of success above 0 %.
    #[must_use]
    pub fn of(observed: Observed, window_seconds: u64) -> Self {
        let Observed { up, down } = observed;
        let seen = up + down;
        let up_hundredths = (seen > 0).then(|| {
            let rounded = (up * 10_000 + seen / 2) / seen;
            let (least, most) = (u64::from(up > 0), 10_000 - u64::from(down > 0));
            // At most 10,000.
            u16::try_from(rounded.clamp(least, most)).unwrap_or(u16::MAX)
        });
        // A clock that was set back makes an hour longer than it is.
        let seen = seen.min(window_seconds);
        let tenths = (seen * 1_000 + window_seconds / 2).checked_div(window_seconds).unwrap_or(0);
        Self { up_hundredths, observed_tenths: u16::try_from(tenths).unwrap_or(u16::MAX) }
    }
}

impl DayMark {
    /// What those seconds say of their day.
    #[must_use]
    pub const fn of(observed: Observed) -> Self {
        match observed {
            Observed { up: 0, down: 0 } => Self::Unobserved,
            Observed { down: 0, .. } => Self::Up,
            Observed { up: 0, .. } => Self::Down,
            Observed { .. } => Self::Partly,
        }
    }
}

impl Observed {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { up: self.up + other.up, down: self.down + other.down }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(up: u64, down: u64, window: u64, expected: (Option<u16>, u16)) {
        let share = Share::of(Observed { up, down }, window);
        assert_eq!((share.up_hundredths, share.observed_tenths), expected);
    }

    #[test]
    fn shares_are_of_what_was_observed() {
        check(0, 0, 86_400, (None, 0));
        check(86_400, 0, 86_400, (Some(10_000), 1_000));
        check(43_200, 0, 86_400, (Some(10_000), 500));
        check(45_744, 40_656, 86_400, (Some(5_294), 1_000));
        check(0, 60, 86_400, (Some(0), 1));
    }

    #[test]
    fn all_and_nothing_are_exact() {
        check(7_775_999, 1, 7_776_000, (Some(9_999), 1_000));
        check(1, 7_775_999, 7_776_000, (Some(1), 1_000));
    }

    #[test]
    fn more_than_the_window_is_the_window() {
        check(90_000, 0, 86_400, (Some(10_000), 1_000));
        check(1, 0, 0, (Some(10_000), 0));
    }

    #[test]
    fn a_day_is_marked_by_what_was_seen_of_it() {
        let mark = |up, down| DayMark::of(Observed { up, down });
        let marks = [mark(0, 0), mark(5, 0), mark(5, 5), mark(0, 5)];
        assert_eq!(marks, [DayMark::Unobserved, DayMark::Up, DayMark::Partly, DayMark::Down]);
    }
}
