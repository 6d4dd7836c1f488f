//! What subscribers of the queue are told: frames, made once and sent to all.
//!
//! The delta between two published queues is found, written and framed when the second one is published. A session
//! only picks: the deltas that lead from what its client has to what is published, or the whole queue. Of that, the
//! part with the queue is shared by all; the head with the time of day is of each one's own and small.
//!
//! - [`version`] one version of the queue: its document's data, its frame, the way to it
//! - [`ring`] the last deltas
//! - [`frame`] bytes on a WebSocket
//! - [`message`] what they say; `operation` the steps of a delta
//! - [`catch_up`] the same deltas over plain HTTP

pub(crate) mod catch_up;
pub(crate) mod frame;
mod message;
mod operation;
mod ring;
pub(crate) mod version;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::value::RawValue;
use snapshot::{
    clock::Now,
    section::{SourceName, SourceState},
    snapshot::Snapshot,
    status::{self, DocumentStatus},
};

use self::{
    frame::Frame,
    message::Stamps,
    ring::Step,
    version::{Epoch, QueueVersion},
};
use crate::documents::Kind;

/// The sources whose states subscribers are told, in the order in which they are told.
const SOURCES: [SourceName; 2] = [SourceName::Orchestrator, SourceName::Gateway];

/// This run of the server.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    epoch: Epoch,
    /// The id of its assets.
    build: Arc<str>,
}

/// What subscribers are told of one published value.
#[derive(Debug)]
pub(crate) struct Live {
    run: Run,
    version: Arc<QueueVersion>,
    standing: Standing,
    /// The last good answer of the orchestrator.
    timestamp: Option<Timestamp>,
}

/// How fresh the queue is: when it changes, a heartbeat must be sent at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    status: DocumentStatus,
    /// Only the configured ones.
    sources: Vec<(SourceName, SourceState)>,
}

impl Run {
    /// A new one.
    pub(crate) fn new(build: &str) -> Self {
        Self { epoch: Epoch::random(), build: build.into() }
    }
}

impl Live {
    /// What is told of a snapshot that is published after `previous`.
    ///
    /// # Errors
    /// When a message cannot be written, which nothing of ours can cause.
    pub(crate) fn next(
        run: &Run,
        previous: Option<&Self>,
        snapshot: &Snapshot,
        now: Now,
    ) -> Result<Self, serde_json::Error> {
        let standing = Standing::of(snapshot, now);
        let seen = snapshot.sources.get(SourceName::Orchestrator).and_then(|source| source.last_seen);
        let timestamp = seen.map(|seen| seen.at);
        let stamps = Stamps { server_time: now.wall, status: standing.status, timestamp };
        let version = match previous {
            Some(previous) => Arc::clone(&previous.version),
            None => QueueVersion::zero(&run.epoch, stamps)?,
        };
        let version = version.next(snapshot.queue.content.as_ref(), stamps)?;
        Ok(Self { run: run.clone(), version, standing, timestamp })
    }

    /// This run of the server.
    pub(crate) fn epoch(&self) -> &Epoch {
        &self.run.epoch
    }

    /// The version of the queue in this run.
    pub(crate) fn seq(&self) -> u64 {
        self.version.at().seq
    }

    /// The data of the document.
    pub(crate) fn data(&self) -> &Arc<RawValue> {
        self.version.data()
    }

    /// How fresh the queue is.
    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The whole queue, for a subscriber that joins at `now`. The tail is shared by all.
    pub(crate) fn snapshot(&self, now: Timestamp) -> Frame {
        let (at, stamps) = (self.version.at(), self.stamps(now));
        let head = message::snapshot(&self.run.build, at, stamps, &self.standing);
        Frame::text(&head, self.version.tail())
    }

    /// The way from a version that a client has to this one: nothing if it is this one; `None` when it is not known
    /// any more, or never was: then the whole queue is to be sent.
    pub(crate) fn resume(&self, epoch: &str, since: u64) -> Option<Vec<Frame>> {
        let steps = self.steps(epoch, since)?;
        Some(steps.map(|step| Frame::whole(step.frame.clone())).collect())
    }

    /// The newest delta, if it is what somebody at `since` lacks.
    pub(crate) fn newest_step(&self, since: u64) -> Option<Frame> {
        let step = if since + 1 == self.seq() { self.version.steps(since)?.next() } else { None };
        step.map(|step| Frame::whole(step.frame.clone()))
    }

    /// One frame for the whole way, for a subscriber who is behind. It says when the newest of its steps was made.
    ///
    /// It is made for the first who asks. `None` when the way is not known, is none, or is longer than the queue.
    pub(crate) fn conflated(&self, since: u64) -> Option<Frame> {
        self.version.conflated(since).map(Frame::whole)
    }

    /// A sign of life at `now`; the next one follows within `next`.
    pub(crate) fn heartbeat(&self, now: Timestamp, next: Duration) -> Frame {
        let (at, stamps) = (self.version.at(), self.stamps(now));
        let heartbeat = message::heartbeat(&self.run.build, at, stamps, &self.standing, next);
        Frame::text(&heartbeat, Bytes::new())
    }

    fn steps(&self, epoch: &str, since: u64) -> Option<impl Iterator<Item = &Step>> {
        if epoch == self.epoch().as_str() { self.version.steps(since) } else { None }
    }

    fn stamps(&self, server_time: Timestamp) -> Stamps {
        Stamps { server_time, status: self.standing.status, timestamp: self.timestamp }
    }
}

impl Standing {
    fn of(snapshot: &Snapshot, now: Now) -> Self {
        let state = |name| Some((name, snapshot.source_state(name, now)?));
        Self {
            status: status::document_status(snapshot, Kind::Queue.ranked_sources(), now),
            sources: SOURCES.into_iter().filter_map(state).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
