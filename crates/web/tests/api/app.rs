//! A running application under test.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use snapshot::{
    clock::{Clock, Now},
    snapshot::Snapshot,
    store::{Publisher, hand_over},
    testing,
};
use tokio::{runtime::Runtime, sync::watch, task::JoinHandle};
use web::{
    backstage::Backstage,
    config::Config,
    startup::{Application, RunError},
};

use crate::client::{self, Answer};

/// How long anything that is bound to happen may take.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) const PUBLIC: &str = "/api/v1/services/public";

/// A running application, its clock and the pen that writes its snapshots.
pub(crate) struct App {
    pub(crate) port: u16,
    pub(crate) internal_port: u16,
    pub(crate) publisher: Option<Publisher<Snapshot>>,
    pub(crate) clock: ManualClock,
    shutdown: watch::Sender<bool>,
    task: Option<JoinHandle<Result<(), RunError>>>,
    runtime: Runtime,
}

/// A clock that moves when it is told to.
#[derive(Clone)]
pub(crate) struct ManualClock {
    now: Arc<Mutex<Now>>,
    /// Held while threads of the runtime, and so the renderer, are not to learn the time.
    gate: Arc<Mutex<()>>,
}

/// An application that shows `snapshot` at the instant of the documented examples.
pub(crate) fn spawn_app(snapshot: Snapshot) -> App {
    spawn_app_at(snapshot, testing::NOW, Config::new())
}

pub(crate) fn spawn_app_at(snapshot: Snapshot, now: &str, config: Config) -> App {
    let backstage = Backstage::new(|| async { Some(r#"{"names":[]}"#) });
    spawn_app_with(snapshot, testing::now(now), config, backstage)
}

pub(crate) fn spawn_app_with(snapshot: Snapshot, now: Now, config: Config, backstage: Backstage) -> App {
    let runtime = Runtime::new().unwrap();
    let (publisher, reader) = hand_over(snapshot);
    let clock = ManualClock { now: Arc::new(Mutex::new(now)), gate: Arc::default() };
    let hands = clock.clone();
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let read = Clock::from_fn(move || hands.now());
    let app = Application::build(config, listen(), Some(listen()), reader, read, backstage).unwrap();
    let (port, internal_port) = (app.port(), app.internal_port().unwrap());
    let (shutdown, is_stopped) = watch::channel(false);
    let task = runtime.spawn(app.run_until_stopped(is_stopped));
    let publisher = Some(publisher);
    App { port, internal_port, publisher, clock, shutdown, task: Some(task), runtime }
}

impl App {
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[])
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        client::send(self.port, method, path, headers)
    }

    pub(crate) fn document(&self, name: &str) -> Answer {
        let answer = self.get(&format!("{PUBLIC}/{name}"));
        assert_eq!(answer.status, 200);
        answer
    }

    pub(crate) fn probe(&self, path: &str) -> Answer {
        client::send(self.internal_port, "GET", path, &[])
    }

    pub(crate) fn publish(&self, snapshot: Snapshot) {
        self.publisher.as_ref().unwrap().publish(snapshot);
    }

    /// Asks for a document until it is as it should become.
    pub(crate) fn wait_for(&self, name: &str, is_there: impl Fn(&Answer) -> bool) -> Answer {
        let begin = Instant::now();
        loop {
            let answer = self.document(name);
            if is_there(&answer) {
                return answer;
            }
            assert!(begin.elapsed() < DEADLINE, "{name} did not become what it should: {}", answer.text());
            // Until the next look the machine belongs to what is waited for.
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    /// Tells the application to stop and says how it ended.
    pub(crate) fn stop(&mut self) -> Result<(), RunError> {
        self.shutdown.send(true).unwrap();
        let task = self.task.take().unwrap();
        let ended = async { tokio::time::timeout(DEADLINE, task).await };
        self.runtime.block_on(ended).unwrap().unwrap()
    }
}

impl ManualClock {
    fn now(&self) -> Now {
        let is_renderer = std::thread::current().name().is_some_and(|name| name.starts_with("tokio"));
        let _gate = is_renderer.then(|| self.gate.lock().unwrap());
        *self.now.lock().unwrap()
    }

    /// Does something while the renderer hangs.
    pub(crate) fn hold_renderer(&self, act: impl FnOnce()) {
        let _gate = self.gate.lock().unwrap();
        act();
    }

    pub(crate) fn advance(&self, seconds: u64) {
        let mut now = self.now.lock().unwrap();
        *now = now.later(Duration::from_secs(seconds));
    }

    /// Steps the calendar alone.
    pub(crate) fn set_wall(&self, at: &str) {
        self.now.lock().unwrap().wall = testing::at(at);
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            assert!(std::thread::panicking() || !task.is_finished(), "the application ended by itself");
            task.abort();
        }
    }
}
