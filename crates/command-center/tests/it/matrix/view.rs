//! What a site says of one backend's part of the world.

use serde_json::{Value, json};
use simulator::{behaviour::Behaviour, oddity::Oddity, simulator::Backend};

use super::{farm::Victim, fault::Fault, site::Site};

/// What only the victim knows, without anything that moves by itself.
#[track_caller]
pub(super) fn of(site: &Site) -> Value {
    of_document(site, &site.document(site.farm.victim.document()))
}

fn of_document(site: &Site, document: &Value) -> Value {
    let data = &document["data"];
    match site.farm.victim {
        Victim::Backend(Backend::Gateway) => {
            fields(&data["drones"], &["name", "role", "cores", "memory_gib"])
        }
        Victim::Backend(Backend::Orchestrator) => {
            let lists =
                ["pending", "building", "blocked"].map(|list| fields(&data[list], &["id", "package"]));
            json!({"counts": data["counts"], "lists": lists})
        }
        Victim::Backend(Backend::Prometheus) => {
            let of_prometheus = |service: &&Value| service["measured_by"] == "prometheus";
            let services: Vec<&Value> =
                data["services"].as_array().unwrap().iter().filter(of_prometheus).collect();
            json!({
                "hosts": fields(&data["hosts"], &["name", "state", "cpu_percent", "memory_percent"]),
                "services": services.iter().map(|it| json!([it["name"], it["state"]])).collect::<Value>(),
                "alerts": data["alerts"],
            })
        }
        Victim::Backend(Backend::Loki) => data["logs"].clone(),
        Victim::Probe => {
            let services = data["services"].as_array().unwrap();
            let shop = services.iter().find(|service| service["name"] == "Shop").unwrap();
            json!({"state": shop["state"]})
        }
    }
}

fn fields(rows: &Value, names: &[&str]) -> Value {
    let row = |row: &Value| names.iter().map(|name| row[name].clone()).collect::<Value>();
    rows.as_array().unwrap().iter().map(row).collect()
}

/// The same, when the victim is fresh and says something.
#[track_caller]
pub(super) fn well(site: &Site) -> Option<Value> {
    let document = site.document(site.farm.victim.document());
    let source = &document["sources"][site.farm.victim.name()];
    let is_fresh = source["state"] == "online" && source["fault"].is_null();
    let view = of_document(site, &document);
    let is_full = match site.farm.victim {
        Victim::Backend(Backend::Gateway) => size(&view) > 0,
        Victim::Backend(Backend::Orchestrator) => size(&view["lists"][0]) > 0,
        Victim::Backend(Backend::Prometheus) => size(&view["hosts"]) > 0,
        Victim::Backend(Backend::Loki) => size(&view["services"]) > 0,
        Victim::Probe => view["state"] == "up",
    };
    (is_fresh && is_full).then_some(view)
}

/// Whether the site says what the victim now says.
#[track_caller]
pub(super) fn is_said(site: &Site, fault: Fault, before: &Value) -> bool {
    let now = of(site);
    let Fault::Behaves(Behaviour::Odd(oddity)) = fault else { return now == *before };
    if site.farm.victim == Victim::Probe {
        return now == *before;
    }
    match oddity {
        Oddity::Emptied => is_empty(site.farm.victim, &now),
        Oddity::HugeNumbers | Oddity::NotNumbers => are_unknown(site.farm.victim, &now, before),
        // The orchestrator's order is the order of the queue; everything else is sorted here.
        Oddity::Reversed => match site.farm.victim {
            Victim::Backend(Backend::Orchestrator) => {
                now != *before && sorted(&now["lists"][0]) == sorted(&before["lists"][0])
            }
            _ => now == *before,
        },
        // Two rows are two rows, and two records of a machine are one machine.
        Oddity::Doubled => match site.farm.victim {
            Victim::Backend(Backend::Orchestrator) => size(&now["lists"][0]) == 2 * size(&before["lists"][0]),
            Victim::Backend(Backend::Loki) => now != *before,
            // Its alerts are counted as they are listed.
            Victim::Backend(Backend::Prometheus) => now["hosts"] == before["hosts"],
            _ => now == *before,
        },
        Oddity::Future => no_instant_is_ahead(site),
        Oddity::Past => true,
        Oddity::DoubleKeys | Oddity::InvalidUtf8 => false,
    }
}

fn is_empty(victim: Victim, now: &Value) -> bool {
    match victim {
        Victim::Backend(Backend::Gateway) => size(now) == 0,
        Victim::Backend(Backend::Orchestrator) => now["counts"]["total"] == 0 && size(&now["lists"][0]) == 0,
        Victim::Backend(Backend::Prometheus) => now["services"][0][1] == "unknown",
        Victim::Backend(Backend::Loki) => {
            now["services"].as_array().unwrap().iter().all(|service| service["lines"] == 0)
        }
        Victim::Probe => false,
    }
}

/// Numbers that cannot be are not known, never zero; the rest stays.
fn are_unknown(victim: Victim, now: &Value, before: &Value) -> bool {
    match victim {
        Victim::Backend(Backend::Gateway) => {
            let rows = now.as_array().unwrap();
            size(now) == size(before) && rows.iter().all(|row| row[2].is_null() && row[3].is_null())
        }
        Victim::Backend(Backend::Orchestrator) => now == before,
        Victim::Backend(Backend::Prometheus) => {
            // Whatever is not zero means that a target is up.
            let hosts = now["hosts"].as_array().unwrap();
            hosts.iter().all(|host| host[1] != "down" && host[2].is_null() && host[3].is_null())
        }
        Victim::Backend(Backend::Loki) | Victim::Probe => false,
    }
}

/// Nothing that happened may seem to happen tomorrow. What is expected lies ahead by its nature.
fn no_instant_is_ahead(site: &Site) -> bool {
    let tomorrow = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(12);
    ["build-swarm", "queue", "build-history", "infrastructure"].iter().all(|name| {
        let mut document = site.document(name);
        document["expected_next"] = Value::Null;
        is_past(&document, tomorrow)
    })
}

fn is_past(value: &Value, tomorrow: jiff::Timestamp) -> bool {
    match value {
        Value::String(text) => text.parse::<jiff::Timestamp>().ok().is_none_or(|at| at < tomorrow),
        Value::Array(items) => items.iter().all(|item| is_past(item, tomorrow)),
        Value::Object(fields) => {
            let told = fields.iter().filter(|(key, _)| !key.starts_with("expected") && *key != "drain");
            told.map(|(_, value)| value).all(|value| is_past(value, tomorrow))
        }
        _ => true,
    }
}

fn size(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn sorted(rows: &Value) -> Vec<String> {
    let mut rows: Vec<String> = rows.as_array().unwrap().iter().map(ToString::to_string).collect();
    rows.sort();
    rows
}
