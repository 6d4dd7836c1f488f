//! Instants and durations as pages write them: absolute, in UTC, never relative.

use jiff::Timestamp;
use serde::Serialize;
use snapshot::sentence;

/// An instant, ready for a `<time>` element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Instant {
    /// For machines: `2026-02-23T14:02:07Z`.
    pub(super) iso: String,
    /// In full: `23 Feb 2026, 14:02:07 UTC`.
    pub(super) title: String,
    /// What is read: `14:02 UTC`, or `14:02:07 UTC`.
    pub(super) text: String,
    /// Whether the text shows seconds.
    pub(super) seconds: bool,
}

impl Instant {
    /// To the minute, with the day when that is not the day of `now`.
    pub(super) fn minute(at: Timestamp, now: Timestamp) -> Self {
        Self::new(at, sentence::time_of_day(at, now), false)
    }

    /// To the second, with the day when that is not the day of `now`.
    pub(super) fn second(at: Timestamp, now: Timestamp) -> Self {
        let minute = sentence::time_of_day(at, now);
        let clock = at.strftime(":%S UTC").to_string();
        let text =
            minute.strip_suffix(" UTC").map_or_else(|| minute.clone(), |head| format!("{head}{clock}"));
        Self::new(at, text, true)
    }

    fn new(at: Timestamp, text: String, seconds: bool) -> Self {
        let title = at.strftime("%-d %b %Y, %H:%M:%S UTC").to_string();
        Self { iso: iso(at), title, text, seconds }
    }
}

/// RFC 3339 in whole seconds.
pub(super) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// How long something took: the two largest units, such as "1 h 21 min" or "2 min 51 s".
pub(super) fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let two = |large: u64, unit: &str, small: u64, part: &str| match small {
        0 => format!("{large} {unit}"),
        small => format!("{large} {unit} {small} {part}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => two(minutes, "min", seconds % 60, "s"),
        3_600..86_400 => two(hours, "h", minutes, "min"),
        _ => two(days, "d", hours, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_instant_says_utc_and_names_another_day() {
        let now = at("2026-02-23T14:30:00Z");
        let instant = Instant::minute(at("2026-02-23T14:02:07.9Z"), now);
        assert_eq!((instant.iso.as_str(), instant.text.as_str()), ("2026-02-23T14:02:07Z", "14:02 UTC"));
        assert_eq!(instant.title, "23 Feb 2026, 14:02:07 UTC");
        assert_eq!(Instant::second(at("2026-02-22T14:02:07Z"), now).text, "22 Feb 14:02:07 UTC");
    }

    #[test]
    fn durations_have_two_units() {
        let expectations = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (171, "2 min 51 s"),
            (3_600, "1 h"),
            (4_860, "1 h 21 min"),
            (86_400, "1 d"),
            (100_000, "1 d 3 h"),
        ];
        for (seconds, expected) in expectations {
            assert_eq!(duration(seconds), expected);
        }
    }
}
