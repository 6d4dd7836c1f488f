//! Small worlds: three drones that the operator named, and reports about them.

use std::time::Duration;

use identity::{
    alias::Alias,
    config::{Config as Names, Star, Unknown},
    directory::Directory,
    name::PublicName,
    package::PackagePattern,
    pseudonym::{Key, Pseudonyms},
};
use jiff::Timestamp;
use snapshot::{
    clock::Now,
    fleet::{Drone, Role},
    history::BuildStatus,
    queue::{ItemState, Queue, QueueItem, Reason},
    section::{Fault, Limits, Observation, SourceName},
    snapshot::{Policy, Snapshot, Sources},
};

use crate::{
    assemble::Assembler,
    config::{Config, FORGET_AFTER, HISTORY_KEEP, STUCK_AFTER},
    report::{
        BuildKey, GatewayReport, Held, HistoryReport, HistoryRow, Node, NodeNames, OrchestratorReport,
        QueueRow, Reach, Remark, Report, RowStatus, SessionReport, StatusReport, Work,
    },
};

/// The second at which every world begins.
pub(super) const NOON: i64 = 1_795_435_200;

pub(super) const IZAR: &str = "izar-host";
pub(super) const TARN: &str = "tarn-host";
pub(super) const CAPELLA: &str = "capella-host";

/// `seconds` after noon.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOON + seconds).unwrap()
}

pub(super) fn name(text: &str) -> PublicName {
    PublicName::new(text).unwrap()
}

pub(super) fn star(public: &str, alias: &str) -> Star {
    let aliases = vec![Alias::parse(alias).unwrap()];
    Star { name: name(public), aliases, galaxy: None, role: None, optional: false }
}

/// The names of the three drones, with what else the operator decides.
pub(super) fn names(unknown: Unknown, more: Vec<Star>) -> Names {
    let mut stars = vec![star("Izar", IZAR), star("Tarn", TARN), star("Capella", CAPELLA)];
    stars.extend(more);
    let hidden =
        vec![PackagePattern::parse("acme-*/*").unwrap(), PackagePattern::parse("*/*-secret").unwrap()];
    Names::new(unknown, vec!["our-tools".to_owned(), "acme-tools".to_owned()], hidden, vec![], stars).unwrap()
}

/// An assembler, and the time it is there.
pub(super) struct World {
    pub(super) assembler: Assembler,
    pub(super) now: Now,
}

impl World {
    /// Gateway and orchestrator are configured, nothing was said yet.
    pub(super) fn new() -> Self {
        Self::with(names(Unknown::Pseudonym, vec![]), &[SourceName::Gateway, SourceName::Orchestrator])
    }

    pub(super) fn without_gateway() -> Self {
        Self::with(names(Unknown::Pseudonym, vec![]), &[SourceName::Orchestrator])
    }

    pub(super) fn with(identity: Names, configured: &[SourceName]) -> Self {
        Self::keeping(HISTORY_KEEP, identity, configured)
    }

    pub(super) fn keeping(history_keep: usize, identity: Names, configured: &[SourceName]) -> Self {
        let policy = Policy { stuck_after: STUCK_AFTER, demo: false };
        let limits = Limits { stale_after: Duration::from_secs(30), offline_after: Duration::from_secs(60) };
        let mut sources = Sources::default();
        for source in configured {
            sources.insert(*source, Observation::new(at(0), limits));
        }
        let config = Config {
            gateway: None,
            orchestrator: None,
            prometheus: None,
            loki: None,
            watch: crate::config::infrastructure::Watch::default(),
            identity: identity.clone(),
            data_dir: None,
            forget_after: FORGET_AFTER,
            publish_version: true,
            history_keep,
            policy,
            announcement: None,
        };
        let directory = Directory::new(identity, Pseudonyms::new(Key::new([7; 32]), []));
        let assembler = Assembler::new(&config, directory, Snapshot::empty(at(0), sources, policy));
        Self { assembler, now: Now { wall: at(0), uptime: Duration::from_secs(1_000) } }
    }

    pub(super) fn later(&mut self, seconds: u64) -> &mut Self {
        self.now = self.now.later(Duration::from_secs(seconds));
        self
    }

    pub(super) fn gateway(&mut self, nodes: Vec<Node>) -> &mut Self {
        let report = Report::Gateway(GatewayReport { nodes, others: vec![] });
        self.assembler.fold(SourceName::Gateway, Ok(report), self.now);
        self
    }

    pub(super) fn orchestrator(&mut self, report: OrchestratorReport) -> &mut Self {
        let report = Report::Orchestrator(Box::new(report));
        self.assembler.fold(SourceName::Orchestrator, Ok(report), self.now);
        self
    }

    /// The orchestrator lists `rows`, and says of itself that all is well.
    pub(super) fn queue(&mut self, rows: Vec<QueueRow>) -> &mut Self {
        self.orchestrator(OrchestratorReport { status: Some(status()), queue: Some(rows), history: None })
    }

    pub(super) fn builds(&mut self, rows: Vec<HistoryRow>) -> &mut Self {
        self.reaching(Reach::Beginning, rows)
    }

    pub(super) fn reaching(&mut self, reach: Reach, rows: Vec<HistoryRow>) -> &mut Self {
        let history = Some(HistoryReport { rows, reach, n_refused: 0 });
        self.orchestrator(OrchestratorReport { history, ..OrchestratorReport::default() })
    }

    pub(super) fn silence(&mut self, source: SourceName) -> &mut Self {
        self.assembler.fold(source, Err(Fault::Refused), self.now);
        self
    }

    pub(super) fn snapshot(&mut self) -> Snapshot {
        self.assembler.assemble(self.now)
    }

    pub(super) fn listed(&mut self) -> Queue {
        self.snapshot().queue.get().unwrap().clone()
    }

    pub(super) fn drone(&mut self, public: &str) -> Drone {
        let snapshot = self.snapshot();
        let drones = &snapshot.fleet.get().unwrap().drones;
        drones.iter().find(|drone| drone.name.as_str() == public).unwrap().clone()
    }

    /// The items of all three lists, as id, state and reason.
    pub(super) fn items(&mut self) -> Vec<(String, ItemState, Option<Reason>)> {
        let queue = self.listed();
        let items = queue.pending.iter().chain(&queue.building).chain(&queue.blocked);
        items.map(|item| (item.id.to_string(), item.state, item.reason)).collect()
    }

    /// The only item of all three lists.
    pub(super) fn item(&mut self) -> QueueItem {
        let queue = self.listed();
        let mut items = queue.pending.into_iter().chain(queue.building).chain(queue.blocked);
        let item = items.next().unwrap();
        assert!(items.next().is_none());
        item
    }
}

/// A drone that is online and has nothing to do; its id follows from its name.
pub(super) fn node(host: &str) -> Node {
    let id = host.bytes().fold(0_u64, |id, byte| id * 31 + u64::from(byte));
    Node {
        names: NodeNames {
            id: Some(format!("{id:016x}-0000-4000-8000")),
            names: vec![host.to_owned()],
            addresses: vec![],
        },
        role: Some(Role::Drone),
        is_online: true,
        is_paused: Some(false),
        last_heard: Some(at(0)),
        cores: Some(8),
        memory_gib: Some(31),
        cpu_percent: Some(40),
        memory_percent: Some(50),
        load_1m_tenths: Some(12),
        current_task: None,
        held: vec![],
    }
}

pub(super) fn offline(host: &str) -> Node {
    Node { is_online: false, last_heard: Some(at(-300)), ..node(host) }
}

impl Node {
    pub(super) fn compiling(self, package: &str) -> Self {
        Self { current_task: Some(Work::parse(package)), ..self }
    }

    /// It builds a package since an instant that the backend knows.
    pub(super) fn since(mut self, package: &str, seconds: i64) -> Self {
        let building_since = Some(at(seconds));
        self.held.push(Held { raw: package.into(), building_since, began_about: None });
        self
    }

    /// It builds a package, and the backend knows only for how long.
    pub(super) fn about(mut self, package: &str, seconds: i64) -> Self {
        let began_about = Some(at(seconds));
        self.held.push(Held { raw: package.into(), building_since: None, began_about });
        self
    }
}

pub(super) fn row(package: &str, status: RowStatus) -> QueueRow {
    QueueRow {
        work: Work::parse(package),
        status,
        drone: None,
        failures: 0,
        remark: Remark::Other,
        assigned_at: None,
    }
}

/// A wanted package.
pub(super) fn needed(package: &str) -> QueueRow {
    row(package, RowStatus::Needed)
}

/// A package that was handed to a drone a minute before noon.
pub(super) fn handed(package: &str, host: &str) -> QueueRow {
    QueueRow {
        drone: Some(host.to_owned()),
        assigned_at: Some(at(-60)),
        ..row(package, RowStatus::Delegated)
    }
}

impl QueueRow {
    pub(super) fn failed(self, failures: u32) -> Self {
        Self { failures, ..self }
    }

    pub(super) fn remarked(self, remark: Remark) -> Self {
        Self { remark, ..self }
    }
}

pub(super) fn status() -> StatusReport {
    StatusReport {
        version: Some("0.4.0-alpha".to_owned()),
        is_paused: Some(false),
        ..StatusReport::default()
    }
}

pub(super) fn session(report: SessionReport) -> OrchestratorReport {
    OrchestratorReport {
        status: Some(StatusReport { session: Some(report), ..status() }),
        ..OrchestratorReport::default()
    }
}

/// A finished build; the id is the backend's.
pub(super) fn build(id: u32, package: &str, host: &str, status: &str, seconds: i64) -> HistoryRow {
    let finished_at = at(seconds);
    HistoryRow {
        key: BuildKey::of(&Key::new([7; 32]), &id.to_string(), finished_at.as_second(), package),
        upstream_id: Some(id.into()),
        work: Work::parse(package),
        drone_id: node(host).names.id,
        drone_name: Some(host.to_owned()),
        status: BuildStatus::of_upstream(status).0,
        duration_ms: Some(90_000),
        finished_at,
    }
}
