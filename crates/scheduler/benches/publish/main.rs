//! What it costs to take in a report and make the next snapshot, against the size of the world: `cargo bench -p scheduler
//! --bench publish`.
//!
//! Each figure is processor time of the one thread that does it, from the report to the snapshot that would be handed
//! over, as the median and the worst of many reports; a machine that is busy with other things does not stretch it.
//! Rendering is the other side's, and measured there. With `--smoke` little is done; with `--count N` nothing is printed
//! and N reports of a usual world are taken in, for a program that counts instructions.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

mod world;

use std::process::ExitCode;

use rustix::time::{ClockId, clock_gettime};
use world::{Size, World};

/// What homes have.
const USUAL: Size = Size { n_hosts: 12, n_drones: 6, n_items: 150, n_builds: 5_000, n_changes: 3 };
/// What is promised to work.
const LARGE: Size =
    Size { n_hosts: 1_000, n_drones: 100, n_items: 10_000, n_builds: 100_000, n_changes: 100 };
/// How long a usual and a large world may take, in milliseconds.
const WANTED_MS: [(Size, f64); 2] = [(USUAL, 1.0), (LARGE, 20.0)];

/// What comes in.
type Kind = (&'static str, fn(&mut World));

/// A kind of report each: what changes with it is a part of its world.
const KINDS: [Kind; 4] = [
    ("queue and builds", World::queue_and_builds),
    ("drones", World::drones),
    ("hosts", World::hosts),
    ("nothing new", World::nothing_new),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => print(&sizes(), 60),
        ["--smoke"] => print(&[USUAL], 5),
        ["--count", n] if n.parse::<usize>().is_ok() => {
            let mut world = World::new(USUAL);
            (0..n.parse().unwrap_or(0)).for_each(|_| world.queue_and_builds());
        }
        _ => {
            eprintln!("usage: publish [--smoke | --count N]");
            return ExitCode::from(64);
        }
    }
    ExitCode::SUCCESS
}

/// The usual world and the large one, and between them one dimension larger at a time.
fn sizes() -> Vec<Size> {
    let one = |n_hosts, n_items, n_builds| Size { n_hosts, n_items, n_builds, ..USUAL };
    vec![
        USUAL,
        one(100, USUAL.n_items, USUAL.n_builds),
        one(1_000, USUAL.n_items, USUAL.n_builds),
        one(USUAL.n_hosts, 1_000, USUAL.n_builds),
        one(USUAL.n_hosts, 10_000, USUAL.n_builds),
        one(USUAL.n_hosts, USUAL.n_items, 20_000),
        one(USUAL.n_hosts, USUAL.n_items, 100_000),
        LARGE,
    ]
}

fn print(sizes: &[Size], n_reports: usize) {
    println!("| report | hosts | items | builds | changes | median | worst | wanted |");
    println!("|---|---:|---:|---:|---:|---:|---:|---|");
    for size in sizes {
        let mut world = World::new(*size);
        for (kind, take_in) in KINDS {
            let mut times: Vec<f64> = (0..n_reports).map(|_| timed(|| take_in(&mut world))).collect();
            times.sort_by(f64::total_cmp);
            let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
            let Size { n_hosts, n_items, n_builds, n_changes, .. } = size;
            let wanted = WANTED_MS.iter().find(|(wanted, _)| wanted == size);
            let verdict = wanted.map_or(String::new(), |(_, ms)| {
                format!("under {ms} ms: {}", if median < *ms { "met" } else { "**missed**" })
            });
            println!(
                "| {kind} | {n_hosts} | {n_items} | {n_builds} | {n_changes} | {median:.2} ms | {worst:.2} ms | {verdict} |"
            );
        }
    }
}

/// Processor time of this thread, in milliseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let now = || {
        let used = clock_gettime(ClockId::ThreadCPUTime);
        used.tv_sec as f64 * 1e3 + used.tv_nsec as f64 / 1e6
    };
    let begin = now();
    work();
    now() - begin
}
