//! What is known of one package or one drone, found for one request.
//!
//! A name selects from what the snapshot and the index of its history hold; nothing that was asked for goes into an
//! answer, only names that were found. Lists are cut, and passes are over numbers of the index, so that an answer has a
//! size and a price that do not grow with the farm.
//!
//! - [`package`], [`drone`] the two
//! - [`durations`] how long builds took, over time and how often

pub(crate) mod drone;
pub(crate) mod durations;
pub(crate) mod package;

use std::sync::Arc;

use snapshot::history::Build;

pub(crate) use drone::DroneRecord;
pub(crate) use package::PackageRecord;

use crate::history::{Index, index::Row};

/// How many builds are listed.
pub(crate) const BUILDS_MAX: usize = 50;
/// How many items of the queue are listed.
const ITEMS_MAX: usize = 20;

/// The newest of some builds, which are given the newest first.
fn newest(index: &Index, rows: &[Row]) -> Vec<Arc<Build>> {
    rows.iter().take(BUILDS_MAX).filter_map(|row| index.build(*row).cloned()).collect()
}
