//! Killed at any instant, it serves what it had archived, and no build is lost or counted twice.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    process::Stdio,
    time::{Duration, Instant, SystemTime},
};

use rustix::process::Signal;
use serde_json::{Value, json};
use simulator::{
    behaviour::Behaviour,
    message::{Answer, Request},
    server::Server,
};

use crate::support::{
    binary::{Running, free_address},
    eventually, http, is_long,
};

const HISTORY: &str = "/api/v1/services/public/build-history";
const QUEUE: &str = "/api/v1/services/public/queue";

/// Builds that finish in a second.
const PACE: u64 = 50;
const KILLS: usize = 20;
/// The same when there are minutes for it.
const MANY_KILLS: usize = 200;
/// What may be missing of what was published.
const BEHIND: Duration = Duration::from_secs(1);

/// An orchestrator whose drones never rest: the n-th build finishes n fiftieths of a second after the start.
fn farm() -> Server {
    let begun = Instant::now();
    let noon = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    Server::start(move |request: &Request| {
        if request.path == "/api/v1/queue" {
            return Answer::json(&json!([{"package": "=dev-lang/rust-1.80", "status": "needed"}]));
        }
        let Some(limit) = request.query_value("limit") else { return Answer::not_found() };
        let n_built = u64::try_from(begun.elapsed().as_millis()).unwrap() * PACE / 1_000;
        let row = |n: u64| {
            json!({"id": n, "package": format!("=dev-libs/p{n}-1"), "drone_name": format!("host-{}", n % 3),
                "status": "success", "duration_seconds": 1.5, "built_at": noon + n / PACE})
        };
        let rows: Vec<Value> = (1..=n_built).rev().take(limit.parse().unwrap()).map(row).collect();
        Answer::json(&json!({"history": rows}))
    })
    .unwrap()
}

/// Some number below `end`.
fn any_below(end: u64) -> u64 {
    RandomState::new().build_hasher().finish() % end
}

/// How many builds are shown; none before anything is known.
fn total(history: &Value) -> u64 {
    history["data"]["page"]["total"].as_u64().unwrap_or(0)
}

/// The numbers of all builds that are shown; each must be there once.
fn shown(running: &Running, n_builds: u64) -> BTreeSet<u64> {
    let mut numbers = BTreeSet::new();
    for page in 1..=n_builds.div_ceil(200) {
        let history = http::get_json(running.public, &format!("{HISTORY}?per_page=200&page={page}"));
        for build in history["data"]["builds"].as_array().unwrap() {
            let package = build["package"].as_str().unwrap();
            let number = package.trim_start_matches("dev-libs/p").trim_end_matches("-1").parse().unwrap();
            assert!(numbers.insert(number), "{package} is there twice");
            assert!(!build["drone"].is_null(), "{package} has lost its drone");
        }
    }
    numbers
}

#[test]
fn a_process_that_is_killed_at_any_instant_loses_nothing_that_it_archived() {
    let server = farm();
    let directory = tempfile::tempdir().unwrap();
    let config = tempfile::NamedTempFile::new().unwrap();
    let timing = "interval = \"200ms\"\ntimeout = \"190ms\"\n";
    std::fs::write(config.path(), format!("[orchestrator]\nurl = \"{}\"\n{timing}", server.url())).unwrap();
    let args = [
        "serve",
        "--config",
        config.path().to_str().unwrap(),
        "--data-dir",
        directory.path().to_str().unwrap(),
    ];
    let mut archived = 0;
    let n_kills = if is_long() { MANY_KILLS } else { KILLS };
    for kill in 0..=n_kills {
        // Nothing but the archive can answer.
        server.set_behaviour(Behaviour::Refuse);
        let running = Running::spawn(Stdio::null(), &args, &[], (free_address(), free_address()));
        let first = eventually("the first answer", || {
            let answer = http::request(running.public, "GET", HISTORY).ok()?;
            Some(serde_json::from_slice::<Value>(&answer.body).unwrap())
        });
        let restored = total(&first);
        assert!(restored >= archived, "kill {kill}: {restored} builds are shown, {archived} were archived");
        let numbers = shown(&running, restored);
        assert!(numbers.into_iter().eq(1..=restored), "kill {kill}: a build is missing");
        if kill > 0 {
            assert!(!first["sources"]["orchestrator"]["last_seen"].is_null(), "kill {kill}");
            assert!(!first["changed_at"].is_null(), "kill {kill}");
            let queue = http::get_json(running.public, QUEUE);
            assert_eq!(queue["data"]["pending"][0]["package"], "dev-lang/rust-1.80", "kill {kill}");
        }
        if kill == n_kills {
            return;
        }

        server.set_behaviour(Behaviour::Normal);
        let wanted = restored + 1 + any_below(PACE);
        let mut seen = Vec::new();
        eventually("more builds", || {
            let n_builds = total(&http::get_json(running.public, HISTORY));
            seen.push((Instant::now(), n_builds));
            (n_builds >= wanted).then_some(())
        });
        running.signal(Signal::KILL);
        let killed_at = Instant::now();
        running.end();
        let is_old = |(at, _): &&(Instant, u64)| killed_at.duration_since(*at) > BEHIND;
        archived = seen.iter().rev().find(is_old).map_or(restored, |(_, n_builds)| *n_builds);
    }
}
