//! The account of one thing that is watched: for every hour, how long it was seen up and how long down.
//!
//! What is accounted lies between two sightings that followed each other soon enough; the earlier one says what it
//! was. Everything else was seen by nobody: while polls failed, while the process was not running, while the machine
//! slept. How long it was comes from the monotonic clock, and only where it belongs from the calendar, so a clock
//! that is set makes nothing longer or shorter. An hour never holds more than an hour.
//!
//! Hours are kept by days of UTC. A day whose hours are all alike, as most are, costs the same as one hour.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use snapshot::{
    clock::{Now, elapsed},
    uptime::{MARKED_DAYS, Observed, WINDOW_HOURS},
};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// By how much the clocks may differ between two sightings before the calendar counts as set.
const JUMP: Duration = Duration::from_secs(1);

/// The most days that are remembered: the longest window, and some that a wrong clock made.
const DAYS_MAX: usize = 128;

/// A day of the calendar in UTC, counted from the beginning of 1970.
pub type DayNumber = i32;

/// What was seen of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It answered.
    Up,
    /// It did not.
    Down,
}

/// The seconds of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    /// Seen up.
    up: u16,
    /// Seen down; both together are at most 3,600.
    down: u16,
}

/// The hours of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Day {
    /// All alike.
    Even(Hour),
    /// Each its own.
    Uneven(Box<[Hour; 24]>),
}

/// The account.
#[derive(Debug, Default)]
pub struct Ledger {
    days: BTreeMap<DayNumber, Day>,
    last: Option<(Sight, Now)>,
    /// Days that were not handed over since they changed.
    unstored: Vec<DayNumber>,
}

/// Seconds by window and by day, at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// In the order of [`WINDOW_HOURS`].
    pub windows: [Observed; WINDOW_HOURS.len()],
    /// The oldest first, today last.
    pub days: [Observed; MARKED_DAYS],
}

impl Ledger {
    /// Goes on from what was archived.
    #[must_use]
    pub fn restored(days: impl IntoIterator<Item = (DayNumber, Day)>) -> Self {
        Self { days: days.into_iter().collect(), ..Self::default() }
    }

    /// Takes in what was seen, or that it could not be seen. A sighting stands for at most `hold`.
    pub fn see(&mut self, sight: Option<Sight>, now: Now, hold: Duration) {
        let before = std::mem::replace(&mut self.last, sight.map(|sight| (sight, now)));
        let Some((was, then)) = before else { return };
        let length = now.uptime.saturating_sub(then.uptime);
        if length > hold {
            return;
        }
        let by_calendar = elapsed(then.wall, now.wall);
        let is_set = now.wall < then.wall || by_calendar.abs_diff(length) > JUMP;
        // Whole seconds that follow each other without a seam, as long as nobody sets the clock.
        let begin = if is_set { now.wall.checked_sub(length).unwrap_or(now.wall) } else { then.wall };
        self.account(was, begin.as_second(), now.wall.as_second());
    }

    fn account(&mut self, was: Sight, begin: i64, end: i64) {
        let mut from = begin;
        while from < end {
            let to = ((from.div_euclid(HOUR) + 1) * HOUR).min(end);
            let (day, hour) = place(from);
            // At most an hour.
            self.change(day, hour, was, u16::try_from(to - from).unwrap_or(0));
            from = to;
        }
    }

    fn change(&mut self, day: DayNumber, hour: usize, was: Sight, seconds: u16) {
        let hours = self.days.entry(day).or_insert_with(|| Day::Even(Hour::default()));
        let before = hours.at(hour);
        let after = before.plus(was, seconds);
        if after == before {
            return;
        }
        hours.set(hour, after);
        if !self.unstored.contains(&day) {
            self.unstored.push(day);
        }
        while self.days.len() > DAYS_MAX {
            self.days.pop_first();
        }
    }

    /// What was seen in the windows and days that end at `now`. Hours at the edge of a window count in proportion.
    #[must_use]
    pub fn sums(&self, now: Timestamp) -> Sums {
        let end = now.as_second();
        let mut sums = Sums::NOTHING;
        for (sum, hours) in sums.windows.iter_mut().zip(WINDOW_HOURS) {
            *sum = self.between(end - i64::from(hours) * HOUR, end);
        }
        let (today, _) = place(end);
        for (sum, days_ago) in sums.days.iter_mut().rev().zip(0..) {
            *sum = self.days.get(&(today - days_ago)).map_or(Observed::default(), Day::total);
        }
        sums
    }

    fn between(&self, begin: i64, end: i64) -> Observed {
        let ((first, _), (last, _)) = (place(begin), place(end));
        let mut sum = Observed::default();
        for (day, hours) in self.days.range(first..=last) {
            let midnight = i64::from(*day) * DAY;
            if begin <= midnight && midnight + DAY <= end {
                sum = sum.plus(hours.total());
                continue;
            }
            for (hour, from) in (0..24).zip((midnight..).step_by(3_600)) {
                let inside = (from + HOUR).min(end) - from.max(begin);
                sum = sum.plus(hours.at(hour).part(inside, from + HOUR > end));
            }
        }
        sum
    }

    /// Forgets the days before this one.
    pub fn forget_before(&mut self, day: DayNumber) {
        self.days = self.days.split_off(&day);
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The days that changed since the last call.
    pub fn take_unstored(&mut self) -> impl Iterator<Item = (DayNumber, Day)> {
        let days = std::mem::take(&mut self.unstored).into_iter();
        days.filter_map(|day| Some((day, self.days.get(&day)?.clone())))
    }
}

impl Hour {
    fn plus(self, was: Sight, seconds: u16) -> Self {
        let Self { up, down } = self;
        let seconds = seconds.min(3_600 - (up + down).min(3_600));
        match was {
            Sight::Up => Self { up: up + seconds, down },
            Sight::Down => Self { up, down: down + seconds },
        }
    }

    /// What lies in a part of it, in seconds: all of an hour that still runs, as far as there can be so much, and of
    /// one that was cut its share.
    fn part(self, inside: i64, is_running: bool) -> Observed {
        let inside = u64::try_from(inside.clamp(0, HOUR)).unwrap_or(0);
        let (up, down) = (u64::from(self.up), u64::from(self.down));
        if is_running {
            let up = up.min(inside);
            return Observed { up, down: down.min(inside - up) };
        }
        Observed { up: up * inside / 3_600, down: down * inside / 3_600 }
    }

    fn from_bytes([a, b, c, d]: [u8; 4]) -> Option<Self> {
        let (up, down) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
        (u32::from(up) + u32::from(down) <= 3_600).then_some(Self { up, down })
    }
}

impl Day {
    /// As it is stored: four bytes an hour, or for all hours.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let bytes = |hour: &Hour| {
            let ([a, b], [c, d]) = (hour.up.to_le_bytes(), hour.down.to_le_bytes());
            [a, b, c, d]
        };
        match self {
            Self::Even(hour) => bytes(hour).to_vec(),
            Self::Uneven(hours) => hours.iter().flat_map(bytes).collect(),
        }
    }

    /// Reads what was stored; `None` when that is no day.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (quarters, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return None;
        }
        match quarters {
            [hour] => Hour::from_bytes(*hour).map(Self::Even),
            hours => {
                let hours: Vec<Hour> =
                    hours.iter().map(|hour| Hour::from_bytes(*hour)).collect::<Option<_>>()?;
                Some(Self::Uneven(hours.into_boxed_slice().try_into().ok()?))
            }
        }
    }

    fn at(&self, hour: usize) -> Hour {
        match self {
            Self::Even(all) => *all,
            Self::Uneven(hours) => hours[hour],
        }
    }

    fn set(&mut self, hour: usize, value: Hour) {
        let mut hours = match self {
            Self::Even(all) => [*all; 24],
            Self::Uneven(hours) => **hours,
        };
        hours[hour] = value;
        let is_even = hours.iter().all(|other| *other == value);
        *self = if is_even { Self::Even(value) } else { Self::Uneven(Box::new(hours)) };
    }

    fn total(&self) -> Observed {
        let of = |hour: &Hour| Observed { up: hour.up.into(), down: hour.down.into() };
        match self {
            Self::Even(all) => Observed { up: u64::from(all.up) * 24, down: u64::from(all.down) * 24 },
            Self::Uneven(hours) => hours.iter().map(of).fold(Observed::default(), Observed::plus),
        }
    }
}

impl Sums {
    /// Of something that nobody saw.
    pub const NOTHING: Self = Self {
        windows: [Observed { up: 0, down: 0 }; WINDOW_HOURS.len()],
        days: [Observed { up: 0, down: 0 }; MARKED_DAYS],
    };

    /// Both together: one thing of which two accounts were kept.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        let add = |mine: &mut [Observed], others: &[Observed]| {
            mine.iter_mut().zip(others).for_each(|(mine, other)| *mine = mine.plus(*other));
        };
        add(&mut self.windows, &other.windows);
        add(&mut self.days, &other.days);
        self
    }
}

/// The day of an instant.
#[must_use]
pub fn day_of(at: Timestamp) -> DayNumber {
    place(at.as_second()).0
}

/// The day and the hour of a second.
fn place(second: i64) -> (DayNumber, usize) {
    // Instants of the calendar are within ten thousand years.
    let day = i32::try_from(second.div_euclid(DAY)).unwrap_or(i32::MAX);
    (day, usize::try_from(second.rem_euclid(DAY) / HOUR).unwrap_or(0))
}

#[cfg(test)]
mod tests;
