//! What is in documents and answers, by name.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr};

use super::words;
use crate::{
    documents::{
        Kind,
        build_history::BuildHistory,
        build_swarm::BuildSwarm,
        detail::{DroneDetail, Package},
        envelope,
        infrastructure::Infrastructure,
        queue::Body,
    },
    error,
    integrations::{badge::Data, statuspage},
};

/// Where schemas are.
const PLACE: &str = "#/components/schemas/";
/// The one key that is not always there: a component of Statuspage has it only when it is a group.
const AT_TIMES: (&str, &str) = ("StatuspageComponent", "components");
/// The documents: the name of each, which it is, and the name of its data.
const DOCUMENTS: [(&str, Kind, &str); 5] = [
    ("BuildSwarmDocument", Kind::BuildSwarm, "BuildSwarm"),
    ("BuildHistoryDocument", Kind::BuildHistory, "BuildHistory"),
    ("InfrastructureDocument", Kind::Infrastructure, "Infrastructure"),
    ("PackageDocument", Kind::Package, "Package"),
    ("DroneDocument", Kind::Drone, "DroneDetail"),
];

/// The name of the schema of a document.
pub(super) const fn document(kind: Kind) -> &'static str {
    match kind {
        Kind::BuildSwarm => "BuildSwarmDocument",
        Kind::BuildHistory => "BuildHistoryDocument",
        Kind::Infrastructure => "InfrastructureDocument",
        Kind::Queue => "QueueDocument",
        Kind::Package => "PackageDocument",
        Kind::Drone => "DroneDocument",
    }
}

/// A schema by its name.
pub(super) fn named(name: &str) -> Value {
    json!({"$ref": format!("{PLACE}{name}")})
}

/// Every schema.
pub(super) fn schemas() -> Value {
    let mut all = Schemas::default();
    all.add::<BuildSwarm<'_>>();
    all.add::<BuildHistory<'_>>();
    all.add::<Infrastructure<'_>>();
    all.add::<Package<'_>>();
    all.add::<DroneDetail<'_>>();
    all.add::<Body<'_>>();
    all.add::<envelope::Source>();
    all.add::<envelope::Notice>();
    all.add::<error::Envelope>();
    all.add::<statuspage::Summary>();
    all.add::<statuspage::Status<'_>>();
    all.add::<Data<'_>>();
    let Schemas(mut all) = all;
    for (name, schema) in &mut all {
        require_all(name, schema);
    }
    for (name, kind, data) in DOCUMENTS {
        all.insert(name.to_owned(), enveloped(kind, &named(data)));
    }
    all.insert("QueueDocument".to_owned(), enveloped(Kind::Queue, &queue(&all)));
    Value::Object(all)
}

#[derive(Default)]
struct Schemas(Map<String, Value>);

impl Schemas {
    /// Adds the schema of a type, and those of the types in it.
    fn add<T: ToSchema>(&mut self) {
        let mut found: Vec<(String, RefOr<utoipa::openapi::Schema>)> = Vec::new();
        T::schemas(&mut found);
        found.push((T::name().into_owned(), <T as PartialSchema>::schema()));
        for (name, schema) in found {
            // A schema of ours is written like any other value.
            let schema = serde_json::to_value(schema).unwrap_or_default();
            let is_same = self.0.get(&name).is_none_or(|known| *known == schema);
            debug_assert!(is_same, "two schemas are called {name}");
            self.0.insert(name, schema);
        }
    }
}

/// A key is always present, whether its value is known or not.
fn require_all(name: &str, schema: &mut Value) {
    // What is set flat into something else.
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        require_all(name, part);
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let keys: Vec<&String> = properties.keys().filter(|key| (name, key.as_str()) != AT_TIMES).collect();
    schema["required"] = json!(keys);
}

/// A document around its data.
fn enveloped(kind: Kind, data: &Value) -> Value {
    let instant = || json!({"type": "string", "format": "date-time"});
    let maybe_instant = || json!({"type": ["string", "null"], "format": "date-time"});
    let sources: Map<String, Value> =
        kind.sources().iter().map(|source| (source.as_str().to_owned(), named("Source"))).collect();
    json!({
        "type": "object",
        "properties": {
            "status": words::document_status(),
            "timestamp": maybe_instant(),
            "changed_at": maybe_instant(),
            "expected_next": instant(),
            "data": data,
            "sources": {
                "type": "object",
                "description": "Those that are configured.",
                "properties": sources,
                "additionalProperties": false,
            },
            "notices": {"type": "array", "items": named("Notice"), "maxItems": 8},
        },
        "required": ["status", "timestamp", "changed_at", "expected_next", "data", "sources", "notices"],
    })
}

/// The data of the queue: a version of it with all of it, or with the steps to that from another one.
fn queue(all: &Map<String, Value>) -> Value {
    let version = json!({
        "epoch": {"type": "string", "minLength": 6, "maxLength": 12, "description": "This run of the server."},
        "seq": {"type": "integer", "minimum": 0, "description": "The version of the queue in this run."},
        "hash": {"type": "string", "pattern": "^[0-9a-f]{8}$", "description": "FNV-1a over the rows."},
    });
    let with = |more: Value| {
        let mut properties = version.as_object().cloned().unwrap_or_default();
        properties.extend(more.as_object().cloned().unwrap_or_default());
        let required: Vec<String> = properties.keys().cloned().collect();
        json!({"type": "object", "properties": properties, "required": required})
    };
    let whole = all.get("Queue").map(|body| body["properties"].clone()).unwrap_or_default();
    let delta = json!({
        "type": "object",
        "description": "A frame of the WebSocket, byte for byte.",
        "properties": {
            "type": {"const": "delta"},
            "base": {"type": "integer", "minimum": 0},
            "seq": {"type": "integer", "minimum": 0},
            "ops": {"type": "array", "items": {"type": "object", "required": ["op"], "properties": {
                "op": {"type": "string", "enum": ["add", "remove", "change", "move", "meta"]},
            }}},
            "counts": named("Counts"),
        },
        "required": ["type", "base", "seq", "ops", "counts"],
    });
    let steps = with(json!({"counts": named("Counts"), "deltas": {"type": "array", "items": delta}}));
    json!({"anyOf": [with(whole), steps]})
}
