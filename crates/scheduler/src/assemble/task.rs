//! The assembler as a task: reports in, snapshots out.

use snapshot::{
    clock::{Clock, Now},
    section::{Fault, SourceName, SourceState},
    snapshot::{Announcement, Snapshot},
    store::Publisher,
};
use tokio::sync::{mpsc, oneshot};

use super::{Assembler, Reconfiguration};
use crate::{archive::Shelf, names::NamesReport, report::Report};

/// What the assembler is told.
#[derive(Debug)]
pub enum Message {
    /// A poll ended.
    Polled {
        /// Whose.
        source: SourceName,
        /// With what.
        outcome: Result<Report, Fault>,
        /// When.
        now: Now,
    },
    /// Something else is announced from now on, or nothing.
    Announce(Option<Announcement>),
    /// Another configuration holds from now on.
    Reconfigure(Box<Reconfiguration>),
    /// The operator asks who is who.
    Names(oneshot::Sender<NamesReport>),
}

/// Folds what comes and publishes, until every sender is gone.
pub async fn run(
    assembler: Assembler,
    mut inbox: mpsc::Receiver<Message>,
    publisher: Publisher<Snapshot>,
    shelf: Option<Shelf>,
    clock: Clock,
) {
    let mut assembler = if assembler.has_past() {
        let Some(assembler) = with_the_past_learned(assembler, &publisher).await else { return };
        assembler
    } else {
        assembler
    };
    let mut states = States::default();
    while let Some(message) = inbox.recv().await {
        let mut is_changed = take(&mut assembler, message, &clock);
        // Whatever else waits goes into the same snapshot.
        while let Ok(message) = inbox.try_recv() {
            is_changed |= take(&mut assembler, message, &clock);
        }
        if is_changed {
            let now = clock.now();
            let snapshot = assembler.assemble(now);
            assembler.counters.assembled(clock.now().uptime.saturating_sub(now.uptime));
            states.log(&snapshot, now);
            publisher.publish(snapshot);
            let unstored = assembler.take_unstored(now);
            if let Some(shelf) = &shelf {
                shelf.put(unstored);
            }
        }
    }
}

/// Learns from what was restored while that is served already, on a thread of its own; `None` when the runtime ends
/// meanwhile. Reports wait.
async fn with_the_past_learned(
    mut assembler: Assembler,
    publisher: &Publisher<Snapshot>,
) -> Option<Assembler> {
    let learning = tokio::task::spawn_blocking(move || {
        let snapshot = assembler.learn_past();
        (assembler, snapshot)
    });
    let (assembler, snapshot) = match learning.await {
        Ok(learned) => learned,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => return None,
    };
    publisher.publish(snapshot);
    Some(assembler)
}

/// Takes in one message; tells whether there is something to publish.
fn take(assembler: &mut Assembler, message: Message, clock: &Clock) -> bool {
    match message {
        Message::Polled { source, outcome, now } => {
            assembler.fold(source, outcome, now);
            true
        }
        Message::Announce(announcement) => {
            assembler.announce(announcement, clock.now());
            true
        }
        Message::Reconfigure(reconfiguration) => {
            assembler.reconfigure(*reconfiguration, clock.now());
            true
        }
        Message::Names(reply) => {
            // Whoever asked may have gone.
            let _ = reply.send(NamesReport::of(assembler.directory()));
            false
        }
    }
}

/// Remembers the sources' states, so that the log has one line a change.
#[derive(Default)]
struct States(std::collections::BTreeMap<SourceName, (SourceState, Option<Fault>)>);

impl States {
    fn log(&mut self, snapshot: &Snapshot, now: Now) {
        for (name, observation) in snapshot.sources.iter() {
            let current = (observation.state(now), observation.fault);
            if self.0.insert(name, current) == Some(current) {
                continue;
            }
            let (state, fault) = current;
            let fault = fault.map_or("none", Fault::as_str);
            tracing::info!(source = name.as_str(), state = state.as_str(), fault, "source changed");
        }
    }
}
