//! The simulated Loki against the recorded one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use simulator::loki::numbers::Numbers;
use simulator::loki::{self, expressions};
use simulator::message::{Answer, Request, encode};
use simulator::recording::loki as recorded;
use simulator::world::World;

const START: f64 = 1_795_431_300.25;

fn ask(world: &World, path: &str) -> Answer {
    loki::answer(world, &Request::get(path), Numbers::Loki)
}

fn document(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

fn counts(world: &World, expression: &str) -> Vec<(String, u64)> {
    let told = document(&ask(world, &format!("/loki/api/v1/query?query={}", encode(expression))));
    let rows = told["data"]["result"].as_array().unwrap();
    let count = |row: &Value| {
        let (name, value) =
            row["metric"].as_object().unwrap().values().map(|v| (v, &row["value"][1])).next().unwrap();
        (name.as_str().unwrap().to_owned(), value.as_str().unwrap().parse().unwrap())
    };
    rows.iter().map(count).collect()
}

/// The same keys and JSON types, but for the values of labels and the number of rows.
#[track_caller]
fn assert_same_shape(told: &Value, recorded: &Value, path: &str) {
    match (told, recorded) {
        (Value::Object(_), Value::Object(_)) if path.ends_with("metric") => {}
        (Value::Object(told), Value::Object(recorded)) => {
            let keys = |fields: &serde_json::Map<String, Value>| fields.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(told), keys(recorded), "{path}");
            told.iter()
                .for_each(|(key, value)| assert_same_shape(value, &recorded[key], &format!("{path}.{key}")));
        }
        (Value::Array(told), Value::Array(recorded)) => {
            // A pair is compared by place, a list of rows by its first one.
            for (index, value) in told.iter().enumerate() {
                let like = recorded.get(index).or_else(|| recorded.first()).unwrap();
                assert_same_shape(value, like, &format!("{path}[]"));
            }
        }
        (told, recorded) => {
            let kind =
                |value: &Value| (value.is_number(), value.is_string(), value.is_boolean(), value.is_null());
            assert_eq!(kind(told), kind(recorded), "{path}");
        }
    }
}

#[test]
fn documents_have_the_recorded_keys_types_and_content_type() {
    let world = World::new(1, START);
    let range = format!("start={}&end={START}&step=30m", START - 86_400.0);
    let levels = encode(expressions::LEVELS_1H);
    for (name, path) in [
        ("q_instant_metric", format!("/loki/api/v1/query?query={levels}")),
        ("qr_rate", format!("/loki/api/v1/query_range?query={levels}&{range}")),
        ("qr_err_total", format!("/loki/api/v1/query_range?query={levels}&{range}")),
    ] {
        let (told, recorded) = (ask(&world, &path), recorded::answer(name).unwrap());
        assert_eq!((told.status, &told.content_type), (recorded.status, &recorded.content_type), "{name}");
        assert!(!document(&told)["data"]["result"].as_array().unwrap().is_empty());
        assert_same_shape(&document(&told), &document(&recorded), name);
    }
}

#[test]
fn every_plain_text_is_the_recorded_one() {
    let world = World::new(1, START);
    for name in recorded::names() {
        let recorded = recorded::answer(name).unwrap();
        if !recorded.content_type.starts_with("text/plain") {
            continue;
        }
        let told = ask(&world, recorded::request(name).unwrap());
        assert_eq!((told.status, &told.content_type), (recorded.status, &recorded.content_type), "{name}");
        let text = |answer: &Answer| String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!(text(&told).trim_end(), text(&recorded).trim_end(), "{name}");
    }
}

#[test]
fn a_range_is_aligned_as_recorded() {
    let world = World::new(1, START);
    let query = encode(expressions::SERVICES_1H);
    let path = format!("/loki/api/v1/query_range?query={query}&start={}&end={START}&step=30s", START - 121.0);
    let told = document(&ask(&world, &path));
    let values = told["data"]["result"][0]["values"].as_array().unwrap();
    let times: Vec<String> = values.iter().map(|pair| pair[0].to_string()).collect();
    assert_eq!(
        times,
        ["1795431150", "1795431180", "1795431210", "1795431240", "1795431270", "1795431300", "1795431330"]
    );
}

#[test]
fn levels_and_services_count_the_same_lines() {
    let world = World::new(1, START);
    let total = |expression| counts(&world, expression).iter().map(|(_, count)| count).sum::<u64>();
    assert_eq!(total(expressions::LEVELS_1H), total(expressions::SERVICES_1H));
    assert_eq!(total(expressions::LEVELS_24H), total(expressions::SERVICES_24H));
    assert!(total(expressions::LEVELS_24H) > 5 * total(expressions::LEVELS_1H));
    let levels: Vec<String> =
        counts(&world, expressions::LEVELS_24H).into_iter().map(|(name, _)| name).collect();
    for level in ["debug", "error", "fatal", "info", "trace", "unknown", "warn"] {
        assert!(levels.iter().any(|found| found == level), "{level}");
    }
    assert!(counts(&world, expressions::SERVICES_1H).iter().any(|(name, _)| name == "gateway"));
}

#[test]
fn what_wrote_nothing_is_absent() {
    let mut world = World::new(1, START);
    world.advance_to(START + 600.0);
    assert!(counts(&world, expressions::LEVELS_1H).iter().all(|(_, count)| *count > 0));
    let before = document(&ask(
        &world,
        &format!("/loki/api/v1/query?query={}&time=1700000000", encode(expressions::LEVELS_1H)),
    ));
    assert_eq!(before["data"]["result"], Value::Array(Vec::new()));
}

#[test]
fn numbers_can_have_another_form() {
    let world = World::new(1, START);
    let path = format!("/loki/api/v1/query?query={}", encode(expressions::SERVICES_1H));
    let pair = |numbers: Numbers| {
        let answer = loki::answer(&world, &Request::get(&path), numbers);
        document(&answer)["data"]["result"][0]["value"].clone()
    };
    assert!(pair(Numbers::Loki)[1].is_string() && pair(Numbers::Loki)[0].is_f64());
    assert!(pair(Numbers::Bare)[1].is_u64() && pair(Numbers::BareDecimals)[1].is_f64());
    assert!(pair(Numbers::Nanoseconds)[0].as_str().unwrap().len() == 19);
    assert!(pair(Numbers::Decimals)[1].as_str().unwrap().ends_with(".000000"));
}

#[test]
fn a_form_asks_like_a_url() {
    let world = World::new(1, START);
    let query = format!("query={}&time=1795431000", encode(expressions::LEVELS_24H));
    let mut request = Request::get("/loki/api/v1/query");
    request.method = "POST".to_owned();
    request.body = query.clone().into_bytes();
    let asked = loki::answer(&world, &request, Numbers::Loki);
    assert_eq!(asked, ask(&world, &format!("/loki/api/v1/query?{query}")));
    assert_eq!(asked.status, 200);
}
