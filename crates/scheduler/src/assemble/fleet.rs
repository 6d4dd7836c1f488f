//! The drones: two sources, one truth.

use std::collections::{HashMap, HashSet};

use identity::{
    directory::{Directory, SubjectId},
    name::PublicName,
};
use jiff::Timestamp;
use snapshot::{
    clock::{Now, elapsed, whole_second},
    fleet::{Drone, DroneState, Fleet, Role, Task},
    queue::ItemState,
    section::SourceName,
};

use super::{Assembler, naming::Naming, queue::Placed};
use crate::report::{Node, NodeNames, Work};

/// A drone with the facts of whichever source decides about it.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) subject: SubjectId,
    pub(super) node: Node,
    /// Held back by the orchestrator until then.
    pub(super) grounded_until: Option<Timestamp>,
}

impl Machine {
    /// Whether anything can be handed to it, as far as its own state goes.
    pub(super) fn is_able(&self, now: Timestamp) -> bool {
        self.node.is_online
            && self.node.is_paused != Some(true)
            && self.grounded_until.is_none_or(|until| until <= now)
    }
}

impl Assembler {
    /// The drones of both sources; `None` while none was ever listed.
    ///
    /// The gateway decides while it is fresh. Otherwise the orchestrator's map does where it is fresher; what only
    /// the gateway knows (role, size) stays.
    pub(super) fn merge_machines(&mut self, now: Now) -> Option<Vec<Machine>> {
        let status = self.orchestrator.as_ref().and_then(|o| Some((o.report.status.as_ref()?, o.at)));
        // What the leak guard holds back says nothing of how fresh the rest is.
        let gateway = self.snapshot.sources.get(SourceName::Gateway);
        let gateway_decides = gateway.is_some_and(|gateway| !gateway.is_late(now));
        let (mut nodes, listed): (Vec<Node>, Listed) = match (&self.gateway, status) {
            (None, None) => return None,
            (Some(gateway), _) => (gateway.report.nodes.clone(), (SourceName::Gateway, gateway.at)),
            (None, Some((status, at))) => (status.drones.clone(), (SourceName::Orchestrator, at)),
        };
        // Those that only the orchestrator knows follow those that were listed.
        let n_listed = nodes.len();
        if let (Some(gateway), Some((status, at))) = (&self.gateway, status)
            && !gateway_decides
            && at > gateway.at
        {
            overlay(&mut nodes, &status.drones);
        }
        let heard = status.map_or(listed, |(_, at)| (SourceName::Orchestrator, at));
        let mut grounded_until: HashMap<SubjectId, Timestamp> = HashMap::new();
        for (name, until) in status.into_iter().flat_map(|(status, _)| &status.grounded) {
            if let Some(subject) = resolve(&mut self.directory, name, heard) {
                grounded_until.insert(subject, *until);
            }
        }
        let mut machines: Vec<Machine> = Vec::with_capacity(nodes.len());
        let mut places: HashMap<SubjectId, usize> = HashMap::new();
        for (place, node) in nodes.into_iter().enumerate() {
            let listed = if place < n_listed { listed } else { heard };
            let Some(subject) = subject_of(&mut self.directory, &node.names, listed) else { continue };
            let silence = node.last_heard.map(|heard| elapsed(heard, now.wall));
            if !node.is_online && silence > Some(self.forget_after) {
                continue;
            }
            let machine = Machine { subject, node, grounded_until: grounded_until.get(&subject).copied() };
            let place = *places.entry(subject).or_insert(machines.len());
            match machines.get_mut(place) {
                Some(other) if other.node.last_heard < machine.node.last_heard => *other = machine,
                Some(_) => {}
                None => machines.push(machine),
            }
        }
        Some(machines)
    }
}

/// Who listed a machine, and when. A name was last seen then, however often it is resolved again.
type Listed = (SourceName, Timestamp);

/// The machine of a record: by its id, else by its name, else by an address.
fn subject_of(directory: &mut Directory, names: &NodeNames, listed: Listed) -> Option<SubjectId> {
    let mut references = names.id.iter().chain(&names.names).chain(&names.addresses);
    references.find_map(|reference| resolve(directory, reference, listed))
}

fn resolve(directory: &mut Directory, reference: &str, (source, at): Listed) -> Option<SubjectId> {
    directory.resolve(reference, source.as_str(), at.as_second())
}

/// Puts the orchestrator's newer facts over the gateway's old ones.
fn overlay(nodes: &mut Vec<Node>, newer: &[Node]) {
    let name = |node: &Node| node.names.names.first().cloned();
    let places: HashMap<Option<String>, usize> =
        nodes.iter().enumerate().map(|(idx, node)| (name(node), idx)).collect();
    for node in newer {
        match places.get(&name(node)).and_then(|idx| nodes.get_mut(*idx)) {
            Some(old) => {
                *old = Node {
                    names: old.names.clone(),
                    role: old.role,
                    is_paused: old.is_paused,
                    cores: old.cores.or(node.cores),
                    memory_gib: old.memory_gib.or(node.memory_gib),
                    ..node.clone()
                };
            }
            None => nodes.push(node.clone()),
        }
    }
}

/// The public fleet. `placed` are the items that drones hold, `items` all that the queue has; `before` is what was published last.
pub(super) fn fleet(
    machines: &[Machine],
    placed: &[Placed],
    items: &HashSet<&str>,
    naming: &mut Naming<'_>,
    before: Option<&Fleet>,
    now: Now,
) -> Fleet {
    let mut drones: Vec<Drone> = Vec::with_capacity(machines.len());
    let mut held_by: HashMap<SubjectId, Vec<&Placed>> = HashMap::new();
    for item in placed {
        if let Some(subject) = item.subject {
            held_by.entry(subject).or_default().push(item);
        }
    }
    let before: HashMap<&PublicName, &Drone> =
        before.into_iter().flat_map(|fleet| &fleet.drones).map(|drone| (&drone.name, drone)).collect();
    for machine in machines {
        let Some(name) = naming.directory.name(machine.subject) else { continue };
        let held = held_by.get(&machine.subject).map_or(&[][..], Vec::as_slice);
        let node = &machine.node;
        let is_offline = !node.is_online;
        let task = if is_offline { None } else { task(machine, held, items, naming) };
        let state = state(machine, task.is_some(), now);
        let previous = before.get(&name);
        let began = match state {
            DroneState::Offline => node.last_heard,
            DroneState::Building => task.as_ref().and_then(|task| task.started_at),
            _ => None,
        };
        let began = began.unwrap_or_else(|| whole_second(now.wall));
        let n_assigned = held.iter().filter(|item| item.state == ItemState::Assigned).count();
        drones.push(Drone {
            role: node.role.unwrap_or(Role::Drone),
            galaxy: naming.directory.galaxy(machine.subject),
            state,
            state_since: match previous {
                // Work may turn out to have begun before it was first seen.
                Some(drone) if is_same_state(drone.state, state) => drone.state_since.min(began),
                Some(drone) => began.max(drone.state_since),
                None => began,
            },
            offline_since: node.last_heard.filter(|_| is_offline),
            cores: node.cores,
            memory_gib: node.memory_gib,
            cpu_percent: node.cpu_percent.filter(|_| !is_offline),
            memory_percent: node.memory_percent.filter(|_| !is_offline),
            load_1m_tenths: node.load_1m_tenths.filter(|_| !is_offline),
            task,
            assigned: u32::try_from(n_assigned).unwrap_or(u32::MAX),
            optional: naming.directory.star(machine.subject).is_some_and(|star| star.optional),
            name,
        });
    }
    drones.extend(never_seen(naming.directory, &before, now));
    drones.sort_by(|a, b| a.name.cmp(&b.name));
    Fleet { drones }
}

/// First match: silent, held back by the operator, held back by the orchestrator, at work, idle.
fn state(machine: &Machine, has_task: bool, now: Now) -> DroneState {
    if !machine.node.is_online {
        DroneState::Offline
    } else if machine.node.is_paused == Some(true) {
        DroneState::Paused
    } else if let Some(until) = machine.grounded_until.filter(|until| *until > now.wall) {
        DroneState::Grounded { until }
    } else if has_task {
        DroneState::Building
    } else {
        DroneState::Idle
    }
}

fn is_same_state(a: DroneState, b: DroneState) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

/// What an online drone works on: the item that it builds, and what it compiles for it.
fn task(machine: &Machine, held: &[&Placed], items: &HashSet<&str>, naming: &Naming<'_>) -> Option<Task> {
    let current = machine.node.current_task.as_ref();
    let is_current = |item: &Placed| current.is_some_and(|work| work.raw == item.raw);
    let building = || held.iter().filter(|item| item.state == ItemState::Building);
    let item = building().find(|item| is_current(item)).or_else(|| building().next());
    let clear = |work: &Work| work.atom.as_ref().and_then(|atom| naming.package(atom));
    let (package, compiling) = match (item, current) {
        (None, None) => return None,
        (Some(item), current) => {
            (item.package.clone(), current.filter(|work| work.raw != item.raw).and_then(clear))
        }
        // A drone that just finished names its last item until its next heartbeat.
        (None, Some(work)) if items.contains(&*work.raw) => (clear(work), None),
        (None, Some(work)) => (None, clear(work)),
    };
    let started_at = item.and_then(|item| item.started_at);
    let estimate = item.and_then(|item| item.estimate);
    let expected_finish_at = item.and_then(|item| item.expected_finish_at);
    Some(Task { package, compiling, started_at, estimate, expected_finish_at })
}

/// Drones that the operator named and that no backend ever mentioned.
fn never_seen(directory: &Directory, before: &HashMap<&PublicName, &Drone>, now: Now) -> Vec<Drone> {
    let role = |word: &str| match word {
        "drone" => Some(Role::Drone),
        "sweeper" => Some(Role::Sweeper),
        _ => None,
    };
    let stars = directory.unseen_stars().filter_map(|star| Some((star, role(star.role.as_ref()?.as_str())?)));
    stars
        .map(|(star, role)| Drone {
            name: star.name.clone(),
            role,
            galaxy: star.galaxy.clone(),
            state: DroneState::Unknown,
            state_since: before.get(&star.name).map_or(whole_second(now.wall), |drone| drone.state_since),
            offline_since: None,
            cores: None,
            memory_gib: None,
            cpu_percent: None,
            memory_percent: None,
            load_1m_tenths: None,
            task: None,
            assigned: 0,
            optional: star.optional,
        })
        .collect()
}
