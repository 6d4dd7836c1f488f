//! A real Prometheus with real and backfilled hosts: what is published is what Prometheus says.
//!
//! Values move between the poll and the check, so Prometheus is asked what each figure was from shortly before the
//! poll until it was taken in; the published figure must be one of those, rounded. The questions are written anew
//! here and share nothing with those that are asked by default.

mod past;

use std::{collections::BTreeMap, fs, time::Duration};

use jiff::Timestamp;
use scheduler::{
    backend::prometheus::{Expression, Expressions},
    config::{
        Timing,
        draft::watch::{ServiceDraft, WatchDraft},
    },
};
use serde_json::Value;
use simulator::simulator::{Options, Simulator};

use crate::support::{
    eventually, http,
    metrics::{NodeExporter, Prometheus, Series, is_missing},
    stack::{Setup, Stack},
};

/// A poll may take this long on a busy machine: each of its requests has 900 ms, all are sent at once, and what they
/// say is still to be put together.
const POLL_SECONDS: f64 = 5.0;

/// A figure, how it is asked for by hand, and how far rounding moves it.
const FIGURES: [(&str, &str, f64); 8] = [
    ("cores", "count by (instance) (count by (instance, cpu) (node_cpu_seconds_total))", 0.0),
    (
        "cpu_percent",
        "100 - 100 * sum by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m])) \
         / count by (instance) (count by (instance, cpu) (node_cpu_seconds_total))",
        0.5,
    ),
    ("memory_total_bytes", "max by (instance) (node_memory_MemTotal_bytes)", 0.0),
    ("memory_percent", MEMORY, 0.5),
    ("load_1m", "sum by (instance) (node_load1)", 0.05),
    ("load_5m", "sum by (instance) (node_load5)", 0.05),
    ("load_15m", "sum by (instance) (node_load15)", 0.05),
    ("booted_at", "60 * floor(max by (instance) (node_boot_time_seconds) / 60)", 0.0),
];

const MEMORY: &str = "100 * (sum by (instance) (node_memory_MemTotal_bytes) \
                      - sum by (instance) (node_memory_MemAvailable_bytes)) \
                      / sum by (instance) (node_memory_MemTotal_bytes)";

/// File systems that keep files, as opposed to those that are left out.
const KEPT: &str = "fstype=~\"ext[234]|xfs|btrfs|zfs|f2fs|vfat|bcachefs|nfs.*\"";

/// What binary fractions lose.
const EPSILON: f64 = 1e-6;

/// Two machines that really answer: this one, and one of the simulated farm. Both are served at one address.
struct Live {
    exporter: Option<NodeExporter>,
    this: String,
    simulated: String,
    jobs: String,
    _simulator: Simulator,
}

impl Live {
    fn start() -> Self {
        let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
        let exporter = NodeExporter::start();
        let number = simulator.with_world(|world| {
            let now = world.now();
            world.hosts().into_iter().find(|host| host.up(now)).unwrap().number
        });
        let this = exporter.address.to_string();
        let simulated = simulator.exporter_url().trim_start_matches("http://").to_owned();
        let jobs = format!(
            "  - job_name: node\n    static_configs: [{{targets: ['{this}']}}]\n\
             \x20 - job_name: machines\n    metrics_path: /hosts/{number}/metrics\n    \
             static_configs: [{{targets: ['{simulated}']}}]\n"
        );
        Self { exporter: Some(exporter), this, simulated, jobs, _simulator: simulator }
    }
}

fn timing() -> Timing {
    Timing {
        interval: Some(Duration::from_secs(1)),
        timeout: Some(Duration::from_millis(900)),
        stale_after: Some(Duration::from_millis(2_500)),
        offline_after: Some(Duration::from_secs(5)),
    }
}

fn start(prometheus: &Prometheus) -> Stack {
    let service = |name: &str, job: &str| ServiceDraft {
        name: Some(name.to_owned()),
        job: Some(job.to_owned()),
        instance: None,
    };
    let services = vec![service("Own", "node"), service("Farm", "machines"), service("Fleet", "fleet")];
    let watch = WatchDraft { services, publish_boot_times: true, ..WatchDraft::default() };
    Setup::metrics(&prometheus.url(), timing(), watch).start().ready()
}

/// Waits until so many hosts are up, each with its use of the processor, which needs two scrapes.
fn wait_for_hosts(stack: &Stack, n_up: usize) -> Value {
    eventually(&format!("{n_up} hosts with everything known"), || {
        let document = stack.document("infrastructure");
        let hosts = document["data"]["hosts"].as_array().unwrap();
        let is_known = |host: &&Value| host["state"] == "up" && !host["cpu_percent"].is_null();
        (hosts.iter().filter(is_known).count() == n_up).then(|| document.clone())
    })
}

/// The public name of each instance, as the operator is told it.
fn names(stack: &Stack, instances: &[String]) -> BTreeMap<String, String> {
    let rows = http::get_json(stack.internal, "/names")["names"].as_array().unwrap().clone();
    let name = |instance: &String| {
        // The port is told only where it is needed.
        let bare = instance.rsplit_once(':').unwrap().0;
        let row = |internal: &str| {
            let is_it = |row: &&Value| row["internal"] == internal && row["status"] == "pseudonym";
            rows.iter().find(is_it)
        };
        let row = row(instance).or_else(|| row(bare)).unwrap_or_else(|| panic!("{instance} has no name"));
        (instance.clone(), row["public"].as_str().unwrap().to_owned())
    };
    instances.iter().map(name).collect()
}

/// Compares every figure of the hosts with what Prometheus says of their instances.
#[track_caller]
fn compare(prometheus: &Prometheus, document: &Value, names: &BTreeMap<String, String>) {
    let hosts = document["data"]["hosts"].as_array().unwrap();
    assert_eq!(hosts.len(), names.len(), "nobody is missing, nobody is there twice");
    let polled = document["sources"]["prometheus"]["last_seen"].as_str().unwrap();
    let polled: Timestamp = polled.parse().unwrap();
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
    let polled = polled.as_second() as f64;
    let ask = |expression: &str| prometheus.values(expression, polled - POLL_SECONDS, polled + 1.0, 0.25);
    let host = |instance: &str| {
        let host = hosts.iter().find(|host| host["name"] == names[instance].as_str());
        host.unwrap_or_else(|| panic!("{instance} is not listed"))
    };

    let up = by_instance(ask("up"));
    for instance in names.keys() {
        let values = &up[instance];
        let expected = if values.iter().all(|up| *up > 0.0) { "up" } else { "down" };
        assert_eq!(host(instance)["state"], expected, "{instance}: {values:?}");
    }
    for (figure, expression, rounding) in FIGURES {
        let truth = by_instance(ask(expression));
        for instance in names.keys().filter(|instance| host(instance)["state"] == "up") {
            let values = truth.get(instance).map_or(&[][..], Vec::as_slice);
            let said = number(&host(instance)[figure]);
            let bounds = finite_bounds(values);
            let is_so = match (said, bounds) {
                (Some(said), Some((least, most))) => {
                    (least - rounding - EPSILON..=most + rounding + EPSILON).contains(&said)
                }
                (None, None) => true,
                _ => false,
            };
            assert!(is_so, "{figure} of {instance}: {said:?} and not {values:?}");
        }
    }
    let size = ask(&format!("node_filesystem_size_bytes{{{KEPT}}}"));
    let free = ask(&format!("node_filesystem_avail_bytes{{{KEPT}}}"));
    for instance in names.keys() {
        let said = host(instance);
        let expected = if said["state"] == "up" { disks(instance, &size, &free) } else { Vec::new() };
        compare_disks(instance, said["disks"].as_array().unwrap(), &expected);
    }
    for (service, job) in [("Own", "node"), ("Farm", "machines"), ("Fleet", "fleet")] {
        let values: Vec<f64> =
            ask(&format!("min by (job) (up{{job={job:?}}}) + max by (job) (up{{job={job:?}}})"))
                .into_iter()
                .flat_map(|(_, values)| values)
                .collect();
        let services = document["data"]["services"].as_array().unwrap();
        let said = services.iter().find(|said| said["name"] == service).unwrap();
        let expected = match values.last() {
            None => "unknown",
            Some(2.0) => "up",
            Some(1.0) => "degraded",
            Some(_) => "down",
        };
        assert_eq!(said["state"], expected, "{service}: {values:?}");
    }
}

/// A disk by hand: its public name where it has one of its own, its size, and the bounds of its use in percent.
struct Expected {
    name: Option<&'static str>,
    total: f64,
    used: (f64, f64),
}

/// One disk a device, by its shortest mount point.
fn disks(instance: &str, size: &Series<f64>, free: &Series<f64>) -> Vec<Expected> {
    let label = |labels: &BTreeMap<String, String>, name: &str| labels.get(name).cloned().unwrap_or_default();
    let mut devices: BTreeMap<String, (String, f64, (f64, f64))> = BTreeMap::new();
    for (labels, sizes) in size.iter().filter(|(labels, _)| label(labels, "instance") == instance) {
        let (device, mount) = (label(labels, "device"), label(labels, "mountpoint"));
        let is_it = |(other, _): &&(BTreeMap<String, String>, Vec<f64>)| {
            ["instance", "device", "mountpoint"].iter().all(|name| label(other, name) == label(labels, name))
        };
        let (_, free) = free.iter().find(is_it).unwrap();
        let (least, most) = finite_bounds(free).unwrap();
        let total = *sizes.last().unwrap();
        let used = (100.0 * (total - most) / total, 100.0 * (total - least) / total);
        let known = devices.get(&device);
        if known.is_none_or(|(other, ..)| (mount.len(), &mount) < (other.len(), other)) {
            devices.insert(device, (mount, total, used));
        }
    }
    let name = |mount: &str| match mount {
        "/" => Some("root"),
        "/boot" => Some("boot"),
        "/home" => Some("home"),
        "/var" => Some("var"),
        _ => None,
    };
    let disks = devices.into_values();
    disks.map(|(mount, total, used)| Expected { name: name(&mount), total, used }).collect()
}

#[track_caller]
fn compare_disks(instance: &str, said: &[Value], expected: &[Expected]) {
    assert_eq!(said.len(), expected.len(), "{instance}: {said:?}");
    for disk in expected {
        let is_it = |said: &&Value| {
            let name = said["name"].as_str().unwrap();
            let is_named = disk.name.map_or(name.starts_with("disk-"), |expected| name == expected);
            let used = number(&said["used_percent"]).unwrap();
            is_named
                && number(&said["total_bytes"]) == Some(disk.total)
                && (disk.used.0 - 0.5 - EPSILON..=disk.used.1 + 0.5 + EPSILON).contains(&used)
        };
        let found = said.iter().find(is_it);
        assert!(found.is_some(), "{instance}: no {:?} of {} in {said:?}", disk.name, disk.total);
    }
}

fn by_instance(series: Series<f64>) -> BTreeMap<String, Vec<f64>> {
    series.into_iter().map(|(labels, values)| (labels["instance"].clone(), values)).collect()
}

/// A number, or the second of an instant.
#[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
fn number(value: &Value) -> Option<f64> {
    let instant = value.as_str().map(|text| text.parse::<Timestamp>().unwrap().as_second() as f64);
    instant.or(value.as_f64())
}

fn finite_bounds(values: &[f64]) -> Option<(f64, f64)> {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let least = finite().reduce(f64::min)?;
    Some((least, finite().reduce(f64::max)?))
}

/// What this machine says of itself, without any Prometheus.
#[track_caller]
fn compare_with_this_machine(host: &Value) {
    let read = |file: &str| fs::read_to_string(file).unwrap();
    let after = |text: &str, key: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let cores = read("/proc/cpuinfo").lines().filter(|line| line.starts_with("processor")).count();
    assert_eq!(host["cores"], cores);
    let memory = after(&read("/proc/meminfo"), "MemTotal:") * 1_024.0;
    assert_eq!(number(&host["memory_total_bytes"]), Some(memory));
    let booted = (after(&read("/proc/stat"), "btime ") / 60.0).floor() * 60.0;
    assert_eq!(number(&host["booted_at"]), Some(booted));
}

#[test]
fn two_hosts_at_one_address_are_what_prometheus_and_the_machine_say() {
    if is_missing() {
        return;
    }
    let live = Live::start();
    let prometheus = Prometheus::start(&live.jobs, None);
    let stack = start(&prometheus);
    let document = wait_for_hosts(&stack, 2);
    let names = names(&stack, &[live.this.clone(), live.simulated.clone()]);
    compare(&prometheus, &document, &names);
    let hosts = document["data"]["hosts"].as_array().unwrap();
    compare_with_this_machine(hosts.iter().find(|host| host["name"] == names[&live.this].as_str()).unwrap());
}

#[test]
fn an_expression_that_prometheus_refuses_or_answers_oddly_costs_its_own_figure() {
    if is_missing() {
        return;
    }
    let live = Live::start();
    let prometheus = Prometheus::start(&live.jobs, None);
    let odd = [
        (Expression::Cores, "vector(4)"),
        (Expression::CpuPercent, "rate("),
        // One side for all, and both have more than one of it.
        (Expression::MemoryPercent, "node_load1 * on () node_load5"),
        (Expression::MemoryTotal, "scalar(vector(1e9))"),
        (Expression::Load1, "node_load1 / 0 * (node_load1 > -1)"),
        (Expression::Load5, "node_load5 * 0 / 0"),
        (Expression::Load15, "\"high\""),
        (Expression::BootTime, "node_boot_time_seconds[5m]"),
    ];
    let expressions =
        odd.iter().fold(Expressions::default(), |all, (key, query)| all.with(*key, (*query).to_owned()));
    let watch = WatchDraft { publish_boot_times: true, ..WatchDraft::default() };
    let setup = Setup { expressions, ..Setup::metrics(&prometheus.url(), timing(), watch) };
    let stack = setup.start().ready();
    let document = eventually("two hosts with disks", || {
        let document = stack.document("infrastructure");
        let hosts = document["data"]["hosts"].as_array().unwrap();
        let is_known = |host: &Value| !host["disks"].as_array().unwrap().is_empty();
        (hosts.len() == 2 && hosts.iter().all(is_known)).then(|| document.clone())
    });
    assert_eq!(document["sources"]["prometheus"]["fault"], Value::Null);
    for host in document["data"]["hosts"].as_array().unwrap() {
        assert_eq!(host["state"], "up");
        for (figure, ..) in FIGURES {
            assert!(host[figure].is_null(), "{figure}: {}", host[figure]);
        }
    }
}

#[test]
fn a_hundred_and_two_hosts_with_their_history_stay_true_through_every_loss() {
    if is_missing() {
        return;
    }
    let mut live = Live::start();
    let now = Timestamp::now().as_second();
    let mut prometheus = Prometheus::start(&live.jobs, Some(&past::open_metrics(now)));
    let stack = start(&prometheus);
    let n_up = past::INSTANCES - 1 + 2;
    let document = wait_for_hosts(&stack, n_up);
    let mut instances: Vec<String> = (0..past::INSTANCES).map(past::instance).collect();
    instances.extend([live.this.clone(), live.simulated.clone()]);
    let names = names(&stack, &instances);
    compare(&prometheus, &document, &names);
    let summary = serde_json::json!({"total": n_up + 1, "up": n_up, "down": 1, "unknown": 0});
    assert_eq!(document["data"]["summary"]["hosts"], summary);
    compare_history(&prometheus, &document, &names);

    // One exporter dies: its host is down, and the others are what they were.
    live.exporter = None;
    let state = |document: &Value, instance: &str| {
        let hosts = document["data"]["hosts"].as_array().unwrap();
        let host = hosts.iter().find(|host| host["name"] == names[instance].as_str());
        host.unwrap()["state"].as_str().unwrap().to_owned()
    };
    let document = eventually("the host of the dead exporter to be down", || {
        let document = stack.document("infrastructure");
        let state = state(&document, &live.this);
        assert_ne!(state, "unknown");
        (state == "down").then_some(document)
    });
    assert_eq!(document["data"]["summary"]["hosts"]["up"], n_up - 1);
    assert_eq!(state(&document, &live.simulated), "up", "what shares the address is another machine");

    // Prometheus dies: what it said stays, and is marked.
    prometheus.kill();
    let source = |document: &Value| document["sources"]["prometheus"]["state"].as_str().unwrap().to_owned();
    for expected in ["stale", "offline"] {
        let document = eventually(&format!("Prometheus {expected}"), || {
            Some(stack.document("infrastructure")).filter(|document| source(document) == expected)
        });
        assert_eq!(document["data"]["summary"]["hosts"]["up"], n_up - 1);
        assert_eq!(document["sources"]["prometheus"]["fault"], "refused");
    }
    prometheus.restart();
    let document = eventually("Prometheus online", || {
        Some(stack.document("infrastructure")).filter(|document| source(document) == "online")
    });
    assert!(document["sources"]["prometheus"]["fault"].is_null());
    wait_for_hosts(&stack, n_up - 1);
}

/// Compares the 24 hours of every host, point by point.
#[track_caller]
fn compare_history(prometheus: &Prometheus, document: &Value, names: &BTreeMap<String, String>) {
    let hosts = document["data"]["hosts"].as_array().unwrap();
    let ends: Vec<f64> = hosts.iter().filter_map(|host| number(&host["history"]["end_at"])).collect();
    let (end, step) = (ends[0], 1_800.0);
    assert!(ends.len() >= past::INSTANCES - 1 && ends.iter().all(|other| *other == end));
    let cpu = FIGURES[1].1;
    let mut n_points = 0;
    for (points, expression) in [("cpu_percent", cpu), ("memory_percent", MEMORY)] {
        let start = end - 47.0 * step;
        let truth = prometheus.points(expression, start, end, step);
        for (instance, name) in names {
            let host = hosts.iter().find(|host| host["name"] == name.as_str()).unwrap();
            let Some(said) = host["history"][points].as_array() else { continue };
            assert_eq!(said.len(), 48);
            for (idx, said) in (0..48_u32).zip(said.iter().map(number)) {
                let at = start + f64::from(idx) * step;
                let series = truth.iter().find(|(labels, _)| labels["instance"] == *instance);
                let point = series.and_then(|(_, points)| points.iter().find(|point| point.0 == at));
                let truth = point.map(|point| point.1).filter(|value| value.is_finite());
                let is_so = match (said, truth) {
                    (Some(said), Some(truth)) => (said - truth).abs() <= 0.5 + EPSILON,
                    (None, None) => true,
                    _ => false,
                };
                assert!(is_so, "{points} at {at} of {instance}: {said:?} and not {truth:?}");
                n_points += usize::from(said.is_some());
            }
        }
    }
    // Nearly all are there: those of the host that is down are not, and memory has holes.
    assert!(n_points > 48 * (past::INSTANCES - 1) * 2 * 9 / 10, "{n_points} points");
}
