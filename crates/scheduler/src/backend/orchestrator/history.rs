//! `/api/v1/history` on the wire, and how to read it without losing a build.
//!
//! The newest hundred are asked for. When all of a full page is new, older builds may have been missed: ten times
//! more are asked for, up to a bound. If even that does not reach what was known, the report says so.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    backend::wire::{Number, Text},
    client::Client,
    error::FetchError,
    report::{HistoryReport, HistoryRow, Reach, Work},
};

/// The builds that are asked for at first.
pub const HISTORY_LIMIT: usize = 100;
/// The builds that are asked for at most.
pub const HISTORY_LIMIT_MAX: usize = 20_000;

/// Remembers the builds of the last report, by which the next one is recognised as following it.
#[derive(Debug, Default)]
pub struct HistoryCursor {
    known: HashSet<RowKey>,
    /// Anything was ever reported: from then on a page without a known row is a gap.
    has_reported: bool,
}

/// What makes two rows the same build.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct RowKey {
    id: String,
    finished_at: u64,
    package: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum WireHistory {
    Wrapped { history: Vec<WireRow> },
    List(Vec<WireRow>),
}

#[derive(Debug, Deserialize)]
struct WireRow {
    id: Value,
    package: String,
    #[serde(default)]
    drone_id: Text,
    #[serde(default)]
    drone_name: Text,
    status: String,
    #[serde(default)]
    duration_seconds: Number,
    built_at: f64,
}

/// Pages that were fetched, not yet reported.
#[derive(Debug)]
pub(super) struct Fetched {
    rows: Vec<WireRow>,
    reach: Reach,
}

/// Fetches as many builds as are needed to reach a known one; `None` when there is no such endpoint.
pub(super) async fn fetch(client: &Client, cursor: &HistoryCursor) -> Result<Option<Fetched>, FetchError> {
    let mut limit = HISTORY_LIMIT;
    let Some(mut rows) = page(client, limit).await? else { return Ok(None) };
    loop {
        let is_known = rows.iter().any(|row| cursor.known.contains(&row.key()));
        let reach = if is_known {
            Reach::Known
        } else if rows.len() < limit {
            Reach::Beginning
        } else {
            Reach::Short
        };
        if reach != Reach::Short || limit == HISTORY_LIMIT_MAX {
            return Ok(Some(Fetched { rows, reach }));
        }
        limit = (limit * 10).min(HISTORY_LIMIT_MAX);
        match page(client, limit).await {
            Ok(Some(longer)) => rows = longer,
            // The page before is better than none; what it does not reach is a gap.
            Ok(None) | Err(FetchError::TooLarge | FetchError::Timeout) => {
                return Ok(Some(Fetched { rows, reach }));
            }
            Err(error) => return Err(error),
        }
    }
}

async fn page(client: &Client, limit: usize) -> Result<Option<Vec<WireRow>>, FetchError> {
    let history: Option<WireHistory> = client.get(&format!("/api/v1/history?limit={limit}")).await?;
    Ok(history.map(|history| match history {
        WireHistory::Wrapped { history } | WireHistory::List(history) => history,
    }))
}

impl HistoryCursor {
    /// Turns fetched pages into a report and remembers them.
    pub(super) fn report(&mut self, fetched: Fetched, now: Timestamp) -> HistoryReport {
        let Fetched { rows, reach } = fetched;
        if !rows.is_empty() {
            self.known = rows.iter().map(WireRow::key).collect();
        }
        // Nothing was known before the first report, so nothing can be missing between.
        let reach = if reach == Reach::Short && !self.has_reported { Reach::Known } else { reach };
        self.has_reported = true;
        let n_rows = rows.len();
        let rows: Vec<HistoryRow> = rows.into_iter().filter_map(|row| row.report(now)).collect();
        let n_refused = u32::try_from(n_rows - rows.len()).unwrap_or(u32::MAX);
        HistoryReport { rows, reach, n_refused }
    }
}

impl WireRow {
    fn id(&self) -> String {
        match &self.id {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    fn key(&self) -> RowKey {
        RowKey { id: self.id(), finished_at: self.built_at.to_bits(), package: self.package.clone() }
    }

    /// The row as it is reported; `None` when nobody can have finished a build then.
    fn report(self, now: Timestamp) -> Option<HistoryRow> {
        let finished_at = Number::from(self.built_at).instant(now)?;
        Some(HistoryRow {
            upstream_id: self.id(),
            work: Work::parse(&self.package),
            drone_id: self.drone_id.get(),
            drone_name: self.drone_name.get(),
            status: Arc::from(self.status.as_str()),
            duration_ms: self.duration_seconds.duration_ms(),
            finished_at,
        })
    }
}
