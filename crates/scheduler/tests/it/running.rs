//! The scheduler over time: outages, returns, and who suffers from them.

use std::{sync::Arc, time::Instant};

use simulator::{
    behaviour::Behaviour,
    recording::{self, State},
    server::Server,
    simulator::{Backend, Options, Simulator},
};
use snapshot::{
    clock::Clock,
    section::{Fault, Section, SourceName, SourceState},
    snapshot::Snapshot,
};

use crate::support::{INTERVAL, PATIENCE, Running, TIMEOUT, backend, config, observation};

const BOTH: [SourceName; 2] = [SourceName::Gateway, SourceName::Orchestrator];

/// What a busy machine may add to an interval and a timeout.
const SLACK: std::time::Duration = std::time::Duration::from_secs(2);

/// A recorded gateway and a recorded orchestrator, each of which can be spoiled by itself.
struct Farm {
    gateway: Server,
    orchestrator: Server,
}

impl Farm {
    fn new() -> Self {
        let serve = || recording::serve(State::Busy).unwrap();
        Self { gateway: serve(), orchestrator: serve() }
    }

    fn watched(&self) -> Running {
        let config = config(Some(backend(&self.gateway.url())), Some(backend(&self.orchestrator.url())));
        Running::start(&config, Clock::system())
    }
}

fn last_seen(snapshot: &Snapshot, source: SourceName) -> Option<jiff::Timestamp> {
    observation(snapshot, source).last_seen.map(|seen| seen.at)
}

#[track_caller]
fn assert_same<T>(before: &Section<T>, after: &Section<T>) {
    assert!(Arc::ptr_eq(before.content.as_ref().unwrap(), after.content.as_ref().unwrap()));
    assert_eq!(before.changed_at, after.changed_at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sources_come_online_and_everything_is_known() {
    let farm = Farm::new();
    let mut running = farm.watched();
    let snapshot = running.heard().await;
    for source in BOTH {
        assert_eq!(snapshot.source_state(source, Clock::system().now()), Some(SourceState::Online));
    }
    assert!(snapshot.fleet.get().is_some() && snapshot.control.get().is_some());
    assert!(snapshot.queue.get().is_some() && snapshot.history.get().is_some());
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_dead_at_the_start_is_unknown_and_the_other_is_not() {
    let farm = Farm::new();
    farm.gateway.set_behaviour(Behaviour::Refuse);
    let mut running = farm.watched();
    let is_tried = |it: &Snapshot| {
        observation(it, SourceName::Gateway).is_tried() && last_seen(it, SourceName::Orchestrator).is_some()
    };
    let snapshot = running.wait_for("both were tried", is_tried).await;
    let now = Clock::system().now();
    assert_eq!(snapshot.source_state(SourceName::Gateway, now), Some(SourceState::Unknown));
    assert_eq!(snapshot.source_state(SourceName::Orchestrator, now), Some(SourceState::Online));
    assert_eq!(observation(&snapshot, SourceName::Gateway).fault, Some(Fault::Refused));
    // The orchestrator knows the drones as well.
    assert_eq!(snapshot.fleet.get().unwrap().drones.len(), 5);
    farm.gateway.set_behaviour(Behaviour::Normal);
    running.heard().await;
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_dies_leaves_its_last_values_and_their_time() {
    let farm = Farm::new();
    let mut running = farm.watched();
    running.heard().await;
    for behaviour in [Behaviour::Refuse, Behaviour::Status(500), Behaviour::Garbage, Behaviour::Cut] {
        farm.orchestrator.set_behaviour(behaviour);
        let has_fault = |it: &Snapshot| observation(it, SourceName::Orchestrator).fault.is_some();
        let before = running.wait_for("the orchestrator fails", has_fault).await;
        let (seen, fresh) =
            (last_seen(&before, SourceName::Orchestrator), last_seen(&before, SourceName::Gateway));
        running.next_poll(SourceName::Orchestrator).await;
        let is_fresher = |it: &Snapshot| last_seen(it, SourceName::Gateway) > fresh;
        let after = running.wait_for("the gateway goes on", is_fresher).await;
        assert_eq!(last_seen(&after, SourceName::Orchestrator), seen);
        assert!(
            observation(&after, SourceName::Orchestrator).checked_at
                > observation(&before, SourceName::Orchestrator).checked_at
        );
        assert_same(&before.queue, &after.queue);
        assert_same(&before.history, &after.history);
        assert_same(&before.control, &after.control);
        farm.orchestrator.set_behaviour(Behaviour::Normal);
        let is_healed = |it: &Snapshot| observation(it, SourceName::Orchestrator).fault.is_none();
        running.wait_for("it heals", is_healed).await;
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_returns_is_back_within_an_interval_and_a_timeout() {
    let farm = Farm::new();
    let mut running = farm.watched();
    running.heard().await;
    for behaviour in [Behaviour::Refuse, Behaviour::Stall, Behaviour::Status(503)] {
        farm.gateway.set_behaviour(behaviour);
        let has_fault = |it: &Snapshot| observation(it, SourceName::Gateway).fault.is_some();
        running.wait_for("the gateway fails", has_fault).await;
        farm.gateway.set_behaviour(Behaviour::Normal);
        let returned = Instant::now();
        let is_healed = |it: &Snapshot| observation(it, SourceName::Gateway).fault.is_none();
        running.wait_for("it heals", is_healed).await;
        assert!(returned.elapsed() < INTERVAL + TIMEOUT + SLACK, "{behaviour:?}: {:?}", returned.elapsed());
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_drips_or_floods_does_not_delay_the_other() {
    let farm = Farm::new();
    let mut running = farm.watched();
    running.heard().await;
    for behaviour in [Behaviour::Drip, Behaviour::Huge, Behaviour::GzipBomb, Behaviour::StallBody] {
        farm.orchestrator.set_behaviour(behaviour);
        let has_fault = |it: &Snapshot| observation(it, SourceName::Orchestrator).fault.is_some();
        let spoiled = running.wait_for("the orchestrator fails", has_fault).await;
        let fault = observation(&spoiled, SourceName::Orchestrator).fault.unwrap();
        assert!(matches!(fault, Fault::Timeout | Fault::TooLarge), "{behaviour:?}: {fault:?}");
        let begun = Instant::now();
        for _ in 0..3 {
            running.heard_again(SourceName::Gateway).await;
        }
        assert!(begun.elapsed() < INTERVAL * 3 + TIMEOUT + SLACK, "{behaviour:?}: {:?}", begun.elapsed());
        farm.orchestrator.set_behaviour(Behaviour::Normal);
        let is_healed = |it: &Snapshot| observation(it, SourceName::Orchestrator).fault.is_none();
        running.wait_for("it heals", is_healed).await;
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_answers_keep_their_content_while_the_observation_moves() {
    let farm = Farm::new();
    let mut running = farm.watched();
    // The recordings are of one moment: after both were heard twice nothing is new.
    running.heard().await;
    for source in BOTH {
        running.heard_again(source).await;
    }
    let before = running.reader.load();
    for source in BOTH {
        running.heard_again(source).await;
    }
    let after = running.reader.load();
    assert_same(&before.fleet, &after.fleet);
    assert_same(&before.control, &after.control);
    assert_same(&before.queue, &after.queue);
    assert_same(&before.history, &after.history);
    for source in BOTH {
        assert!(last_seen(&after, source) > last_seen(&before, source));
    }
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backends_are_asked_as_often_as_configured_whoever_reads() {
    let farm = Farm::new();
    let mut running = farm.watched();
    running.heard().await;
    let n_before = [farm.gateway.requests(), farm.orchestrator.requests()];
    let begun = Instant::now();
    let readers: Vec<_> = (0..50).map(|_| running.reader.clone()).collect();
    for _ in 0..4 {
        running.next_poll(SourceName::Gateway).await;
        for reader in &readers {
            assert!(reader.load().fleet.get().is_some());
        }
    }
    let n_polls = u64::try_from(begun.elapsed().as_millis() / INTERVAL.as_millis()).unwrap() + 2;
    assert!(farm.gateway.requests() - n_before[0] <= n_polls);
    // Status, queue, and one page of a history of which nothing is new.
    assert!(farm.orchestrator.requests() - n_before[1] <= 3 * n_polls);
    running.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_ends_it_whatever_the_backends_do() {
    for behaviour in [Behaviour::Normal, Behaviour::Stall, Behaviour::Drip, Behaviour::Refuse] {
        let farm = Farm::new();
        farm.gateway.set_behaviour(behaviour);
        farm.orchestrator.set_behaviour(behaviour);
        let running = farm.watched();
        let begun = Instant::now();
        running.stop().await.unwrap();
        assert!(begun.elapsed() < SLACK, "{behaviour:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_left_who_could_ask_for_the_end_is_the_end() {
    let config = config(None, None);
    let scheduler = scheduler::Scheduler::new(&config, Clock::system()).unwrap();
    let (shutdown, is_over) = tokio::sync::watch::channel(false);
    let task = tokio::spawn(scheduler.run(is_over));
    drop(shutdown);
    tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_names_desk_tells_who_is_who_and_is_closed_afterwards() {
    let farm = Farm::new();
    let config = config(Some(backend(&farm.gateway.url())), None);
    let scheduler = scheduler::Scheduler::new(&config, Clock::system()).unwrap();
    let (desk, mut reader) = (scheduler.names_desk(), scheduler.reader());
    let (shutdown, is_over) = tokio::sync::watch::channel(false);
    let task = tokio::spawn(scheduler.run(is_over));
    tokio::time::timeout(PATIENCE, reader.changed()).await.unwrap().unwrap();
    let report = desk.ask().await.unwrap();
    assert!(report.names.iter().any(|row| row.internal == "drone-tarn" && row.status == "pseudonym"));
    assert!(report.names.iter().any(|row| row.internal == "fd7a:115c:a1e0::7" && row.status == "ambiguous"));
    shutdown.send(true).unwrap();
    task.await.unwrap().unwrap();
    assert!(desk.ask().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_living_farm_is_followed() {
    let simulator = Simulator::start(Options { seed: 5, speed: 120.0 }).unwrap();
    let url = |backend| simulator.url(backend);
    let config = config(Some(backend(&url(Backend::Gateway))), Some(backend(&url(Backend::Orchestrator))));
    let mut running = Running::start(&config, Clock::system());
    let first = running.heard().await;
    let newest =
        |it: &Snapshot| it.history.get().and_then(|it| it.builds.first().map(|build| build.id.clone()));
    let before = newest(&first);
    let after = running.wait_for("another build finished", |it| newest(it) != before).await;
    assert_eq!(after.history.get().unwrap().gaps, []);
    running.stop().await.unwrap();
}
