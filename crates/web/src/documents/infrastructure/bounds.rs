//! What the document has room for: it stays below 200 KB, however much is watched.
//!
//! A thousand hosts have more than that in keys and numbers alone, so there is no way to list them all. Those are
//! listed that need a look first, then the others by name; what is left out is counted. What hosts and services were
//! in the last day and longer goes before any of them does: it is told of all that are listed, or of none, so that a
//! reader need not guess. Weights rest on what a host has and not on its values: nobody comes and goes because a
//! figure got longer.

use snapshot::infrastructure::{Host, Reachability, Service};

/// What hosts and services may weigh together, in bytes; the rest of the document weighs some thousand.
const BYTES: usize = 190_000;
/// What services may weigh of that.
const SERVICES_BYTES: usize = BYTES / 2;

/// A host without its names and disks.
const HOST_BYTES: usize = 445;
/// A disk.
const DISK_BYTES: usize = 90;
/// A service without its names.
const SERVICE_BYTES: usize = 150;
/// Shares of four windows.
const SHARES_BYTES: usize = 270;
/// Two histories of 48 points.
const HISTORY_BYTES: usize = 490;

/// What of hosts and services is told.
#[derive(Debug)]
pub(super) struct Bounds<'hosts, 'services> {
    /// The hosts that are listed, in the order in which they were given.
    pub(super) hosts: Vec<&'hosts Host>,
    /// The services that are listed, likewise.
    pub(super) services: Vec<&'services Service>,
    /// Whether hosts have a history and shares.
    pub(super) has_host_details: bool,
    /// Whether services have shares.
    pub(super) has_service_details: bool,
}

impl<'hosts, 'services> Bounds<'hosts, 'services> {
    /// What there is room for.
    pub(super) fn of(hosts: &'hosts [Host], services: &'services [Service]) -> Self {
        let (services, services_bytes) = fitting(services, SERVICES_BYTES, rank, weight_of_service);
        let detailed_bytes = services_bytes + services.len() * SHARES_BYTES;
        let has_service_details = detailed_bytes <= SERVICES_BYTES;
        let room = BYTES - if has_service_details { detailed_bytes } else { services_bytes };
        let (hosts, hosts_bytes) = fitting(hosts, room, Host::urgency, weight_of_host);
        let has_host_details = hosts_bytes + hosts.len() * (SHARES_BYTES + HISTORY_BYTES) <= room;
        Self { hosts, services, has_host_details, has_service_details }
    }
}

/// As many as there is room for, the most urgent first, in the order in which they were given; and what they weigh.
fn fitting<T, U: Ord>(
    all: &[T],
    room: usize,
    urgency: impl Fn(&T) -> U,
    weight: impl Fn(&T) -> usize,
) -> (Vec<&T>, usize) {
    let mut ranked: Vec<(usize, &T)> = all.iter().enumerate().collect();
    ranked.sort_by_key(|(_, one)| urgency(one));
    let mut sum = 0;
    let n_fitting = ranked.iter().take_while(|(_, one)| {
        let fits = sum + weight(one) <= room;
        sum += if fits { weight(one) } else { 0 };
        fits
    });
    let n_fitting = n_fitting.count();
    ranked.truncate(n_fitting);
    ranked.sort_by_key(|(place, _)| *place);
    (ranked.into_iter().map(|(_, one)| one).collect(), sum)
}

fn weight_of_host(host: &Host) -> usize {
    let names = [Some(&host.name), host.galaxy.as_ref(), host.role.as_ref()];
    let names: usize = names.into_iter().flatten().map(|name| name.as_str().len()).sum();
    HOST_BYTES + names + host.disks.len() * DISK_BYTES
}

fn weight_of_service(service: &Service) -> usize {
    SERVICE_BYTES + service.name.as_str().len() + service.host.as_ref().map_or(0, |host| host.as_str().len())
}

const fn rank(service: &Service) -> u8 {
    match service.state {
        Reachability::Down => 0,
        Reachability::Degraded => 1,
        Reachability::Unknown => 2,
        Reachability::Up => 3,
    }
}
