//! The operator's list of who is who, and the configuration that claims a name.
//!
//! It holds internal names. It goes to the internal listener and nowhere else.

use identity::directory::{Directory, NameEntry, NameKind, NameStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Every internal name that was seen, and what the public calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesReport {
    /// One entry a name and place, machines together.
    pub names: Vec<NameRow>,
}

/// One internal name at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRow {
    /// The name, address or id, in lower case; with a port only where nothing else tells machines apart.
    pub internal: String,
    /// Its mark in the logs.
    pub handle: String,
    /// Which backend spoke of it.
    pub origin: String,
    /// What the public calls it.
    pub public: Option<String>,
    /// `claimed`, `pseudonym`, `dropped` or `ambiguous`.
    pub status: String,
    /// First seen, RFC 3339.
    pub first_seen: String,
    /// Last seen, RFC 3339.
    pub last_seen: String,
    /// Rows with the same number are one machine; null for a service, and for machines that nothing tells apart.
    pub machine: Option<usize>,
}

impl NamesReport {
    /// The list as it stands.
    #[must_use]
    pub fn of(directory: &Directory) -> Self {
        Self { names: directory.report().into_iter().map(NameRow::of).collect() }
    }

    /// `[[identity.stars]]` blocks for every machine that has only a pseudonym or none, to paste and to edit.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let unclaimed = |row: &&NameRow| {
            row.status == NameStatus::Pseudonym.as_str() || row.status == NameStatus::Dropped.as_str()
        };
        let mut machines: Vec<(usize, Option<&str>, Vec<&str>)> = Vec::new();
        for row in self.names.iter().filter(unclaimed) {
            let Some(machine) = row.machine else { continue };
            match machines.iter_mut().find(|(other, ..)| *other == machine) {
                Some((_, _, aliases)) if aliases.contains(&row.internal.as_str()) => {}
                Some((_, _, aliases)) => aliases.push(&row.internal),
                None => machines.push((machine, row.public.as_deref(), vec![&row.internal])),
            }
        }
        let block = |(_, public, aliases): &(usize, Option<&str>, Vec<&str>)| {
            let aliases: Vec<String> = aliases.iter().map(|alias| format!("{alias:?}")).collect();
            let name = public.unwrap_or("Choose a name");
            format!("[[identity.stars]]\nname = {name:?}\naliases = [{}]\n", aliases.join(", "))
        };
        machines.iter().map(block).collect::<Vec<_>>().join("\n")
    }
}

impl NameRow {
    fn of(entry: NameEntry) -> Self {
        Self {
            internal: entry.internal,
            handle: entry.handle,
            origin: entry.origin.to_owned(),
            public: entry.public,
            status: entry.status.as_str().to_owned(),
            first_seen: instant(entry.first_seen),
            last_seen: instant(entry.last_seen),
            machine: match entry.kind {
                NameKind::Machine(machine) => Some(machine),
                NameKind::Machines | NameKind::Service => None,
            },
        }
    }
}

fn instant(second: i64) -> String {
    Timestamp::from_second(second).map(|at| at.to_string()).unwrap_or_default()
}
