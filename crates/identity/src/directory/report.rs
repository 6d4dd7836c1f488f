//! The list from which the operator learns who is who.

use std::collections::BTreeMap;

use crate::{
    alias::handle,
    config::Unknown,
    directory::{Directory, Origin, subject::Subject},
};

/// One internal name at one place, for the operator's eyes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameEntry {
    /// The name, address or id as compared: lower case, without port unless that alone tells machines apart.
    pub internal: String,
    /// Its mark in the logs.
    pub handle: String,
    /// Where it was seen.
    pub origin: Origin,
    /// What the public calls it.
    pub public: Option<String>,
    /// How it came to that name.
    pub status: NameStatus,
    /// First seen, in Unix seconds.
    pub first_seen: i64,
    /// Last seen, in Unix seconds.
    pub last_seen: i64,
    /// What has the name.
    pub kind: NameKind,
}

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A machine; entries with the same number are one.
    Machine(usize),
    /// Machines that nothing tells apart.
    Machines,
    /// A service that the operator did not name.
    Service,
}

/// How a name is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameStatus {
    /// A star of the configuration claims it.
    Claimed,
    /// It has a name from the catalogue.
    Pseudonym,
    /// It is not published.
    Dropped,
    /// It stands on several records and joins nothing.
    Ambiguous,
}

impl NameStatus {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Pseudonym => "pseudonym",
            Self::Dropped => "dropped",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// What is known of names that are dropped.
pub(super) type Dropped = BTreeMap<(String, Origin), (i64, i64)>;

/// The most dropped names that are remembered.
const DROPPED_MAX: usize = 4_096;

impl Directory {
    /// Notes a service that has no public name; `at` is in Unix seconds.
    ///
    /// Its name is often that of common software, so the leak guard does not search for it: services are published
    /// under names of the configuration only.
    pub fn note_dropped(&mut self, service: &str, origin: Origin, at: i64) {
        let key = (service.to_owned(), origin);
        if let Some((_, last_seen)) = self.dropped.get_mut(&key) {
            *last_seen = at;
        } else if self.dropped.len() < DROPPED_MAX {
            self.dropped.insert(key, (at, at));
        }
    }

    /// What the operator's list shows.
    #[must_use]
    pub fn report(&self) -> Vec<NameEntry> {
        let machines = self.subjects.iter().enumerate();
        let machines = machines.flat_map(|(n, subject)| self.entries(NameKind::Machine(n), subject));
        let unplaced = self.entries(NameKind::Machines, &self.unplaced);
        let services = self.dropped.iter().map(|((service, origin), (first_seen, last_seen))| NameEntry {
            internal: service.clone(),
            handle: handle(service),
            origin,
            public: None,
            status: NameStatus::Dropped,
            first_seen: *first_seen,
            last_seen: *last_seen,
            kind: NameKind::Service,
        });
        machines.chain(unplaced).chain(services).collect()
    }

    fn entries(&self, kind: NameKind, subject: &Subject) -> impl Iterator<Item = NameEntry> {
        let unclaimed = match self.config.unknown() {
            Unknown::Pseudonym => NameStatus::Pseudonym,
            Unknown::Drop => NameStatus::Dropped,
        };
        let status = if subject.star.is_some() { NameStatus::Claimed } else { unclaimed };
        subject.sightings.iter().map(move |sighting| {
            let lost = sighting.ambiguous || self.ambiguous.contains_key(&sighting.alias);
            NameEntry {
                internal: sighting.alias.reveal(),
                handle: sighting.alias.handle(),
                origin: sighting.origin,
                public: subject.name.as_ref().map(|name| name.as_str().to_owned()),
                status: if lost { NameStatus::Ambiguous } else { status },
                first_seen: sighting.first_seen,
                last_seen: sighting.last_seen,
                kind,
            }
        })
    }
}
