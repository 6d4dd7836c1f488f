//! The builds that a query selects.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;
use snapshot::history::{Build, BuildId, BuildStatus, History};

use super::{
    links::link,
    query::{HistoryQuery, Order, Sort},
    summary::Summary,
};

/// One page of builds, and what surrounds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listing {
    /// The builds on this page.
    pub(crate) builds: Vec<Arc<Build>>,
    /// Where this page stands.
    pub(crate) page: Paging,
    /// The filters that are in effect.
    pub(crate) filters: Filters,
    /// Figures over everything that the filters select; `None` when no history was ever known.
    pub(crate) summary: Option<Summary>,
    /// How far back the archive reaches; `None` when no history was ever known.
    pub(crate) kept: Option<Kept>,
    /// What a form can offer.
    pub(crate) options: Options,
}

/// Where a page stands among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paging {
    /// Its number, from 1.
    pub(crate) number: u32,
    /// How many builds are on a full page.
    pub(crate) per_page: u32,
    /// How many pages there are; `None` when no history was ever known.
    pub(crate) pages: Option<u32>,
    /// How many builds the filters select; `None` when no history was ever known.
    pub(crate) total: Option<u32>,
    /// The newest of them.
    pub(crate) as_of: Option<BuildId>,
    /// The query string of the first page, always the newest.
    pub(crate) first: String,
    /// The query string of the page before.
    pub(crate) prev: Option<String>,
    /// The query string of the page after.
    pub(crate) next: Option<String>,
    /// The query string of the last page.
    pub(crate) last: String,
}

/// The filters in effect, as far as they are not the visitor's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filters {
    /// The drones that exist.
    pub(crate) drones: Vec<String>,
    /// The outcomes.
    pub(crate) statuses: Vec<BuildStatus>,
    /// The part of a package's name.
    pub(crate) package: Option<String>,
    /// The first instant.
    pub(crate) from: Option<Timestamp>,
    /// The first instant that is too late.
    pub(crate) to: Option<Timestamp>,
    /// By what the builds are ordered.
    pub(crate) sort: Sort,
    /// In which direction.
    pub(crate) order: Order,
}

/// How far back the archive reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    /// How many builds it has.
    pub(crate) builds: u32,
    /// The oldest of them.
    pub(crate) oldest_finished_at: Option<Timestamp>,
}

/// What a form can offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Every drone that built something that is kept, by name.
    pub(crate) drones: Vec<String>,
    /// Every outcome.
    pub(crate) statuses: [BuildStatus; 6],
}

impl Listing {
    /// Answers a query; `None` when no history was ever known.
    pub(crate) fn of(query: &HistoryQuery, history: Option<&History>) -> Self {
        let builds = history.map_or(&[][..], |history| &history.builds);
        let known_drones = drones(builds);
        let filters = Filters::of(query, &known_drones);
        let selected = select(query, builds);
        let page = Paging::of(query, &filters, history.map(|_| n(selected.len())), selected.first());
        let summary = history.map(|_| Summary::of(selected.iter().map(AsRef::as_ref)));
        let skipped = u64::from(query.per_page) * u64::from(page.number - 1);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let per_page = usize::try_from(query.per_page).unwrap_or(usize::MAX);
        let on_page = sorted(query, selected).into_iter().skip(skipped).take(per_page);
        Self {
            builds: on_page.cloned().collect(),
            page,
            filters,
            summary,
            kept: history.map(|_| Kept {
                builds: n(builds.len()),
                oldest_finished_at: builds.last().map(|build| build.finished_at),
            }),
            options: Options { drones: known_drones, statuses: BuildStatus::ALL },
        }
    }
}

/// Everything that a query selects, on all pages, in its order.
pub(crate) fn all<'a>(query: &HistoryQuery, history: Option<&'a History>) -> Vec<&'a Arc<Build>> {
    let builds = history.map_or(&[][..], |history| &history.builds);
    sorted(query, select(query, builds))
}

/// What a query selects, the newest first.
///
/// A build that is not there any more does not hide what came after it.
fn select<'a>(query: &HistoryQuery, builds: &'a [Arc<Build>]) -> Vec<&'a Arc<Build>> {
    let begin = query.as_of.as_ref().and_then(|id| builds.iter().position(|build| build.id == *id));
    let builds = &builds[begin.unwrap_or(0)..];
    builds.iter().filter(|build| is_selected(query, build)).collect()
}

fn is_selected(query: &HistoryQuery, build: &Build) -> bool {
    let by_drone = || build.drone.as_ref().is_some_and(|name| query.drones.iter().any(|d| name.same(d)));
    let by_package =
        |part: &String| build.package.as_ref().is_some_and(|package| matches(package.as_str(), part));
    query.from.is_none_or(|from| build.finished_at >= from.start())
        && query.to.is_none_or(|to| build.finished_at < to.end())
        && (query.statuses.is_empty() || query.statuses.contains(&build.status))
        && query.package.as_ref().is_none_or(by_package)
        && (query.drones.is_empty() || by_drone())
}

/// With a slash the beginning, else any part; in any case.
fn matches(package: &str, part: &str) -> bool {
    let (package, part) = (package.as_bytes(), part.as_bytes());
    if part.contains(&b'/') {
        return package.get(..part.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(part));
    }
    package.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

/// Among equals the newest is first, and those of unknown length are last in either direction.
fn sorted<'a>(query: &HistoryQuery, mut builds: Vec<&'a Arc<Build>>) -> Vec<&'a Arc<Build>> {
    match (query.sort, query.order) {
        (Sort::FinishedAt, Order::Desc) => {}
        (Sort::FinishedAt, Order::Asc) => builds.reverse(),
        (Sort::Duration, Order::Asc) => {
            builds.sort_by_key(|build| (build.duration_seconds.is_none(), build.duration_seconds));
        }
        (Sort::Duration, Order::Desc) => {
            builds.sort_by_key(|build| std::cmp::Reverse(build.duration_seconds));
        }
    }
    builds
}

/// The names in the history, ordered without regard to case.
fn drones(builds: &[Arc<Build>]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut names = BTreeMap::new();
    for name in builds.iter().filter_map(|build| build.drone.as_ref()) {
        if seen.insert(name.as_str()) {
            names.insert((name.folded(), name.as_str()), ());
        }
    }
    names.into_keys().map(|(_, name)| name.to_owned()).collect()
}

fn n(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl Filters {
    fn of(query: &HistoryQuery, known_drones: &[String]) -> Self {
        let asked: HashSet<String> = query.drones.iter().map(|drone| drone.to_lowercase()).collect();
        let is_asked = |drone: &&String| asked.contains(&drone.to_lowercase());
        Self {
            drones: known_drones.iter().filter(is_asked).cloned().collect(),
            statuses: query.statuses.clone(),
            package: query.package.clone(),
            from: query.from.map(super::bound::Bound::start),
            to: query.to.map(super::bound::Bound::end),
            sort: query.sort,
            order: query.order,
        }
    }
}

impl Paging {
    fn of(query: &HistoryQuery, filters: &Filters, total: Option<u32>, newest: Option<&&Arc<Build>>) -> Self {
        let pages = total.map(|total| total.div_ceil(query.per_page));
        let n_pages = pages.unwrap_or(0);
        let number = if n_pages == 0 { 1 } else { query.page };
        let as_of = newest.map(|build| build.id.clone());
        let to = |page| as_of.as_ref().map(|as_of| link(query, &filters.drones, Some((as_of, page))));
        let first = link(query, &filters.drones, None);
        Self {
            number,
            per_page: query.per_page,
            pages,
            total,
            prev: (number > 1).then(|| to((number - 1).min(n_pages))).flatten(),
            next: (number < n_pages).then(|| to(number + 1)).flatten(),
            last: to(n_pages).unwrap_or_else(|| first.clone()),
            first,
            as_of,
        }
    }
}

#[cfg(test)]
mod tests;
