//! One host of `infrastructure`.

use serde::Serialize;
use snapshot::{
    infrastructure::{self, FillLevel},
    snapshot::Snapshot,
};
use utoipa::ToSchema;

use super::{Window, windows};
use crate::documents::form::{Instant, Tenths};

/// One host.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::documents) struct Host<'a> {
    name: &'a str,
    galaxy: Option<&'a str>,
    role: Option<&'a str>,
    #[schema(schema_with = crate::openapi::words::reachability)]
    state: &'static str,
    state_since: Instant,
    booted_at: Option<Instant>,
    cores: Option<u32>,
    cpu_percent: Option<u8>,
    memory_total_bytes: Option<u64>,
    memory_percent: Option<u8>,
    #[schema(schema_with = crate::openapi::words::maybe_fill_level)]
    memory_level: Option<&'static str>,
    load_1m: Option<Tenths>,
    load_5m: Option<Tenths>,
    load_15m: Option<Tenths>,
    network_receive_bytes_per_second: Option<u64>,
    network_transmit_bytes_per_second: Option<u64>,
    disks: Vec<Disk>,
    history: Option<History<'a>>,
    availability: Vec<Window>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Disk {
    name: String,
    total_bytes: u64,
    used_percent: Option<u8>,
    #[schema(schema_with = crate::openapi::words::maybe_fill_level)]
    level: Option<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HostHistory)]
struct History<'a> {
    end_at: Instant,
    step_seconds: u32,
    #[schema(value_type = Vec<Option<u8>>)]
    cpu_percent: &'a [Option<u8>],
    #[schema(value_type = Vec<Option<u8>>)]
    memory_percent: &'a [Option<u8>],
}

impl<'a> Host<'a> {
    /// The view among many: what it was is told where there is room for that.
    pub(in crate::documents) fn told(
        host: &'a infrastructure::Host,
        snapshot: &Snapshot,
        is_detailed: bool,
    ) -> Self {
        let all = Self::of(host, snapshot);
        if is_detailed { all } else { Self { history: None, availability: Vec::new(), ..all } }
    }

    /// All of it.
    pub(in crate::documents) fn of(host: &'a infrastructure::Host, snapshot: &Snapshot) -> Self {
        let uptime = snapshot.availability.get().and_then(|known| known.hosts.get(&host.name));
        let [load_1m, load_5m, load_15m] = host.load_tenths.map(|load| load.map(Tenths));
        Self {
            name: host.name.as_str(),
            galaxy: host.galaxy.as_ref().map(|name| name.as_str()),
            role: host.role.as_ref().map(|name| name.as_str()),
            state: host.state.as_str(),
            state_since: Instant(host.state_since),
            booted_at: host.booted_at.map(Instant),
            cores: host.cores,
            cpu_percent: host.cpu_percent,
            memory_total_bytes: host.memory_total_bytes,
            memory_percent: host.memory_percent,
            memory_level: host.memory_level().map(FillLevel::as_str),
            load_1m,
            load_5m,
            load_15m,
            network_receive_bytes_per_second: host.network.received,
            network_transmit_bytes_per_second: host.network.transmitted,
            disks: host.disks.iter().map(Disk::of).collect(),
            history: host.history.as_ref().map(History::of),
            availability: windows(uptime),
        }
    }
}

impl Disk {
    fn of(disk: &infrastructure::Disk) -> Self {
        Self {
            name: disk.name.to_string(),
            total_bytes: disk.total_bytes,
            used_percent: disk.used_percent,
            level: disk.level().map(FillLevel::as_str),
        }
    }
}

impl<'a> History<'a> {
    fn of(history: &'a infrastructure::HostHistory) -> Self {
        Self {
            end_at: Instant(history.end_at),
            step_seconds: history.step_seconds,
            cpu_percent: &history.cpu_percent,
            memory_percent: &history.memory_percent,
        }
    }
}
