//! The services: only those that the operator named. Everything else is dropped, and `names` shows it.

use std::collections::BTreeMap;

use identity::name::PublicName;
use jiff::Timestamp;
use snapshot::{
    infrastructure::{Measure, Reachability, SERVICES_MAX, Service},
    section::SourceName,
};

use super::{digits::two_digits, hosts::since, naming::Naming};
use crate::{
    config::infrastructure::{Probe, ServiceRule},
    report::infrastructure::{ProbeReport, TargetReport},
};

/// The public services of Prometheus' targets.
pub(super) fn of_targets(
    targets: &[TargetReport],
    rules: &[ServiceRule],
    naming: &mut Naming<'_>,
    before: &[Service],
    at: Timestamp,
) -> Vec<Service> {
    let origin = SourceName::Prometheus.as_str();
    let is_ruled = |target: &TargetReport| rules.iter().any(|rule| rule.matches(target));
    for target in targets.iter().filter(|target| !is_ruled(target)) {
        naming.directory.note_dropped(&target.job, origin, at.as_second());
    }
    let mut services = Vec::new();
    for rule in rules {
        let matching: Vec<&TargetReport> = targets.iter().filter(|target| rule.matches(target)).collect();
        // Where a prober speaks of a target, the scrape of the prober itself says nothing of it.
        let probed: Vec<&TargetReport> = matching.iter().copied().filter(|target| target.is_probe).collect();
        let decisive = if probed.is_empty() { matching } else { probed };
        let n_up = decisive.iter().filter(|target| target.is_up).count();
        let state = match decisive.len() {
            0 => Reachability::Unknown,
            n if n == n_up => Reachability::Up,
            _ if n_up > 0 => Reachability::Degraded,
            _ => Reachability::Down,
        };
        let host = match decisive.as_slice() {
            [only] => naming.target(&only.instance, origin, at.as_second()),
            _ => None,
        };
        let previous = before.iter().find(|service| service.name == rule.name);
        services.push(Service {
            name: rule.name.clone(),
            host: host.and_then(|(_, name)| name),
            state,
            state_since: since(previous.map(|service| (service.state, service.state_since)), state, at),
            latency_ms: None,
            measured_by: Measure::Prometheus,
        });
    }
    services.sort_by(|a, b| a.name.cmp(&b.name));
    services.truncate(SERVICES_MAX);
    services
}

/// The public services of our own probes: what each found last.
pub(super) fn of_probes(
    probes: &[Probe],
    found: &BTreeMap<usize, ProbeReport>,
    before: &[Service],
    at: Timestamp,
) -> Vec<Service> {
    let mut services: Vec<Service> = probes
        .iter()
        .enumerate()
        .map(|(probe_idx, probe)| {
            let report = found.get(&probe_idx);
            let previous = before.iter().find(|service| service.name == probe.name);
            let state = match report {
                // What an earlier run found stands until this one finds something.
                None => previous.map_or(Reachability::Unknown, |service| service.state),
                Some(report) if report.is_up => Reachability::Up,
                Some(_) => Reachability::Down,
            };
            Service {
                name: probe.name.clone(),
                host: probe.host.clone(),
                state,
                state_since: since(previous.map(|service| (service.state, service.state_since)), state, at),
                latency_ms: match report {
                    None => previous.and_then(|service| service.latency_ms),
                    Some(report) => report.latency_ms.map(latency),
                },
                measured_by: Measure::Probe,
            }
        })
        .collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));
    services
}

/// Lines of log by public name, and those of services that have none.
pub(super) fn log_volumes(
    services: &BTreeMap<String, u64>,
    rules: &[ServiceRule],
    naming: &mut Naming<'_>,
    at: Timestamp,
) -> (Vec<(PublicName, u64)>, u64) {
    let mut named: BTreeMap<PublicName, u64> = BTreeMap::new();
    let mut other = 0;
    for (service, lines) in services {
        match rules.iter().find(|rule| rule.job.eq_ignore_ascii_case(service)) {
            Some(rule) => *named.entry(rule.name.clone()).or_insert(0) += lines,
            None => {
                naming.directory.note_dropped(service, SourceName::Loki.as_str(), at.as_second());
                other += lines;
            }
        }
    }
    (named.into_iter().collect(), other)
}

/// A latency that trembles less.
fn latency(ms: u32) -> u32 {
    u32::try_from(two_digits(ms.into())).unwrap_or(u32::MAX)
}
