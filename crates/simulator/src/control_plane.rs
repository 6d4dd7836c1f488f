//! The world's answers, in the shapes that a real control plane was recorded with, quirks included.
//!
//! One control plane serves the gateway's and the orchestrator's paths, as the recorded one does.
//!
//! - `nodes`: the machines. `status`: everything at a glance. `rows`: the queue and the history.
//! - `timing`: statistics over builds, and the control plane's own estimates.

use serde_json::{Value, json};

use crate::message::{Answer, Request};
use crate::world::World;

mod nodes;
mod rows;
mod status;
mod timing;

/// The version that the control plane says it has.
pub const VERSION: &str = "0.4.0-alpha";

/// How many builds the history shows unless asked for more or fewer.
const DEFAULT_LIMIT: usize = 50;

/// What the control plane answers to `request` in the world's present state.
#[must_use]
pub fn answer(world: &World, request: &Request) -> Answer {
    document(world, request).map_or_else(Answer::not_found, |value| Answer::json(&value))
}

/// The document behind `request`'s path; `None` if there is none.
#[must_use]
pub fn document(world: &World, request: &Request) -> Option<Value> {
    Some(match request.path.as_str() {
        "/api/v1/nodes" => {
            let all = request.query_value("all") == Some("true");
            if request.query_value("format") == Some("legacy") {
                json!({ "drones": nodes::list(world, all), "orchestrators": [] })
            } else {
                nodes::list(world, all)
            }
        }
        "/api/v1/health" => {
            json!({ "status": "ok", "version": VERSION, "uptime_s": tenths(world.uptime()) })
        }
        "/api/v1/orchestrator" => json!({ "ip": "127.0.0.1", "name": "build-swarm-v3", "port": 8100 }),
        "/api/v1/status" => status::document(world),
        "/api/v1/queue" => rows::queue(world),
        "/api/v1/history" => {
            let limit = request.query_value("limit").and_then(|text| text.parse().ok());
            rows::history(world, limit.unwrap_or(DEFAULT_LIMIT))
        }
        _ => return None,
    })
}

/// Rounded as the control plane rounds seconds and percentages.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
