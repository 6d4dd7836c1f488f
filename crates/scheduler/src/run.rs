//! Starting everything, and noticing when something ends that must not.

use std::time::Duration;

use identity::{
    directory::Directory,
    pseudonym::{Key, Pseudonyms},
};
use snapshot::{
    clock::Clock,
    section::{Limits, Observation},
    snapshot::{Announcement, Snapshot, Sources},
    store::{Publisher, Reader, hand_over},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::{JoinError, JoinSet},
};

use crate::{
    archive::{self, Archive, ArchiveError, Restored},
    assemble::{self, Assembler, Message},
    backend::{instants::Instants, orchestrator::HistoryCursor, probes::Prober, prometheus},
    client::{Client, ClientError},
    config::{Backend, Config, STALE_AFTER_MIN},
    names::NamesReport,
    poll::{self, Source},
};

/// Reports that may wait for the assembler.
const INBOX: usize = 16;

/// The scheduler, ready to run.
#[derive(Debug)]
pub struct Scheduler {
    sources: Vec<Polled>,
    assembler: Assembler,
    publisher: Publisher<Snapshot>,
    reader: Reader<Snapshot>,
    clock: Clock,
    archive: Option<Archive>,
    outbox: mpsc::Sender<Message>,
    inbox: mpsc::Receiver<Message>,
}

/// Tells a running scheduler what to announce.
#[derive(Debug, Clone)]
pub struct Announcer(mpsc::WeakSender<Message>);

/// Asks a running scheduler who is who.
#[derive(Debug, Clone)]
pub struct NamesDesk(mpsc::WeakSender<Message>);

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
        let sources = sources(config, &kept)?;
        let mut observations = Sources::default();
        for polled in &sources {
            observations.insert(polled.source.name(), Observation::new(started_at, polled.limits));
        }
        let mut first = Snapshot::empty(started_at, observations, config.policy);
        let mut galaxies: Vec<_> = config.identity.galaxies().iter().map(|g| g.name.clone()).collect();
        galaxies.sort();
        first.galaxies = galaxies.into();
        first.keeps_names = config.data_dir.is_some();
        first.announcement = config.announcement.clone().map(Into::into);
        let directory = Directory::new(config.identity.clone(), Pseudonyms::new(kept.key, kept.assignments))
            .with_secrets(config.searched_secrets().collect());
        let mut assembler = Assembler::new(config, directory, first);
        let first = assembler.restore(kept.past, kept.last, clock.now());
        let (publisher, reader) = hand_over(first);
        let (outbox, inbox) = mpsc::channel(INBOX);
        Ok(Self { sources, assembler, publisher, reader, clock, archive, outbox, inbox })
    }

    /// The reading end of what will be published.
    #[must_use]
    pub fn reader(&self) -> Reader<Snapshot> {
        self.reader.clone()
    }

    /// Who can be asked about names while the scheduler runs.
    #[must_use]
    pub fn names_desk(&self) -> NamesDesk {
        NamesDesk(self.outbox.downgrade())
    }

    /// Who can change the announcement while the scheduler runs.
    #[must_use]
    pub fn announcer(&self) -> Announcer {
        Announcer(self.outbox.downgrade())
    }

    /// Polls, assembles and publishes until `shutdown` becomes true.
    ///
    /// # Errors
    /// When a task ends before that.
    pub async fn run(self, mut shutdown: watch::Receiver<bool>) -> Result<(), RunError> {
        let mut tasks: JoinSet<&'static str> = JoinSet::new();
        let mut names = std::collections::HashMap::new();
        for Polled { source, every, limits } in self.sources {
            let task = source.name().as_str();
            let polls =
                poll::run(source, every, limits.offline_after, self.outbox.clone(), self.clock.clone());
            let handle = tasks.spawn(async move {
                polls.await;
                task
            });
            names.insert(handle.id(), task);
        }
        // Never aborted, which before its first step would lose what it is about to store: it ends with its shelf.
        let (shelf, mut archiving) = match self.archive {
            None => (None, None),
            Some(archive) => {
                let (shelf, pile) = archive::shelf();
                (Some(shelf), Some(tokio::task::spawn_blocking(move || archive::run(archive, pile))))
            }
        };
        let assembling = assemble::run(self.assembler, self.inbox, self.publisher, shelf, self.clock);
        let handle = tasks.spawn(async move {
            assembling.await;
            "assembler"
        });
        names.insert(handle.id(), "assembler");
        // Held until the end, so that the names desk works even when nothing is polled.
        let _outbox = self.outbox;
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
        tokio::select! {
            ended = archive_ended => Err(match ended {
                Ok(()) => RunError::Ended { task: "archive" },
                Err(error) if error.is_panic() => RunError::Panicked { task: "archive" },
                Err(error) => RunError::Lost(error),
            }),
            ended = tasks.join_next() => match ended {
                Some(Ok(task)) => Err(RunError::Ended { task }),
                Some(Err(error)) if error.is_panic() => {
                    Err(RunError::Panicked { task: names.get(&error.id()).copied().unwrap_or("unknown") })
                }
                Some(Err(error)) => Err(RunError::Lost(error)),
                None => Err(RunError::Ended { task: "assembler" }),
            },
            () = stopped => {
                tasks.shutdown().await;
                let Some(archiving) = archiving else { return Ok(()) };
                match archiving.await {
                    Err(error) if error.is_panic() => Err(RunError::Panicked { task: "archive" }),
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Something that is polled.
#[derive(Debug)]
struct Polled {
    source: Source,
    every: Duration,
    limits: Limits,
}

impl Polled {
    fn of(source: Source, backend: &Backend) -> Self {
        Self { source, every: backend.interval(), limits: backend.limits() }
    }
}

/// Everything that is configured, ready to be polled.
fn sources(config: &Config, kept: &Restored) -> Result<Vec<Polled>, ClientError> {
    let mut sources = Vec::new();
    if let Some(backend) = &config.gateway {
        let source = Source::Gateway(Client::new(backend)?, Instants::default());
        sources.push(Polled::of(source, backend));
    }
    if let Some(backend) = &config.orchestrator {
        let known = kept.past.builds.iter().map(|build| (build.key, build.finished_at.as_second()));
        let (cursor, instants) = (HistoryCursor::following(kept.key.clone(), known), Instants::default());
        sources.push(Polled::of(Source::Orchestrator(Client::new(backend)?, cursor, instants), backend));
    }
    if let Some((backend, expressions)) = &config.prometheus {
        let source = Source::Prometheus(Client::new(backend)?, prometheus::Memory::new(expressions.clone()));
        sources.push(Polled::of(source, backend));
    }
    if let Some((backend, queries)) = &config.loki {
        sources.push(Polled::of(Source::Loki(Client::new(backend)?, queries.clone()), backend));
    }
    let slowest = config.watch.probes.iter().map(|probe| probe.interval).max().unwrap_or_default();
    let stale_after = STALE_AFTER_MIN.max(slowest * 3);
    for (probe_idx, probe) in config.watch.probes.iter().enumerate() {
        sources.push(Polled {
            source: Source::Probe(Prober::new(probe_idx, probe)?),
            every: probe.interval,
            // Any probe that ran proves that probing goes on.
            limits: Limits { stale_after, offline_after: stale_after * 2 },
        });
    }
    Ok(sources)
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

impl Announcer {
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
    /// The list as it stands; `None` when the scheduler is gone. Cancellation safe.
    pub async fn ask(&self) -> Option<NamesReport> {
        let (reply, answer) = oneshot::channel();
        self.0.upgrade()?.send(Message::Names(reply)).await.ok()?;
        answer.await.ok()
    }
}
