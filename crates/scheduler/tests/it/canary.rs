//! Markers planted into every string of every answer: none of them gets out, and no internal name either.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use identity::{
    alias::Alias,
    config::{Config as Names, Galaxy, Star, Unknown},
    name::PublicName,
};
use scheduler::config::Config;
use simulator::{
    canary::{self, MARK, Mode},
    message::Request,
    recording::{self, State},
    server::Server,
    simulator::{Backend, Options, Simulator},
};
use snapshot::{clock::Clock, snapshot::Snapshot};

use crate::{
    recordings,
    support::{Steps, config, patient, standing},
};

/// A replay of a recorded state in which every answer is marked.
fn marked(state: State, mode: Mode) -> Server {
    let counter = Arc::new(AtomicU32::new(0));
    Server::start(move |request: &Request| {
        let query: Vec<String> = request.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let mut answer = recording::answer(state, &format!("{}?{}", request.path, query.join("&")));
        let mut value = serde_json::from_slice(&answer.body).unwrap();
        let mut first = counter.load(Ordering::SeqCst);
        canary::plant(&mut value, mode, &mut first);
        counter.store(first, Ordering::SeqCst);
        answer.body = value.to_string().into_bytes();
        answer
    })
    .unwrap()
}

/// Everything public that a snapshot holds, in lower case.
fn shown(snapshot: &Snapshot) -> String {
    format!("{snapshot:?}").to_lowercase()
}

#[track_caller]
fn assert_clean<'a>(snapshot: &Snapshot, internal: impl IntoIterator<Item = &'a str>, what: &str) {
    let shown = shown(snapshot);
    for name in internal {
        assert!(!shown.contains(&name.to_lowercase()), "{what}: {name}");
    }
}

async fn watched(state: State, mode: Option<Mode>, identity: Names) -> Snapshot {
    let server = mode.map_or_else(|| recording::serve(state).unwrap(), |mode| marked(state, mode));
    let backends = config(Some(patient(&server.url())), Some(patient(&server.url())));
    let mut steps = Steps::new(&Config { identity, ..backends }, standing(recording::recorded_at(state)));
    steps.poll().await;
    steps.poll().await
}

#[tokio::test]
async fn no_marker_gets_out_of_any_recording() {
    for state in State::ALL {
        for mode in [Mode::Everywhere, Mode::KeepingShape] {
            let what = format!("{} {mode:?}", state.name());
            let snapshot = watched(state, Some(mode), Names::default()).await;
            assert_clean(&snapshot, [MARK, "10.66.6.6", "/var/tmp"], &what);
            // The test is worth something only if what was marked was read.
            let queue = snapshot.queue.get().unwrap_or_else(|| panic!("{what}: no queue"));
            assert!(!queue.pending.is_empty(), "{what}");
            assert!(snapshot.history.get().unwrap().builds.len() >= 200, "{what}");
            assert!(snapshot.fleet.get().is_some(), "{what}");
        }
    }
}

#[tokio::test]
async fn no_recorded_internal_name_gets_out() {
    for state in State::ALL {
        for unknown in [Unknown::Pseudonym, Unknown::Drop] {
            let names = Names::new(unknown, vec![], vec![], vec![], vec![]).unwrap();
            let snapshot = watched(state, None, names).await;
            assert_clean(&snapshot, recording::INTERNAL_STRINGS, state.name());
        }
        let snapshot = watched(state, None, recordings::names()).await;
        assert_clean(&snapshot, recording::INTERNAL_STRINGS, state.name());
    }
}

/// The simulated machines' names as an operator claims them, but for those that nobody claims.
fn claimed(simulator: &Simulator) -> Names {
    let name = |text: &str| PublicName::new(text).unwrap();
    let galaxies = simulator.galaxies().iter().map(|galaxy| Galaxy {
        name: name(galaxy.name),
        networks: galaxy.networks.iter().map(|network| network.parse().unwrap()).collect(),
    });
    let stars = simulator.machines().iter().filter_map(|machine| {
        let aliases = [machine.host, machine.address, machine.id].into_iter().filter_map(Alias::parse);
        Some(Star {
            name: name(machine.star?),
            aliases: aliases.collect(),
            galaxy: None,
            role: None,
            optional: false,
        })
    });
    Names::new(Unknown::Pseudonym, vec![], vec![], galaxies.collect(), stars.collect()).unwrap()
}

#[tokio::test]
async fn no_internal_name_of_a_living_farm_gets_out() {
    // The farm's own clock runs in strides of half an hour.
    let stride = Arc::new(AtomicU32::new(0));
    let second = {
        let stride = Arc::clone(&stride);
        move || 1_795_431_300.0 + 1_800.0 * f64::from(stride.load(Ordering::SeqCst))
    };
    let simulator = Simulator::start_with_clock(Options { seed: 11, speed: 1.0 }, second.clone()).unwrap();
    let clock = Clock::from_fn(move || standing(second()).now());
    let url = |backend| patient(&simulator.url(backend));
    for identity in [Names::default(), claimed(&simulator)] {
        let backends = config(Some(url(Backend::Gateway)), Some(url(Backend::Orchestrator)));
        let mut steps = Steps::new(&Config { identity, ..backends }, clock.clone());
        for _ in 0..24 {
            let snapshot = steps.poll().await;
            let internal = simulator.internal_strings();
            assert_clean(&snapshot, internal.iter().map(String::as_str), "a living farm");
            assert!(snapshot.fleet.get().unwrap().drones.len() >= 5);
            stride.fetch_add(1, Ordering::SeqCst);
        }
        assert!(!steps.poll().await.history.get().unwrap().builds.is_empty());
    }
}

#[tokio::test]
async fn a_package_that_names_a_machine_is_withheld_wherever_it_does() {
    let plant = |at: usize| {
        ["=tau-host/hammer-1.0", "=app-misc/tau-host-hammer-1.0", "=app-misc/hammer-1.0-tau-host"][at % 3]
    };
    let server = Server::start(move |request: &Request| {
        let mut answer = recording::answer(State::Busy, &request.path);
        let mut value: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let rows = if request.path.ends_with("history") { &mut value["history"] } else { &mut value };
        for (at, row) in rows.as_array_mut().into_iter().flatten().enumerate() {
            if row.get("package").is_some() {
                row["package"] = plant(at).into();
            }
        }
        answer.body = value.to_string().into_bytes();
        answer
    })
    .unwrap();
    let backends = config(Some(patient(&server.url())), Some(patient(&server.url())));
    let snapshot = Steps::new(&backends, standing(1_795_431_417.0)).poll().await;
    assert_clean(&snapshot, ["tau-host"], "planted packages");
    let queue = snapshot.queue.get().unwrap();
    assert_eq!((queue.counts.pending, queue.pending.len()), (Some(85), 85));
    assert!(queue.pending.iter().all(|item| item.package.is_none() && item.id.starts_with("withheld~")));
    assert!(snapshot.history.get().unwrap().builds.iter().all(|build| build.package.is_none()));
}
