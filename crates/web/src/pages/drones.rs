//! The drones, one card each.

use serde::Serialize;
use snapshot::{
    fleet::{Drone, DroneState, Role, Task},
    history::History,
};

use super::{
    badge::Badge,
    scene::{Age, Scene},
    time::Instant,
    words::{DroneName, Package, anchor, length, maybe_number, number, package},
};

/// The drones.
#[derive(Debug, Serialize)]
pub(super) struct FleetView {
    /// How old all of this is.
    pub(super) age: Age,
    /// Whether any list of drones was ever known.
    pub(super) is_known: bool,
    /// How many are in each state, those in no state left out: "3 of 4 online", "2 building".
    pub(super) counts: Vec<Badge>,
    /// The drones, those at work first.
    pub(super) drones: Vec<DroneView>,
}

/// One drone.
#[derive(Debug, Serialize)]
pub(super) struct DroneView {
    /// Its place on the page.
    pub(super) anchor: String,
    /// Its public name.
    pub(super) name: String,
    /// Its page, below the base path.
    pub(super) path: String,
    /// Its role, where it is a special one.
    pub(super) role: Option<&'static str>,
    /// Its galaxy.
    pub(super) galaxy: Option<String>,
    /// Its state.
    pub(super) badge: Badge,
    /// Since when; for one that is offline, since when it is not heard.
    pub(super) since: Instant,
    /// When the orchestrator lets it work again.
    pub(super) until: Option<Instant>,
    /// Whether it is heard of, so that its load can be known.
    pub(super) is_offline: bool,
    /// Processor cores.
    pub(super) cores: Option<String>,
    /// Memory in GiB.
    pub(super) memory_gib: Option<String>,
    /// Processor use.
    pub(super) cpu_percent: Option<u8>,
    /// Memory use.
    pub(super) memory_percent: Option<u8>,
    /// Load over one minute.
    pub(super) load: Option<String>,
    /// What it works on.
    pub(super) task: Option<TaskView>,
    /// What it built last, told of one that is offline.
    pub(super) last_build: Option<Package>,
    /// Items that wait for it.
    pub(super) assigned: Option<String>,
    /// It may sleep without being missed.
    pub(super) is_optional: bool,
}

/// What a drone works on.
#[derive(Debug, Serialize)]
pub(super) struct TaskView {
    /// The queue's item.
    pub(super) package: Option<Package>,
    /// The dependency that is compiled right now.
    pub(super) compiling: Option<Package>,
}

impl FleetView {
    pub(super) fn of(scene: Scene<'_>) -> Self {
        let history = scene.snapshot.history.get();
        let mut drones: Vec<&Drone> = scene.drones().iter().collect();
        drones.sort_by_key(|drone| rank(drone.state));
        Self {
            age: scene.age(scene.drone_source()),
            is_known: scene.snapshot.fleet.get().is_some(),
            counts: counts(scene),
            drones: drones.into_iter().map(|drone| DroneView::of(scene, drone, history)).collect(),
        }
    }
}

impl DroneView {
    pub(super) fn of(scene: Scene<'_>, drone: &Drone, history: Option<&History>) -> Self {
        let is_offline = drone.state == DroneState::Offline;
        let built_last = || history?.builds.iter().find(|build| build.drone.as_ref() == Some(&drone.name));
        let last_build = if is_offline { built_last() } else { None };
        let until = match drone.state {
            DroneState::Grounded { until } => Some(scene.minute(until)),
            _ => None,
        };
        Self {
            anchor: anchor("drone", drone.name.as_str()),
            name: drone.name.to_string(),
            path: DroneName::of(drone.name.as_str()).path,
            role: (drone.role == Role::Sweeper).then(|| drone.role.as_str()),
            galaxy: drone.galaxy.as_ref().map(ToString::to_string),
            badge: Badge::drone(drone.state, drone.optional),
            since: scene.minute(drone.offline_since.unwrap_or(drone.state_since)),
            until,
            is_offline,
            cores: maybe_number(drone.cores),
            memory_gib: maybe_number(drone.memory_gib),
            cpu_percent: drone.cpu_percent,
            memory_percent: drone.memory_percent,
            load: drone.load_1m_tenths.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10)),
            task: drone.task.as_ref().map(TaskView::of),
            last_build: last_build.and_then(|build| package!(build.package)),
            assigned: (drone.assigned > 0).then(|| number(drone.assigned)),
            is_optional: drone.optional,
        }
    }
}

impl TaskView {
    fn of(task: &Task) -> Self {
        Self { package: package!(task.package), compiling: package!(task.compiling) }
    }
}

/// At work, able, held back, silent: what a reader looks for first.
fn rank(state: DroneState) -> u8 {
    match state {
        DroneState::Building => 0,
        DroneState::Idle => 1,
        DroneState::Grounded { .. } => 2,
        DroneState::Paused => 3,
        DroneState::Offline => 4,
        DroneState::Unknown => 5,
    }
}

fn counts(scene: Scene<'_>) -> Vec<Badge> {
    let mut states: Vec<(DroneState, u32)> = Vec::new();
    let drones = scene.drones();
    let mut sorted: Vec<DroneState> = drones.iter().map(|drone| drone.state).collect();
    sorted.sort_by_key(|state| rank(*state));
    for group in sorted.chunk_by(|a, b| rank(*a) == rank(*b)) {
        states.extend(group.first().map(|state| (*state, length(group))));
    }
    let are_all_optional = |state: DroneState| {
        drones.iter().filter(|drone| rank(drone.state) == rank(state)).all(|drone| drone.optional)
    };
    let badge = |(state, n)| Badge::drone(state, are_all_optional(state)).counting(n);
    states.into_iter().map(badge).collect()
}
