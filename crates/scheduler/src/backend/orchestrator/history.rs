//! `/api/v1/history` on the wire, and how to read it without losing a build.
//!
//! The newest hundred are asked for. When all of a full page is new, older builds may have been missed: ten times
//! more are asked for, up to a bound. If even that does not reach what was known, the report says so.

use std::{collections::HashSet, sync::Arc};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    backend::{
        instants::Instants,
        wire::{Number, Text},
    },
    client::Client,
    error::FetchError,
    report::{HistoryReport, HistoryRow, Reach, RowKey, Work},
};

/// The builds that are asked for at first.
pub const HISTORY_LIMIT: usize = 100;
/// The builds that are asked for at most.
pub const HISTORY_LIMIT_MAX: usize = 20_000;

/// Remembers the builds that were reported, by which the next answer is recognised as following them.
///
/// More than the last answer is remembered: a backend that forgets its newest builds answers with older ones.
#[derive(Debug, Default)]
pub struct HistoryCursor {
    known: HashSet<RowKey>,
    /// Anything was ever reported: from then on a page without a known row is a gap.
    has_reported: bool,
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
    #[serde(default)]
    built_at: Number,
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
    pub(super) fn report(&mut self, fetched: Fetched, instants: &mut Instants) -> HistoryReport {
        let Fetched { rows, reach } = fetched;
        if self.known.len() > 2 * HISTORY_LIMIT_MAX {
            self.forget_older_half();
        }
        self.known.extend(rows.iter().map(WireRow::key));
        // Nothing was known before the first report, so nothing can be missing between.
        let reach = if reach == Reach::Short && !self.has_reported { Reach::Known } else { reach };
        self.has_reported = true;
        let n_rows = rows.len();
        let rows: Vec<HistoryRow> = rows.into_iter().filter_map(|row| row.report(instants)).collect();
        let n_refused = u32::try_from(n_rows - rows.len()).unwrap_or(u32::MAX);
        HistoryReport { rows, reach, n_refused }
    }

    fn forget_older_half(&mut self) {
        let mut seconds: Vec<i64> = self.known.iter().map(|key| key.written_at).collect();
        let half = seconds.len() / 2;
        let (_, median, _) = seconds.select_nth_unstable(half);
        self.known.retain(|key| key.written_at > *median);
    }
}

impl WireRow {
    fn id(&self) -> Arc<str> {
        match &self.id {
            Value::String(text) => text.as_str().into(),
            other => other.to_string().into(),
        }
    }

    fn key(&self) -> RowKey {
        RowKey {
            upstream_id: self.id(),
            written_at: self.built_at.second().unwrap_or(0),
            package: self.package.as_str().into(),
        }
    }

    /// The row as it is reported; `None` when nobody can have finished a build then.
    fn report(self, instants: &mut Instants) -> Option<HistoryRow> {
        let finished_at = instants.read(self.built_at)?;
        Some(HistoryRow {
            key: self.key(),
            work: Work::parse(&self.package),
            drone_id: self.drone_id.get(),
            drone_name: self.drone_name.get(),
            status: Arc::from(self.status.as_str()),
            duration_ms: self.duration_seconds.duration_ms(),
            finished_at,
        })
    }
}
