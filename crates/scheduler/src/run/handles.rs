//! What can be asked of a scheduler that runs: to announce, to tell names, to take over another configuration.
//!
//! None of them keeps the scheduler alive.

use snapshot::snapshot::Announcement;
use tokio::sync::{mpsc, oneshot};

use super::polled::{self, Polled};
use crate::{
    assemble::{Message, Reconfiguration},
    client::ClientError,
    config::Change,
    names::NamesReport,
};

/// Tells a running scheduler what to announce.
#[derive(Debug, Clone)]
pub struct Announcer(mpsc::WeakSender<Message>);

/// Asks a running scheduler who is who.
#[derive(Debug, Clone)]
pub struct NamesDesk(mpsc::WeakSender<Message>);

/// Gives another configuration to a running scheduler.
#[derive(Debug, Clone)]
pub struct Reconfigurer(mpsc::Sender<Order>);

/// A configuration that was found to be usable.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) reconfiguration: Reconfiguration,
    /// The probes, ready to be polled.
    pub(super) probes: Vec<Polled>,
    /// Told when everything is in place.
    pub(super) done: oneshot::Sender<()>,
}

/// Why a configuration was not taken over; what held before still holds.
#[derive(Debug, thiserror::Error)]
pub enum ReconfigureError {
    /// A probe cannot be made.
    #[error("a probe cannot be made")]
    Probe(#[from] ClientError),
    /// The scheduler has ended.
    #[error("the scheduler has ended")]
    Ended,
}

impl Announcer {
    pub(super) fn new(outbox: mpsc::WeakSender<Message>) -> Self {
        Self(outbox)
    }

    /// Replaces what is announced on every page; `None` ends it. What is announced already keeps its age.
    ///
    /// It travels with the reports, so nothing that was polled later is published before it. False when the
    /// scheduler is gone. Cancellation safe: it was announced or it was not.
    pub async fn announce(&self, announcement: Option<Announcement>) -> bool {
        let Some(outbox) = self.0.upgrade() else { return false };
        outbox.send(Message::Announce(announcement)).await.is_ok()
    }
}

impl NamesDesk {
    pub(super) fn new(outbox: mpsc::WeakSender<Message>) -> Self {
        Self(outbox)
    }

    /// The list as it stands; `None` when the scheduler is gone. Cancellation safe.
    pub async fn ask(&self) -> Option<NamesReport> {
        let (reply, answer) = oneshot::channel();
        self.0.upgrade()?.send(Message::Names(reply)).await.ok()?;
        answer.await.ok()
    }
}

impl Reconfigurer {
    pub(super) fn new(orders: mpsc::Sender<Order>) -> Self {
        Self(orders)
    }

    /// Puts a configuration in place: probes are made anew and asked at once, names and services are those of the
    /// change from the next published snapshot on.
    ///
    /// All or nothing. Cancellation safe: it is put in place or it is not.
    ///
    /// # Errors
    /// When it cannot be used; then nothing has changed.
    pub async fn reconfigure(&self, change: Change) -> Result<(), ReconfigureError> {
        let probes = polled::probes(&change.probes)?;
        let limits = polled::limits(&change.probes);
        let secrets = change.probes.iter().flat_map(|probe| probe.credentials.searched()).collect();
        let (done, is_done) = oneshot::channel();
        let order = Order { reconfiguration: Reconfiguration { change, secrets, limits }, probes, done };
        self.0.send(order).await.map_err(|_| ReconfigureError::Ended)?;
        is_done.await.map_err(|_| ReconfigureError::Ended)
    }
}
