//! What is handed to the archive and what comes back from it.

use std::collections::BTreeMap;

use identity::{
    name::PublicName,
    package::{Atom, PackageAtom},
    pseudonym::Digest,
};
use jiff::Timestamp;
use snapshot::{
    history::{BuildId, BuildStatus, Gap},
    section::SourceName,
    snapshot::Snapshot,
    trend::Depth,
};

use crate::{
    ledger::{Day, DayNumber},
    report::BuildKey,
};

/// An assignment of a public name to the digest of an internal one.
pub type Assignment = (Digest, PublicName);

/// A drone of the past: what a row called it, as digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DroneDigests {
    /// Of its id.
    pub id: Option<Digest>,
    /// Of its name, or of the beginning of its id.
    pub name: Option<Digest>,
    /// Of what the machine was known by: a star may claim an identifier that no row has.
    pub machine: Option<Digest>,
}

/// A finished build. `P` is a package that is cleared, or one that must be cleared again.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBuild<P> {
    /// Which build it is.
    pub key: BuildKey,
    /// The backend's id, where it is a number.
    pub upstream_id: Option<u64>,
    /// Its public id.
    pub id: BuildId,
    /// What was built; `None` = withheld when it was stored.
    pub package: Option<P>,
    /// Which drone built it, by its number.
    pub drone: Option<u32>,
    /// What became of it.
    pub status: BuildStatus,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// When it was booked.
    pub finished_at: Timestamp,
}

/// How much of the past is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// Whether everything from the first build on was seen.
    pub reaches_beginning: bool,
    /// Where builds were lost, the newest first.
    pub gaps: Vec<Gap>,
}

/// Something of which it is accounted how long it was up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// A host, by the digest of what it is known by.
    Host(Digest),
    /// A service, by the name that the operator gave it.
    Service(PublicName),
    /// A backend.
    Source(SourceName),
}

/// What changed of accounts and samples. What is there twice is stored as it was last.
#[derive(Debug, Default)]
pub struct Trends {
    /// What is watched, by its number.
    pub watched: Vec<(u32, Watched)>,
    /// Days, each by what it is of.
    pub days: BTreeMap<(DayNumber, u32), Day>,
    /// How deep the queue was, by the beginning of the step.
    pub depths: BTreeMap<Timestamp, Depth>,
    /// Everything before is forgotten.
    pub forget_before: Option<Timestamp>,
}

/// What became known since the last batch.
#[derive(Debug, Default)]
pub struct Batch {
    /// Names that were given.
    pub assignments: Vec<Assignment>,
    /// Drones that builds refer to, by their numbers.
    pub drones: Vec<(u32, DroneDigests)>,
    /// Builds.
    pub builds: Vec<StoredBuild<PackageAtom>>,
    /// How much of the past is known, when that changed.
    pub coverage: Option<Coverage>,
    /// Accounts and samples.
    pub trends: Trends,
    /// What is published; its history is not stored with it.
    pub published: Option<Snapshot>,
}

/// An account as it was archived.
#[derive(Debug)]
pub struct StoredLedger {
    /// Of what.
    pub watched: Watched,
    /// Its days.
    pub days: Vec<(DayNumber, Day)>,
}

/// Accounts and samples as they were archived.
#[derive(Debug, Default)]
pub struct PastTrends {
    /// The accounts, by the numbers of what they are of.
    pub ledgers: BTreeMap<u32, StoredLedger>,
    /// How deep the queue was, the oldest sample first.
    pub depths: Vec<Depth>,
}

/// The past as it was archived.
#[derive(Debug, Default)]
pub struct Past {
    /// The drones that builds refer to; a number is an index.
    pub drones: Vec<DroneDigests>,
    /// The newest builds, the oldest of them first.
    pub builds: Vec<StoredBuild<Atom>>,
    /// Whether there are older ones.
    pub is_cut: bool,
    /// How much of the past is known; `None` when nothing ever was.
    pub coverage: Option<Coverage>,
    /// Accounts and samples.
    pub trends: PastTrends,
}

impl Trends {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { watched, days, depths, forget_before } = self;
        watched.is_empty() && days.is_empty() && depths.is_empty() && forget_before.is_none()
    }

    /// Adds what changed after it.
    fn extend(&mut self, later: Self) {
        self.watched.extend(later.watched);
        self.days.extend(later.days);
        self.depths.extend(later.depths);
        self.forget_before = later.forget_before.or(self.forget_before);
    }
}

impl Batch {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.assignments.is_empty()
            && self.drones.is_empty()
            && self.builds.is_empty()
            && self.coverage.is_none()
            && self.trends.is_empty()
            && self.published.is_none()
    }

    /// Adds what became known after it.
    pub fn extend(&mut self, later: Self) {
        self.assignments.extend(later.assignments);
        self.drones.extend(later.drones);
        self.builds.extend(later.builds);
        self.coverage = later.coverage.or(self.coverage.take());
        self.trends.extend(later.trends);
        self.published = later.published.or(self.published.take());
    }
}
