//! What is known at an instant: the last queue, how old it is, and whether there is contact.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use snapshot::{
    clock::{Clock, Now, add},
    section::SourceState,
};
use web::mirror::Mirror;

use super::connection::{Channel, News};

/// Everything that is shown.
pub(super) struct State {
    /// The server's name.
    pub(super) server: String,
    /// Whether the server is heard.
    pub(super) contact: Contact,
    queue: Option<Queue>,
    clock: Clock,
}

/// Whether the server is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Contact {
    /// Not yet.
    Sought,
    /// Yes.
    Kept(Channel),
    /// Not any more.
    Lost { why: String },
}

struct Queue {
    mirror: Arc<Mirror>,
    received: Now,
}

impl State {
    pub(super) fn new(server: String, clock: Clock) -> Self {
        Self { server, contact: Contact::Sought, queue: None, clock }
    }

    pub(super) fn take(&mut self, news: News) {
        match news {
            News::Queue { mirror, received, by } => {
                self.contact = Contact::Kept(by);
                self.queue = Some(Queue { mirror, received });
            }
            News::Lost { why } => self.contact = Contact::Lost { why },
        }
    }

    /// The last queue, however old.
    pub(super) fn mirror(&self) -> Option<&Mirror> {
        self.queue.as_ref().map(|queue| &*queue.mirror)
    }

    /// Now, by the server's clock as far as it is known.
    pub(super) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        let of_server = self.queue.as_ref().and_then(|queue| {
            let since = now.uptime.saturating_sub(queue.received.uptime);
            queue.mirror.server_time().map(|at| add(at, since))
        });
        of_server.unwrap_or(now.wall)
    }

    /// Whether the queue is of now: the server is heard, and it hears the orchestrator.
    pub(super) fn is_fresh(&self) -> bool {
        let orchestrator = self.mirror().and_then(|mirror| mirror.sources().get("orchestrator"));
        matches!(self.contact, Contact::Kept(_)) && orchestrator == Some(&SourceState::Online)
    }

    /// The instant that is shown: now, or the last that is known of. Nothing moves while it stands still.
    pub(super) fn moment(&self) -> Timestamp {
        let known = self.mirror().and_then(Mirror::timestamp);
        if self.is_fresh() { self.now() } else { known.unwrap_or_else(|| self.now()) }
    }

    /// How old the queue is.
    pub(super) fn age(&self) -> Option<Duration> {
        let timestamp = self.mirror()?.timestamp()?;
        Some(snapshot::clock::elapsed(timestamp, self.now()))
    }
}
