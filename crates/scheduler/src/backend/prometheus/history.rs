//! The last 24 hours of processor and memory: asked for seldom, remembered for a while.

use std::time::Duration;

use jiff::Timestamp;
use snapshot::infrastructure::HISTORY_POINTS;

use super::{Expression, Expressions, encoded, hosts, optional};
use crate::{
    backend::{
        seldom::Seldom,
        series::{Range, WireAnswer},
    },
    client::Client,
    error::FetchError,
    report::infrastructure::HistoryRanges,
};

/// The length of a step of the 24 hours, in seconds.
pub const STEP_SECONDS: u32 = 1_800;
/// A history that ended longer ago is forgotten. A good one ends at most a step and an interval ago.
const KEPT: Duration = Duration::from_secs(2 * STEP_SECONDS as u64);

/// What is known of the last 24 hours, and when to ask again.
#[derive(Debug, Default)]
pub(super) struct History(Seldom<HistoryRanges>);

impl History {
    /// The last 24 hours, if it is time to ask for them; `None` when it is not.
    pub(super) async fn fetch_if_due(
        &self,
        client: &Client,
        expressions: &Expressions,
        now: Timestamp,
    ) -> Option<Result<HistoryRanges, FetchError>> {
        if !self.0.is_due(now) {
            return None;
        }
        Some(fetch(client, expressions, now).await)
    }

    /// Takes in an answer; after a failure, what was known stays.
    pub(super) fn take_in(&mut self, answer: Result<HistoryRanges, FetchError>, now: Timestamp) {
        let end_at = answer.as_ref().map_or(now, |ranges| ranges.end_at);
        self.0.take_in(answer, end_at, now);
    }

    /// What is known and not too old.
    pub(super) fn known(&self, now: Timestamp) -> Option<&HistoryRanges> {
        self.0.known(KEPT, now)
    }
}

/// The last 24 hours, ending at a whole step so that equal questions have equal answers.
async fn fetch(
    client: &Client,
    expressions: &Expressions,
    now: Timestamp,
) -> Result<HistoryRanges, FetchError> {
    let step = i64::from(STEP_SECONDS);
    let end = now.as_second().div_euclid(step) * step;
    let points = i64::try_from(HISTORY_POINTS).unwrap_or(i64::MAX);
    let start = end - (points - 1) * step;
    let end_at = Timestamp::from_second(end).map_err(|_| FetchError::Invalid)?;
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
    Ok(HistoryRanges { end_at, cpu_percent: in_steps(cpu), memory_percent: in_steps(memory) })
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
