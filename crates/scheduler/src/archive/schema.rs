//! The versions of the archive's schema, and the way from one to the next.
//!
//! A version is a file of its own. Migrating copies the newest older file and changes the copy, in one transaction;
//! the copy gets its name when it is whole. The older file stays as it was.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags, backup::Backup, params};

use super::{ArchiveError, is_corrupt, move_aside};

/// What stands for something else in a URI.
const SPECIAL: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

/// What each version adds to the one before.
const STEPS: [&str; 3] = [
    "CREATE TABLE assignment (
        digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
        name   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;",
    // A build stands at its time, so that the newest are read in one go. Of a package that is withheld only the
    // key is here, which is a digest; `upstream_id` is never published.
    "CREATE TABLE package (
        number INTEGER PRIMARY KEY,
        name   TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE drone (
        number  INTEGER PRIMARY KEY,
        id      BLOB CHECK (length(id) = 32),
        name    BLOB CHECK (length(name) = 32),
        machine BLOB CHECK (length(machine) = 32)
    ) STRICT;
    CREATE TABLE build (
        finished_at INTEGER NOT NULL,
        key         BLOB NOT NULL UNIQUE CHECK (length(key) = 16),
        upstream_id INTEGER,
        id          TEXT NOT NULL,
        package     INTEGER REFERENCES package (number),
        drone       INTEGER REFERENCES drone (number),
        status      TEXT NOT NULL,
        duration_ms INTEGER,
        PRIMARY KEY (finished_at, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE coverage (
        only              INTEGER PRIMARY KEY CHECK (only = 0),
        reaches_beginning INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE gap (
        place   INTEGER PRIMARY KEY,
        from_at INTEGER NOT NULL,
        to_at   INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE last_known (
        section TEXT PRIMARY KEY NOT NULL,
        content BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;",
    // One of the three names says what is watched. Days stand together: they change and are forgotten together.
    "CREATE TABLE watched (
        number  INTEGER PRIMARY KEY,
        host    BLOB UNIQUE CHECK (length(host) = 32),
        service TEXT UNIQUE,
        source  TEXT UNIQUE
    ) STRICT;
    CREATE TABLE uptime (
        day     INTEGER NOT NULL,
        watched INTEGER NOT NULL REFERENCES watched (number),
        hours   BLOB NOT NULL,
        PRIMARY KEY (day, watched)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE depth (
        at       INTEGER PRIMARY KEY,
        pending  INTEGER NOT NULL,
        building INTEGER NOT NULL,
        blocked  INTEGER NOT NULL
    ) STRICT;",
];

/// The file of the newest version.
pub(super) fn newest_file(directory: &Path) -> PathBuf {
    file(directory, STEPS.len())
}

/// The file of a version, from 1.
fn file(directory: &Path, version: usize) -> PathBuf {
    directory.join(format!("archive-v{version}.sqlite3"))
}

/// Makes the newest file where there is none: from an older one, or empty. Gives the older file's new place if it
/// was damaged.
pub(super) fn prepare(directory: &Path) -> Result<Option<PathBuf>, ArchiveError> {
    let newest = newest_file(directory);
    if newest.exists() {
        return Ok(None);
    }
    let draft = directory.join("archive.new");
    let older = (1..STEPS.len()).rev().find(|version| file(directory, *version).exists());
    let made = make(&draft, older.map(|version| (version, file(directory, version))));
    let (made, aside) = match (made, older) {
        (Err(ArchiveError::Sqlite(error)), Some(version)) if is_corrupt(&error) => {
            let aside = move_aside(&file(directory, version)).map_err(ArchiveError::Directory)?;
            (make(&draft, None), Some(aside))
        }
        (made, _) => (made, None),
    };
    made?;
    let renamed =
        File::open(&draft).and_then(|draft| draft.sync_all()).and_then(|()| fs::rename(&draft, newest));
    renamed.map_err(ArchiveError::Directory)?;
    Ok(aside)
}

/// Makes a whole file of the newest version at `draft`.
fn make(draft: &Path, older: Option<(usize, PathBuf)>) -> Result<(), ArchiveError> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(format!("{}{suffix}", draft.display())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ArchiveError::Directory(error));
            }
            _ => {}
        }
    }
    let mut version = 0;
    if let Some((older, file)) = older {
        copy(&file, draft).map_err(ArchiveError::of)?;
        version = older;
    }
    let mut connection = Connection::open(draft).map_err(ArchiveError::of)?;
    upgrade(&mut connection, version).map_err(ArchiveError::of)
}

/// Copies the newest file that there is into memory, and makes it one of the newest version; `None` without any.
///
/// Nothing is written, and what stands only in the write-ahead log is not read: that needs a disk that can be written.
pub(super) fn in_memory(directory: &Path) -> Result<Option<Connection>, rusqlite::Error> {
    let Some(version) = (1..=STEPS.len()).rev().find(|version| file(directory, *version).exists()) else {
        return Ok(None);
    };
    let path = file(directory, version);
    let uri = format!("file:{}?immutable=1", utf8_percent_encode(&path.to_string_lossy(), SPECIAL));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let stored = Connection::open_with_flags(uri, flags)?;
    let mut memory = Connection::open_in_memory()?;
    Backup::new(&stored, &mut memory)?.run_to_completion(1_024, Duration::ZERO, None)?;
    upgrade(&mut memory, version)?;
    Ok(Some(memory))
}

/// Copies with what is still in the write-ahead log. The lock keeps out whoever may be running on the old file.
fn copy(file: &Path, draft: &Path) -> Result<(), rusqlite::Error> {
    let old = Connection::open(file)?;
    old.busy_timeout(Duration::ZERO)?;
    old.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    old.execute("VACUUM INTO ?1", params![draft.display().to_string()])?;
    Ok(())
}

fn upgrade(connection: &mut Connection, version: usize) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction()?;
    for step in STEPS.iter().skip(version) {
        transaction.execute_batch(step)?;
    }
    transaction.commit()
}
