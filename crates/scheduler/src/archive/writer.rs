//! The one writer: a thread that stores what the assembler leaves for it.
//!
//! The assembler never waits. What it leaves while the writer works is put together and stored at once afterwards.
//! What cannot be stored, because a disk is full or fails, is kept and tried again; beyond a bound the oldest builds
//! are given up and counted. Nothing that was stored is ever touched by that.

use std::{
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Archive, record::Batch};
use crate::metrics::ArchiveMetrics;

/// The most builds that wait for a disk.
const BUILDS_MAX: usize = 100_000;
/// How long a failed disk is left alone.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The way to the archive for whoever must not wait for a disk.
#[derive(Debug)]
pub struct Shelf(Arc<Place>);

/// What the writer takes from.
#[derive(Debug)]
pub struct Pile(Arc<Place>);

#[derive(Debug, Default)]
struct Place {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct State {
    batch: Batch,
    is_closed: bool,
}

/// Makes a shelf, and the end of it from which `run` stores.
#[must_use]
pub fn shelf() -> (Shelf, Pile) {
    let place = Arc::new(Place::default());
    (Shelf(Arc::clone(&place)), Pile(place))
}

impl Shelf {
    /// Hands over what became known.
    pub fn put(&self, batch: Batch) {
        if !batch.is_empty() {
            self.0.lock().batch.extend(batch);
            self.0.bell.notify_one();
        }
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.bell.notify_one();
    }
}

impl Place {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nobody leaves a batch half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something to store, or for the end; not longer than `at_most`.
    fn take(&self, at_most: Option<Duration>) -> (Batch, bool) {
        let is_idle = |state: &mut State| state.batch.is_empty() && !state.is_closed;
        let state = self.lock();
        let mut state = match at_most {
            None => self.bell.wait_while(state, is_idle).unwrap_or_else(PoisonError::into_inner),
            // Whatever comes meanwhile waits too: the disk has just failed.
            Some(at_most) => {
                let waited = self.bell.wait_timeout_while(state, at_most, |state| !state.is_closed);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        (mem::take(&mut state.batch), state.is_closed)
    }
}

/// Stores what comes until the shelf is gone. Runs on a thread of its own: it blocks.
pub(crate) fn run(archive: Archive, pile: Pile, metrics: ArchiveMetrics) {
    let Pile(place) = pile;
    let mut writer = Writer { metrics, ..Writer::new(archive) };
    loop {
        let (batch, is_closed) = place.take((writer.n_failures > 0).then_some(RETRY_AFTER));
        writer.store(batch);
        if is_closed {
            writer.end();
            return;
        }
    }
}

/// The archive and what it could not take yet.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) archive: Archive,
    waiting: Batch,
    /// How many attempts failed since the last that did not.
    pub(super) n_failures: u64,
    metrics: ArchiveMetrics,
}

impl Writer {
    pub(super) fn new(archive: Archive) -> Self {
        Self { archive, waiting: Batch::default(), n_failures: 0, metrics: ArchiveMetrics::default() }
    }

    /// Stores a batch, and first what waits.
    pub(super) fn store(&mut self, batch: Batch) {
        self.waiting.extend(batch);
        match self.archive.keep(&self.waiting) {
            Ok(()) => {
                self.metrics.stored();
                let n_failures = mem::take(&mut self.n_failures);
                let stored = mem::take(&mut self.waiting);
                if n_failures > 0 {
                    tracing::info!(
                        n_failures,
                        n_builds = stored.builds.len(),
                        "the archive can be written again"
                    );
                }
            }
            Err(error) => {
                self.n_failures += 1;
                self.metrics.failed();
                if self.n_failures == 1 {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(%error, cause, "the archive cannot be written; it is tried again");
                }
                self.give_up_oldest();
            }
        }
    }

    fn end(self) {
        if !self.waiting.is_empty() {
            let n_builds = self.waiting.builds.len();
            tracing::error!(n_builds, "stopping with builds that could not be archived");
        }
    }

    fn give_up_oldest(&mut self) {
        let n_over = self.waiting.builds.len().saturating_sub(BUILDS_MAX);
        if n_over > 0 {
            self.waiting.builds.drain(..n_over);
            self.metrics.lost(n_over);
            tracing::error!(n_builds = n_over, "builds are lost to the archive: too many wait for the disk");
        }
    }
}
