//! Backends die and return; the site stays, says what it knows and from when.

use std::time::{Duration, Instant};

use scheduler::config::{
    Timing,
    draft::watch::{ProbeDraft, WatchDraft},
};
use serde_json::Value;
use simulator::{
    behaviour::Behaviour,
    simulator::{Backend, Options, Simulator},
};

use crate::support::{
    eventually, http,
    stack::{DOCUMENTS, PAGES, Setup, Stack},
};

const INTERVAL: Duration = Duration::from_millis(200);
const TIMEOUT: Duration = Duration::from_millis(150);
/// What a busy machine may add to a promise.
const SLACK: Duration = Duration::from_secs(5);

fn timing() -> Timing {
    Timing {
        interval: Some(INTERVAL),
        timeout: Some(TIMEOUT),
        stale_after: Some(Duration::from_millis(600)),
        offline_after: Some(Duration::from_millis(1_200)),
    }
}

fn stack(simulator: &Simulator) -> Stack {
    let [gateway, orchestrator] =
        [Backend::Gateway, Backend::Orchestrator].map(|backend| simulator.url(backend));
    Setup::of(&gateway, &orchestrator, timing()).start().ready()
}

#[track_caller]
fn everything_answers(stack: &Stack) {
    for target in DOCUMENTS.iter().chain(&PAGES) {
        let answer = http::get(stack.public, target);
        assert_eq!(answer.status, 200, "{target}");
        assert!(!answer.body.is_empty(), "{target}");
    }
}

fn wait_for(stack: &Stack, source: &str, state: &str) {
    eventually(&format!("{source} {state}"), || (stack.state(source) == state).then_some(()));
}

#[test]
fn when_both_control_planes_die_their_last_values_stay_and_heal_when_they_return() {
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    let stack = stack(&simulator);
    let before = stack.document("build-swarm");
    let both = [(Backend::Gateway, "gateway"), (Backend::Orchestrator, "orchestrator")];
    both.iter().for_each(|(backend, _)| simulator.set_behaviour(*backend, Behaviour::Refuse));
    both.iter().for_each(|(_, source)| wait_for(&stack, source, "offline"));
    everything_answers(&stack);
    let during = stack.document("build-swarm");
    for (_, source) in both {
        assert_eq!(during["sources"][source]["fault"], "refused");
        assert!(!during["sources"][source]["last_seen"].is_null());
    }
    let total = |document: &Value| document["data"]["swarm"]["drones"]["total"].clone();
    assert_eq!(total(&during), total(&before), "nothing becomes zero");
    assert!(!during["data"]["queue"]["total"].is_null());

    both.iter().for_each(|(backend, _)| simulator.set_behaviour(*backend, Behaviour::Normal));
    let returned = Instant::now();
    both.iter().for_each(|(_, source)| wait_for(&stack, source, "online"));
    assert!(returned.elapsed() < INTERVAL + TIMEOUT + SLACK, "{:?}", returned.elapsed());
}

#[test]
fn a_backend_that_was_never_there_is_unknown_and_nothing_is_zero() {
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    for backend in Backend::ALL {
        simulator.set_behaviour(backend, Behaviour::Refuse);
    }
    let stack = stack(&simulator);
    everything_answers(&stack);
    let document = stack.document("build-swarm");
    assert_eq!(document["status"], "unknown");
    for count in document["data"]["queue"].as_object().unwrap().values() {
        assert!(count.is_null());
    }
    for count in document["data"]["swarm"]["drones"].as_object().unwrap().values() {
        assert!(count.is_null());
    }
}

/// Whether a backend answers, in the order gateway, orchestrator, Prometheus, Loki, probed service.
fn combinations() -> impl Iterator<Item = [bool; 5]> {
    (0..32_u8).map(|bits| [0, 1, 2, 3, 4].map(|bit| bits & (1 << bit) != 0))
}

#[test]
fn every_combination_of_dead_and_living_backends_is_told_as_it_is() {
    for alive in combinations() {
        let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
        let service =
            simulator::server::Server::start(|_| simulator::message::Answer::new(200, "text/plain", ""))
                .unwrap();
        for (backend, is_alive) in Backend::ALL.into_iter().zip(alive) {
            simulator.set_behaviour(backend, if is_alive { Behaviour::Normal } else { Behaviour::Refuse });
        }
        service.set_behaviour(if alive[4] { Behaviour::Normal } else { Behaviour::Refuse });
        let [gateway, orchestrator, prometheus, loki] = Backend::ALL.map(|backend| simulator.url(backend));
        let probe =
            ProbeDraft { name: Some("Shop".to_owned()), http: Some(service.url()), ..ProbeDraft::default() };
        let patient = Timing { interval: Some(Duration::from_secs(3600)), ..Timing::default() };
        let setup = Setup {
            prometheus: Some(prometheus),
            loki: Some(loki),
            watch: WatchDraft { probes: vec![probe], ..WatchDraft::default() },
            ..Setup::of(&gateway, &orchestrator, patient)
        };
        let stack = setup.start().ready();
        let is_tried = |document: &Value| {
            document["sources"].as_object().unwrap().values().all(|source| !source["checked_at"].is_null())
        };
        let infrastructure = eventually("infrastructure of the first polls", || {
            Some(stack.document("infrastructure")).filter(is_tried)
        });
        everything_answers(&stack);

        let state = |document: &Value, source: &str| document["sources"][source]["state"].clone();
        let expected = |is_alive: bool| if is_alive { "online" } else { "unknown" };
        let swarm = stack.document("build-swarm");
        assert_eq!(state(&swarm, "gateway"), expected(alive[0]), "{alive:?}");
        assert_eq!(state(&swarm, "orchestrator"), expected(alive[1]), "{alive:?}");
        assert_eq!(state(&infrastructure, "prometheus"), expected(alive[2]), "{alive:?}");
        assert_eq!(state(&infrastructure, "loki"), expected(alive[3]), "{alive:?}");
        assert_eq!(
            state(&infrastructure, "probes"),
            "online",
            "a service that is down was probed: {alive:?}"
        );

        let data = &infrastructure["data"];
        assert_eq!(data["hosts"].as_array().unwrap().is_empty(), !alive[2], "{alive:?}");
        assert_eq!(data["summary"]["hosts"]["total"].is_null(), !alive[2], "{alive:?}");
        assert_eq!(data["summary"]["alerts"]["critical"].is_null(), !alive[2], "{alive:?}");
        assert_eq!(swarm["data"]["queue"]["total"].is_null(), !alive[1], "{alive:?}");
        let are_drones_known = alive[0] || alive[1];
        assert_eq!(swarm["data"]["swarm"]["drones"]["total"].is_null(), !are_drones_known, "{alive:?}");
        let shop = &data["services"][0];
        assert_eq!(shop["state"], if alive[4] { "up" } else { "down" }, "{alive:?}");
        let levels = data["logs"]["levels"].as_object();
        let is_counted = levels.is_some_and(|levels| levels.values().any(|lines| lines.as_u64() > Some(0)));
        let is_zero = levels.is_some_and(|levels| levels.values().any(|lines| *lines == 0));
        assert!(is_counted == alive[3] && (alive[3] || !is_zero), "{alive:?}: {}", data["logs"]);
    }
}
