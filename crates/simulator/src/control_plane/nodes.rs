//! `/api/v1/nodes`: the machines.

use serde_json::{Map, Value, json};

use super::timing::Estimates;
use super::{VERSION, tenths};
use crate::world::World;
use crate::world::machines::SHARED_OVERLAY_ADDRESS;
use crate::world::state::Node;

/// How long before the control plane's start the nodes were registered, in seconds.
const REGISTERED_BEFORE: f64 = 90.0 * 86_400.0;

/// The nodes by name; without `all` only those that are online.
pub(super) fn list(world: &World, all: bool) -> Value {
    let estimates = Estimates::of(world);
    let shown = by_name(world).into_iter().filter(|node| all || node.online());
    Value::Array(shown.map(|node| row(world, &estimates, node)).collect())
}

/// The nodes in the order of their names.
pub(super) fn by_name(world: &World) -> Vec<&Node> {
    let mut nodes: Vec<&Node> = world.nodes().collect();
    nodes.sort_by_key(|node| node.machine.host);
    nodes
}

fn row(world: &World, estimates: &Estimates<'_>, node: &Node) -> Value {
    let machine = node.machine;
    let metrics = metrics(world, node);
    let created_at = (world.now() - world.uptime() - REGISTERED_BEFORE).floor();
    json!({
        "id": machine.id,
        "name": machine.host,
        "ip": machine.address,
        "tailscale_ip": null,
        "type": machine.role.word(),
        "drone_type": "unknown",
        "cores": machine.cores,
        "ram_gb": machine.ram_gb,
        "status": status_word(node),
        "paused": false,
        "last_seen": node.last_seen(world.now()),
        "last_ping_at": null,
        "last_pong_at": null,
        "ping_latency_ms": null,
        "current_task": node.current_task(world.items(), world.now()),
        "version": VERSION,
        "created_at": created_at,
        "capabilities": capabilities(node),
        // A node that never reported would show zeros here: they are flattened with a default.
        "cpu_percent": metrics.get("cpu_percent").cloned().unwrap_or_else(|| json!(0)),
        "ram_percent": metrics.get("ram_percent").cloned().unwrap_or_else(|| json!(0)),
        "metrics": metrics,
        "online": node.online(),
        "assigned_packages": assigned_packages(world, node),
        "build_progress": build_progress(world, estimates, node, true),
        "builds_completed": node.builds_completed,
        "builds_failed": node.builds_failed,
    })
}

/// `online` or `offline`.
pub(super) fn status_word(node: &Node) -> &'static str {
    if node.online() { "online" } else { "offline" }
}

/// What the node said of itself when it registered.
pub(super) fn capabilities(node: &Node) -> Value {
    json!({
        "cores": node.machine.cores,
        "ram_gb": node.machine.ram_gb,
        "arch": "amd64",
        "hostname": node.machine.host,
        "tailscale_ip": SHARED_OVERLAY_ADDRESS,
    })
}

/// What the last heartbeat carried; an offline node keeps it.
pub(super) fn metrics(world: &World, node: &Node) -> Value {
    let metrics = world.metrics(node);
    json!({
        "cpu_percent": metrics.cpu_percent,
        "ram_percent": metrics.ram_percent,
        "load_1m": metrics.load_1m,
    })
}

/// The atoms that the node holds.
pub(super) fn assigned_packages(world: &World, node: &Node) -> Vec<Value> {
    node.held.iter().map(|item| json!(world.item(*item).package)).collect()
}

/// One row a held item; only the node list (`with_start`) says since when it is built.
pub(super) fn build_progress(
    world: &World,
    estimates: &Estimates<'_>,
    node: &Node,
    with_start: bool,
) -> Vec<Value> {
    let progress = |item: &usize| {
        let package = world.item(*item).package.as_str();
        let job = node.job.as_ref().filter(|job| job.item == *item && job.item_at <= world.now());
        let since = job.map(|job| job.item_at);
        let elapsed = since.map(|since| tenths(world.now() - since));
        let estimated = since.map(|_| estimates.for_package(package));
        let percent = elapsed.zip(estimated).map(|(elapsed, estimated)| percent(elapsed, estimated));
        let mut row = Map::new();
        row.insert("package".to_owned(), json!(package));
        if with_start {
            row.insert("building_since".to_owned(), json!(since));
        }
        row.insert("elapsed_s".to_owned(), json!(elapsed));
        row.insert("estimated_s".to_owned(), json!(estimated));
        row.insert("progress_pct".to_owned(), json!(percent));
        Value::Object(row)
    };
    node.held.iter().map(progress).collect()
}

/// Whole percent, never more than 99: the estimate may be wrong, and the build is not done.
fn percent(elapsed: f64, estimated: f64) -> u32 {
    if estimated > 0.0 { (elapsed / estimated * 100.0).round().clamp(0.0, 99.0) as u32 } else { 0 }
}
