//! Schedulers with short intervals, and how to wait for what they publish.

use std::{sync::Arc, time::Duration};

use scheduler::{
    RunError, Scheduler,
    assemble::Assembler,
    backend::{instants::Instants, orchestrator::HistoryCursor},
    client::Client,
    config::{Backend, Config, FORGET_AFTER, HISTORY_KEEP, Names, STUCK_AFTER, Timing},
    poll::Source,
};
use snapshot::{
    clock::{Clock, Now},
    section::{Observation, SourceName},
    snapshot::{Policy, Snapshot, Sources},
    store::Reader,
};
use tokio::{sync::watch, task::JoinHandle};

/// What a whole test may take: a wait that lasts longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The interval of the tests' polls.
pub(crate) const INTERVAL: Duration = Duration::from_millis(400);

/// What one request may take in the tests.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(300);

/// A backend that is asked often and given up soon.
pub(crate) fn backend(url: &str) -> Backend {
    let timing = Timing { interval: Some(INTERVAL), timeout: Some(TIMEOUT), ..Timing::default() };
    Backend::new(url, timing, INTERVAL).unwrap()
}

/// A backend that is asked once, with all the time it needs on a busy machine.
pub(crate) fn patient(url: &str) -> Backend {
    let timing = Timing { interval: Some(PATIENCE), timeout: Some(PATIENCE / 2), ..Timing::default() };
    Backend::new(url, timing, PATIENCE).unwrap()
}

pub(crate) fn config(gateway: Option<Backend>, orchestrator: Option<Backend>) -> Config {
    Config {
        gateway,
        orchestrator,
        prometheus: None,
        loki: None,
        watch: scheduler::config::infrastructure::Watch::default(),
        identity: Names::default(),
        data_dir: None,
        forget_after: FORGET_AFTER,
        publish_version: true,
        history_keep: HISTORY_KEEP,
        policy: Policy { stuck_after: STUCK_AFTER, demo: false },
        announcement: None,
    }
}

/// A clock that stands still.
pub(crate) fn standing(seconds: f64) -> Clock {
    let wall = jiff::Timestamp::from_microsecond((seconds * 1e6) as i64).unwrap();
    Clock::from_fn(move || Now { wall, uptime: Duration::from_secs(1_000) })
}

/// A scheduler at work.
pub(crate) struct Running {
    pub(crate) reader: Reader<Snapshot>,
    shutdown: watch::Sender<bool>,
    task: JoinHandle<Result<(), RunError>>,
}

impl Running {
    pub(crate) fn start(config: &Config, clock: Clock) -> Self {
        let scheduler = Scheduler::new(config, clock).unwrap();
        let reader = scheduler.reader();
        let (shutdown, is_over) = watch::channel(false);
        let task = tokio::spawn(scheduler.run(is_over));
        Self { reader, shutdown, task }
    }

    /// Waits for the first snapshot that is as wanted.
    pub(crate) async fn wait_for(
        &mut self,
        what: &str,
        is_wanted: impl Fn(&Snapshot) -> bool,
    ) -> Arc<Snapshot> {
        let waiting = async {
            loop {
                let snapshot = self.reader.load();
                if is_wanted(&snapshot) {
                    return snapshot;
                }
                self.reader.changed().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .unwrap_or_else(|_| panic!("no snapshot in which {what}"))
    }

    /// Waits until every configured source was heard.
    pub(crate) async fn heard(&mut self) -> Arc<Snapshot> {
        let is_heard = |snapshot: &Snapshot| snapshot.sources.iter().all(|(_, it)| it.last_seen.is_some());
        self.wait_for("every source was heard", is_heard).await
    }

    /// Waits for one more good answer of a source.
    pub(crate) async fn heard_again(&mut self, source: SourceName) -> Arc<Snapshot> {
        let before = observation(&self.reader.load(), source).last_seen.map(|seen| seen.at);
        let is_later = |it: &Snapshot| observation(it, source).last_seen.map(|seen| seen.at) > before;
        self.wait_for("a source was heard again", is_later).await
    }

    /// Waits for the end of one more poll of a source, good or bad.
    pub(crate) async fn next_poll(&mut self, source: SourceName) -> Arc<Snapshot> {
        let before = observation(&self.reader.load(), source).checked_at;
        self.wait_for("another poll ended", |it| observation(it, source).checked_at != before).await
    }

    pub(crate) async fn stop(self) -> Result<(), RunError> {
        self.shutdown.send(true).unwrap();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap()
    }
}

/// What is known about the attempts to ask a source.
pub(crate) fn observation(snapshot: &Snapshot, source: SourceName) -> &Observation {
    snapshot.sources.get(source).unwrap()
}

/// The scheduler's parts without its tasks: polls when it is told to.
pub(crate) struct Steps {
    pub(crate) clock: Clock,
    sources: Vec<Source>,
    assembler: Assembler,
}

impl Steps {
    pub(crate) fn new(config: &Config, clock: Clock) -> Self {
        let mut sources = Vec::new();
        if let Some(gateway) = &config.gateway {
            sources.push(Source::Gateway(Client::new(gateway).unwrap(), Instants::default()));
        }
        if let Some(orchestrator) = &config.orchestrator {
            let client = Client::new(orchestrator).unwrap();
            sources.push(Source::Orchestrator(client, HistoryCursor::default(), Instants::default()));
        }
        let mut observations = Sources::default();
        let backends = config.gateway.iter().chain(&config.orchestrator);
        for (source, backend) in sources.iter().zip(backends) {
            observations.insert(source.name(), Observation::new(clock.now().wall, backend.limits()));
        }
        let snapshot = Snapshot::empty(clock.now().wall, observations, config.policy);
        let pseudonyms = identity::pseudonym::Pseudonyms::new(identity::pseudonym::Key::new([7; 32]), []);
        let directory = identity::directory::Directory::new(config.identity.clone(), pseudonyms);
        Self { clock, sources, assembler: Assembler::new(config, directory, snapshot) }
    }

    /// Polls every source once and puts together what they said.
    pub(crate) async fn poll(&mut self) -> Snapshot {
        for source in &mut self.sources {
            let outcome = source.poll(&self.clock).await;
            let outcome = outcome.map_err(|error| error.fault());
            self.assembler.fold(source.name(), outcome, self.clock.now());
        }
        self.assembler.assemble(self.clock.now())
    }
}
