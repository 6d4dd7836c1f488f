//! The parameters of a request: the query, its times, and the limits that Loki enforces.

use crate::duration;
use crate::message::{Request, parse_query};
use crate::world::civil;

/// The most rows of one answer.
const MAX_LIMIT: i64 = 5_000;
/// The longest range, in seconds: 30 days and an hour.
const MAX_RANGE: f64 = 30.0 * 86_400.0 + 3_600.0;
/// The range without a start, in seconds.
const DEFAULT_RANGE: f64 = 3_600.0;
/// The most points of one series.
const MAX_POINTS: f64 = 11_000.0;

/// The pairs of the form, then those of the URL.
pub(super) struct Parameters(Vec<(String, String)>);

/// A range, aligned to its step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) step: f64,
}

impl Parameters {
    pub(super) fn of(request: &Request) -> Self {
        let form = std::str::from_utf8(&request.body).unwrap_or_default();
        let mut pairs = if request.method == "POST" { parse_query(form) } else { Vec::new() };
        pairs.extend(request.query.iter().cloned());
        Self(pairs)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The instant `name`, or `default`; the errors here and below are whole bodies.
    pub(super) fn time(&self, name: &str, default: f64) -> Result<f64, String> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(default) };
        parse_time(text).ok_or_else(|| format!("could not parse '{name}' parameter: cannot parse {text:?}"))
    }

    /// Checks what concerns lines only, and is checked even where there are none.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(text) = self.get("limit") {
            let limit: i64 =
                text.parse().map_err(|_| format!("could not parse 'limit' parameter: {text:?}"))?;
            if limit <= 0 {
                return Err("limit must be a positive value".to_owned());
            }
            if limit > MAX_LIMIT {
                return Err(format!(
                    "max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > \
                     {MAX_LIMIT})"
                ));
            }
        }
        match self.get("direction").map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "forward" | "backward") => Ok(()),
            Some(direction) => Err(format!("invalid direction '{direction}'")),
        }
    }

    /// The range, with Loki's defaults; its ends move outwards to multiples of the step.
    pub(super) fn range(&self, now: f64) -> Result<Range, String> {
        let end = self.time("end", now)?;
        let since = self.get("since").and_then(duration::parse).unwrap_or(DEFAULT_RANGE);
        let start = self.time("start", end - since)?;
        if end <= start {
            return Err("end timestamp must not be before or equal to start time".to_owned());
        }
        if end - start > MAX_RANGE {
            let length = whole_duration(end - start);
            return Err(format!(
                "the query time range exceeds the limit (query length: {length}, limit: 30d1h)"
            ));
        }
        let step = match self.get("step").filter(|text| !text.is_empty()) {
            Some(text) => duration::parse(text)
                .ok_or_else(|| format!("could not parse 'step' parameter: cannot parse {text:?}"))?,
            None => ((end - start) / 250.0).floor().max(1.0),
        };
        if step <= 0.0 {
            return Err(
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
                    .to_owned(),
            );
        }
        if (end - start) / step > MAX_POINTS {
            return Err(
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value \
                        of the step parameter"
                    .to_owned(),
            );
        }
        Ok(Range { start: (start / step).floor() * step, end: (end / step).ceil() * step, step })
    }
}

/// A number with a fraction is one of seconds; up to ten digits are seconds, more are nanoseconds; else RFC 3339.
fn parse_time(text: &str) -> Option<f64> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(if text.len() <= 10 { whole as f64 } else { whole as f64 / 1e9 });
    }
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    seconds.or_else(|| civil::parse_rfc3339(text))
}

/// A duration as Go writes it, to the second.
fn whole_duration(seconds: f64) -> String {
    let seconds = seconds as i64;
    format!("{}h{}m{}s", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(query: &str) -> Result<Range, String> {
        Parameters::of(&Request::get(&format!("/?{query}"))).range(10_000.0)
    }

    #[test]
    fn times_come_in_four_forms() {
        for text in ["1795427104000000000", "1795427104", "1795427104.0", "2026-11-23T09:45:04Z"] {
            assert_eq!(parse_time(text), Some(1_795_427_104.0), "{text}");
        }
        assert_eq!(parse_time("yesterday"), None);
    }

    #[test]
    fn a_range_is_aligned_to_its_step() {
        let aligned = range("start=995&end=1010.5&step=30s").unwrap();
        assert_eq!(aligned, Range { start: 990.0, end: 1_020.0, step: 30.0 });
        assert_eq!(range("since=1000s&step=10").unwrap().start, 9_000.0);
        assert_eq!(range("step=60").unwrap().start, 6_360.0);
    }

    #[test]
    fn impossible_ranges_are_refused() {
        for query in ["start=2000&end=1000", "step=0", "step=x", "end=never", "since=8h&step=1"] {
            assert!(range(query).is_err(), "{query}");
        }
    }
}
