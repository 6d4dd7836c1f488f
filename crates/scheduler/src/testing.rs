//! A farm whose answers are at hand: from a backend's bytes to the snapshot, without a socket and without waiting.
//!
//! It is for tests that feed parsers with what no backend would say, many thousand times.
//! Everything here panics where a test cannot go on.

pub mod names;

use std::{
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use identity::{
    directory::Directory,
    pseudonym::{Key, Pseudonyms},
};
use snapshot::{
    clock::{Clock, Now},
    section::{Fault, Limits, Observation, SourceName},
    snapshot::{Policy, Snapshot, Sources},
};

use crate::{
    assemble::Assembler,
    backend::{
        instants::Instants,
        loki::{self, LokiQueries},
        orchestrator::HistoryCursor,
        prometheus::{Expressions, Memory},
    },
    client::Client,
    config::{
        Backend, Config, FORGET_AFTER, HISTORY_KEEP, Names, STUCK_AFTER, Timing, infrastructure::Watch,
    },
    poll::Source,
};

/// What is answered to a path; nothing where there is no such endpoint.
type Answer = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

/// The backends that are asked over HTTP.
pub const BACKENDS: [SourceName; 4] =
    [SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus, SourceName::Loki];

/// Setting up a client is dear and done once.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let backend = Backend::new("http://farm.example", Timing::default(), Duration::from_secs(30));
    #[expect(clippy::expect_used, reason = "a test that cannot go on fails there")]
    Client::new(&backend.expect("a backend")).expect("a client")
});

/// Answers that can be exchanged.
#[derive(Clone)]
pub struct Answers(Arc<Mutex<Arc<Answer>>>);

/// Four backends, and what the scheduler makes of them.
#[derive(Debug)]
pub struct Farm {
    answers: Answers,
    sources: Vec<Source>,
    assembler: Assembler,
    now: Now,
}

impl Answers {
    /// Nothing is there.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(Mutex::new(Arc::new(|_: &str| None))))
    }

    /// Says this from now on.
    pub fn set(&self, answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(answer);
    }

    pub(crate) fn get(&self, path: &str) -> Option<Vec<u8>> {
        let answer = Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner));
        answer(path)
    }
}

impl Farm {
    /// A farm that said nothing yet, at an instant.
    #[must_use]
    pub fn new(names: Names, watch: Watch, now: Now) -> Self {
        let answers = Answers::none();
        let client = || CLIENT.clone().answered_by(answers.clone());
        let sources = vec![
            Source::Gateway(client(), Instants::default()),
            Source::Orchestrator(client(), HistoryCursor::default(), Instants::default()),
            Source::Prometheus(client(), Memory::new(Expressions::default())),
            Source::Loki(client(), loki::Memory::new(LokiQueries::default())),
        ];
        let limits = Limits { stale_after: Duration::from_secs(30), offline_after: Duration::from_secs(60) };
        let mut observed = Sources::default();
        for source in BACKENDS {
            observed.insert(source, Observation::new(now.wall, limits));
        }
        let policy = Policy { stuck_after: STUCK_AFTER, demo: false };
        let directory = Directory::new(names.clone(), Pseudonyms::new(Key::new([7; 32]), []));
        let config = Config {
            gateway: None,
            orchestrator: None,
            prometheus: None,
            loki: None,
            watch,
            identity: names,
            data_dir: None,
            forget_after: FORGET_AFTER,
            publish_version: true,
            history_keep: HISTORY_KEEP,
            policy,
            announcement: None,
        };
        let assembler = Assembler::new(&config, directory, Snapshot::empty(now.wall, observed, policy));
        Self { answers, sources, assembler, now }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Now {
        self.now
    }

    /// Time passes.
    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now.later(Duration::from_secs(seconds));
    }

    /// Polls one backend, which gives this answer; says why it was of no use, if it was not.
    ///
    /// # Errors
    /// The fault that the public reads.
    pub fn poll(
        &mut self,
        backend: SourceName,
        answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Result<(), Fault> {
        self.answers.set(answer);
        let now = self.now;
        let clock = Clock::from_fn(move || now);
        let Some(source) = self.sources.iter_mut().find(|source| source.name() == backend) else {
            return Ok(());
        };
        // Nothing is waited for, so the future is ready when it is asked.
        let outcome = source.poll(&clock).now_or_never();
        let outcome = outcome.map_or(Err(Fault::Timeout), |outcome| outcome.map_err(|error| error.fault()));
        let result = outcome.as_ref().map(drop).map_err(|fault| *fault);
        self.assembler.fold(backend, outcome, now);
        result
    }

    /// What is published of everything that was said.
    pub fn assemble(&mut self) -> Snapshot {
        self.assembler.assemble(self.now)
    }
}

// === impl Answers ===

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn farm() -> Farm {
        let wall = jiff::Timestamp::from_second(1_795_431_417).unwrap();
        Farm::new(Names::default(), Watch::default(), Now { wall, uptime: Duration::from_secs(1_000) })
    }

    #[test]
    fn what_is_answered_is_published() {
        let mut farm = farm();
        let queue = |path: &str| {
            path.ends_with("/queue").then(|| br#"[{"package":"=dev-libs/a-1","status":"needed"}]"#.to_vec())
        };
        farm.poll(SourceName::Orchestrator, queue).unwrap();
        assert_eq!(farm.assemble().queue.get().unwrap().pending.len(), 1);
    }

    #[test]
    fn what_is_no_answer_is_a_fault() {
        let mut farm = farm();
        for backend in BACKENDS {
            assert_eq!(farm.poll(backend, |_| Some(b"<html>".to_vec())), Err(Fault::BadBody), "{backend:?}");
            assert_eq!(farm.poll(backend, |_| None), Err(Fault::BadStatus), "{backend:?}");
        }
    }
}
