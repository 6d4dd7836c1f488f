//! The limits of subscribers.

use std::time::Duration;

use web::config::{HEARTBEAT_MAX, Origin, WebSocket};

use super::keys::Keys;

/// Reads `[websocket]`.
pub(super) fn read(keys: &mut Keys<'_>) -> WebSocket {
    let defaults = WebSocket::default();
    let max_subscribers = keys.count("max_subscribers", 0, 1_000_000);
    let max_per_address = keys.count("max_per_address", 1, 1_000_000);
    let heartbeat = keys.duration("heartbeat");
    let slow_after = keys.duration("slow_after");
    let stalled_after = keys.duration("stalled_after");
    let origins = keys.get("origins", "a list of origins such as \"https://blog.example.org\"", |value| {
        value.as_array()?.iter().map(|origin| Origin::parse(origin.as_str()?)).collect()
    });
    let websocket = WebSocket {
        max_subscribers: max_subscribers.unwrap_or(defaults.max_subscribers),
        max_per_address: max_per_address.unwrap_or(defaults.max_per_address),
        heartbeat: heartbeat.unwrap_or(defaults.heartbeat),
        slow_after: slow_after.unwrap_or(defaults.slow_after),
        stalled_after: stalled_after.unwrap_or(defaults.stalled_after),
        origins: origins.unwrap_or(defaults.origins),
    };
    if !(Duration::from_secs(1)..=HEARTBEAT_MAX).contains(&websocket.heartbeat) {
        keys.complain("heartbeat", "must be from 1s to 20s: clients take a longer silence for the end");
    }
    if websocket.slow_after.is_zero() || websocket.slow_after > websocket.stalled_after {
        keys.complain("slow_after", "must be more than 0s and at most stalled_after");
    }
    // So a socket that nobody reads holds what it was sent for three minutes at most.
    if websocket.stalled_after > Duration::from_secs(60) {
        keys.complain("stalled_after", "must be at most 60s");
    }
    websocket
}
