//! The data of `infrastructure`: machines, services, alerts and how much is logged.

mod bounds;
pub(super) mod host;
mod logs;

use serde::Serialize;
use snapshot::{
    infrastructure::{self, Metrics, Reachability, Severity, services::services, tally::Tally},
    section::SourceName,
    snapshot::Snapshot,
    uptime::{Share, Uptime, WINDOW_HOURS},
};
use utoipa::ToSchema;

use self::{bounds::Bounds, host::Host, logs::Logs};
use super::form::{Hundredths, Instant};
use crate::moment::Moment;

/// The view.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Infrastructure<'a> {
    summary: Summary,
    galaxies: Vec<Galaxy<'a>>,
    hosts: Vec<Host<'a>>,
    services: Vec<Service>,
    alerts: Alerts,
    logs: Option<Logs<'a>>,
    truncated: Truncated,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InfrastructureSummary)]
struct Summary {
    hosts: Hosts,
    services: Services,
    alerts: BySeverity,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = HostCounts)]
struct Hosts {
    total: Option<u32>,
    up: Option<u32>,
    down: Option<u32>,
    unknown: Option<u32>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ServiceCounts)]
struct Services {
    total: Option<u32>,
    up: Option<u32>,
    degraded: Option<u32>,
    down: Option<u32>,
    unknown: Option<u32>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
struct BySeverity {
    critical: Option<u32>,
    warning: Option<u32>,
    info: Option<u32>,
    other: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Galaxy<'a> {
    name: &'a str,
    hosts: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Service {
    name: String,
    host: Option<String>,
    #[schema(schema_with = crate::openapi::words::reachability)]
    state: &'static str,
    state_since: Instant,
    latency_ms: Option<u32>,
    #[schema(schema_with = crate::openapi::words::measure)]
    measured_by: &'static str,
    availability: Vec<Window>,
}

/// How many hosts and services are not listed, and how many are listed without what they were.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InfrastructureTruncated)]
struct Truncated {
    hosts: usize,
    services: usize,
    host_details: usize,
    service_details: usize,
}

/// How much of a window something was up, of what was observed.
#[derive(Debug, Serialize, ToSchema)]
struct Window {
    window_hours: u32,
    up_percent: Option<Hundredths>,
    observed_percent: Hundredths,
}

#[derive(Debug, Serialize, ToSchema)]
struct Alerts {
    firing: Vec<Firing>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Firing {
    #[schema(schema_with = crate::openapi::words::severity)]
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
        let hosts = metrics.map_or(&[][..], |metrics| &metrics.hosts);
        let bounds = Bounds::of(hosts, services.as_deref().unwrap_or_default());
        Self {
            summary: Summary {
                hosts: metrics.map(|metrics| Hosts::of(states(metrics))).unwrap_or_default(),
                services: services.as_deref().map(Services::of).unwrap_or_default(),
                alerts: alerts.map(BySeverity::of).unwrap_or_default(),
            },
            galaxies: galaxies(snapshot),
            hosts: bounds
                .hosts
                .iter()
                .map(|host| Host::told(host, snapshot, bounds.has_host_details))
                .collect(),
            services: bounds
                .services
                .iter()
                .map(|service| Service::of(service, snapshot, bounds.has_service_details))
                .collect(),
            alerts: Alerts { firing: alerts.into_iter().flatten().map(Firing::of).collect() },
            logs: snapshot.sources.get(SourceName::Loki).map(|_| Logs::of(snapshot.logs.get())),
            truncated: Truncated {
                hosts: hosts.len() - bounds.hosts.len(),
                services: services.as_ref().map_or(0, Vec::len) - bounds.services.len(),
                host_details: if bounds.has_host_details { 0 } else { bounds.hosts.len() },
                service_details: if bounds.has_service_details { 0 } else { bounds.services.len() },
            },
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
    fn of(service: &infrastructure::Service, snapshot: &Snapshot, is_detailed: bool) -> Self {
        let uptime = snapshot.availability.get().and_then(|known| known.services.get(&service.name));
        Self {
            name: service.name.to_string(),
            host: service.host.as_ref().map(ToString::to_string),
            state: service.state.as_str(),
            state_since: Instant(service.state_since),
            latency_ms: service.latency_ms,
            measured_by: service.measured_by.as_str(),
            availability: if is_detailed { windows(uptime) } else { Vec::new() },
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

/// The windows of something of which nothing may be known.
fn windows(uptime: Option<&Uptime>) -> Vec<Window> {
    let shares = uptime.unwrap_or(&Uptime::UNOBSERVED).windows;
    let windows = WINDOW_HOURS.into_iter().zip(shares);
    let window = |(window_hours, share): (u32, Share)| Window {
        window_hours,
        up_percent: share.up_hundredths.map(|up| Hundredths(up.into())),
        observed_percent: Hundredths(u32::from(share.observed_tenths) * 10),
    };
    windows.map(window).collect()
}
