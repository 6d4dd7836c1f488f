//! Starting everything, and noticing when something ends that must not.
//!
//! - `handles`: what can be asked of a scheduler that runs.
//! - `polled`: from a configuration to what is polled.
//! - `tasks`: the tasks, and which of them ended.

mod handles;
mod polled;
mod tasks;

use identity::{
    directory::Directory,
    pseudonym::{Key, Pseudonyms},
};
use snapshot::{
    clock::Clock,
    section::Observation,
    snapshot::{Snapshot, Sources},
    store::{Publisher, Reader, hand_over},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinError,
};

pub use handles::{Announcer, NamesDesk, ReconfigureError, Reconfigurer};

use self::{handles::Order, polled::Polled, tasks::Tasks};
use crate::{
    archive::{self, Archive, ArchiveError, Restored},
    assemble::{self, Assembler, Message, galaxies},
    client::ClientError,
    config::Config,
    metrics::Metrics,
};

/// Reports that may wait for the assembler.
const INBOX: usize = 16;

/// New configurations that may wait: whoever sends one waits until it holds.
const ORDERS: usize = 1;

/// The scheduler, ready to run.
#[derive(Debug)]
pub struct Scheduler {
    sources: Vec<Polled>,
    assembler: Assembler,
    publisher: Publisher<Snapshot>,
    reader: Reader<Snapshot>,
    clock: Clock,
    archive: Option<Archive>,
    metrics: Metrics,
    outbox: mpsc::Sender<Message>,
    inbox: mpsc::Receiver<Message>,
    reconfigurer: mpsc::Sender<Order>,
    orders: mpsc::Receiver<Order>,
}

/// Why the scheduler cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A backend cannot be asked.
    #[error("a backend cannot be asked")]
    Client(#[from] ClientError),
    /// The data directory cannot be used.
    #[error("nothing can be kept")]
    Archive(#[source] ArchiveError),
}

/// A task ended that never should: a bug, and the process had better start anew.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A task panicked.
    #[error("the {task} task panicked")]
    Panicked {
        /// Which.
        task: &'static str,
    },
    /// A task returned.
    #[error("the {task} task ended")]
    Ended {
        /// Which.
        task: &'static str,
    },
    /// A task could not be watched.
    #[error("a task was lost")]
    Lost(#[source] JoinError),
}

impl Scheduler {
    /// Prepares polls of everything that is configured. Nothing is asked before [`Scheduler::run`].
    ///
    /// # Errors
    /// When a backend's URL needs TLS and the machine cannot do it, or the data directory cannot be used.
    pub fn new(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let started_at = clock.now().wall;
        let (archive, kept) = open_archive(config)?;
        let sources = polled::sources(config, &kept)?;
        let mut observations = Sources::default();
        for polled in &sources {
            observations.insert(polled.source.name(), Observation::new(started_at, polled.limits));
        }
        let mut first = Snapshot::empty(started_at, observations, config.policy);
        first.galaxies = galaxies(&config.identity);
        first.keeps_names = config.data_dir.is_some();
        first.announcement = config.announcement.clone().map(Into::into);
        let directory = Directory::new(config.identity.clone(), Pseudonyms::new(kept.key, kept.assignments))
            .with_secrets(config.searched_secrets().collect());
        let metrics = Metrics::default();
        let mut assembler = Assembler::new(config, directory, first).counting_in(metrics.clone());
        let first = assembler.restore(kept.past, kept.last, clock.now());
        let (publisher, reader) = hand_over(first);
        let (outbox, inbox) = mpsc::channel(INBOX);
        let (reconfigurer, orders) = mpsc::channel(ORDERS);
        Ok(Self {
            sources,
            assembler,
            publisher,
            reader,
            clock,
            archive,
            metrics,
            outbox,
            inbox,
            reconfigurer,
            orders,
        })
    }

    /// The reading end of what will be published.
    #[must_use]
    pub fn reader(&self) -> Reader<Snapshot> {
        self.reader.clone()
    }

    /// What the operator can watch of it.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// Who can be asked about names while the scheduler runs.
    #[must_use]
    pub fn names_desk(&self) -> NamesDesk {
        NamesDesk::new(self.outbox.downgrade())
    }

    /// Who can change the announcement while the scheduler runs.
    #[must_use]
    pub fn announcer(&self) -> Announcer {
        Announcer::new(self.outbox.downgrade())
    }

    /// Who can give another configuration to the scheduler while it runs.
    #[must_use]
    pub fn reconfigurer(&self) -> Reconfigurer {
        Reconfigurer::new(self.reconfigurer.clone())
    }

    /// Polls, assembles and publishes until `shutdown` becomes true.
    ///
    /// # Errors
    /// When a task ends before that.
    pub async fn run(self, mut shutdown: watch::Receiver<bool>) -> Result<(), RunError> {
        let Self { sources, assembler, publisher, clock, outbox, inbox, mut orders, metrics, .. } = self;
        let mut tasks = Tasks::new(outbox.clone(), clock.clone(), metrics.clone());
        sources.into_iter().for_each(|polled| tasks.poll(polled));
        // Never aborted, which before its first step would lose what it is about to store: it ends with its shelf.
        let (shelf, mut archiving) = match self.archive {
            None => (None, None),
            Some(archive) => {
                let (shelf, pile) = archive::shelf();
                let metrics = metrics.archive().clone();
                (Some(shelf), Some(tokio::task::spawn_blocking(move || archive::run(archive, pile, metrics))))
            }
        };
        tasks.watch("assembler", assemble::run(assembler, inbox, publisher, shelf, clock));
        // Held until the end, so that the names desk works even when nothing is polled.
        let _outbox = outbox;
        let stopped = async {
            // An error means that nobody can ask for a shutdown any more, which is one.
            let _ = shutdown.wait_for(|is_over| *is_over).await;
        };
        let archive_ended = async {
            match &mut archiving {
                Some(archiving) => archiving.await,
                None => std::future::pending().await,
            }
        };
        let ended = async {
            loop {
                tokio::select! {
                    ended = tasks.ended() => return ended,
                    // Dropped senders are of no interest: nothing is reconfigured any more.
                    Some(order) = orders.recv() => tasks.obey(order).await,
                }
            }
        };
        tokio::select! {
            ended = archive_ended => Err(match ended {
                Ok(()) => RunError::Ended { task: "archive" },
                Err(error) if error.is_panic() => RunError::Panicked { task: "archive" },
                Err(error) => RunError::Lost(error),
            }),
            error = ended => Err(error),
            () = stopped => {
                tasks.shut_down().await;
                let Some(archiving) = archiving else { return Ok(()) };
                match archiving.await {
                    Err(error) if error.is_panic() => Err(RunError::Panicked { task: "archive" }),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Opens the archive and reads what earlier runs left. Without a data directory the key, and so every pseudonym,
/// lasts as long as the process.
fn open_archive(config: &Config) -> Result<(Option<Archive>, Restored), StartError> {
    let Some(directory) = &config.data_dir else {
        tracing::info!(
            "no data directory: what is known is lost and pseudonyms change when this process restarts"
        );
        return Ok((None, Restored::nothing(Key::new(rand::random()))));
    };
    let (archive, restored) = match Archive::open(directory, config.history_keep) {
        Ok((archive, restored)) => (Some(archive), restored),
        Err(error) if error.is_unwritable() => {
            let Ok(Some(restored)) = Archive::read_only(directory, config.history_keep) else {
                return Err(StartError::Archive(error));
            };
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, "the archive is only read: what becomes known is lost at a restart");
            (None, restored)
        }
        Err(error) => return Err(StartError::Archive(error)),
    };
    if let Some(aside) = &restored.moved_aside {
        tracing::error!(file = %aside.display(), "the archive was damaged and was moved aside");
    }
    tracing::info!(n_builds = restored.past.builds.len(), "restored");
    Ok((archive, restored))
}
