//! One finished build as the book keeps it.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use identity::{
    package::{Atom, PackageAtom},
    pseudonym::Digest,
};
use jiff::Timestamp;
use snapshot::history::{Build, BuildId, BuildStatus};

use super::drones::Drones;
use crate::{
    archive::record::StoredBuild,
    report::{BuildKey, HistoryRow, Work},
};

/// A finished build.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: BuildKey,
    pub(super) upstream_id: Option<u64>,
    pub(super) what: What,
    /// By its number.
    pub(super) drone: Option<u32>,
    pub(super) status: BuildStatus,
    pub(super) duration_ms: Option<u64>,
    pub(super) finished_at: Timestamp,
    /// The public id that an earlier run gave, and whether its package was published.
    pub(super) stored_id: Option<(BuildId, bool)>,
    /// As it is published; `None` until it is named.
    pub(super) build: Option<Arc<Build>>,
}

/// What was built, whether or not the public may know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// A package.
    Package(Atom),
    /// Something that is none, in the backend's words.
    Text(Arc<str>),
    /// Something that was withheld when it was archived.
    Unexplained,
}

impl Row {
    pub(super) fn reported(row: HistoryRow, drone: Option<u32>) -> Self {
        Self {
            key: row.key,
            upstream_id: row.upstream_id,
            what: What::from(row.work),
            drone,
            status: row.status,
            duration_ms: row.duration_ms,
            finished_at: row.finished_at,
            stored_id: None,
            build: None,
        }
    }

    pub(super) fn restored(stored: StoredBuild<Atom>) -> Self {
        Self {
            key: stored.key,
            upstream_id: stored.upstream_id,
            stored_id: Some((stored.id, stored.package.is_some())),
            what: stored.package.map_or(What::Unexplained, What::Package),
            drone: stored.drone,
            status: stored.status,
            duration_ms: stored.duration_ms,
            finished_at: stored.finished_at,
            build: None,
        }
    }

    /// By what rows are ordered: those of one second by the backend's ids.
    pub(super) fn place(&self) -> (Timestamp, Option<u64>, BuildKey) {
        (self.finished_at, self.upstream_id, self.key)
    }

    /// What must not change when the backend tells the build again. The name of its drone may: once the drone is
    /// removed it is the beginning of its id.
    pub(super) fn fingerprint(&self, drone_id: Option<Digest>) -> u32 {
        let mut hasher = DefaultHasher::new();
        (self.status, self.duration_ms, drone_id).hash(&mut hasher);
        // A part of it is as good.
        u32::try_from(hasher.finish() >> 32).unwrap_or(0)
    }

    pub(super) fn stored(&self, build: &Build) -> StoredBuild<PackageAtom> {
        StoredBuild {
            key: self.key,
            upstream_id: self.upstream_id,
            id: build.id.clone(),
            package: build.package.clone(),
            drone: self.drone,
            status: self.status,
            duration_ms: self.duration_ms,
            finished_at: self.finished_at,
        }
    }
}

impl What {
    pub(super) fn of(text: &str) -> Self {
        Work::parse(text).into()
    }

    pub(super) fn atom(&self) -> Option<&Atom> {
        match self {
            Self::Package(atom) => Some(atom),
            Self::Text(_) | Self::Unexplained => None,
        }
    }
}

// === impl What ===

impl From<Work> for What {
    fn from(work: Work) -> Self {
        work.atom.map_or(Self::Text(work.raw), Self::Package)
    }
}

// === impl Drones ===

impl Drones {
    /// The digest of a drone's id.
    pub(super) fn id_of(&self, number: Option<u32>) -> Option<Digest> {
        number.and_then(|number| self.digests(number).id)
    }
}
