//! What frames say.
//!
//! Everything but the queue itself is of closed words, digits and ids of our own making, none of which needs escaping,
//! and so it is written as it will be read.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use snapshot::{section::SourceState, status::DocumentStatus};

use super::Standing;

/// The version of the messages; a client that knows another one polls instead.
const PROTOCOL: u32 = 1;

/// A version of the queue in a run of the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) epoch: &'a str,
    pub(super) seq: u64,
    pub(super) hash: &'a str,
}

/// When something is said, and how fresh the queue is then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamps {
    /// When it is said.
    pub(super) server_time: Timestamp,
    /// How fresh the queue is.
    pub(super) status: DocumentStatus,
    /// The last good answer.
    pub(super) timestamp: Option<Timestamp>,
}

/// The whole queue, up to the queue itself.
pub(super) fn snapshot(build: &str, at: At<'_>, stamps: Stamps, standing: &Standing) -> String {
    let At { epoch, seq, hash } = at;
    format!(
        r#"{{"type":"snapshot","protocol":{PROTOCOL},"build":"{build}","epoch":"{epoch}","seq":{seq},"hash":"{hash}",{stamps},"sources":{standing},"#
    )
}

/// A delta, up to its operations.
pub(super) fn delta(base: u64, at: At<'_>, stamps: Stamps) -> String {
    let At { epoch, seq, hash } = at;
    format!(
        r#"{{"type":"delta","epoch":"{epoch}","base":{base},"seq":{seq},"hash":"{hash}",{stamps},"ops":["#
    )
}

/// A sign of life.
pub(super) fn heartbeat(
    build: &str,
    at: At<'_>,
    stamps: Stamps,
    standing: &Standing,
    next: Duration,
) -> String {
    let (At { epoch, seq, hash }, next_ms) = (at, next.as_millis());
    format!(
        r#"{{"type":"heartbeat","epoch":"{epoch}","seq":{seq},"hash":"{hash}",{stamps},"sources":{standing},"next_ms":{next_ms},"build":"{build}"}}"#
    )
}

// === impl Display ===

impl fmt::Display for Stamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server_time, status, timestamp } = self;
        write!(f, r#""server_time":"{server_time:.3}","status":"{}","timestamp":"#, status.as_str())?;
        match timestamp {
            Some(timestamp) => write!(f, r#""{timestamp:.0}""#),
            None => f.write_str("null"),
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (idx, (source, state)) in self.sources.iter().enumerate() {
            let comma = if idx == 0 { "" } else { "," };
            write!(f, r#"{comma}"{}":"{}""#, source.as_str(), SourceState::as_str(*state))?;
        }
        f.write_str("}")
    }
}
