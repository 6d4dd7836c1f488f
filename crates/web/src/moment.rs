//! What a page is a view of.

use snapshot::{clock::Now, snapshot::Snapshot};

use crate::history::Index;

/// One moment of the published world, as pages see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// What is known.
    pub(crate) snapshot: &'a Snapshot,
    /// Its history, ready to be searched; `None` when none was ever known.
    pub(crate) history: Option<&'a Index>,
    /// When it is looked at.
    pub(crate) now: Now,
    /// This run of the server.
    pub(crate) epoch: &'a str,
    /// The version of the queue in this run.
    pub(crate) seq: u64,
}
