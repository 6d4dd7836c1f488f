//! The book of finished builds: every build once, named anew when names change.
//!
//! A build is named before it is handed to the archive, because what is stored of it depends on that: of a package
//! that is withheld nothing but the build's key, which recognises it when the backend speaks of it again.

mod drones;
mod row;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use identity::{directory::SubjectId, name::PublicName, package::Atom};
use jiff::Timestamp;
use snapshot::history::{Build, BuildId, CountsAs, Gap, History};

use self::{
    drones::{Drones, IsNew, index},
    row::{Row, What},
};
use super::naming::Naming;
use crate::{
    archive::record::{Batch, Coverage, Past},
    backend::orchestrator::HISTORY_LIMIT_MAX,
    report::{BuildKey, HistoryReport, HistoryRow, Reach},
};

/// The most gaps that are remembered.
const GAPS_MAX: usize = 20;

/// Every build that is kept, with what the public must not see of it.
#[derive(Debug, Default)]
pub(super) struct HistoryBook {
    keep: usize,
    /// The oldest first; those without a `build` were not named yet.
    rows: Vec<Row>,
    /// Whether the order of the rows must be made anew.
    is_unsorted: bool,
    /// The builds that were seen, with what tells whether they are told differently.
    known: HashMap<BuildKey, u32>,
    /// Builds of which nobody in this run said what was built.
    unexplained: HashSet<BuildKey>,
    drones: Drones,
    /// How much of the past is known; `None` before any report.
    coverage: Option<Coverage>,
    /// Whether older builds were archived or seen than those in the book.
    is_cut: bool,
    n_refused: u64,
    has_changed: bool,
    named_at: u64,
    unstored: Batch,
}

impl HistoryBook {
    pub(super) fn new(keep: usize) -> Self {
        Self { keep, ..Self::default() }
    }

    /// Goes on from what was archived.
    pub(super) fn restored(keep: usize, past: Past) -> Self {
        let drones = Drones::restored(past.drones);
        let rows: Vec<Row> = past.builds.into_iter().map(Row::restored).collect();
        let known = rows.iter().map(|row| (row.key, row.fingerprint(drones.id_of(row.drone)))).collect();
        let is_unexplained = |row: &&Row| row.what == What::Unexplained;
        Self {
            known,
            unexplained: rows.iter().filter(is_unexplained).map(|row| row.key).collect(),
            has_changed: past.coverage.is_some(),
            coverage: past.coverage,
            is_cut: past.is_cut,
            is_unsorted: true,
            rows,
            drones,
            ..Self::new(keep)
        }
    }

    /// Takes in a report. A build is known by its key; later different content is refused.
    pub(super) fn take_in(&mut self, report: HistoryReport, naming: &Naming<'_>) {
        let oldest = report.rows.iter().map(|row| row.finished_at).min();
        let is_first = self.coverage.is_none();
        let coverage = self.coverage.get_or_insert_default();
        let before = coverage.clone();
        if let (Reach::Short, Some(newest), Some(to)) = (report.reach, self.rows.last(), oldest) {
            coverage.gaps.insert(0, Gap { from: newest.finished_at.min(to), to });
            coverage.gaps.truncate(GAPS_MAX);
        }
        if self.rows.is_empty() {
            coverage.reaches_beginning = report.reach == Reach::Beginning;
        }
        if is_first || *coverage != before {
            self.unstored.coverage = Some(coverage.clone());
            self.has_changed = true;
        }
        let n_refused = self.n_refused;
        for row in report.rows {
            self.take_row(row, naming);
        }
        if self.n_refused > n_refused {
            let n_refused = self.n_refused;
            tracing::warn!(n_refused, "the orchestrator tells finished builds differently than before");
        }
    }

    fn take_row(&mut self, row: HistoryRow, naming: &Naming<'_>) {
        let drone = self.drones.number(&row, naming.directory);
        if let Some((number, IsNew::Yes)) = drone {
            self.unstored.drones.push((number, self.drones.digests(number)));
        }
        let number = drone.map(|(number, _)| number);
        let key = row.key;
        let row = Row::reported(row, number);
        let fingerprint = row.fingerprint(self.drones.id_of(number));
        match self.known.insert(key, fingerprint) {
            None => {
                self.rows.push(row);
                self.is_unsorted = true;
                self.has_changed = true;
            }
            Some(before) if before == fingerprint => self.explain(row),
            Some(before) => {
                self.known.insert(key, before);
                self.n_refused += 1;
            }
        }
    }

    /// Learns again what was built when an earlier run withheld it.
    fn explain(&mut self, row: Row) {
        if !self.unexplained.remove(&row.key) {
            return;
        }
        if let Some(known) = self.rows.iter_mut().find(|known| known.key == row.key) {
            *known = Row { finished_at: known.finished_at, ..row };
            self.has_changed = true;
        }
    }

    /// The public history, if it is another than at the last call or names may have changed.
    pub(super) fn history(&mut self, generation: u64, naming: &mut Naming<'_>) -> Option<History> {
        let is_renamed = self.named_at != generation;
        let coverage = self.coverage.as_ref().filter(|_| self.has_changed || is_renamed)?;
        if std::mem::take(&mut self.is_unsorted) {
            self.rows.sort_by_key(Row::place);
        }
        let names = self.drones.names(naming, &mut self.unstored.drones);
        let mut clearing = naming.directory.clearing(naming.guard);
        // The rows of one second may be builds that agree in everything public.
        for rows in self.rows.chunk_by_mut(|a, b| a.finished_at == b.finished_at) {
            name(rows, is_renamed, |atom| clearing.package(atom), &names, &mut self.unstored);
        }
        let n_over = self.rows.len().saturating_sub(self.keep);
        if n_over > 0 {
            self.rows.drain(..n_over);
            self.is_cut = true;
        }
        // What is told at most is recognised without the archive.
        if self.known.len() > self.rows.len() + 2 * HISTORY_LIMIT_MAX {
            let kept: HashSet<BuildKey> = self.rows.iter().map(|row| row.key).collect();
            self.known.retain(|key, _| kept.contains(key));
        }
        let builds: Vec<Arc<Build>> =
            self.rows.iter().rev().filter_map(|row| row.build.as_ref()).map(Arc::clone).collect();
        self.has_changed = false;
        self.named_at = naming.directory.generation();
        let oldest = builds.last().map(|build| build.finished_at);
        let is_whole = coverage.reaches_beginning && !self.is_cut;
        Some(History {
            complete_from: if is_whole || builds.is_empty() { Some(Timestamp::MIN) } else { oldest },
            builds,
            gaps: coverage.gaps.clone(),
        })
    }

    /// What became known since the last call, for the archive.
    pub(super) fn take_unstored(&mut self) -> Batch {
        std::mem::take(&mut self.unstored)
    }

    /// How many times a build was told differently than before.
    pub(super) fn n_refused(&self) -> u64 {
        self.n_refused
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
        // Two texts may be one atom.
        let mut wanted: HashMap<What, Vec<&str>> = HashMap::new();
        for raw in packages {
            wanted.entry(What::of(raw)).or_default().push(raw);
        }
        let machines = self.drones.machines(naming.directory);
        for row in self.rows.iter().filter(|row| row.status.counts_as() == CountsAs::Failure) {
            let Some(texts) = wanted.get(&row.what) else { continue };
            let Some(machine) = row.drone.and_then(|number| *machines.get(index(number))?) else { continue };
            for text in texts {
                failed_on.entry(Arc::from(*text)).or_default().insert(machine);
            }
        }
        failed_on
    }
}

/// Names rows of one second: those that have no name yet, or all of them.
fn name(
    rows: &mut [Row],
    is_renamed: bool,
    mut clear: impl FnMut(&Atom) -> Option<identity::package::PackageAtom>,
    names: &[Option<PublicName>],
    unstored: &mut Batch,
) {
    let mut copies: HashMap<BuildId, u32> = HashMap::new();
    let mut taken: Option<HashSet<BuildId>> = None;
    for idx in 0..rows.len() {
        let row = &rows[idx];
        if row.build.is_some() && !is_renamed {
            continue;
        }
        let package = row.what.atom().and_then(&mut clear);
        let drone = row.drone.and_then(|number| names.get(index(number)).cloned().flatten());
        // The id that was given stays, as long as the public facts do on which it rests.
        let given = match &row.build {
            Some(build) => Some((&build.id, build.package.is_some())),
            None => row.stored_id.as_ref().map(|(id, had_package)| (id, *had_package)),
        };
        let kept =
            given.filter(|(_, had_package)| *had_package == package.is_some()).map(|(id, _)| id.clone());
        let is_news = row.build.is_none() && row.stored_id.is_none()
            || package.is_some() && given.is_some_and(|(_, had_package)| !had_package);
        let id = kept.unwrap_or_else(|| {
            let taken = taken.get_or_insert_with(|| {
                rows.iter().filter_map(|row| Some(row.build.as_ref()?.id.clone())).collect()
            });
            let of = |copy| {
                BuildId::of(package.as_ref(), row.finished_at, row.status.as_str(), row.duration_ms, copy)
            };
            let next = copies.entry(of(0)).or_insert(0);
            loop {
                let id = of(*next);
                *next += 1;
                if taken.insert(id.clone()) {
                    break id;
                }
            }
        });
        let build = Build {
            id,
            package,
            drone,
            status: row.status,
            duration_seconds: row.duration_ms.and_then(|ms| u32::try_from((ms + 500) / 1000).ok()),
            finished_at: row.finished_at,
        };
        let row = &mut rows[idx];
        if is_news {
            unstored.builds.push(row.stored(&build));
        }
        if row.build.as_deref() != Some(&build) {
            row.build = Some(Arc::new(build));
        }
        row.stored_id = None;
    }
}
