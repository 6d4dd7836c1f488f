//! Scheduler and web side in this process, wired like the binary wires them, with a clock that a test may choose.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::mpsc,
    time::Duration,
};

use scheduler::{
    Scheduler,
    backend::{loki::LokiQueries, prometheus::Expressions},
    config::{
        Backend, Config, FORGET_AFTER, HISTORY_KEEP, Names, STUCK_AFTER, Timing,
        draft::{NamesDraft, watch::WatchDraft},
    },
};
use serde_json::Value;
use simulator::simulator::{Backend as Served, Simulator};
use snapshot::{
    clock::Clock,
    snapshot::{Policy, Snapshot},
    store::Reader,
};
use tokio::{runtime::Runtime, sync::watch};
use web::{backstage::Backstage, startup::Application};

use super::{eventually, http};

/// The four documents.
pub(crate) const DOCUMENTS: [&str; 4] = [
    "/api/v1/services/public/build-swarm",
    "/api/v1/services/public/queue",
    "/api/v1/services/public/build-history",
    "/api/v1/services/public/infrastructure",
];

/// What the paths of documents begin with.
pub(crate) const PUBLIC: &str = "/api/v1/services/public";

/// The pages.
pub(crate) const PAGES: [&str; 6] = ["/", "/queue", "/history", "/infrastructure", "/about/data", "/api"];

/// How a stack is set up.
pub(crate) struct Setup {
    pub(crate) gateway: Option<String>,
    pub(crate) orchestrator: Option<String>,
    pub(crate) prometheus: Option<String>,
    /// What is asked of Prometheus.
    pub(crate) expressions: Expressions,
    pub(crate) loki: Option<String>,
    pub(crate) watch: WatchDraft,
    pub(crate) names: NamesDraft,
    /// How each backend is polled, in the order gateway, orchestrator, Prometheus, Loki.
    pub(crate) timings: [Timing; 4],
    pub(crate) clock: Clock,
}

/// A running stack; it stops when it is dropped.
pub(crate) struct Stack {
    pub(crate) public: SocketAddr,
    pub(crate) internal: SocketAddr,
    /// What the scheduler publishes.
    pub(crate) snapshots: Reader<Snapshot>,
    stop: watch::Sender<bool>,
    /// Of the web side, and of the scheduler, which so can be frozen by itself.
    runtimes: Vec<Runtime>,
}

/// The scheduler stands still for as long as this lives, with everything it has.
pub(crate) struct Frozen(#[expect(dead_code, reason = "its end is the sign")] mpsc::Sender<()>);

impl Setup {
    /// Both backends at one URL, polled so rarely that only the first poll counts.
    pub(crate) fn once(url: &str) -> Self {
        Self::of(url, url, Timing { interval: Some(Duration::from_secs(3600)), ..Timing::default() })
    }

    pub(crate) fn of(gateway: &str, orchestrator: &str, timing: Timing) -> Self {
        Self {
            gateway: Some(gateway.to_owned()),
            orchestrator: Some(orchestrator.to_owned()),
            prometheus: None,
            expressions: Expressions::default(),
            loki: None,
            watch: WatchDraft::default(),
            names: NamesDraft::default(),
            timings: [timing; 4],
            clock: Clock::system(),
        }
    }

    /// All four backends of a simulated farm.
    pub(crate) fn farm(simulator: &Simulator, timing: Timing) -> Self {
        let [gateway, orchestrator, prometheus, loki] =
            [Served::Gateway, Served::Orchestrator, Served::Prometheus, Served::Loki]
                .map(|of| simulator.url(of));
        let of_swarm = Self::of(&gateway, &orchestrator, timing);
        Self { prometheus: Some(prometheus), loki: Some(loki), ..of_swarm }
    }

    /// Prometheus alone.
    pub(crate) fn metrics(url: &str, timing: Timing, watch: WatchDraft) -> Self {
        let prometheus = Some(url.to_owned());
        Self { gateway: None, orchestrator: None, prometheus, watch, ..Self::of("", "", timing) }
    }

    pub(crate) fn start(self) -> Stack {
        let [of_gateway, of_orchestrator, of_prometheus, of_loki] = self.timings;
        let backend = |url: &str, timing| Backend::new(url, timing, Duration::from_secs(1)).unwrap();
        let names: Names = self.names.check().unwrap();
        let config = Config {
            gateway: self.gateway.as_deref().map(|url| backend(url, of_gateway)),
            orchestrator: self.orchestrator.as_deref().map(|url| backend(url, of_orchestrator)),
            prometheus: self
                .prometheus
                .as_deref()
                .map(|url| (backend(url, of_prometheus), self.expressions.clone())),
            loki: self.loki.as_deref().map(|url| (backend(url, of_loki), LokiQueries::default())),
            watch: self.watch.check().unwrap(),
            identity: names,
            data_dir: None,
            forget_after: FORGET_AFTER,
            publish_version: true,
            history_keep: HISTORY_KEEP,
            policy: Policy { stuck_after: STUCK_AFTER, demo: false },
            announcement: None,
        };
        let runtime = |n_threads| {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(n_threads).enable_all().build().unwrap()
        };
        let (serving, polling) = (runtime(2), runtime(1));
        let (stop, stopped) = watch::channel(false);
        let (public, internal, snapshots) = serving.block_on(async {
            let scheduler = Scheduler::new(&config, self.clock.clone()).unwrap();
            let desk = scheduler.names_desk();
            let backstage = Backstage::new(move || {
                let desk = desk.clone();
                async move { serde_json::to_vec(&desk.ask().await?).ok() }
            });
            let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let (listener, internal) = (bind(), bind());
            let addresses = (listener.local_addr().unwrap(), internal.local_addr().unwrap());
            let web = web::config::Config::new();
            let snapshots = scheduler.reader();
            let application =
                Application::build(web, listener, Some(internal), snapshots.clone(), self.clock, backstage)
                    .unwrap();
            polling.spawn(scheduler.run(stopped.clone()));
            tokio::spawn(application.run_until_stopped(stopped));
            (addresses.0, addresses.1, snapshots)
        });
        Stack { public, internal, snapshots, stop, runtimes: vec![serving, polling] }
    }
}

impl Stack {
    /// Waits until every configured backend was tried once.
    pub(crate) fn ready(self) -> Self {
        eventually("readiness", || {
            http::request(self.internal, "GET", "/readyz").ok().filter(|answer| answer.status == 200)
        });
        // Readiness is of the snapshot; the documents follow it.
        eventually("documents of the first polls", || {
            let sources = self.document("build-swarm")["sources"].clone();
            let is_tried = |source: &Value| !source["checked_at"].is_null();
            sources.as_object().unwrap().values().all(is_tried).then_some(())
        });
        self
    }

    /// Freezes the scheduler: its only thread waits for something else.
    pub(crate) fn freeze(&self) -> Frozen {
        let (sign, wait) = mpsc::channel();
        let (report, is_frozen) = mpsc::channel();
        self.runtimes[1].spawn(async move {
            report.send(()).unwrap();
            // An error is the sign.
            let _ = wait.recv();
        });
        is_frozen.recv().unwrap();
        Frozen(sign)
    }

    #[track_caller]
    pub(crate) fn document(&self, name: &str) -> Value {
        http::get_json(self.public, &format!("/api/v1/services/public/{name}"))
    }

    /// The state of a source as build-swarm has it.
    #[track_caller]
    pub(crate) fn state(&self, source: &str) -> String {
        self.document("build-swarm")["sources"][source]["state"].as_str().unwrap().to_owned()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // The tasks may have failed already.
        let _ = self.stop.send(true);
        for runtime in self.runtimes.drain(..) {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
    }
}
