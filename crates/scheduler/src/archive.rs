//! What survives the process: one SQLite file and one key in the data directory.
//!
//! The file's name carries the schema's version, so that an older binary finds its own file after a rollback. It is
//! locked for as long as the process lives: a second instance on the same directory is refused. A file that SQLite
//! cannot read is moved aside and reported, and the service starts without it. No internal name is at rest here:
//! assignments are stored by keyed digest.

mod key;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use identity::{
    name::PublicName,
    pseudonym::{Digest, Key},
};
use rusqlite::{Connection, ErrorCode, params};
use tokio::sync::mpsc;

/// The version of the schema below; another schema is another file.
const SCHEMA_VERSION: u32 = 1;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS assignment (
        digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
        name   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// An assignment of a public name to the digest of an internal one.
pub type Assignment = (Digest, PublicName);

/// The open archive.
#[derive(Debug)]
pub struct Archive {
    connection: Connection,
}

/// What earlier runs left.
#[derive(Debug)]
pub struct Restored {
    /// The secret under which names are digested.
    pub key: Key,
    /// The names that were given.
    pub assignments: Vec<Assignment>,
    /// Where a file that could not be read was moved.
    pub moved_aside: Option<PathBuf>,
}

/// Why the archive cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Another process has it.
    #[error("the data directory is in use by another instance")]
    InUse,
    /// The directory cannot be made or written.
    #[error("the data directory cannot be written")]
    Directory(#[source] io::Error),
    /// The key file is not one of ours.
    #[error(
        "the key file in the data directory is damaged; restore it, or remove it to start with new pseudonyms"
    )]
    Key,
    /// Anything else that SQLite says.
    #[error("the archive cannot be used")]
    Sqlite(#[source] rusqlite::Error),
}

impl Archive {
    /// Opens the archive in `directory`, making what is missing, and reads what earlier runs left.
    ///
    /// # Errors
    /// When the directory cannot be written or another process has it.
    pub fn open(directory: &Path) -> Result<(Self, Restored), ArchiveError> {
        fs::create_dir_all(directory).map_err(ArchiveError::Directory)?;
        let file = directory.join(format!("archive-v{SCHEMA_VERSION}.sqlite3"));
        let (connection, moved_aside) = match connect(&file) {
            Err(error) if is_corrupt(&error) => {
                let aside = move_aside(&file).map_err(ArchiveError::Directory)?;
                (connect(&file).map_err(ArchiveError::of)?, Some(aside))
            }
            connected => (connected.map_err(ArchiveError::of)?, None),
        };
        // After the lock, so that two instances that start together agree on one key.
        let key = key::load_or_make(directory)?;
        let archive = Self { connection };
        let assignments = archive.assignments().map_err(ArchiveError::of)?;
        Ok((archive, Restored { key, assignments, moved_aside }))
    }

    /// Stores assignments; what is there already stays as it is.
    ///
    /// # Errors
    /// When the file cannot be written; nothing of the batch is stored then.
    pub fn keep(&mut self, assignments: &[Assignment]) -> Result<(), ArchiveError> {
        let transaction = self.connection.transaction().map_err(ArchiveError::of)?;
        for (digest, name) in assignments {
            transaction
                .execute(
                    "INSERT INTO assignment (digest, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    params![digest.as_bytes(), name.as_str()],
                )
                .map_err(ArchiveError::of)?;
        }
        transaction.commit().map_err(ArchiveError::of)
    }

    fn assignments(&self) -> Result<Vec<Assignment>, rusqlite::Error> {
        let mut select = self.connection.prepare("SELECT digest, name FROM assignment")?;
        let rows = select.query_map([], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, String>(1)?)))?;
        let mut assignments = Vec::new();
        for row in rows {
            let (digest, name) = row?;
            // A name that is none (by an older rule, or by hand) is as good as not given.
            assignments.extend(PublicName::new(&name).ok().map(|name| (Digest::from_bytes(digest), name)));
        }
        Ok(assignments)
    }
}

/// The way to the archive for whoever must not wait for a disk.
#[derive(Debug)]
pub struct Shelf {
    outbox: mpsc::Sender<Vec<Assignment>>,
    waiting: Vec<Assignment>,
}

/// Makes a shelf, and the end of it from which [`run`] stores.
#[must_use]
pub fn shelf() -> (Shelf, mpsc::Receiver<Vec<Assignment>>) {
    let (outbox, inbox) = mpsc::channel(1);
    (Shelf { outbox, waiting: Vec::new() }, inbox)
}

impl Shelf {
    /// Hands over assignments. What the archive cannot take now goes with the next call.
    pub fn put(&mut self, assignments: Vec<Assignment>) {
        self.waiting.extend(assignments);
        if self.waiting.is_empty() {
            return;
        }
        if let Ok(place) = self.outbox.try_reserve() {
            place.send(std::mem::take(&mut self.waiting));
        }
    }
}

/// Stores what comes until the shelf is gone. What could not be stored is tried again with the next batch.
///
/// Runs on a thread of its own: it blocks.
pub fn run(mut archive: Archive, mut inbox: mpsc::Receiver<Vec<Assignment>>) {
    let mut waiting = Vec::new();
    while let Some(batch) = inbox.blocking_recv() {
        waiting.extend(batch);
        match archive.keep(&waiting) {
            Ok(()) => waiting.clear(),
            Err(error) => tracing::error!(%error, n_waiting = waiting.len(), "the archive cannot be written"),
        }
    }
}

fn connect(file: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // The first write takes the lock for good.
    connection.execute_batch(&format!("BEGIN IMMEDIATE; {SCHEMA} COMMIT;"))?;
    connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)).and_then(|verdict| {
        if verdict == "ok" {
            return Ok(connection);
        }
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        Err(rusqlite::Error::SqliteFailure(code, Some(verdict)))
    })
}

fn is_corrupt(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Renames a file and what belongs to it, so that nothing of it is lost.
fn move_aside(file: &Path) -> io::Result<PathBuf> {
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", file.display()));
    let free = (1..).map(|n| format!(".corrupt-{n}")).find(|mark| !beside(mark).exists());
    let mark = free.unwrap_or_default();
    for part in ["", "-wal", "-shm"] {
        match fs::rename(beside(part), beside(&format!("{mark}{part}"))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed?,
        }
    }
    Ok(beside(&mark))
}

// === impl ArchiveError ===

impl ArchiveError {
    fn of(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            _ => Self::Sqlite(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assignment(n: u8, name: &str) -> Assignment {
        (Digest::from_bytes([n; 32]), PublicName::new(name).unwrap())
    }

    fn reopened(directory: &Path) -> Restored {
        Archive::open(directory).unwrap().1
    }

    #[test]
    fn names_and_key_survive() {
        let directory = tempfile::tempdir().unwrap();
        let (mut archive, first) = Archive::open(directory.path()).unwrap();
        assert!(first.assignments.is_empty());
        archive.keep(&[assignment(1, "Vega"), assignment(2, "Deneb")]).unwrap();
        archive.keep(&[assignment(1, "Rigel")]).unwrap();
        drop(archive);
        let again = reopened(directory.path());
        assert_eq!(again.key, first.key);
        assert_eq!(again.assignments, [assignment(1, "Vega"), assignment(2, "Deneb")]);
    }

    #[test]
    fn a_second_instance_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (_archive, _) = Archive::open(directory.path()).unwrap();
        assert!(matches!(Archive::open(directory.path()), Err(ArchiveError::InUse)));
    }

    #[test]
    fn a_file_that_is_no_archive_is_moved_aside_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("archive-v1.sqlite3");
        for expected in [".corrupt-1", ".corrupt-2"] {
            fs::write(&file, "this was never a database, however long the text may be".repeat(50)).unwrap();
            let aside = reopened(directory.path()).moved_aside.unwrap();
            assert!(aside.to_str().unwrap().ends_with(expected), "{aside:?}");
            assert!(fs::read_to_string(aside).unwrap().starts_with("this was"));
        }
    }

    #[test]
    fn a_truncated_archive_does_not_stop_the_service() {
        let directory = tempfile::tempdir().unwrap();
        let (mut archive, _) = Archive::open(directory.path()).unwrap();
        let many: Vec<_> = (0..200).map(|n| assignment(n, &format!("Star {n}"))).collect();
        archive.keep(&many).unwrap();
        drop(archive);
        let file = directory.path().join("archive-v1.sqlite3");
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        assert!(reopened(directory.path()).moved_aside.is_some());
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named_as_the_reason() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(Archive::open(&file), Err(ArchiveError::Directory(_))));
    }
}
