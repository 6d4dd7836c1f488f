//! What was stored by an earlier run, under the configuration of this one.
//!
//! A machine is stored as the digests of what a row called it. A digest leads to the machine whose identifier it is,
//! once that was configured or seen; until then, to the pseudonym that was given to it. Where a star claims any
//! identifier of a pseudonym, it claims the pseudonym and everything that once had it.

use std::collections::HashMap;

use super::{Directory, SubjectId};
use crate::{
    alias::Alias,
    config::Unknown,
    guard::LeakGuard,
    name::PublicName,
    package::{Atom, PackageAtom},
    pseudonym::Digest,
};

impl Directory {
    /// The digest under which an identifier is stored; `None` when nothing is left of it.
    #[must_use]
    pub fn digest(&self, reference: &str) -> Option<Digest> {
        Alias::parse(reference).map(|alias| self.pseudonyms.digest(&alias))
    }

    /// The machine that has one of the identifiers, as far as they were configured or seen.
    #[must_use]
    pub fn machine_of(&self, digests: &[Digest]) -> Option<SubjectId> {
        let aliases = digests.iter().filter_map(|digest| self.digested.get(digest));
        let usable = aliases.filter(|alias| !self.ambiguous.contains_key(alias));
        usable.filter_map(|alias| self.index.find(alias)).next()
    }

    /// The digest of what a machine is known by first: what a star claims, or what its pseudonym was given to.
    #[must_use]
    pub fn digest_of(&self, machine: SubjectId) -> Option<Digest> {
        self.subjects[machine.index()].keys.first().map(|alias| self.pseudonyms.digest(alias))
    }

    /// What the public calls the machine that had these identifiers; `None` when it is dropped or nobody knows.
    pub fn recall(&mut self, digests: &[Digest]) -> Option<PublicName> {
        if let Some(machine) = self.machine_of(digests) {
            return self.name(machine);
        }
        let given = digests.iter().filter_map(|digest| self.pseudonyms.given(digest)).next()?;
        self.claimant(given).or_else(|| {
            let is_anothers = self.star_named(given).is_some();
            (!is_anothers && self.config.unknown() != Unknown::Drop).then(|| given.clone())
        })
    }

    /// What the public calls a machine that was published under `name`; `None` when that name is no longer anybody's.
    #[must_use]
    pub fn recall_name(&self, name: &PublicName) -> Option<PublicName> {
        self.star_named(name).or_else(|| self.claimant(name)).or_else(|| {
            let is_given = self.config.unknown() != Unknown::Drop && self.pseudonyms.is_given(name);
            is_given.then(|| name.clone())
        })
    }

    /// What clears many packages, each name and version looked at once.
    #[must_use]
    pub fn clearing<'a>(&'a self, guard: &'a LeakGuard) -> Clearing<'a> {
        Clearing { directory: self, guard, names: HashMap::new(), versions: HashMap::new() }
    }

    /// Notes what digests the configured identifiers have, and which pseudonyms they claim.
    pub(super) fn digest_stars(&mut self) {
        let Self { config, digested, claimed, pseudonyms, .. } = self;
        for (star_idx, star) in config.stars().iter().enumerate() {
            for alias in &star.aliases {
                let digest = pseudonyms.digest(alias);
                if let Some(given) = pseudonyms.given(&digest) {
                    claimed.insert(given.folded(), star_idx);
                }
                digested.insert(digest, alias.clone());
            }
        }
    }

    fn claimant(&self, pseudonym: &PublicName) -> Option<PublicName> {
        let star_idx = self.claimed.get(&pseudonym.folded())?;
        self.config.stars().get(*star_idx).map(|star| star.name.clone())
    }

    fn star_named(&self, name: &PublicName) -> Option<PublicName> {
        self.config.stars().iter().find(|star| star.name.same(name.as_str())).map(|star| star.name.clone())
    }
}

/// Clears many packages under one configuration.
#[derive(Debug)]
pub struct Clearing<'a> {
    directory: &'a Directory,
    guard: &'a LeakGuard,
    names: HashMap<String, bool>,
    versions: HashMap<String, bool>,
}

impl Clearing<'_> {
    /// The package, if it may be published: what [`Directory::package`] says of it.
    pub fn package(&mut self, atom: &Atom) -> Option<PackageAtom> {
        let Self { directory, guard, names, versions } = self;
        let name = atom.qualified_name();
        let is_clear = names.get(name).copied().unwrap_or_else(|| {
            let is_clear = directory.may_name(atom, guard);
            names.insert(name.to_owned(), is_clear);
            is_clear
        });
        let is_clear = is_clear
            && atom.version().is_none_or(|version| {
                versions.get(version).copied().unwrap_or_else(|| {
                    let is_clear = !guard.names_in(version);
                    versions.insert(version.to_owned(), is_clear);
                    is_clear
                })
            });
        is_clear.then(|| atom.clear())
    }
}
