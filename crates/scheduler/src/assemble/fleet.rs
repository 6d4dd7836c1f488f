//! The drones: two sources, one truth.

use std::collections::HashMap;

use identity::directory::{Directory, SubjectId};
use jiff::Timestamp;
use snapshot::{
    clock::{Now, elapsed, whole_second},
    fleet::{Drone, DroneState, Fleet, Role, Task},
    queue::ItemState,
    section::{SourceName, SourceState},
};

use super::{Assembler, naming::Naming, queue::Placed};
use crate::report::{Node, NodeNames};

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
        let gateway_decides = self.state_of(SourceName::Gateway, now) == Some(SourceState::Online);
        let mut nodes: Vec<Node> = match (&self.gateway, status) {
            (None, None) => return None,
            (Some(gateway), _) => gateway.report.nodes.clone(),
            (None, Some((status, _))) => status.drones.clone(),
        };
        if let (Some(gateway), Some((status, at))) = (&self.gateway, status)
            && !gateway_decides
            && at > gateway.at
        {
            overlay(&mut nodes, &status.drones);
        }
        let grounded: Vec<(String, Timestamp)> = status.map_or_else(Vec::new, |(s, _)| s.grounded.clone());
        let at = now.wall.as_second();
        let mut grounded_until: HashMap<SubjectId, Timestamp> = HashMap::new();
        for (name, until) in grounded {
            if let Some(subject) = self.directory.resolve(&name, SourceName::Orchestrator.as_str(), at) {
                grounded_until.insert(subject, until);
            }
        }
        let mut machines: Vec<Machine> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let is_retired =
                node.last_heard.is_some_and(|heard| elapsed(heard, now.wall) > self.forget_after);
            let Some(subject) = self.subject_of(&node.names, now) else { continue };
            if is_retired {
                continue;
            }
            let machine = Machine { subject, node, grounded_until: grounded_until.get(&subject).copied() };
            match machines.iter_mut().find(|other| other.subject == subject) {
                Some(other) if other.node.last_heard < machine.node.last_heard => *other = machine,
                Some(_) => {}
                None => machines.push(machine),
            }
        }
        Some(machines)
    }

    /// The machine of a record: by its id, else by its name, else by an address.
    fn subject_of(&mut self, names: &NodeNames, now: Now) -> Option<SubjectId> {
        let at = now.wall.as_second();
        let references = names.id.iter().chain(&names.names).chain(&names.addresses);
        references
            .filter_map(|reference| self.directory.resolve(reference, SourceName::Gateway.as_str(), at))
            .next()
    }
}

/// Puts the orchestrator's newer facts over the gateway's old ones.
fn overlay(nodes: &mut Vec<Node>, newer: &[Node]) {
    for node in newer {
        let is_same = |other: &&mut Node| other.names.names.first() == node.names.names.first();
        match nodes.iter_mut().find(is_same) {
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

/// The public fleet. `placed` are the items that drones hold; `before` is what was published last.
pub(super) fn fleet(
    machines: &[Machine],
    placed: &[Placed],
    naming: &mut Naming<'_>,
    before: Option<&Fleet>,
    now: Now,
) -> Fleet {
    let mut drones: Vec<Drone> = Vec::with_capacity(machines.len());
    for machine in machines {
        let Some(name) = naming.directory.name(machine.subject) else { continue };
        let held: Vec<&Placed> = placed.iter().filter(|item| item.subject == Some(machine.subject)).collect();
        let node = &machine.node;
        let is_offline = !node.is_online;
        let task = if is_offline { None } else { task(machine, &held, naming) };
        let state = state(machine, task.is_some(), now);
        let previous = before.and_then(|fleet| fleet.drones.iter().find(|drone| drone.name == name));
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
                Some(drone) if is_same_state(drone.state, state) => drone.state_since,
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
    drones.extend(never_seen(naming.directory, before, now));
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
fn task(machine: &Machine, held: &[&Placed], naming: &Naming<'_>) -> Option<Task> {
    let item = held.iter().find(|item| item.state == ItemState::Building);
    let current = machine.node.current_task.as_ref();
    if item.is_none() && current.is_none() {
        return None;
    }
    let is_item = |raw: &str| item.is_some_and(|item| *item.raw == *raw);
    let compiling = current.filter(|work| !is_item(&work.raw)).and_then(|work| work.atom.as_ref());
    Some(Task {
        package: item.and_then(|item| item.package.clone()),
        compiling: compiling.and_then(|atom| naming.package(atom)),
        started_at: item.and_then(|item| item.started_at),
        estimate: None,
        expected_finish_at: None,
    })
}

/// Drones that the operator named and that no backend ever mentioned.
fn never_seen(directory: &Directory, before: Option<&Fleet>, now: Now) -> Vec<Drone> {
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
            state_since: before
                .and_then(|fleet| fleet.drones.iter().find(|drone| drone.name == star.name))
                .map_or(now.wall, |drone| drone.state_since),
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
