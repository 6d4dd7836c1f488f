//! The one task that owns the state: it folds reports, names things, and publishes.
//!
//! Properties wanted, and how each is kept:
//! - *One writer.* Pollers send; nobody else reads or writes the state. The directory of internal names lives here
//!   and is shared with nobody.
//! - *Facts only.* What is stored does not depend on the clock, except for marks that say since when something was
//!   seen to hold. Merged facts (who is online, what is being built) are made at each report from the freshest
//!   source and stay what they were when reports stop.
//! - *Equal content keeps its place.* A section is replaced only by different content.
//! - *Nothing internal.* Public types are built field by field; the leak guard then searches what changed, and
//!   everything once when a new internal name appears.
//! - *Bursts coalesce.* All reports that wait are folded before one snapshot is published.
//!
//! Races: the orchestrator may name a drone before the gateway's record ties that name to an id and an address.
//! Names are therefore resolved anew at each assembly, and the archive of builds is renamed when the directory's
//! generation moves.

mod activity;
mod announcement;
mod book;
mod control;
mod digits;
mod disks;
mod fleet;
mod forecast;
mod hosts;
mod infrastructure;
mod items;
mod naming;
mod queue;
mod reason;
mod reconfigure;
mod renamed;
mod restore;
mod screen;
mod services;
mod task;
#[cfg(test)]
mod tests;
mod trends;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use identity::{
    directory::{Directory, Record, SubjectId},
    guard::LeakGuard,
};
use jiff::Timestamp;
pub use reconfigure::Reconfiguration;
pub(crate) use reconfigure::galaxies;
use snapshot::{
    clock::Now,
    section::{Fault, SourceName},
    situation::Situation,
    snapshot::{Announcement, Marks, Snapshot},
    status::{swarm_status, swarm_status_since},
    verdict,
};
pub use task::{Message, run};

use crate::{
    archive::record::Batch,
    assemble::{
        book::HistoryBook, forecast::Forecaster, items::ItemIds, naming::Naming, screen::Screen,
        trends::TrendBook,
    },
    config::infrastructure::Watch,
    metrics::{Metrics, Refusal},
    report::{
        GatewayReport, NodeNames, OrchestratorReport, Report,
        infrastructure::{HostReport, LogsReport, MetricsReport, ProbeReport},
    },
};

/// The state from which snapshots are made.
#[derive(Debug)]
pub struct Assembler {
    directory: Directory,
    guard: LeakGuard,
    guard_generation: u64,
    forget_after: Duration,
    keep: usize,
    publish_version: bool,
    gateway: Option<Answered<GatewayReport>>,
    orchestrator: Option<Answered<OrchestratorReport>>,
    metrics: Option<Answered<Box<MetricsReport>>>,
    /// The directory's generation at which the metrics were assembled; `None` when they are due.
    metrics_named_at: Option<u64>,
    /// When what was told of hosts and services, and of the queue, was told; taken when it is accounted.
    metrics_seen: Option<Now>,
    queue_seen: Option<Now>,
    /// Taken when it is assembled: the counts are whole each time.
    logs: Option<LogsReport>,
    /// What each probe found last, by its place in the configuration.
    probed: BTreeMap<usize, ProbeReport>,
    watch: Watch,
    book: HistoryBook,
    trends: TrendBook,
    items: ItemIds,
    forecaster: Forecaster,
    /// When work began that a backend only dates by its age: pinned at first sight, by drone and package.
    pins: HashMap<(SubjectId, Arc<str>), Timestamp>,
    /// What is announced, whether or not the leak guard lets it out.
    announcement: Option<Arc<Announcement>>,
    is_announcement_held: bool,
    screen: Screen,
    /// What the leak guard holds back now: how many values, by section.
    held_back: BTreeMap<(SourceName, &'static str), usize>,
    counters: Metrics,
    snapshot: Snapshot,
}

/// A report and when it was given.
#[derive(Debug)]
struct Answered<T> {
    report: T,
    at: Timestamp,
}

impl Assembler {
    /// Starts with nothing known.
    #[must_use]
    pub fn new(config: &crate::config::Config, directory: Directory, snapshot: Snapshot) -> Self {
        Self {
            guard: directory.guard(),
            guard_generation: directory.generation(),
            directory,
            forget_after: config.forget_after,
            gateway: None,
            orchestrator: None,
            metrics: None,
            metrics_named_at: None,
            metrics_seen: None,
            queue_seen: None,
            logs: None,
            probed: BTreeMap::new(),
            watch: config.watch.clone(),
            book: HistoryBook::new(config.history_keep),
            trends: TrendBook::default(),
            keep: config.history_keep,
            publish_version: config.publish_version,
            items: ItemIds::default(),
            forecaster: Forecaster::default(),
            pins: HashMap::new(),
            announcement: snapshot.announcement.clone(),
            is_announcement_held: false,
            screen: Screen::default(),
            held_back: BTreeMap::new(),
            counters: Metrics::default(),
            snapshot,
        }
    }

    /// Counts in these.
    #[must_use]
    pub fn counting_in(self, counters: Metrics) -> Self {
        Self { counters, ..self }
    }

    /// Takes in the outcome of one poll.
    pub fn fold(&mut self, source: SourceName, outcome: Result<Report, Fault>, now: Now) {
        let Some(observation) = self.snapshot.sources.get_mut(source) else { return };
        match &outcome {
            Ok(_) => observation.succeed(now),
            Err(fault) => observation.fail(*fault, now),
        }
        self.snapshot.marks.polled = true;
        self.account(source, &outcome, now);
        match outcome {
            Ok(Report::Gateway(report)) => {
                let names = report.nodes.iter().map(|node| &node.names).chain(&report.others);
                self.observe(names.map(NodeNames::record), source, now);
                self.gateway = Some(Answered { report, at: now.wall });
            }
            Ok(Report::Orchestrator(mut report)) => {
                if let Some(status) = &report.status {
                    self.observe(status.drones.iter().map(|node| node.names.record()), source, now);
                }
                naming::note(&mut self.directory, &report, now.wall.as_second());
                if let Some(history) = report.history.take() {
                    let naming = Naming { directory: &mut self.directory, guard: &self.guard };
                    let n_refused = self.book.n_refused();
                    self.counters.refused(Refusal::Impossible, history.n_refused.into());
                    self.book.take_in(history, &naming);
                    self.counters.refused(Refusal::Different, self.book.n_refused() - n_refused);
                }
                self.orchestrator = Some(Answered { report: *report, at: now.wall });
            }
            Ok(Report::Metrics(report)) => {
                self.observe(report.hosts.iter().map(HostReport::record), source, now);
                self.metrics = Some(Answered { report, at: now.wall });
                self.metrics_named_at = None;
            }
            Ok(Report::Logs(report)) => self.logs = Some(report),
            Ok(Report::Probe(report)) => {
                self.probed.insert(report.probe_idx, report);
            }
            Err(_) => {}
        }
    }

    /// Makes the snapshot of everything folded so far.
    pub fn assemble(&mut self, now: Now) -> Snapshot {
        let previous = self.snapshot.clone();
        self.refresh_guard();
        self.assemble_history(now);
        self.learn();
        self.assemble_fleet_and_queue(now);
        self.assemble_control(now);
        self.assemble_metrics(now);
        self.assemble_probes(now);
        self.assemble_logs(now);
        self.assemble_trends(now);
        self.assemble_announcement();
        self.assemble_activity(&previous, now);
        self.withhold();
        self.mark(now);
        self.snapshot.clone()
    }

    /// What became known since the last call, for the archive.
    pub fn take_unstored(&mut self, now: Now) -> Batch {
        let published = Some(self.snapshot.clone());
        Batch {
            assignments: self.directory.take_unstored(),
            published,
            trends: self.trends.take_unstored(now),
            ..self.book.take_unstored()
        }
    }

    /// How many times a finished build was told differently than before, and refused.
    #[must_use]
    pub fn n_builds_refused(&self) -> u64 {
        self.book.n_refused()
    }

    /// Which names are whose, for the operator.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    fn observe<'a>(&mut self, records: impl Iterator<Item = Record<'a>>, source: SourceName, now: Now) {
        let records: Vec<Record<'a>> = records.collect();
        self.directory.observe(&records, source.as_str(), now.wall.as_second());
    }

    fn refresh_guard(&mut self) {
        if self.guard_generation != self.directory.generation() {
            self.guard = self.directory.guard();
            self.guard_generation = self.directory.generation();
            self.screen.forget();
        }
    }

    fn assemble_history(&mut self, now: Now) {
        let generation = self.directory.generation();
        let mut naming = Naming { directory: &mut self.directory, guard: &self.guard };
        let Some(history) = self.book.history(generation, &mut naming) else { return };
        // Naming may have made pseudonyms, which the guard must know as public.
        self.refresh_guard();
        let (history, n_hits) = self.screen.history(&self.guard, history);
        self.note_hits(SourceName::Orchestrator, "history", n_hits);
        self.snapshot.history.replace(history, now.wall);
    }

    /// Whether an archive brought back builds that nothing was learned from yet.
    pub fn has_past(&self) -> bool {
        self.snapshot.history.get().is_some_and(|history| !history.builds.is_empty())
    }

    /// Learns from what an archive brought back. That takes longer than readers should wait for what was known, so it
    /// is no part of [`Assembler::restore`].
    pub fn learn_past(&mut self) -> Snapshot {
        self.learn();
        self.snapshot.clone()
    }

    /// Teaches the estimator.
    fn learn(&mut self) {
        if let Some(history) = &self.snapshot.history.content {
            self.forecaster.learn(history);
            self.snapshot.scores = self.forecaster.scores();
        }
    }

    fn assemble_fleet_and_queue(&mut self, now: Now) {
        let machines = self.merge_machines(now);
        let placed = self.assemble_queue(machines.as_deref(), now);
        let Some(machines) = machines else { return };
        let mut naming = Naming { directory: &mut self.directory, guard: &self.guard };
        let rows = self.orchestrator.as_ref().and_then(|answered| answered.report.queue.as_deref());
        let items = rows.unwrap_or_default().iter().map(|row| &*row.work.raw).collect();
        let fleet = fleet::fleet(&machines, &placed, &items, &mut naming, self.snapshot.fleet.get(), now);
        self.refresh_guard();
        let (fleet, n_hits) = self.screen.fleet(&self.guard, fleet);
        self.note_hits(SourceName::Gateway, "fleet", n_hits);
        self.snapshot.fleet.replace(fleet, now.wall);
    }

    fn assemble_control(&mut self, now: Now) {
        let Some(status) = self.orchestrator.as_ref().and_then(|answered| answered.report.status.as_ref())
        else {
            return;
        };
        let Snapshot { queue, control, .. } = &self.snapshot;
        let control = control::control(status, self.publish_version, queue.get(), control.get(), now);
        let (control, n_hits) = self.screen.control(&self.guard, control);
        self.note_hits(SourceName::Orchestrator, "control", n_hits);
        self.snapshot.control.replace(control, now.wall);
    }

    fn note_hits(&mut self, source: SourceName, section: &'static str, n_hits: usize) {
        let before = self.held_back.insert((source, section), n_hits).unwrap_or(0);
        self.counters.withheld(section, before, n_hits);
        if n_hits > before {
            tracing::error!(section, n_hits, "the leak guard holds back values");
        }
    }

    /// Tells readers which sources the leak guard holds back. Without a gateway the drones are the orchestrator's.
    fn withhold(&mut self) {
        let sources = &mut self.snapshot.sources;
        let has_gateway = sources.get(SourceName::Gateway).is_some();
        for source in SourceName::ALL {
            let is_held = self.held_back.iter().any(|((origin, _), n_hits)| {
                let stands_in =
                    !has_gateway && *origin == SourceName::Gateway && source == SourceName::Orchestrator;
                *n_hits > 0 && (*origin == source || stands_in)
            });
            if let Some(observation) = sources.get_mut(source) {
                observation.withheld = is_held;
            }
        }
    }

    /// Notes since when status and verdict are what they are, and since when work waits in vain.
    fn mark(&mut self, now: Now) {
        let is_ready = is_ready(&self.snapshot, now);
        let ready_since = self.snapshot.marks.ready_since;
        self.snapshot.marks.ready_since = is_ready.then(|| ready_since.unwrap_or(now.wall));
        let status = swarm_status(&Situation::of(&self.snapshot, now));
        let code = verdict::code(&self.snapshot, now);
        self.snapshot.marks = Marks {
            at: Some(now.wall),
            status: swarm_status_since(&self.snapshot, status, now).map(|since| (status, since)),
            verdict: Some((code, verdict::code_since(&self.snapshot, code, now))),
            ..self.snapshot.marks
        };
    }
}

/// Whether work waits that could be built, while nothing is being built.
fn is_ready(snapshot: &Snapshot, now: Now) -> bool {
    let situation = Situation::of(snapshot, now);
    let pending = snapshot.queue.get().and_then(|queue| queue.counts.pending).unwrap_or(0);
    pending > 0 && situation.n_able > 0 && situation.n_building == 0 && !situation.is_paused
}
