//! The hosts as `node_exporter` sees them: every quantity is a function of the seed, the past and an instant.
//!
//! A host's past is what its journal says. A machine that was away was switched off: it comes back with new
//! counters. Nothing here is stepped; a [`Host`] is made for a request and answers for any instant since the
//! history's begin.
//!
//! - `activity`: processor time, load and memory. `disks`, `network`: what is mounted, and what flows.

use super::World;
use super::curve::Curve;
use super::dice::Dice;
use super::journal::{Span, Timeline};
use super::machines::MACHINES;
use super::stations::{Purpose, Station};
use disks::Volume;
use network::Interface;

mod activity;
pub mod disks;
pub mod network;

/// The port that every host's metrics are served on, in the names of instances.
const PORT: u16 = 9100;
/// A day, in seconds.
const DAY: f64 = 86_400.0;

/// What the hosts' devices, mounts and kernels are called; nothing that a public word could contain.
pub(crate) const INTERNAL_FRAGMENTS: [&str; 16] = [
    "/dev/nvme0n1p3",
    "vg0-home",
    "/home/thorvald/sources",
    "tank/binpkgs",
    "/mnt/binpkgs",
    "stage3-secret",
    "luks-home",
    "family-photos",
    "tank/family-media",
    "thor-backup",
    "mergerfs-pool",
    "/mnt/attic",
    "wg-thorvald",
    "br-5f2e9d07c1aa",
    "vaultzfs",
    "6.12.58-gentoo-dist",
];

/// One host: its names, and what it is like.
#[derive(Debug, Clone)]
pub struct Host {
    /// Tells it from every other host of the world, for good.
    pub number: usize,
    /// The full host name.
    pub host: String,
    /// Its address.
    pub address: String,
    /// The label `instance` of its series: by name for some, by address for others.
    pub instance: String,
    /// How many cores it has.
    pub cores: u32,
    /// How much memory it has, in bytes.
    pub memory_bytes: f64,
    purpose: Option<Purpose>,
    /// The history's begin, before which nothing is known.
    begun_at: f64,
    first_boot_at: f64,
    /// The share of the processors that is busy without a build.
    cpu: Curve,
    /// The share of the processors that a build adds.
    cpu_of_work: f64,
    /// The share of the memory that is used without a build.
    memory: Curve,
    memory_of_work: f64,
    volumes: Vec<Volume>,
    interfaces: Vec<Interface>,
    worked: Timeline,
    away: Timeline,
}

impl Host {
    /// The host name without its domain.
    #[must_use]
    pub fn nodename(&self) -> &str {
        self.host.split_once('.').map_or(&self.host, |(label, _)| label)
    }

    /// Whether it answers at `unix`.
    #[must_use]
    pub fn up(&self, unix: f64) -> bool {
        unix >= self.begun_at && self.away.at(unix).is_none()
    }

    /// Since when it is away, if it is.
    #[must_use]
    pub fn away_since(&self, unix: f64) -> Option<f64> {
        self.away.at(unix).map(|span| span.from)
    }

    /// When it was switched on last, in whole seconds.
    #[must_use]
    pub fn booted_at(&self, unix: f64) -> f64 {
        self.away.last_ended(unix).map_or(self.first_boot_at, |span| span.until.floor())
    }

    /// The kernel that it runs.
    #[must_use]
    pub fn kernel(&self) -> &'static str {
        match self.purpose {
            None => "6.12.58-gentoo-dist",
            Some(Purpose::Storage) => "6.6.118-gentoo-vaultzfs",
            Some(_) => "6.1.0-41-amd64",
        }
    }
}

impl World {
    /// Every host that is watched: the farm's machines and the stations, in an order that never changes.
    #[must_use]
    pub fn hosts(&self) -> Vec<Host> {
        let mut hosts: Vec<Host> = self.nodes().map(|node| self.host_of_node(node)).collect();
        hosts.extend(self.stations.iter().map(|station| self.host_of_station(station)));
        hosts
    }

    /// When the world's history begins, in seconds since 1970.
    #[must_use]
    pub fn begun_at(&self) -> f64 {
        self.begun_at
    }

    fn host_of_node(&self, node: &super::state::Node) -> Host {
        let mut worked = node.journal.worked.clone();
        let since = node.away_since();
        if let Some(job) = &node.job {
            let until = since.unwrap_or(f64::INFINITY).max(job.started_at);
            worked.push(Span { from: job.started_at, until });
        }
        let mut away = node.journal.away.clone();
        away.extend(since.map(|from| Span { from, until: f64::INFINITY }));
        let machine = node.machine;
        let mut dice = self.dice_of(node.index);
        Host {
            cpu: Curve::new(0.006, 0.02, 20.0, 0.012, &mut dice),
            cpu_of_work: dice.between(0.84, 0.93),
            memory: Curve::new(dice.between(0.08, 0.14), 0.02, 20.0, 0.02, &mut dice),
            memory_of_work: dice.between(0.25, 0.55),
            volumes: disks::of_machine(machine.short_host(), &mut dice),
            interfaces: network::of_machine(&mut dice),
            worked: Timeline::new(worked),
            away: Timeline::new(away),
            ..self.bare_host(node.index, machine.host, machine.address, machine.cores, machine.ram_gb)
        }
    }

    fn host_of_station(&self, station: &Station) -> Host {
        let number = MACHINES.len() + station.number;
        let mut dice = self.dice_of(number);
        let (base, daily, peak) = match station.purpose {
            Purpose::Services => (0.05, 0.34, 19.0),
            Purpose::Storage => (0.03, 0.22, 2.5),
            Purpose::Monitor => (0.06, 0.03, 12.0),
            Purpose::Spare => (dice.between(0.02, 0.1), dice.between(0.1, 0.6), dice.between(0.0, 24.0)),
        };
        let memory = match station.purpose {
            Purpose::Services => 0.52,
            // Nearly all of it caches files, and a cache that is not given back counts as used.
            Purpose::Storage => 0.88,
            Purpose::Monitor => 0.41,
            Purpose::Spare => dice.between(0.2, 0.7),
        };
        Host {
            purpose: Some(station.purpose),
            cpu: Curve::new(base, daily, peak, 0.06, &mut dice),
            memory: Curve::new(memory, 0.03, peak, 0.02, &mut dice),
            volumes: disks::of_station(station.purpose, &mut dice),
            interfaces: network::of_station(station.purpose, &mut dice),
            away: Timeline::new(self.outages_of(&station.host)),
            ..self.bare_host(number, &station.host, &station.address, station.cores, station.ram_gb)
        }
    }

    fn bare_host(&self, number: usize, host: &str, address: &str, cores: u32, ram_gb: f64) -> Host {
        let by_address = number % 3 == 1;
        let kibibytes = ram_gb * 1_048_576.0 * 0.985;
        let days_up = self.dice_of(number + 1_000_003).between(2.0, 60.0);
        let nothing = Curve { base: 0.0, daily: 0.0, peak_hour: 0.0, wave: 0.0, period: DAY };
        Host {
            number,
            host: host.to_owned(),
            address: address.to_owned(),
            instance: format!("{}:{PORT}", if by_address { address } else { host }),
            cores,
            memory_bytes: kibibytes.floor() * 1_024.0,
            purpose: None,
            begun_at: self.begun_at,
            first_boot_at: (self.begun_at - days_up * DAY).floor(),
            cpu: nothing,
            cpu_of_work: 0.0,
            memory: nothing,
            memory_of_work: 0.0,
            volumes: Vec::new(),
            interfaces: Vec::new(),
            worked: Timeline::default(),
            away: Timeline::default(),
        }
    }

    /// A source of chance that belongs to the host with the number `number`.
    fn dice_of(&self, number: usize) -> Dice {
        Dice::new(self.seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

#[cfg(test)]
mod tests;
