//! The simulated Prometheus against the recorded one, and over time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use serde_json::Value;
use simulator::message::{Answer, Request, encode};
use simulator::prometheus::{self, expressions};
use simulator::recording::prometheus as recorded;
use simulator::world::World;

const START: f64 = 1_795_431_300.25;

fn ask(world: &World, path: &str) -> Answer {
    prometheus::answer(world, &Request::get(path))
}

fn document(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// The series of an instant query.
#[track_caller]
fn query(world: &World, expression: &str) -> Vec<Value> {
    let answer = ask(world, &format!("/api/v1/query?query={}", encode(expression)));
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json"), "{expression}");
    document(&answer)["data"]["result"].as_array().unwrap().clone()
}

/// The value of the series with the instance `instance`.
fn value_of(series: &[Value], instance: &str) -> Option<f64> {
    let one = series.iter().find(|one| one["metric"]["instance"] == instance)?;
    Some(one["value"][1].as_str().unwrap().parse().unwrap())
}

/// Every path of a document with its type; the labels of a metric count as one text.
fn shape(value: &Value) -> BTreeSet<String> {
    fn add(path: &str, value: &Value, found: &mut BTreeSet<String>) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(items) => {
                items.iter().for_each(|item| add(&format!("{path}[]"), item, found));
                "array"
            }
            Value::Object(fields) => {
                let is_metric = path.ends_with(".metric");
                for (name, field) in fields {
                    add(&format!("{path}.{}", if is_metric { "*" } else { name }), field, found);
                }
                "object"
            }
        };
        found.insert(format!("{path}: {kind}"));
    }
    let mut found = BTreeSet::new();
    add("", value, &mut found);
    found
}

/// The label names of every series.
fn label_names(document: &Value) -> BTreeSet<Vec<String>> {
    let series = document["data"]["result"].as_array().unwrap();
    series.iter().map(|one| one["metric"].as_object().unwrap().keys().cloned().collect()).collect()
}

#[test]
fn instant_vectors_have_the_recorded_keys_types_and_labels() {
    let world = World::new(1, START);
    for (name, expression) in [
        ("up", expressions::UP),
        ("uname", expressions::UNAME),
        ("boot_time", expressions::BOOT_TIME),
        ("cpu_pct", expressions::CPU_PERCENT),
        ("cpu_100hosts", expressions::CPU_PERCENT),
        ("mem_used_pct", expressions::MEMORY_PERCENT),
        ("fs_raw", expressions::DISK_SIZE),
        ("load", expressions::LOAD_1),
    ] {
        let told = document(&ask(&world, &format!("/api/v1/query?query={}", encode(expression))));
        let recorded = document(&recorded::answer(name).unwrap());
        assert_eq!(shape(&told), shape(&recorded), "{name}");
        assert_eq!(label_names(&told), label_names(&recorded), "{name}");
    }
}

#[test]
fn a_range_has_the_recorded_keys_types_and_labels() {
    let world = World::new(1, START);
    let path = |step: &str| {
        let query = encode(expressions::CPU_PERCENT);
        format!("/api/v1/query_range?query={query}&start={}&end={START}&step={step}", START - 86_400.0)
    };
    let told = document(&ask(&world, &path("30m")));
    let recorded = document(&recorded::answer("range_cpu").unwrap());
    assert_eq!(shape(&told), shape(&recorded));
    assert_eq!(label_names(&told), label_names(&recorded));
    let storage = told["data"]["result"].as_array().unwrap().last().unwrap();
    let values = storage["values"].as_array().unwrap();
    assert_eq!(values.len(), 49);
    assert_eq!(values[0][0], START - 86_400.0);
    assert_eq!(told, document(&ask(&world, &path("1800"))));
}

#[test]
fn a_time_without_a_fraction_is_a_whole_number() {
    let world = World::new(1, START);
    let at = |time: &str| {
        let value = document(&ask(&world, &format!("/api/v1/query?query=up&time={time}")));
        value["data"]["result"][0]["value"][0].clone()
    };
    assert_eq!(at("1795431300").to_string(), "1795431300");
    assert_eq!(at("2026-11-23T10:55:00Z").to_string(), "1795431300");
    assert_eq!(at("1795431300.25").to_string(), "1795431300.25");
}

#[test]
fn errors_are_the_recorded_ones() {
    let world = World::new(1, START);
    for (name, path) in [
        ("bad_query", "/api/v1/query?query=up%7B"),
        ("no_query", "/api/v1/query"),
        ("range_too_many", "/api/v1/query_range?query=up&start=1795000000&end=1795431300&step=1"),
        ("notfound", "/api/v1/nothing"),
    ] {
        let (told, recorded) = (ask(&world, path), recorded::answer(name).unwrap());
        assert_eq!((told.status, &told.content_type), (recorded.status, &recorded.content_type), "{name}");
        if told.content_type == "application/json" {
            assert_eq!(document(&told), document(&recorded), "{name}");
        } else {
            assert_eq!(told.body, recorded.body, "{name}");
        }
    }
}

#[test]
fn wrong_parameters_are_bad_data() {
    let world = World::new(1, START);
    for path in [
        "/api/v1/query?query=up&time=yesterday",
        "/api/v1/query?query=sum(up)",
        "/api/v1/query_range?query=up&start=20&end=10&step=1",
        "/api/v1/query_range?query=up&start=10&end=20&step=0",
        "/api/v1/query_range?query=up&start=10&end=20&step=x",
        "/api/v1/query_range?query=up&end=20&step=1",
        "/api/v1/query_range?start=10&end=20&step=1",
    ] {
        let answer = ask(&world, path);
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(document(&answer)["errorType"], "bad_data", "{path}");
    }
    let mut request = Request::get("/api/v1/query?query=up");
    request.method = "DELETE".to_owned();
    assert_eq!(prometheus::answer(&world, &request).status, 405);
}

#[test]
fn a_form_asks_like_a_url() {
    let world = World::new(1, START);
    let mut request = Request::get("/api/v1/query");
    request.method = "POST".to_owned();
    request.headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    request.body = format!("query={}&time=1795431000", encode(expressions::CORES)).into_bytes();
    let asked = prometheus::answer(&world, &request);
    let path = format!("/api/v1/query?time=1795431000&query={}", encode(expressions::CORES));
    assert_eq!(asked, ask(&world, &path));
    assert_eq!(asked.status, 200);
}

#[test]
fn readiness_is_plain_text() {
    let answer = ask(&World::new(1, START), "/-/ready");
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/plain; charset=utf-8"));
}

#[test]
fn every_default_expression_has_a_value_for_every_host_that_is_up() {
    let world = World::new(1, START);
    let up: Vec<Value> = query(&world, r#"up{job="node"}"#);
    assert_eq!(up.len(), 9);
    let down: Vec<&Value> = up.iter().filter(|one| one["value"][1] == "0").collect();
    assert_eq!(down.len(), 1);
    for expression in expressions::ALL {
        let series = query(&world, expression);
        if [expressions::UP, expressions::PROBE_SUCCESS].contains(&expression) {
            continue;
        }
        for one in &up {
            let instance = one["metric"]["instance"].as_str().unwrap();
            let value = value_of(&series, instance);
            assert_eq!(value.is_some(), one["value"][1] == "1", "{expression} of {instance}");
            assert!(value.is_none_or(|value| value >= 0.0), "{expression} of {instance}");
        }
    }
}

#[test]
fn percentages_agree_with_what_they_are_made_of() {
    let world = World::new(1, START);
    let total = query(&world, expressions::MEMORY_TOTAL);
    let available = query(&world, expressions::MEMORY_AVAILABLE);
    let percent = query(&world, expressions::MEMORY_PERCENT);
    let cpu = query(&world, expressions::CPU_PERCENT);
    for host in world.hosts().iter().filter(|host| host.up(START)) {
        let of = |series: &[Value]| value_of(series, &host.instance).unwrap();
        assert!((of(&percent) - 100.0 * (1.0 - of(&available) / of(&total))).abs() < 1e-9);
        let exact = 1.0 - (host.idle_seconds(START) - host.idle_seconds(START - 300.0)) / 300.0;
        if host.booted_at(START) < START - 400.0 {
            assert!((of(&cpu) - 100.0 * exact).abs() < 6.0, "{}: {} {exact}", host.host, of(&cpu));
        }
    }
    let cores = query(&world, expressions::CORES);
    assert_eq!(value_of(&cores, "drone-izar-host.internal.lan:9100"), Some(16.0));
}

#[test]
fn pseudo_file_systems_are_left_out_and_second_mounts_are_not() {
    let world = World::new(1, START);
    let series = query(&world, expressions::DISK_SIZE);
    let types: BTreeSet<&str> = series.iter().map(|one| one["metric"]["fstype"].as_str().unwrap()).collect();
    assert_eq!(types, BTreeSet::from(["btrfs", "ext4", "nfs4", "vfat", "xfs", "zfs"]));
    assert!(query(&world, "node_filesystem_size_bytes").len() > series.len());
    let of_one = |series: &[Value]| {
        series.iter().filter(|one| one["metric"]["instance"] == "vault-nas.internal.lan:9100").count()
    };
    assert_eq!(of_one(&series), of_one(&query(&world, expressions::DISK_AVAILABLE)));
    let homes = series.iter().filter(|one| one["metric"]["device"] == "/dev/mapper/vg0-home").count();
    assert!(homes > 5 && homes % 2 == 0, "{homes}");
}

#[test]
fn a_host_that_goes_down_keeps_only_its_up_and_for_minutes_its_rates() {
    let mut world = World::new(1, START);
    let instance = "drone-izar-host.internal.lan:9100";
    world.silence("drone-izar-host");
    world.advance_to(START + 120.0);
    assert_eq!(value_of(&query(&world, "up"), instance), Some(0.0));
    for expression in
        [expressions::LOAD_1, expressions::CORES, expressions::MEMORY_PERCENT, expressions::UNAME]
    {
        assert_eq!(value_of(&query(&world, expression), instance), None, "{expression}");
    }
    assert!(value_of(&query(&world, expressions::CPU_PERCENT), instance).is_some());
    world.advance_to(START + 320.0);
    assert_eq!(value_of(&query(&world, expressions::CPU_PERCENT), instance), None);
    world.bring_back("drone-izar-host");
    world.advance_to(START + 321.0);
    assert_eq!(value_of(&query(&world, expressions::LOAD_1), instance).map(|load| load >= 0.0), Some(true));
    assert_eq!(value_of(&query(&world, expressions::CPU_PERCENT), instance), None, "two samples are needed");
    world.advance_to(START + 400.0);
    let cpu = value_of(&query(&world, expressions::CPU_PERCENT), instance).unwrap();
    assert!((0.0..=100.0).contains(&cpu), "{cpu}");
    let boot = value_of(&query(&world, expressions::BOOT_TIME), instance).unwrap();
    assert_eq!(boot, (START + 320.0).floor());
    world.remove("drone-izar-host");
    assert_eq!(value_of(&query(&world, "up"), instance), None);
}

#[test]
fn a_range_over_an_absence_has_a_gap() {
    let mut world = World::new(1, START);
    world.silence("tau-host");
    world.advance_to(START + 1_800.0);
    world.bring_back("tau-host");
    world.advance_to(START + 3_600.0);
    let path = format!(
        "/api/v1/query_range?query={}&start={START}&end={}&step=60",
        encode(expressions::MEMORY_PERCENT),
        START + 3_600.0
    );
    let told = document(&ask(&world, &path));
    let series = told["data"]["result"].as_array().unwrap();
    let tau = series.iter().find(|one| one["metric"]["instance"] == "tau-host.internal.lan:9100").unwrap();
    let points = tau["values"].as_array().unwrap().len();
    assert_eq!(points, 31, "of 61");
    assert!(series.iter().any(|one| one["values"].as_array().unwrap().len() == 61));
}

#[test]
fn nothing_is_known_before_the_history_or_long_after_now() {
    let world = World::new(1, START);
    let count = |time: f64| {
        let answer = ask(&world, &format!("/api/v1/query?query=up&time={time}"));
        document(&answer)["data"]["result"].as_array().unwrap().len()
    };
    assert_eq!(count(world.begun_at() - 1.0), 0);
    assert!(count(world.begun_at() + 1.0) > 0);
    assert!(count(START + 299.0) > 0);
    assert_eq!(count(START + 301.0), 0);
    assert_eq!(query(&world, "go_goroutines"), Vec::<Value>::new());
}

#[test]
fn a_probe_that_fails_is_still_up() {
    let mut world = World::new(1, START);
    let instance = "http://altair-link.internal.lan:8090/healthz";
    assert!(world.stop(instance));
    assert_eq!(value_of(&query(&world, expressions::UP), instance), Some(1.0));
    assert_eq!(value_of(&query(&world, expressions::PROBE_SUCCESS), instance), Some(0.0));
    assert_eq!(query(&world, expressions::PROBE_SUCCESS).len(), 3);
    world.start(instance);
    assert_eq!(value_of(&query(&world, expressions::PROBE_SUCCESS), instance), Some(1.0));
}

#[test]
fn alerts_have_their_shape_and_no_label_is_empty() {
    let world = World::new(1, START);
    let told = document(&ask(&world, "/api/v1/alerts"));
    let recorded = document(&recorded::answer("alerts").unwrap());
    assert_eq!(told["status"], recorded["status"]);
    let keys = |value: &Value| value["data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&told), keys(&recorded));
    let alerts = told["data"]["alerts"].as_array().unwrap();
    assert!(alerts.len() > 3);
    for alert in alerts {
        let keys: Vec<&str> = alert.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["activeAt", "annotations", "labels", "state", "value"]);
        assert!(["firing", "pending"].contains(&alert["state"].as_str().unwrap()));
        assert!(alert["value"].as_str().unwrap().parse::<f64>().is_ok());
        assert!(alert["activeAt"].as_str().unwrap().ends_with('Z'));
        assert!(alert["labels"].as_object().unwrap().values().all(|label| label != ""));
    }
}

#[test]
fn what_a_host_exports_is_what_is_asked() {
    let world = World::new(1, START);
    for host in world.hosts().iter().filter(|host| host.up(START)) {
        let text = simulator::exporter::text(host, START);
        for name in [expressions::LOAD_5, expressions::MEMORY_AVAILABLE, expressions::BOOT_TIME] {
            let line =
                text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
            let exported: f64 = line.unwrap().rsplit_once(' ').unwrap().1.parse().unwrap();
            assert_eq!(value_of(&query(&world, name), &host.instance), Some(exported), "{name}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bodies = || {
        let mut world = World::new(21, START);
        world.advance_to(START + 5_000.0);
        expressions::ALL.map(|text| ask(&world, &format!("/api/v1/query?query={}", encode(text))).body)
    };
    assert!(bodies() == bodies());
}
