//! What a client of `/ws/queue` keeps: the queue as it was sent, brought up to date frame by frame.
//!
//! It works on JSON, so that it knows what the public contract says and nothing else; keys that it does not know are
//! kept. It never guesses: what does not fit leaves the last good queue in place, and has to be asked for again as a
//! whole.
//!
//! - `frame` the fields of frames and documents
//! - `rows` the lists and the operations on them

mod frame;
mod rows;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::{Map, Value};
use snapshot::{section::SourceState, status::DocumentStatus};

use frame::{Fields, Version};
use rows::Rows;

pub use rows::{List, OperationError, Row};

/// The longest text that is read, in bytes; the contract keeps a snapshot under a quarter of it.
pub const TEXT_MAX: usize = 4 * 1024 * 1024;

/// The version of the protocol that is understood.
pub const PROTOCOL: u64 = 1;

/// The queue as a client has it. What it holds is bounded, whatever it is sent.
#[derive(Debug, Clone, Default)]
pub struct Mirror {
    /// `None` before the first snapshot, and after a problem until the next one.
    version: Option<Version>,
    rows: Rows,
    status: Option<DocumentStatus>,
    timestamp: Option<Timestamp>,
    sources: BTreeMap<String, SourceState>,
    server_time: Option<Timestamp>,
    next: Option<Duration>,
    build: Option<String>,
}

/// What a frame or a document was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The whole queue; it replaced everything.
    Snapshot,
    /// Changes; they were applied.
    Delta,
    /// Changes that are in the queue already.
    Ignored,
    /// The same version as is kept.
    Heartbeat,
    /// A kind of frame that this client does not know.
    Unknown,
}

/// Why a text does not fit. Nothing of the text itself is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MirrorError {
    /// It is longer than [`TEXT_MAX`].
    #[error("a text of more than {TEXT_MAX} bytes")]
    TooLarge,
    /// It is no JSON object.
    #[error("a text that is no JSON object")]
    NotJson,
    /// A field is missing or of another kind than the contract says.
    #[error("`{0}` is missing or is not what it should be")]
    Malformed(&'static str),
    /// The server speaks another version of the protocol.
    #[error("the server speaks protocol {0}, this client {PROTOCOL}")]
    Protocol(u64),
    /// There is no queue yet that this could belong to.
    #[error("a change of a queue that was never sent")]
    NoSnapshot,
    /// It belongs to another run of the server.
    #[error("the server was started anew")]
    Epoch,
    /// Something between is missing.
    #[error("the queue is at {mine}, the change begins at {base}")]
    Gap {
        /// The version that is kept.
        mine: u64,
        /// The version that the change begins at.
        base: u64,
    },
    /// The server is elsewhere than this client.
    #[error("the queue is at {mine}, the server at {theirs}")]
    Seq {
        /// The version that is kept.
        mine: u64,
        /// The server's.
        theirs: u64,
    },
    /// The same version has another content.
    #[error("the queue differs from the server's")]
    Hash,
    /// An operation cannot be applied.
    #[error("operation {index} does not fit: {problem}")]
    Operation {
        /// Which one, from 0.
        index: usize,
        /// Why.
        problem: OperationError,
    },
}

/// What to do about a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Close, and connect without `since`.
    ReconnectWhole,
    /// Close, and poll the document: this server's frames are not understood.
    Poll,
}

/// Where to go on after a new connection: the parameters `epoch` and `since`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume<'a> {
    /// The run of the server.
    pub epoch: &'a str,
    /// The version in that run.
    pub since: u64,
}

impl Mirror {
    /// Before anything was received.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From the document `queue`.
    ///
    /// # Errors
    /// As [`Self::receive_document`].
    pub fn from_document(text: &str) -> Result<Self, MirrorError> {
        let mut mirror = Self::new();
        mirror.receive_document(text, None)?;
        Ok(mirror)
    }

    /// Takes a frame in.
    ///
    /// # Errors
    /// When it does not fit. The queue is then as it was before the frame, [`Self::resume`] gives nothing, and only a
    /// snapshot helps.
    pub fn receive(&mut self, text: &str) -> Result<Heard, MirrorError> {
        let heard = frame::object(text).and_then(|frame| self.hear(frame));
        self.settled(heard)
    }

    /// Takes the document `queue` in, whole or in its form with `deltas`; `server_time` is the answer's `Date`.
    ///
    /// # Errors
    /// As [`Self::receive`].
    pub fn receive_document(
        &mut self,
        text: &str,
        server_time: Option<Timestamp>,
    ) -> Result<Heard, MirrorError> {
        let heard = frame::object(text).and_then(|document| self.read(document));
        if heard.is_ok() {
            self.server_time = server_time;
        }
        self.settled(heard)
    }

    /// Where to go on; `None`: ask for the whole queue.
    #[must_use]
    pub fn resume(&self) -> Option<Resume<'_>> {
        self.version.as_ref().map(|version| Resume { epoch: &version.epoch, since: version.seq })
    }

    /// The rows of a list, in its order.
    pub fn rows(&self, list: List) -> impl ExactSizeIterator<Item = &Row> {
        self.rows.of(list)
    }

    /// How many items are in a state, by the name in `counts`; `None` = not known.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u64> {
        self.field("counts").get(name).and_then(Value::as_u64)
    }

    /// Whether the swarm is paused; `None` = not known.
    #[must_use]
    pub fn paused(&self) -> Option<bool> {
        self.field("paused").as_bool()
    }

    /// A field of the queue that is no list; null if it is not there.
    #[must_use]
    pub fn field(&self, name: &str) -> &Value {
        self.rows.field(name)
    }

    /// The queue as JSON: the document's data without `epoch`, `seq` and `hash`.
    #[must_use]
    pub fn queue(&self) -> Value {
        self.rows.to_json()
    }

    /// How fresh the queue was when it was sent.
    #[must_use]
    pub fn status(&self) -> DocumentStatus {
        self.status.unwrap_or(DocumentStatus::Unknown)
    }

    /// The sources' states by name.
    #[must_use]
    pub fn sources(&self) -> &BTreeMap<String, SourceState> {
        &self.sources
    }

    /// As of when the queue is; `None`: nothing was ever known.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.timestamp
    }

    /// What the server's clock said when it sent the last frame; `None` after a document without `Date`.
    #[must_use]
    pub fn server_time(&self) -> Option<Timestamp> {
        self.server_time
    }

    /// How long the server is silent at most, as its last heartbeat said.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        self.next
    }

    /// Which assets the server serves.
    #[must_use]
    pub fn build(&self) -> Option<&str> {
        self.build.as_deref()
    }

    fn settled(&mut self, heard: Result<Heard, MirrorError>) -> Result<Heard, MirrorError> {
        if heard.is_err() {
            self.version = None;
        }
        heard
    }

    fn hear(&mut self, frame: Map<String, Value>) -> Result<Heard, MirrorError> {
        let fields = Fields(&frame);
        match fields.text("type")? {
            "snapshot" => self.replace(frame),
            "delta" => self.change(&fields),
            "heartbeat" => self.compare(&fields),
            _ => Ok(Heard::Unknown),
        }
    }

    fn replace(&mut self, mut frame: Map<String, Value>) -> Result<Heard, MirrorError> {
        let queue = frame.remove("queue");
        let fields = Fields(&frame);
        let protocol = fields.number("protocol")?;
        if protocol != PROTOCOL {
            return Err(MirrorError::Protocol(protocol));
        }
        let version = fields.version()?;
        let Some(Value::Object(queue)) = queue else { return Err(MirrorError::Malformed("queue")) };
        let next = Self {
            rows: whole(queue, &version)?,
            version: Some(version),
            status: Some(fields.status()?),
            timestamp: fields.instant_or_null("timestamp")?,
            sources: fields.sources()?,
            server_time: Some(fields.instant("server_time")?),
            build: fields.build()?.or(self.build.take()),
            next: self.next,
        };
        *self = next;
        Ok(Heard::Snapshot)
    }

    fn change(&mut self, fields: &Fields<'_>) -> Result<Heard, MirrorError> {
        let next = fields.version()?;
        let base = fields.seq("base")?;
        let mine = self.version.as_ref().ok_or(MirrorError::NoSnapshot)?;
        if mine.epoch != next.epoch {
            return Err(MirrorError::Epoch);
        }
        if next.seq <= base {
            return Err(MirrorError::Malformed("base"));
        }
        if next.seq <= mine.seq {
            return Ok(Heard::Ignored);
        }
        if base != mine.seq {
            return Err(MirrorError::Gap { mine: mine.seq, base });
        }
        // All is read before anything changes.
        let (status, timestamp) = (fields.status()?, fields.instant_or_null("timestamp")?);
        let server_time = fields.instant("server_time")?;
        let rows = self.rows.after(fields.list("ops")?, fields.object("counts")?)?;
        if rows.hash() != next.hash {
            return Err(MirrorError::Hash);
        }
        self.rows = rows;
        self.version = Some(next);
        (self.status, self.timestamp, self.server_time) = (Some(status), timestamp, Some(server_time));
        Ok(Heard::Delta)
    }

    fn compare(&mut self, fields: &Fields<'_>) -> Result<Heard, MirrorError> {
        self.agree(&fields.version()?)?;
        let (status, timestamp) = (fields.status()?, fields.instant_or_null("timestamp")?);
        let (sources, build) = (fields.sources()?, fields.build()?);
        let (server_time, next) = (fields.instant("server_time")?, fields.number("next_ms")?);
        (self.status, self.timestamp, self.sources) = (Some(status), timestamp, sources);
        (self.server_time, self.next) = (Some(server_time), Some(Duration::from_millis(next)));
        self.build = build.or(self.build.take());
        Ok(Heard::Heartbeat)
    }

    /// Whether the server has what is kept here.
    fn agree(&self, theirs: &Version) -> Result<(), MirrorError> {
        let mine = self.version.as_ref().ok_or(MirrorError::NoSnapshot)?;
        if mine.epoch != theirs.epoch {
            return Err(MirrorError::Epoch);
        }
        if mine.seq != theirs.seq {
            return Err(MirrorError::Seq { mine: mine.seq, theirs: theirs.seq });
        }
        if mine.hash == theirs.hash { Ok(()) } else { Err(MirrorError::Hash) }
    }

    fn read(&mut self, mut document: Map<String, Value>) -> Result<Heard, MirrorError> {
        let Some(Value::Object(mut data)) = document.remove("data") else {
            return Err(MirrorError::Malformed("data"));
        };
        let fields = Fields(&document);
        let (status, timestamp) = (fields.status()?, fields.instant_or_null("timestamp")?);
        let sources = fields.sources()?;
        let version = Fields(&data).version()?;
        let heard = match data.remove("deltas") {
            None => {
                for key in ["epoch", "seq", "hash"] {
                    data.remove(key);
                }
                self.rows = whole(data, &version)?;
                self.version = Some(version);
                Heard::Snapshot
            }
            Some(Value::Array(deltas)) => {
                let mut heard = Heard::Heartbeat;
                for delta in deltas {
                    let Value::Object(delta) = delta else { return Err(MirrorError::Malformed("deltas")) };
                    if self.change(&Fields(&delta))? == Heard::Delta {
                        heard = Heard::Delta;
                    }
                }
                self.agree(&version)?;
                heard
            }
            Some(_) => return Err(MirrorError::Malformed("deltas")),
        };
        (self.status, self.timestamp, self.sources) = (Some(status), timestamp, sources);
        Ok(heard)
    }
}

/// A queue that came as a whole.
fn whole(queue: Map<String, Value>, version: &Version) -> Result<Rows, MirrorError> {
    let rows = Rows::read(queue)?;
    if rows.hash() == version.hash { Ok(rows) } else { Err(MirrorError::Hash) }
}

impl MirrorError {
    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> Remedy {
        match self {
            Self::Protocol(_) => Remedy::Poll,
            _ => Remedy::ReconnectWhole,
        }
    }
}
