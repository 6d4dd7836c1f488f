//! A world of any size, and reports about it in which a little is different each time.

use std::{collections::VecDeque, time::Duration};

use identity::{
    alias::Alias,
    config::{Config as Names, Star, Unknown},
    directory::Directory,
    name::PublicName,
    pseudonym::{Key, Pseudonyms},
};
use jiff::Timestamp;
use scheduler::{
    assemble::Assembler,
    config::{Config, FORGET_AFTER, STUCK_AFTER, infrastructure::Watch},
    report::{
        BuildKey, GatewayReport, Held, HistoryReport, HistoryRow, Node, NodeNames, OrchestratorReport,
        QueueRow, Reach, Remark, Report, RowStatus, StatusReport, Work,
        infrastructure::{DiskReport, HostReport, MetricsReport},
    },
};
use snapshot::{
    clock::Now,
    fleet::Role,
    history::BuildStatus,
    section::{Limits, Observation, SourceName},
    snapshot::{Policy, Snapshot, Sources},
    store::{Publisher, hand_over},
};

/// When the world begins, in Unix seconds.
const BEGIN: i64 = 1_795_435_200;
/// Rows that the orchestrator tells of its history at a poll.
const TOLD: usize = 100;

/// How large a world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Machines that are watched.
    pub(crate) n_hosts: usize,
    /// Machines that build.
    pub(crate) n_drones: usize,
    /// Packages that wait or are built.
    pub(crate) n_items: usize,
    /// Finished builds.
    pub(crate) n_builds: usize,
    /// What is different in the next report.
    pub(crate) n_changes: usize,
}

/// The assembler of a world, and what the backends would say.
pub(crate) struct World {
    size: Size,
    assembler: Assembler,
    publisher: Publisher<Snapshot>,
    now: Now,
    /// Numbers of packages, in the order of the queue.
    queue: VecDeque<usize>,
    n_packages: usize,
    /// The newest builds, the newest last.
    told: VecDeque<HistoryRow>,
    n_builds: usize,
    turn: usize,
}

impl World {
    /// A world in which everything was told once.
    pub(crate) fn new(size: Size) -> Self {
        let config = config(size);
        let policy = Policy { stuck_after: STUCK_AFTER, demo: false };
        let limits = Limits { stale_after: Duration::from_secs(30), offline_after: Duration::from_secs(60) };
        let mut sources = Sources::default();
        for source in [SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus] {
            sources.insert(source, Observation::new(at(0), limits));
        }
        let directory = Directory::new(config.identity.clone(), Pseudonyms::new(Key::new([7; 32]), []));
        let snapshot = Snapshot::empty(at(0), sources, policy);
        let (publisher, _) = hand_over(snapshot.clone());
        let mut world = Self {
            assembler: Assembler::new(&config, directory, snapshot),
            publisher,
            now: Now { wall: at(0), uptime: Duration::from_secs(1_000_000) },
            queue: (0..size.n_items).collect(),
            n_packages: size.n_items,
            told: VecDeque::new(),
            n_builds: 0,
            turn: 0,
            size,
        };
        world.drones();
        world.hosts();
        let past: Vec<HistoryRow> = (0..size.n_builds).map(|_| world.build()).collect();
        world.told = past.iter().rev().take(TOLD).rev().cloned().collect();
        world.orchestrator(past, Reach::Beginning);
        world
    }

    /// As many builds as there are changes finished; as many packages are new.
    pub(crate) fn queue_and_builds(&mut self) {
        for _ in 0..self.size.n_changes {
            let build = self.build();
            self.told.push_back(build);
            self.queue.pop_front();
            self.queue.push_back(self.n_packages);
            self.n_packages += 1;
        }
        while self.told.len() > TOLD.max(self.size.n_changes) {
            self.told.pop_front();
        }
        self.nothing_new();
    }

    /// The orchestrator says the same once more.
    pub(crate) fn nothing_new(&mut self) {
        self.orchestrator(self.told.iter().cloned().collect(), Reach::Known);
    }

    /// Every drone is used a little more or less.
    pub(crate) fn drones(&mut self) {
        let nodes = (0..self.size.n_drones).map(|idx| self.node(idx)).collect();
        self.take_in(SourceName::Gateway, Report::Gateway(GatewayReport { nodes, others: vec![] }));
    }

    /// Every host is used a little more or less.
    pub(crate) fn hosts(&mut self) {
        let hosts = (0..self.size.n_hosts).map(|idx| self.host(idx)).collect();
        let report = MetricsReport { hosts, ..MetricsReport::default() };
        self.take_in(SourceName::Prometheus, Report::Metrics(Box::new(report)));
    }

    fn orchestrator(&mut self, rows: Vec<HistoryRow>, reach: Reach) {
        let n_building = self.size.n_drones.min(self.queue.len());
        let row = |(place, number): (usize, &usize)| {
            let is_building = place < n_building;
            QueueRow {
                work: Work::parse(&package(*number)),
                status: if is_building { RowStatus::Delegated } else { RowStatus::Needed },
                drone: is_building.then(|| host_name(place)),
                failures: 0,
                remark: Remark::Other,
                // It stays as it was told first.
                assigned_at: is_building.then(|| at(0)),
            }
        };
        let report = OrchestratorReport {
            status: Some(StatusReport {
                version: Some("2.6.0".to_owned()),
                is_paused: Some(false),
                ..StatusReport::default()
            }),
            queue: Some(self.queue.iter().enumerate().map(row).collect()),
            history: Some(HistoryReport { rows, reach, n_refused: 0 }),
        };
        self.take_in(SourceName::Orchestrator, Report::Orchestrator(Box::new(report)));
    }

    /// What is measured: from a report to the bell.
    fn take_in(&mut self, source: SourceName, report: Report) {
        self.turn += 1;
        self.now = self.now.later(Duration::from_secs(5));
        self.assembler.fold(source, Ok(report), self.now);
        let snapshot = self.assembler.assemble(self.now);
        self.publisher.publish(snapshot);
        // The archive takes it elsewhere.
        drop(self.assembler.take_unstored(self.now));
    }

    fn build(&mut self) -> HistoryRow {
        let number = self.n_builds;
        self.n_builds += 1;
        let work = Work::parse(&package(number.wrapping_mul(7_919) % 3_000));
        let host = host_name(number % self.size.n_drones.max(1));
        // The past lies before the world's begin.
        let seconds = i64::try_from(number).unwrap_or(0) - i64::try_from(self.size.n_builds).unwrap_or(0);
        let finished_at = at(seconds);
        HistoryRow {
            key: BuildKey::of(&Key::new([7; 32]), &number.to_string(), finished_at.as_second(), &work.raw),
            upstream_id: u64::try_from(number).ok(),
            work,
            drone_id: None,
            drone_name: Some(host),
            status: if number.is_multiple_of(20) { BuildStatus::Failed } else { BuildStatus::Success },
            duration_ms: Some(30_000 + 977 * (number as u64 % 500)),
            finished_at,
        }
    }

    fn node(&self, idx: usize) -> Node {
        let item = self.queue.get(idx).map(|number| Work::parse(&package(*number)));
        let held = item.iter().map(|work| Held {
            raw: work.raw.clone(),
            building_since: Some(at(0)),
            began_about: None,
        });
        Node {
            names: NodeNames { id: None, names: vec![host_name(idx)], addresses: vec![address(idx)] },
            role: Some(Role::Drone),
            is_online: true,
            is_paused: Some(false),
            last_heard: Some(self.now.wall),
            cores: Some(16),
            memory_gib: Some(62),
            cpu_percent: u8::try_from((self.turn * 7 + idx) % 100).ok(),
            memory_percent: Some(50),
            load_1m_tenths: Some(120),
            held: held.collect(),
            current_task: item,
        }
    }

    fn host(&self, idx: usize) -> HostReport {
        HostReport {
            nodename: Some(host_name(idx)),
            is_up: Some(true),
            booted_at: Some(at(-86_400)),
            cores: Some(16),
            cpu_percent: u8::try_from((self.turn * 3 + idx) % 100).ok(),
            memory_total_bytes: Some(64 << 30),
            memory_percent: Some(50),
            load_tenths: [Some(120), Some(110), Some(100)],
            disks: vec![DiskReport {
                device: "/dev/sda1".to_owned(),
                mount: "/".to_owned(),
                total_bytes: 250 << 30,
                available_bytes: Some(100 << 30),
            }],
            ..HostReport::new(&format!("{}:9100", address(idx)))
        }
    }
}

fn config(size: Size) -> Config {
    let star = |idx: usize| {
        let aliases = vec![Alias::parse(&host_name(idx))?, Alias::parse(&address(idx))?];
        let name = PublicName::new(&format!("Star {idx}")).ok()?;
        Some(Star { name, aliases, galaxy: None, role: None, optional: false })
    };
    // Half of the machines are named by the operator.
    let stars = (0..size.n_hosts.max(size.n_drones)).step_by(2).filter_map(star).collect();
    let identity = Names::new(Unknown::Pseudonym, vec![], vec![], vec![], stars);
    Config {
        gateway: None,
        orchestrator: None,
        prometheus: None,
        loki: None,
        watch: Watch::default(),
        identity: identity.unwrap_or_default(),
        data_dir: None,
        forget_after: FORGET_AFTER,
        publish_version: true,
        history_keep: size.n_builds + 100_000,
        policy: Policy { stuck_after: STUCK_AFTER, demo: false },
        announcement: None,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn host_name(idx: usize) -> String {
    format!("machine-{idx:04}")
}

fn address(idx: usize) -> String {
    format!("10.42.{}.{}", idx / 250, idx % 250 + 1)
}

fn package(number: usize) -> String {
    const CATEGORIES: [&str; 6] = ["dev-libs", "dev-qt", "kde-plasma", "media-libs", "net-libs", "sys-apps"];
    format!("={}/library-{number:05}-6.{}.1", CATEGORIES[number % CATEGORIES.len()], number % 9)
}
