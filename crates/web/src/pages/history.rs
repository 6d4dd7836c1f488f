//! The view of `/history`.

use serde::Serialize;
use snapshot::{history::BuildStatus, section::SourceName};

use super::{
    activity::ActivityView,
    builds::FinishedBuild,
    counts::{Bar, Tile},
    dashboard::outcomes,
    durations::DurationsView,
    outcomes::OutcomesView,
    package::PartView,
    scene::{Age, Scene},
    time::{Instant, duration},
    words::{maybe_number, number},
};
use crate::history::{
    bound::Bound,
    comparison::Comparison,
    links::same,
    listing::{Listing, Paging},
    query::{HistoryQuery, Order, PER_PAGE_MAX, Sort},
    summary::Summary,
};

/// Where the same listing is had as a document or a table.
const DATA_ROUTE: &str = "/api/v1/services/public/build-history";
/// How many builds a page may be told to have.
const PER_PAGE_OFFERS: [u32; 4] = [25, 50, 100, PER_PAGE_MAX];

/// The history, as far as it was asked for.
#[derive(Debug, Serialize)]
pub(super) struct HistoryView {
    /// How old all of this is.
    pub(super) age: Age,
    /// Whether any history was ever known.
    pub(super) is_known: bool,
    /// Whether any filter is set.
    pub(super) is_filtered: bool,
    /// The form.
    pub(super) form: Form,
    /// What happened of late, builds or not; `None` beside a listing that somebody asked for.
    pub(super) activity: Option<ActivityView>,
    /// What the listing amounts to.
    pub(super) summary: SummaryView,
    /// What became of them over time; `None` of too few.
    pub(super) outcomes: Option<OutcomesView>,
    /// How long they took.
    pub(super) durations: DurationsView,
    /// Which drone did what.
    pub(super) drones: Vec<PartView>,
    /// The builds of this page.
    pub(super) builds: Vec<FinishedBuild>,
    /// How many builds the filters select.
    pub(super) total: Option<String>,
    /// The way to the other pages.
    pub(super) paging: PagingView,
    /// Whether anything is selected. A drone that nobody knows is not repeated in links, so without it they would lead to
    /// more than was asked for.
    pub(super) has_data: bool,
    /// All pages of the listing as a table for spreadsheets, below the base path.
    pub(super) csv: String,
    /// This page of the listing as a document, below the base path.
    pub(super) json: String,
    /// How many builds are kept.
    pub(super) kept: Option<String>,
    /// The oldest of them.
    pub(super) oldest: Option<Instant>,
    /// From when on nothing is missing.
    pub(super) complete_from: Option<Instant>,
}

/// The form of the filters.
#[derive(Debug, Serialize)]
pub(super) struct Form {
    pub(super) drones: Vec<Choice>,
    pub(super) statuses: Vec<Choice>,
    pub(super) package: String,
    pub(super) from: DateField,
    pub(super) to: DateField,
    pub(super) sort: Vec<Choice>,
    pub(super) order: Vec<Choice>,
    pub(super) per_page: Vec<Choice>,
}

/// Something to choose.
#[derive(Debug, Serialize)]
pub(super) struct Choice {
    /// As it stands in the query.
    pub(super) value: String,
    /// As it is read.
    pub(super) text: String,
    /// Whether it is chosen.
    pub(super) is_chosen: bool,
}

/// An end of a stretch of time.
#[derive(Debug, Serialize)]
pub(super) struct DateField {
    /// `date`, or `text` for an instant, which a field for dates cannot hold.
    pub(super) kind: &'static str,
    /// As it stands in the query; empty without one.
    pub(super) value: String,
}

/// What the listing amounts to, on all its pages.
#[derive(Debug, Serialize)]
pub(super) struct SummaryView {
    pub(super) tiles: [Tile; 3],
    pub(super) bar: Option<Bar>,
    pub(super) rate: Option<String>,
    pub(super) median: Option<String>,
    pub(super) build_time: Option<String>,
}

/// The way to the other pages: query strings.
#[derive(Debug, Serialize)]
pub(super) struct PagingView {
    pub(super) number: String,
    pub(super) pages: Option<String>,
    pub(super) first: String,
    pub(super) prev: Option<String>,
    pub(super) next: Option<String>,
    pub(super) last: String,
    /// Whether there is another page.
    pub(super) is_needed: bool,
}

impl HistoryView {
    pub(super) fn of(scene: Scene<'_>, query: &HistoryQuery, listing: &Listing, all: &Comparison) -> Self {
        let history = scene.snapshot.history.get();
        Self {
            age: scene.age(SourceName::Orchestrator),
            is_known: listing.kept.is_some(),
            is_filtered: !query.is_unfiltered(),
            form: Form::of(query, listing),
            activity: (*query == HistoryQuery::default()).then(|| ActivityView::all(scene)),
            summary: SummaryView::of(listing.summary),
            outcomes: OutcomesView::of(scene, &all.stretches),
            durations: DurationsView::of(&all.durations),
            drones: all.drones.iter().map(|(newest, sum)| PartView::of(scene, newest, sum)).collect(),
            builds: FinishedBuild::compared(scene, &listing.builds),
            total: maybe_number(listing.page.total),
            paging: PagingView::of(&listing.page),
            has_data: listing.page.total.is_some_and(|total| total > 0),
            csv: with_parameter(&listing.page.first, "format=csv"),
            json: format!("{DATA_ROUTE}{}", same(query, &listing.filters.drones)),
            kept: listing.kept.map(|kept| number(kept.builds)),
            oldest: scene.maybe_minute(listing.kept.and_then(|kept| kept.oldest_finished_at)),
            complete_from: scene.maybe_minute(history.and_then(|history| history.complete_from)),
        }
    }
}

impl Form {
    fn of(query: &HistoryQuery, listing: &Listing) -> Self {
        let filters = &listing.filters;
        let drone = |name: &String| Choice::new(name, name, filters.drones.contains(name));
        let status = |status: &BuildStatus| {
            Choice::new(status.as_str(), status.words(), filters.statuses.contains(status))
        };
        let sort = |sort: Sort, text: &str| Choice::new(sort.as_str(), text, filters.sort == sort);
        let order = |order: Order, text: &str| Choice::new(order.as_str(), text, filters.order == order);
        let mut offers = PER_PAGE_OFFERS.to_vec();
        if !offers.contains(&query.per_page) {
            offers.push(query.per_page);
            offers.sort_unstable();
        }
        let per_page = |n: &u32| Choice::new(&n.to_string(), &n.to_string(), *n == query.per_page);
        Self {
            drones: listing.options.drones.iter().map(drone).collect(),
            statuses: listing.options.statuses.iter().map(status).collect(),
            package: filters.package.clone().unwrap_or_default(),
            from: DateField::of(query.from),
            to: DateField::of(query.to),
            sort: vec![sort(Sort::FinishedAt, "finish time"), sort(Sort::Duration, "duration")],
            order: vec![order(Order::Desc, "descending"), order(Order::Asc, "ascending")],
            per_page: offers.iter().map(per_page).collect(),
        }
    }
}

impl Choice {
    fn new(value: &str, text: &str, is_chosen: bool) -> Self {
        Self { value: value.to_owned(), text: text.to_owned(), is_chosen }
    }
}

impl DateField {
    fn of(bound: Option<Bound>) -> Self {
        let kind = if matches!(bound, Some(Bound::Instant(_))) { "text" } else { "date" };
        Self { kind, value: bound.map(|bound| bound.to_string()).unwrap_or_default() }
    }
}

impl SummaryView {
    pub(super) fn of(summary: Option<Summary>) -> Self {
        let rate = |permille: u32| format!("{}.{} %", permille / 10, permille % 10);
        Self {
            tiles: outcomes(summary.map(|all| (all.success, all.failure, all.uncounted))),
            bar: summary.and_then(|all| Bar::of_outcomes(all.success, all.failure, all.uncounted)),
            rate: summary.and_then(|summary| summary.success_permille).map(rate),
            median: summary.and_then(|summary| summary.median_seconds).map(|s| duration(u64::from(s))),
            build_time: summary.map(|summary| duration(summary.build_seconds)),
        }
    }
}

impl PagingView {
    fn of(page: &Paging) -> Self {
        Self {
            number: number(page.number),
            pages: maybe_number(page.pages),
            first: page.first.clone(),
            prev: page.prev.clone(),
            next: page.next.clone(),
            last: page.last.clone(),
            is_needed: page.prev.is_some() || page.next.is_some(),
        }
    }
}

fn with_parameter(query: &str, parameter: &str) -> String {
    let separator = if query.len() > 1 { "&" } else { "" };
    format!("{DATA_ROUTE}{query}{separator}{parameter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_of_the_same_builds() {
        let csv = |query| with_parameter(query, "format=csv");
        assert_eq!(csv("?"), "/api/v1/services/public/build-history?format=csv");
        assert_eq!(csv("?drone=Izar"), "/api/v1/services/public/build-history?drone=Izar&format=csv");
    }
}
