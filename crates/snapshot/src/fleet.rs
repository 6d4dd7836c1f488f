//! The drones: the machines that build.

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::estimate::Estimate;

/// Every drone that is not retired, ordered by name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Fleet {
    /// The drones.
    pub drones: Vec<Drone>,
}

/// One drone, as last known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drone {
    /// Its public name.
    pub name: PublicName,
    /// What it does in the swarm.
    pub role: Role,
    /// Its galaxy.
    pub galaxy: Option<PublicName>,
    /// What it was doing when last heard of.
    pub state: DroneState,
    /// Since when, as far as was seen.
    pub state_since: Timestamp,
    /// When it was last heard; `None` unless it is offline.
    pub offline_since: Option<Timestamp>,
    /// Processor cores.
    pub cores: Option<u32>,
    /// Memory, in GiB.
    pub memory_gib: Option<u32>,
    /// Processor use, 0 to 100; `None` while offline.
    pub cpu_percent: Option<u8>,
    /// Memory use, 0 to 100; `None` while offline.
    pub memory_percent: Option<u8>,
    /// Load over one minute, in tenths; `None` while offline.
    pub load_1m_tenths: Option<u32>,
    /// What it works on; `None` when on nothing.
    pub task: Option<Task>,
    /// Items handed to it beyond the current one.
    pub assigned: u32,
    /// It may sleep without being missed.
    pub optional: bool,
}

/// What a drone does in the swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Builds what comes.
    Drone,
    /// Builds what others failed.
    Sweeper,
}

/// What a drone was doing when last heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DroneState {
    /// Not heard of.
    Offline,
    /// Held back by the operator.
    Paused,
    /// Held back by the orchestrator after failures, until then.
    Grounded {
        /// The end of the punishment.
        until: Timestamp,
    },
    /// At work.
    Building,
    /// Waiting for work.
    Idle,
    /// Configured, never seen.
    Unknown,
}

/// What a drone works on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The queue's item; `None` if unknown or withheld.
    pub package: Option<PackageAtom>,
    /// The dependency that is compiled right now; `None` if it is the package itself.
    pub compiling: Option<PackageAtom>,
    /// When work on the package began; `None` while only dependencies compile.
    pub started_at: Option<Timestamp>,
    /// How long the package should take.
    pub estimate: Option<Estimate>,
    /// When it should be done.
    pub expected_finish_at: Option<Timestamp>,
}

/// How many drones are in each state. Those never seen are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DroneCounts {
    /// Online and offline.
    pub total: u32,
    /// Building, idle, paused and grounded.
    pub online: u32,
    /// At work.
    pub building: u32,
    /// Silent.
    pub offline: u32,
    /// Waiting for work.
    pub idle: u32,
    /// Held back by the operator.
    pub paused: u32,
    /// Held back by the orchestrator.
    pub grounded: u32,
}

impl Fleet {
    /// Counts the drones by state.
    #[must_use]
    pub fn counts(&self) -> DroneCounts {
        let mut counts = DroneCounts::default();
        for drone in &self.drones {
            let counter = match drone.state {
                DroneState::Offline => &mut counts.offline,
                DroneState::Paused => &mut counts.paused,
                DroneState::Grounded { .. } => &mut counts.grounded,
                DroneState::Building => &mut counts.building,
                DroneState::Idle => &mut counts.idle,
                DroneState::Unknown => continue,
            };
            *counter += 1;
        }
        counts.online = counts.building + counts.idle + counts.paused + counts.grounded;
        counts.total = counts.online + counts.offline;
        counts
    }
}

impl Drone {
    /// Whether the swarm counts on it.
    #[must_use]
    pub fn is_expected(&self) -> bool {
        self.role == Role::Drone && !self.optional && self.state != DroneState::Unknown
    }

    /// Whether it can take work.
    #[must_use]
    pub fn is_able(&self) -> bool {
        matches!(self.state, DroneState::Building | DroneState::Idle)
    }
}

impl Role {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drone => "drone",
            Self::Sweeper => "sweeper",
        }
    }
}

impl DroneState {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Paused => "paused",
            Self::Grounded { .. } => "grounded",
            Self::Building => "building",
            Self::Idle => "idle",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, drone};

    #[test]
    fn every_drone_counts_in_one_state_and_the_unseen_in_none() {
        let until = at("2026-02-23T15:00:00Z");
        let states = [
            DroneState::Offline,
            DroneState::Offline,
            DroneState::Paused,
            DroneState::Grounded { until },
            DroneState::Building,
            DroneState::Building,
            DroneState::Building,
            DroneState::Idle,
            DroneState::Unknown,
        ];
        let mut drones = states.map(|state| drone("Izar", state));
        drones[7].role = Role::Sweeper;
        let counts = Fleet { drones: drones.into() }.counts();
        let expected =
            DroneCounts { total: 8, online: 6, building: 3, offline: 2, idle: 1, paused: 1, grounded: 1 };
        assert_eq!(counts, expected);
    }

    #[test]
    fn sweepers_sleepers_and_the_unseen_are_not_expected() {
        let izar = |change: fn(&mut Drone)| {
            let mut izar = drone("Izar", DroneState::Idle);
            change(&mut izar);
            izar.is_expected()
        };
        assert!(izar(|_| {}));
        assert!(izar(|it| it.state = DroneState::Offline));
        assert!(!izar(|it| it.role = Role::Sweeper));
        assert!(!izar(|it| it.optional = true));
        assert!(!izar(|it| it.state = DroneState::Unknown));
    }
}
