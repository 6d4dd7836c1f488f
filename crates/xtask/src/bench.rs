//! `cargo xtask bench live`: the live queue against a broadcast server that does nothing else.
//!
//! Both servers are processes of their own, started anew for each measurement, on the first half of the cores;
//! subscribers, backends and this program share the other half. Ours is the real binary, which polls scripted
//! backends; the other sends the bytes that ours was recorded to send. The two alternate, and what is compared is
//! measured one after the other.
//!
//! What is measured, and how, says [`measure`]. Memory is the process's; what the kernel keeps for a socket is in
//! neither number. Of processor time, that of the same deltas without subscribers is subtracted.
//!
//! - [`farm`] and [`backend`] what ours polls; [`recording`] the frames that it sends; [`minimal`] the other server
//! - [`server`] both as processes, [`child`] processes; [`fleet`] the subscribers, [`frame`] what they understand
//! - [`plan`] which measurements there are; [`session`] one of them; [`machine`] clock, cores, memory
//! - [`measure`], [`statistics`] and [`table`] what comes out

pub(crate) mod child;
pub(crate) mod error;
pub(crate) mod fleet;
pub(crate) mod http;
pub(crate) mod machine;
pub(crate) mod minimal;
pub(crate) mod plan;
pub(crate) mod server;
pub(crate) mod statistics;

mod backend;
mod farm;
mod frame;
mod measure;
mod recording;
mod session;
mod table;

use std::{collections::BTreeMap, path::PathBuf};

use error::{BenchError, Context as _};
use machine::Cores;
use plan::Plan;
use recording::record;
use server::Server;
use table::{Key, Results, Side};

/// Files that a process needs beside its subscribers.
const OTHER_FILES: u64 = 200;
/// How often a measurement is tried that the machine is too busy for.
const ATTEMPTS: usize = 4;

/// What runs beside this process.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The Command Center.
    pub(crate) command_center: PathBuf,
    /// This program, built as the other is: it is the minimal server too.
    pub(crate) xtask: PathBuf,
    /// The handler that hands out ready bytes.
    pub(crate) bare: PathBuf,
}

/// Measures as planned and prints the table.
///
/// # Errors
/// When something could not be measured, or what was measured cannot be true.
pub(crate) fn live(programs: &Programs, plan: &Plan) -> Result<(), BenchError> {
    let n_files = machine::raise_open_files()?;
    let n_needed = plan.n_subscribers_max() as u64 + OTHER_FILES;
    if n_files < n_needed {
        let what = format!("a process may open {n_files} files here, and {n_needed} are needed");
        return Err(BenchError::Unexpected(what));
    }
    let cores = Cores::split()?;
    cores.stay_with_clients()?;
    let directory = tempfile::tempdir().during("making a directory")?;
    let file = |n_rows: usize| directory.path().join(format!("{n_rows}-rows"));

    let mut recorded = BTreeMap::new();
    for (n_rows, n_deltas) in plan.recordings() {
        println!("recording a queue of {n_rows} rows and {n_deltas} deltas");
        recorded.insert(n_rows, record(programs, &cores, n_rows, n_deltas, &file(n_rows))?);
    }

    let mut results = Results::default();
    let mut expected = Vec::new();
    for round in 1..=plan.n_rounds {
        for session in &plan.sessions {
            println!("round {round} of {}: {session}", plan.n_rounds);
            let recorded = recorded.get(&session.n_rows).copied().unwrap_or_default();
            let key = |measure| Key {
                measure,
                frame_bytes: recorded.snapshot_bytes,
                n_subscribers: session.n_subscribers,
            };
            if round == 1 {
                expected.extend(session.measures().map(key));
            }
            // Who is first changes with the round, so that neither always meets the quieter machine.
            let order =
                if round % 2 == 1 { [Side::Ours, Side::Minimal] } else { [Side::Minimal, Side::Ours] };
            for side in order {
                let start = || match side {
                    Side::Ours => Server::ours(programs, &cores, session.n_rows, session.interval),
                    Side::Minimal => {
                        Server::minimal(programs, &file(session.n_rows), &cores, session.interval)
                    }
                };
                for (measure, value) in undisturbed(|| session.run(programs, start()?, &recorded))? {
                    results.add(key(measure), side, value);
                }
            }
        }
    }

    let delta_bytes = recorded.values().map(|recorded| recorded.delta_bytes).max().unwrap_or(0);
    println!("\n{}\n\n{}", plan.conditions(&cores, delta_bytes), results.markdown());
    let problems = results.problems(&expected, plan.n_rounds);
    if problems.is_empty() { Ok(()) } else { Err(BenchError::Unexpected(problems.join("; "))) }
}

/// Measures until nothing disturbs it, a few times at most.
fn undisturbed<T>(mut measure: impl FnMut() -> Result<T, BenchError>) -> Result<T, BenchError> {
    for _ in 1..ATTEMPTS {
        match measure() {
            Err(BenchError::Disturbed(how)) => println!("the machine is busy, once more: {how}"),
            other => return other,
        }
    }
    measure()
}

#[cfg(test)]
mod tests {
    use super::{ATTEMPTS, BenchError, undisturbed};

    #[test]
    fn only_what_is_disturbed_is_tried_again() {
        let tries = |result: &dyn Fn(usize) -> Result<(), BenchError>| {
            let mut n_tries = 0;
            let end = undisturbed(|| {
                n_tries += 1;
                result(n_tries)
            });
            (n_tries, end.is_ok())
        };
        let disturbed = || Err(BenchError::Disturbed(String::new()));
        assert_eq!(tries(&|n_tries| if n_tries < 3 { disturbed() } else { Ok(()) }), (3, true));
        assert_eq!(tries(&|_| disturbed()), (ATTEMPTS, false));
        assert_eq!(tries(&|_| Err(BenchError::Late("a frame"))), (1, false));
    }
}
