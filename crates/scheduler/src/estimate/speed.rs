//! How fast drones are, against the others.
//!
//! A drone's factor is learned from its builds of packages of which something is known already: how much longer they
//! took than expected, in logarithms. An unknown drone is as fast as all together; a factor must be earned by several
//! builds, and one odd build does not make it.

use std::collections::HashMap;

use identity::name::PublicName;

/// How many builds the assumption that a drone is like the others is worth.
const PRIOR_WORTH: f64 = 4.0;

/// How much of its weight a build keeps when another of its drone follows: some hundred are remembered.
const KEEPS: f64 = 0.99;

/// From how many standard deviations on a build counts only as if it were that far off.
const OUTLIER: f64 = 1.5;

/// Past e to this power, for better or worse, no drone is believed to be.
const FACTOR_MAX: f64 = 2.5;

/// What is known of each drone's speed.
#[derive(Debug, Clone, Default)]
pub(super) struct Speeds {
    drones: HashMap<PublicName, Record>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Record {
    total: f64,
    weight: f64,
}

impl Speeds {
    /// The logarithm of how much longer than others a drone needs; 0 when nothing is known.
    pub(super) fn of(&self, drone: Option<&PublicName>) -> f64 {
        let record = drone.and_then(|drone| self.drones.get(drone)).copied().unwrap_or_default();
        (record.total / (record.weight + PRIOR_WORTH)).clamp(-FACTOR_MAX, FACTOR_MAX)
    }

    /// Takes in a build: how much longer than on any drone it took, and what that can be trusted, at most 1.
    pub(super) fn learn(&mut self, drone: Option<&PublicName>, offset: f64, scatter: f64, trust: f64) {
        let Some(drone) = drone else { return };
        let before = self.of(Some(drone));
        let bounded = before + (offset - before).clamp(-OUTLIER * scatter, OUTLIER * scatter);
        let record = self.drones.entry(drone.clone()).or_default();
        record.total = record.total * KEEPS + bounded * trust;
        record.weight = record.weight * KEEPS + trust;
    }
}
