//! Loki: how much is logged. No line is ever fetched.
//!
//! The last hour is asked for with every poll. The last day is dear, and so it is asked for seldom; where that fails,
//! the hour is known without it.

use std::{collections::BTreeMap, time::Duration};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use snapshot::{clock::Now, infrastructure::LogLevel};

use super::{seldom::Seldom, series::WireAnswer};
use crate::{
    client::Client,
    error::FetchError,
    report::{
        Report,
        infrastructure::{LinesReport, LogsReport},
    },
};

/// The stretch that is counted often, in seconds.
pub const HOUR_SECONDS: u32 = 3_600;
/// The stretch that is counted seldom, in seconds.
pub const DAY_SECONDS: u32 = 86_400;
/// Counts lines by level.
pub const BY_LEVEL: &str = r#"sum by (detected_level) (count_over_time({service_name=~".+"}[1h]))"#;
/// Counts lines by service.
pub const BY_SERVICE: &str = r#"sum by (service_name) (count_over_time({service_name=~".+"}[1h]))"#;
/// Counts lines by level, over a day.
pub const BY_LEVEL_DAY: &str = r#"sum by (detected_level) (count_over_time({service_name=~".+"}[24h]))"#;
/// Counts lines by service, over a day.
pub const BY_SERVICE_DAY: &str = r#"sum by (service_name) (count_over_time({service_name=~".+"}[24h]))"#;

/// Counts of a day that ended longer ago are forgotten.
const DAY_KEPT: Duration = Duration::from_secs(30 * 60);

/// What is asked.
#[derive(Debug, Clone)]
pub struct LokiQueries {
    /// Lines by level, over [`HOUR_SECONDS`].
    pub by_level: String,
    /// Lines by service, over the same stretch.
    pub by_service: String,
    /// Lines by level, over [`DAY_SECONDS`].
    pub by_level_day: String,
    /// Lines by service, over the same stretch.
    pub by_service_day: String,
}

/// What must be remembered between two polls.
#[derive(Debug)]
pub struct Memory {
    queries: LokiQueries,
    day: Seldom<LinesReport>,
}

impl Default for LokiQueries {
    fn default() -> Self {
        Self {
            by_level: BY_LEVEL.to_owned(),
            by_service: BY_SERVICE.to_owned(),
            by_level_day: BY_LEVEL_DAY.to_owned(),
            by_service_day: BY_SERVICE_DAY.to_owned(),
        }
    }
}

impl Memory {
    /// Starts with these queries.
    #[must_use]
    pub fn new(queries: LokiQueries) -> Self {
        Self { queries, day: Seldom::default() }
    }
}

/// Polls Loki once.
///
/// # Errors
/// Says why there is no usable answer. Cancellation safe.
pub async fn poll(client: &Client, memory: &mut Memory, now: impl Fn() -> Now) -> Result<Report, FetchError> {
    let Memory { queries, day } = memory;
    let begun_at = now().wall;
    let is_due = day.is_due(begun_at);
    let asked_of_day = async {
        match is_due {
            true => Some(lines(client, &queries.by_level_day, &queries.by_service_day).await),
            false => None,
        }
    };
    let (is_ready, hour, of_day) = tokio::join!(
        client.is_ready("ready"),
        lines(client, &queries.by_level, &queries.by_service),
        asked_of_day,
    );
    if !is_ready? {
        return Err(FetchError::Status(503));
    }
    let hour = hour?;
    if let Some(of_day) = of_day {
        day.take_in(of_day, begun_at, begun_at);
    }
    Ok(Report::Logs(LogsReport { hour, day: day.known(DAY_KEPT, now().wall).cloned() }))
}

/// Lines by level and by service.
async fn lines(client: &Client, by_level: &str, by_service: &str) -> Result<LinesReport, FetchError> {
    let (by_level, services) = tokio::try_join!(counts(client, by_level), counts(client, by_service))?;
    let mut levels = [0_u64; LogLevel::ALL.len()];
    for (label, lines) in by_level {
        let level = LogLevel::of_label(&label);
        let place = LogLevel::ALL.iter().position(|other| *other == level).unwrap_or(0);
        levels[place] += lines;
    }
    Ok(LinesReport { levels, services })
}

/// Counts by the one label that a series has; without it they are nobody's. One count that cannot be spoils them all:
/// without it the others would be told as the whole.
async fn counts(client: &Client, query: &str) -> Result<BTreeMap<String, u64>, FetchError> {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    let answer = client.get::<WireAnswer>(&format!("loki/api/v1/query?query={query}")).await?;
    let mut counts = BTreeMap::new();
    for sample in answer.ok_or(FetchError::Status(404))?.samples()? {
        let value = sample.value.filter(|value| (0.0..1e15).contains(value)).ok_or(FetchError::Invalid)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 1e15")]
        let lines = value.round() as u64;
        *counts.entry(sample.labels.only().unwrap_or_default().to_owned()).or_insert(0) += lines;
    }
    Ok(counts)
}
