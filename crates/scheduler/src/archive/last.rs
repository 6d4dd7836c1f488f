//! What was last published, without its history: what is served after a restart until backends answer.
//!
//! A row a section, as JSON of the snapshot's own types, so that a small change writes little and a section that this
//! version cannot read costs only itself. What is read back is not yet fit to be published: names may be claimed and
//! packages hidden since (`assemble::restore`).

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use snapshot::{
    activity::Activity,
    control::Control,
    fleet::Fleet,
    infrastructure::{Logs, Metrics, Probes},
    queue::Queue,
    section::Section,
    snapshot::{Marks, Snapshot},
};

/// What was last published.
#[derive(Debug, Default)]
pub struct LastKnown {
    /// The drones.
    pub fleet: Section<Fleet>,
    /// The orchestrator's own state.
    pub control: Section<Control>,
    /// The queue.
    pub queue: Section<Queue>,
    /// Hosts, services and alerts.
    pub metrics: Section<Metrics>,
    /// Services, by probes of our own.
    pub probes: Section<Probes>,
    /// How much was logged.
    pub logs: Section<Logs>,
    /// What happened of late.
    pub activity: Section<Activity>,
    /// What belongs to no section.
    pub frame: Frame,
}

/// What belongs to no section.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Frame {
    /// When each source was heard, by its word.
    pub sources: BTreeMap<String, Heard>,
    /// Since when things held.
    pub marks: Marks,
    /// When the history last changed.
    pub history_changed_at: Option<Timestamp>,
}

/// When a source was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The last good answer.
    pub last_seen: Timestamp,
    /// The first good answer after it was last not online.
    pub online_since: Option<Timestamp>,
}

/// A section as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    changed_at: Option<Timestamp>,
    content: T,
}

/// Remembers what is stored already.
#[derive(Debug, Default)]
pub(super) struct Writer {
    stored: LastKnown,
}

impl Writer {
    /// Stores the sections that are not stored as they are.
    pub(super) fn keep(
        &self,
        transaction: &Transaction<'_>,
        published: &Snapshot,
    ) -> Result<(), rusqlite::Error> {
        let stored = &self.stored;
        keep_section(transaction, "fleet", &published.fleet, &stored.fleet)?;
        keep_section(transaction, "control", &published.control, &stored.control)?;
        keep_section(transaction, "queue", &published.queue, &stored.queue)?;
        keep_section(transaction, "metrics", &published.metrics, &stored.metrics)?;
        keep_section(transaction, "probes", &published.probes, &stored.probes)?;
        keep_section(transaction, "logs", &published.logs, &stored.logs)?;
        keep_section(transaction, "activity", &published.activity, &stored.activity)?;
        keep(transaction, "frame", &Frame::of(published))
    }

    /// Remembers what was stored, once it really is.
    pub(super) fn kept(&mut self, published: &Snapshot) {
        let Snapshot { fleet, control, queue, metrics, probes, logs, activity, .. } = published.clone();
        let frame = Frame::default();
        self.stored = LastKnown { fleet, control, queue, metrics, probes, logs, activity, frame };
    }
}

impl Frame {
    fn of(snapshot: &Snapshot) -> Self {
        let heard = snapshot.sources.iter().filter_map(|(name, observation)| {
            let last_seen = observation.last_seen?.at;
            Some((name.as_str().to_owned(), Heard { last_seen, online_since: observation.online_since }))
        });
        Self {
            sources: heard.collect(),
            marks: snapshot.marks,
            history_changed_at: snapshot.history.changed_at,
        }
    }
}

fn keep_section<T: Serialize>(
    transaction: &Transaction<'_>,
    name: &'static str,
    published: &Section<T>,
    stored: &Section<T>,
) -> Result<(), rusqlite::Error> {
    let (Some(content), changed_at) = (&published.content, published.changed_at) else { return Ok(()) };
    if stored.content.as_ref().is_some_and(|stored| Arc::ptr_eq(stored, content)) {
        return Ok(());
    }
    keep(transaction, name, &Stored { changed_at, content: &**content })
}

fn keep<T: Serialize>(
    transaction: &Transaction<'_>,
    name: &'static str,
    value: &T,
) -> Result<(), rusqlite::Error> {
    let content = serde_json::to_vec(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let mut insert =
        transaction.prepare_cached("INSERT OR REPLACE INTO last_known (section, content) VALUES (?1, ?2)")?;
    insert.execute(params![name, content])?;
    Ok(())
}

/// Reads what was last published, as far as this version understands it.
pub(super) fn last_known(connection: &Connection) -> Result<LastKnown, rusqlite::Error> {
    let mut select = connection.prepare("SELECT section, content FROM last_known")?;
    let rows = select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let stored: BTreeMap<String, Vec<u8>> = rows.collect::<Result<_, _>>()?;
    Ok(LastKnown {
        fleet: section(&stored, "fleet"),
        control: section(&stored, "control"),
        queue: section(&stored, "queue"),
        metrics: section(&stored, "metrics"),
        probes: section(&stored, "probes"),
        logs: section(&stored, "logs"),
        activity: section(&stored, "activity"),
        frame: value(&stored, "frame").unwrap_or_default(),
    })
}

fn section<T: DeserializeOwned>(stored: &BTreeMap<String, Vec<u8>>, name: &'static str) -> Section<T> {
    match value::<Stored<T>>(stored, name) {
        Some(Stored { changed_at, content }) => Section { content: Some(Arc::new(content)), changed_at },
        None => Section::empty(),
    }
}

fn value<T: DeserializeOwned>(stored: &BTreeMap<String, Vec<u8>>, name: &'static str) -> Option<T> {
    let parsed = serde_json::from_slice(stored.get(name)?);
    parsed
        .inspect_err(|error| {
            // Its text would quote what is stored.
            let place = (error.line(), error.column());
            tracing::warn!(section = name, ?place, "what was last known is not readable and is left out");
        })
        .ok()
}
