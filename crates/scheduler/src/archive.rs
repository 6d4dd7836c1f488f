//! What survives the process: one SQLite file and one key in the data directory.
//!
//! The file's name carries the schema's version, so that an older binary finds its own file after a rollback. It is
//! locked for as long as the process lives: a second instance on the same directory is refused. A file that SQLite
//! cannot read is moved aside and reported, and the service starts without it. What is stored is public already, or
//! a keyed digest, or a number: no internal name is at rest here.
//!
//! - `schema` the versions, and the way from one to the next
//! - `builds` finished builds
//! - `last` what was last published, without its history
//! - `trends` accounts of what is watched, and samples of the queue
//! - [`record`] what is handed over
//! - `writer` the one thread that stores
//! - `key` the secret under which names are digested

mod builds;
mod key;
mod last;
pub mod record;
mod schema;
mod trends;
mod writer;

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

use self::record::{Assignment, Batch, Past};
pub(crate) use self::writer::run;
pub use self::{
    last::LastKnown,
    writer::{Shelf, shelf},
};

/// The open archive.
#[derive(Debug)]
pub struct Archive {
    connection: Connection,
    last: last::Writer,
    n_refused: usize,
}

/// What earlier runs left.
#[derive(Debug)]
pub struct Restored {
    /// The secret under which names are digested.
    pub key: Key,
    /// The names that were given.
    pub assignments: Vec<Assignment>,
    /// Finished builds.
    pub past: Past,
    /// What was last published.
    pub last: LastKnown,
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

impl Restored {
    /// What there is where nothing was kept.
    #[must_use]
    pub fn nothing(key: Key) -> Self {
        let (assignments, past, last) = <_>::default();
        Self { key, assignments, past, last, moved_aside: None }
    }
}

impl Archive {
    /// Opens the archive in `directory`, making what is missing, and reads what earlier runs left: of the builds the
    /// newest `n_builds`.
    ///
    /// # Errors
    /// When the directory cannot be written or another process has it.
    pub fn open(directory: &Path, n_builds: usize) -> Result<(Self, Restored), ArchiveError> {
        fs::create_dir_all(directory).map_err(ArchiveError::Directory)?;
        let mut moved_aside = schema::prepare(directory)?;
        let file = schema::newest_file(directory);
        let (connection, read) = match read(&file, n_builds) {
            Err(error) if is_corrupt(&error) => {
                moved_aside = Some(move_aside(&file).map_err(ArchiveError::Directory)?);
                schema::prepare(directory)?;
                read(&file, n_builds).map_err(ArchiveError::of)?
            }
            read => read.map_err(ArchiveError::of)?,
        };
        // After the lock, so that two instances that start together agree on one key.
        let key = key::load_or_make(directory)?;
        let (assignments, past, last) = read;
        let archive = Self { connection, last: last::Writer::default(), n_refused: 0 };
        Ok((archive, Restored { key, assignments, past, last, moved_aside }))
    }

    /// Reads what earlier runs left where nothing can be written; `None` when there is nothing to read.
    ///
    /// # Errors
    /// When it cannot be read either.
    pub fn read_only(directory: &Path, n_builds: usize) -> Result<Option<Restored>, ArchiveError> {
        let Some(memory) = schema::in_memory(directory).map_err(ArchiveError::of)? else { return Ok(None) };
        let (assignments, past, last) = contents(&memory, n_builds).map_err(ArchiveError::of)?;
        let key = key::load_or_make(directory)?;
        Ok(Some(Restored { key, assignments, past, last, moved_aside: None }))
    }

    /// Stores a batch; what is there already stays as it is.
    ///
    /// # Errors
    /// When the file cannot be written; nothing of the batch is stored then.
    pub fn keep(&mut self, batch: &Batch) -> Result<(), ArchiveError> {
        let transaction = self.connection.transaction().map_err(ArchiveError::of)?;
        let stored = || {
            keep_assignments(&transaction, &batch.assignments)?;
            builds::keep_drones(&transaction, &batch.drones)?;
            let n_refused = builds::keep_builds(&transaction, &batch.builds)?;
            if let Some(coverage) = &batch.coverage {
                builds::keep_coverage(&transaction, coverage)?;
            }
            // First: a number that is free by that may be given again.
            if let Some(before) = batch.trends.forget_before {
                trends::forget_before(&transaction, before)?;
            }
            trends::keep_watched(&transaction, &batch.trends.watched)?;
            trends::keep_days(&transaction, &batch.trends.days)?;
            trends::keep_depths(&transaction, &batch.trends.depths)?;
            if let Some(published) = &batch.published {
                self.last.keep(&transaction, published)?;
            }
            Ok(n_refused)
        };
        let n_refused = stored().map_err(ArchiveError::of)?;
        transaction.commit().map_err(ArchiveError::of)?;
        if let Some(published) = &batch.published {
            self.last.kept(published);
        }
        if n_refused > 0 {
            self.n_refused += n_refused;
            tracing::warn!(
                n_refused = self.n_refused,
                "builds are archived with other content than is told now"
            );
        }
        Ok(())
    }
}

fn keep_assignments(
    transaction: &rusqlite::Transaction<'_>,
    assignments: &[Assignment],
) -> Result<(), rusqlite::Error> {
    let mut insert = transaction
        .prepare_cached("INSERT INTO assignment (digest, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for (digest, name) in assignments {
        insert.execute(params![digest.as_bytes(), name.as_str()])?;
    }
    Ok(())
}

type Read = (Vec<Assignment>, Past, LastKnown);

/// Opens the file for good and reads it.
fn read(file: &Path, n_builds: usize) -> Result<(Connection, Read), rusqlite::Error> {
    let connection = connect(file)?;
    let read = contents(&connection, n_builds)?;
    // Checking and reading filled its cache with pages that nobody asks for again.
    connection.execute_batch("PRAGMA shrink_memory")?;
    Ok((connection, read))
}

fn contents(connection: &Connection, n_builds: usize) -> Result<Read, rusqlite::Error> {
    Ok((assignments(connection)?, builds::past(connection, n_builds)?, last::last_known(connection)?))
}

fn assignments(connection: &Connection) -> Result<Vec<Assignment>, rusqlite::Error> {
    let mut select = connection.prepare("SELECT digest, name FROM assignment")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, String>(1)?)))?;
    let mut assignments = Vec::new();
    for row in rows {
        let (digest, name) = row?;
        // A name that is none (by an older rule, or by hand) is as good as not given.
        assignments.extend(PublicName::new(&name).ok().map(|name| (Digest::from_bytes(digest), name)));
    }
    Ok(assignments)
}

fn connect(file: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // The first transaction that may write takes the lock for good.
    connection.execute_batch("BEGIN IMMEDIATE; COMMIT;")?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    let is_ours = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'last_known'")?.exists([])?;
    if verdict == "ok" && is_ours {
        return Ok(connection);
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(verdict)))
}

/// Whether the file is to blame, and not the disk or another process: also for values that are not what was stored.
fn is_corrupt(error: &rusqlite::Error) -> bool {
    let is_wrong_value = matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    );
    let code = error.sqlite_error_code();
    is_wrong_value || matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
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
    /// Whether the disk is what refuses: it may still be read.
    #[must_use]
    pub fn is_unwritable(&self) -> bool {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match self {
            Self::Directory(error) => {
                matches!(error.kind(), PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull)
            }
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::DiskFull
                        | ErrorCode::PermissionDenied
                        | ErrorCode::SystemIoFailure
                )
            ),
            Self::InUse | Self::Key => false,
        }
    }

    fn of(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            _ => Self::Sqlite(error),
        }
    }
}

#[cfg(test)]
mod tests;
