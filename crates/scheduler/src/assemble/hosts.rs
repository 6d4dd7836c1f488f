//! The hosts: one public entry a machine, whatever Prometheus calls it.

use std::time::Duration;

use identity::name::PublicName;
use jiff::Timestamp;
use snapshot::{
    clock::{elapsed, whole_second},
    infrastructure::{HOSTS_MAX, Host, Metrics, Reachability, Traffic},
};

use super::{digits::two_digits, disks::disks, naming::Naming};
use crate::{config::infrastructure::Watch, report::infrastructure::HostReport};

/// A host without a series is listed as unknown for this long: a target that was removed is not down.
const FORGET_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The public hosts of a report. `before` is what was published last: it says since when a state holds, and which
/// hosts have vanished.
pub(super) fn hosts(
    reports: &[HostReport],
    watch: &Watch,
    naming: &mut Naming<'_>,
    before: Option<&Metrics>,
    at: Timestamp,
) -> Vec<Host> {
    let known = before.map_or(&[][..], |before| &before.hosts);
    let mut hosts: Vec<Host> = Vec::with_capacity(reports.len());
    for report in reports {
        let Some(subject) = naming.directory.whose(&report.record()) else { continue };
        let Some(name) = naming.directory.name(subject) else { continue };
        let previous = known.iter().find(|host| host.name == name);
        let role = naming.directory.star(subject).and_then(|star| star.role.clone());
        let host = host(report, watch, name, previous, at);
        let host = Host { galaxy: naming.directory.galaxy(subject), role, ..host };
        match hosts.iter_mut().find(|other| other.name == host.name) {
            // A machine that is scraped under two addresses is up if either answers.
            Some(other) if other.state != Reachability::Up => *other = host,
            Some(_) => {}
            None => hosts.push(host),
        }
    }
    // Who has another name by now is listed under that one.
    let named = known.iter().filter(|host| naming.directory.is_held(&host.name));
    let vanished = named.filter_map(|host| vanished(host, &hosts, at)).collect::<Vec<_>>();
    hosts.extend(vanished);
    hosts.sort_by(|a, b| a.name.cmp(&b.name));
    hosts.truncate(HOSTS_MAX);
    hosts
}

fn host(
    report: &HostReport,
    watch: &Watch,
    name: PublicName,
    previous: Option<&Host>,
    at: Timestamp,
) -> Host {
    let state = match report.is_up {
        Some(true) => Reachability::Up,
        Some(false) => Reachability::Down,
        None => Reachability::Unknown,
    };
    // What a machine that does not answer was last seen doing says nothing of now; its size does not change.
    let is_up = state == Reachability::Up;
    let known_disks = previous.map_or(&[][..], |host| &host.disks);
    Host {
        name,
        galaxy: None,
        role: None,
        state,
        state_since: since(previous.map(|host| (host.state, host.state_since)), state, at),
        booted_at: report.booted_at.filter(|_| is_up && watch.publish_boot_times),
        cores: report.cores.or(previous.and_then(|host| host.cores)),
        cpu_percent: report.cpu_percent.filter(|_| is_up),
        memory_total_bytes: report.memory_total_bytes.filter(|_| is_up),
        memory_percent: report.memory_percent.filter(|_| is_up),
        load_tenths: if is_up { report.load_tenths } else { [None; 3] },
        network: if is_up { coarse(report.network) } else { Traffic::default() },
        disks: if is_up { disks(&report.disks, &watch.disks, known_disks, at) } else { Vec::new() },
        history: report.history.clone().filter(|_| is_up),
    }
}

/// Rates that tremble less.
fn coarse(traffic: Traffic) -> Traffic {
    let Traffic { received, transmitted } = traffic;
    Traffic { received: received.map(two_digits), transmitted: transmitted.map(two_digits) }
}

/// A host of which the answer says nothing any more, for as long as it is remembered.
fn vanished(host: &Host, present: &[Host], at: Timestamp) -> Option<Host> {
    if present.iter().any(|other| other.name == host.name) {
        return None;
    }
    let was_unknown = host.state == Reachability::Unknown;
    if was_unknown && elapsed(host.state_since, at) > FORGET_AFTER {
        return None;
    }
    Some(Host {
        state: Reachability::Unknown,
        state_since: if was_unknown { host.state_since } else { whole_second(at) },
        booted_at: None,
        cpu_percent: None,
        memory_total_bytes: None,
        memory_percent: None,
        load_tenths: [None; 3],
        network: Traffic::default(),
        disks: Vec::new(),
        history: None,
        ..host.clone()
    })
}

/// Since when a state holds, as far as was seen.
///
/// At first sight that is the instant of the report. When a machine started is no better answer: it may have been
/// out of reach since, and the operator may keep that instant to himself. Nor are samples half an hour apart: their
/// gaps are as often Prometheus' own.
pub(super) fn since(
    previous: Option<(Reachability, Timestamp)>,
    state: Reachability,
    at: Timestamp,
) -> Timestamp {
    match previous {
        Some((before, since)) if before == state => since,
        _ => whole_second(at),
    }
}
