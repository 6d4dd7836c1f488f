//! Requests by the pattern of their route and the status of the answer.

use std::{
    fmt::Error,
    sync::atomic::{AtomicU64, Ordering},
};

use actix_web::http::StatusCode;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _},
    metrics::{MetricType, counter::ConstCounter},
};

use crate::routes::ROUTES;

/// The statuses that are answered; whatever else would come is counted in the last place.
const STATUSES: [&str; 10] = ["200", "304", "308", "400", "404", "405", "421", "426", "503", "other"];
/// What is no route.
const NOWHERE: &str = "none";

/// The counters, by route and then by status.
#[derive(Debug)]
pub(crate) struct Requests([[AtomicU64; STATUSES.len()]; ROUTES.len() + 1]);

/// Where a request is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(usize);

impl Place {
    /// Where requests are counted that find no route.
    pub(crate) const NOWHERE: Self = Self(ROUTES.len());

    /// Where those of a route are, by its place among them.
    pub(crate) const fn of(route_idx: usize) -> Self {
        if route_idx < ROUTES.len() { Self(route_idx) } else { Self::NOWHERE }
    }
}

impl Requests {
    pub(super) fn new() -> Self {
        Self([const { [const { AtomicU64::new(0) }; STATUSES.len()] }; ROUTES.len() + 1])
    }

    /// Counts an answer.
    pub(crate) fn count(&self, Place(route): Place, status: StatusCode) {
        self.0[route][slot(status)].fetch_add(1, Ordering::Relaxed);
    }
}

const fn slot(status: StatusCode) -> usize {
    match status {
        StatusCode::OK => 0,
        StatusCode::NOT_MODIFIED => 1,
        StatusCode::PERMANENT_REDIRECT => 2,
        StatusCode::BAD_REQUEST => 3,
        StatusCode::NOT_FOUND => 4,
        StatusCode::METHOD_NOT_ALLOWED => 5,
        StatusCode::MISDIRECTED_REQUEST => 6,
        StatusCode::UPGRADE_REQUIRED => 7,
        StatusCode::SERVICE_UNAVAILABLE => 8,
        _ => 9,
    }
}

// === impl Requests ===

impl Collector for Requests {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut metric = encoder.encode_descriptor(
            "command_center_http_requests",
            "Requests that were answered on the public side, by the pattern of their route and the status",
            None,
            MetricType::Counter,
        )?;
        let routes = ROUTES.iter().map(|(pattern, _)| *pattern).chain([NOWHERE]);
        for (route, counts) in routes.zip(&self.0) {
            for (status, count) in STATUSES.into_iter().zip(counts) {
                let count = count.load(Ordering::Relaxed);
                // Most statuses never come; those that do begin with the plain one.
                if count > 0 || status == "200" {
                    let counter = ConstCounter::new(count);
                    counter.encode(metric.encode_family(&[("route", route), ("status", status)])?)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_place() {
        for (idx, word) in STATUSES.into_iter().enumerate().take(STATUSES.len() - 1) {
            assert_eq!(slot(StatusCode::from_bytes(word.as_bytes()).unwrap()), idx, "{word}");
        }
        assert_eq!(slot(StatusCode::IM_A_TEAPOT), STATUSES.len() - 1);
    }

    #[test]
    fn what_is_no_route_is_counted_by_itself() {
        assert_eq!(Place::of(ROUTES.len()), Place::NOWHERE);
        assert_eq!(Place::of(usize::MAX), Place::NOWHERE);
        assert_ne!(Place::of(0), Place::NOWHERE);
    }
}
