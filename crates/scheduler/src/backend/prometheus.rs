//! Prometheus: the hosts, what runs on them, and what is wrong.
//!
//! Only configured expressions are asked, and only their values are read: of labels, `instance`, `nodename`, `job`,
//! `device`, `mountpoint` and `severity` are looked at, and none is published.
//!
//! An expression that the server refuses, or whose answer is too large, costs its own figure and nothing else; only
//! `up` must work. The last 24 hours are the dearest question: where they fail, the hosts are still known, and the
//! history of a while ago stays with its own time.

mod alerts;
mod expressions;
mod history;
mod hosts;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use snapshot::clock::Now;

pub use expressions::{Expression, Expressions};
pub use history::STEP_SECONDS;

use super::series::{Sample, WireAnswer};
use crate::{
    client::Client,
    error::FetchError,
    report::{Report, infrastructure::MetricsReport},
};
use history::History;

/// What must be remembered between two polls.
#[derive(Debug)]
pub struct Memory {
    expressions: Expressions,
    /// Jobs that were seen to be a `node_exporter`'s.
    node_jobs: BTreeSet<String>,
    history: History,
    /// What was asked in vain, so that it is said once.
    refused: BTreeSet<Expression>,
}

impl Memory {
    /// Starts with these expressions.
    #[must_use]
    pub fn new(expressions: Expressions) -> Self {
        let node_jobs = ["node", "node-exporter", "node_exporter"].map(str::to_owned).into();
        Self { expressions, node_jobs, history: History::default(), refused: BTreeSet::new() }
    }

    /// Tells the operator which figures are missing, when that changes.
    fn note_refused(&mut self, refused: BTreeSet<Expression>) {
        for expression in refused.difference(&self.refused) {
            tracing::warn!(expression = expression.key(), "an expression cannot be answered");
        }
        self.refused = refused;
    }
}

/// Polls Prometheus once.
///
/// # Errors
/// Says why there is no usable answer. Cancellation safe.
pub async fn poll(client: &Client, memory: &mut Memory, now: impl Fn() -> Now) -> Result<Report, FetchError> {
    let begun_at = now().wall;
    let expressions = &memory.expressions;
    let ask = |expression| async move { (expression, instant(client, expressions.query(expression)).await) };
    let (answers, alerts, ranges) = tokio::join!(
        join_all(Expression::ALL.into_iter().map(ask)),
        alerts::fetch(client),
        memory.history.fetch_if_due(client, expressions, begun_at),
    );
    let mut samples: BTreeMap<Expression, Vec<Sample>> = BTreeMap::new();
    let mut refused = BTreeSet::new();
    for (expression, answer) in answers {
        let sample = optional(answer, expression == Expression::Up)?;
        if sample.is_none() {
            refused.insert(expression);
        }
        samples.insert(expression, sample.unwrap_or_default());
    }
    let alerts = optional(alerts, false)?.flatten();
    memory.note_refused(refused);
    if let Some(ranges) = ranges {
        memory.history.take_in(ranges, begun_at);
    }
    hosts::learn(&mut memory.node_jobs, &samples);
    let now = now().wall;
    Ok(Report::Metrics(Box::new(MetricsReport {
        hosts: hosts::hosts(&samples, &memory.node_jobs, memory.history.known(now), now),
        targets: hosts::targets(&samples),
        alerts: alerts.map(|alerts| alerts::report(alerts, now)),
    })))
}

/// A refused expression is a figure less; whatever else fails is a failed poll.
fn optional<T>(answer: Result<T, FetchError>, is_required: bool) -> Result<Option<T>, FetchError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(FetchError::Status(400 | 422) | FetchError::Invalid | FetchError::TooLarge) if !is_required => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn instant(client: &Client, query: &str) -> Result<Vec<Sample>, FetchError> {
    let path = format!("api/v1/query?query={}", encoded(query));
    client.get::<WireAnswer>(&path).await?.ok_or(FetchError::Status(404))?.samples()
}

fn encoded(query: &str) -> String {
    utf8_percent_encode(query, NON_ALPHANUMERIC).to_string()
}
