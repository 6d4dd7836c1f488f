//! The view of `/infrastructure`. What no configured source can tell is not there.

use serde::Serialize;
use snapshot::{
    infrastructure::{Alerts, Service, services::services},
    section::SourceName,
    sentence,
};

use super::{
    backends::BackendsView,
    badge::Badge,
    hosts::{CURVES_MAX, HostsView, counts, rank},
    logs::LogsView,
    scene::{Age, Scene},
    time::Instant,
    uptime::UptimeView,
    words::{maybe_number, number},
};

/// Who knows services.
const MEASURES: [SourceName; 2] = [SourceName::Prometheus, SourceName::Probes];

/// Machines, services, alerts and logs.
#[derive(Debug, Serialize)]
pub(super) struct InfrastructureView {
    /// All of it in a few numbers.
    pub(super) summary: Option<SummaryView>,
    /// The hosts.
    pub(super) hosts: Option<HostsView>,
    /// The services.
    pub(super) services: Option<ServicesView>,
    /// The alerts that fire.
    pub(super) alerts: Option<AlertsView>,
    /// How much is logged.
    pub(super) logs: Option<LogsView>,
    /// Where all of this comes from.
    pub(super) backends: Option<BackendsView>,
}

/// All of it in a few numbers.
#[derive(Debug, Serialize)]
pub(super) struct SummaryView {
    /// How old this is.
    pub(super) age: Age,
    /// What is counted, and the counts.
    pub(super) rows: Vec<SummaryRow>,
    /// The galaxies.
    pub(super) galaxies: Vec<GalaxyView>,
}

/// What is counted, and the counts.
#[derive(Debug, Serialize)]
pub(super) struct SummaryRow {
    /// What is counted.
    pub(super) title: &'static str,
    /// Whether that is known.
    pub(super) is_known: bool,
    /// How many are in each state; empty when there is nothing.
    pub(super) counts: Vec<Badge>,
}

/// A galaxy.
#[derive(Debug, Serialize)]
pub(super) struct GalaxyView {
    /// Its name.
    pub(super) name: String,
    /// How many hosts are in it.
    pub(super) hosts: Option<String>,
}

/// The services.
#[derive(Debug, Serialize)]
pub(super) struct ServicesView {
    /// How old this is.
    pub(super) age: Age,
    /// Whether any was ever known.
    pub(super) is_known: bool,
    /// How many there are.
    pub(super) total: Option<String>,
    /// The services, those that need a look first.
    pub(super) rows: Vec<ServiceView>,
}

/// One service.
#[derive(Debug, Serialize)]
pub(super) struct ServiceView {
    /// Its name.
    pub(super) name: String,
    /// Its state.
    pub(super) badge: Badge,
    /// Since when.
    pub(super) since: Instant,
    /// Where it runs.
    pub(super) host: Option<String>,
    /// How long an answer takes.
    pub(super) latency: Option<String>,
    /// Who measures it.
    pub(super) measured_by: &'static str,
    /// How much of the time it was up; `None` also where there are too many.
    pub(super) uptime: Option<UptimeView>,
}

/// The alerts that fire.
#[derive(Debug, Serialize)]
pub(super) struct AlertsView {
    /// How old this is.
    pub(super) age: Age,
    /// Whether they are known.
    pub(super) is_known: bool,
    /// By severity, the worst first.
    pub(super) rows: Vec<AlertView>,
}

/// Alerts of one severity.
#[derive(Debug, Serialize)]
pub(super) struct AlertView {
    /// How severe.
    pub(super) badge: Badge,
    /// How many.
    pub(super) count: String,
    /// Whether there is just one.
    pub(super) is_one: bool,
    /// Since when the oldest of them fires.
    pub(super) oldest: Option<Instant>,
}

impl InfrastructureView {
    pub(super) fn of(scene: Scene<'_>) -> Self {
        Self {
            summary: SummaryView::of(scene),
            hosts: HostsView::of(scene),
            services: ServicesView::of(scene),
            alerts: AlertsView::of(scene),
            logs: LogsView::of(scene),
            backends: BackendsView::of(scene),
        }
    }
}

impl SummaryView {
    fn of(scene: Scene<'_>) -> Option<Self> {
        let age = scene.age_of(&MEASURES)?;
        let metrics = scene.snapshot.metrics.get();
        let hosts = metrics.map(|metrics| counts(metrics.hosts.iter().map(|host| host.state)));
        let services = services(scene.snapshot);
        let services = services.map(|all| counts(all.iter().map(|service| service.state)));
        let is_scraped = scene.snapshot.sources.get(SourceName::Prometheus).is_some();
        let mut rows = vec![SummaryRow::new("Services", services)];
        if is_scraped {
            rows.insert(0, SummaryRow::new("Hosts", hosts));
            let alerts = metrics.and_then(|metrics| metrics.alerts.as_deref());
            let badge = |alerts: &Alerts| Badge::severity(alerts.severity).counting(alerts.count);
            rows.push(SummaryRow::new("Alerts", alerts.map(|alerts| alerts.iter().map(badge).collect())));
        }
        let galaxies = if is_scraped { galaxies(scene) } else { Vec::new() };
        Some(Self { age, rows, galaxies })
    }
}

impl SummaryRow {
    fn new(title: &'static str, counts: Option<Vec<Badge>>) -> Self {
        Self { title, is_known: counts.is_some(), counts: counts.unwrap_or_default() }
    }
}

impl ServicesView {
    fn of(scene: Scene<'_>) -> Option<Self> {
        let age = scene.age_of(&MEASURES)?;
        let known = services(scene.snapshot);
        let is_known = known.is_some();
        let mut services = known.unwrap_or_default();
        services.sort_by_key(|service| rank(service.state));
        let total = u32::try_from(services.len()).ok().filter(|_| is_known);
        let is_plain = services.len() > CURVES_MAX;
        let rows = services.iter().map(|service| ServiceView::of(scene, service, is_plain)).collect();
        Some(Self { age, is_known, total: maybe_number(total), rows })
    }
}

impl ServiceView {
    fn of(scene: Scene<'_>, service: &Service, is_plain: bool) -> Self {
        let known = scene.snapshot.availability.get().filter(|_| !is_plain);
        Self {
            name: service.name.to_string(),
            badge: Badge::reachability(service.state),
            since: scene.minute(service.state_since),
            host: service.host.as_ref().map(ToString::to_string),
            latency: service.latency_ms.map(|ms| format!("{} ms", number(ms))),
            measured_by: service.measured_by.words(),
            uptime: UptimeView::of(known.and_then(|known| known.services.get(&service.name))),
        }
    }
}

impl AlertsView {
    fn of(scene: Scene<'_>) -> Option<Self> {
        scene.snapshot.sources.get(SourceName::Prometheus)?;
        let alerts = scene.snapshot.metrics.get().and_then(|metrics| metrics.alerts.as_deref());
        let row = |alerts: &Alerts| AlertView {
            badge: Badge::severity(alerts.severity),
            count: number(alerts.count),
            is_one: alerts.count == 1,
            oldest: scene.maybe_minute(alerts.oldest_since),
        };
        Some(Self {
            age: scene.age(SourceName::Prometheus),
            is_known: alerts.is_some(),
            rows: alerts.into_iter().flatten().map(row).collect(),
        })
    }
}

fn galaxies(scene: Scene<'_>) -> Vec<GalaxyView> {
    let metrics = scene.snapshot.metrics.get();
    let count = |galaxy: &str| {
        let hosts =
            metrics?.hosts.iter().filter(|host| host.galaxy.as_ref().is_some_and(|it| it.same(galaxy)));
        u32::try_from(hosts.count()).ok()
    };
    let galaxies = scene.snapshot.galaxies.iter();
    galaxies
        .map(|name| GalaxyView {
            name: name.to_string(),
            hosts: count(name.as_str()).map(|n| sentence::count(n, "host")),
        })
        .collect()
}
