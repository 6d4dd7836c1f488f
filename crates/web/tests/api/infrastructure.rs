//! The document and the page about machines, services, alerts and logs.

use serde_json::{Value, json};
use snapshot::{
    infrastructure::{DiskName, Measure, Reachability},
    section::{Section, SourceName},
    snapshot::{Snapshot, Sources},
    testing,
};
use web::config::Config;

use crate::{
    app::{spawn_app, spawn_app_at},
    documents::minified,
};

fn document(snapshot: Snapshot) -> Value {
    spawn_app(snapshot).document("infrastructure").json()
}

/// The example with only these sources configured, and known only what they tell.
fn with_only(names: &[SourceName]) -> Snapshot {
    let mut snapshot = testing::example_infrastructure();
    let mut sources = Sources::default();
    for (name, observation) in snapshot.sources.iter().filter(|(name, _)| names.contains(name)) {
        sources.insert(name, observation.clone());
    }
    snapshot.sources = sources;
    if !names.contains(&SourceName::Prometheus) {
        snapshot.metrics = Section::empty();
    }
    if !names.contains(&SourceName::Probes) {
        snapshot.probes = Section::empty();
    }
    if !names.contains(&SourceName::Loki) {
        snapshot.logs = Section::empty();
    }
    snapshot
}

#[test]
fn the_documented_example_is_served_byte_for_byte() {
    let app = spawn_app(testing::example_infrastructure());
    assert_eq!(
        app.document("infrastructure").text(),
        minified(include_str!("documents/infrastructure.json"))
    );
}

#[test]
fn that_machines_are_watched_changes_no_other_document() {
    let (plain, watched) = (spawn_app(testing::example()), spawn_app(testing::example_infrastructure()));
    for name in ["build-swarm", "build-history"] {
        assert_eq!(plain.document(name).text(), watched.document(name).text(), "{name}");
    }
    let queue = |app: &crate::app::App| {
        let mut queue = app.document("queue").json();
        queue["data"]["epoch"] = Value::Null;
        queue
    };
    assert_eq!(queue(&plain), queue(&watched));
}

#[test]
fn before_the_first_answer_nothing_is_known_and_nothing_is_zero() {
    let app = spawn_app_at(testing::started_infrastructure(), "2026-02-23T14:29:58Z", Config::new());
    let document = app.document("infrastructure").json();
    let nothing =
        |keys: &[&str]| -> Value { keys.iter().map(|key| ((*key).to_owned(), Value::Null)).collect() };
    let expected = json!({
        "summary": {
            "hosts": nothing(&["total", "up", "down", "unknown"]),
            "services": nothing(&["total", "up", "degraded", "down", "unknown"]),
            "alerts": nothing(&["critical", "warning", "info", "other"]),
        },
        "galaxies": [],
        "hosts": [],
        "services": [],
        "alerts": {"firing": []},
        "logs": {
            "window_seconds": null,
            "levels": nothing(&["critical", "error", "warning", "info", "debug", "unknown"]),
            "services": [],
            "day": null,
        },
        "truncated": {"hosts": 0, "services": 0, "host_details": 0, "service_details": 0},
    });
    assert_eq!(document["data"], expected);
    assert_eq!((&document["status"], &document["changed_at"]), (&json!("unknown"), &Value::Null));
    for name in ["prometheus", "loki", "probes"] {
        assert_eq!(document["sources"][name]["state"], "unknown");
    }
}

#[test]
fn what_a_dead_source_told_stays_and_only_the_primary_one_makes_the_document_offline() {
    let healthy = document(testing::example_infrastructure());
    for (source, status) in
        [(SourceName::Prometheus, "offline"), (SourceName::Loki, "stale"), (SourceName::Probes, "stale")]
    {
        let mut snapshot = testing::example_infrastructure();
        testing::silence(&mut snapshot, source, "2026-02-23T14:02:07Z");
        let document = document(snapshot);
        assert_eq!(document["status"], status, "{source:?}");
        assert_eq!(document["data"], healthy["data"], "{source:?}");
        assert_eq!(document["sources"][source.as_str()]["state"], "offline");
        assert_eq!(document["timestamp"], "2026-02-23T14:02:07Z");
        // Nothing is said to be so that Prometheus said long ago.
        let codes: Vec<_> = document["notices"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
        let is_prometheus = source == SourceName::Prometheus;
        assert_eq!(codes.contains(&&json!("disk_full")), !is_prometheus, "{codes:?}");
        assert!(codes.contains(&&json!("source_stale")), "{codes:?}");
    }
}

#[test]
fn the_dead_control_plane_leaves_the_machines_as_they_are() {
    let mut snapshot = testing::example_infrastructure();
    let healthy = document(snapshot.clone());
    for source in [SourceName::Orchestrator, SourceName::Gateway] {
        testing::silence(&mut snapshot, source, "2026-02-23T14:02:07Z");
    }
    assert_eq!(document(snapshot), healthy);
}

#[test]
fn without_prometheus_probes_come_first_and_hosts_are_not_known() {
    let document = document(with_only(&[SourceName::Probes, SourceName::Loki]));
    assert_eq!((&document["status"], &document["data"]["hosts"]), (&json!("ok"), &json!([])));
    let summary = &document["data"]["summary"];
    assert_eq!((&summary["hosts"]["total"], &summary["hosts"]["down"]), (&Value::Null, &Value::Null));
    assert_eq!((&summary["services"]["total"], &summary["services"]["up"]), (&json!(1), &json!(1)));
    assert_eq!(summary["alerts"]["critical"], Value::Null);
    assert_eq!(document["data"]["galaxies"][0], json!({"name": "Andromeda", "hosts": null}));
    let keys: Vec<_> = document["sources"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["loki", "probes"]);
    let mut snapshot = with_only(&[SourceName::Probes, SourceName::Loki]);
    testing::silence(&mut snapshot, SourceName::Probes, "2026-02-23T14:02:07Z");
    assert_eq!(self::document(snapshot)["status"], "offline");
    let mut snapshot = with_only(&[SourceName::Probes, SourceName::Loki]);
    testing::silence(&mut snapshot, SourceName::Loki, "2026-02-23T14:02:07Z");
    assert_eq!(self::document(snapshot)["status"], "stale");
}

#[test]
fn each_source_alone_makes_a_document() {
    let expected = [(SourceName::Prometheus, 2, 2), (SourceName::Loki, 0, 0), (SourceName::Probes, 0, 1)];
    for (source, n_hosts, n_services) in expected {
        let document = document(with_only(&[source]));
        let length = |list: &str| document["data"][list].as_array().unwrap().len();
        assert_eq!((length("hosts"), length("services")), (n_hosts, n_services), "{source:?}");
        assert_eq!(document["status"], "ok");
        assert_eq!(document["data"]["logs"].is_null(), source != SourceName::Loki);
    }
}

#[test]
fn alerts_that_prometheus_does_not_tell_are_not_zero() {
    let mut snapshot = testing::example_infrastructure();
    testing::edit(&mut snapshot.metrics, |metrics| metrics.alerts = None);
    assert_eq!(document(snapshot)["data"]["summary"]["alerts"]["warning"], Value::Null);
    let mut snapshot = testing::example_infrastructure();
    testing::edit(&mut snapshot.metrics, |metrics| metrics.alerts = Some(Vec::new()));
    assert_eq!(document(snapshot)["data"]["summary"]["alerts"]["warning"], 0);
}

#[test]
fn services_of_both_measures_are_one_list() {
    let mut snapshot = testing::example_infrastructure();
    testing::edit(&mut snapshot.probes, |probes| {
        probes.services.push(testing::service("Node exporter", Reachability::Down, Measure::Probe));
    });
    let services = document(snapshot)["data"]["services"].clone();
    assert_eq!(services.as_array().unwrap().len(), 3);
    assert_eq!((&services[2]["state"], &services[2]["measured_by"]), (&json!("down"), &json!("probe")));
}

/// The example with as many hosts and services.
fn crowded(n_hosts: usize, n_services: usize) -> Snapshot {
    let mut snapshot = testing::example_infrastructure();
    testing::set_hosts(&mut snapshot, testing::many_hosts(n_hosts));
    let service = |n: usize| testing::service(&format!("Service {n:04}"), Reachability::Up, Measure::Probe);
    testing::edit(&mut snapshot.probes, |probes| probes.services = (0..n_services).map(service).collect());
    snapshot
}

#[test]
fn however_much_is_watched_the_document_stays_small_and_says_what_it_leaves_out() {
    // Hosts, services; how many of them are listed at least; of which the past is told.
    let cases = [
        ((100, 10), (100, 12), (true, true)),
        ((200, 10), (200, 12), (false, true)),
        ((1_000, 10), (250, 12), (false, true)),
        ((1_000, 1_000), (120, 500), (false, false)),
    ];
    for ((n_hosts, n_services), at_least, are_detailed) in cases {
        let app = spawn_app(crowded(n_hosts, n_services));
        let answer = app.document("infrastructure");
        assert!(answer.text().len() < 200_000, "{n_hosts} hosts: {} bytes", answer.text().len());
        let data = &answer.json()["data"];
        let lists = ["hosts", "services"].map(|list| data[list].as_array().unwrap());
        let listed = (lists[0].len(), lists[1].len());
        assert!(listed.0 >= at_least.0 && listed.1 >= at_least.1, "{n_hosts} hosts: {listed:?}");
        for (list, is_detailed) in lists.into_iter().zip([are_detailed.0, are_detailed.1]) {
            let is_told = |one: &Value| !one["availability"].as_array().unwrap().is_empty();
            assert!(list.iter().all(|one| is_told(one) == is_detailed), "{n_hosts} hosts");
        }
        let n_services = usize::try_from(data["summary"]["services"]["total"].as_u64().unwrap()).unwrap();
        let truncated = json!({
            "hosts": n_hosts - listed.0,
            "services": n_services - listed.1,
            "host_details": if are_detailed.0 { 0 } else { listed.0 },
            "service_details": if are_detailed.1 { 0 } else { listed.1 },
        });
        assert_eq!(data["truncated"], truncated);
        assert_eq!(data["summary"]["hosts"]["total"], n_hosts, "counts are never cut");
        let n_down = lists[0].iter().filter(|host| host["state"] == "down").count();
        assert_eq!(data["summary"]["hosts"]["down"], n_down, "who is down is listed");
        assert!(lists[0].is_sorted_by_key(|host| host["name"].as_str().unwrap()));
    }
}

#[test]
fn the_heaviest_hosts_stay_in_the_bound_too() {
    let mut snapshot = crowded(1_000, 0);
    let long = |n: usize| testing::name(&format!("{:-<35} {n:04}", "Star"));
    testing::edit(&mut snapshot.metrics, |metrics| {
        for (n, host) in metrics.hosts.iter_mut().enumerate() {
            host.name = long(n);
            (host.role, host.cores) = (Some(long(0)), Some(128));
            host.memory_total_bytes = Some(4_398_046_511_104);
            host.load_tenths = [Some(12_345); 3];
            host.disks = (1..=16).map(|n| testing::disk(DiskName::Numbered(n), 96)).collect();
        }
    });
    let answer = spawn_app(snapshot).document("infrastructure");
    assert!(answer.text().len() < 200_000, "{} bytes", answer.text().len());
    assert!(answer.json()["data"]["hosts"].as_array().unwrap().len() > 80);
}

#[test]
fn the_page_and_the_document_grow_old_together_by_themselves() {
    let app = spawn_app(testing::example_infrastructure());
    let before = app.get("/infrastructure");
    assert!(!before.text().contains("Prometheus silent"));
    app.clock.advance(120);
    let after = app.get("/infrastructure");
    assert_ne!(before.etag(), after.etag());
    assert!(after.text().contains("Prometheus silent"));
    assert_eq!(app.document("infrastructure").json()["status"], "offline");
}
