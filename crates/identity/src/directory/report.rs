//! The list from which the operator learns who is who.

use std::collections::HashMap;

use crate::{
    alias::Alias,
    config::Unknown,
    directory::{Origin, subject::Subject},
};

/// One internal name at one place, for the operator's eyes only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameEntry {
    /// The name, address or id as compared: lower case, without port.
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
    /// Entries with the same number are one machine.
    pub machine: usize,
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

pub(super) fn entries(
    subjects: &[Subject],
    ambiguous: &HashMap<Alias, Origin>,
    unknown: Unknown,
) -> Vec<NameEntry> {
    let mut entries = Vec::new();
    for (machine, subject) in subjects.iter().enumerate() {
        let unclaimed = match unknown {
            Unknown::Pseudonym => NameStatus::Pseudonym,
            Unknown::Drop => NameStatus::Dropped,
        };
        let status = if subject.star.is_some() { NameStatus::Claimed } else { unclaimed };
        for sighting in &subject.sightings {
            let lost = sighting.ambiguous || ambiguous.contains_key(&sighting.alias);
            entries.push(NameEntry {
                internal: sighting.alias.reveal(),
                handle: sighting.alias.handle(),
                origin: sighting.origin,
                public: subject.name.as_ref().map(|name| name.as_str().to_owned()),
                status: if lost { NameStatus::Ambiguous } else { status },
                first_seen: sighting.first_seen,
                last_seen: sighting.last_seen,
                machine,
            });
        }
    }
    entries
}
