//! What earlier runs left, made fit to be published now.
//!
//! It was public when it was stored. Since then a star may have claimed a pseudonym, a package may have been hidden, a
//! service may have been taken out of the configuration, and a name may have become internal. So every machine is
//! named anew, every package is cleared anew, what is not configured any more is left out, and the leak guard
//! searches the rest like anything else. Its times stay what they were: readers see how old it is.

use std::{mem, sync::Arc};

use snapshot::{
    clock::Now,
    section::{Section, Seen, SourceName},
    snapshot::Snapshot,
};

use super::{Assembler, book::HistoryBook};
use crate::archive::{LastKnown, record::Past};

impl Assembler {
    /// Starts with what earlier runs left instead of with nothing, before anything is folded.
    pub fn restore(&mut self, mut past: Past, last: LastKnown, now: Now) -> Snapshot {
        let trends = mem::take(&mut past.trends);
        self.book = HistoryBook::restored(self.keep, past);
        self.assemble_history(now);
        if self.snapshot.history.content.is_some() {
            self.snapshot.history.changed_at = last.frame.history_changed_at;
        }
        for source in SourceName::ALL {
            let heard = last.frame.sources.get(source.as_str());
            if let (Some(observation), Some(heard)) = (self.snapshot.sources.get_mut(source), heard) {
                observation.last_seen = Some(Seen { at: heard.last_seen, uptime: None });
                observation.online_since = heard.online_since;
            }
        }
        self.snapshot.marks = last.frame.marks;
        self.snapshot.marks.polled = false;
        self.restore_swarm(&last);
        if let Some(control) = last.control.get().filter(|_| self.is_configured(SourceName::Orchestrator)) {
            let mut control = control.clone();
            control.version = control.version.filter(|_| self.publish_version);
            let (control, n_hits) = self.screen.control(&self.guard, control);
            self.note_hits(SourceName::Orchestrator, "control", n_hits);
            self.snapshot.control = kept(control, &last.control);
        }
        if let Some(activity) = last.activity.get() {
            let activity = self.renamed_activity(activity.clone(), None);
            self.snapshot.activity = kept(activity, &last.activity);
        }
        self.restore_infrastructure(&last);
        self.restore_trends(trends, now);
        self.withhold();
        self.snapshot.clone()
    }

    fn restore_swarm(&mut self, last: &LastKnown) {
        let LastKnown { fleet, queue, .. } = last;
        let has_drones =
            self.is_configured(SourceName::Gateway) || self.is_configured(SourceName::Orchestrator);
        if let Some(content) = fleet.get().filter(|_| has_drones) {
            let content = self.renamed_fleet(content.clone(), None);
            self.snapshot.fleet = kept(content, fleet);
        }
        if let Some(content) = queue.get().filter(|_| self.is_configured(SourceName::Orchestrator)) {
            let content = self.renamed_queue(content.clone(), None);
            self.snapshot.queue = kept(content, queue);
        }
    }

    fn restore_infrastructure(&mut self, last: &LastKnown) {
        if let Some(metrics) = last.metrics.get().filter(|_| self.is_configured(SourceName::Prometheus)) {
            let metrics = self.renamed_metrics(metrics.clone(), None);
            self.snapshot.metrics = kept(metrics, &last.metrics);
        }
        if let Some(probes) = last.probes.get().filter(|_| self.is_configured(SourceName::Probes)) {
            let probes = self.renamed_probes(probes.clone(), None);
            self.snapshot.probes = kept(probes, &last.probes);
        }
        if let Some(logs) = last.logs.get().filter(|_| self.is_configured(SourceName::Loki)) {
            let logs = self.renamed_logs(logs.clone());
            self.snapshot.logs = kept(logs, &last.logs);
        }
    }

    fn is_configured(&self, source: SourceName) -> bool {
        self.snapshot.sources.get(source).is_some()
    }
}

/// Content that changed when the stored one did.
fn kept<T>(content: T, stored: &Section<T>) -> Section<T> {
    Section { content: Some(Arc::new(content)), changed_at: stored.changed_at }
}
