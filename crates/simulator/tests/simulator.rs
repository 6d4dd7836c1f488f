//! The simulator over real sockets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use simulator::behaviour::Behaviour;
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
fn both_backends_answer_and_count_their_own_requests() {
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
