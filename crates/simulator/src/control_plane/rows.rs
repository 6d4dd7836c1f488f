//! `/api/v1/queue` and `/api/v1/history`: rows of the database, hardly dressed.

use serde_json::{Value, json};

use super::timing;
use crate::world::World;
use crate::world::state::{Build, Item};

/// The order in which the queue lists its rows.
const STATES: [&str; 4] = ["delegated", "needed", "blocked", "received"];

/// The rows of the active session; without one every row that ever was.
pub(super) fn queue(world: &World) -> Value {
    let session = world.active_session().map(|_| world.sessions().len() - 1);
    let rows = STATES.iter().flat_map(|state| {
        let listed = move |item: &&Item| {
            item.state.word() == *state && session.is_none_or(|session| item.session == session)
        };
        world.items().iter().filter(listed).map(|item| row(world, item))
    });
    Value::Array(rows.collect())
}

fn row(world: &World, item: &Item) -> Value {
    json!({
        "package": item.package,
        "status": item.state.word(),
        "assigned_to": item.assigned_to.map(|machine| world.drone_name(machine)),
        "failures": item.failures,
        "error_message": item.error_message,
        "assigned_at": item.assigned_at,
        "completed_at": item.completed_at,
    })
}

/// The newest `limit` builds, newest first, and the statistics of all builds.
pub(super) fn history(world: &World, limit: usize) -> Value {
    let rows: Vec<Value> = world.builds().iter().rev().take(limit).map(|build| built(world, build)).collect();
    json!({ "history": rows, "stats": timing::statistics(world.builds().iter()) })
}

fn built(world: &World, build: &Build) -> Value {
    json!({
        "id": build.id,
        "package": build.package,
        "drone_id": world.drone_id(build.machine),
        "drone_name": build.drone_name,
        "status": build.status.word(),
        "duration_seconds": build.duration,
        "error_message": build.error_message,
        "session_id": build.session_id,
        "built_at": build.built_at,
        "profile_id": null,
    })
}
