//! Backends die and return; the site stays, says what it knows and from when.

use std::time::{Duration, Instant};

use scheduler::config::Timing;
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
fn a_backend_that_dies_leaves_its_last_values_with_their_time_and_heals_when_it_returns() {
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    let stack = stack(&simulator);
    let dead = [
        (&[Backend::Gateway][..], &["gateway"][..]),
        (&[Backend::Orchestrator], &["orchestrator"]),
        (&[Backend::Gateway, Backend::Orchestrator], &["gateway", "orchestrator"]),
    ];
    for (backends, sources) in dead {
        let before = stack.document("build-swarm");
        for backend in backends {
            simulator.set_behaviour(*backend, Behaviour::Refuse);
        }
        for source in sources {
            wait_for(&stack, source, "offline");
        }
        everything_answers(&stack);
        let during = stack.document("build-swarm");
        for source in sources {
            assert_eq!(during["sources"][source]["fault"], "refused");
            assert!(!during["sources"][source]["last_seen"].is_null());
        }
        let total = |document: &Value| document["data"]["swarm"]["drones"]["total"].clone();
        assert_eq!(total(&during), total(&before), "nothing becomes zero");
        assert!(!during["data"]["queue"]["total"].is_null());

        for backend in backends {
            simulator.set_behaviour(*backend, Behaviour::Normal);
        }
        let returned = Instant::now();
        for source in sources {
            wait_for(&stack, source, "online");
        }
        assert!(returned.elapsed() < INTERVAL + TIMEOUT + SLACK, "{:?}", returned.elapsed());
    }
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

#[test]
fn whatever_one_backend_answers_the_other_stays_fresh() {
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    let stack = stack(&simulator);
    for behaviour in Behaviour::MISBEHAVIOURS {
        simulator.set_behaviour(Backend::Orchestrator, behaviour);
        eventually(&format!("a fault by {behaviour:?}"), || {
            let document = stack.document("build-swarm");
            let source = &document["sources"]["orchestrator"];
            // An endpoint that is missing everywhere is a bad status; a backend that is well has no fault.
            (!source["fault"].is_null()).then_some(())
        });
        assert_eq!(stack.state("gateway"), "online", "{behaviour:?}");
        everything_answers(&stack);
        simulator.set_behaviour(Backend::Orchestrator, Behaviour::Normal);
        wait_for(&stack, "orchestrator", "online");
        eventually("no fault", || {
            stack.document("build-swarm")["sources"]["orchestrator"]["fault"].is_null().then_some(())
        });
    }
}
