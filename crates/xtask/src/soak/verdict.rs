//! What came out of a soak: the table that is printed, and what is wrong.

use std::{collections::BTreeMap, fmt::Write as _, process::ExitStatus};

use super::{
    plan::{GROWTH_MAX, Plan},
    pulse::Beat,
};
use crate::bench::fleet::orders::{Compared, Seen, Visits};

/// Everything that was found.
#[derive(Debug)]
pub(super) struct Findings {
    /// What the server held in the reference window.
    pub(super) reference: Option<Beat>,
    /// What it held at the end.
    pub(super) end: Option<Beat>,
    /// What subscribers saw.
    pub(super) seen: Seen,
    /// What they had in the end.
    pub(super) compared: Compared,
    /// How the requests went.
    pub(super) visits: Visits,
    /// How the process ended when it was told to; `None` if it did not.
    pub(super) status: Option<ExitStatus>,
    /// What its log complains of.
    pub(super) complaints: Vec<String>,
    /// Seconds of processor time that it took.
    pub(super) processor_seconds: f64,
}

/// Complaints that are shown.
const COMPLAINTS_MAX: usize = 5;

impl Findings {
    /// What is wrong, one sentence each; a good soak has nothing.
    pub(super) fn problems(&self, plan: &Plan) -> Vec<String> {
        let mut problems = Vec::new();
        let mut claim = |is_so: bool, problem: String| {
            if !is_so {
                problems.push(problem);
            }
        };
        let Compared { n_followers, n_equal, n_whole, n_whole_equal } = self.compared;
        claim(
            n_followers == plan.n_subscribers && n_equal == n_followers,
            format!("{n_equal} of {} subscribers have the server's queue in the end", plan.n_subscribers),
        );
        claim(
            n_whole > 0 && n_whole_equal == n_whole,
            format!("{n_whole_equal} of {n_whole} that keep all of it have all of it"),
        );
        claim(self.seen.n_deltas > 0, "subscribers were sent no change".to_owned());
        let n_wanted = plan.duration.as_secs_f64() * f64::from(plan.per_second) * plan.answered_min;
        let n_requests: u64 = self.visits.by_status.values().sum();
        claim(
            n_requests as f64 >= n_wanted,
            format!("{n_requests} requests were answered, at least {n_wanted:.0} were to be"),
        );
        for (fault, count) in self.seen.faults.iter().chain(&self.visits.faults) {
            claim(false, format!("{count} x {fault}"));
        }
        claim(
            self.status.is_some_and(|status| status.success()),
            self.status.map_or("the server did not stop".to_owned(), |status| {
                format!("the server ended with {status}")
            }),
        );
        for line in self.complaints.iter().take(COMPLAINTS_MAX) {
            claim(false, format!("the server complains: {line}"));
        }
        match (self.reference, self.end) {
            (Some(reference), Some(end)) => {
                let bound = memory_bound(plan, reference.resident);
                claim(
                    end.resident <= bound,
                    format!("memory grew from {} to {}", mib(reference.resident), mib(end.resident)),
                );
                let bound = files_bound(plan, reference.files);
                claim(
                    end.files <= bound,
                    format!("open files grew from {} to {}", reference.files, end.files),
                );
            }
            _ => claim(false, "nothing was felt of what the server holds".to_owned()),
        }
        problems
    }

    /// The table in Markdown.
    pub(super) fn table(&self, plan: &Plan) -> String {
        let mut text = "| what | at the reference | in the end | allowed |\n|---|---:|---:|---|\n".to_owned();
        let mut row = |what: &str, reference: &str, end: &str, allowed: &str| {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "| {what} | {reference} | {end} | {allowed} |");
        };
        if let (Some(reference), Some(end)) = (self.reference, self.end) {
            let bound = memory_bound(plan, reference.resident);
            let allowed = if bound < 1e15 { format!("<= {}", mib(bound)) } else { "not judged".to_owned() };
            row("resident memory", &mib(reference.resident), &mib(end.resident), &allowed);
            let allowed = format!("<= {}", files_bound(plan, reference.files));
            row("open files", &reference.files.to_string(), &end.files.to_string(), &allowed);
            row("threads", &reference.threads.to_string(), &end.threads.to_string(), "");
        }
        let Compared { n_followers, n_equal, n_whole, n_whole_equal } = self.compared;
        row("subscribers with the server's queue", "", &format!("{n_equal} of {n_followers}"), "all");
        row("of those that keep every field, equal", "", &format!("{n_whole_equal} of {n_whole}"), "all");
        let seen = &self.seen;
        row("their connections, each resumed or anew", "", &seen.n_connections.to_string(), "");
        row("connections that this machine was too busy to ask for", "", &seen.n_late.to_string(), "");
        let frames = format!("{} / {} / {}", seen.n_snapshots, seen.n_deltas, seen.n_heartbeats);
        row("whole queues / deltas / heartbeats, each checked", "", &frames, "");
        row("bytes in frames", "", &mib(seen.n_bytes as f64), "");
        row("drift and errors of subscribers", "", &total(&seen.faults).to_string(), "0");
        let visits = &self.visits;
        for (status, count) in &visits.by_status {
            row(&format!("requests answered {status}"), "", &count.to_string(), "");
        }
        row("different addresses asked for", "", &visits.n_targets.to_string(), "");
        row("bytes in bodies", "", &mib(visits.n_bytes as f64), "");
        let [median, hundredth, slowest] = visits.latency_us.map(|us| us as f64 / 1e3);
        let latency = format!("{median:.1} / {hundredth:.1} / {slowest:.1} ms");
        row("requests: median / one in a hundred / slowest", "", &latency, "");
        row("errors of requests", "", &total(&visits.faults).to_string(), "0");
        row("errors in the log", "", &self.complaints.len().to_string(), "0");
        row("processor time", "", &format!("{:.1} s", self.processor_seconds), "");
        let status = self.status.map_or("none".to_owned(), |status| status.to_string());
        row("end when told to stop", "", &status, "exit status: 0");
        text
    }
}

fn memory_bound(plan: &Plan, reference: f64) -> f64 {
    reference * (1.0 + GROWTH_MAX) + plan.memory_slack as f64
}

fn files_bound(plan: &Plan, reference: f64) -> f64 {
    reference + plan.files_slack as f64
}

fn total(faults: &BTreeMap<String, u64>) -> u64 {
    faults.values().sum()
}

fn mib(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap, os::unix::process::ExitStatusExt as _, process::ExitStatus, time::Duration,
    };

    use super::{Beat, Compared, Findings, Plan, Seen, Visits};

    type Spoil = fn(&mut Findings);

    fn plan() -> Plan {
        Plan::full(Duration::from_secs(10), 20, 10)
    }

    fn good() -> Findings {
        let beat = Beat { resident: 50e6, files: 100.0, threads: 5.0 };
        Findings {
            reference: Some(beat),
            end: Some(Beat { resident: 51e6, ..beat }),
            seen: Seen { n_deltas: 9, ..Seen::default() },
            compared: Compared { n_followers: 20, n_equal: 20, n_whole: 1, n_whole_equal: 1 },
            visits: Visits { by_status: BTreeMap::from([(200, 60), (304, 40)]), ..Visits::default() },
            status: Some(ExitStatus::from_raw(0)),
            complaints: Vec::new(),
            processor_seconds: 1.0,
        }
    }

    #[test]
    fn a_good_soak_has_no_problem() {
        assert_eq!(good().problems(&plan()), [""; 0]);
        assert!(good().table(&plan()).lines().all(|line| line.matches('|').count() == 5));
    }

    #[test]
    fn everything_that_is_promised_is_judged() {
        let fault = || BTreeMap::from([("something".to_owned(), 2)]);
        let grown = |resident, files| Some(Beat { resident, files, threads: 5.0 });
        let bad: [(&str, Spoil); 8] = [
            ("drift", |found| found.compared.n_equal = 19),
            ("less", |found| found.compared.n_whole_equal = 0),
            ("missing", |found| (found.compared.n_followers, found.compared.n_equal) = (19, 19)),
            ("silence", |found| found.seen.n_deltas = 0),
            ("too few", |found| found.visits.by_status = BTreeMap::from([(200, 89)])),
            ("killed", |found| found.status = Some(ExitStatus::from_raw(9))),
            ("hangs", |found| found.status = None),
            ("complains", |found| found.complaints.push("ERROR".to_owned())),
        ];
        for (name, spoil) in bad {
            let mut found = good();
            spoil(&mut found);
            assert_eq!(found.problems(&plan()).len(), 1, "{name}");
        }
        for (name, found) in [
            ("a subscriber's fault", Findings { seen: Seen { faults: fault(), ..good().seen }, ..good() }),
            ("a visitor's fault", Findings { visits: Visits { faults: fault(), ..good().visits }, ..good() }),
            ("memory", Findings { end: grown(60e6, 100.0), ..good() }),
            ("files", Findings { end: grown(50e6, 133.0), ..good() }),
            ("nothing felt", Findings { end: None, ..good() }),
        ] {
            assert_eq!(found.problems(&plan()).len(), 1, "{name}");
        }
    }
}
