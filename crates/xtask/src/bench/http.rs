//! `cargo xtask bench http`: cached answers against files behind nginx, and against a handler that does nothing else.
//!
//! All three are processes of their own on the first half of the cores, one worker thread each at work, and send the
//! same bytes under the same headers, recorded from ours. The load generator has the other half. They take turns, and
//! who is first changes with the round.
//!
//! - [`case`] what is asked; [`files`] what ours answered; [`contender`] the three servers
//! - [`wrk`] as many requests as a server takes; [`pace`] as many as it is asked to; [`exchange`] a single one
//! - [`table`] what comes out

mod case;
mod contender;
mod exchange;
mod files;
mod pace;
mod table;
mod wrk;

use std::time::Duration;

use self::{
    case::{Case, Form, Subject},
    contender::{Contender, Side},
    exchange::get,
    pace::Pace,
    table::{Half, Results, Sample},
    wrk::Wrk,
};
use super::{
    Programs,
    error::{BenchError, Context as _},
    machine::{self, Cores, CpuMeter},
    server::Server,
    undisturbed,
};

/// Rows of the queue in the document: about 20 KB as it is.
const N_ROWS: usize = 80;
/// The document of ours is renewed with every poll that brought something; this one brings nothing new.
const POLLED_EVERY: Duration = Duration::from_secs(5);

/// How much is measured.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// How often each server is measured.
    pub(crate) n_rounds: usize,
    /// For how long each time.
    pub(crate) duration: Duration,
    /// Over how many connections.
    pub(crate) n_connections: Vec<usize>,
}

impl Plan {
    /// The least that measures everything once.
    pub(crate) fn smoke() -> Self {
        Self { n_rounds: 1, duration: Duration::from_secs(1), n_connections: vec![16] }
    }

    fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for subject in Subject::ALL {
            for form in Form::ALL {
                cases.extend(self.n_connections.iter().map(|n| Case { subject, form, n_connections: *n }));
            }
        }
        cases
    }
}

/// Measures as planned; gives the tables in Markdown.
///
/// # Errors
/// When something could not be measured, or what was measured cannot be true.
pub(crate) fn http(programs: &Programs, plan: &Plan) -> Result<String, BenchError> {
    machine::raise_open_files()?;
    let cores = Cores::split()?;
    cores.stay_with_clients()?;
    let directory = tempfile::tempdir().during("making a directory")?;
    let place = directory.path();
    let ours = Contender::ours(Server::ours(programs, &cores, N_ROWS, POLLED_EVERY)?);
    let files = files::capture(ours.address(), place)?;
    let servers =
        [ours, Contender::nginx(&cores, &files, place)?, Contender::bare(programs, &cores, &files, place)?];
    let wrk = Wrk::new(place)?;

    let mut results = Results::default();
    for round in 1..=plan.n_rounds {
        for case in plan.cases() {
            println!("round {round} of {}: {case}, {} connections", plan.n_rounds, case.n_connections);
            for side in order(round) {
                let sample = undisturbed(|| sample(&wrk, server(&servers, side), case, plan.duration))?;
                results.add(case, side, sample);
            }
        }
    }
    let least = plan.n_connections.iter().copied().min().unwrap_or(1);
    for round in 1..=plan.n_rounds {
        for case in plan.cases().into_iter().filter(|case| case.n_connections == least) {
            let full = results.median(case, Side::Nginx, |sample| sample.per_second).unwrap_or(0.0);
            println!("round {round} of {}: {case}, half load", plan.n_rounds);
            for side in order(round) {
                let half = undisturbed(|| half(server(&servers, side), case, full / 2.0, plan.duration))?;
                results.add_half(case, side, half);
            }
        }
    }

    let sizes: Vec<_> = files.iter().map(|file| format!("{} {} B", &file.path[1..], file.n_bytes)).collect();
    let conditions = format!(
        "Medians of {} round(s) of {} s, in parentheses the smallest and the largest; servers on {} core(s), clients on \
         {}. Bodies: {}.",
        plan.n_rounds,
        plan.duration.as_secs(),
        cores.n_server,
        cores.n_clients,
        sizes.join(", "),
    );
    let problems = results.problems(&plan.cases(), plan.n_rounds);
    if problems.is_empty() {
        return Ok(format!("{conditions}\n\n{}\n{}", results.markdown(), results.markdown_of_halves()));
    }
    Err(BenchError::Unexpected(problems.join("; ")))
}

/// Who is first changes with the round, so that nobody always meets the quieter machine.
fn order(round: usize) -> [Side; 3] {
    let mut order = Side::ALL;
    order.rotate_left(round % 3);
    order
}

fn server(servers: &[Contender; 3], side: Side) -> &Contender {
    let [ours, nginx, bare] = servers;
    match side {
        Side::Ours => ours,
        Side::Nginx => nginx,
        Side::Bare => bare,
    }
}

/// As many requests as a server takes.
fn sample(wrk: &Wrk, server: &Contender, case: Case, duration: Duration) -> Result<Sample, BenchError> {
    let path = server.path(case);
    let tag = tag(server, case)?;
    let headers = headers(case, &tag);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
    check(server, case, &headers)?;
    let mut cpu = CpuMeter::new(server.pid());
    let begin_ns = cpu.read_ns()?;
    let load = wrk.run(server.address(), &path, &headers, case.n_connections, duration)?;
    let used_ns = cpu.read_ns()? - begin_ns;
    check(server, case, &headers)?;
    Ok(Sample {
        per_second: load.per_second,
        cpu_us: used_ns as f64 / load.n_requests / 1e3,
        p99_ms: load.p99_ms,
    })
}

/// As many requests as it is asked to answer.
fn half(server: &Contender, case: Case, per_second: f64, duration: Duration) -> Result<Half, BenchError> {
    let tag = tag(server, case)?;
    let headers = headers(case, &tag);
    let mut request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n", server.path(case), server.address());
    for (name, value) in &headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let pairs: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
    check(server, case, &pairs)?;
    let (server, n_connections) = (server.address(), case.n_connections);
    let pace = Pace { server, request, n_connections, per_second, duration };
    let delays = pace.run()?;
    Ok(Half { p50_ms: delays.p50_ms, p99_ms: delays.p99_ms })
}

/// What a client says that accepts, and maybe has, what a case asks for.
fn headers(case: Case, tag: &str) -> Vec<(&'static str, String)> {
    let mut headers = vec![("Accept-Encoding", case.form.accepted().to_owned())];
    if case.form == Form::Known {
        headers.push(("If-None-Match", tag.to_owned()));
    }
    headers
}

/// The tag that a server has now.
fn tag(server: &Contender, case: Case) -> Result<String, BenchError> {
    let accepted = [("Accept-Encoding", case.form.accepted())];
    let answer = get(server.address(), &server.path(case), &accepted)?;
    let tag = answer.header("etag").map(ToOwned::to_owned);
    tag.ok_or_else(|| BenchError::Unexpected(format!("{case} has no tag")))
}

/// Whether the answer is the expected one.
fn check(server: &Contender, case: Case, headers: &[(&str, &str)]) -> Result<(), BenchError> {
    let answer = get(server.address(), &server.path(case), headers)?;
    if answer.status != case.form.status() {
        // The document was renewed meanwhile.
        return Err(BenchError::Disturbed(format!("{case} is answered with {}", answer.status)));
    }
    Ok(())
}
