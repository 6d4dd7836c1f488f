//! Parts that several documents have.

use serde::Serialize;
use snapshot::{estimate, history, queue};
use utoipa::ToSchema;

use super::form::Instant;

/// How long something should take.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Estimate {
    median_seconds: u32,
    low_seconds: u32,
    high_seconds: u32,
    #[schema(schema_with = crate::openapi::words::basis)]
    basis: &'static str,
    samples: u32,
}

/// When the queue should be empty.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Drain {
    median_at: Instant,
    low_at: Instant,
    high_at: Instant,
    excluded: u32,
}

/// How many items are in each state.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Counts {
    pending: Option<u32>,
    building: Option<u32>,
    completed: Option<u32>,
    failed: Option<u32>,
    blocked: Option<u32>,
    assigned: Option<u32>,
    total: Option<u32>,
}

/// One finished build.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Build<'a> {
    id: &'a str,
    package: Option<&'a str>,
    drone: Option<&'a str>,
    #[schema(schema_with = crate::openapi::words::build_status)]
    status: &'static str,
    duration_seconds: Option<u32>,
    finished_at: Instant,
}

/// One item of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueItem<'a> {
    id: &'a str,
    package: Option<&'a str>,
    #[schema(schema_with = crate::openapi::words::item_state)]
    state: &'static str,
    #[schema(schema_with = crate::openapi::words::maybe_reason)]
    reason: Option<&'static str>,
    drone: Option<&'a str>,
    failures: u32,
    assigned_at: Option<Instant>,
    started_at: Option<Instant>,
    estimate: Option<Estimate>,
    expected_start_at: Option<Instant>,
    expected_finish_at: Option<Instant>,
}

impl Estimate {
    /// The view.
    pub(crate) fn of(estimate: &estimate::Estimate) -> Self {
        let estimate::Estimate { median_seconds, low_seconds, high_seconds, basis, samples } = *estimate;
        Self { median_seconds, low_seconds, high_seconds, basis: basis.as_str(), samples }
    }
}

impl Drain {
    /// The view.
    pub(crate) fn of(drain: &estimate::Drain) -> Self {
        Self {
            median_at: Instant(drain.median_at),
            low_at: Instant(drain.low_at),
            high_at: Instant(drain.high_at),
            excluded: drain.excluded,
        }
    }
}

impl Counts {
    /// The view.
    pub(crate) fn of(counts: &queue::Counts) -> Self {
        let queue::Counts { pending, building, completed, failed, blocked, assigned, total } = *counts;
        Self { pending, building, completed, failed, blocked, assigned, total }
    }
}

impl<'a> Build<'a> {
    /// The view.
    pub(crate) fn of(build: &'a history::Build) -> Self {
        Self {
            id: build.id.as_str(),
            package: build.package.as_ref().map(|package| package.as_str()),
            drone: build.drone.as_ref().map(|name| name.as_str()),
            status: build.status.as_str(),
            duration_seconds: build.duration_seconds,
            finished_at: Instant(build.finished_at),
        }
    }
}

impl<'a> QueueItem<'a> {
    /// The view.
    pub(crate) fn of(item: &'a queue::QueueItem) -> Self {
        Self {
            id: &item.id,
            package: item.package.as_ref().map(|package| package.as_str()),
            state: item.state.as_str(),
            reason: item.reason.map(queue::Reason::as_str),
            drone: item.drone.as_ref().map(|name| name.as_str()),
            failures: item.failures,
            assigned_at: item.assigned_at.map(Instant),
            started_at: item.started_at.map(Instant),
            estimate: item.estimate.as_ref().map(Estimate::of),
            expected_start_at: item.expected_start_at.map(Instant),
            expected_finish_at: item.expected_finish_at.map(Instant),
        }
    }
}
