//! What is watched and how deep the queue was, in the archive.
//!
//! A row is a day of one thing that is watched: four bytes an hour, or four for a day whose hours are alike. Days
//! stand together, so that the minute's changes of a thousand hosts are a few pages. A host is a digest.

use std::collections::BTreeMap;

use identity::{name::PublicName, pseudonym::Digest};
use jiff::Timestamp;
use rusqlite::{Connection, Row, Transaction, params};
use snapshot::{section::SourceName, trend::Depth};

use super::record::{PastTrends, StoredLedger, Watched};
use crate::ledger::{Day, DayNumber, day_of};

/// Stores what is watched, by its number.
pub(super) fn keep_watched(
    transaction: &Transaction<'_>,
    watched: &[(u32, Watched)],
) -> Result<(), rusqlite::Error> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO watched (number, host, service, source) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for (number, watched) in watched {
        let (host, service, source) = match watched {
            Watched::Host(digest) => (Some(digest.as_bytes()), None, None),
            Watched::Service(name) => (None, Some(name.as_str()), None),
            Watched::Source(source) => (None, None, Some(source.as_str())),
        };
        insert.execute(params![number, host, service, source])?;
    }
    Ok(())
}

/// Stores days; one that is there already was the beginning of the same.
pub(super) fn keep_days(
    transaction: &Transaction<'_>,
    days: &BTreeMap<(DayNumber, u32), Day>,
) -> Result<(), rusqlite::Error> {
    let mut insert = transaction
        .prepare_cached("INSERT OR REPLACE INTO uptime (day, watched, hours) VALUES (?1, ?2, ?3)")?;
    for ((day, watched), hours) in days {
        insert.execute(params![day, watched, hours.to_bytes()])?;
    }
    Ok(())
}

/// Stores how deep the queue was; the most that was ever told of a step stays.
pub(super) fn keep_depths(
    transaction: &Transaction<'_>,
    depths: &BTreeMap<Timestamp, Depth>,
) -> Result<(), rusqlite::Error> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO depth (at, pending, building, blocked) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (at) DO UPDATE SET pending = max(pending, excluded.pending),
             building = max(building, excluded.building), blocked = max(blocked, excluded.blocked)",
    )?;
    for Depth { at, pending, building, blocked } in depths.values() {
        insert.execute(params![at.as_second(), pending, building, blocked])?;
    }
    Ok(())
}

/// Forgets what is older, and what is then known of nothing.
pub(super) fn forget_before(transaction: &Transaction<'_>, before: Timestamp) -> Result<(), rusqlite::Error> {
    transaction.execute("DELETE FROM uptime WHERE day < ?1", [day_of(before)])?;
    transaction.execute("DELETE FROM depth WHERE at < ?1", [before.as_second()])?;
    transaction.execute("DELETE FROM watched WHERE number NOT IN (SELECT watched FROM uptime)", [])?;
    Ok(())
}

/// Reads all of it.
pub(super) fn past(connection: &Connection) -> Result<PastTrends, rusqlite::Error> {
    let mut ledgers: BTreeMap<u32, StoredLedger> = BTreeMap::new();
    let mut select = connection.prepare("SELECT number, host, service, source FROM watched")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(watched) = watched(row)? {
            ledgers.insert(row.get(0)?, StoredLedger { watched, days: Vec::new() });
        }
    }
    let mut select = connection.prepare("SELECT day, watched, hours FROM uptime ORDER BY day, watched")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (day, number): (DayNumber, u32) = (row.get(0)?, row.get(1)?);
        // Hours that are none are as good as not observed.
        let hours = Day::from_bytes(row.get_ref(2)?.as_blob()?);
        if let (Some(ledger), Some(hours)) = (ledgers.get_mut(&number), hours) {
            ledger.days.push((day, hours));
        }
    }
    Ok(PastTrends { ledgers, depths: depths(connection)? })
}

/// What a row names; `None` when it is nothing by today's rules.
fn watched(row: &Row<'_>) -> Result<Option<Watched>, rusqlite::Error> {
    let host: Option<[u8; 32]> = row.get(1)?;
    let (service, source): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
    let host = host.map(|digest| Watched::Host(Digest::from_bytes(digest)));
    let service = service.and_then(|name| PublicName::new(&name).ok()).map(Watched::Service);
    let named = |word: String| SourceName::ALL.into_iter().find(|source| source.as_str() == word);
    Ok(host.or(service).or(source.and_then(named).map(Watched::Source)))
}

fn depths(connection: &Connection) -> Result<Vec<Depth>, rusqlite::Error> {
    let mut select = connection.prepare("SELECT at, pending, building, blocked FROM depth ORDER BY at")?;
    let mut rows = select.query([])?;
    let mut depths = Vec::new();
    while let Some(row) = rows.next()? {
        if let Ok(at) = Timestamp::from_second(row.get(0)?) {
            depths.push(Depth { at, pending: row.get(1)?, building: row.get(2)?, blocked: row.get(3)? });
        }
    }
    Ok(depths)
}
