//! One package, in all its versions.

use std::{collections::HashMap, sync::Arc};

use snapshot::{
    history::{Build, BuildStatus, CountsAs},
    queue::QueueItem,
};

use super::{ITEMS_MAX, durations::Durations, newest};
use crate::{
    history::{Index, index::Row, listing::Kept, summary::Summary},
    moment::Moment,
};

/// How many versions are told apart.
const VERSIONS_MAX: usize = 20;
/// How many drones are told apart.
const DRONES_MAX: usize = 50;

/// What is known of a package.
#[derive(Debug)]
pub(crate) struct PackageRecord<'a> {
    /// Its category.
    pub(crate) category: String,
    /// Its name.
    pub(crate) name: String,
    /// Figures over all its builds; `None` when no history was ever known.
    pub(crate) summary: Option<Summary>,
    /// The newest build that succeeded: the last good version.
    pub(crate) last_success: Option<Arc<Build>>,
    /// The first build that failed after it; `None` while the newest that counts succeeded.
    pub(crate) first_failure: Option<Arc<Build>>,
    /// Its versions, the one that was built last first.
    pub(crate) versions: Vec<Part>,
    /// The drones that built it, the last one first.
    pub(crate) drones: Vec<Part>,
    /// How long it takes.
    pub(crate) durations: Durations,
    /// Its newest builds.
    pub(crate) builds: Vec<Arc<Build>>,
    /// Its items in the queue.
    pub(crate) items: Vec<&'a QueueItem>,
    /// How far back the archive reaches; `None` when no history was ever known.
    pub(crate) kept: Option<Kept>,
}

/// Builds that have something in common.
#[derive(Debug)]
pub(crate) struct Part {
    /// The newest of them, which has it too.
    pub(crate) newest: Arc<Build>,
    /// Figures over them.
    pub(crate) summary: Summary,
}

impl<'a> PackageRecord<'a> {
    /// Finds a package; `None` when nobody knows it. A package that is withheld is known to nobody.
    pub(crate) fn find(category: &str, name: &str, moment: &Moment<'a>) -> Option<Self> {
        let snapshot = moment.snapshot;
        let queue = snapshot.queue.get();
        let lists = queue.iter().flat_map(|queue| [&queue.building, &queue.pending, &queue.blocked]);
        // A macro, because this crate does not name the type of a package.
        macro_rules! is_it {
            ($package:expr) => {
                $package.as_ref().is_some_and(|it| it.category() == category && it.name() == name)
            };
        }
        let items: Vec<&QueueItem> =
            lists.flatten().filter(|item| is_it!(item.package)).take(ITEMS_MAX).collect();
        let rows: Vec<Row> =
            moment.history.iter().flat_map(|index| index.of_package(category, name)).collect();
        let drones = snapshot.fleet.get().map_or(&[][..], |fleet| &fleet.drones);
        let mut tasks = drones.iter().filter_map(|drone| drone.task.as_ref());
        let is_known = !rows.is_empty()
            || !items.is_empty()
            || tasks.any(|task| is_it!(task.package) || is_it!(task.compiling));
        is_known.then(|| {
            let empty = Self {
                category: category.to_owned(),
                name: name.to_owned(),
                summary: None,
                last_success: None,
                first_failure: None,
                versions: Vec::new(),
                drones: Vec::new(),
                durations: Durations::default(),
                builds: Vec::new(),
                items,
                kept: None,
            };
            match moment.history {
                Some(index) => empty.with_builds(index, &rows),
                None => empty,
            }
        })
    }

    fn with_builds(self, index: &Index, rows: &[Row]) -> Self {
        let counts_as = |row: &Row| index.status(*row).map(BuildStatus::counts_as);
        let last_success = rows.iter().position(|row| counts_as(row) == Some(CountsAs::Success));
        let since = rows.get(..last_success.unwrap_or(rows.len())).unwrap_or_default();
        let first_failure = since.iter().rfind(|row| counts_as(row) == Some(CountsAs::Failure));
        let build = |row: &Row| index.build(*row).cloned();
        let version = |build: &Build| build.package.as_ref()?.version().map(str::to_owned);
        let drone = |build: &Build| build.drone.as_ref().map(ToString::to_string);
        Self {
            summary: Some(Summary::of(index, rows)),
            last_success: last_success.and_then(|place| rows.get(place)).and_then(build),
            first_failure: first_failure.and_then(build),
            versions: parts(index, rows, version, VERSIONS_MAX),
            drones: parts(index, rows, drone, DRONES_MAX),
            durations: Durations::of(index, rows),
            builds: newest(index, rows),
            kept: Some(Kept::of(index)),
            ..self
        }
    }
}

/// Parts of some builds by what they have in common, the newest first; those that have it not are left out.
fn parts(index: &Index, rows: &[Row], common: impl Fn(&Build) -> Option<String>, max: usize) -> Vec<Part> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut parts: Vec<(Arc<Build>, Vec<Row>)> = Vec::new();
    for row in rows {
        let Some(build) = index.build(*row) else { continue };
        let Some(key) = common(build) else { continue };
        let place = *known.entry(key).or_insert_with(|| {
            parts.push((Arc::clone(build), Vec::new()));
            parts.len() - 1
        });
        if let Some((_, rows)) = parts.get_mut(place) {
            rows.push(*row);
        }
    }
    parts.truncate(max);
    parts.into_iter().map(|(newest, rows)| Part { newest, summary: Summary::of(index, &rows) }).collect()
}
