//! A deterministic build swarm: machines, a queue that fills and drains, builds that fail as real ones do.
//!
//! The world is a function of its seed, its start and the verbs called on it: [`World::advance_to`] handles
//! every event at its own instant, so that one long step and a thousand short ones lead to the same state.
//! It keeps wall time. A speed of 20 does not make its clock run faster (its instants would lie in the reader's
//! future); it makes everything last a twentieth: a build of 600 s takes 30 s and is reported with 30 s.
//!
//! - `machines`, `packages`, `errors`: who builds, what is built, and what goes wrong in which words.
//! - `dice`: the seeded source of chance.
//! - `state`: items, builds, sessions and nodes, as plain data.
//! - `schedule`: which event is due next. `sessions`, `handout`, `outcome`: the way of the work.
//! - `fleet`: outages, groundings and pauses.
//! - `journal`, `curve`: what was, and what is always there; `hosts` reads both and needs no steps of its own.
//! - `stations`, `services`, `alerts`, `logs`: what else is watched; `outages`: what of it is stopped by hand.
//! - `opening`: the days before the start. `verbs`: what tests and demos may do by hand. `civil`: calendar dates.

use self::dice::Dice;
use self::outages::Outage;
use self::state::{Build, Item, ItemState, Node, Session};
use self::stations::Station;

pub mod alerts;
pub(crate) mod civil;
mod curve;
mod dice;
mod errors;
mod fleet;
mod handout;
pub mod hosts;
mod journal;
pub mod logs;
pub mod machines;
mod opening;
mod outages;
mod outcome;
pub mod packages;
mod schedule;
pub mod services;
mod sessions;
pub mod state;
pub mod stations;
mod verbs;

#[cfg(test)]
mod tests;

/// A minute, in seconds.
const MINUTE: f64 = 60.0;
/// An hour, in seconds.
const HOUR: f64 = 3600.0;

/// The swarm at one instant.
#[derive(Debug, Clone)]
pub struct World {
    seed: u64,
    speed: f64,
    now: f64,
    /// When the control plane was started, long before anything that is told.
    booted_at: f64,
    /// When the history begins.
    begun_at: f64,
    dice: Dice,
    nodes: Vec<Node>,
    items: Vec<Item>,
    /// The items that are not received, oldest first: all that anything can still happen to.
    open: Vec<usize>,
    builds: Vec<Build>,
    sessions: Vec<Session>,
    stations: Vec<Station>,
    /// What was stopped by hand beside the farm's machines, oldest first.
    outages: Vec<Outage>,
    /// How often each package of the catalogue was wanted in a new version.
    bumps: Vec<u32>,
    paused: bool,
    timers: Timers,
}

/// The instants of what happens to the swarm as a whole; infinity is never.
#[derive(Debug, Clone)]
struct Timers {
    session: f64,
    pause: f64,
    resume: f64,
    outage: f64,
    bad_spell: f64,
    retirement: f64,
    /// By how much the time between sessions shrinks: 1 in the past, the speed from the start on.
    gap_speed: f64,
}

impl World {
    /// A world in full swing at `start_unix` (seconds since 1970), with two and a half days of history.
    #[must_use]
    pub fn new(seed: u64, start_unix: f64) -> Self {
        Self::with_speed(seed, start_unix, 1.0)
    }

    /// The same, in which everything lasts a `speed`th; a speed that is not positive and finite counts as 1.
    ///
    /// The history covers as many days at any speed, so that a page's charts are full whatever the speed.
    #[must_use]
    pub fn with_speed(seed: u64, start_unix: f64, speed: f64) -> Self {
        let speed = if speed.is_finite() && speed > 0.0 { speed } else { 1.0 };
        opening::open(seed, start_unix, speed)
    }

    /// Lets time pass until `unix`, in seconds since 1970; an instant in the past changes nothing.
    pub fn advance_to(&mut self, unix: f64) {
        loop {
            let due = self.next_due();
            if due > unix {
                break;
            }
            self.now = self.now.max(due);
            self.step();
        }
        self.now = self.now.max(unix);
    }

    /// The instant up to which the world has been told, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> f64 {
        self.now
    }

    /// How many seconds the control plane has been up.
    #[must_use]
    pub fn uptime(&self) -> f64 {
        self.now - self.booted_at
    }

    /// Whether the operator has paused the swarm.
    #[must_use]
    pub fn paused(&self) -> bool {
        self.paused
    }

    /// The nodes that the control plane knows; removed ones are not among them.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.removed)
    }

    /// Every item that was ever wanted, oldest first.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Every build that ended, oldest first.
    #[must_use]
    pub fn builds(&self) -> &[Build] {
        &self.builds
    }

    /// Every session, oldest first.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The session that is open now.
    #[must_use]
    pub fn active_session(&self) -> Option<&Session> {
        self.sessions.last().filter(|session| session.completed_at.is_none())
    }

    /// The item with the number `item`.
    #[must_use]
    pub fn item(&self, item: usize) -> &Item {
        &self.items[item]
    }

    /// The name under which rows show a machine: its host name, or of a removed one the start of its id.
    #[must_use]
    pub fn drone_name(&self, machine: usize) -> &'static str {
        let Some(node) = self.nodes.get(machine) else { return "unknown" };
        if node.removed { node.machine.id_prefix() } else { node.machine.host }
    }

    /// The id of a machine, removed or not.
    #[must_use]
    pub fn drone_id(&self, machine: usize) -> &'static str {
        self.nodes.get(machine).map_or("unknown", |node| node.machine.id)
    }

    /// How many items are in the state that `wanted` accepts.
    #[must_use]
    pub fn count(&self, wanted: impl Fn(&ItemState) -> bool) -> usize {
        self.items.iter().filter(|item| wanted(&item.state)).count()
    }

    /// The metrics that a node's last heartbeat carried.
    #[must_use]
    pub fn metrics(&self, node: &Node) -> state::Metrics {
        fleet::metrics(self.seed, node, self.now)
    }

    /// `seconds` of the real swarm, in the world's time.
    fn scaled(&self, seconds: f64) -> f64 {
        seconds / self.speed
    }
}
