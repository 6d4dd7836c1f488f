//! One drone.

use std::sync::Arc;

use snapshot::{
    fleet::Drone,
    history::{Build, BuildStatus},
    infrastructure::Host,
    queue::QueueItem,
};

use super::{ITEMS_MAX, durations::Durations, newest};
use crate::{
    history::{index::Row, listing::Kept, summary::Summary},
    moment::Moment,
};

/// What is known of a drone.
#[derive(Debug)]
pub(crate) struct DroneRecord<'a> {
    /// Its name, as it is written where it was found.
    pub(crate) name: String,
    /// The drone; `None` when it is retired and only its builds are left.
    pub(crate) drone: Option<&'a Drone>,
    /// The machine that it is, if anything watches that.
    pub(crate) host: Option<&'a Host>,
    /// Figures over all its builds, judged as the drone's and not as the packages'; `None` when no history was ever
    /// known.
    pub(crate) summary: Option<Summary>,
    /// How long its builds take.
    pub(crate) durations: Durations,
    /// Its newest builds.
    pub(crate) builds: Vec<Arc<Build>>,
    /// What it has in hand.
    pub(crate) items: Vec<&'a QueueItem>,
    /// How far back the archive reaches; `None` when no history was ever known.
    pub(crate) kept: Option<Kept>,
}

impl<'a> DroneRecord<'a> {
    /// Finds a drone by its name, in any case; `None` when nobody knows it.
    pub(crate) fn find(name: &str, moment: &Moment<'a>) -> Option<Self> {
        let snapshot = moment.snapshot;
        let fleet = snapshot.fleet.get().map_or(&[][..], |fleet| &fleet.drones);
        let drone = fleet.iter().find(|drone| drone.name.same(name));
        let building = snapshot.queue.get().map_or(&[][..], |queue| &queue.building);
        let is_its = |item: &&QueueItem| item.drone.as_ref().is_some_and(|drone| drone.same(name));
        let items: Vec<&QueueItem> = building.iter().filter(is_its).take(ITEMS_MAX).collect();
        let rows: Vec<Row> = moment.history.iter().flat_map(|index| index.of_drone(name)).collect();
        let index = moment.history;
        let built = index.and_then(|index| rows.first().and_then(|row| index.build(*row)));
        let name = drone
            .map(|drone| &drone.name)
            .or_else(|| built?.drone.as_ref())
            .or_else(|| items.first()?.drone.as_ref())?;
        let hosts = snapshot.metrics.get().map_or(&[][..], |metrics| &metrics.hosts);
        Some(Self {
            name: name.to_string(),
            drone,
            host: hosts.iter().find(|host| host.name.same(name.as_str())),
            summary: index.map(|index| Summary::judged(index, &rows, BuildStatus::counts_for_drone_as)),
            durations: index.map(|index| Durations::of(index, &rows)).unwrap_or_default(),
            builds: index.map(|index| newest(index, &rows)).unwrap_or_default(),
            items,
            kept: index.map(Kept::of),
        })
    }
}
