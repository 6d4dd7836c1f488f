//! Teaching the estimator what became of builds, each once and in the order in which they finished.

use std::{collections::HashMap, sync::Arc, time::Duration};

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;
use snapshot::{
    clock::elapsed,
    estimate::{Estimate, Scoreboard},
    history::{Build, BuildStatus, History},
    queue::{ItemState, QueueItem},
};

use crate::estimate::{DURATION_MAX_SECONDS, Estimator, score::Scorer};

/// How long a promise is remembered after its build was last seen, for the history to tell how it ended.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// What was learned, from what, and what had been promised.
#[derive(Debug, Default)]
pub(super) struct Learning {
    estimator: Estimator,
    scorer: Scorer,
    /// The history that was learned.
    learned: Option<Arc<History>>,
    /// How often something was learned.
    n_learned: u64,
    /// What was said of builds that have begun, and when they were last seen.
    promises: HashMap<(PackageAtom, PublicName), (Estimate, Timestamp)>,
}

impl Learning {
    pub(super) fn estimator(&self) -> &Estimator {
        &self.estimator
    }

    pub(super) fn scores(&self) -> Scoreboard {
        self.scorer.board()
    }

    /// Moves whenever expectations may have become others.
    pub(super) fn n_learned(&self) -> u64 {
        self.n_learned
    }

    /// Learns what is new. When the past is another than it was, everything is learned again: builds were found
    /// later, or a drone was renamed.
    pub(super) fn take_in(&mut self, history: &Arc<History>) {
        if self.learned.as_ref().is_some_and(|learned| Arc::ptr_eq(learned, history)) {
            return;
        }
        let n_new = self.learned.as_ref().and_then(|learned| n_new(&learned.builds, &history.builds));
        if n_new.is_none() {
            self.estimator = Estimator::new();
            self.scorer = Scorer::default();
        }
        for build in history.builds.iter().take(n_new.unwrap_or(history.builds.len())).rev() {
            self.learn(build);
        }
        self.n_learned += 1;
        self.learned = Some(Arc::clone(history));
    }

    /// Remembers what is said of builds that have begun.
    pub(super) fn promise(&mut self, building: &[QueueItem], now: Timestamp) {
        for item in building.iter().filter(|item| item.state == ItemState::Building) {
            if let (Some(package), Some(drone), Some(estimate)) = (&item.package, &item.drone, item.estimate)
            {
                self.promises.insert((package.clone(), drone.clone()), (estimate, now));
            }
        }
        self.promises.retain(|_, (_, seen)| elapsed(*seen, now) < REMEMBERED);
    }

    fn learn(&mut self, build: &Build) {
        let (package, drone) = (build.package.as_ref(), build.drone.as_ref());
        let promise = package.zip(drone).and_then(|(package, drone)| {
            self.promises.remove(&(package.clone(), drone.clone())).map(|(estimate, _)| estimate)
        });
        let seconds = build.duration_seconds.filter(|seconds| (1..=DURATION_MAX_SECONDS).contains(seconds));
        let Some(seconds) = seconds.filter(|_| build.status == BuildStatus::Success) else { return };
        let expected = self.estimator.learn(package, drone, seconds);
        // Where nobody saw it begin: what would have been said.
        if let Some(promise) = promise.or_else(|| expected.map(|forecast| forecast.estimate())) {
            self.scorer.add(&promise, seconds);
        }
    }
}

/// How many builds at the front of `new` are not in `old`; `None` when the rest is not what `old` was, but for
/// builds that were let go of at its end.
fn n_new(old: &[Arc<Build>], new: &[Arc<Build>]) -> Option<usize> {
    let Some(newest) = old.first() else { return Some(new.len()) };
    let place = new.iter().position(|build| build.id == newest.id)?;
    old.starts_with(&new[place..]).then_some(place)
}
