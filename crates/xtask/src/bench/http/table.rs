//! What came out of comparing servers, as a table.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{case::Case, contender::Side};
use crate::bench::statistics::{Spread, ratios};

/// What one run of a case says about a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Answers a second.
    pub(crate) per_second: f64,
    /// Processor time for each answer, in microseconds.
    pub(crate) cpu_us: f64,
    /// All but one of a hundred answers took no longer, in milliseconds.
    pub(crate) p99_ms: f64,
}

/// How long answers took at half of nginx's load: the middle and the slowest of a hundred, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Half {
    /// Half took no longer.
    pub(crate) p50_ms: f64,
    /// All but one of a hundred took no longer.
    pub(crate) p99_ms: f64,
}

/// Samples of all rounds.
#[derive(Debug, Default)]
pub(crate) struct Results {
    samples: BTreeMap<(Case, Side), Vec<Sample>>,
    halves: BTreeMap<(Case, Side), Vec<Half>>,
}

/// What our server has to reach of the handler that does nothing else.
const WANTED_OF_BARE: f64 = 0.9;

impl Results {
    /// Notes a sample.
    pub(crate) fn add(&mut self, case: Case, side: Side, sample: Sample) {
        self.samples.entry((case, side)).or_default().push(sample);
    }

    /// Notes delays at half load.
    pub(crate) fn add_half(&mut self, case: Case, side: Side, half: Half) {
        self.halves.entry((case, side)).or_default().push(half);
    }

    /// The median of one figure over the rounds.
    pub(crate) fn median(&self, case: Case, side: Side, figure: fn(&Sample) -> f64) -> Option<f64> {
        Spread::of(&self.figures(case, side, figure)).map(|spread| spread.median)
    }

    /// Requests a second, as ratios against the others, and what they cost.
    pub(crate) fn markdown(&self) -> String {
        let mut text = "| answer | connections | Command Center, requests/s | against nginx | against a bare handler \
                        | CPU per request, ours / nginx / bare | p99, ours / nginx / bare | wanted | result |\n\
                        |---|---:|---:|---:|---:|---:|---:|---|---|\n"
            .to_owned();
        for case in self.cases() {
            let per_second = |side| self.figures(case, side, |sample| sample.per_second);
            let (ours, nginx, bare) =
                (per_second(Side::Ours), per_second(Side::Nginx), per_second(Side::Bare));
            let (to_nginx, to_bare) = (Spread::of(&ratios(&ours, &nginx)), Spread::of(&ratios(&ours, &bare)));
            let [cpu, p99] = [|sample: &Sample| sample.cpu_us, |sample: &Sample| sample.p99_ms]
                .map(|figure| Side::ALL.map(|side| self.median(case, side, figure).unwrap_or(f64::NAN)));
            let wanted = case.wanted_of_nginx();
            let is_met = to_nginx
                .zip(to_bare)
                .is_some_and(|(nginx, bare)| nginx.median >= wanted && bare.median >= WANTED_OF_BARE);
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "| {case} | {} | {} | {} | {} | {} us | {} ms | {wanted:.2}x nginx, {WANTED_OF_BARE:.1}x bare | {} |",
                case.n_connections,
                cell(Spread::of(&ours), 0, ""),
                cell(to_nginx, 2, "x"),
                cell(to_bare, 2, "x"),
                cpu.map(|value| format!("{value:.1}")).join(" / "),
                p99.map(|value| format!("{value:.2}")).join(" / "),
                if is_met { "met" } else { "**missed**" },
            );
        }
        text
    }

    /// How long answers take when every server is asked half as often as nginx can answer.
    pub(crate) fn markdown_of_halves(&self) -> String {
        let mut text =
            "| at half load | Command Center, p50 / p99 | nginx | bare handler |\n|---|---:|---:|---:|\n"
                .to_owned();
        for case in self.cases() {
            let cells = Side::ALL.map(|side| {
                let halves = self.halves.get(&(case, side)).map_or(&[][..], Vec::as_slice);
                let median = |figure: fn(&Half) -> f64| {
                    Spread::of(&halves.iter().map(figure).collect::<Vec<_>>()).map(|spread| spread.median)
                };
                let (p50, p99) = median(|half| half.p50_ms).zip(median(|half| half.p99_ms))?;
                Some(format!("{p50:.2} / {p99:.2} ms"))
            });
            if let [Some(ours), Some(nginx), Some(bare)] = cells {
                let _ = writeln!(text, "| {case} | {ours} | {nginx} | {bare} |");
            }
        }
        text
    }

    /// What is missing or impossible; one sentence each.
    pub(crate) fn problems(&self, expected: &[Case], n_rounds: usize) -> Vec<String> {
        let mut problems = Vec::new();
        for case in expected {
            for side in Side::ALL {
                let samples = self.samples.get(&(*case, side)).map_or(&[][..], Vec::as_slice);
                if samples.len() != n_rounds {
                    problems
                        .push(format!("{case} of {side:?} has {} samples, not {n_rounds}", samples.len()));
                }
                let is_sane = |sample: &Sample| sample.per_second > 0.0 && sample.cpu_us > 0.0;
                problems.extend(
                    samples
                        .iter()
                        .filter(|sample| !is_sane(sample))
                        .map(|sample| format!("{case}: {sample:?}")),
                );
            }
        }
        problems
    }

    fn cases(&self) -> Vec<Case> {
        let mut cases: Vec<_> = self.samples.keys().map(|(case, _)| *case).collect();
        cases.dedup();
        cases
    }

    fn figures(&self, case: Case, side: Side, figure: fn(&Sample) -> f64) -> Vec<f64> {
        self.samples.get(&(case, side)).map_or(&[][..], Vec::as_slice).iter().map(figure).collect()
    }
}

fn cell(spread: Option<Spread>, digits: usize, unit: &str) -> String {
    spread.map_or_else(
        || "unknown".to_owned(),
        |Spread { median, min, max }| format!("{median:.digits$}{unit} ({min:.digits$} to {max:.digits$})"),
    )
}

#[cfg(test)]
mod tests {
    use super::{Case, Half, Results, Sample, Side};
    use crate::bench::http::case::{Form, Subject};

    const CASE: Case = Case { subject: Subject::Document, form: Form::Brotli, n_connections: 64 };

    fn two_rounds() -> Results {
        let mut results = Results::default();
        for (side, rates) in
            [(Side::Ours, [200.0, 220.0]), (Side::Nginx, [100.0, 200.0]), (Side::Bare, [200.0, 200.0])]
        {
            for per_second in rates {
                results.add(CASE, side, Sample { per_second, cpu_us: 5.0, p99_ms: 0.5 });
            }
        }
        results
    }

    #[test]
    fn a_line_compares_round_by_round() {
        let text = two_rounds().markdown();
        let line = text.lines().last().unwrap();
        assert!(
            line.contains("| 210 (200 to 220) | 1.55x (1.10 to 2.00) | 1.05x (1.00 to 1.10) |"),
            "{line}"
        );
        assert!(line.ends_with("| met |"), "{line}");
        let n_columns: Vec<_> = text.lines().map(|line| line.matches('|').count()).collect();
        assert_eq!(n_columns, [10, 10, 10]);
    }

    #[test]
    fn half_load_is_told_once_all_have_it() {
        let mut results = two_rounds();
        assert_eq!(results.markdown_of_halves().lines().count(), 2);
        for side in Side::ALL {
            results.add_half(CASE, side, Half { p50_ms: 0.1, p99_ms: 0.25 });
        }
        assert!(results.markdown_of_halves().contains("| 0.10 / 0.25 ms | 0.10 / 0.25 ms |"));
    }

    #[test]
    fn what_is_missing_or_impossible_is_told() {
        assert_eq!(two_rounds().problems(&[CASE], 2), [""; 0]);
        assert_eq!(two_rounds().problems(&[CASE], 3).len(), 3);
        let mut results = two_rounds();
        results.add(CASE, Side::Bare, Sample { per_second: 0.0, cpu_us: 1.0, p99_ms: 1.0 });
        assert_eq!(results.problems(&[CASE], 2).len(), 2);
    }
}
