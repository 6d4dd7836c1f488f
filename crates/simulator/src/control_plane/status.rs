//! `/api/v1/status`: everything at a glance. Its counts are never limited to the session.

use serde_json::{Map, Value, json};

use super::timing::{self, Estimates};
use super::{VERSION, nodes};
use crate::world::World;
use crate::world::state::{Build, Health, Item, ItemState, Session};

/// How many waiting packages are listed.
const LISTED: usize = 10;

/// The whole document.
pub(super) fn document(world: &World) -> Value {
    let needed = world.count(|state| *state == ItemState::Needed);
    let delegated = world.count(|state| *state == ItemState::Delegated);
    let received = world.count(|state| *state == ItemState::Received);
    let blocked = world.count(is_blocked);
    json!({
        "needed": needed,
        "delegated": delegated,
        "received": received,
        "blocked": blocked,
        "failed": 0,
        "total": world.items().len(),
        "queue_depth": needed + delegated,
        "queue_received": received,
        "queue_blocked": blocked,
        "nodes": world.nodes().count(),
        "nodes_online": world.nodes().filter(|node| node.online()).count(),
        "total_cores": world.nodes().map(|node| node.machine.cores).sum::<u32>(),
        "paused": world.paused(),
        "session": world.active_session().map(|session| session_row(world, session)),
        "packages": packages(world),
        "drones": drones(world),
        "drone_health": drone_health(world),
        "timing": timing(world),
        "version": VERSION,
    })
}

fn is_blocked(state: &ItemState) -> bool {
    matches!(state, ItemState::Blocked { .. })
}

fn session_row(world: &World, session: &Session) -> Value {
    let number = world.sessions().len() - 1;
    let in_session = |wanted: fn(&ItemState) -> bool| {
        world.items().iter().filter(|item| item.session == number && wanted(&item.state)).count()
    };
    json!({
        "id": session.id,
        "name": session.name,
        "status": "active",
        "total_packages": session.total_packages,
        "completed_packages": in_session(|state| *state == ItemState::Received),
        "failed_packages": in_session(is_blocked),
        "started_at": session.started_at,
        "completed_at": session.completed_at,
        "profile_id": null,
        "portage_snapshot_id": null,
    })
}

fn packages(world: &World) -> Value {
    let atoms = |wanted: fn(&ItemState) -> bool| {
        world.items().iter().filter(move |item| wanted(&item.state)).map(|item| item.package.as_str())
    };
    let delegated = |item: &&Item| item.state == ItemState::Delegated;
    let handed_out: Map<String, Value> = world
        .items()
        .iter()
        .filter(delegated)
        .filter_map(|item| Some((item, item.assigned_to?)))
        .map(|(item, machine)| (item.package.clone(), json!({ "drone": world.drone_name(machine) })))
        .collect();
    json!({
        "needed": atoms(|state| *state == ItemState::Needed).take(LISTED).collect::<Vec<_>>(),
        "delegated": handed_out,
        "blocked": atoms(is_blocked).collect::<Vec<_>>(),
    })
}

fn drones(world: &World) -> Value {
    let estimates = Estimates::of(world);
    let rows = nodes::by_name(world).into_iter().map(|node| {
        let row = json!({
            "name": node.machine.host,
            "ip": node.machine.address,
            "status": nodes::status_word(node),
            "current_task": node.current_task(world.items(), world.now()),
            "assigned_packages": nodes::assigned_packages(world, node),
            "build_progress": nodes::build_progress(world, &estimates, node, false),
            "capabilities": nodes::capabilities(node),
            "metrics": nodes::metrics(world, node),
            "last_seen": node.last_seen(world.now()),
        });
        (node.machine.host.to_owned(), row)
    });
    Value::Object(rows.collect())
}

/// The raw rows of drones that failed lately, ids and probe results included.
fn drone_health(world: &World) -> Value {
    let rows = nodes::by_name(world).into_iter().filter_map(|node| {
        let health = node.health.as_ref()?;
        Some((node.machine.host.to_owned(), health_row(node.machine.id, health)))
    });
    Value::Object(rows.collect())
}

fn health_row(node_id: &str, health: &Health) -> Value {
    json!({
        "node_id": node_id,
        "failures": health.failures,
        "last_failure": health.last_failure,
        "rebooted": 0,
        "grounded_until": health.grounded_until,
        "upload_failures": health.upload_failures,
        "last_upload_failure": health.last_upload_failure,
        "escalation_level": health.escalation_level,
        "last_escalation_at": health.last_escalation_at,
        "escalation_attempts": health.escalation_level,
        "last_probe_result": health.last_probe_result,
        "last_probe_at": health.last_probe_at,
    })
}

/// The statistics of the active session; without one of everything.
fn timing(world: &World) -> Value {
    let session = world.active_session().map(|session| session.id.as_str());
    let counted = |build: &&Build| session.is_none() || build.session_id.as_deref() == session;
    timing::statistics(world.builds().iter().filter(counted))
}
