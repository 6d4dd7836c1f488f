//! Hosts, services, alerts and log volume, against the simulated Prometheus and Loki.

use std::collections::BTreeSet;

use scheduler::{
    backend::{
        loki::{BY_LEVEL, BY_LEVEL_DAY, BY_SERVICE, BY_SERVICE_DAY, LokiQueries},
        prometheus::{Expression, Expressions},
    },
    client::BODY_MAX,
    config::draft::watch::{ProbeDraft, ServiceDraft, WatchDraft},
};
use simulator::{
    loki::{expressions as loki, numbers::Numbers},
    message::{Answer, Request},
    prometheus::expressions as prometheus,
    recording,
    server::Server,
    simulator::{Backend, Options, Simulator},
};
use snapshot::{
    clock::Clock,
    infrastructure::{Measure, Reachability},
    section::SourceName,
    snapshot::Snapshot,
};

use crate::support::{Running, backend, config, patient};

/// Everything around the swarm, with one service named by the operator and one probe.
fn start(simulator: &Simulator) -> Running {
    let mut config = config(None, None);
    config.prometheus = Some((backend(&simulator.url(Backend::Prometheus)), Expressions::default()));
    config.loki = Some((backend(&simulator.url(Backend::Loki)), LokiQueries::default()));
    let draft = WatchDraft {
        services: vec![ServiceDraft {
            name: Some("Machines".to_owned()),
            job: Some("node".to_owned()),
            instance: None,
        }],
        probes: vec![ProbeDraft {
            name: Some("Metrics store".to_owned()),
            http: Some(format!("{}/-/ready", simulator.url(Backend::Prometheus))),
            interval: Some(std::time::Duration::from_millis(500)),
            ..ProbeDraft::default()
        }],
        publish_boot_times: true,
        ..WatchDraft::default()
    };
    config.watch = draft.check().unwrap();
    Running::start(&config, Clock::system())
}

#[test]
fn the_defaults_are_what_the_simulated_backends_understand() {
    for expression in Expression::ALL {
        assert!(prometheus::ALL.contains(&expression.default_query()), "{expression:?}");
    }
    assert_eq!((BY_LEVEL, BY_SERVICE), (loki::LEVELS_1H, loki::SERVICES_1H));
    assert_eq!((BY_LEVEL_DAY, BY_SERVICE_DAY), (loki::LEVELS_24H, loki::SERVICES_24H));
}

#[tokio::test]
async fn hosts_are_what_the_farm_has_and_nothing_of_them_is_internal() {
    let simulator = Simulator::start(Options { seed: 5, speed: 1.0 }).unwrap();
    let mut running = start(&simulator);
    let snapshot = running.heard().await;
    let metrics = snapshot.metrics.get().unwrap();
    let (n_hosts, n_up, cores) = simulator.with_world(|world| {
        let now = world.now();
        let hosts = world.hosts();
        let cores: BTreeSet<u32> = hosts.iter().map(|host| host.cores).collect();
        (hosts.len(), hosts.iter().filter(|host| host.up(now)).count(), cores)
    });
    assert_eq!(metrics.hosts.len(), n_hosts);
    let up: Vec<_> = metrics.hosts.iter().filter(|host| host.state == Reachability::Up).collect();
    assert_eq!(up.len(), n_up);
    for host in &up {
        assert!(host.cores.is_some_and(|n| cores.contains(&n)), "{host:?}");
        assert!(host.cpu_percent.is_some() && host.memory_percent.is_some(), "{host:?}");
        assert!(host.booted_at.is_some() && host.history.is_some(), "{host:?}");
        assert!(host.network.received.is_some() && host.network.transmitted.is_some(), "{host:?}");
        assert!(host.disks.iter().any(|disk| disk.name.to_string() == "root"), "{host:?}");
    }
    for host in metrics.hosts.iter().filter(|host| host.state != Reachability::Up) {
        assert!(host.cpu_percent.is_none() && host.disks.is_empty(), "{host:?}");
    }
    let services: Vec<_> = metrics.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(services, ["Machines"], "only what the operator named");
    let probes = snapshot.probes.get().unwrap();
    assert_eq!(probes.services[0].state, Reachability::Up);
    assert_eq!(probes.services[0].measured_by, Measure::Probe);
    let logs = snapshot.logs.get().unwrap();
    let (hour, day) = (&logs.hour, logs.day.as_ref().unwrap());
    assert!(hour.levels.iter().sum::<u64>() > 0 && hour.other > 0 && hour.services.is_empty());
    assert!(day.other > 5 * hour.other && day.services.is_empty(), "{logs:?}");
    assert_eq!((hour.window_seconds, day.window_seconds), (3_600, 86_400));

    let public = format!("{:?} {:?} {:?}", snapshot.metrics, snapshot.probes, snapshot.logs).to_lowercase();
    for secret in simulator.internal_strings() {
        assert!(!public.contains(&secret.to_lowercase()), "{secret}");
    }
}

#[tokio::test]
async fn a_dead_metrics_store_leaves_logs_and_probes_as_they_are() {
    let simulator = Simulator::start(Options { seed: 5, speed: 1.0 }).unwrap();
    let mut running = start(&simulator);
    let before = running.heard().await;
    simulator.set_behaviour(Backend::Prometheus, simulator::behaviour::Behaviour::Refuse);
    let after = running
        .wait_for("the probe and the metrics failed", |snapshot| {
            let is_down = snapshot.probes.get().is_some_and(|p| p.services[0].state == Reachability::Down);
            is_down && snapshot.sources.get(SourceName::Prometheus).unwrap().fault.is_some()
        })
        .await;
    let hosts = |snapshot: &Snapshot| snapshot.metrics.get().unwrap().hosts.len();
    assert_eq!(hosts(&after), hosts(&before), "what was known stays");
    assert_eq!(after.sources.get(SourceName::Loki).unwrap().fault, None);
}

/// Loki alone.
fn logs_of(url: &str) -> Running {
    let mut config = config(None, None);
    config.loki = Some((backend(url), LokiQueries::default()));
    Running::start(&config, Clock::system())
}

#[tokio::test]
async fn counts_are_the_same_in_every_form_of_numbers() {
    // The farm stands still, so that only the form is another.
    let simulator = Simulator::start_with_clock(Options { seed: 5, speed: 1.0 }, || 1_795_431_300.0).unwrap();
    let mut counts = Vec::new();
    for form in Numbers::ALL {
        simulator.set_loki_numbers(form);
        let snapshot = logs_of(&simulator.url(Backend::Loki)).heard().await;
        let logs = snapshot.logs.get().unwrap_or_else(|| panic!("{form:?}"));
        let hour = &logs.hour;
        assert!(hour.other > 0 && hour.levels.iter().sum::<u64>() == hour.other, "{form:?}: {logs:?}");
        counts.push(logs.clone());
    }
    counts.dedup();
    assert_eq!(counts.len(), 1, "{counts:?}");
}

#[tokio::test]
async fn what_a_real_loki_answered_is_counted() {
    let server = Server::start(|request: &Request| {
        let name = if request.path == "/ready" { "ready" } else { "q_instant_metric" };
        recording::loki::answer(name).unwrap()
    });
    let snapshot = logs_of(&server.as_ref().unwrap().url()).heard().await;
    let logs = snapshot.logs.get().unwrap();
    assert_eq!((logs.hour.levels.iter().sum::<u64>(), logs.hour.other), (50, 50), "7 + 1 + 1 + 41");
}

#[tokio::test]
async fn a_day_that_loki_cannot_count_costs_the_day_and_nothing_else() {
    let simulator = Simulator::start(Options { seed: 5, speed: 1.0 }).unwrap();
    let world = simulator.with_world(|world| world.clone());
    let server = Server::start(move |request: &Request| {
        let is_of_day = request.query_value("query").is_some_and(|query| query.contains("[24h]"));
        if is_of_day {
            return Answer::new(400, "text/plain", "the query hit the max number of series limit");
        }
        simulator::loki::answer(&world, request, Numbers::default())
    })
    .unwrap();
    let snapshot = logs_of(&server.url()).heard().await;
    assert_eq!(snapshot.sources.get(SourceName::Loki).unwrap().fault, None);
    let logs = snapshot.logs.get().unwrap();
    assert!(logs.hour.other > 0 && logs.day.is_none(), "{logs:?}");
}

/// A Prometheus that answers some questions in its own way, and the others as a simulated one does.
fn odd_prometheus(
    simulator: &Simulator,
    odd: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static,
) -> Server {
    let world = simulator.with_world(|world| world.clone());
    Server::start(move |request| {
        odd(request).unwrap_or_else(|| simulator::prometheus::answer(&world, request))
    })
    .unwrap()
}

#[tokio::test]
async fn a_history_that_cannot_be_answered_costs_the_history_and_nothing_else() {
    let simulator = Simulator::start(Options { seed: 5, speed: 1.0 }).unwrap();
    let server = odd_prometheus(&simulator, |request| {
        (request.path == "/api/v1/query_range").then(|| Answer::new(503, "application/json", "{}"))
    });
    let mut config = config(None, None);
    config.prometheus = Some((backend(&server.url()), Expressions::default()));
    let mut running = Running::start(&config, Clock::system());
    let snapshot = running.heard().await;
    assert_eq!(snapshot.sources.get(SourceName::Prometheus).unwrap().fault, None);
    let hosts = &snapshot.metrics.get().unwrap().hosts;
    assert!(hosts.iter().any(|host| host.cpu_percent.is_some() && host.memory_percent.is_some()));
    assert!(hosts.iter().all(|host| host.history.is_none()));
}

#[tokio::test]
async fn an_answer_that_is_too_large_costs_its_own_figure_and_nothing_else() {
    let simulator = Simulator::start(Options { seed: 5, speed: 1.0 }).unwrap();
    let server = odd_prometheus(&simulator, |request| {
        let is_disks = request.query.iter().any(|(_, text)| text.contains("node_filesystem"));
        is_disks.then(|| Answer::new(200, "application/json", " ".repeat(BODY_MAX + 1)))
    });
    let mut config = config(None, None);
    config.prometheus = Some((patient(&server.url()), Expressions::default()));
    let mut running = Running::start(&config, Clock::system());
    let snapshot = running.heard().await;
    assert_eq!(snapshot.sources.get(SourceName::Prometheus).unwrap().fault, None);
    let hosts = &snapshot.metrics.get().unwrap().hosts;
    assert!(hosts.iter().any(|host| host.cpu_percent.is_some()));
    assert!(hosts.iter().all(|host| host.disks.is_empty()));
}
