//! No finished build is lost, and none counts twice, whatever the backend's log does.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use scheduler::config::Config;
use serde_json::{Value, json};
use simulator::{
    message::{Answer, Request},
    server::Server,
};
use snapshot::{
    clock::{Clock, Now},
    history::{Gap, History},
};

use crate::support::{Steps, config, patient};

const NOON: i64 = 1_795_435_200;

/// What the backend has, the newest first, and which limits it was asked for.
#[derive(Default)]
struct Log {
    rows: Vec<Value>,
    limits: Vec<usize>,
}

/// An orchestrator with nothing but a log.
struct Logbook {
    log: Arc<Mutex<Log>>,
    steps: Steps,
    now: Arc<AtomicI64>,
    _server: Server,
}

impl Logbook {
    fn new() -> Self {
        let log = Arc::new(Mutex::new(Log::default()));
        let server = Server::start({
            let log = Arc::clone(&log);
            move |request| answer(&mut log.lock().unwrap(), request)
        })
        .unwrap();
        let now = Arc::new(AtomicI64::new(NOON));
        let clock = Clock::from_fn({
            let now = Arc::clone(&now);
            move || {
                let second = now.load(Ordering::SeqCst);
                let uptime = std::time::Duration::from_secs(u64::try_from(second).unwrap());
                Now { wall: at(second), uptime }
            }
        });
        let config = Config { history_keep: 100_000, ..config(None, Some(patient(&server.url()))) };
        Self { log, steps: Steps::new(&config, clock), now, _server: server }
    }

    /// More builds finish: those with the ids, one a second from `from` on.
    fn finish(&self, ids: std::ops::RangeInclusive<i64>, from: i64) {
        let built = ids.clone().map(|id| row(id, from + id - ids.start()));
        let mut rows: Vec<Value> = built.collect();
        rows.reverse();
        let mut log = self.log.lock().unwrap();
        rows.append(&mut log.rows);
        log.rows = rows;
    }

    async fn poll(&mut self) -> History {
        self.log.lock().unwrap().limits.clear();
        self.steps.poll().await.history.get().unwrap().clone()
    }

    fn limits(&self) -> Vec<usize> {
        self.log.lock().unwrap().limits.clone()
    }
}

fn answer(log: &mut Log, request: &Request) -> Answer {
    if request.path != "/api/v1/history" {
        return Answer::not_found();
    }
    let limit = request.query_value("limit").unwrap().parse().unwrap();
    log.limits.push(limit);
    let rows: Vec<&Value> = log.rows.iter().take(limit).collect();
    Answer::json(&json!({"history": rows, "stats": {}}))
}

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}

fn row(id: i64, built_at: i64) -> Value {
    json!({"id": id, "package": format!("=dev-libs/p{id}-1"), "drone_id": null, "drone_name": "a-host",
        "status": "success", "duration_seconds": 1.5, "built_at": built_at})
}

#[tokio::test]
async fn a_burst_between_two_polls_is_fetched_whole() {
    for (burst, limits) in
        [(50, vec![100]), (99, vec![100]), (100, vec![100, 1_000]), (5_000, vec![100, 1_000, 10_000])]
    {
        let mut logbook = Logbook::new();
        logbook.finish(1..=10, NOON - 20_000);
        logbook.poll().await;
        logbook.finish(11..=10 + burst, NOON - 10_000);
        let history = logbook.poll().await;
        assert_eq!((history.builds.len(), history.gaps.len()), (10 + usize::try_from(burst).unwrap(), 0));
        assert_eq!(logbook.limits(), limits);
        // Nothing is new: the first page is enough.
        assert_eq!(logbook.poll().await, history);
        assert_eq!(logbook.limits(), [100]);
    }
}

#[tokio::test]
async fn everything_that_is_there_at_the_start_is_fetched() {
    let mut logbook = Logbook::new();
    logbook.finish(1..=2_345, NOON - 10_000);
    let history = logbook.poll().await;
    assert_eq!((history.builds.len(), history.complete_from), (2_345, Some(jiff::Timestamp::MIN)));
    assert_eq!(logbook.limits(), [100, 1_000, 10_000]);
}

#[tokio::test]
async fn beyond_the_longest_page_a_gap_is_recorded() {
    let mut logbook = Logbook::new();
    logbook.finish(1..=10, NOON - 90_000);
    logbook.poll().await;
    logbook.finish(11..=20_020, NOON - 50_000);
    let history = logbook.poll().await;
    assert_eq!(logbook.limits(), [100, 1_000, 10_000, 20_000]);
    assert_eq!(history.builds.len(), 20_010);
    assert_eq!(history.gaps, [Gap { from: at(NOON - 90_000 + 9), to: at(NOON - 50_000 + 10) }]);
    // The gap stays, and is not found again.
    assert_eq!(logbook.poll().await, history);
}

#[tokio::test]
async fn more_than_the_longest_page_at_the_start_is_no_gap() {
    let mut logbook = Logbook::new();
    logbook.finish(1..=20_020, NOON - 50_000);
    let history = logbook.poll().await;
    assert_eq!((history.builds.len(), history.gaps.len()), (20_000, 0));
    assert_eq!(history.complete_from, Some(at(NOON - 50_000 + 20)));
}

#[tokio::test]
async fn a_longer_page_that_is_too_large_costs_a_gap_and_not_the_news() {
    let mut logbook = Logbook::new();
    logbook.finish(1..=10, NOON - 20_000);
    logbook.poll().await;
    logbook.finish(11..=510, NOON - 10_000);
    for row in &mut logbook.log.lock().unwrap().rows {
        row["error_message"] = json!("x".repeat(40_000));
    }
    let history = logbook.poll().await;
    assert_eq!((history.builds.len(), logbook.limits()), (110, vec![100, 1_000]));
    assert_eq!(history.gaps, [Gap { from: at(NOON - 20_000 + 9), to: at(NOON - 10_000 + 400) }]);
}

#[tokio::test]
async fn a_backend_that_forgets_its_newest_builds_leaves_no_gap() {
    let mut logbook = Logbook::new();
    logbook.finish(1..=30_000, NOON - 50_000);
    logbook.poll().await;
    logbook.finish(30_001..=30_050, NOON - 1_000);
    let before = logbook.poll().await;
    // A full page of what is left was not in the last answer.
    logbook.log.lock().unwrap().rows.drain(..400);
    let history = logbook.poll().await;
    assert_eq!((&history.builds, history.gaps.len()), (&before.builds, 0));
    assert_eq!(logbook.limits(), [100]);
}

#[tokio::test]
async fn ids_that_begin_again_are_new_builds_and_no_gap() {
    let mut logbook = Logbook::new();
    logbook.finish(1..=150, NOON - 10_000);
    logbook.poll().await;
    logbook.log.lock().unwrap().rows.clear();
    logbook.finish(1..=150, NOON - 5_000);
    let history = logbook.poll().await;
    assert_eq!((history.builds.len(), history.gaps.len()), (300, 0));
}

#[tokio::test]
async fn equal_builds_are_told_apart_and_keep_their_ids() {
    let mut logbook = Logbook::new();
    let twin = |id: i64| {
        let mut row = row(1, NOON - 100);
        row["id"] = json!(id);
        row
    };
    logbook.log.lock().unwrap().rows = vec![twin(2), twin(1)];
    let two = logbook.poll().await.builds;
    assert_ne!(two[0].id, two[1].id);
    logbook.log.lock().unwrap().rows = vec![twin(3), twin(2), twin(1)];
    let three = logbook.poll().await.builds;
    assert_eq!(three[1..], two);
}

#[tokio::test]
async fn a_build_from_a_clock_that_is_ahead_is_booked_now_and_once() {
    let mut logbook = Logbook::new();
    logbook.finish(1..=1, NOON + 60);
    let first = logbook.poll().await;
    assert_eq!(first.builds[0].finished_at, at(NOON));
    for second in [5, 59, 61, 300] {
        logbook.now.store(NOON + second, Ordering::SeqCst);
        assert_eq!(logbook.poll().await, first, "{second} seconds later");
    }
}

#[tokio::test]
async fn a_row_without_a_possible_time_is_refused_alone() {
    let mut logbook = Logbook::new();
    let odd = |id: i64, built_at: Value| {
        let mut row = row(id, NOON);
        row["built_at"] = built_at;
        row
    };
    let impossible = [json!(null), json!("yesterday"), json!(-5), json!(NOON + 121), json!(1e300)];
    let mut rows: Vec<Value> = (10..).zip(impossible).map(|(id, built_at)| odd(id, built_at)).collect();
    rows.push(row(1, NOON - 5));
    logbook.log.lock().unwrap().rows = rows;
    assert_eq!(logbook.poll().await.builds.len(), 1);
}

#[tokio::test]
async fn an_empty_log_is_known_to_be_empty() {
    let history = Logbook::new().poll().await;
    assert_eq!((history.builds.len(), history.complete_from), (0, Some(jiff::Timestamp::MIN)));
}
