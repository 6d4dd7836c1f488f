//! Statistics over builds, and the control plane's own estimates.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::tenths;
use crate::world::World;
use crate::world::state::{Build, BuildStatus};

/// A number of builds and the sum of the successful ones' durations.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    total: u32,
    success: u32,
    seconds: f64,
}

impl Tally {
    fn add(&mut self, build: &Build) {
        self.total += 1;
        if build.status == BuildStatus::Success {
            self.success += 1;
            self.seconds += build.duration;
        }
    }

    fn success_rate(self) -> f64 {
        if self.total == 0 { 0.0 } else { tenths(f64::from(self.success) / f64::from(self.total) * 100.0) }
    }

    fn average(self) -> f64 {
        if self.success == 0 { 0.0 } else { tenths(self.seconds / f64::from(self.success)) }
    }
}

/// `timing` of the status and `stats` of the history: hand-backs count as failures, as they really do.
pub(super) fn statistics<'a>(builds: impl Iterator<Item = &'a Build>) -> Value {
    let mut all = Tally::default();
    let mut per_drone: Vec<(&str, Tally)> = Vec::new();
    for build in builds {
        all.add(build);
        match per_drone.iter_mut().find(|(name, _)| *name == build.drone_name) {
            Some((_, tally)) => tally.add(build),
            None => {
                let mut tally = Tally::default();
                tally.add(build);
                per_drone.push((build.drone_name, tally));
            }
        }
    }
    per_drone.sort_by_key(|(name, tally)| (std::cmp::Reverse(tally.total), *name));
    let drones: Vec<Value> = per_drone
        .into_iter()
        .map(|(name, tally)| {
            json!({
                "drone_name": name,
                "total": tally.total,
                "success": tally.success,
                "avg_duration": tally.average(),
                "success_rate": tally.success_rate(),
            })
        })
        .collect();
    json!({
        "total_builds": all.total,
        "successful": all.success,
        "failed": all.total - all.success,
        "success_rate": all.success_rate(),
        "avg_duration_s": all.average(),
        "total_duration_s": tenths(all.seconds),
        "per_drone": drones,
    })
}

/// The control plane's estimates: the mean of a package's successful builds, or of all builds.
pub(super) struct Estimates<'a> {
    all: Tally,
    per_package: HashMap<&'a str, Tally>,
}

impl<'a> Estimates<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        let mut all = Tally::default();
        let mut per_package: HashMap<&str, Tally> = HashMap::new();
        for build in world.builds() {
            all.add(build);
            per_package.entry(&build.package).or_default().add(build);
        }
        Self { all, per_package }
    }

    /// The expected seconds of a build of exactly this version.
    pub(super) fn for_package(&self, package: &str) -> f64 {
        match self.per_package.get(package) {
            Some(tally) if tally.success > 0 => tally.average(),
            _ => self.all.average(),
        }
    }
}
