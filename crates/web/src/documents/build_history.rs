//! The data of `build-history`: one page of finished builds.

use serde::Serialize;
use snapshot::history::BuildStatus;
use utoipa::ToSchema;

use super::{
    form::{Instant, Tenths},
    item::Build,
};
use crate::{
    history::{HistoryQuery, Listing, listing},
    moment::Moment,
};

/// The view of a listing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BuildHistory<'a> {
    builds: Vec<Build<'a>>,
    page: Page<'a>,
    filters: Filters<'a>,
    summary: Summary,
    kept: Kept,
    options: Options<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryPage)]
struct Page<'a> {
    number: u32,
    per_page: u32,
    pages: Option<u32>,
    total: Option<u32>,
    as_of: Option<&'a str>,
    first: &'a str,
    prev: Option<&'a str>,
    next: Option<&'a str>,
    last: &'a str,
}

#[derive(Debug, Serialize, ToSchema)]
struct Filters<'a> {
    #[schema(value_type = Vec<String>)]
    drone: &'a [String],
    #[schema(value_type = Vec<String>)]
    status: Vec<&'static str>,
    package: Option<&'a str>,
    from: Option<Instant>,
    to: Option<Instant>,
    #[schema(schema_with = crate::openapi::words::sort)]
    sort: &'static str,
    #[schema(schema_with = crate::openapi::words::order)]
    order: &'static str,
}

/// Figures over a set of builds.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = BuildSummary)]
pub(super) struct Summary {
    success: Option<u32>,
    failure: Option<u32>,
    uncounted: Option<u32>,
    success_rate_percent: Option<Tenths>,
    median_duration_seconds: Option<u32>,
    build_seconds: Option<u64>,
}

/// How far back the archive reaches.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Kept {
    builds: Option<u32>,
    oldest_finished_at: Option<Instant>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Options<'a> {
    #[schema(value_type = Vec<String>)]
    drone: &'a [String],
    #[schema(value_type = Vec<String>)]
    status: Vec<&'static str>,
}

/// The listing that nobody filtered.
pub(crate) fn newest(moment: &Moment<'_>) -> Listing {
    Listing::of(&HistoryQuery::default(), moment.history)
}

impl<'a> BuildHistory<'a> {
    /// The view.
    pub(crate) fn of(listing: &'a Listing) -> Self {
        let Listing { builds, page, filters, summary, kept, options } = listing;
        Self {
            builds: builds.iter().map(|build| Build::of(build)).collect(),
            page: Page {
                number: page.number,
                per_page: page.per_page,
                pages: page.pages,
                total: page.total,
                as_of: page.as_of.as_ref().map(|id| id.as_str()),
                first: &page.first,
                prev: page.prev.as_deref(),
                next: page.next.as_deref(),
                last: &page.last,
            },
            filters: Filters::of(filters),
            summary: Summary::maybe(summary.as_ref()),
            kept: Kept::of(*kept),
            options: Options { drone: &options.drones, status: words(&options.statuses) },
        }
    }
}

impl<'a> Filters<'a> {
    fn of(filters: &'a listing::Filters) -> Self {
        Self {
            drone: &filters.drones,
            status: words(&filters.statuses),
            package: filters.package.as_deref(),
            from: filters.from.map(Instant),
            to: filters.to.map(Instant),
            sort: filters.sort.as_str(),
            order: filters.order.as_str(),
        }
    }
}

impl Kept {
    /// The view; nothing is known when no history ever was.
    pub(super) fn of(kept: Option<listing::Kept>) -> Self {
        Self {
            builds: kept.map(|kept| kept.builds),
            oldest_finished_at: kept.and_then(|kept| kept.oldest_finished_at).map(Instant),
        }
    }
}

impl Summary {
    /// The view; nothing is known when no history ever was.
    pub(super) fn maybe(summary: Option<&crate::history::summary::Summary>) -> Self {
        summary.map(Self::of).unwrap_or_default()
    }

    /// The view.
    pub(super) fn of(summary: &crate::history::summary::Summary) -> Self {
        Self {
            success: Some(summary.success),
            failure: Some(summary.failure),
            uncounted: Some(summary.uncounted),
            success_rate_percent: summary.success_permille.map(Tenths),
            median_duration_seconds: summary.median_seconds,
            build_seconds: Some(summary.build_seconds),
        }
    }
}

fn words(statuses: &[BuildStatus]) -> Vec<&'static str> {
    statuses.iter().map(|status| status.as_str()).collect()
}
