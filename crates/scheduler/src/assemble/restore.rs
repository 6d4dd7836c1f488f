//! What earlier runs left, made fit to be published now.
//!
//! It was public when it was stored. Since then a star may have claimed a pseudonym, a package may have been hidden, a
//! service may have been taken out of the configuration, and a name may have become internal. So every machine is
//! named anew, every package is cleared anew, what is not configured any more is left out, and the leak guard
//! searches the rest like anything else. Its times stay what they were: readers see how old it is.

use std::{collections::HashSet, mem, sync::Arc};

use identity::{name::PublicName, package::PackageAtom};
use snapshot::{
    clock::Now,
    fleet::Fleet,
    infrastructure::{Logs, Metrics, Service},
    queue::{Queue, RECENT_MAX},
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
            let activity = self.renamed_activity(activity.clone());
            let (activity, n_hits) = self.screen.activity(&self.guard, activity);
            self.note_hits(SourceName::Gateway, "activity", n_hits);
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
            let content = self.renamed_fleet(content.clone());
            let (content, n_hits) = self.screen.fleet(&self.guard, content);
            self.note_hits(SourceName::Gateway, "fleet", n_hits);
            self.snapshot.fleet = kept(content, fleet);
        }
        if let Some(content) = queue.get().filter(|_| self.is_configured(SourceName::Orchestrator)) {
            let content = self.renamed_queue(content.clone());
            let (content, n_hits) = self.screen.queue(&self.guard, content);
            self.note_hits(SourceName::Orchestrator, "queue", n_hits);
            self.snapshot.queue = kept(content, queue);
        }
    }

    fn restore_infrastructure(&mut self, last: &LastKnown) {
        if let Some(metrics) = last.metrics.get().filter(|_| self.is_configured(SourceName::Prometheus)) {
            let metrics = self.renamed_metrics(metrics.clone());
            let (metrics, n_hits) = self.screen.metrics(&self.guard, metrics);
            self.note_hits(SourceName::Prometheus, "metrics", n_hits);
            self.snapshot.metrics = kept(metrics, &last.metrics);
        }
        if let Some(probes) = last.probes.get().filter(|_| self.is_configured(SourceName::Probes)) {
            let names: Vec<&PublicName> = self.watch.probes.iter().map(|probe| &probe.name).collect();
            let services = self.renamed_services(probes.services.clone(), &names);
            let (services, n_hits) = self.screen.services(&self.guard, services);
            self.note_hits(SourceName::Probes, "probes", n_hits);
            self.snapshot.probes = kept(snapshot::infrastructure::Probes { services }, &last.probes);
        }
        if let Some(logs) = last.logs.get().filter(|_| self.is_configured(SourceName::Loki)) {
            let logs = self.renamed_logs(logs.clone());
            let (logs, n_hits) = self.screen.logs(&self.guard, logs);
            self.note_hits(SourceName::Loki, "logs", n_hits);
            self.snapshot.logs = kept(logs, &last.logs);
        }
    }

    fn is_configured(&self, source: SourceName) -> bool {
        self.snapshot.sources.get(source).is_some()
    }

    fn is_galaxy(&self, name: &PublicName) -> bool {
        self.directory.galaxies().any(|galaxy| galaxy == name)
    }

    pub(super) fn recleared(&self, package: Option<PackageAtom>) -> Option<PackageAtom> {
        package.and_then(|package| self.directory.package(package.atom(), &self.guard))
    }

    fn renamed(&self, name: Option<PublicName>) -> Option<PublicName> {
        name.and_then(|name| self.directory.recall_name(&name))
    }

    fn renamed_fleet(&self, mut fleet: Fleet) -> Fleet {
        fleet.drones.retain_mut(|drone| {
            let Some(name) = self.directory.recall_name(&drone.name) else { return false };
            drone.name = name;
            drone.galaxy = drone.galaxy.take().filter(|galaxy| self.is_galaxy(galaxy));
            if let Some(task) = &mut drone.task {
                task.package = self.recleared(task.package.take());
                task.compiling = self.recleared(task.compiling.take());
            }
            true
        });
        fleet.drones.sort_by(|a, b| a.name.cmp(&b.name));
        // A star may have claimed what were two machines.
        fleet.drones.dedup_by(|a, b| a.name == b.name);
        fleet
    }

    fn renamed_queue(&self, mut queue: Queue) -> Queue {
        let lists = || [&queue.pending, &queue.building, &queue.blocked];
        let ids: HashSet<Arc<str>> = lists().into_iter().flatten().map(|item| Arc::clone(&item.id)).collect();
        let mut free = (1_u32..).map(|n| Arc::from(format!("withheld~{n}"))).filter(|id| !ids.contains(id));
        for item in queue.pending.iter_mut().chain(&mut queue.building).chain(&mut queue.blocked) {
            item.drone = self.renamed(item.drone.take());
            let had_package = item.package.is_some();
            item.package = self.recleared(item.package.take());
            // The id is the package's text.
            if had_package && item.package.is_none() {
                item.id = free.next().unwrap_or_default();
            }
        }
        let builds = self.snapshot.history.get().map_or(&[][..], |history| &history.builds);
        queue.recent = builds.iter().take(RECENT_MAX).cloned().collect();
        queue
    }

    fn renamed_metrics(&self, mut metrics: Metrics) -> Metrics {
        metrics.hosts.retain_mut(|host| {
            let Some(name) = self.directory.recall_name(&host.name) else { return false };
            host.name = name;
            host.galaxy = host.galaxy.take().filter(|galaxy| self.is_galaxy(galaxy));
            host.booted_at = host.booted_at.filter(|_| self.watch.publish_boot_times);
            true
        });
        metrics.hosts.sort_by(|a, b| a.name.cmp(&b.name));
        metrics.hosts.dedup_by(|a, b| a.name == b.name);
        let names: Vec<&PublicName> = self.watch.services.iter().map(|rule| &rule.name).collect();
        Metrics { services: self.renamed_services(metrics.services, &names), ..metrics }
    }

    fn renamed_services(&self, mut services: Vec<Service>, configured: &[&PublicName]) -> Vec<Service> {
        services.retain_mut(|service| {
            service.host = self.renamed(service.host.take());
            configured.contains(&&service.name)
        });
        services
    }

    fn renamed_logs(&self, logs: Logs) -> Logs {
        let is_configured = |name: &PublicName| self.watch.services.iter().any(|rule| rule.name == *name);
        let (services, gone): (Vec<_>, Vec<_>) =
            logs.services.into_iter().partition(|service| is_configured(&service.name));
        let other = logs.other + gone.iter().map(|service| service.lines).sum::<u64>();
        Logs { services, other, ..logs }
    }
}

/// Content that changed when the stored one did.
fn kept<T>(content: T, stored: &Section<T>) -> Section<T> {
    Section { content: Some(Arc::new(content)), changed_at: stored.changed_at }
}
