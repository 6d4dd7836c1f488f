//! The data of `infrastructure`: machines, services, alerts and how much is logged.
//!
//! Nothing feeds it yet: it says that nothing is known, in the form that it will always have.

use serde::Serialize;

/// The view.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Infrastructure {
    summary: Summary,
    galaxies: [(); 0],
    hosts: [(); 0],
    services: [(); 0],
    alerts: Alerts,
    logs: Option<()>,
}

#[derive(Debug, Default, Serialize)]
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

#[derive(Debug, Default, Serialize)]
struct Alerts {
    firing: [(); 0],
}
