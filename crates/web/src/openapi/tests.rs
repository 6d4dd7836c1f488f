//! The description holds together.

use std::collections::BTreeSet;

use super::*;
use crate::routes::ROUTES;

/// Every place to which something in the description points.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn whatever_is_named_is_there_and_everything_there_is_named() {
    let document = document(&Address::default());
    let mut named = BTreeSet::new();
    references(&document, &mut named);
    let there: BTreeSet<String> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .map(|name| format!("#/components/schemas/{name}"))
        .collect();
    // The data of the queue stands in its document, beside the version.
    let unnamed: Vec<&String> = there.difference(&named).collect();
    assert_eq!(unnamed, ["#/components/schemas/Queue"]);
    assert_eq!(named.difference(&there).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_route_for_programs_is_described() {
    let document = document(&Address::default());
    for (pattern, _) in ROUTES {
        let is_for_programs = pattern.contains("/api/")
            || [".xml", ".json", ".svg"].iter().any(|ending| pattern.ends_with(ending))
            || pattern.starts_with("/ws/");
        assert_eq!(document["paths"].get(pattern).is_some(), is_for_programs, "{pattern}");
    }
}

#[test]
fn every_word_is_listed() {
    let document = document(&Address::default());
    let schemas = &document["components"]["schemas"];
    let words = |schema: &str, key: &str| schemas[schema]["properties"][key]["enum"].clone();
    assert_eq!(words("QueueItem", "reason").as_array().unwrap().last(), Some(&Value::Null));
    assert_eq!(words("Verdict", "code").as_array().unwrap().len(), 19);
    assert_eq!(words("Verdict", "level"), json!(["ok", "note", "warning", "critical", "unknown"]));
    assert_eq!(
        words("Build", "status"),
        json!(["success", "failed", "missing_binary", "upload_failed", "masked", "returned"])
    );
    let task = schemas["Drone"]["properties"]["task"]["oneOf"].as_array().unwrap();
    assert!(task.contains(&json!({"type": "null"})), "{task:?}");
}

#[test]
fn every_key_is_always_there() {
    let document = document(&Address::default());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let Some(properties) = schema["properties"].as_object() else { continue };
        let required: BTreeSet<&str> =
            schema["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
        for key in properties.keys().filter(|key| *key != "components") {
            assert!(required.contains(key.as_str()), "{name}: {key}");
        }
    }
}
