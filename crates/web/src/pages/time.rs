//! Instants and durations as pages write them: absolute, in UTC, never relative.

use jiff::Timestamp;
use serde::Serialize;
use snapshot::sentence;

pub(super) use snapshot::sentence::duration;

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
}
