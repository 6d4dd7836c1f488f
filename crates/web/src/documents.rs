//! The public documents: what is in them, and when their bytes change.
//!
//! The views are `Serialize` only and borrow from the snapshot; a field reaches the public when it is written here.
//!
//! - [`envelope`] what all four have around their data: content and stamps
//! - [`build_swarm`], [`build_history`], [`infrastructure`], [`queue`] the data
//! - [`detail`] the data of documents about one package or drone, which are made for whoever asks
//! - [`item`] parts that several of them have
//! - [`form`] how values are written

pub(crate) mod build_history;
pub(crate) mod build_swarm;
pub(crate) mod detail;
pub(crate) mod envelope;
pub(crate) mod form;
pub(crate) mod infrastructure;
pub(crate) mod item;
pub(crate) mod queue;

use std::{sync::Arc, time::Duration};

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use snapshot::{
    clock::{Now, add, elapsed},
    notice::Beside,
    section::SourceName,
};

use self::envelope::{Content, Envelope, Stamps};
use crate::{
    encode::{EncodeError, Encoded, Make},
    moment::Moment,
};

/// A document whose content stays has its stamps renewed after this long.
pub(crate) const RENEWED_AFTER: Duration = Duration::from_secs(15);
/// A document promises that it is replaced within this long.
pub(crate) const REPLACED_WITHIN: Duration = Duration::from_secs(30);

/// The documents by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The swarm at a glance.
    BuildSwarm,
    /// Finished builds.
    BuildHistory,
    /// Machines and services.
    Infrastructure,
    /// Every item of the queue.
    Queue,
    /// One package.
    Package,
    /// One drone.
    Drone,
}

/// The documents of one moment.
#[derive(Debug, Clone)]
pub(crate) struct Documents {
    /// The swarm at a glance.
    pub(crate) build_swarm: Arc<Document>,
    /// The newest builds.
    pub(crate) build_history: Arc<Document>,
    /// Machines and services.
    pub(crate) infrastructure: Arc<Document>,
    /// Every item of the queue.
    pub(crate) queue: Arc<Document>,
    /// What every document about a package has around its data.
    pub(crate) package: Arc<Document>,
    /// What every document about a drone has around its data.
    pub(crate) drone: Arc<Document>,
}

/// One rendered document.
#[derive(Debug)]
pub(crate) struct Document {
    /// What decides whether it is another one.
    pub(crate) content: Content,
    /// What is renewed now and then.
    pub(crate) stamps: Stamps,
    /// Its bytes.
    pub(crate) encoded: Encoded,
    rendered_at: Now,
}

/// A document that could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    /// A view cannot be written as JSON.
    #[error("a document cannot be written")]
    Json(#[from] serde_json::Error),
    /// It cannot be compressed.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Kind {
    /// The sources it rests on, in the order in which they are told.
    pub(crate) const fn sources(self) -> &'static [SourceName] {
        match self {
            Self::BuildSwarm => &[SourceName::Orchestrator, SourceName::Gateway],
            Self::BuildHistory | Self::Queue | Self::Package => &[SourceName::Orchestrator],
            Self::Drone => &[SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus],
            Self::Infrastructure => &[SourceName::Prometheus, SourceName::Loki, SourceName::Probes],
        }
    }

    /// The same, the primary one first, each followed by the one that stands in for it.
    pub(crate) const fn ranked_sources(self) -> &'static [SourceName] {
        match self {
            Self::BuildSwarm | Self::BuildHistory | Self::Queue | Self::Package | Self::Drone => {
                self.sources()
            }
            Self::Infrastructure => &[SourceName::Prometheus, SourceName::Probes, SourceName::Loki],
        }
    }

    const fn beside(self) -> Beside {
        match self {
            Self::BuildSwarm => Beside::Verdict,
            Self::BuildHistory | Self::Infrastructure | Self::Queue | Self::Package | Self::Drone => {
                Beside::Nothing
            }
        }
    }
}

impl Documents {
    /// The documents of a moment; what did not change since `previous` keeps its bytes.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub(crate) fn next(
        previous: Option<&Self>,
        moment: &Moment<'_>,
        queue: &Arc<RawValue>,
    ) -> Result<Self, DocumentError> {
        let next =
            |kind, previous: Option<&Arc<Document>>, data| Document::next(kind, previous, moment, data);
        Ok(Self {
            build_swarm: next(
                Kind::BuildSwarm,
                previous.map(|documents| &documents.build_swarm),
                raw(&build_swarm::BuildSwarm::of(moment))?,
            )?,
            build_history: next(
                Kind::BuildHistory,
                previous.map(|documents| &documents.build_history),
                raw(&build_history::BuildHistory::of(&build_history::newest(moment)))?,
            )?,
            infrastructure: next(
                Kind::Infrastructure,
                previous.map(|documents| &documents.infrastructure),
                raw(&infrastructure::Infrastructure::of(moment))?,
            )?,
            queue: next(Kind::Queue, previous.map(|documents| &documents.queue), Arc::clone(queue))?,
            package: next(
                Kind::Package,
                previous.map(|documents| &documents.package),
                changes(Kind::Package, moment)?,
            )?,
            drone: next(
                Kind::Drone,
                previous.map(|documents| &documents.drone),
                changes(Kind::Drone, moment)?,
            )?,
        })
    }

    /// Whether these are the very same documents.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.all().into_iter().zip(other.all()).all(|(mine, theirs)| Arc::ptr_eq(mine, theirs))
    }

    /// All of them.
    pub(crate) fn all(&self) -> [&Arc<Document>; 6] {
        let Self { build_swarm, build_history, infrastructure, queue, package, drone } = self;
        [build_swarm, build_history, infrastructure, queue, package, drone]
    }
}

impl Document {
    fn next(
        kind: Kind,
        previous: Option<&Arc<Self>>,
        moment: &Moment<'_>,
        data: Arc<RawValue>,
    ) -> Result<Arc<Self>, DocumentError> {
        let content = Content::of(kind, moment, data);
        let is_same = previous.is_some_and(|previous| previous.content == content);
        if let Some(previous) = previous
            && is_same
            && !previous.is_due(moment.now)
        {
            return Ok(Arc::clone(previous));
        }
        let mut stamps = Stamps::of(kind, moment, &content);
        if let Some(previous) = previous {
            stamps.follow(&previous.stamps, is_same, moment.now);
        }
        let json = serde_json::to_vec(&Envelope { content: &content, stamps: &stamps })?;
        let encoded = Encoded::new(json, Make::All)?;
        Ok(Arc::new(Self { content, stamps, encoded, rendered_at: moment.now }))
    }

    /// Another part of what it tells, under the same stamps: equal content gives equal bytes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn with_data(&self, data: Arc<RawValue>) -> Result<Vec<u8>, serde_json::Error> {
        let content = self.content.with_data(data);
        serde_json::to_vec(&Envelope { content: &content, stamps: &self.stamps })
    }

    /// How long from `now` until its stamps are to be renewed.
    pub(crate) fn renewed_in(&self, now: Now) -> Duration {
        let age = now.uptime.saturating_sub(self.rendered_at.uptime);
        RENEWED_AFTER.saturating_sub(age)
    }

    /// By either clock; a calendar that was stepped makes the promise in the stamps wrong.
    fn is_due(&self, now: Now) -> bool {
        let is_stepped = now.wall < self.rendered_at.wall
            || elapsed(add(self.rendered_at.wall, RENEWED_AFTER), now.wall) > Duration::ZERO;
        self.renewed_in(now).is_zero() || is_stepped
    }
}

/// When each section changed on which a kind of documents rests: they are other documents when one of them did.
fn changes(kind: Kind, moment: &Moment<'_>) -> Result<Arc<RawValue>, serde_json::Error> {
    raw(&envelope::sections(kind, moment.snapshot).map(|at| at.map(|at| at.as_nanosecond().to_string())))
}

/// Writes a view once.
///
/// # Errors
/// When it cannot be written, which no view of ours can cause.
pub(crate) fn raw(view: &impl Serialize) -> Result<Arc<RawValue>, serde_json::Error> {
    to_raw_value(view).map(Arc::from)
}
