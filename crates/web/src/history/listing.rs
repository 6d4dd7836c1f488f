//! The builds that a query selects.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;
use snapshot::history::{Build, BuildId, BuildStatus};

use super::{
    index::{Index, Row},
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
    pub(crate) drones: Arc<[String]>,
    /// Every outcome.
    pub(crate) statuses: [BuildStatus; 6],
}

impl Listing {
    /// Answers a query; `None` when no history was ever known.
    pub(crate) fn of(query: &HistoryQuery, index: Option<&Index>) -> Self {
        let Some(index) = index else { return Self::unknown(query) };
        let filters = Filters::of(query, index.drone_names());
        let selected = index.select(query);
        let newest = selected.first().and_then(|row| index.build(*row));
        let page = Paging::of(query, &filters, Some(n(selected.len())), newest);
        let summary = Summary::of(index, &selected);
        let skipped = u64::from(query.per_page) * u64::from(page.number - 1);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let per_page = usize::try_from(query.per_page).unwrap_or(usize::MAX);
        let on_page = stretch(query, index, selected, skipped, per_page);
        Self {
            builds: on_page.into_iter().filter_map(|row| index.build(row).cloned()).collect(),
            page,
            filters,
            summary: Some(summary),
            kept: Some(Kept::of(index)),
            options: Options { drones: Arc::clone(index.drone_names()), statuses: BuildStatus::ALL },
        }
    }

    fn unknown(query: &HistoryQuery) -> Self {
        let filters = Filters::of(query, &[]);
        Self {
            builds: Vec::new(),
            page: Paging::of(query, &filters, None, None),
            filters,
            summary: None,
            kept: None,
            options: Options { drones: Arc::default(), statuses: BuildStatus::ALL },
        }
    }
}

/// Everything that a query selects, on all pages, in its order.
pub(crate) fn all<'a>(query: &HistoryQuery, index: &'a Index) -> impl Iterator<Item = &'a Arc<Build>> {
    let rows = stretch(query, index, index.select(query), 0, usize::MAX);
    rows.into_iter().filter_map(|row| index.build(row))
}

/// A part of the rows in the order of the query.
///
/// Among equals the newest is first, and those of unknown length are last in either direction. Only what is taken is
/// sorted: a page of the longest builds costs a pass over all and not their order.
fn stretch(
    query: &HistoryQuery,
    index: &Index,
    mut rows: Vec<Row>,
    n_skipped: usize,
    n_taken: usize,
) -> Vec<Row> {
    let begin = n_skipped.min(rows.len());
    let end = begin.saturating_add(n_taken).min(rows.len());
    match (query.sort, query.order) {
        (Sort::FinishedAt, Order::Desc) => {}
        (Sort::FinishedAt, Order::Asc) => rows.reverse(),
        (Sort::Duration, Order::Asc) => {
            take_smallest(&mut rows, begin, end, |row| {
                let length = index.length(row);
                (length.is_none(), length.unwrap_or(0), row)
            });
        }
        (Sort::Duration, Order::Desc) => {
            take_smallest(&mut rows, begin, end, |row| {
                let length = index.length(row);
                (length.is_none(), u32::MAX - length.unwrap_or(0), row)
            });
        }
    }
    rows.truncate(end);
    rows.split_off(begin)
}

/// Puts those rows from `begin` to `end` where they belong; no two have the same key.
fn take_smallest<K: Ord>(rows: &mut [Row], begin: usize, end: usize, key: impl Fn(Row) -> K) {
    if begin >= end {
        return;
    }
    if end < rows.len() {
        rows.select_nth_unstable_by_key(end, |row| key(*row));
    }
    let rows = &mut rows[..end];
    if begin > 0 {
        rows.select_nth_unstable_by_key(begin, |row| key(*row));
    }
    rows[begin..].sort_unstable_by_key(|row| key(*row));
}

fn n(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl Kept {
    /// Of all that is kept.
    pub(crate) fn of(index: &Index) -> Self {
        let oldest = index.builds().last();
        Self { builds: n(index.builds().len()), oldest_finished_at: oldest.map(|build| build.finished_at) }
    }
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
    fn of(query: &HistoryQuery, filters: &Filters, total: Option<u32>, newest: Option<&Arc<Build>>) -> Self {
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
