//! The components: the swarm, its sources, drones, services and hosts, as far as anybody knows how they are.

use std::fmt::Display;

use jiff::Timestamp;
use serde::Serialize;
use snapshot::{
    fleet::{Drone, DroneState},
    infrastructure::{Reachability, services::services},
    section::{SourceName, SourceState},
    situation::Situation,
    status::{self, SwarmStatus},
};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use crate::{documents::form::Instant, integrations::id::Minter, moment::Moment};

/// A component, or a group of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatuspageComponent)]
pub(super) struct Component {
    id: String,
    name: String,
    #[schema(schema_with = states)]
    status: &'static str,
    created_at: Instant,
    updated_at: Instant,
    position: usize,
    description: Option<&'static str>,
    showcase: bool,
    start_date: Option<&'static str>,
    group_id: Option<String>,
    page_id: String,
    group: bool,
    only_show_if_degraded: bool,
    /// Of a group: what is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<String>>,
}

/// How a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Operational,
    UnderMaintenance,
    Degraded,
    PartialOutage,
    MajorOutage,
}

/// What a component is made of.
struct Draft {
    kind: &'static str,
    name: String,
    state: State,
    since: Timestamp,
}

/// Every component whose state is known now, those of a kind below their group.
pub(super) fn components(moment: &Moment<'_>, minter: &Minter, page: &str) -> Vec<Component> {
    let groups = [
        ("Sources", sources(moment)),
        ("Drones", drones(moment)),
        ("Services", watched_services(moment)),
        ("Hosts", hosts(moment)),
    ];
    let new = |draft: Draft, group: Option<&str>, position: usize| Component {
        id: minter.short(&[&"component", &draft.kind, &draft.name]),
        name: draft.name,
        status: draft.state.as_str(),
        created_at: Instant(draft.since),
        updated_at: Instant(draft.since),
        position,
        description: None,
        showcase: false,
        start_date: None,
        group_id: group.map(str::to_owned),
        page_id: page.to_owned(),
        group: false,
        only_show_if_degraded: false,
        components: None,
    };
    let mut all: Vec<Component> = swarm(moment).map(|draft| new(draft, None, 1)).into_iter().collect();
    for (name, drafts) in groups.into_iter().filter(|(_, drafts)| !drafts.is_empty()) {
        let worst = drafts.iter().map(|draft| draft.state).max().unwrap_or(State::Operational);
        let since = drafts.iter().map(|draft| draft.since).max().unwrap_or(moment.snapshot.started_at);
        let is_all = drafts.iter().all(|draft| draft.state == worst);
        // One of many that is down is no outage of all.
        let state = if worst == State::MajorOutage && !is_all { State::PartialOutage } else { worst };
        let group = Draft { kind: "group", name: name.to_owned(), state, since };
        let mut group = Component { group: true, ..new(group, None, all.len() + 1) };
        let id = group.id.clone();
        let members = drafts.into_iter().zip(1..).map(|(draft, position)| new(draft, Some(&id), position));
        let members: Vec<Component> = members.collect();
        group.components = Some(members.iter().map(|member| member.id.clone()).collect());
        all.push(group);
        all.extend(members);
    }
    all
}

/// How a component can be.
fn states() -> Object {
    let words = State::ALL.map(State::as_str);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// The name of a component, for those who tell of it elsewhere.
pub(super) fn id(minter: &Minter, kind: &dyn Display, name: &dyn Display) -> String {
    minter.short(&[&"component", kind, name])
}

fn swarm(moment: &Moment<'_>) -> Option<Draft> {
    let Moment { snapshot, now, .. } = *moment;
    let status = status::swarm_status(&Situation::of(snapshot, now));
    let state = match status {
        SwarmStatus::Active | SwarmStatus::Idle => State::Operational,
        SwarmStatus::Paused => State::UnderMaintenance,
        SwarmStatus::Degraded => State::Degraded,
        SwarmStatus::Offline => State::MajorOutage,
        SwarmStatus::Unknown => return None,
    };
    let since = status::swarm_status_since(snapshot, status, now)?;
    Some(Draft { kind: "swarm", name: "Build swarm".to_owned(), state, since })
}

fn sources(moment: &Moment<'_>) -> Vec<Draft> {
    let draft = |(name, source): (SourceName, &snapshot::section::Observation)| {
        let state = match source.state(moment.now) {
            SourceState::Online => State::Operational,
            SourceState::Stale => State::Degraded,
            SourceState::Offline => State::MajorOutage,
            SourceState::Unknown => return None,
        };
        let since = source.since(moment.now);
        Some(Draft { kind: "source", name: name.title().to_owned(), state, since })
    };
    moment.snapshot.sources.iter().filter_map(draft).collect()
}

fn drones(moment: &Moment<'_>) -> Vec<Draft> {
    let gateway = moment.snapshot.sources.get(SourceName::Gateway);
    let source = gateway.map_or(SourceName::Orchestrator, |_| SourceName::Gateway);
    if !is_heard(moment, source) {
        return Vec::new();
    }
    let draft = |drone: &Drone| {
        let state = match drone.state {
            DroneState::Building | DroneState::Idle => State::Operational,
            DroneState::Paused => State::UnderMaintenance,
            DroneState::Grounded { .. } => State::Degraded,
            // One that may sleep is not missed.
            DroneState::Offline if drone.optional => return None,
            DroneState::Offline => State::MajorOutage,
            DroneState::Unknown => return None,
        };
        Some(Draft { kind: "drone", name: drone.name.to_string(), state, since: drone.state_since })
    };
    moment.snapshot.fleet.get().into_iter().flat_map(|fleet| &fleet.drones).filter_map(draft).collect()
}

fn hosts(moment: &Moment<'_>) -> Vec<Draft> {
    let metrics = moment.snapshot.metrics.get().filter(|_| is_heard(moment, SourceName::Prometheus));
    let hosts = metrics.into_iter().flat_map(|metrics| &metrics.hosts);
    let draft = |host: &snapshot::infrastructure::Host| {
        let state = reached(host.state)?;
        Some(Draft { kind: "host", name: host.name.to_string(), state, since: host.state_since })
    };
    hosts.filter_map(draft).collect()
}

fn watched_services(moment: &Moment<'_>) -> Vec<Draft> {
    let draft = |service: snapshot::infrastructure::Service| {
        let source = match service.measured_by {
            snapshot::infrastructure::Measure::Probe => SourceName::Probes,
            snapshot::infrastructure::Measure::Prometheus => SourceName::Prometheus,
        };
        let state = reached(service.state).filter(|_| is_heard(moment, source))?;
        Some(Draft { kind: "service", name: service.name.to_string(), state, since: service.state_since })
    };
    services(moment.snapshot).unwrap_or_default().into_iter().filter_map(draft).collect()
}

fn is_heard(moment: &Moment<'_>, source: SourceName) -> bool {
    moment.snapshot.source_state(source, moment.now) == Some(SourceState::Online)
}

const fn reached(state: Reachability) -> Option<State> {
    match state {
        Reachability::Up => Some(State::Operational),
        Reachability::Degraded => Some(State::Degraded),
        Reachability::Down => Some(State::MajorOutage),
        Reachability::Unknown => None,
    }
}

impl State {
    const ALL: [Self; 5] =
        [Self::Operational, Self::UnderMaintenance, Self::Degraded, Self::PartialOutage, Self::MajorOutage];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::UnderMaintenance => "under_maintenance",
            Self::Degraded => "degraded_performance",
            Self::PartialOutage => "partial_outage",
            Self::MajorOutage => "major_outage",
        }
    }
}
