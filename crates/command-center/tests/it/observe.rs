//! What the operator can watch: metrics that promtool accepts, alerts that fire when they should, logs that programs read.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::support::{
    binary::{self, Running},
    eventually, http,
    program::is_missing,
};

/// Where the files for Prometheus and Grafana are.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config").join(name)
}

fn promtool(args: &[&str], input: &str) -> Output {
    let mut child = Command::new("promtool")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[track_caller]
fn accepted(output: &Output) {
    let said = format!("{}{}", output.stdout.escape_ascii(), output.stderr.escape_ascii());
    assert!(output.status.success(), "{said}");
}

fn metrics(running: &Running) -> String {
    let answer = http::get(running.internal, "/metrics");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.text()
}

/// The value of a series, by its name and labels as they are written.
fn value(text: &str, series: &str) -> Option<f64> {
    let line =
        text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn what_can_be_watched_is_counted_and_promtool_has_no_complaint() {
    let running = Running::start(&["demo"], &[]);
    for target in ["/queue", "/queue", "/nowhere/at/all", "/badge/status.svg", "/packages/a/b"] {
        http::get(running.public, target);
    }
    http::request(running.public, "POST", "/queue").unwrap();
    let text = metrics(&running);
    let requests = |route: &str, status: &str| {
        let series = format!("command_center_http_requests_total{{route=\"{route}\",status=\"{status}\"}}");
        value(&text, &series)
    };
    assert_eq!(requests("/queue", "200"), Some(2.0));
    assert_eq!(requests("/queue", "405"), Some(1.0));
    assert_eq!(requests("none", "404"), Some(1.0));
    assert_eq!(requests("/badge/{name}.svg", "200"), Some(1.0));
    assert_eq!(requests("/packages/{category}/{name}", "404"), Some(1.0));
    for source in ["gateway", "orchestrator", "prometheus", "loki"] {
        let polls = |outcome: &str| {
            let series = format!("command_center_polls_total{{source=\"{source}\",outcome=\"{outcome}\"}}");
            value(&text, &series)
        };
        assert!(polls("ok") >= Some(1.0), "{source}");
        assert_eq!(polls("timeout"), Some(0.0), "{source}");
        let took =
            value(&text, &format!("command_center_poll_duration_seconds_count{{source=\"{source}\"}}"));
        assert!(took >= polls("ok"), "{source}");
        let age = value(&text, &format!("command_center_source_age_seconds{{source=\"{source}\"}}"));
        assert!(age.is_some_and(|age| (0.0..60.0).contains(&age)), "{source}: {age:?}");
        let online = format!("command_center_source_state{{source=\"{source}\",state=\"online\"}}");
        assert_eq!(value(&text, &online), Some(1.0));
    }
    assert_eq!(value(&text, "command_center_subscribers"), Some(0.0));
    assert_eq!(value(&text, "command_center_leak_guard_withheld{section=\"fleet\"}"), Some(0.0));
    assert!(value(&text, "process_resident_memory_bytes") > Some(1_000_000.0));
    assert!(value(&text, "process_open_fds") > Some(3.0));
    if is_missing(&["prometheus"]) {
        return;
    }
    accepted(&promtool(&["check", "metrics"], &text));
}

#[test]
fn a_backend_that_fails_is_counted_by_its_fault_and_ages() {
    let nobody = format!("http://{}", binary::free_address());
    let running = Running::start(&["serve"], &[("ORCHESTRATOR_URL", &nobody)]);
    let text = eventually("a poll that failed", || {
        let text = metrics(&running);
        let series = "command_center_polls_total{source=\"orchestrator\",outcome=\"refused\"}";
        (value(&text, series) >= Some(1.0)).then_some(text)
    });
    assert!(!text.contains("command_center_source_age_seconds{"), "nothing was ever heard");
    let state = "command_center_source_state{source=\"orchestrator\",state=\"unknown\"}";
    assert_eq!(value(&text, state), Some(1.0));
    assert!(!text.contains("gateway"), "{text}");
}

#[test]
fn alerts_fire_when_they_should() {
    if is_missing(&["prometheus"]) {
        return;
    }
    let [rules, tests] = ["prometheus/rules.yaml", "prometheus/rules.test.yaml"].map(file);
    accepted(&promtool(&["check", "rules", rules.to_str().unwrap()], ""));
    accepted(&promtool(&["test", "rules", tests.to_str().unwrap()], ""));
    let names = |path: &Path| -> BTreeSet<String> {
        let text = std::fs::read_to_string(path).unwrap();
        let names =
            text.lines().filter_map(|line| line.split_once("alert: ").or(line.split_once("alertname: ")));
        names.map(|(_, name)| name.trim().to_owned()).collect()
    };
    assert_eq!(names(&rules), names(&tests), "every alert has its test");
}

/// Every name of a metric in a text.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c));
    let is_name = |word: &&str| word.starts_with("command_center_") || word.starts_with("process_");
    words.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn alerts_and_dashboard_name_nothing_that_is_not_there() {
    let running = Running::start(&["demo"], &[]);
    let there = eventually("what builds bring", || {
        let text = metrics(&running);
        text.contains("command_center_estimate_builds{").then(|| names(&text))
    });
    for name in ["prometheus/rules.yaml", "prometheus/rules.test.yaml", "grafana/dashboard.json"] {
        let text = std::fs::read_to_string(file(name)).unwrap();
        let named = names(&text);
        assert!(named.len() >= 5, "{name}");
        let missing: Vec<_> = named.difference(&there).collect();
        assert!(missing.is_empty(), "{name}: {missing:?}");
    }
    let dashboard: Value =
        serde_json::from_str(&std::fs::read_to_string(file("grafana/dashboard.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels {
        let place = &panel["gridPos"];
        assert!(place["x"].as_u64().unwrap() + place["w"].as_u64().unwrap() <= 24, "{}", panel["title"]);
        assert!(!panel["targets"].as_array().unwrap().is_empty(), "{}", panel["title"]);
    }
}

/// Expressions of the dashboard as Prometheus parses them: each is put into a rule of its own.
#[test]
fn prometheus_understands_every_expression_of_the_dashboard() {
    if is_missing(&["prometheus"]) {
        return;
    }
    let dashboard: Value =
        serde_json::from_str(&std::fs::read_to_string(file("grafana/dashboard.json")).unwrap()).unwrap();
    let targets =
        dashboard["panels"].as_array().unwrap().iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut rules = String::from("groups:\n- name: dashboard\n  rules:\n");
    for (idx, target) in targets.enumerate() {
        let expression = target["expr"].as_str().unwrap().replace("$__rate_interval", "5m");
        rules.push_str(&format!("  - record: a:b:c{idx}\n    expr: {}\n", Value::from(expression)));
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rules.yaml");
    std::fs::write(&path, rules).unwrap();
    accepted(&promtool(&["check", "rules", path.to_str().unwrap()], ""));
}

#[test]
fn logs_are_json_when_programs_read_them() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let running = Running::start_logging_to(log.reopen().unwrap(), &["demo", "--log-format", "json"], &[]);
    running.signal(rustix::process::Signal::TERM);
    assert!(running.end().0.success());
    let text = std::fs::read_to_string(log.path()).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let messages: Vec<&str> = events.iter().filter_map(|event| event["message"].as_str()).collect();
    assert!(messages.contains(&"listening") && messages.contains(&"stopped"), "{messages:?}");
    for event in &events {
        assert!(event["timestamp"].is_string() && event["level"].is_string(), "{event}");
    }
}
