//! How long questions to a history of a hundred thousand builds take over HTTP: `cargo bench -p web`.
//!
//! Each kind is asked many times over, each time with another page, so that nothing but the index can be remembered.
//! Times hold a new connection on loopback and compression. Beside them stands the processor time of the whole process,
//! client and server, which a machine that is busy with other things does not stretch.

#![expect(clippy::unwrap_used, reason = "what cannot be measured is not measured")]
#![expect(clippy::print_stdout, reason = "the figures are what this is for")]
#![expect(dead_code, reason = "the helpers serve the tests too")]

#[path = "../tests/api/app.rs"]
mod app;
#[path = "../tests/api/client.rs"]
mod client;

use std::{sync::Arc, time::Instant};

use rustix::time::{ClockId, clock_gettime};
use snapshot::{
    history::{Build, BuildId, BuildStatus, History},
    testing,
};

use self::app::{App, PUBLIC, spawn_app};

const N_BUILDS: u32 = 100_000;
const N_ASKED: u32 = 1_000;

/// Kinds of questions; `{n}` is another number each time.
const QUESTIONS: [(&str, &str); 12] = [
    ("the newest", "?page={n}"),
    ("a far page", "?page=1{n}"),
    ("200 on a page", "?per_page=200&page={n}"),
    ("oldest first", "?order=asc&page={n}"),
    ("longest first", "?sort=duration&page={n}"),
    ("shortest first, a far page", "?sort=duration&order=asc&page=1{n}"),
    ("a drone and two results", "?drone=Drone%203&status=failed&status=masked&page={n}"),
    ("a part of the package", "?package=ge1{n}&sort=duration"),
    ("a category", "?package=dev-libs/p&page={n}"),
    ("nothing found", "?package=nowhere{n}"),
    ("a month", "?from=2025-06-01&to=2025-06-30&page={n}"),
    (
        "everything at once",
        "?drone=Drone%201&drone=Drone%202&status=success&package=package&from=2025-01-01&sort=duration&page={n}",
    ),
];

fn main() {
    let mut snapshot = testing::example();
    snapshot.history.content = Some(Arc::new(history()));
    let app = spawn_app(snapshot);
    println!("{N_BUILDS} builds, {N_ASKED} requests of each kind over HTTP with brotli, in ms");
    println!("{:<36} {:>8} {:>8} {:>10} {:>10}", "", "p50", "p99", "cpu p50", "cpu p99");
    for (title, question) in QUESTIONS {
        for (form, path) in [("document", format!("{PUBLIC}/build-history")), ("page", "/history".to_owned())]
        {
            let times: Vec<_> = (0..N_ASKED).map(|n| ask(&app, &path, question, n)).collect();
            let (wall, cpu) = times.into_iter().unzip();
            let [wall, cpu] = [wall, cpu].map(percentiles);
            let title = format!("{title}, {form}");
            println!("{title:<36} {:>8.2} {:>8.2} {:>10.2} {:>10.2}", wall[0], wall[1], cpu[0], cpu[1]);
        }
    }
    let begin = Instant::now();
    let table = app.get(&format!("{PUBLIC}/build-history?format=csv"));
    println!("everything as CSV: {} bytes in {:.0} ms", table.text().len(), milliseconds(begin));
}

/// How long an answer took, and how much of the processors.
fn ask(app: &App, path: &str, question: &str, n: u32) -> (f64, f64) {
    let target = format!("{path}{}", question.replace("{n}", &(n + 1).to_string()));
    let (begin, worked) = (Instant::now(), processor_time());
    let answer = app.send("GET", &target, &[("Accept-Encoding", "br")]);
    let took = (milliseconds(begin), processor_time() - worked);
    assert_eq!(answer.status, 200, "{target}");
    took
}

/// Half are below the first, all but one of a hundred below the second.
fn percentiles(mut times: Vec<f64>) -> [f64; 2] {
    times.sort_by(f64::total_cmp);
    [50, 99].map(|share| times[(times.len() - 1) * share / 100])
}

/// What this process has used so far, in milliseconds.
fn processor_time() -> f64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec as f64 * 1e3 + used.tv_nsec as f64 / 1e6
}

fn milliseconds(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1_000.0
}

/// A build every ten minutes, of eight thousand packages in twenty categories, by twelve drones.
fn history() -> History {
    let newest = testing::at(testing::NOW);
    let categories = ["dev-libs", "dev-lang", "dev-python", "sys-apps", "kde-plasma"];
    let build = |n: u32| {
        let (package, mixed) = (n.wrapping_mul(2_654_435_761) % 8_000, n.wrapping_mul(40_503));
        let category = categories[package as usize % categories.len()];
        let finished_at = newest - jiff::SignedDuration::from_mins(10 * i64::from(n));
        Arc::new(Build {
            id: BuildId::of(None, finished_at, "", None, n),
            package: Some(testing::package(&format!("{category}/package{package}-1.{}", n % 13))),
            drone: Some(testing::name(&format!("Drone {}", mixed % 12))),
            status: BuildStatus::ALL[if mixed % 9 == 0 { n as usize % 6 } else { 0 }],
            duration_seconds: (mixed % 50 != 0).then_some(mixed % 9_000),
            finished_at,
        })
    };
    History { builds: (0..N_BUILDS).map(build).collect(), ..History::default() }
}
