//! What is published already, called by other names: those of another run, or of another configuration.
//!
//! Machines that are nobody any more are left out, and so is what is not configured any more; packages are cleared
//! anew, and the leak guard searches the rest like anything else. Times stay what they were.
//!
//! `moved` says where machines went, when they were known under another configuration a moment ago.

use std::{collections::HashSet, sync::Arc};

use identity::{
    directory::{Directory, Moved},
    name::PublicName,
    package::PackageAtom,
};
use snapshot::{
    activity::{Activity, Event, What},
    fleet::Fleet,
    infrastructure::{Logs, Metrics, Probes, Service},
    outage::{Outage, Subject},
    queue::{Queue, RECENT_MAX},
    section::SourceName,
};

use super::Assembler;

/// From what the public called a machine to what it calls it now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renaming<'a> {
    directory: &'a Directory,
    moved: Option<&'a Moved>,
}

impl Renaming<'_> {
    /// The name now; `None` when the old one is no longer anybody's.
    fn of(&self, name: &PublicName) -> Option<PublicName> {
        match self.moved.and_then(|moved| moved.name(name)) {
            Some(became) => became.cloned(),
            None => self.directory.recall_name(name),
        }
    }

    fn within(&self, name: Option<PublicName>) -> Option<PublicName> {
        name.and_then(|name| self.of(&name))
    }
}

impl Assembler {
    pub(super) fn renamed_fleet(&mut self, mut fleet: Fleet, moved: Option<&Moved>) -> Fleet {
        let renaming = self.renaming(moved);
        fleet.drones.retain_mut(|drone| {
            let Some(name) = renaming.of(&drone.name) else { return false };
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
        let (fleet, n_hits) = self.screen.fleet(&self.guard, fleet);
        self.note_hits(SourceName::Gateway, "fleet", n_hits);
        fleet
    }

    pub(super) fn renamed_queue(&mut self, mut queue: Queue, moved: Option<&Moved>) -> Queue {
        let renaming = self.renaming(moved);
        let lists = || [&queue.pending, &queue.building, &queue.blocked];
        let ids: HashSet<Arc<str>> = lists().into_iter().flatten().map(|item| Arc::clone(&item.id)).collect();
        let mut free = (1_u32..).map(|n| Arc::from(format!("withheld~{n}"))).filter(|id| !ids.contains(id));
        for item in queue.pending.iter_mut().chain(&mut queue.building).chain(&mut queue.blocked) {
            item.drone = renaming.within(item.drone.take());
            let had_package = item.package.is_some();
            item.package = self.recleared(item.package.take());
            // The id is the package's text.
            if had_package && item.package.is_none() {
                item.id = free.next().unwrap_or_default();
            }
        }
        let builds = self.snapshot.history.get().map_or(&[][..], |history| &history.builds);
        queue.recent = builds.iter().take(RECENT_MAX).cloned().collect();
        let (queue, n_hits) = self.screen.queue(&self.guard, queue);
        self.note_hits(SourceName::Orchestrator, "queue", n_hits);
        queue
    }

    pub(super) fn renamed_metrics(&mut self, mut metrics: Metrics, moved: Option<&Moved>) -> Metrics {
        let renaming = self.renaming(moved);
        metrics.hosts.retain_mut(|host| {
            let Some(name) = renaming.of(&host.name) else { return false };
            host.name = name;
            host.galaxy = host.galaxy.take().filter(|galaxy| self.is_galaxy(galaxy));
            host.booted_at = host.booted_at.filter(|_| self.watch.publish_boot_times);
            true
        });
        metrics.hosts.sort_by(|a, b| a.name.cmp(&b.name));
        metrics.hosts.dedup_by(|a, b| a.name == b.name);
        let names: Vec<&PublicName> = self.watch.services.iter().map(|rule| &rule.name).collect();
        metrics.services = renamed_services(metrics.services, &names, renaming);
        let (metrics, n_hits) = self.screen.metrics(&self.guard, metrics);
        self.note_hits(SourceName::Prometheus, "metrics", n_hits);
        metrics
    }

    pub(super) fn renamed_probes(&mut self, probes: Probes, moved: Option<&Moved>) -> Probes {
        let names: Vec<&PublicName> = self.watch.probes.iter().map(|probe| &probe.name).collect();
        let services = renamed_services(probes.services, &names, self.renaming(moved));
        let (services, n_hits) = self.screen.services(&self.guard, services);
        self.note_hits(SourceName::Probes, "probes", n_hits);
        Probes { services }
    }

    /// Lines of services that are not configured any more are counted with the others.
    pub(super) fn renamed_logs(&mut self, logs: Logs) -> Logs {
        let logs = logs.keeping_services(|name| self.watch.services.iter().any(|rule| rule.name == *name));
        let (logs, n_hits) = self.screen.logs(&self.guard, logs);
        self.note_hits(SourceName::Loki, "logs", n_hits);
        logs
    }

    /// Events and outages of machines that are no longer anybody are left out.
    pub(super) fn renamed_activity(&mut self, activity: Activity, moved: Option<&Moved>) -> Activity {
        let renaming = self.renaming(moved);
        let what = |what| {
            Some(match what {
                What::Left(name) => What::Left(renaming.of(&name)?),
                What::Returned(name) => What::Returned(renaming.of(&name)?),
                What::Blocked { package, reason } => {
                    What::Blocked { package: self.recleared(package), reason }
                }
                What::Paused | What::Resumed => what,
            })
        };
        let event = |event: Event| Some(Event { what: what(event.what)?, ..event });
        let subject = |subject| {
            Some(match subject {
                Subject::Drone(name) => Subject::Drone(renaming.of(&name)?),
                Subject::Host(name) => Subject::Host(renaming.of(&name)?),
                Subject::Service(name) => Subject::Service(self.configured_service(name)?),
                Subject::Source(name) => Subject::Source(name),
            })
        };
        let outage = |outage: Outage| Some(Outage { subject: subject(outage.subject)?, ..outage });
        let activity = Activity {
            events: activity.events.into_iter().filter_map(event).collect(),
            outages: activity.outages.into_iter().filter_map(outage).collect(),
        };
        let (activity, n_hits) = self.screen.activity(&self.guard, activity);
        self.note_hits(SourceName::Gateway, "activity", n_hits);
        activity
    }

    /// A service keeps its name for as long as the configuration has it.
    fn configured_service(&self, name: PublicName) -> Option<PublicName> {
        let services = self.watch.services.iter().map(|rule| &rule.name);
        let mut names = services.chain(self.watch.probes.iter().map(|probe| &probe.name));
        names.any(|configured| *configured == name).then_some(name)
    }

    fn renaming<'a>(&'a self, moved: Option<&'a Moved>) -> Renaming<'a> {
        Renaming { directory: &self.directory, moved }
    }

    /// The package, if it may still be published.
    fn recleared(&self, package: Option<PackageAtom>) -> Option<PackageAtom> {
        package.and_then(|package| self.directory.package(package.atom(), &self.guard))
    }

    fn is_galaxy(&self, name: &PublicName) -> bool {
        self.directory.galaxies().any(|galaxy| galaxy == name)
    }
}

fn renamed_services(
    mut services: Vec<Service>,
    configured: &[&PublicName],
    renaming: Renaming<'_>,
) -> Vec<Service> {
    services.retain_mut(|service| {
        service.host = renaming.within(service.host.take());
        configured.contains(&&service.name)
    });
    services
}
