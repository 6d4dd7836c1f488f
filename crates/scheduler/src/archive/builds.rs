//! Finished builds in the archive.

use identity::{
    package::{Atom, PackageAtom},
    pseudonym::Digest,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use snapshot::history::{BuildId, BuildStatus, Gap};

use super::{
    record::{Coverage, DroneDigests, Past, StoredBuild},
    trends,
};
use crate::report::BuildKey;

/// Stores drones; of what is there already, what the machine is known by may change.
pub(super) fn keep_drones(
    transaction: &Transaction<'_>,
    drones: &[(u32, DroneDigests)],
) -> Result<(), rusqlite::Error> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO drone (number, id, name, machine) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (number) DO UPDATE SET machine = excluded.machine",
    )?;
    for (number, DroneDigests { id, name, machine }) in drones {
        let [id, name, machine] = [id, name, machine].map(|digest| digest.as_ref().map(Digest::as_bytes));
        insert.execute(params![number, id, name, machine])?;
    }
    Ok(())
}

/// Stores builds; tells how many were refused because they are there with other content.
///
/// What is there already stays, but a package that was withheld when it was stored is learned.
pub(super) fn keep_builds(
    transaction: &Transaction<'_>,
    builds: &[StoredBuild<PackageAtom>],
) -> Result<usize, rusqlite::Error> {
    let mut name =
        transaction.prepare_cached("INSERT INTO package (name) VALUES (?1) ON CONFLICT DO NOTHING")?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO build (finished_at, key, upstream_id, id, package, drone, status, duration_ms)
         VALUES (?1, ?2, ?3, ?4, (SELECT number FROM package WHERE name = ?5), ?6, ?7, ?8)
         ON CONFLICT (key) DO UPDATE SET package = excluded.package, id = excluded.id
         WHERE build.package IS NULL AND excluded.package IS NOT NULL
             AND build.status = excluded.status AND build.duration_ms IS excluded.duration_ms",
    )?;
    let mut same = transaction
        .prepare_cached("SELECT 1 FROM build WHERE key = ?1 AND status = ?2 AND duration_ms IS ?3")?;
    let mut n_refused = 0;
    for build in builds {
        let package = build.package.as_ref().map(PackageAtom::as_str);
        if let Some(package) = package {
            name.execute([package])?;
        }
        let key = build.key.as_bytes();
        let status = build.status.as_str();
        let n_changed = insert.execute(params![
            build.finished_at.as_second(),
            key,
            build.upstream_id.and_then(|id| i64::try_from(id).ok()),
            build.id.as_str(),
            package,
            build.drone,
            status,
            duration(build),
        ])?;
        if n_changed == 0 && !same.exists(params![key, status, duration(build)])? {
            n_refused += 1;
        }
    }
    Ok(n_refused)
}

/// Stores how much of the past is known.
pub(super) fn keep_coverage(
    transaction: &Transaction<'_>,
    coverage: &Coverage,
) -> Result<(), rusqlite::Error> {
    transaction.execute(
        "INSERT OR REPLACE INTO coverage (only, reaches_beginning) VALUES (0, ?1)",
        [coverage.reaches_beginning],
    )?;
    transaction.execute("DELETE FROM gap", [])?;
    let mut insert =
        transaction.prepare_cached("INSERT INTO gap (place, from_at, to_at) VALUES (?1, ?2, ?3)")?;
    for (place, gap) in (0_i64..).zip(&coverage.gaps) {
        insert.execute(params![place, gap.from.as_second(), gap.to.as_second()])?;
    }
    Ok(())
}

/// Reads the newest `limit` builds, and how much is known.
pub(super) fn past(connection: &Connection, limit: usize) -> Result<Past, rusqlite::Error> {
    let n_builds: i64 = connection.query_row("SELECT count(*) FROM build", [], |row| row.get(0))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let packages = packages(connection)?;
    let mut select = connection.prepare(
        "SELECT finished_at, key, upstream_id, id, package, drone, status, duration_ms
         FROM build ORDER BY finished_at DESC, key DESC LIMIT ?1",
    )?;
    let mut rows = select.query([limit])?;
    let mut builds = Vec::with_capacity(usize::try_from(n_builds.min(limit)).unwrap_or(0));
    while let Some(row) = rows.next()? {
        builds.extend(build(row, &packages)?);
    }
    builds.reverse();
    Ok(Past {
        drones: drones(connection)?,
        builds,
        is_cut: n_builds > limit,
        coverage: coverage(connection)?,
        trends: trends::past(connection)?,
    })
}

/// One build; `None` when it is none by today's rules.
fn build(row: &Row<'_>, packages: &[Option<Atom>]) -> Result<Option<StoredBuild<Atom>>, rusqlite::Error> {
    let finished_at: i64 = row.get(0)?;
    let id = BuildId::parse(row.get_ref(3)?.as_str()?);
    let status = BuildStatus::parse(row.get_ref(6)?.as_str()?);
    let (Ok(finished_at), Some(id), Some(status)) = (Timestamp::from_second(finished_at), id, status) else {
        return Ok(None);
    };
    let package: Option<u32> = row.get(4)?;
    Ok(Some(StoredBuild {
        key: BuildKey::from_bytes(row.get(1)?),
        upstream_id: row.get::<_, Option<i64>>(2)?.and_then(|id| u64::try_from(id).ok()),
        id,
        package: package.and_then(|number| packages.get(usize::try_from(number).ok()?)?.clone()),
        drone: row.get(5)?,
        status,
        duration_ms: row.get::<_, Option<i64>>(7)?.and_then(|ms| u64::try_from(ms).ok()),
        finished_at,
    }))
}

/// The packages, by their numbers.
fn packages(connection: &Connection) -> Result<Vec<Option<Atom>>, rusqlite::Error> {
    let mut select = connection.prepare("SELECT number, name FROM package ORDER BY number")?;
    let mut rows = select.query([])?;
    let mut packages = Vec::new();
    while let Some(row) = rows.next()? {
        let number: u32 = row.get(0)?;
        // Numbers follow each other; a damaged one is no reason to reserve what it asks for.
        let Some(number) = usize::try_from(number).ok().filter(|n| *n < packages.len() + 1_000_000) else {
            break;
        };
        packages.resize(number, None);
        packages.push(Atom::parse(row.get_ref(1)?.as_str()?));
    }
    Ok(packages)
}

fn drones(connection: &Connection) -> Result<Vec<DroneDigests>, rusqlite::Error> {
    let mut select = connection.prepare("SELECT id, name, machine FROM drone ORDER BY number")?;
    let rows = select.query_map([], |row| {
        let digests: [Option<[u8; 32]>; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
        let [id, name, machine] = digests.map(|digest| digest.map(Digest::from_bytes));
        Ok(DroneDigests { id, name, machine })
    })?;
    rows.collect()
}

fn coverage(connection: &Connection) -> Result<Option<Coverage>, rusqlite::Error> {
    let reaches_beginning =
        connection.query_row("SELECT reaches_beginning FROM coverage", [], |row| row.get(0)).optional()?;
    let Some(reaches_beginning) = reaches_beginning else { return Ok(None) };
    let mut select = connection.prepare("SELECT from_at, to_at FROM gap ORDER BY place")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let mut gaps = Vec::new();
    for row in rows {
        let (from, to) = row?;
        if let (Ok(from), Ok(to)) = (Timestamp::from_second(from), Timestamp::from_second(to)) {
            gaps.push(Gap { from, to });
        }
    }
    Ok(Some(Coverage { reaches_beginning, gaps }))
}

fn duration<P>(build: &StoredBuild<P>) -> Option<i64> {
    build.duration_ms.and_then(|ms| i64::try_from(ms).ok())
}
