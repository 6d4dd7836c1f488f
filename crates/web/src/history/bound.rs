//! Ends of a stretch of time in a query: a day of UTC, or an instant.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use snapshot::clock::whole_second;

/// One end of a stretch of time, as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// A whole day of UTC.
    Day(Date),
    /// An instant, to the second.
    Instant(Timestamp),
}

impl Bound {
    /// Reads `2026-02-23`, or an instant of RFC 3339 in which a `+` may have become a space.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() == 10 {
            return is_shaped(bytes, b"0000-00-00").then(|| text.parse().ok().map(Self::Day))?;
        }
        let zone_at = text.get(19..)?.find(|c: char| !(c == '.' || c.is_ascii_digit()))? + 19;
        let (clock, zone) = (bytes.get(..19)?, text.get(zone_at..)?.replace(' ', "+"));
        let is_zone = matches!(zone.as_str(), "Z" | "z")
            || is_shaped(zone.as_bytes(), b"+00:00")
            || is_shaped(zone.as_bytes(), b"-00:00");
        let is_clock = is_shaped(clock, b"0000-00-00T00:00:00") || is_shaped(clock, b"0000-00-00t00:00:00");
        if !is_zone || !is_clock {
            return None;
        }
        let instant: Timestamp = format!("{}{zone}", text.get(..zone_at)?).parse().ok()?;
        Some(Self::Instant(whole_second(instant)))
    }

    /// The first instant that is not before it.
    pub(crate) fn start(self) -> Timestamp {
        match self {
            Self::Day(day) => midnight(day).unwrap_or(Timestamp::MIN),
            Self::Instant(at) => at,
        }
    }

    /// The first instant that is after it: for a day, the next midnight.
    pub(crate) fn end(self) -> Timestamp {
        match self {
            Self::Day(day) => day.tomorrow().ok().and_then(midnight).unwrap_or(Timestamp::MAX),
            Self::Instant(at) => at,
        }
    }

    /// Whether nothing of `end` is at or after it. An instant is not later than itself, nor a day than itself.
    pub(crate) fn is_later_than(self, end: Self) -> bool {
        self.start() > end.start() && self.start() >= end.end()
    }
}

fn midnight(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp())
}

/// Whether the text has a digit wherever the shape has one, and else the same characters.
fn is_shaped(text: &[u8], shape: &[u8]) -> bool {
    let fits = |(byte, shape): (&u8, &u8)| {
        if shape.is_ascii_digit() { byte.is_ascii_digit() } else { byte == shape }
    };
    text.len() == shape.len() && text.iter().zip(shape).all(fits)
}

// === impl Bound ===

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Instant(at) => write!(f, "{at:.0}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, start: &str, end: &str) {
        let bound = Bound::parse(text).unwrap();
        let shown = (bound.start().to_string(), bound.end().to_string());
        assert_eq!(shown, (start.to_owned(), end.to_owned()), "{text}");
    }

    #[test]
    fn days_and_instants_have_a_start_and_an_end() {
        check("2026-02-22", "2026-02-22T00:00:00Z", "2026-02-23T00:00:00Z");
        check("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z");
        for text in [
            "2026-02-22T10:00:00Z",
            "2026-02-22t10:00:00z",
            "2026-02-22T10:00:00.75Z",
            "2026-02-22T23:00:00+13:00",
            "2026-02-22T23:00:00 13:00",
            "2026-02-22T05:00:00-05:00",
        ] {
            check(text, "2026-02-22T10:00:00Z", "2026-02-22T10:00:00Z");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "today",
            "2026-2-22",
            "2026-02-30",
            "20260222",
            "2026-02-22T10:00:00",
            "2026-02-22T10:00Z",
            "2026-02-22T25:00:00Z",
            "2026-02-22 10:00:00Z",
            "2026-02-22T10:00:00Z[UTC]",
            "2026-02-22T10:00:00+1300",
            "1772000000",
            "-009999-01-01",
            "2026-02-2\u{e9}",
            "2026-02-22T10:00:0\u{e9}Z",
        ] {
            assert_eq!(Bound::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "[-0-9TZtz:+. \u{e9}]{0,32}") {
            let _ = Bound::parse(&text).map(|bound| (bound.start(), bound.end()));
        }
    }
}
