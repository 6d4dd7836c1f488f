//! Evaluation at an instant: what the simulated Prometheus has stored, and what follows from it.

use std::collections::BTreeMap;

use super::query::{Query, Selector};
use super::rate::{self, Counter};
use crate::exporter::families;
use crate::world::World;
use crate::world::hosts::Host;
use crate::world::hosts::network::Traffic;
use crate::world::services::{Watch, Watched};

/// The window of the rates, and how long a value counts as the present one, in seconds.
const WINDOW: f64 = 300.0;
/// The devices that carry nothing from or to the outside, by the beginnings of their names.
const INNER_DEVICES: [&str; 3] = ["veth", "docker", "br-"];

/// A series' labels, by name.
pub(super) type Labels = BTreeMap<&'static str, String>;

/// Everything that is stored, at once.
pub(super) struct Farm {
    hosts: Vec<Host>,
    services: Vec<Watched>,
    begun_at: f64,
    now: f64,
}

impl Farm {
    pub(super) fn of(world: &World) -> Self {
        Self {
            hosts: world.hosts(),
            services: world.services(),
            begun_at: world.begun_at(),
            now: world.now(),
        }
    }

    /// The instant vector of `query` at `unix`, sorted by labels.
    pub(super) fn evaluate(&self, query: &Query, unix: f64) -> Vec<(Labels, f64)> {
        if unix < self.begun_at || unix > self.now + WINDOW {
            return Vec::new();
        }
        let unix = unix.min(self.now);
        let mut vector = match query {
            Query::Select(selector) => self.select(selector, unix),
            Query::Cores => self.of_hosts_up(unix, |host| Some(f64::from(host.cores))),
            Query::CpuPercent => self.of_hosts(|host| {
                let idle = Samples { host, value: Host::idle_seconds };
                rate::rate(&idle, unix, WINDOW).map(|idle| 100.0 * (1.0 - idle))
            }),
            Query::NetworkReceive => self.of_hosts(|host| traffic(host, unix, |one| one.received)),
            Query::NetworkTransmit => self.of_hosts(|host| traffic(host, unix, |one| one.transmitted)),
            Query::MemoryPercent => {
                let mut vector = self.of_hosts_up(unix, |host| {
                    Some(100.0 * (1.0 - host.memory_available(unix) / host.memory_bytes))
                });
                vector.iter_mut().for_each(|(labels, _)| drop(labels.insert("job", "node".to_owned())));
                vector
            }
        };
        vector.sort_by(|(one, _), (other, _)| one.cmp(other));
        vector
    }

    /// One value a host, labelled by its instance alone, as an aggregation leaves it.
    fn of_hosts(&self, value: impl Fn(&Host) -> Option<f64>) -> Vec<(Labels, f64)> {
        let row = |host: &Host| {
            value(host).map(|value| (Labels::from([("instance", host.instance.clone())]), value))
        };
        self.hosts.iter().filter_map(row).collect()
    }

    fn of_hosts_up(&self, unix: f64, value: impl Fn(&Host) -> Option<f64>) -> Vec<(Labels, f64)> {
        self.of_hosts(|host| if host.up(unix) { value(host) } else { None })
    }

    fn select(&self, selector: &Selector, unix: f64) -> Vec<(Labels, f64)> {
        let selected =
            |(labels, _): &(Labels, f64)| selector.selects(|label| labels.get(label).map(String::as_str));
        let mut vector = match selector.name.as_str() {
            "up" => self.up(unix),
            "probe_success" => self.probes(|probe| f64::from(u8::from(probe.works(unix)))),
            "probe_duration_seconds" => self.probes(|probe| probe.probe_duration(unix)),
            name => self.scraped(name, unix),
        };
        vector.retain(selected);
        vector.iter_mut().for_each(|(labels, _)| drop(labels.insert("__name__", selector.name.clone())));
        vector
    }

    fn up(&self, unix: f64) -> Vec<(Labels, f64)> {
        let flag = |up: bool| f64::from(u8::from(up));
        let hosts = self.hosts.iter().map(|host| (target("node", &host.instance), flag(host.up(unix))));
        let services = self.services.iter().map(|watched| {
            let service = watched.service;
            let up = service.watch == Watch::Probe || watched.works(unix);
            (target(service.job, service.instance), flag(up))
        });
        hosts.chain(services).collect()
    }

    fn probes(&self, value: impl Fn(&Watched) -> f64) -> Vec<(Labels, f64)> {
        let probes = self.services.iter().filter(|watched| watched.service.watch == Watch::Probe);
        let row = |probe: &Watched| (target(probe.service.job, probe.service.instance), value(probe));
        probes.map(row).collect()
    }

    /// What the hosts that are up tell of themselves; nothing if no host knows the name.
    fn scraped(&self, name: &str, unix: f64) -> Vec<(Labels, f64)> {
        let Some(family) = families::find(name) else { return Vec::new() };
        let hosts = self.hosts.iter().filter(|host| host.up(unix));
        let rows = hosts.flat_map(|host| {
            let rows = (family.read)(host, unix).into_iter();
            rows.map(|row| {
                let mut labels = target("node", &host.instance);
                labels.extend(row.labels);
                (labels, row.value)
            })
        });
        rows.collect()
    }
}

fn target(job: &str, instance: &str) -> Labels {
    Labels::from([("instance", instance.to_owned()), ("job", job.to_owned())])
}

/// What a host's counter was whenever it was scraped.
struct Samples<'a, F> {
    host: &'a Host,
    value: F,
}

impl<F: Fn(&Host, f64) -> f64> Counter for Samples<'_, F> {
    fn sample(&self, unix: f64) -> Option<f64> {
        self.host.up(unix).then(|| (self.value)(self.host, unix))
    }

    fn started_at(&self, unix: f64) -> f64 {
        self.host.booted_at(unix)
    }
}

/// The sum over the outer devices of their rates, each by itself.
fn traffic(host: &Host, unix: f64, value: fn(&Traffic) -> f64) -> Option<f64> {
    let devices: Vec<&str> = host.traffic(unix).iter().map(|one| one.device).collect();
    let outer = devices
        .into_iter()
        .filter(|device| *device != "lo" && !INNER_DEVICES.iter().any(|inner| device.starts_with(inner)));
    let rates = outer.filter_map(|device| {
        let carried = |host: &Host, at: f64| {
            host.traffic(at).iter().find(|one| one.device == device).map_or(0.0, value)
        };
        rate::rate(&Samples { host, value: carried }, unix, WINDOW)
    });
    rates.reduce(|sum, rate| sum + rate)
}
