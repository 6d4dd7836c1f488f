//! From what a backend wrote to what the public may read.

use identity::{
    directory::{Directory, SubjectId},
    guard::LeakGuard,
    name::PublicName,
    package::{Atom, PackageAtom},
};

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
}
