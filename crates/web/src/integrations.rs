//! The same in the forms that other software reads: a feed, badges, and what a Statuspage would answer.
//!
//! None of these forms can say until when it may be believed, as documents do. So the words in them do: what is old says
//! as of when, and what nobody knows is left out. They are rendered with the documents, and keep their bytes while
//! they say the same.
//!
//! - [`feed`] what happened, as Atom
//! - [`badge`] one value each, as a picture and as data for shields.io
//! - [`statuspage`] what goes wrong, in the form of Statuspage's API
//! - [`id`] names of things that outlive this process

pub(crate) mod badge;
pub(crate) mod feed;
pub(crate) mod id;
pub(crate) mod statuspage;

use std::sync::Arc;

use self::{
    badge::{Badge, BadgeName},
    feed::FeedView,
    id::Minter,
    statuspage::{Status, Summary},
};
use crate::{
    encode::{EncodeError, Encoded, Make},
    moment::Moment,
    pages::{Pages, PagesError},
};

/// All of them at one moment, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Integrations {
    /// `/feed.xml`
    pub(crate) feed: Arc<Encoded>,
    /// `/api/v2/summary.json`
    pub(crate) summary: Arc<Encoded>,
    /// `/api/v2/status.json`
    pub(crate) status: Arc<Encoded>,
    /// In the order of [`BadgeName::ALL`]; `None` for what nobody is configured to know.
    badges: [Option<RenderedBadge>; BadgeName::ALL.len()],
}

/// A badge in both forms.
#[derive(Debug, Clone)]
pub(crate) struct RenderedBadge {
    /// The picture.
    pub(crate) picture: Arc<Encoded>,
    /// The data.
    pub(crate) data: Arc<Encoded>,
}

/// One of them that could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntegrationError {
    /// A template and its view do not fit each other.
    #[error(transparent)]
    Page(#[from] PagesError),
    /// A view cannot be written as JSON.
    #[error("an integration cannot be written")]
    Json(#[from] serde_json::Error),
    /// It cannot be compressed.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Integrations {
    /// Those of a moment; what says the same as in `previous` keeps its bytes.
    ///
    /// # Errors
    /// When one of them cannot be made.
    pub(crate) fn next(
        previous: Option<&Self>,
        moment: &Moment<'_>,
        pages: &Pages,
    ) -> Result<Self, IntegrationError> {
        let minter = Minter::new(pages.address());
        let mut badges = [const { None }; BadgeName::ALL.len()];
        for (idx, (slot, name)) in badges.iter_mut().zip(BadgeName::ALL).enumerate() {
            let previous = previous.and_then(|previous| previous.badges[idx].as_ref());
            let badge = Badge::of(name, moment.snapshot, moment.now);
            *slot = badge.map(|badge| RenderedBadge::next(previous, &badge, pages)).transpose()?;
        }
        let summary = Summary::of(moment, pages.address(), &minter);
        Ok(Self {
            feed: kept(previous.map(|it| &it.feed), pages.feed(&FeedView::of(moment, &minter))?)?,
            status: kept(previous.map(|it| &it.status), serde_json::to_vec(&Status::of(&summary))?)?,
            summary: kept(previous.map(|it| &it.summary), serde_json::to_vec(&summary)?)?,
            badges,
        })
    }

    /// A badge that everybody can ask for; `None` for what nobody is configured to know.
    pub(crate) fn badge(&self, name: BadgeName) -> Option<&RenderedBadge> {
        let slot = BadgeName::ALL.into_iter().position(|one| one == name)?;
        self.badges[slot].as_ref()
    }
}

impl RenderedBadge {
    fn next(previous: Option<&Self>, badge: &Badge, pages: &Pages) -> Result<Self, IntegrationError> {
        Ok(Self {
            picture: kept(previous.map(|it| &it.picture), pages.badge(&badge.picture())?)?,
            data: kept(previous.map(|it| &it.data), serde_json::to_vec(&badge.data())?)?,
        })
    }
}

/// Encodes a body, or keeps the previous one if that is the same.
fn kept(previous: Option<&Arc<Encoded>>, body: impl Into<Vec<u8>>) -> Result<Arc<Encoded>, IntegrationError> {
    let body = body.into();
    match previous.filter(|previous| previous.is_of(&body)) {
        Some(previous) => Ok(Arc::clone(previous)),
        None => Ok(Arc::new(Encoded::new(body, Make::All)?)),
    }
}
