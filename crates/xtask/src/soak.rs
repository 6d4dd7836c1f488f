//! `cargo xtask soak`: the real binary under load for as long as is wanted, and a verdict.
//!
//! The demonstration runs at a hundred times the speed while its backends break one after the other. Subscribers keep
//! the queue by the public contract alone, check every frame against what they have, and leave and come back;
//! visitors ask for every page, document and address that pages lead to. In the end every subscriber has to have the
//! server's queue, nothing may have gone wrong on the way, and the server may hold no more than after its second minute.
//!
//! - [`plan`] how long and how much; [`site`] the server; [`pulse`] what it holds; [`verdict`] the judgement
//!
//! Subscribers and visitors are fleets ([`crate::bench::fleet`]), each a process of its own.

pub(crate) mod plan;

mod pulse;
mod site;
mod verdict;

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::bench::{
    Programs,
    error::BenchError,
    fleet::{handle::Fleet, orders::Compared},
    machine::{CpuMeter, raise_open_files, wait_for},
};
use plan::Plan;
use pulse::Pulse;
use site::Site;
use verdict::Findings;

/// How often the server's pulse is felt.
const BEAT: Duration = Duration::from_secs(1);
/// How often a line tells how it goes.
const REPORT: Duration = Duration::from_secs(60);
/// How long it may take until all subscribers have the version of one moment: it changes several times a second.
const COMPARED_WITHIN: Duration = Duration::from_secs(30);
/// Files that a process needs beside its subscribers.
const OTHER_FILES: u64 = 200;

/// Soaks as planned, prints what was found, and tells whether it is good.
///
/// # Errors
/// When something is wrong, or the soak could not be made.
pub(crate) fn run(programs: &Programs, plan: &Plan) -> Result<(), BenchError> {
    let n_files = raise_open_files()?;
    let n_needed = plan.n_subscribers as u64 + OTHER_FILES;
    if n_files < n_needed {
        let what = format!("a process may open {n_files} files here, and {n_needed} are needed");
        return Err(BenchError::Unexpected(what));
    }
    let mut site = Site::start(programs, plan)?;
    println!(
        "{} subscribers and {} requests a second for {:.0} s at http://{}/",
        plan.n_subscribers,
        plan.per_second,
        plan.duration.as_secs_f64(),
        site.address()
    );
    let mut cpu = CpuMeter::new(site.id());
    let mut subscribers = Fleet::start(programs, site.address())?;
    let mut visitors = Fleet::start(programs, site.address())?;
    subscribers.follow(plan.n_subscribers, plan.stay)?;
    visitors.visit(plan.per_second)?;

    let pulse = watch(&mut site, plan, &mut subscribers, &mut cpu)?;
    let visits = visitors.visited()?;
    drop(visitors);
    let compared = compare(&site, &mut subscribers)?;
    let seen = subscribers.followed()?;
    let processor_seconds = cpu.read_ns()? as f64 / 1e9;
    let (status, complaints) = site.stop()?;
    drop(subscribers);

    let found = Findings {
        reference: pulse.between(plan.reference()),
        end: pulse.between(plan.end()),
        seen,
        compared,
        visits,
        status,
        complaints,
        processor_seconds,
    };
    println!("\n{}", found.table(plan));
    let problems = found.problems(plan);
    if problems.is_empty() {
        println!("verdict: good");
        return Ok(());
    }
    problems.iter().for_each(|problem| println!("- {problem}"));
    Err(BenchError::Unexpected(format!("verdict: bad, {} problem(s)", problems.len())))
}

/// Feels the server's pulse until the time is over.
fn watch(
    site: &mut Site,
    plan: &Plan,
    subscribers: &mut Fleet,
    cpu: &mut CpuMeter,
) -> Result<Pulse, BenchError> {
    let begin = Instant::now();
    let mut pulse = Pulse::default();
    let (mut beats, mut report_at) = (0, REPORT);
    loop {
        site.check()?;
        let elapsed = begin.elapsed();
        pulse.feel(elapsed, site.id())?;
        if elapsed >= report_at {
            let (seen, used) = (subscribers.followed()?, cpu.read_ns()? as f64 / 1e9);
            if let Some(beat) = pulse.between((report_at.saturating_sub(REPORT), report_at)) {
                println!(
                    "minute {:>3}: {:.1} MiB, {} files, {} threads, {used:.0} s of processor time, {} deltas, faults: {:?}",
                    report_at.as_secs() / 60,
                    beat.resident / f64::from(1 << 20),
                    beat.files,
                    beat.threads,
                    seen.n_deltas,
                    seen.faults
                );
            }
            report_at += REPORT;
        }
        if elapsed >= plan.duration {
            return Ok(pulse);
        }
        beats += 1;
        thread::sleep(
            (begin + BEAT * beats).min(begin + plan.duration).saturating_duration_since(Instant::now()),
        );
    }
}

/// Compares what the subscribers have with what the server says at the same moment. The queue goes on changing, and so
/// it is tried until a moment is met, or the time for that is over.
fn compare(site: &Site, subscribers: &mut Fleet) -> Result<Compared, BenchError> {
    let mut last = Compared::default();
    let met = wait_for("one moment for all", COMPARED_WITHIN, || {
        let (version, queue) = site.queue()?;
        last = subscribers.compare(version, queue)?;
        let is_met = last.n_equal == last.n_followers && last.n_whole_equal == last.n_whole;
        Ok(is_met.then_some(()))
    });
    match met {
        Ok(()) | Err(BenchError::Late(_)) => Ok(last),
        Err(error) => Err(error),
    }
}
