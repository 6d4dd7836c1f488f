//! The book of finished builds: every build once, named anew when names change.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use identity::directory::SubjectId;
use jiff::Timestamp;
use snapshot::{
    history::{Build, BuildId, BuildStatus, CountsAs, Gap, History},
    section::SourceName,
};

use super::naming::{Naming, Recognised};
use crate::report::{HistoryReport, HistoryRow, Reach, RowKey};

const ORIGIN: &str = SourceName::Orchestrator.as_str();

/// The most gaps that are remembered.
const GAPS_MAX: usize = 20;

/// Every build that is kept, with what the public must not see of it.
#[derive(Debug)]
pub(super) struct HistoryBook {
    keep: usize,
    /// The newest first.
    rows: Vec<HistoryRow>,
    known: HashSet<RowKey>,
    reaches_beginning: bool,
    gaps: Vec<Gap>,
    /// Whether any report came, be it empty.
    is_known: bool,
    has_changed: bool,
    named_at: u64,
}

impl HistoryBook {
    pub(super) fn new(keep: usize) -> Self {
        Self {
            keep,
            rows: Vec::new(),
            known: HashSet::new(),
            reaches_beginning: false,
            gaps: Vec::new(),
            is_known: false,
            has_changed: false,
            named_at: 0,
        }
    }

    /// Takes in a report. A build is known by id, time and package; later different content is refused.
    pub(super) fn take_in(&mut self, report: HistoryReport) {
        self.has_changed |= !self.is_known;
        self.is_known = true;
        let oldest = report.rows.iter().map(|row| row.finished_at).min();
        if let (Reach::Short, Some(newest), Some(to)) = (report.reach, self.rows.first(), oldest) {
            self.gaps.insert(0, Gap { from: newest.finished_at.min(to), to });
            self.gaps.truncate(GAPS_MAX);
            self.has_changed = true;
        }
        if self.rows.is_empty() {
            self.reaches_beginning = report.reach == Reach::Beginning;
        }
        let n_before = self.rows.len();
        for row in report.rows {
            if self.known.insert(row.key.clone()) {
                self.rows.push(row);
            }
        }
        if self.rows.len() == n_before {
            return;
        }
        self.has_changed = true;
        self.rows.sort_by(|a, b| {
            b.finished_at
                .cmp(&a.finished_at)
                .then_with(|| compare_ids(&b.key.upstream_id, &a.key.upstream_id))
        });
        if self.rows.len() > self.keep {
            self.reaches_beginning = false;
            for row in self.rows.drain(self.keep..) {
                self.known.remove(&row.key);
            }
        }
    }

    /// The public history, if it is another than at the last call or names may have changed.
    pub(super) fn history(&mut self, generation: u64, naming: &mut Naming<'_>) -> Option<History> {
        if !self.is_known || !(self.has_changed || self.named_at != generation) {
            return None;
        }
        let mut drones = Drones::default();
        let mut copies: HashMap<BuildId, u32> = HashMap::new();
        // From the oldest on, so that a copy keeps its number when another follows.
        let mut builds: Vec<Arc<Build>> = self
            .rows
            .iter()
            .rev()
            .map(|row| {
                let package = row.work.atom.as_ref().and_then(|atom| naming.package(atom));
                let id =
                    |copy| BuildId::of(package.as_ref(), row.finished_at, &row.status, row.duration_ms, copy);
                let first = id(0);
                let n_before = copies.entry(first.clone()).and_modify(|n| *n += 1).or_insert(0);
                Arc::new(Build {
                    id: if *n_before == 0 { first } else { id(*n_before) },
                    status: BuildStatus::of_upstream(&row.status).0,
                    duration_seconds: row.duration_ms.and_then(|ms| u32::try_from((ms + 500) / 1000).ok()),
                    finished_at: row.finished_at,
                    drone: drones.of(row, naming).and_then(|(_, name)| name),
                    package,
                })
            })
            .collect();
        builds.reverse();
        self.has_changed = false;
        self.named_at = naming.directory.generation();
        let oldest = builds.last().map(|build| build.finished_at);
        Some(History {
            complete_from: if self.reaches_beginning || builds.is_empty() {
                Some(Timestamp::MIN)
            } else {
                oldest
            },
            builds,
            gaps: self.gaps.clone(),
        })
    }

    /// Which drones failed each of these packages, by the backend's text.
    pub(super) fn failures(
        &self,
        packages: &HashSet<&str>,
        naming: &mut Naming<'_>,
    ) -> HashMap<Arc<str>, HashSet<SubjectId>> {
        let mut failed_on: HashMap<Arc<str>, HashSet<SubjectId>> = HashMap::new();
        if packages.is_empty() {
            return failed_on;
        }
        let mut drones = Drones::default();
        for row in self.rows.iter().filter(|row| packages.contains(&*row.work.raw)) {
            let is_failure = BuildStatus::of_upstream(&row.status).0.counts_as() == CountsAs::Failure;
            if let Some((drone, _)) = drones.of(row, naming).filter(|_| is_failure) {
                failed_on.entry(Arc::clone(&row.work.raw)).or_default().insert(drone);
            }
        }
        failed_on
    }
}

impl HistoryReport {
    /// The drones of the rows, each once: id and name.
    pub(super) fn drones(&self) -> impl Iterator<Item = (Option<&str>, Option<&str>)> {
        let mut seen = HashSet::new();
        let drones = self.rows.iter().map(|row| (row.drone_id.as_deref(), row.drone_name.as_deref()));
        drones.filter(move |drone| seen.insert(*drone))
    }
}

/// The drones of many rows, each looked up once.
#[derive(Default)]
struct Drones(HashMap<(Option<String>, Option<String>), Option<Recognised>>);

impl Drones {
    fn of(&mut self, row: &HistoryRow, naming: &mut Naming<'_>) -> Option<Recognised> {
        let key = (row.drone_id.clone(), row.drone_name.clone());
        self.0
            .entry(key)
            .or_insert_with(|| {
                let references = row.drone_id.iter().chain(&row.drone_name);
                let at = row.finished_at.as_second();
                references.filter_map(|reference| naming.drone(reference, ORIGIN, at)).next()
            })
            .clone()
    }
}

/// Numbers by value, other ids as text.
fn compare_ids(a: &str, b: &str) -> std::cmp::Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
