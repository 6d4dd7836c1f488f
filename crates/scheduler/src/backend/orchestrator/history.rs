//! `/api/v1/history` on the wire, and how to read it without losing a build.
//!
//! The newest hundred are asked for. When all of a full page is new, older builds may have been missed: ten times
//! more are asked for, up to a bound. If even that does not reach what was known, the report says so. A longer page that
//! comes too late is asked for again with the next polls, and until then nothing is reported: what was reported once is
//! known, and nobody would ask for what lies before it.

use std::{borrow::Cow, collections::HashMap};

use identity::pseudonym::Key;
use serde::Deserialize;
use serde_json::Value;
use snapshot::history::BuildStatus;

use crate::{
    backend::{
        instants::Instants,
        wire::{Number, Text},
    },
    client::Client,
    error::FetchError,
    report::{BuildKey, HistoryReport, HistoryRow, Reach, Work},
};

/// The builds that are asked for at first.
pub const HISTORY_LIMIT: usize = 100;
/// The builds that are asked for at most.
pub const HISTORY_LIMIT_MAX: usize = 20_000;

/// How many polls in a row may be without history because a longer page was too late.
const PATIENCE: u8 = 5;

/// Remembers the builds that were reported, by which the next answer is recognised as following them.
///
/// More than the last answer is remembered: a backend that forgets its newest builds answers with older ones.
#[derive(Debug)]
pub struct HistoryCursor {
    secret: Key,
    /// When each was booked, in Unix seconds.
    known: HashMap<BuildKey, i64>,
    /// Anything was ever reported: from then on a page without a known row is a gap.
    has_reported: bool,
    /// How many polls in a row had a page that was too late.
    n_late: u8,
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
    /// A longer page was asked for and came too late.
    is_late: bool,
}

/// Fetches as many builds as are needed to reach a known one; `None` when there is no such endpoint.
pub(super) async fn fetch(client: &Client, cursor: &HistoryCursor) -> Result<Option<Fetched>, FetchError> {
    let mut limit = HISTORY_LIMIT;
    let Some(mut rows) = page(client, limit).await? else { return Ok(None) };
    loop {
        let is_known = rows.iter().any(|row| cursor.known.contains_key(&row.key(&cursor.secret)));
        let reach = if is_known {
            Reach::Known
        } else if rows.len() < limit {
            Reach::Beginning
        } else {
            Reach::Short
        };
        if reach != Reach::Short || limit == HISTORY_LIMIT_MAX {
            return Ok(Some(Fetched { rows, reach, is_late: false }));
        }
        limit = (limit * 10).min(HISTORY_LIMIT_MAX);
        match page(client, limit).await {
            Ok(Some(longer)) => rows = longer,
            // The page before is better than none; what it does not reach is a gap.
            Ok(None) | Err(FetchError::TooLarge) => return Ok(Some(Fetched { rows, reach, is_late: false })),
            Err(FetchError::Timeout) => return Ok(Some(Fetched { rows, reach, is_late: true })),
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
    /// Follows the builds that an earlier run knew; `secret` must be the one by which it knew them. With none, the
    /// first answer is a beginning.
    #[must_use]
    pub fn following(secret: Key, known: impl IntoIterator<Item = (BuildKey, i64)>) -> Self {
        let known: HashMap<_, _> = known.into_iter().collect();
        Self { secret, has_reported: !known.is_empty(), known, n_late: 0 }
    }

    /// Turns fetched pages into a report and remembers them; `None` while a longer page is worth waiting for.
    pub(super) fn report(&mut self, fetched: Fetched, instants: &mut Instants) -> Option<HistoryReport> {
        let Fetched { rows, reach, is_late } = fetched;
        if is_late && self.n_late < PATIENCE {
            self.n_late += 1;
            return None;
        }
        self.n_late = 0;
        if self.known.len() > 2 * HISTORY_LIMIT_MAX {
            self.forget_older_half();
        }
        let keys: Vec<BuildKey> = rows.iter().map(|row| row.key(&self.secret)).collect();
        self.known.extend(keys.iter().copied().zip(rows.iter().map(WireRow::written_at)));
        // Nothing was known before the first report, so nothing can be missing between.
        let reach = if reach == Reach::Short && !self.has_reported { Reach::Known } else { reach };
        self.has_reported = true;
        let n_rows = rows.len();
        let rows: Vec<HistoryRow> =
            rows.into_iter().zip(keys).filter_map(|(row, key)| row.report(key, instants)).collect();
        let n_refused = u32::try_from(n_rows - rows.len()).unwrap_or(u32::MAX);
        Some(HistoryReport { rows, reach, n_refused })
    }

    fn forget_older_half(&mut self) {
        let mut seconds: Vec<i64> = self.known.values().copied().collect();
        let half = seconds.len() / 2;
        let (_, median, _) = seconds.select_nth_unstable(half);
        self.known.retain(|_, written_at| *written_at > *median);
    }
}

// === impl HistoryCursor ===

impl Default for HistoryCursor {
    /// One that follows nothing.
    fn default() -> Self {
        Self::following(Key::new(rand::random()), [])
    }
}

impl WireRow {
    fn id(&self) -> Cow<'_, str> {
        match &self.id {
            Value::String(text) => text.into(),
            other => other.to_string().into(),
        }
    }

    fn written_at(&self) -> i64 {
        self.built_at.second().unwrap_or(0)
    }

    fn key(&self, secret: &Key) -> BuildKey {
        BuildKey::of(secret, &self.id(), self.written_at(), &self.package)
    }

    /// The row as it is reported; `None` when nobody can have finished a build then.
    fn report(self, key: BuildKey, instants: &mut Instants) -> Option<HistoryRow> {
        let finished_at = instants.read(self.built_at)?;
        Some(HistoryRow {
            key,
            // More than the archive can hold is as good as no number.
            upstream_id: self.id().parse().ok().filter(|id| i64::try_from(*id).is_ok()),
            work: Work::parse(&self.package),
            drone_id: self.drone_id.get(),
            drone_name: self.drone_name.get(),
            status: BuildStatus::of_upstream(&self.status).0,
            duration_ms: self.duration_seconds.duration_ms(),
            finished_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOON: i64 = 1_795_435_200;

    fn fetched(ids: std::ops::Range<i64>, reach: Reach, is_late: bool) -> Fetched {
        let row = |id: i64| {
            let row = json!({"id": id, "package": format!("=dev-libs/p{id}-1"), "status": "success", "built_at": NOON + id});
            serde_json::from_value(row).unwrap()
        };
        Fetched { rows: ids.rev().map(row).collect(), reach, is_late }
    }

    fn instants() -> Instants {
        let mut instants = Instants::default();
        instants.begin(jiff::Timestamp::from_second(NOON + 86_400).unwrap());
        instants
    }

    #[test]
    fn a_page_that_is_late_once_leaves_no_gap() {
        let (mut cursor, mut instants) = (HistoryCursor::default(), instants());
        cursor.report(fetched(0..10, Reach::Beginning, false), &mut instants).unwrap();
        assert!(cursor.report(fetched(200..300, Reach::Short, true), &mut instants).is_none());
        let report = cursor.report(fetched(5..310, Reach::Known, false), &mut instants).unwrap();
        assert_eq!((report.reach, report.rows.len()), (Reach::Known, 305));
    }

    #[test]
    fn a_page_that_is_late_again_and_again_costs_a_gap_and_not_the_news() {
        let (mut cursor, mut instants) = (HistoryCursor::default(), instants());
        cursor.report(fetched(0..10, Reach::Beginning, false), &mut instants).unwrap();
        for _ in 0..PATIENCE {
            assert!(cursor.report(fetched(200..300, Reach::Short, true), &mut instants).is_none());
        }
        let report = cursor.report(fetched(200..300, Reach::Short, true), &mut instants).unwrap();
        assert_eq!((report.reach, report.rows.len()), (Reach::Short, 100));
    }
}
