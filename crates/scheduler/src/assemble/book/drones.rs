//! The drones of the past, each looked up once.

use std::collections::HashMap;

use identity::{
    directory::{Directory, SubjectId},
    name::PublicName,
    pseudonym::Digest,
};
use jiff::Timestamp;
use snapshot::section::SourceName;

use super::super::naming::Naming;
use crate::{
    archive::record::DroneDigests,
    report::{HistoryReport, HistoryRow},
};

const ORIGIN: &str = SourceName::Orchestrator.as_str();

/// Every drone that a row of the book refers to, by its number.
#[derive(Debug, Default)]
pub(super) struct Drones {
    drones: Vec<PastDrone>,
    numbers: HashMap<DroneDigests, u32>,
}

#[derive(Debug)]
struct PastDrone {
    digests: DroneDigests,
    /// What the backend calls it, once it did so in this run: its id and its name.
    texts: [Option<String>; 2],
    last_built_at: Timestamp,
}

impl Drones {
    pub(super) fn restored(digests: Vec<DroneDigests>) -> Self {
        let mut drones = Self::default();
        for digests in digests {
            drones.add(digests, [None, None]);
        }
        drones
    }

    /// The number of a row's drone, and whether it is a new one.
    pub(super) fn number(&mut self, row: &HistoryRow, directory: &Directory) -> Option<(u32, IsNew)> {
        let digest = |text: &Option<String>| text.as_deref().and_then(|text| directory.digest(text));
        let digests =
            DroneDigests { id: digest(&row.drone_id), name: digest(&row.drone_name), machine: None };
        if digests == DroneDigests::default() {
            return None;
        }
        let texts = || [row.drone_id.clone(), row.drone_name.clone()];
        let (number, is_new) = match self.numbers.get(&digests) {
            Some(number) => (*number, IsNew::No),
            None => (self.add(digests, texts()), IsNew::Yes),
        };
        if let Some(drone) = self.drones.get_mut(index(number)) {
            drone.last_built_at = drone.last_built_at.max(row.finished_at);
            if drone.texts == [None, None] {
                drone.texts = texts();
            }
        }
        Some((number, is_new))
    }

    pub(super) fn digests(&self, number: u32) -> DroneDigests {
        self.drones.get(index(number)).map(|drone| drone.digests).unwrap_or_default()
    }

    /// What the public calls each, in the order of the numbers. Of those that turn out to be known by something else
    /// than before, the digests go to `unstored`.
    pub(super) fn names(
        &mut self,
        naming: &mut Naming<'_>,
        unstored: &mut Vec<(u32, DroneDigests)>,
    ) -> Vec<Option<PublicName>> {
        let mut name = |(number, drone): (u32, &mut PastDrone)| {
            let at = drone.last_built_at.as_second();
            let texts = drone.texts.iter().flatten();
            let Some((machine, name)) = texts.filter_map(|text| naming.drone(text, ORIGIN, at)).next() else {
                return naming.directory.recall(&drone.digests.all());
            };
            let known_by = naming.directory.digest_of(machine);
            if drone.digests.machine != known_by {
                drone.digests.machine = known_by;
                unstored.push((number, drone.digests));
            }
            name
        };
        (0_u32..).zip(&mut self.drones).map(&mut name).collect()
    }

    /// Which machine each is, in the order of the numbers.
    pub(super) fn machines(&self, directory: &Directory) -> Vec<Option<SubjectId>> {
        self.drones.iter().map(|drone| directory.machine_of(&drone.digests.all())).collect()
    }

    fn add(&mut self, digests: DroneDigests, texts: [Option<String>; 2]) -> u32 {
        let number = u32::try_from(self.drones.len()).unwrap_or(u32::MAX);
        self.drones.push(PastDrone { digests, texts, last_built_at: Timestamp::MIN });
        let told = DroneDigests { machine: None, ..digests };
        *self.numbers.entry(told).or_insert(number)
    }
}

/// Whether a drone was not in the book before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IsNew {
    Yes,
    No,
}

impl DroneDigests {
    /// The digests, the strongest evidence first.
    fn all(&self) -> Vec<Digest> {
        self.id.into_iter().chain(self.name).chain(self.machine).collect()
    }
}

impl HistoryReport {
    /// The drones of the rows, each once: id and name.
    pub(in crate::assemble) fn drones(&self) -> impl Iterator<Item = (Option<&str>, Option<&str>)> {
        let mut seen = std::collections::HashSet::new();
        let drones = self.rows.iter().map(|row| (row.drone_id.as_deref(), row.drone_name.as_deref()));
        drones.filter(move |drone| seen.insert(*drone))
    }
}

/// A number is an index; where numbers are narrower it leads nowhere.
pub(super) fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
