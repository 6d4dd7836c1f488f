//! What a backend said: parsed, bounded and typed, but with internal names in it.
//!
//! Reports never leave this crate. The assembler turns them into public values field by field.

pub mod infrastructure;

use std::sync::Arc;

use identity::{directory::Record, package::Atom, pseudonym::Key};
use jiff::Timestamp;
use snapshot::{control::SessionState, fleet::Role, history::BuildStatus};

/// A finished poll.
#[derive(Debug)]
pub enum Report {
    /// Of the gateway.
    Gateway(GatewayReport),
    /// Of the orchestrator.
    Orchestrator(Box<OrchestratorReport>),
    /// Of Prometheus.
    Metrics(Box<infrastructure::MetricsReport>),
    /// Of Loki.
    Logs(infrastructure::LogsReport),
    /// Of one probe.
    Probe(infrastructure::ProbeReport),
}

/// The gateway's drones.
#[derive(Debug, Default)]
pub struct GatewayReport {
    /// One a record, in the backend's order.
    pub nodes: Vec<Node>,
    /// Machines that are no drones; known by name only.
    pub others: Vec<NodeNames>,
}

/// The identifiers of one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeNames {
    /// Its id.
    pub id: Option<String>,
    /// Its names, the record's own first.
    pub names: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<String>,
}

impl NodeNames {
    /// The identifiers, for the directory.
    #[must_use]
    pub fn record(&self) -> Record<'_> {
        Record {
            id: self.id.as_deref(),
            names: self.names.iter().map(String::as_str).collect(),
            addresses: self.addresses.iter().map(String::as_str).collect(),
            endpoint: None,
        }
    }
}

/// One drone as one backend knows it.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its identifiers.
    pub names: NodeNames,
    /// What it does; `None` when the backend does not say.
    pub role: Option<Role>,
    /// Whether the backend hears from it.
    pub is_online: bool,
    /// Whether the operator holds it back; `None` when the backend does not say.
    pub is_paused: Option<bool>,
    /// When the backend last heard it.
    pub last_heard: Option<Timestamp>,
    /// Processor cores.
    pub cores: Option<u32>,
    /// Memory, in GiB.
    pub memory_gib: Option<u32>,
    /// Processor use.
    pub cpu_percent: Option<u8>,
    /// Memory use.
    pub memory_percent: Option<u8>,
    /// Load over one minute, in tenths.
    pub load_1m_tenths: Option<u32>,
    /// What emerge compiles: an item, or a dependency of one.
    pub current_task: Option<Work>,
    /// What it holds, and since when it builds it.
    pub held: Vec<Held>,
}

/// A package as a backend writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Work {
    /// The backend's own text, for comparing; never published.
    pub raw: Arc<str>,
    /// The text as an atom; `None` when it is none, and then it is withheld.
    pub atom: Option<Atom>,
}

/// A package that a drone holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// Which.
    pub raw: Arc<str>,
    /// When the drone began with it; `None` when it has not, or the backend only says for how long.
    pub building_since: Option<Timestamp>,
    /// For how long the drone had been building it when the backend answered, as the instant of its beginning.
    pub began_about: Option<Timestamp>,
}

/// What the orchestrator said.
#[derive(Debug, Default)]
pub struct OrchestratorReport {
    /// `/status`; `None` when there is no such endpoint.
    pub status: Option<StatusReport>,
    /// `/queue`; `None` when there is no such endpoint.
    pub queue: Option<Vec<QueueRow>>,
    /// `/history`; `None` when there is no such endpoint.
    pub history: Option<HistoryReport>,
}

/// The orchestrator's own state.
#[derive(Debug, Default)]
pub struct StatusReport {
    /// Its version.
    pub version: Option<String>,
    /// Whether it hands out work.
    pub is_paused: Option<bool>,
    /// The active session.
    pub session: Option<SessionReport>,
    /// The drones as it knows them.
    pub drones: Vec<Node>,
    /// Until when drones are grounded, by name.
    pub grounded: Vec<(String, Timestamp)>,
    /// How many items are in each state, over everything.
    pub counts: StatusCounts,
    /// The items that it mentions: ten wanted ones at most, all that are handed out, the blocked ones.
    pub mentioned: Vec<QueueRow>,
}

/// A session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionReport {
    /// `None` for a word that is not documented.
    pub state: Option<SessionState>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many packages it has; may be 0.
    pub total: Option<u32>,
    /// How many are done.
    pub completed: Option<u32>,
    /// How many failed.
    pub failed: Option<u32>,
}

/// Counts of `/status`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatusCounts {
    /// Wanted.
    pub needed: Option<u32>,
    /// Handed out.
    pub delegated: Option<u32>,
    /// Done.
    pub received: Option<u32>,
    /// Held back.
    pub blocked: Option<u32>,
    /// Given up.
    pub failed: Option<u32>,
    /// All.
    pub total: Option<u32>,
}

/// One row of the queue.
#[derive(Debug, Clone)]
pub struct QueueRow {
    /// What.
    pub work: Work,
    /// How it stands.
    pub status: RowStatus,
    /// The name, or the beginning of the id, of the drone that has it.
    pub drone: Option<String>,
    /// How often it failed.
    pub failures: u32,
    /// What the backend's text about it amounts to.
    pub remark: Remark,
    /// When it was handed out.
    pub assigned_at: Option<Timestamp>,
}

/// How a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowStatus {
    /// Wanted.
    Needed,
    /// Handed out.
    Delegated,
    /// Done.
    Received,
    /// Held back.
    Blocked,
    /// Given up.
    Failed,
    /// A word that is not documented.
    Other,
}

/// What a backend's free text about an item amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Portage masks it.
    Masked,
    /// Several drones failed it.
    SeveralDrones,
    /// The operator blocked it.
    ByOperator,
    /// Anything else, or nothing.
    Other,
}

/// Finished builds, as far as they were asked for.
#[derive(Debug, Default)]
pub struct HistoryReport {
    /// The rows, in the backend's order.
    pub rows: Vec<HistoryRow>,
    /// Whether older rows exist that were not asked for.
    pub reach: Reach,
    /// Rows that were refused because they are impossible.
    pub n_refused: u32,
}

/// How far back a history answer goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// To the very first build.
    #[default]
    Beginning,
    /// To a build that was known already.
    Known,
    /// Neither: builds in between are lost.
    Short,
}

/// One finished build.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// Which build it is.
    pub key: BuildKey,
    /// The backend's id, where it is a number: builds of one second stand in its order. Never published.
    pub upstream_id: Option<u64>,
    /// What.
    pub work: Work,
    /// The id of the drone.
    pub drone_id: Option<String>,
    /// The name of the drone, or the beginning of its id.
    pub drone_name: Option<String>,
    /// What became of it; a word that is not documented is a failure.
    pub status: BuildStatus,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// When it was booked, at the latest now.
    pub finished_at: Timestamp,
}

/// What makes two rows the same build: a keyed digest of its id, the second at which it was booked and the package,
/// all as the backend wrote them.
///
/// It stands for them wherever builds are remembered, because ids begin again at 1 and because a package may be one
/// that is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BuildKey([u8; 16]);

impl BuildKey {
    /// The key of a row. `written_at` is in Unix seconds by the backend's clock.
    #[must_use]
    pub fn of(secret: &Key, upstream_id: &str, written_at: i64, package: &str) -> Self {
        let digest = secret.digest_in("build", &format!("{written_at}\t{upstream_id}\t{package}"));
        let mut key = [0; 16];
        key.copy_from_slice(&digest.as_bytes()[..16]);
        Self(key)
    }

    /// A key that was stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key as it is stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Work {
    /// Reads a package.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self { raw: text.into(), atom: Atom::parse(text) }
    }
}
