//! The leak guard at its place: between what was assembled and what is published.
//!
//! Only texts are searched: names and versions. Atoms passed a grammar, a list of categories and the same guard;
//! everything else is a number or a closed word. A hit takes out the smallest thing around it.

use std::{collections::HashMap, sync::Arc};

use identity::{guard::LeakGuard, name::PublicName};
use snapshot::{
    activity::{Activity, What},
    control::Control,
    fleet::Fleet,
    history::{Build, History},
    infrastructure::{DiskName, Logs, Metrics, Service},
    outage::Subject,
    queue::Queue,
    snapshot::Announcement,
};

/// Remembers which names are clean, for as long as the guard is the same.
#[derive(Debug, Default)]
pub(super) struct Screen {
    clean: HashMap<PublicName, bool>,
}

impl Screen {
    /// The guard is another: every name must be searched again.
    pub(super) fn forget(&mut self) {
        self.clean.clear();
    }

    /// Takes out drones whose name is not clean, and galaxies.
    pub(super) fn fleet(&mut self, guard: &LeakGuard, mut fleet: Fleet) -> (Fleet, usize) {
        let n_before = fleet.drones.len();
        fleet.drones.retain(|drone| self.is_clean(guard, &drone.name));
        let mut n_hits = n_before - fleet.drones.len();
        for drone in &mut fleet.drones {
            n_hits += self.clear(guard, &mut drone.galaxy);
        }
        (fleet, n_hits)
    }

    /// Takes the names of drones out of items.
    pub(super) fn queue(&mut self, guard: &LeakGuard, mut queue: Queue) -> (Queue, usize) {
        let items = queue.pending.iter_mut().chain(&mut queue.building).chain(&mut queue.blocked);
        let n_hits = items.map(|item| self.clear(guard, &mut item.drone)).sum();
        (queue, n_hits)
    }

    /// Takes the names of drones out of builds.
    pub(super) fn history(&mut self, guard: &LeakGuard, mut history: History) -> (History, usize) {
        let mut n_hits = 0;
        for build in &mut history.builds {
            let is_clean = build.drone.as_ref().is_none_or(|name| self.is_clean(guard, name));
            if !is_clean {
                n_hits += 1;
                *build = Arc::new(Build { drone: None, ..Build::clone(build) });
            }
        }
        (history, n_hits)
    }

    /// Whether an announcement may be published as it is.
    pub(super) fn may_announce(guard: &LeakGuard, announcement: &Announcement) -> bool {
        guard.find(&announcement.text).is_none()
    }

    /// Takes out a version.
    pub(super) fn control(&mut self, guard: &LeakGuard, mut control: Control) -> (Control, usize) {
        let is_clean = control.version.as_ref().is_none_or(|version| guard.find(version.as_str()).is_none());
        if !is_clean {
            control.version = None;
        }
        (control, usize::from(!is_clean))
    }

    /// Takes out hosts, services and labelled disks whose name is not clean.
    pub(super) fn metrics(&mut self, guard: &LeakGuard, mut metrics: Metrics) -> (Metrics, usize) {
        let n_before = metrics.hosts.len();
        metrics.hosts.retain(|host| self.is_clean(guard, &host.name));
        let mut n_hits = n_before - metrics.hosts.len();
        for host in &mut metrics.hosts {
            n_hits += self.clear(guard, &mut host.galaxy) + self.clear(guard, &mut host.role);
            let n_disks = host.disks.len();
            host.disks.retain(|disk| match &disk.name {
                DiskName::Label(label) => self.is_clean(guard, label),
                DiskName::Root | DiskName::Standard(_) | DiskName::Numbered(_) => true,
            });
            n_hits += n_disks - host.disks.len();
        }
        let (services, n_services) = self.services(guard, metrics.services);
        (Metrics { services, ..metrics }, n_hits + n_services)
    }

    /// Takes out services whose name is not clean, and the names of hosts.
    pub(super) fn services(
        &mut self,
        guard: &LeakGuard,
        mut services: Vec<Service>,
    ) -> (Vec<Service>, usize) {
        let n_before = services.len();
        services.retain(|service| self.is_clean(guard, &service.name));
        let n_gone = n_before - services.len();
        let n_hosts: usize = services.iter_mut().map(|service| self.clear(guard, &mut service.host)).sum();
        (services, n_gone + n_hosts)
    }

    /// Counts lines of services whose name is not clean with the others.
    pub(super) fn logs(&mut self, guard: &LeakGuard, logs: Logs) -> (Logs, usize) {
        let mut n_hits = 0;
        let logs = logs.keeping_services(|name| {
            let is_clean = self.is_clean(guard, name);
            n_hits += usize::from(!is_clean);
            is_clean
        });
        (logs, n_hits)
    }

    /// Takes out events and outages of drones whose name is not clean.
    pub(super) fn activity(&mut self, guard: &LeakGuard, mut activity: Activity) -> (Activity, usize) {
        let n_before = activity.events.len() + activity.outages.len();
        activity.events.retain(|event| match &event.what {
            What::Left(name) | What::Returned(name) => self.is_clean(guard, name),
            What::Blocked { .. } | What::Paused | What::Resumed => true,
        });
        activity.outages.retain(|outage| match &outage.subject {
            Subject::Drone(name) | Subject::Host(name) | Subject::Service(name) => self.is_clean(guard, name),
            Subject::Source(_) => true,
        });
        let n_hits = n_before - activity.events.len() - activity.outages.len();
        (activity, n_hits)
    }

    fn clear(&mut self, guard: &LeakGuard, name: &mut Option<PublicName>) -> usize {
        let is_clean = name.as_ref().is_none_or(|name| self.is_clean(guard, name));
        if !is_clean {
            *name = None;
        }
        usize::from(!is_clean)
    }

    fn is_clean(&mut self, guard: &LeakGuard, name: &PublicName) -> bool {
        if let Some(is_clean) = self.clean.get(name) {
            return *is_clean;
        }
        let is_clean = guard.find(name.as_str()).is_none();
        self.clean.insert(name.clone(), is_clean);
        is_clean
    }
}
