//! What a row of the queue says: its package, its drone, and how far it is at an instant.

use std::time::Duration;

use jiff::Timestamp;
use snapshot::{clock::elapsed, queue::Reason};
use web::mirror::Row;

use super::text::safe;

/// One row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item<'a>(pub(super) &'a Row);

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Progress {
    /// It is not known when it began.
    Unknown,
    /// It runs, and nobody knows how long.
    Running { elapsed: Duration },
    /// It runs; `fraction` is below 1.
    Measured { elapsed: Duration, median: Duration, fraction: f64 },
    /// It takes longer than it should.
    Overdue { elapsed: Duration },
}

impl Item<'_> {
    pub(super) fn package(self) -> String {
        self.0.text("package").map_or_else(|| "withheld package".to_owned(), safe)
    }

    pub(super) fn drone(self) -> Option<String> {
        self.0.text("drone").map(safe)
    }

    pub(super) fn is(self, state: &str) -> bool {
        self.0.text("state") == Some(state)
    }

    pub(super) fn instant(self, field: &str) -> Option<Timestamp> {
        self.0.text(field)?.parse().ok()
    }

    /// Why it is not being built; `position` counts from 1.
    pub(super) fn reason(self, position: usize) -> Option<String> {
        let reason = Reason::parse(self.0.text("reason")?).unwrap_or(Reason::Unspecified);
        let failures = self.0.field("failures").as_u64().unwrap_or(0);
        let failures = u32::try_from(failures).unwrap_or(u32::MAX);
        Some(reason.words_for(self.drone().as_deref(), failures, position))
    }

    /// How far it is at `moment`.
    pub(super) fn progress(self, moment: Timestamp) -> Progress {
        let Some(started_at) = self.instant("started_at") else { return Progress::Unknown };
        let elapsed = elapsed(started_at, moment);
        let seconds = |name| {
            let estimate = self.0.field("estimate").get(name)?;
            estimate.as_u64().filter(|seconds| *seconds > 0).map(Duration::from_secs)
        };
        match (seconds("median_seconds"), seconds("high_seconds")) {
            (_, Some(high)) if elapsed > high => Progress::Overdue { elapsed },
            (Some(median), _) => {
                let fraction = (elapsed.as_secs_f64() / median.as_secs_f64()).min(0.99);
                Progress::Measured { elapsed, median, fraction }
            }
            _ => Progress::Running { elapsed },
        }
    }
}
