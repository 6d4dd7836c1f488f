//! The hosts: a compact cell each on the dashboard, and everything on their own page.

use serde::Serialize;
use snapshot::{
    infrastructure::{Disk, Host, Reachability, Traffic, tally::Tally},
    section::SourceName,
};

use super::{
    badge::{Badge, Tone},
    curve::DayCurves,
    scene::{Age, Scene},
    time::Instant,
    uptime::UptimeView,
    words::{DroneName, anchor, maybe_number, number, size},
};

/// How many hosts the dashboard shows; of more it shows those that need a look, and counts the rest.
const STRIP_MAX: usize = 24;
/// How many hosts stand in the open on their page; of more each is folded to its cell.
const OPEN_MAX: usize = 12;
/// With more hosts than this the page goes without curves, which are most of its weight.
pub(super) const CURVES_MAX: usize = 250;

/// The hosts on the dashboard.
#[derive(Debug, Serialize)]
pub(super) struct StripView {
    /// How old all of this is.
    pub(super) age: Age,
    /// Whether any list of hosts was ever known.
    pub(super) is_known: bool,
    /// How many are in each state.
    pub(super) counts: Vec<Badge>,
    /// Hosts, those that need a look first.
    pub(super) cells: Vec<Cell>,
    /// How many more there are.
    pub(super) rest: Option<String>,
}

/// The hosts on their page.
#[derive(Debug, Serialize)]
pub(super) struct HostsView {
    /// How old all of this is.
    pub(super) age: Age,
    /// Whether any list of hosts was ever known.
    pub(super) is_known: bool,
    /// How many there are.
    pub(super) total: Option<String>,
    /// Whether each is folded.
    pub(super) is_folded: bool,
    /// There are too many for curves.
    pub(super) is_plain: bool,
    /// The hosts, those that need a look first.
    pub(super) hosts: Vec<HostView>,
}

/// What matters most of a host.
#[derive(Debug, Serialize)]
pub(super) struct Cell {
    /// Its place on its page.
    pub(super) anchor: String,
    /// Its public name.
    pub(super) name: String,
    /// The worst that is to be said of it: its colour.
    pub(super) tone: Tone,
    /// Its state.
    pub(super) badge: Badge,
    /// Since when.
    pub(super) since: Instant,
    /// Whether it answers, so that its use can be known.
    pub(super) is_up: bool,
    /// Processor use.
    pub(super) cpu_percent: Option<u8>,
    /// Memory use.
    pub(super) memory_percent: Option<u8>,
    /// How full its memory is, when that is worth a word.
    pub(super) memory: Option<Badge>,
    /// The fullest of its disks.
    pub(super) disk: Option<DiskView>,
}

/// All of a host.
#[derive(Debug, Serialize)]
pub(super) struct HostView {
    /// What matters most.
    pub(super) cell: Cell,
    /// Names its numbers for scripts.
    pub(super) numbers_id: String,
    /// Its galaxy.
    pub(super) galaxy: Option<String>,
    /// What it is for.
    pub(super) role: Option<String>,
    /// The drone that it is.
    pub(super) drone: Option<DroneLink>,
    /// Processor cores.
    pub(super) cores: Option<String>,
    /// Memory.
    pub(super) memory_size: Option<String>,
    /// When it started.
    pub(super) booted: Option<Instant>,
    /// Load over one, five and fifteen minutes.
    pub(super) loads: Option<String>,
    /// What flows through its network interfaces.
    pub(super) network: Option<NetworkView>,
    /// Its disks.
    pub(super) disks: Vec<DiskView>,
    /// The last 24 hours.
    pub(super) day: Option<DayCurves>,
    /// How much of the time it was up.
    pub(super) uptime: Option<UptimeView>,
}

/// What flows through the network interfaces of a host.
#[derive(Debug, Serialize)]
pub(super) struct NetworkView {
    /// What it receives.
    pub(super) received: String,
    /// What it sends.
    pub(super) transmitted: String,
}

/// A disk.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DiskView {
    /// Its name.
    pub(super) name: String,
    /// Its size.
    pub(super) size: String,
    /// How full it is.
    pub(super) percent: Option<u8>,
    /// The same in a word, when it is worth one.
    pub(super) level: Option<Badge>,
}

/// The drone that a host is.
#[derive(Debug, Serialize)]
pub(super) struct DroneLink {
    /// Its page, below the base path.
    pub(super) path: String,
    /// Its state.
    pub(super) badge: Badge,
}

impl StripView {
    /// `None` when nothing is to know of hosts.
    pub(super) fn of(scene: Scene<'_>) -> Option<Self> {
        scene.snapshot.sources.get(SourceName::Prometheus)?;
        let hosts = ranked(scene);
        let n_rest = hosts.len().saturating_sub(STRIP_MAX);
        Some(Self {
            age: scene.age(SourceName::Prometheus),
            is_known: scene.snapshot.metrics.get().is_some(),
            counts: counts(hosts.iter().map(|host| host.state)),
            cells: hosts.into_iter().take(STRIP_MAX).map(|host| Cell::of(scene, host)).collect(),
            rest: (n_rest > 0).then(|| number(u32::try_from(n_rest).unwrap_or(u32::MAX))),
        })
    }
}

impl HostsView {
    /// `None` when nothing is to know of hosts.
    pub(super) fn of(scene: Scene<'_>) -> Option<Self> {
        scene.snapshot.sources.get(SourceName::Prometheus)?;
        let hosts = ranked(scene);
        let (is_folded, is_plain) = (hosts.len() > OPEN_MAX, hosts.len() > CURVES_MAX);
        let is_known = scene.snapshot.metrics.get().is_some();
        Some(Self {
            age: scene.age(SourceName::Prometheus),
            is_known,
            total: is_known.then(|| number(u32::try_from(hosts.len()).unwrap_or(u32::MAX))),
            is_folded,
            is_plain,
            hosts: hosts.into_iter().map(|host| HostView::of(scene, host, is_plain)).collect(),
        })
    }
}

impl Cell {
    fn of(scene: Scene<'_>, host: &Host) -> Self {
        let badge = Badge::reachability(host.state);
        let fullest = host.disks.iter().rev().max_by_key(|disk| disk.used_percent);
        Self {
            anchor: anchor("host", host.name.as_str()),
            name: host.name.to_string(),
            tone: host.fill_level().and_then(Badge::fill).map_or(badge.tone, |level| level.tone),
            badge,
            since: scene.minute(host.state_since),
            is_up: host.state == Reachability::Up,
            cpu_percent: host.cpu_percent,
            memory_percent: host.memory_percent,
            memory: host.memory_level().and_then(Badge::fill),
            disk: fullest.map(DiskView::of),
        }
    }
}

impl HostView {
    /// The host of a drone, on the page of that drone.
    pub(super) fn of_drone(scene: Scene<'_>, host: &Host) -> Self {
        Self { drone: None, ..Self::of(scene, host, false) }
    }

    fn of(scene: Scene<'_>, host: &Host, is_plain: bool) -> Self {
        let load = |tenths: Option<u32>| match tenths {
            Some(tenths) => format!("{}.{}", tenths / 10, tenths % 10),
            None => "–".to_owned(),
        };
        let is_loaded = host.load_tenths.iter().any(Option::is_some);
        let history = host.history.as_ref().filter(|_| !is_plain);
        let known = scene.snapshot.availability.get().filter(|_| !is_plain);
        Self {
            cell: Cell::of(scene, host),
            numbers_id: anchor("numbers", host.name.as_str()),
            galaxy: host.galaxy.as_ref().map(ToString::to_string),
            role: host.role.as_ref().map(ToString::to_string),
            drone: DroneLink::of(scene, host),
            cores: maybe_number(host.cores),
            memory_size: host.memory_total_bytes.map(|bytes| format!("{} GiB", number(bytes >> 30))),
            booted: scene.maybe_minute(host.booted_at),
            loads: is_loaded.then(|| host.load_tenths.map(load).join(" ")),
            network: NetworkView::of(host.network),
            disks: host.disks.iter().map(DiskView::of).collect(),
            day: history.map(|history| DayCurves::of(scene, history)),
            uptime: UptimeView::of(known.and_then(|known| known.hosts.get(&host.name))),
        }
    }
}

impl NetworkView {
    /// `None` when nothing is known of it.
    fn of(Traffic { received, transmitted }: Traffic) -> Option<Self> {
        let rate = |bytes: Option<u64>| match bytes {
            Some(bytes) => format!("{}/s", size(bytes)),
            None => "–".to_owned(),
        };
        let is_known = received.or(transmitted).is_some();
        is_known.then(|| Self { received: rate(received), transmitted: rate(transmitted) })
    }
}

impl DiskView {
    fn of(disk: &Disk) -> Self {
        Self {
            name: disk.name.to_string(),
            size: size(disk.total_bytes),
            percent: disk.used_percent,
            level: disk.level().and_then(Badge::fill),
        }
    }
}

impl DroneLink {
    fn of(scene: Scene<'_>, host: &Host) -> Option<Self> {
        let drone = scene.drones().iter().find(|drone| drone.name.same(host.name.as_str()))?;
        let badge = Badge::drone(drone.state, drone.optional);
        Some(Self { path: DroneName::of(drone.name.as_str()).path, badge })
    }
}

/// How many are in each state, those in no state left out.
pub(super) fn counts(states: impl IntoIterator<Item = Reachability>) -> Vec<Badge> {
    let Tally { up, degraded, down, unknown } = Tally::of(states);
    let states = [
        (Reachability::Down, down),
        (Reachability::Degraded, degraded),
        (Reachability::Unknown, unknown),
        (Reachability::Up, up),
    ];
    let badge = |(state, n)| Badge::reachability(state).counting(n);
    states.into_iter().filter(|(_, n)| *n > 0).map(badge).collect()
}

/// What a reader looks for first.
pub(super) const fn rank(state: Reachability) -> u8 {
    match state {
        Reachability::Down => 0,
        Reachability::Degraded => 1,
        Reachability::Unknown => 3,
        Reachability::Up => 4,
    }
}

/// The hosts, those that need a look first.
fn ranked(scene: Scene<'_>) -> Vec<&Host> {
    let hosts = scene.snapshot.metrics.get().map_or(&[][..], |metrics| &metrics.hosts);
    let mut hosts: Vec<&Host> = hosts.iter().collect();
    hosts.sort_by_key(|host| host.urgency());
    hosts
}

#[cfg(test)]
mod tests {
    use snapshot::testing::{self, disk, host};

    use super::*;

    fn names(hosts: Vec<Host>) -> Vec<String> {
        let mut snapshot = testing::example_infrastructure();
        testing::set_hosts(&mut snapshot, hosts);
        let scene = Scene { snapshot: &snapshot, now: testing::now(testing::NOW) };
        ranked(scene).iter().map(|host| host.name.to_string()).collect()
    }

    #[test]
    fn what_needs_a_look_comes_first_and_the_rest_by_name() {
        let up = |name: &str, percent: u8| Host {
            disks: vec![disk(snapshot::infrastructure::DiskName::Root, percent)],
            ..host(name, Reachability::Up)
        };
        let hosts = vec![
            up("Alcor", 10),
            up("Bellatrix", 90),
            host("Castor", Reachability::Unknown),
            up("Deneb", 99),
            host("Electra", Reachability::Down),
            up("Fomalhaut", 20),
        ];
        let expected = ["Electra", "Deneb", "Bellatrix", "Castor", "Alcor", "Fomalhaut"];
        assert_eq!(names(hosts), expected);
    }

    #[test]
    fn the_dashboard_shows_a_few_of_many_and_counts_the_rest() {
        let mut snapshot = testing::example_infrastructure();
        testing::set_hosts(&mut snapshot, testing::many_hosts(200));
        let scene = Scene { snapshot: &snapshot, now: testing::now(testing::NOW) };
        let strip = StripView::of(scene).unwrap();
        assert_eq!((strip.cells.len(), strip.rest.as_deref()), (24, Some("176")));
        assert_eq!(strip.cells[0].badge.word, "down");
        let words: Vec<_> = strip.counts.iter().map(|badge| badge.word.as_str()).collect();
        assert_eq!(words, ["5 down", "195 up"]);
    }
}
