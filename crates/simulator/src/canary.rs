//! Plants markers into answers, so that a test can prove that none of them gets out.
//!
//! A marker looks like a host name with a path: no package, version, status word or public name can contain
//! one, so whoever publishes a marked string has published something unchecked. The document stays JSON of the
//! same shape, and every object gets further fields that nobody has heard of.

use serde_json::{Map, Value};

/// What every marker begins with.
pub const MARK: &str = "canary-";

/// How much of a document is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Every string, package atoms and status words included.
    Everywhere,
    /// Every string but those that steer parsing: status words, package atoms, versions.
    KeepingShape,
}

/// The fields whose strings [`Mode::KeepingShape`] leaves alone if they look as they should.
const STEERING: [&str; 9] = [
    "status",
    "type",
    "package",
    "current_task",
    "assigned_packages",
    "needed",
    "blocked",
    "version",
    "resultType",
];

/// Reasons that a consumer may translate, which are therefore part of the shape.
const KNOWN_REASONS: [&str; 2] = ["Package masked upstream", "manually blocked"];

/// Objects whose keys are names: a further field would be a further row of the wrong type.
const MAPS_OF_ROWS: [&str; 3] = ["delegated", "drones", "drone_health"];

/// Objects whose values are all texts.
const MAPS_OF_TEXTS: [&str; 4] = ["metric", "stream", "labels", "annotations"];

/// Plants a unique marker into every string of `value` that `mode` names, and into a new field of every object.
///
/// Keys stay. `counter` numbers the markers and goes on counting; two answers marked with the same counter
/// share no marker.
pub fn plant(value: &mut Value, mode: Mode, counter: &mut u32) {
    plant_below(value, "", mode, counter);
}

/// Names `host` in the packages of `value`: in the category, the name and the version's suffix in turn, and in shapes
/// that only look like a package.
pub fn plant_in_packages(value: &mut Value, host: &str) {
    plant_packages_below(value, "", host, &mut 0);
}

/// The fields that name packages.
const PACKAGES: [&str; 5] = ["package", "current_task", "assigned_packages", "needed", "blocked"];

fn plant_packages_below(value: &mut Value, key: &str, host: &str, turn: &mut usize) {
    match value {
        Value::String(text) if PACKAGES.contains(&key) => *text = package(host, turn),
        Value::Array(items) => items.iter_mut().for_each(|item| plant_packages_below(item, key, host, turn)),
        Value::Object(fields) if key == "delegated" => {
            let rows = std::mem::take(fields).into_values().map(|row| (package(host, turn), row));
            *fields = rows.collect();
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                plant_packages_below(field, name, host, turn);
            }
        }
        _ => {}
    }
}

fn package(host: &str, turn: &mut usize) -> String {
    let n = *turn;
    *turn += 1;
    match n % 8 {
        0 => format!("={host}/hammer-1.{n}"),
        1 => format!("=app-misc/{host}-hammer-1.{n}"),
        2 => format!("=app-misc/hammer-1.{n}-{host}"),
        3 => format!("=app-misc/hammer-{host}-1.{n}-r1"),
        4 => format!("=app-misc/hammer-1.{n}_p1.{host}"),
        5 => format!("=app-misc/{}-1.{n}:0/{host}::{host}[{host}]", host.to_uppercase()),
        6 => format!("=app-misc/{host}"),
        _ => format!("={MARK}overlay/hammer-1.{n}+{host}"),
    }
}

/// The markers numbered from `first` up to, not including, `end`.
#[must_use]
pub fn markers(first: u32, end: u32) -> Vec<String> {
    (first..end).map(name).collect()
}

fn plant_below(value: &mut Value, key: &str, mode: Mode, counter: &mut u32) {
    match value {
        Value::String(text) => {
            if mode == Mode::Everywhere || !steers(key, text) {
                text.push_str(&marker(counter));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plant_below(item, key, mode, counter)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                plant_below(field, name, mode, counter);
            }
            add_unknown_fields(key, fields, counter);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn steers(key: &str, text: &str) -> bool {
    let one_word = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '@');
    let counted = text.strip_prefix("Failed on ").and_then(|rest| rest.strip_suffix(" different drones"));
    let known_reason =
        KNOWN_REASONS.contains(&text) || counted.is_some_and(|number| number.parse::<u32>().is_ok());
    (STEERING.contains(&key) && one_word) || (key == "error_message" && known_reason)
}

fn add_unknown_fields(key: &str, fields: &mut Map<String, Value>, counter: &mut u32) {
    if MAPS_OF_ROWS.contains(&key) {
        return;
    }
    fields.insert("x_canary".to_owned(), Value::String(marker(counter)));
    if !MAPS_OF_TEXTS.contains(&key) {
        fields.insert("x_canary_list".to_owned(), Value::Array(vec![Value::String(marker(counter))]));
    }
}

/// The text that is planted: unique, and outside the grammars of atoms, versions, words and names.
fn marker(counter: &mut u32) -> String {
    let marker = format!("@{}.internal.lan/var/tmp?10.66.6.6", name(*counter));
    *counter += 1;
    marker
}

fn name(number: u32) -> String {
    format!("{MARK}{number:06}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| strings(field, found)),
            _ => {}
        }
    }

    #[test]
    fn everywhere_means_every_string_and_each_marker_once() {
        let mut value = json!([{"package": "=a/b-1", "status": "needed", "n": 1, "x": [null, "y"]}, "z"]);
        let mut counter = 5;
        plant(&mut value, Mode::Everywhere, &mut counter);
        let mut found = Vec::new();
        strings(&value, &mut found);
        assert_eq!(found.len(), 6);
        assert_eq!(counter, 11);
        for marker in markers(5, 11) {
            assert_eq!(found.iter().filter(|text| text.contains(&marker)).count(), 1, "{marker}");
        }
        assert_eq!(value[0]["n"], 1);
    }

    #[test]
    fn keeping_the_shape_leaves_atoms_words_and_known_reasons_alone() {
        let mut value = json!({
            "package": "=dev-libs/boost-1.89.0",
            "status": "blocked",
            "current_task": null,
            "assigned_packages": ["=dev-libs/boost-1.89.0"],
            "assigned_to": "tau-host.internal.lan",
            "error_message": "Failed on 2 different drones",
            "built_at": 1_795_431_413.0,
        });
        let before = value.clone();
        plant(&mut value, Mode::KeepingShape, &mut 0);
        for key in ["package", "status", "current_task", "assigned_packages", "error_message", "built_at"] {
            assert_eq!(value[key], before[key], "{key}");
        }
        assert!(value["assigned_to"].as_str().unwrap().contains(MARK));
        assert!(value["x_canary"].as_str().unwrap().contains(MARK));
    }

    #[test]
    fn an_error_text_is_marked_even_where_reasons_are_kept() {
        let mut value = json!({"error_message": "emerge failed on tau-host", "status": "failed by hand"});
        plant(&mut value, Mode::KeepingShape, &mut 0);
        assert!(value["error_message"].as_str().unwrap().contains(MARK));
        assert!(value["status"].as_str().unwrap().contains(MARK));
    }

    #[test]
    fn packages_name_a_host_and_nothing_else_is_touched() {
        let mut value = json!({
            "status": "needed",
            "rows": [{"package": "=a/b-1", "id": "x"}, {"package": "=a/b-2"}],
            "packages": {"needed": ["=a/b-1"], "delegated": {"=a/b-3": {"drone": "y"}}},
        });
        plant_in_packages(&mut value, "tau-host");
        assert_eq!((&value["status"], &value["rows"][0]["id"]), (&json!("needed"), &json!("x")));
        assert_eq!(value.to_string().matches("tau-host").count(), 4);
        assert_eq!(value["packages"]["delegated"].as_object().unwrap().len(), 1);
    }

    #[test]
    fn a_map_of_rows_gains_no_row_and_its_rows_gain_fields() {
        let mut value =
            json!({"delegated": {"=a/b-1": {"drone": "tau-host"}}, "blocked": [], "drone_health": {}});
        plant(&mut value, Mode::KeepingShape, &mut 0);
        assert_eq!(value["delegated"].as_object().unwrap().len(), 1);
        assert_eq!(value["drone_health"], json!({}));
        assert!(value["delegated"]["=a/b-1"]["x_canary"].is_string());
    }
}
