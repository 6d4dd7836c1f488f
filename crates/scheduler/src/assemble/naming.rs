//! From what a backend wrote to what the public may read.

use std::collections::HashSet;

use identity::{
    directory::{Directory, Record, SubjectId},
    guard::LeakGuard,
    name::PublicName,
    package::{Atom, PackageAtom},
};
use snapshot::section::SourceName;

use crate::report::{HistoryReport, OrchestratorReport};

const ORIGIN: &str = SourceName::Orchestrator.as_str();

/// A machine, and what the public calls it: nothing when it is dropped.
pub(super) type Recognised = (SubjectId, Option<PublicName>);

/// The directory and the guard that belongs to it.
pub(super) struct Naming<'a> {
    pub(super) directory: &'a mut Directory,
    pub(super) guard: &'a LeakGuard,
}

impl Naming<'_> {
    /// Clears an atom for publication.
    pub(super) fn package(&self, atom: &Atom) -> Option<PackageAtom> {
        self.directory.package(atom, self.guard)
    }

    /// The machine that a reference means, and what the public calls it.
    pub(super) fn drone(&mut self, reference: &str, origin: &'static str, at: i64) -> Option<Recognised> {
        let subject = self.directory.resolve(reference, origin, at)?;
        Some((subject, self.directory.name(subject)))
    }

    /// The machine on which a target of Prometheus runs.
    pub(super) fn target(&mut self, instance: &str, origin: &'static str, at: i64) -> Option<Recognised> {
        let record = Record { addresses: vec![instance], endpoint: Some(instance), ..Record::default() };
        match self.directory.whose(&record) {
            Some(subject) => Some((subject, self.directory.name(subject))),
            None => self.drone(instance, origin, at),
        }
    }
}

/// Shows the directory every machine that a report mentions.
///
/// That is done before anything of the report is cleared for publication: the leak guard must know a name before
/// the first text is searched for it, not from the row on that brought it.
pub(super) fn note(directory: &mut Directory, report: &OrchestratorReport, at: i64) {
    for (id, name) in report.history.iter().flat_map(HistoryReport::drones) {
        match (id, name) {
            // Where the drone is gone, the name is only the beginning of the id.
            (Some(id), Some(name)) if !id.starts_with(name) => directory.tie(id, name, ORIGIN, at),
            (id, name) => id.into_iter().chain(name).for_each(|text| directory.note_text(text, at)),
        }
    }
    let status = report.status.iter();
    let rows = report.queue.iter().flatten().chain(status.clone().flat_map(|status| &status.mentioned));
    let holders = rows.filter_map(|row| row.drone.as_deref());
    let grounded = status.flat_map(|status| &status.grounded).map(|(name, _)| name.as_str());
    for name in holders.chain(grounded).collect::<HashSet<_>>() {
        directory.note_text(name, at);
    }
}
