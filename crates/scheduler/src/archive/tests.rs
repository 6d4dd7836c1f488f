//! The archive with friendly and hostile files.

use std::os::unix::fs::FileExt as _;

use identity::{config::Config as Names, directory::Directory, package::PackageAtom, pseudonym::Pseudonyms};
use jiff::Timestamp;
use snapshot::{
    history::{BuildId, BuildStatus, Gap},
    trend::Depth,
};

use super::{
    record::{Coverage, DroneDigests, StoredBuild, Trends, Watched},
    *,
};
use crate::metrics::ArchiveMetrics;
use crate::{ledger::Day, report::BuildKey};

const ALL: usize = usize::MAX;
const NOON: i64 = 1_795_435_200;

fn assignment(n: u8, name: &str) -> Assignment {
    (Digest::from_bytes([n; 32]), PublicName::new(name).unwrap())
}

fn assigned(assignments: &[Assignment]) -> Batch {
    Batch { assignments: assignments.to_vec(), ..Batch::default() }
}

fn package(text: &str) -> PackageAtom {
    let directory = Directory::new(Names::default(), Pseudonyms::new(Key::new([7; 32]), []));
    directory.package(&identity::package::Atom::parse(text).unwrap(), &directory.guard()).unwrap()
}

/// A build `n` seconds after noon.
fn build(n: u32, name: Option<&str>) -> StoredBuild<PackageAtom> {
    let finished_at = Timestamp::from_second(NOON + i64::from(n)).unwrap();
    let package = name.map(package);
    StoredBuild {
        key: BuildKey::of(&Key::new([7; 32]), &n.to_string(), finished_at.as_second(), "x"),
        upstream_id: Some(n.into()),
        id: BuildId::of(package.as_ref(), finished_at, "success", Some(1_500), 0),
        package,
        drone: Some(0),
        status: BuildStatus::Success,
        duration_ms: Some(1_500),
        finished_at,
    }
}

fn built(builds: Vec<StoredBuild<PackageAtom>>) -> Batch {
    let drone = DroneDigests { id: Some(Digest::from_bytes([1; 32])), ..DroneDigests::default() };
    Batch {
        drones: vec![(0, drone)],
        builds,
        coverage: Some(Coverage { reaches_beginning: true, gaps: vec![] }),
        ..Batch::default()
    }
}

fn open(directory: &Path) -> (Archive, Restored) {
    Archive::open(directory, ALL).unwrap()
}

fn reopened(directory: &Path) -> Restored {
    open(directory).1
}

fn filled(directory: &Path, n: u32) {
    let (mut archive, _) = open(directory);
    archive.keep(&built((0..n).map(|n| build(n, Some("dev-libs/nss-3.101"))).collect())).unwrap();
}

fn file(directory: &Path) -> PathBuf {
    directory.join("archive-v3.sqlite3")
}

#[test]
fn names_and_key_survive() {
    let directory = tempfile::tempdir().unwrap();
    let (mut archive, first) = open(directory.path());
    assert!(first.assignments.is_empty());
    archive.keep(&assigned(&[assignment(1, "Vega"), assignment(2, "Deneb")])).unwrap();
    archive.keep(&assigned(&[assignment(1, "Rigel")])).unwrap();
    drop(archive);
    let again = reopened(directory.path());
    assert_eq!(again.key, first.key);
    assert_eq!(again.assignments, [assignment(1, "Vega"), assignment(2, "Deneb")]);
}

#[test]
fn builds_and_gaps_survive_and_the_newest_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let (mut archive, first) = open(directory.path());
    assert_eq!((first.past.builds.len(), first.past.coverage), (0, None));
    let gaps = vec![Gap { from: build(1, None).finished_at, to: build(2, None).finished_at }];
    let coverage = Coverage { reaches_beginning: true, gaps };
    let rows: Vec<_> = (0..9).map(|n| build(n, (n % 2 == 0).then_some("dev-libs/nss-3.101"))).collect();
    archive.keep(&Batch { coverage: Some(coverage.clone()), ..built(rows.clone()) }).unwrap();
    drop(archive);
    let past = reopened(directory.path()).past;
    let expected = rows.iter().map(|row| StoredBuild {
        key: row.key,
        upstream_id: row.upstream_id,
        id: row.id.clone(),
        package: row.package.as_ref().map(|package| package.atom().clone()),
        drone: row.drone,
        status: row.status,
        duration_ms: row.duration_ms,
        finished_at: row.finished_at,
    });
    assert_eq!(past.builds, expected.collect::<Vec<_>>());
    assert_eq!((past.is_cut, past.coverage, past.drones.len()), (false, Some(coverage), 1));
    let newest = Archive::open(directory.path(), 4).unwrap().1.past;
    assert_eq!((newest.is_cut, newest.builds.len(), &newest.builds[0]), (true, 4, &past.builds[5]));
}

#[test]
fn a_build_is_there_once_and_what_differs_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (mut archive, _) = open(directory.path());
    let one = build(1, Some("dev-libs/nss-3.101"));
    archive.keep(&built(vec![one.clone()])).unwrap();
    archive.keep(&built(vec![one.clone()])).unwrap();
    assert_eq!(archive.n_refused, 0);
    let other = StoredBuild { status: BuildStatus::Failed, ..one.clone() };
    archive.keep(&built(vec![other, StoredBuild { duration_ms: None, ..one }])).unwrap();
    assert_eq!(archive.n_refused, 2);
    drop(archive);
    let builds = reopened(directory.path()).past.builds;
    assert_eq!((builds.len(), builds[0].status), (1, BuildStatus::Success));
}

#[test]
fn a_package_that_was_withheld_is_learned_and_never_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let (mut archive, _) = open(directory.path());
    for name in [None, Some("dev-libs/nss-3.101"), None] {
        archive.keep(&built(vec![build(1, name)])).unwrap();
    }
    drop(archive);
    let builds = reopened(directory.path()).past.builds;
    assert_eq!(builds.len(), 1);
    assert!(builds[0].package.is_some());
    assert_eq!(builds[0].id, build(1, Some("dev-libs/nss-3.101")).id);
}

#[test]
fn a_second_instance_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (_archive, _) = open(directory.path());
    assert!(matches!(Archive::open(directory.path(), ALL), Err(ArchiveError::InUse)));
}

#[test]
fn the_first_version_is_copied_and_stays_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let old = directory.path().join("archive-v1.sqlite3");
    let first = Connection::open(&old).unwrap();
    first.pragma_update(None, "journal_mode", "WAL").unwrap();
    first
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS assignment (
                digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
                name   TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;",
        )
        .unwrap();
    let insert = |n: u8, name: &str| {
        first.execute("INSERT INTO assignment VALUES (?1, ?2)", params![[n; 32], name]).unwrap()
    };
    insert(1, "Vega");
    // Whoever runs on the old file keeps everybody out.
    first.execute_batch("BEGIN IMMEDIATE").unwrap();
    insert(2, "Deneb");
    first.execute_batch("COMMIT").unwrap();
    let both = [assignment(1, "Vega"), assignment(2, "Deneb")];
    drop(first);
    // What a crash left of an earlier attempt is no obstacle.
    fs::write(directory.path().join("archive.new"), "half a file").unwrap();
    let (mut archive, restored) = open(directory.path());
    assert_eq!((restored.assignments, restored.moved_aside), (both.to_vec(), None));
    archive.keep(&assigned(&[assignment(3, "Rigel")])).unwrap();
    drop(archive);
    let kept = Connection::open(&old).unwrap();
    assert_eq!(assignments(&kept).unwrap(), both);
    assert_eq!(reopened(directory.path()).assignments.len(), 3);
    assert!(!directory.path().join("archive.new").exists());
}

#[test]
fn the_second_version_is_copied_with_its_builds_and_stays_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 50);
    let old = directory.path().join("archive-v2.sqlite3");
    fs::rename(file(directory.path()), &old).unwrap();
    let second = Connection::open(&old).unwrap();
    second.execute_batch("DROP TABLE uptime; DROP TABLE watched; DROP TABLE depth;").unwrap();
    drop(second);
    let before = fs::read(&old).unwrap();
    let (mut archive, restored) = open(directory.path());
    assert_eq!((restored.past.builds.len(), restored.moved_aside), (50, None));
    archive.keep(&trends([(20_000, 1)], [(0, 3)])).unwrap();
    drop(archive);
    assert_eq!(fs::read(&old).unwrap(), before);
    let restored = reopened(directory.path());
    assert_eq!((restored.past.builds.len(), restored.past.trends.ledgers.len()), (50, 3));
}

/// One host, one service and one source with an hour of each of these days, and samples of the queue.
fn trends<const D: usize, const S: usize>(days: [(i32, u16); D], depths: [(i64, u32); S]) -> Batch {
    let watched = [
        (0, Watched::Host(Digest::from_bytes([9; 32]))),
        (1, Watched::Service(PublicName::new("Mirror").unwrap())),
        (2, Watched::Source(snapshot::section::SourceName::Loki)),
    ];
    let hours = |seconds: u16| {
        let ([a, b], mut bytes) = (seconds.to_le_bytes(), vec![0; 96]);
        (bytes[0], bytes[1]) = (a, b);
        Day::from_bytes(&bytes).unwrap()
    };
    let days = days.into_iter().flat_map(|(day, up)| (0..3).map(move |n| ((day, n), hours(up))));
    let depth = |(slot, pending): (i64, u32)| {
        let at = Timestamp::from_second(NOON + slot * 600).unwrap();
        (at, Depth { at, pending, building: 1, blocked: 0 })
    };
    let trends = Trends {
        watched: watched.to_vec(),
        days: days.collect(),
        depths: depths.into_iter().map(depth).collect(),
        forget_before: None,
    };
    Batch { trends, ..Batch::default() }
}

#[test]
fn accounts_and_samples_survive_and_the_most_of_a_step_stays() {
    let directory = tempfile::tempdir().unwrap();
    let (mut archive, _) = open(directory.path());
    archive.keep(&trends([(20_000, 100), (20_001, 200)], [(0, 9), (1, 4)])).unwrap();
    archive.keep(&trends([(20_001, 300)], [(0, 2), (2, 5)])).unwrap();
    drop(archive);
    let read = reopened(directory.path()).past.trends;
    let expected = trends([(20_000, 100), (20_001, 300)], []).trends;
    let watched: Vec<_> = read.ledgers.iter().map(|(n, ledger)| (*n, ledger.watched.clone())).collect();
    assert_eq!(watched, expected.watched);
    let days = read
        .ledgers
        .into_iter()
        .flat_map(|(n, ledger)| ledger.days.into_iter().map(move |(day, hours)| ((day, n), hours)));
    assert_eq!(days.collect::<std::collections::BTreeMap<_, _>>(), expected.days);
    let pending: Vec<u32> = read.depths.iter().map(|depth| depth.pending).collect();
    assert_eq!(pending, [9, 4, 5]);
}

#[test]
fn what_is_forgotten_takes_its_number_along_which_may_be_given_again() {
    let directory = tempfile::tempdir().unwrap();
    let (mut archive, _) = open(directory.path());
    archive.keep(&trends([(19_000, 100)], [(0, 1)])).unwrap();
    let mut later = trends([(20_000, 100)], []);
    later.trends.watched = vec![(0, Watched::Service(PublicName::new("Other").unwrap()))];
    later.trends.days.retain(|(_, number), _| *number == 0);
    later.trends.forget_before = Some(Timestamp::from_second(19_500 * 86_400).unwrap());
    archive.keep(&later).unwrap();
    drop(archive);
    let read = reopened(directory.path()).past.trends;
    let watched: Vec<_> = read.ledgers.values().map(|ledger| ledger.watched.clone()).collect();
    assert_eq!(watched, [Watched::Service(PublicName::new("Other").unwrap())]);
    assert_eq!(read.depths.len(), 1);
}

#[test]
fn hours_that_cannot_be_are_left_out_and_cost_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let (mut archive, _) = open(directory.path());
    archive.keep(&trends([(20_000, 100), (20_001, 100)], [])).unwrap();
    archive.keep(&built(vec![build(1, None)])).unwrap();
    let spoil = "UPDATE uptime SET hours = x'ffffffff' WHERE day = 20000;
        UPDATE watched SET source = 'nobody' WHERE number = 2;";
    archive.connection.execute_batch(spoil).unwrap();
    drop(archive);
    let restored = reopened(directory.path());
    assert_eq!((restored.moved_aside, restored.past.builds.len()), (None, 1));
    let days: Vec<usize> = restored.past.trends.ledgers.values().map(|ledger| ledger.days.len()).collect();
    assert_eq!(days, [1, 1]);
}

#[test]
fn a_first_version_in_use_or_damaged_is_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let old = directory.path().join("archive-v1.sqlite3");
    let running = Connection::open(&old).unwrap();
    running.pragma_update(None, "locking_mode", "EXCLUSIVE").unwrap();
    running.execute_batch("BEGIN IMMEDIATE; CREATE TABLE assignment (digest, name); COMMIT").unwrap();
    assert!(matches!(Archive::open(directory.path(), ALL), Err(ArchiveError::InUse)));
    drop(running);
    fs::write(&old, "this was never a database".repeat(100)).unwrap();
    let aside = reopened(directory.path()).moved_aside.unwrap();
    assert!(aside.to_str().unwrap().ends_with("archive-v1.sqlite3.corrupt-1"), "{aside:?}");
}

#[test]
fn a_file_that_is_no_archive_is_moved_aside_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    for expected in [".corrupt-1", ".corrupt-2"] {
        fs::write(
            file(directory.path()),
            "this was never a database, however long the text may be".repeat(50),
        )
        .unwrap();
        let aside = reopened(directory.path()).moved_aside.unwrap();
        assert!(aside.to_str().unwrap().ends_with(expected), "{aside:?}");
        assert!(fs::read_to_string(aside).unwrap().starts_with("this was"));
    }
    // An empty file is a database to SQLite, but not an archive.
    fs::write(file(directory.path()), "").unwrap();
    assert!(reopened(directory.path()).moved_aside.is_some());
}

#[test]
fn what_cannot_be_written_is_read_in_any_version_and_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 50);
    let check = |path: &Path| {
        let before = fs::read(path).unwrap();
        let restored = Archive::read_only(directory.path(), ALL).unwrap().unwrap();
        assert_eq!((restored.past.builds.len(), restored.past.is_cut), (50, false));
        assert_eq!(fs::read(path).unwrap(), before);
    };
    let (newest, second) = (file(directory.path()), directory.path().join("archive-v2.sqlite3"));
    check(&newest);
    fs::rename(&newest, &second).unwrap();
    let older = Connection::open(&second).unwrap();
    older.execute_batch("DROP TABLE uptime; DROP TABLE watched; DROP TABLE depth;").unwrap();
    drop(older);
    check(&second);
    fs::remove_file(&second).unwrap();
    assert!(Archive::read_only(directory.path(), ALL).unwrap().is_none());
}

#[test]
fn a_truncated_archive_does_not_stop_the_service() {
    for share in [2, 3, 10] {
        let directory = tempfile::tempdir().unwrap();
        filled(directory.path(), 2_000);
        let bytes = fs::read(file(directory.path())).unwrap();
        fs::write(file(directory.path()), &bytes[..bytes.len() / share]).unwrap();
        let restored = reopened(directory.path());
        assert_eq!((restored.moved_aside.is_some(), restored.past.builds.len()), (true, 0));
        // It goes on as an empty archive.
        filled(directory.path(), 5);
        assert_eq!(reopened(directory.path()).past.builds.len(), 5);
    }
}

#[test]
fn a_page_of_garbage_anywhere_is_found_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 300);
    let whole = fs::read(file(directory.path())).unwrap();
    for page in 0..whole.len() / 4096 {
        let directory = tempfile::tempdir().unwrap();
        fs::write(file(directory.path()), &whole).unwrap();
        let damaged = fs::OpenOptions::new().write(true).open(file(directory.path())).unwrap();
        damaged.write_all_at(&[0xa5; 4096], page as u64 * 4096).unwrap();
        let restored = reopened(directory.path());
        assert_eq!((restored.moved_aside.is_some(), restored.past.builds.len()), (true, 0), "page {page}");
    }
}

#[test]
fn values_that_nobody_stored_are_damage_or_left_out() {
    let check = |sql: &str, is_damage: bool, n_builds: usize| {
        let directory = tempfile::tempdir().unwrap();
        filled(directory.path(), 3);
        Connection::open(file(directory.path())).unwrap().execute_batch(sql).unwrap();
        let restored = reopened(directory.path());
        let seen = (restored.moved_aside.is_some(), restored.past.builds.len());
        assert_eq!(seen, (is_damage, n_builds), "{sql}");
    };
    check("UPDATE build SET status = 'exploded' WHERE upstream_id = 1", false, 2);
    check("UPDATE build SET id = 'short' WHERE upstream_id = 1", false, 2);
    check("UPDATE build SET duration_ms = -5", false, 3);
    check("UPDATE build SET finished_at = 9223372036854775807 WHERE upstream_id = 1", false, 2);
    check("PRAGMA foreign_keys = 0; UPDATE build SET package = 7, drone = 900", false, 3);
    check("PRAGMA foreign_keys = 0; UPDATE build SET drone = -1", true, 0);
    check("DROP TABLE last_known", true, 0);
    check("INSERT INTO last_known VALUES ('queue', x'7b7d'), ('frame', x'78'), ('new', x'')", false, 3);
    check("UPDATE package SET name = 'no package'", false, 3);
}

#[test]
fn a_full_disk_loses_nothing_that_was_stored_and_heals() {
    let directory = tempfile::tempdir().unwrap();
    filled(directory.path(), 100);
    let (mut archive, _) = open(directory.path());
    let n_pages: u32 = archive.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    archive.connection.pragma_update(None, "max_page_count", n_pages).unwrap();
    let more = built((100..5_000).map(|n| build(n, Some("dev-libs/nss-3.101"))).collect());
    for _ in 0..2 {
        assert!(matches!(archive.keep(&more), Err(ArchiveError::Sqlite(_))));
    }
    archive.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    archive.keep(&more).unwrap();
    drop(archive);
    assert_eq!(reopened(directory.path()).past.builds.len(), 5_000);
}

#[test]
fn the_writer_keeps_what_the_disk_cannot_take_and_stores_it_when_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let mut writer = writer::Writer::new(open(directory.path()).0);
    let room = |writer: &writer::Writer, n: u32| {
        writer.archive.connection.pragma_update(None, "max_page_count", n).unwrap();
    };
    let batch = |n: u32| built((n * 1_000..n * 1_000 + 1_000).map(|n| build(n, None)).collect());
    room(&writer, 1);
    (0..3).for_each(|n| writer.store(batch(n)));
    assert_eq!(writer.n_failures, 3);
    room(&writer, 1_000_000);
    writer.store(Batch::default());
    assert_eq!(writer.n_failures, 0);
    drop(writer);
    assert_eq!(reopened(directory.path()).past.builds.len(), 3_000);
}

#[test]
fn a_thousand_builds_left_at_once_are_stored_in_one_go_before_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let (archive, _) = open(directory.path());
    let (shelf, pile) = shelf();
    let writer = std::thread::spawn(move || run(archive, pile, ArchiveMetrics::default()));
    for n in 0..1_000 {
        shelf.put(built(vec![build(n, Some("dev-libs/nss-3.101"))]));
    }
    drop(shelf);
    writer.join().unwrap();
    assert_eq!(reopened(directory.path()).past.builds.len(), 1_000);
}

#[test]
fn a_directory_that_cannot_be_made_is_named_as_the_reason() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(Archive::open(&file, ALL), Err(ArchiveError::Directory(_))));
}
