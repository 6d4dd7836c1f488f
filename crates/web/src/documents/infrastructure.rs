//! The data of `infrastructure`: machines, services, alerts and how much is logged.

mod host;
mod logs;

use serde::Serialize;
use snapshot::{
    infrastructure::{self, Metrics, Reachability, Severity, services::services, tally::Tally},
    section::SourceName,
    snapshot::Snapshot,
};

use self::{host::Host, logs::Logs};
use super::form::{Instant, Percent};
use crate::moment::Moment;

/// The hours over which availability is told.
const WINDOWS: [u32; 4] = [24, 168, 720, 2_160];

/// The view.
#[derive(Debug, Serialize)]
pub(crate) struct Infrastructure<'a> {
    summary: Summary,
    galaxies: Vec<Galaxy<'a>>,
    hosts: Vec<Host<'a>>,
    services: Vec<Service>,
    alerts: Alerts,
    logs: Option<Logs<'a>>,
}

#[derive(Debug, Serialize)]
struct Summary {
    hosts: Hosts,
    services: Services,
    alerts: BySeverity,
}

#[derive(Debug, Default, Serialize)]
struct Hosts {
    total: Option<u32>,
    up: Option<u32>,
    down: Option<u32>,
    unknown: Option<u32>,
}

#[derive(Debug, Default, Serialize)]
struct Services {
    total: Option<u32>,
    up: Option<u32>,
    degraded: Option<u32>,
    down: Option<u32>,
    unknown: Option<u32>,
}

#[derive(Debug, Default, Serialize)]
struct BySeverity {
    critical: Option<u32>,
    warning: Option<u32>,
    info: Option<u32>,
    other: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Galaxy<'a> {
    name: &'a str,
    hosts: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Service {
    name: String,
    host: Option<String>,
    state: &'static str,
    state_since: Instant,
    latency_ms: Option<u32>,
    measured_by: &'static str,
    availability: [Availability; WINDOWS.len()],
}

/// How much of a window something was up. Nothing is kept of that yet: nothing was observed.
#[derive(Debug, Serialize)]
struct Availability {
    window_hours: u32,
    up_percent: Option<Percent>,
    observed_percent: Percent,
}

#[derive(Debug, Serialize)]
struct Alerts {
    firing: Vec<Firing>,
}

#[derive(Debug, Serialize)]
struct Firing {
    severity: &'static str,
    count: u32,
    oldest_since: Option<Instant>,
}

impl<'a> Infrastructure<'a> {
    /// The view.
    pub(crate) fn of(moment: &Moment<'a>) -> Self {
        let snapshot = moment.snapshot;
        let metrics = snapshot.metrics.get();
        let services = services(snapshot);
        let alerts = metrics.and_then(|metrics| metrics.alerts.as_deref());
        Self {
            summary: Summary {
                hosts: metrics.map(|metrics| Hosts::of(states(metrics))).unwrap_or_default(),
                services: services.as_deref().map(Services::of).unwrap_or_default(),
                alerts: alerts.map(BySeverity::of).unwrap_or_default(),
            },
            galaxies: galaxies(snapshot),
            hosts: metrics.into_iter().flat_map(|metrics| &metrics.hosts).map(Host::of).collect(),
            services: services.into_iter().flatten().map(Service::of).collect(),
            alerts: Alerts { firing: alerts.into_iter().flatten().map(Firing::of).collect() },
            logs: snapshot.sources.get(SourceName::Loki).map(|_| Logs::of(snapshot.logs.get())),
        }
    }
}

fn states(metrics: &Metrics) -> impl Iterator<Item = Reachability> + '_ {
    metrics.hosts.iter().map(|host| host.state)
}

fn galaxies(snapshot: &Snapshot) -> Vec<Galaxy<'_>> {
    let metrics = snapshot.metrics.get();
    let count = |metrics: &Metrics, galaxy: &str| {
        let is_there = |host: &&infrastructure::Host| host.galaxy.as_ref().is_some_and(|it| it.same(galaxy));
        u32::try_from(metrics.hosts.iter().filter(is_there).count()).unwrap_or(u32::MAX)
    };
    let galaxies = snapshot.galaxies.iter().map(|name| name.as_str());
    let view = |name| Galaxy { name, hosts: metrics.map(|metrics| count(metrics, name)) };
    galaxies.map(view).collect()
}

impl Hosts {
    fn of(states: impl Iterator<Item = Reachability>) -> Self {
        let tally = Tally::of(states);
        Self {
            total: Some(tally.total()),
            up: Some(tally.up),
            down: Some(tally.down),
            unknown: Some(tally.unknown),
        }
    }
}

impl Services {
    fn of(services: &[infrastructure::Service]) -> Self {
        let tally = Tally::of(services.iter().map(|service| service.state));
        Self {
            total: Some(tally.total()),
            up: Some(tally.up),
            degraded: Some(tally.degraded),
            down: Some(tally.down),
            unknown: Some(tally.unknown),
        }
    }
}

impl BySeverity {
    fn of(alerts: &[infrastructure::Alerts]) -> Self {
        let count = |severity| {
            let alerts = alerts.iter().filter(|alerts| alerts.severity == severity);
            Some(alerts.map(|alerts| alerts.count).sum())
        };
        Self {
            critical: count(Severity::Critical),
            warning: count(Severity::Warning),
            info: count(Severity::Info),
            other: count(Severity::Other),
        }
    }
}

impl Service {
    fn of(service: infrastructure::Service) -> Self {
        Self {
            name: service.name.to_string(),
            host: service.host.map(|host| host.to_string()),
            state: service.state.as_str(),
            state_since: Instant(service.state_since),
            latency_ms: service.latency_ms,
            measured_by: service.measured_by.as_str(),
            availability: unobserved(),
        }
    }
}

impl Firing {
    fn of(alerts: &infrastructure::Alerts) -> Self {
        Self {
            severity: alerts.severity.as_str(),
            count: alerts.count,
            oldest_since: alerts.oldest_since.map(Instant),
        }
    }
}

fn unobserved() -> [Availability; WINDOWS.len()] {
    WINDOWS.map(|window_hours| Availability { window_hours, up_percent: None, observed_percent: Percent(0) })
}
