//! The limits of connections.

use std::time::Duration;

use web::config::Http;

use super::keys::Keys;

/// Longer than anything honest takes; a connection that does nothing for so long is in somebody's way.
const PATIENCE_MAX: Duration = Duration::from_secs(5 * 60);

/// Reads `[http]`.
pub(super) fn read(keys: &mut Keys<'_>) -> Http {
    let defaults = Http::default();
    let max_connections = keys.count("max_connections", 1, 1_000_000);
    let max_per_address = keys.count("max_per_address", 1, 1_000_000);
    let mut patience = |key, default| {
        let patience = keys.duration(key).unwrap_or(default);
        if !(Duration::from_secs(1)..=PATIENCE_MAX).contains(&patience) {
            keys.complain(key, "must be from 1s to 5m");
        }
        patience
    };
    Http {
        request_within: patience("request_within", defaults.request_within),
        stalled_after: patience("stalled_after", defaults.stalled_after),
        keep_alive: patience("keep_alive", defaults.keep_alive),
        max_connections: max_connections.unwrap_or(defaults.max_connections),
        max_per_address: max_per_address.unwrap_or(defaults.max_per_address),
    }
}
