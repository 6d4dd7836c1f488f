//! Loki: how much is logged. No line is ever fetched.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use snapshot::infrastructure::LogLevel;

use super::series::WireAnswer;
use crate::{
    client::Client,
    error::FetchError,
    report::{Report, infrastructure::LogsReport},
};

/// The stretch that is counted, in seconds.
pub const WINDOW_SECONDS: u32 = 3_600;
/// Counts lines by level.
pub const BY_LEVEL: &str = r#"sum by (detected_level) (count_over_time({service_name=~".+"}[1h]))"#;
/// Counts lines by service.
pub const BY_SERVICE: &str = r#"sum by (service_name) (count_over_time({service_name=~".+"}[1h]))"#;

/// What is asked.
#[derive(Debug, Clone)]
pub struct LokiQueries {
    /// Lines by level, over [`WINDOW_SECONDS`].
    pub by_level: String,
    /// Lines by service, over the same stretch.
    pub by_service: String,
}

impl Default for LokiQueries {
    fn default() -> Self {
        Self { by_level: BY_LEVEL.to_owned(), by_service: BY_SERVICE.to_owned() }
    }
}

/// Polls Loki once.
///
/// # Errors
/// Says why there is no usable answer. Cancellation safe.
pub async fn poll(client: &Client, queries: &LokiQueries) -> Result<Report, FetchError> {
    let (is_ready, by_level, by_service) = tokio::try_join!(
        client.is_ready("ready"),
        counts(client, &queries.by_level),
        counts(client, &queries.by_service),
    )?;
    if !is_ready {
        return Err(FetchError::Status(503));
    }
    let mut levels = [0; LogLevel::ALL.len()];
    for (label, lines) in by_level {
        let level = LogLevel::of_label(&label);
        let place = LogLevel::ALL.iter().position(|other| *other == level).unwrap_or(0);
        levels[place] += lines;
    }
    Ok(Report::Logs(LogsReport { levels, services: by_service }))
}

/// Counts by the one label that a series has; without it they are nobody's.
async fn counts(client: &Client, query: &str) -> Result<BTreeMap<String, u64>, FetchError> {
    let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
    let answer = client.get::<WireAnswer>(&format!("loki/api/v1/query?query={query}")).await?;
    let mut counts = BTreeMap::new();
    for sample in answer.ok_or(FetchError::Status(404))?.samples()? {
        let Some(value) = sample.value.filter(|value| (0.0..1e15).contains(value)) else { continue };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 1e15")]
        let lines = value.round() as u64;
        *counts.entry(sample.labels.only().unwrap_or_default().to_owned()).or_insert(0) += lines;
    }
    Ok(counts)
}
