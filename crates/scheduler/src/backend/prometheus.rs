//! Prometheus: the hosts, what runs on them, and what is wrong.
//!
//! Only configured expressions are asked, and only their values are read: of labels, `instance`, `nodename`, `job`,
//! `device`, `mountpoint` and `severity` are looked at, and none is published.
//!
//! An expression that the server refuses costs its own figure and nothing else; only `up` must work.

mod alerts;
mod expressions;
mod hosts;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use snapshot::{clock::Now, infrastructure::HISTORY_POINTS};

pub use expressions::{Expression, Expressions};

use super::series::{Range, Sample, WireAnswer};
use crate::{
    client::Client,
    error::FetchError,
    report::{
        Report,
        infrastructure::{HistoryRanges, MetricsReport},
    },
};

/// The length of a step of the 24 hours, in seconds.
pub const STEP_SECONDS: u32 = 1_800;
/// How often the 24 hours are asked for, in seconds.
const RANGE_INTERVAL_SECONDS: i64 = 300;

/// What must be remembered between two polls.
#[derive(Debug)]
pub struct Memory {
    expressions: Expressions,
    /// Jobs that were seen to be a `node_exporter`'s.
    node_jobs: std::collections::BTreeSet<String>,
    ranges: Option<(Timestamp, HistoryRanges)>,
}

impl Memory {
    /// Starts with these expressions.
    #[must_use]
    pub fn new(expressions: Expressions) -> Self {
        let node_jobs = ["node", "node-exporter", "node_exporter"].map(str::to_owned).into();
        Self { expressions, node_jobs, ranges: None }
    }
}

/// Polls Prometheus once.
///
/// # Errors
/// Says why there is no usable answer. Cancellation safe.
pub async fn poll(client: &Client, memory: &mut Memory, now: impl Fn() -> Now) -> Result<Report, FetchError> {
    let expressions = &memory.expressions;
    let ask = |expression| async move { (expression, instant(client, expressions.query(expression)).await) };
    let (answers, alerts) =
        tokio::join!(join_all(Expression::ALL.into_iter().map(ask)), alerts::fetch(client));
    let mut samples: BTreeMap<Expression, Vec<Sample>> = BTreeMap::new();
    for (expression, answer) in answers {
        let sample = optional(answer, expression == Expression::Up)?;
        samples.insert(expression, sample.unwrap_or_default());
    }
    let alerts = optional(alerts, false)?.flatten();
    let now = now().wall;
    let is_due = memory
        .ranges
        .as_ref()
        .is_none_or(|(at, _)| (now.as_second() - at.as_second()).abs() >= RANGE_INTERVAL_SECONDS);
    if is_due && let Some(ranges) = history(client, &memory.expressions, now).await? {
        memory.ranges = Some((now, ranges));
    }
    hosts::learn(&mut memory.node_jobs, &samples);
    let ranges = memory.ranges.as_ref().map(|(_, ranges)| ranges);
    Ok(Report::Metrics(Box::new(MetricsReport {
        hosts: hosts::hosts(&samples, &memory.node_jobs, ranges, now),
        targets: hosts::targets(&samples),
        alerts: alerts.map(|alerts| alerts::report(alerts, now)),
    })))
}

/// A refused expression is a figure less; whatever else fails is a failed poll.
fn optional<T>(answer: Result<T, FetchError>, is_required: bool) -> Result<Option<T>, FetchError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(FetchError::Status(400 | 422) | FetchError::Invalid) if !is_required => Ok(None),
        Err(error) => Err(error),
    }
}

async fn instant(client: &Client, query: &str) -> Result<Vec<Sample>, FetchError> {
    let path = format!("api/v1/query?query={}", encoded(query));
    client.get::<WireAnswer>(&path).await?.ok_or(FetchError::Status(404))?.samples()
}

/// The last 24 hours, ending at a whole step so that equal questions have equal answers.
async fn history(
    client: &Client,
    expressions: &Expressions,
    now: Timestamp,
) -> Result<Option<HistoryRanges>, FetchError> {
    let step = i64::from(STEP_SECONDS);
    let end = now.as_second().div_euclid(step) * step;
    let points = i64::try_from(HISTORY_POINTS).unwrap_or(i64::MAX);
    let start = end - (points - 1) * step;
    let ask = async |expression: Expression| {
        let query = encoded(expressions.query(expression));
        let path = format!("api/v1/query_range?query={query}&start={start}&end={end}&step={step}");
        let answer = client.get::<WireAnswer>(&path).await?.ok_or(FetchError::Status(404))?.ranges();
        optional(answer, false)
    };
    let (cpu, memory) = tokio::try_join!(ask(Expression::CpuPercent), ask(Expression::MemoryPercent))?;
    let in_steps = |ranges: Option<Vec<Range>>| {
        let ranges = ranges.unwrap_or_default().into_iter();
        ranges
            .filter_map(|range| Some((range.labels.get("instance")?.to_owned(), steps(&range, start))))
            .collect()
    };
    let Ok(end_at) = Timestamp::from_second(end) else { return Ok(None) };
    Ok(Some(HistoryRanges { end_at, cpu_percent: in_steps(cpu), memory_percent: in_steps(memory) }))
}

/// Puts points into their steps; a step without a point is a gap.
fn steps(range: &Range, start: i64) -> Vec<Option<u8>> {
    let mut steps = vec![None; HISTORY_POINTS];
    for (at, value) in &range.points {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "saturates; bounds below"
        )]
        let step = ((at - start as f64) / f64::from(STEP_SECONDS)).round() as i64;
        if let Some(place) = usize::try_from(step).ok().and_then(|step| steps.get_mut(step)) {
            *place = hosts::percent(*value);
        }
    }
    steps
}

fn encoded(query: &str) -> String {
    utf8_percent_encode(query, NON_ALPHANUMERIC).to_string()
}
