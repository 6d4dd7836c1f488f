//! One drone on the wire: the gateway's list and the orchestrator's map share most of it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use serde::Deserialize;
use snapshot::{clock::whole_second, fleet::Role};

use super::{
    instants::Instants,
    wire::{Flag, Number, Text, lenient},
};
use crate::report::{Held, Node, NodeNames, Work};

#[derive(Debug, Deserialize)]
pub(super) struct WireNode {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    ip: Text,
    #[serde(default)]
    tailscale_ip: Text,
    #[serde(default, rename = "type")]
    kind: Text,
    #[serde(default)]
    cores: Number,
    #[serde(default)]
    ram_gb: Number,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    online: Flag,
    #[serde(default)]
    paused: Flag,
    #[serde(default)]
    last_seen: Number,
    #[serde(default)]
    current_task: Text,
    #[serde(default, deserialize_with = "lenient")]
    capabilities: WireCapabilities,
    #[serde(default, deserialize_with = "lenient")]
    metrics: WireMetrics,
    #[serde(default, deserialize_with = "lenient")]
    assigned_packages: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    build_progress: Vec<WireProgress>,
}

#[derive(Debug, Default, Deserialize)]
struct WireCapabilities {
    #[serde(default)]
    cores: Number,
    #[serde(default)]
    ram_gb: Number,
    #[serde(default)]
    hostname: Text,
    #[serde(default)]
    tailscale_ip: Text,
}

/// The flattened `cpu_percent` and `ram_percent` beside this object say 0 when nothing is known; they are not read.
#[derive(Debug, Default, Deserialize)]
struct WireMetrics {
    #[serde(default)]
    cpu_percent: Number,
    #[serde(default)]
    ram_percent: Number,
    #[serde(default)]
    load_1m: Number,
}

#[derive(Debug, Deserialize)]
struct WireProgress {
    package: String,
    #[serde(default)]
    building_since: Number,
    #[serde(default)]
    elapsed_s: Number,
}

impl WireNode {
    /// Whether the record is of a machine that builds; a record without a type is one.
    pub(super) fn is_drone(&self) -> bool {
        matches!(self.kind.as_deref(), None | Some("drone" | "sweeper"))
    }

    pub(super) fn names(self) -> NodeNames {
        let capabilities = self.capabilities;
        let names = [Some(self.name).filter(|name| !name.is_empty()), capabilities.hostname.get()];
        let addresses = [self.ip.get(), self.tailscale_ip.get(), capabilities.tailscale_ip.get()];
        NodeNames {
            id: self.id.get(),
            names: names.into_iter().flatten().collect(),
            addresses: addresses.into_iter().flatten().collect(),
        }
    }

    /// The record as it is reported; `None` when nothing identifies it.
    pub(super) fn report(self, instants: &mut Instants) -> Option<Node> {
        if self.name.is_empty() && self.id.as_deref().is_none() {
            return None;
        }
        Some(Node {
            role: self
                .kind
                .as_deref()
                .map(|kind| if kind == "sweeper" { Role::Sweeper } else { Role::Drone }),
            is_online: self.is_online(),
            is_paused: self.paused.0,
            last_heard: instants.read(self.last_seen),
            cores: self.cores.count().or(self.capabilities.cores.count()).filter(|n| *n > 0),
            memory_gib: self.ram_gb.count().or(self.capabilities.ram_gb.count()).filter(|n| *n > 0),
            cpu_percent: self.metrics.cpu_percent.percent(),
            memory_percent: self.metrics.ram_percent.percent(),
            load_1m_tenths: self.metrics.load_1m.tenths(),
            current_task: self.current_task.as_deref().map(Work::parse),
            held: self.held(instants),
            names: self.names(),
        })
    }

    /// Word and flag must agree as far as they are there.
    fn is_online(&self) -> bool {
        match (self.status.as_deref(), self.online.0) {
            (Some(status), online) => status == "online" && online != Some(false),
            (None, online) => online == Some(true),
        }
    }

    /// What it builds, and then what it was handed beyond that.
    fn held(&self, instants: &mut Instants) -> Vec<Held> {
        let began_about = |elapsed: Number, instants: &Instants| {
            let elapsed = Duration::from_millis(elapsed.duration_ms()?);
            Some(whole_second(instants.now().checked_sub(elapsed).ok()?))
        };
        let mut seen = HashSet::new();
        let building = self.build_progress.iter().map(|progress| Held {
            raw: Arc::from(progress.package.as_str()),
            building_since: instants.read(progress.building_since),
            began_about: began_about(progress.elapsed_s, instants),
        });
        let mut held: Vec<Held> = building.filter(|held| seen.insert(Arc::clone(&held.raw))).collect();
        let assigned = self.assigned_packages.iter().map(|package| Arc::from(package.as_str()));
        for raw in assigned.filter(|raw| seen.insert(Arc::clone(raw))) {
            held.push(Held { raw, building_since: None, began_about: None });
        }
        held
    }
}
