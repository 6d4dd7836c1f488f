//! The history in columns: made once for each history, so that a question costs a pass over numbers.
//!
//! A build lies somewhere in memory and its package somewhere else. A hundred thousand of them cannot be visited in the
//! time that a request has, but a hundred thousand numbers that lie side by side can. Packages and drones are numbered,
//! and their names are searched once and not build by build.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
};

use jiff::Timestamp;
use memchr::memmem;
use snapshot::history::{Build, BuildId, BuildStatus, History};

use super::query::HistoryQuery;

/// The number of a package or a drone that is not known.
const NOBODY: u32 = u32::MAX;
/// Stands before every package in the text of all.
const BEFORE: char = '\n';

/// A build by its place in the history: the newest is 0.
pub(crate) type Row = u32;

/// A history in columns, each as long as the history, the newest build first.
#[derive(Debug, Default)]
pub(crate) struct Index {
    history: Arc<History>,
    ids: Vec<BuildId>,
    finished: Vec<i64>,
    lengths: Vec<Option<u32>>,
    statuses: Vec<BuildStatus>,
    /// The number of each build's package.
    packages: Vec<u32>,
    /// The number of each build's drone.
    drones: Vec<u32>,
    /// Every package once, in lower case, each after a line break.
    package_text: String,
    /// Where each package begins in the text, by its number.
    package_starts: Vec<usize>,
    /// The newest build of each package, by its number.
    package_rows: Vec<Row>,
    /// The newest build of each drone, by its number.
    drone_rows: Vec<Row>,
    /// Every drone that built something, ordered without regard to case.
    drone_names: Arc<[String]>,
}

/// Which of some numbered things are meant; `None` = all, and those without a number too.
type Wanted = Option<Vec<bool>>;

impl Index {
    /// Makes the columns.
    pub(crate) fn of(history: Arc<History>) -> Self {
        let builds = &history.builds;
        let mut index = Self {
            ids: builds.iter().map(|build| build.id.clone()).collect(),
            finished: builds.iter().map(|build| second(build.finished_at)).collect(),
            lengths: builds.iter().map(|build| build.duration_seconds).collect(),
            statuses: builds.iter().map(|build| build.status).collect(),
            ..Self::default()
        };
        (index.packages, index.package_rows) = numbered(builds.iter().map(|build| package(build)));
        (index.drones, index.drone_rows) =
            numbered(builds.iter().map(|build| build.drone.as_ref().map(|name| name.as_str())));
        for row in &index.package_rows {
            index.package_starts.push(index.package_text.len());
            index.package_text.push(BEFORE);
            index.package_text.push_str(
                &at(builds, *row).and_then(|build| package(build)).unwrap_or_default().to_ascii_lowercase(),
            );
        }
        let names = index.drone_rows.iter().filter_map(|row| at(builds, *row)?.drone.as_ref());
        let ordered: BTreeMap<_, _> = names.map(|name| ((name.folded(), name.as_str()), ())).collect();
        index.drone_names = ordered.into_keys().map(|(_, name)| name.to_owned()).collect();
        index.history = history;
        index
    }

    /// Whether these are the columns of this very history.
    pub(crate) fn is_of(&self, history: &Arc<History>) -> bool {
        Arc::ptr_eq(&self.history, history)
    }

    /// The builds, the newest first.
    pub(crate) fn builds(&self) -> &[Arc<Build>] {
        &self.history.builds
    }

    /// The build at a place.
    pub(crate) fn build(&self, row: Row) -> Option<&Arc<Build>> {
        at(self.builds(), row)
    }

    /// How long the build at a place took.
    pub(crate) fn length(&self, row: Row) -> Option<u32> {
        self.lengths.get(place(row)).copied().flatten()
    }

    /// What became of the build at a place.
    pub(crate) fn status(&self, row: Row) -> Option<BuildStatus> {
        self.statuses.get(place(row)).copied()
    }

    /// When the build at a place was booked, in whole seconds since 1970.
    pub(crate) fn finished(&self, row: Row) -> Option<i64> {
        self.finished.get(place(row)).copied()
    }

    /// The number of the drone that built what is at a place.
    pub(crate) fn drone(&self, row: Row) -> Option<u32> {
        self.drones.get(place(row)).copied().filter(|drone| *drone != NOBODY)
    }

    /// Every drone that built something that is kept, ordered without regard to case.
    pub(crate) fn drone_names(&self) -> &Arc<[String]> {
        &self.drone_names
    }

    /// What a query selects, the newest first.
    ///
    /// A build that is not there any more does not hide what came after it.
    pub(crate) fn select(&self, query: &HistoryQuery) -> Vec<Row> {
        let drones = self.wanted_drones(&query.drones);
        let packages = query.package.as_deref().map(|part| self.wanted_packages(part));
        let is_meant = |wanted: &Wanted, number: Option<&u32>| {
            let is_meant = |all: &Vec<bool>| all.get(place(*number?)).copied();
            wanted.as_ref().is_none_or(|all| is_meant(all).unwrap_or(false))
        };
        let rows = self.stretch(query);
        let Some(statuses) = self.statuses.get(rows.clone()) else { return Vec::new() };
        let by_status = |status: &BuildStatus| query.statuses.is_empty() || query.statuses.contains(status);
        rows.zip(statuses)
            .filter(|(row, status)| {
                by_status(status)
                    && is_meant(&drones, self.drones.get(*row))
                    && is_meant(&packages, self.packages.get(*row))
            })
            .filter_map(|(row, _)| Row::try_from(row).ok())
            .collect()
    }

    /// The builds of a package in any version, the newest first.
    pub(crate) fn of_package(&self, category: &str, name: &str) -> impl Iterator<Item = Row> + use<'_> {
        let is_it = |row: &Row| {
            let package = self.build(*row).and_then(|build| build.package.as_ref());
            package.is_some_and(|package| package.category() == category && package.name() == name)
        };
        // Its versions begin like it, and so may others.
        let candidates = self.wanted_packages(&format!("{category}/{name}"));
        let wanted = candidates.iter().zip(&self.package_rows).map(|(is_one, row)| *is_one && is_it(row));
        rows_of(&self.packages, wanted.collect())
    }

    /// The builds of a drone, the newest first. Names are compared without regard to case.
    pub(crate) fn of_drone(&self, name: &str) -> impl Iterator<Item = Row> + use<'_> {
        let drone = |row: &Row| self.build(*row).and_then(|build| build.drone.as_ref());
        let wanted = self.drone_rows.iter().map(|row| drone(row).is_some_and(|drone| drone.same(name)));
        rows_of(&self.drones, wanted.collect())
    }

    /// The places between the ends of a query, none newer than its `as_of`. Places are ordered by time.
    fn stretch(&self, query: &HistoryQuery) -> Range<usize> {
        let as_of = query.as_of.as_ref().and_then(|id| self.ids.iter().position(|known| known == id));
        let newest = query.to.map_or(0, |to| {
            let end = second(to.end());
            self.finished.partition_point(|at| *at >= end)
        });
        let end = query.from.map_or(self.finished.len(), |from| {
            let start = second(from.start());
            self.finished.partition_point(|at| *at >= start)
        });
        newest.max(as_of.unwrap_or(0)).min(end)..end
    }

    fn wanted_drones(&self, names: &[String]) -> Wanted {
        let drone = |row: &Row| self.build(*row).and_then(|build| build.drone.as_ref());
        let is_wanted = |row: &Row| drone(row).is_some_and(|drone| names.iter().any(|name| drone.same(name)));
        (!names.is_empty()).then(|| self.drone_rows.iter().map(is_wanted).collect())
    }

    /// Which packages have this part, or this beginning when it has a slash; in any case.
    fn wanted_packages(&self, part: &str) -> Vec<bool> {
        let mut needle = part.to_ascii_lowercase();
        if needle.contains('/') {
            needle.insert(0, BEFORE);
        }
        let mut wanted = vec![false; self.package_starts.len()];
        for found in memmem::find_iter(self.package_text.as_bytes(), needle.as_bytes()) {
            let n_begun = self.package_starts.partition_point(|start| *start <= found);
            if let Some(place) = n_begun.checked_sub(1).and_then(|number| wanted.get_mut(number)) {
                *place = true;
            }
        }
        wanted
    }
}

/// The places whose number is wanted.
fn rows_of(numbers: &[u32], wanted: Vec<bool>) -> impl Iterator<Item = Row> + use<'_> {
    let is_wanted = move |number: u32| wanted.get(place(number)).copied().unwrap_or(false);
    (0..).zip(numbers).filter(move |(_, number)| is_wanted(**number)).map(|(row, _)| row)
}

/// Numbers names by when they first come, and tells the place of each one's first.
fn numbered<'a>(names: impl Iterator<Item = Option<&'a str>>) -> (Vec<u32>, Vec<Row>) {
    let mut known: HashMap<&str, u32> = HashMap::new();
    let mut firsts = Vec::new();
    let numbers = (0..).zip(names).map(|(row, name)| {
        let Some(name) = name else { return NOBODY };
        *known.entry(name).or_insert_with(|| {
            firsts.push(row);
            number(firsts.len() - 1)
        })
    });
    (numbers.collect(), firsts)
}

fn package(build: &Build) -> Option<&str> {
    build.package.as_ref().map(|package| package.as_str())
}

/// Whole seconds, rounded down: the ends of queries are whole seconds.
fn second(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(1_000)
}

fn at(builds: &[Arc<Build>], row: Row) -> Option<&Arc<Build>> {
    builds.get(place(row))
}

fn place(row: Row) -> usize {
    usize::try_from(row).unwrap_or(usize::MAX)
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NOBODY)
}
