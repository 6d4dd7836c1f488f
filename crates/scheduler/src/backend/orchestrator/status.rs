//! `/api/v1/status` on the wire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use snapshot::control::SessionState;

use crate::{
    backend::{
        instants::Instants,
        node::WireNode,
        wire::{Number, Text, lenient},
    },
    report::{QueueRow, Remark, RowStatus, SessionReport, StatusCounts, StatusReport, Work},
};

pub(super) const PATH: &str = "/api/v1/status";

/// Counts stand beside the rest; the estimates and statistics that it also has are not read.
#[derive(Debug, Deserialize)]
pub(super) struct WireStatus {
    #[serde(default)]
    version: Text,
    paused: bool,
    #[serde(default)]
    needed: Number,
    #[serde(default)]
    delegated: Number,
    #[serde(default)]
    received: Number,
    #[serde(default)]
    blocked: Number,
    #[serde(default)]
    failed: Number,
    #[serde(default)]
    total: Number,
    #[serde(default, deserialize_with = "lenient")]
    session: Option<WireSession>,
    #[serde(default, deserialize_with = "lenient")]
    packages: WirePackages,
    #[serde(default, deserialize_with = "lenient")]
    drones: BTreeMap<String, WireNode>,
    #[serde(default, deserialize_with = "lenient")]
    drone_health: BTreeMap<String, WireHealth>,
}

/// The session's name is the operator's free text and is not read.
#[derive(Debug, Deserialize)]
struct WireSession {
    #[serde(default)]
    status: Text,
    #[serde(default)]
    total_packages: Number,
    #[serde(default)]
    completed_packages: Number,
    #[serde(default)]
    failed_packages: Number,
    #[serde(default)]
    started_at: Number,
    #[serde(default)]
    completed_at: Number,
}

#[derive(Debug, Default, Deserialize)]
struct WirePackages {
    #[serde(default)]
    needed: Vec<String>,
    #[serde(default)]
    delegated: BTreeMap<String, WireDelegated>,
    #[serde(default)]
    blocked: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct WireDelegated {
    #[serde(default)]
    drone: Text,
}

/// A raw row with addresses in it, of which one field is taken.
#[derive(Debug, Deserialize)]
struct WireHealth {
    #[serde(default)]
    grounded_until: Grounded,
}

/// An instant in the future, which [`Instants`] would refuse.
#[derive(Debug, Default)]
struct Grounded(Option<Timestamp>);

impl<'de> Deserialize<'de> for Grounded {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = Number::deserialize(deserializer)?.count();
        Ok(Self(seconds.and_then(|seconds| Timestamp::from_second(i64::from(seconds)).ok())))
    }
}

impl WireStatus {
    pub(super) fn report(self, instants: &mut Instants) -> StatusReport {
        let drones = self.drones.into_iter().filter_map(|(name, mut node)| {
            if node.name.is_empty() {
                node.name = name;
            }
            node.report(instants)
        });
        let drones = drones.collect();
        let grounded = self.drone_health.into_iter();
        StatusReport {
            version: self.version.get(),
            is_paused: Some(self.paused),
            session: self.session.map(|session| session.report(instants)),
            drones,
            grounded: grounded.filter_map(|(name, health)| Some((name, health.grounded_until.0?))).collect(),
            counts: StatusCounts {
                needed: self.needed.count(),
                delegated: self.delegated.count(),
                received: self.received.count(),
                blocked: self.blocked.count(),
                failed: self.failed.count(),
                total: self.total.count(),
            },
            mentioned: self.packages.rows(),
        }
    }
}

impl WireSession {
    fn report(&self, instants: &mut Instants) -> SessionReport {
        SessionReport {
            state: match self.status.as_deref() {
                Some("active") => Some(SessionState::Active),
                Some("completed") => Some(SessionState::Completed),
                Some("aborted") => Some(SessionState::Aborted),
                _ => None,
            },
            started_at: instants.read(self.started_at),
            finished_at: instants.read(self.completed_at),
            total: self.total_packages.count(),
            completed: self.completed_packages.count(),
            failed: self.failed_packages.count(),
        }
    }
}

impl WirePackages {
    fn rows(self) -> Vec<QueueRow> {
        let row = |package: &str, status, drone| QueueRow {
            work: Work::parse(package),
            status,
            drone,
            failures: 0,
            remark: Remark::Other,
            assigned_at: None,
        };
        let delegated = self.delegated.into_iter();
        let delegated =
            delegated.map(|(package, held)| row(&package, RowStatus::Delegated, held.drone.get()));
        let needed = self.needed.iter().map(|package| row(package, RowStatus::Needed, None));
        let blocked = self.blocked.iter().map(|package| row(package, RowStatus::Blocked, None));
        delegated.chain(needed).chain(blocked).collect()
    }
}
