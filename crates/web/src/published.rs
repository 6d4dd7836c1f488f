//! The one value that everything on the public side reads.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use snapshot::{
    clock::{Now, elapsed},
    deadline,
    snapshot::Snapshot,
};

use crate::{
    documents::Documents,
    encode::Encoded,
    history::Index,
    integrations::Integrations,
    live::{Live, catch_up::CatchUp},
    moment::Moment,
};

/// Documents and pages of one moment, ready to be sent.
#[derive(Debug)]
pub(crate) struct Published {
    /// What they are views of.
    pub(crate) snapshot: Arc<Snapshot>,
    /// Its history, ready to be searched; `None` when none was ever known.
    pub(crate) history: Option<Arc<Index>>,
    /// The documents.
    pub(crate) documents: Documents,
    /// The pages that nobody filtered.
    pub(crate) pages: RenderedPages,
    /// The same for other software.
    pub(crate) integrations: Integrations,
    /// What subscribers of the queue are told.
    pub(crate) live: Arc<Live>,
    /// The document of the queue for those who have a version of it.
    pub(crate) catch_up: CatchUp,
    /// When this was made.
    pub(crate) rendered_at: Now,
    /// Until when it can be believed.
    pub(crate) valid_until: Expiry,
}

/// Pages, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct RenderedPages {
    /// `/`
    pub(crate) dashboard: Arc<Encoded>,
    /// `/queue`
    pub(crate) queue: Arc<Encoded>,
    /// `/history`
    pub(crate) history: Arc<Encoded>,
    /// `/infrastructure`
    pub(crate) infrastructure: Arc<Encoded>,
    /// `/about/data`
    pub(crate) about: Arc<Encoded>,
    /// `/api`
    pub(crate) api: Arc<Encoded>,
}

/// The end of something, by both clocks: whichever reaches it first ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expiry(Now);

impl Published {
    /// The moment that this shows.
    pub(crate) fn moment(&self) -> Moment<'_> {
        Moment {
            snapshot: &self.snapshot,
            history: self.history.as_deref(),
            now: self.rendered_at,
            epoch: self.live.epoch().as_str(),
            seq: self.live.seq(),
        }
    }

    /// How long from `now` until something is to be rendered again, if nothing new comes.
    pub(crate) fn renewed_in(&self, now: Now) -> Duration {
        let renewals = self.documents.all().map(|document| document.renewed_in(now));
        renewals.into_iter().chain([self.valid_until.in_(now)]).min().unwrap_or_default()
    }
}

impl Expiry {
    /// The end of what is shown of a snapshot: when it would say something else, or when a document's promise ends.
    pub(crate) fn of(snapshot: &Snapshot, documents: &Documents, now: Now) -> Self {
        let promises = documents.all().map(|document| document.stamps.expected_next);
        let promised = promises.into_iter().min().unwrap_or(Timestamp::MIN);
        Self(now.later(deadline::next(snapshot, now).min(elapsed(now.wall, promised))))
    }

    /// Whether it has come.
    pub(crate) fn is_over(self, now: Now) -> bool {
        now.wall >= self.0.wall || now.uptime >= self.0.uptime
    }

    /// How long it is until then.
    fn in_(self, now: Now) -> Duration {
        self.0.uptime.saturating_sub(now.uptime).min(elapsed(now.wall, self.0.wall))
    }
}
