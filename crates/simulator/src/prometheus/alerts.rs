//! `/api/v1/alerts`: what is pending or firing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::number;
use crate::world::{World, civil};

/// Every alert that is not inactive.
pub(super) fn document(world: &World) -> Value {
    let rows: Vec<Value> = world
        .alerts()
        .into_iter()
        .map(|alert| {
            json!({
                "labels": alert.labels.into_iter().collect::<BTreeMap<_, _>>(),
                "annotations": alert.annotations.into_iter().collect::<BTreeMap<_, _>>(),
                "state": if alert.firing { "firing" } else { "pending" },
                "activeAt": civil::rfc3339(alert.active_at),
                "value": number::exponent(alert.value),
            })
        })
        .collect();
    json!({ "alerts": rows })
}
