//! What the orchestrator says of itself: version, pause and session.

use identity::version::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The orchestrator's own state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Control {
    /// Its version; `None` when unknown or not published.
    pub version: Option<Version>,
    /// Whether it hands out work.
    pub paused: Option<bool>,
    /// First seen paused; `None` while it is not.
    pub paused_since: Option<Timestamp>,
    /// The session under way, or the last one.
    pub session: Option<Session>,
}

/// One run through a set of packages. Its name is the operator's free text and is not here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// How it stands.
    pub state: SessionState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many packages it has.
    pub total: Option<u32>,
    /// How many are done.
    pub completed: Option<u32>,
    /// How many failed.
    pub failed: Option<u32>,
}

/// How a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SessionState {
    /// Under way.
    Active,
    /// Done.
    Completed,
    /// Given up.
    Aborted,
}

impl SessionState {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Aborted => "aborted",
        }
    }
}
