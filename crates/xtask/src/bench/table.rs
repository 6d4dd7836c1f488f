//! The results of all rounds, and the table that is printed.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    measure::Measure,
    statistics::{Spread, ratios},
};

/// Which of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The Command Center.
    Ours,
    /// The minimal broadcast.
    Minimal,
}

/// What stands in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// What is measured.
    pub(crate) measure: Measure,
    /// Bytes of a first frame.
    pub(crate) frame_bytes: usize,
    /// How many subscribers there are.
    pub(crate) n_subscribers: usize,
}

/// Values of both sides, one a round.
#[derive(Debug, Default)]
pub(crate) struct Results(BTreeMap<Key, Pair>);

#[derive(Debug, Default)]
struct Pair {
    ours: Vec<f64>,
    minimal: Vec<f64>,
}

impl Results {
    /// Notes a value.
    pub(crate) fn add(&mut self, key: Key, side: Side, value: f64) {
        let pair = self.0.entry(key).or_default();
        match side {
            Side::Ours => pair.ours.push(value),
            Side::Minimal => pair.minimal.push(value),
        }
    }

    /// Everything as a table in Markdown: medians, and in parentheses the smallest and the largest.
    pub(crate) fn markdown(&self) -> String {
        let mut text =
            "| measured | first frame | subscribers | Command Center | minimal | ratio | target | result |\n\
                        |---|---:|---:|---:|---:|---:|---|---|\n"
                .to_owned();
        for (key, pair) in &self.0 {
            let measure = key.measure;
            let values = |values: &[f64]| cell(values, |value| measure.show(value));
            let target = measure.target();
            let result = target.and_then(|target| target.is_met(&pair.ours, &pair.minimal));
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "| {} | {} B | {} | {} | {} | {} | {} | {} |",
                measure.label(),
                key.frame_bytes,
                key.n_subscribers,
                values(&pair.ours),
                values(&pair.minimal),
                cell(&ratios(&pair.ours, &pair.minimal), |ratio| format!("{ratio:.2}")),
                target.map(|target| target.show(measure)).unwrap_or_default(),
                match (target, result) {
                    (None, _) => "",
                    (_, Some(true)) => "met",
                    (_, Some(false)) => "**missed**",
                    (_, None) => "unknown",
                },
            );
        }
        text
    }

    /// What is missing of `n_rounds` rounds of `expected`, and what cannot be true; one sentence each.
    pub(crate) fn problems(&self, expected: &[Key], n_rounds: usize) -> Vec<String> {
        let mut problems = Vec::new();
        for key in expected {
            let Some(pair) = self.0.get(key) else {
                problems.push(format!("{key:?} was not measured"));
                continue;
            };
            for (side, values) in [("ours", &pair.ours), ("minimal", &pair.minimal)] {
                if values.len() != n_rounds {
                    problems.push(format!("{key:?} has {} values of {side}, not {n_rounds}", values.len()));
                }
                let insane = values.iter().filter(|value| !key.measure.is_sane(**value));
                problems.extend(insane.map(|value| format!("{key:?} of {side} cannot be {value}")));
            }
        }
        problems
    }
}

fn cell(values: &[f64], show: impl Fn(f64) -> String) -> String {
    let Some(Spread { median, min, max }) = Spread::of(values) else { return "unknown".to_owned() };
    format!("{} ({} to {})", show(median), show(min), show(max))
}

#[cfg(test)]
mod tests {
    use super::{Key, Measure, Results, Side};

    const KEY: Key = Key { measure: Measure::CpuPerFrame, frame_bytes: 700, n_subscribers: 100 };

    fn two_rounds() -> Results {
        let mut results = Results::default();
        for (ours, minimal) in [(10.0, 10.0), (12.0, 8.0)] {
            results.add(KEY, Side::Ours, ours);
            results.add(KEY, Side::Minimal, minimal);
        }
        results
    }

    #[test]
    fn a_line_tells_medians_spread_ratio_and_target() {
        let text = two_rounds().markdown();
        let expected = "| processor time per frame | 700 B | 100 | 11.00 us (10.00 us to 12.00 us) \
                        | 9.00 us (8.00 us to 10.00 us) | 1.25 (1.00 to 1.50) | <= 1.10x the minimal | **missed** |";
        assert_eq!(text.lines().last(), Some(expected));
        let n_columns: Vec<_> = text.lines().map(|line| line.matches('|').count()).collect();
        assert_eq!(n_columns, [9, 9, 9]);
    }

    #[test]
    fn a_complete_table_has_no_problem() {
        assert_eq!(two_rounds().problems(&[KEY], 2), [""; 0]);
    }

    #[test]
    fn what_is_missing_or_impossible_is_told() {
        let other = Key { measure: Measure::Connect, ..KEY };
        assert_eq!(two_rounds().problems(&[KEY, other], 2).len(), 1);
        assert_eq!(two_rounds().problems(&[KEY], 3).len(), 2);
        let mut results = two_rounds();
        results.add(KEY, Side::Ours, f64::NAN);
        results.add(KEY, Side::Minimal, 9.0);
        assert_eq!(results.problems(&[KEY], 3).len(), 1);
        assert!(results.markdown().contains("unknown"));
    }
}
