//! Hosts, services, alerts and logs: from reports to sections.

use std::collections::BTreeMap;

use jiff::Timestamp;
use snapshot::{
    clock::Now,
    infrastructure::{Alerts, LogCounts, LogVolume, Logs, Metrics, Probes, Severity},
    section::SourceName,
};

use super::{
    Answered, Assembler, hosts,
    naming::Naming,
    services::{log_volumes, of_probes, of_targets},
};
use crate::{
    backend::loki::{DAY_SECONDS, HOUR_SECONDS},
    report::infrastructure::{AlertReport, LinesReport, LogsReport},
};

impl Assembler {
    /// Puts hosts, services and alerts in place, when there is a new report or names may have changed.
    pub(super) fn assemble_metrics(&mut self, now: Now) {
        if self.metrics_named_at == Some(self.directory.generation()) {
            return;
        }
        let Some(Answered { report, at }) = &self.metrics else { return };
        let mut naming = Naming { directory: &mut self.directory, guard: &self.guard };
        let before = self.snapshot.metrics.get();
        let services = before.map_or(&[][..], |before| &before.services);
        let metrics = Metrics {
            hosts: hosts::hosts(&report.hosts, &self.watch, &mut naming, before, *at),
            services: of_targets(&report.targets, &self.watch.services, &mut naming, services, *at),
            alerts: report.alerts.as_deref().map(alerts),
        };
        self.refresh_guard();
        let (metrics, n_hits) = self.screen.metrics(&self.guard, metrics);
        self.note_hits(SourceName::Prometheus, "metrics", n_hits);
        self.snapshot.metrics.replace(metrics, now.wall);
        self.metrics_named_at = Some(self.directory.generation());
    }

    /// Puts what probes found in place.
    pub(super) fn assemble_probes(&mut self, now: Now) {
        if self.watch.probes.is_empty() {
            return;
        }
        let before = self.snapshot.probes.get().map_or(&[][..], |before| &before.services);
        let services = of_probes(&self.watch.probes, &self.probed, before, now.wall);
        let (services, n_hits) = self.screen.services(&self.guard, services);
        self.note_hits(SourceName::Probes, "probes", n_hits);
        self.snapshot.probes.replace(Probes { services }, now.wall);
    }

    /// Puts the counts of log lines in place.
    pub(super) fn assemble_logs(&mut self, now: Now) {
        let Some(LogsReport { hour, day }) = self.logs.take() else { return };
        let hour = self.log_counts(HOUR_SECONDS, hour, now);
        let day = day.map(|day| self.log_counts(DAY_SECONDS, day, now));
        self.refresh_guard();
        let (logs, n_hits) = self.screen.logs(&self.guard, Logs { hour, day });
        self.note_hits(SourceName::Loki, "logs", n_hits);
        self.snapshot.logs.replace(logs, now.wall);
    }

    fn log_counts(&mut self, window_seconds: u32, lines: LinesReport, now: Now) -> LogCounts {
        let mut naming = Naming { directory: &mut self.directory, guard: &self.guard };
        let (named, other) = log_volumes(&lines.services, &self.watch.services, &mut naming, now.wall);
        let services = named.into_iter().map(|(name, lines)| LogVolume { name, lines }).collect();
        LogCounts { window_seconds, levels: lines.levels, services, other }
    }
}

/// Counts by severity, the worst first.
fn alerts(reports: &[AlertReport]) -> Vec<Alerts> {
    let mut by_severity: BTreeMap<Severity, (u32, Option<Timestamp>)> = BTreeMap::new();
    for report in reports {
        let (count, oldest) = by_severity.entry(report.severity).or_insert((0, report.since));
        *count += 1;
        *oldest = match (*oldest, report.since) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    let alerts = by_severity.into_iter();
    alerts.map(|(severity, (count, oldest_since))| Alerts { severity, count, oldest_since }).collect()
}
