//! What the operator can watch of the scheduler: counters of what it does, and the state of what it knows.
//!
//! Labels are closed words: sources, faults, sections. Nothing that a backend wrote is ever a label. What is counted here
//! is counted by whom it happens to; how old a source is is computed when somebody asks, because a scheduler that
//! hangs would count nothing.

mod known;

use std::time::Duration;

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use snapshot::{
    clock::Clock,
    section::{Fault, SourceName},
    snapshot::Snapshot,
    store::Reader,
};

use self::known::Known;

/// The upper ends of the classes of polls, in seconds: from a service next door to the longest deadline.
const POLL_SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// Those of assemblies.
const ASSEMBLY_SECONDS: [f64; 7] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.25];
/// The word for a poll that did not fail.
const OK: &str = "ok";

type Label = [(&'static str, &'static str); 1];
type Labels = [(&'static str, &'static str); 2];

/// The counters. Clones are the same counters.
#[derive(Debug, Clone)]
pub struct Metrics {
    polls: Family<Labels, Counter>,
    poll_seconds: Family<Label, Histogram, fn() -> Histogram>,
    assemblies: Histogram,
    /// By section.
    leak_guard_hits: Family<Label, Counter>,
    withheld: Family<Label, Gauge>,
    /// By why.
    rows_refused: Family<Label, Counter>,
    archive: ArchiveMetrics,
}

/// What becomes of what is to be archived.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArchiveMetrics {
    /// By outcome.
    writes: Family<Label, Counter>,
    failed_attempts: Gauge,
    builds_lost: Counter,
}

impl Metrics {
    /// Makes them part of a registry: the counters, and what `reader` gives at the instant of the question.
    pub fn register(&self, registry: &mut Registry, reader: Reader<Snapshot>, clock: Clock) {
        let Self { polls, poll_seconds, assemblies, leak_guard_hits, withheld, rows_refused, archive } = self;
        registry.register(
            "command_center_polls",
            "Polls that ended, by source and outcome: ok, or why there was no usable answer",
            polls.clone(),
        );
        registry.register_with_unit(
            "command_center_poll_duration",
            "How long polls took, whatever came of them",
            Unit::Seconds,
            poll_seconds.clone(),
        );
        registry.register_with_unit(
            "command_center_assembly_duration",
            "How long it took to make the next snapshot",
            Unit::Seconds,
            assemblies.clone(),
        );
        registry.register(
            "command_center_leak_guard_hits",
            "Values that the leak guard began to hold back, by section",
            leak_guard_hits.clone(),
        );
        registry.register(
            "command_center_leak_guard_withheld",
            "Values that the leak guard holds back now, by section",
            withheld.clone(),
        );
        registry.register(
            "command_center_build_rows_refused",
            "Finished builds that were not taken, each time they were told: impossible, or told differently before",
            rows_refused.clone(),
        );
        archive.register(registry);
        registry.register_collector(Box::new(Known::new(reader, clock)));
    }

    /// Makes a source's counters begin at zero, so that the first fault is an increase.
    pub(crate) fn expect(&self, source: SourceName) {
        for outcome in Fault::ALL.map(Fault::as_str).into_iter().chain([OK]) {
            self.polls.get_or_create_owned(&of_poll(source, outcome));
        }
        self.poll_seconds.get_or_create_owned(&[("source", source.as_str())]);
    }

    /// A poll ended.
    pub(crate) fn polled(&self, source: SourceName, fault: Option<Fault>, took: Duration) {
        self.polls.get_or_create(&of_poll(source, fault.map_or(OK, Fault::as_str))).inc();
        self.poll_seconds.get_or_create(&[("source", source.as_str())]).observe(took.as_secs_f64());
    }

    /// A snapshot was made.
    pub(crate) fn assembled(&self, took: Duration) {
        self.assemblies.observe(took.as_secs_f64());
    }

    /// The leak guard holds back so many values of a section, after it held back `before`.
    pub(crate) fn withheld(&self, section: &'static str, before: usize, n_hits: usize) {
        let more = u64::try_from(n_hits.saturating_sub(before)).unwrap_or(u64::MAX);
        self.leak_guard_hits.get_or_create(&[("section", section)]).inc_by(more);
        self.withheld.get_or_create(&[("section", section)]).set(i64::try_from(n_hits).unwrap_or(i64::MAX));
    }

    /// Finished builds were not taken.
    pub(crate) fn refused(&self, why: Refusal, n_builds: u64) {
        self.rows_refused.get_or_create(&[("reason", why.as_str())]).inc_by(n_builds);
    }

    /// What becomes of what is to be archived.
    pub(crate) fn archive(&self) -> &ArchiveMetrics {
        &self.archive
    }
}

/// Why a finished build is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be.
    Impossible,
    /// It was told differently before.
    Different,
}

impl Refusal {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Impossible => "impossible",
            Self::Different => "different",
        }
    }
}

impl ArchiveMetrics {
    fn register(&self, registry: &mut Registry) {
        let Self { writes, failed_attempts, builds_lost } = self;
        self.expect();
        registry.register(
            "command_center_archive_writes",
            "Attempts to store what became known, by outcome",
            writes.clone(),
        );
        registry.register(
            "command_center_archive_failed_attempts",
            "Attempts to store that failed since the last that did not; 0 while all is well",
            failed_attempts.clone(),
        );
        registry.register(
            "command_center_archive_builds_lost",
            "Finished builds that were given up because too many waited for the disk",
            builds_lost.clone(),
        );
    }

    /// Makes the counters begin at zero.
    fn expect(&self) {
        for outcome in [OK, "failed"] {
            self.writes.get_or_create_owned(&[("outcome", outcome)]);
        }
    }

    /// Something was stored.
    pub(crate) fn stored(&self) {
        self.writes.get_or_create(&[("outcome", OK)]).inc();
        self.failed_attempts.set(0);
    }

    /// Nothing could be stored.
    pub(crate) fn failed(&self) {
        self.writes.get_or_create(&[("outcome", "failed")]).inc();
        self.failed_attempts.inc();
    }

    /// Builds were given up.
    pub(crate) fn lost(&self, n_builds: usize) {
        self.builds_lost.inc_by(u64::try_from(n_builds).unwrap_or(u64::MAX));
    }
}

fn of_poll(source: SourceName, outcome: &'static str) -> Labels {
    [("source", source.as_str()), ("outcome", outcome)]
}

// === impl Metrics ===

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            polls: Family::default(),
            poll_seconds: Family::<Label, Histogram, fn() -> Histogram>::new_with_constructor(|| {
                Histogram::new(POLL_SECONDS)
            }),
            assemblies: Histogram::new(ASSEMBLY_SECONDS),
            leak_guard_hits: Family::default(),
            withheld: Family::default(),
            rows_refused: Family::default(),
            archive: ArchiveMetrics::default(),
        };
        for why in [Refusal::Impossible, Refusal::Different] {
            metrics.refused(why, 0);
        }
        metrics
    }
}
