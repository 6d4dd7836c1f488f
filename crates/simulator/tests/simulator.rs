//! The simulator over real sockets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use simulator::behaviour::Behaviour;
use simulator::chaos::Chaos;
use simulator::loki;
use simulator::loki::numbers::Numbers;
use simulator::message::encode;
use simulator::prometheus::expressions;
use simulator::recording::{self, State};
use simulator::simulator::{Backend, Options, Simulator};

fn get(url: &str, path: &str) -> std::io::Result<(u16, Value)> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}

#[test]
fn the_control_plane_answers_on_both_ports_and_counts_requests() {
    let simulator = Simulator::start(Options::default()).unwrap();
    let (status, nodes) = get(&simulator.url(Backend::Gateway), "/api/v1/nodes?all=true").unwrap();
    assert_eq!((status, nodes.as_array().unwrap().len()), (200, 6));
    let (status, _) = get(&simulator.url(Backend::Orchestrator), "/api/v1/queue").unwrap();
    assert_eq!(status, 200);
    let (status, _) = get(&simulator.url(Backend::Orchestrator), "/nothing").unwrap();
    assert_eq!(status, 404);
    assert_eq!(simulator.requests(Backend::Gateway), 1);
    assert_eq!(simulator.requests(Backend::Orchestrator), 2);
}

#[test]
fn one_backend_misbehaves_while_the_other_works() {
    let simulator = Simulator::start(Options::default()).unwrap();
    simulator.set_behaviour(Backend::Gateway, Behaviour::Refuse);
    assert!(get(&simulator.url(Backend::Gateway), "/api/v1/health").is_err());
    assert_eq!(get(&simulator.url(Backend::Orchestrator), "/api/v1/status").unwrap().0, 200);
    simulator.set_behaviour(Backend::Gateway, Behaviour::Normal);
    assert_eq!(simulator.behaviour(Backend::Gateway), Behaviour::Normal);
    assert_eq!(get(&simulator.url(Backend::Gateway), "/api/v1/health").unwrap().0, 200);
}

#[test]
fn the_world_follows_its_clock_and_its_verbs() {
    let now = Arc::new(AtomicU64::new(1_795_431_300));
    let clock = Arc::clone(&now);
    let simulator = Simulator::start_with_clock(Options { seed: 4, speed: 1.0 }, move || {
        clock.load(Ordering::SeqCst) as f64
    })
    .unwrap();
    let url = simulator.url(Backend::Orchestrator);
    let builds = || get(&url, "/api/v1/history").unwrap().1["stats"]["total_builds"].as_u64().unwrap();
    let before = builds();
    assert_eq!(builds(), before, "time stands still");
    simulator.with_world(|world| world.finish_one()).unwrap();
    assert_eq!(builds(), before + 1);
    now.fetch_add(3_600, Ordering::SeqCst);
    assert!(builds() > before + 1);
    simulator.with_world(|world| world.pause());
    assert_eq!(get(&url, "/api/v1/status").unwrap().1["paused"], true);
}

#[test]
fn what_is_internal_is_in_the_answers_and_listed() {
    let simulator = Simulator::start(Options { seed: 2, speed: 60.0 }).unwrap();
    let internal = simulator.internal_strings();
    let (_, status) = get(&simulator.url(Backend::Orchestrator), "/api/v1/status").unwrap();
    let session = status["session"]["name"].as_str().unwrap();
    assert!(internal.iter().any(|name| name == session));
    for machine in simulator.machines() {
        assert!(
            [machine.host, machine.address, machine.id].iter().all(|name| internal.iter().any(|i| i == name))
        );
        assert!(simulator.galaxies().iter().any(|galaxy| galaxy.name == machine.galaxy));
    }
}

#[test]
fn a_speed_that_is_no_speed_is_refused() {
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Simulator::start(Options { seed: 1, speed }).is_err(), "{speed}");
    }
}

#[test]
fn a_recorded_state_is_served_byte_for_byte() {
    for state in State::ALL {
        let server = recording::serve(state).unwrap();
        let (status, queue) = get(&server.url(), "/api/v1/queue").unwrap();
        let recorded: Value = serde_json::from_str(state.documents().queue).unwrap();
        assert_eq!((status, &queue), (200, &recorded), "{}", state.name());
        let (_, history) = get(&server.url(), "/api/v1/history?limit=3").unwrap();
        assert_eq!(history["history"].as_array().unwrap().len(), 3);
        assert_eq!(get(&server.url(), "/favicon.ico").unwrap().0, 404);
    }
}

#[test]
fn the_watchers_answer_too() {
    let simulator = Simulator::start(Options::default()).unwrap();
    let (status, up) = get(&simulator.url(Backend::Prometheus), "/api/v1/query?query=up").unwrap();
    assert_eq!((status, up["data"]["result"].as_array().unwrap().len()), (200, 21));
    assert_eq!(get(&simulator.url(Backend::Prometheus), "/-/ready").unwrap().0, 200);
    assert_eq!(get(&simulator.url(Backend::Loki), "/ready").unwrap().0, 200);
    assert_eq!(get(&simulator.url(Backend::Loki), "/loki/api/v1/query").unwrap().0, 400);
    assert_eq!(get(&simulator.exporter_url(), "/hosts/0/metrics").unwrap().0, 200);
    assert_eq!((simulator.requests(Backend::Prometheus), simulator.requests(Backend::Loki)), (2, 2));
    assert!(simulator.scrape_jobs().contains(simulator.exporter_url().trim_start_matches("http://")));
}

#[test]
fn loki_writes_numbers_as_it_is_told_to() {
    let simulator = Simulator::start(Options::default()).unwrap();
    let query = "/loki/api/v1/query?query=sum%20by%20(service_name)%20(count_over_time(%7Bservice_name%3D~%22.%2B%22%7D%5B1h%5D))";
    let value =
        || get(&simulator.url(Backend::Loki), query).unwrap().1["data"]["result"][0]["value"][1].clone();
    assert!(value().is_string());
    simulator.set_loki_numbers(Numbers::Bare);
    assert!(value().is_u64());
}

#[test]
fn chaos_touches_one_backend_at_a_time_and_heals_the_last_one() {
    let simulator = Simulator::start(Options::default()).unwrap();
    let mut elapsed = Duration::ZERO;
    let mut shown = 0;
    while elapsed < Chaos::CYCLE * 2 {
        let chaos = simulator.apply_chaos(elapsed);
        assert_eq!(chaos, Chaos::at(elapsed));
        for backend in Backend::ALL {
            let expected = chaos.filter(|(one, _)| *one == backend).map_or(Behaviour::Normal, |(_, how)| how);
            assert_eq!(simulator.behaviour(backend), expected, "{backend:?} at {elapsed:?}");
        }
        shown += usize::from(chaos.is_some());
        elapsed += Chaos::remaining(elapsed);
    }
    assert_eq!(shown, 8);
}

#[test]
fn every_label_and_text_of_the_watchers_is_listed_as_internal_or_says_nothing() {
    /// Words that name no machine, no person and no place.
    const HARMLESS: [&str; 37] = [
        "up",
        "node",
        "gateway",
        "orchestrator",
        "prometheus",
        "loki",
        "probe_success",
        "(none)",
        "Linux",
        "x86_64",
        "#1 SMP PREEMPT_DYNAMIC @0",
        "6.1.0-41-amd64",
        "Watchdog",
        "SmartErrors",
        "critical",
        "warning",
        "info",
        "none",
        "page",
        "error",
        "fatal",
        "warn",
        "debug",
        "trace",
        "unknown",
        "unknown_service",
        "ext4",
        "xfs",
        "btrfs",
        "vfat",
        "zfs",
        "nfs4",
        "tank",
        "/tank",
        "/var",
        "/home",
        "/boot",
    ];
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    let internal = simulator.internal_strings();
    let harmless = |text: &str| {
        HARMLESS.contains(&text)
            || text == "/"
            || text.starts_with("node_")
            || text.starts_with("/dev/")
            || internal.iter().any(|name| text.contains(name.as_str()))
    };
    let mut seen = 0;
    let mut check = |value: &Value| {
        for text in value.as_object().unwrap().values().filter_map(Value::as_str) {
            seen += 1;
            assert!(harmless(text), "{text} is neither harmless nor listed");
        }
    };
    for expression in expressions::ALL {
        let query = encode(expression);
        let (_, told) =
            get(&simulator.url(Backend::Prometheus), &format!("/api/v1/query?query={query}")).unwrap();
        told["data"]["result"].as_array().unwrap().iter().for_each(|one| check(&one["metric"]));
    }
    let (_, told) = get(&simulator.url(Backend::Prometheus), "/api/v1/alerts").unwrap();
    for alert in told["data"]["alerts"].as_array().unwrap() {
        check(&alert["labels"]);
        check(&alert["annotations"]);
    }
    for expression in loki::expressions::ALL {
        let query = encode(expression);
        let (_, told) =
            get(&simulator.url(Backend::Loki), &format!("/loki/api/v1/query?query={query}")).unwrap();
        told["data"]["result"].as_array().unwrap().iter().for_each(|one| check(&one["metric"]));
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn every_station_has_its_names_listed_and_a_galaxy() {
    let simulator = Simulator::start(Options::default()).unwrap();
    simulator.with_world(|world| world.set_spare_stations(3));
    let internal = simulator.internal_strings();
    assert_eq!(simulator.stations().len(), 6);
    for station in simulator.stations() {
        assert!(internal.contains(&station.host) && internal.contains(&station.address));
        assert!(simulator.galaxies().iter().any(|galaxy| galaxy.name == station.galaxy));
    }
    let public = simulator.machines().iter().filter_map(|machine| machine.star);
    let public = public.chain(simulator.services().iter().filter_map(|service| service.name));
    let public = public.chain(simulator.log_services().iter().filter_map(|log| log.name));
    for name in public.chain(simulator.galaxies().iter().map(|galaxy| galaxy.name)) {
        assert!(!internal.iter().any(|word| name.eq_ignore_ascii_case(word)), "{name}");
    }
}

#[test]
fn one_recorded_answer_of_a_watcher_is_served_whatever_is_asked() {
    let server = recording::prometheus::serve("uname_100hosts").unwrap();
    let (status, hosts) = get(&server.url(), "/api/v1/query?query=anything").unwrap();
    assert_eq!((status, hosts["data"]["result"].as_array().unwrap().len()), (200, 100));
    let server = recording::loki::serve("q_instant_log").unwrap();
    assert_eq!(get(&server.url(), "/").unwrap().0, 400);
}
