//! Which identifiers are one machine, and what the public calls it.
//!
//! The directory has one owner. Backends' answers are shown to it a whole answer at a time
//! ([`Directory::observe`]), because only then can it see that two records carry the same alias. Such an alias
//! joins nothing and is reported: a build swarm where every drone states the same overlay address would otherwise
//! collapse into one machine.
//!
//! - `index`: from an alias to the machine that has it.
//! - `join`: from a record to its machine.
//! - `recall`: from what was stored to what the public calls it now.
//! - `reconfigure`: the same knowledge under another configuration.
//! - `report`: the operator's list.
//! - `subject`: one machine.

mod index;
mod join;
mod recall;
mod reconfigure;
mod report;
mod secrets;
mod subject;

use std::collections::{HashMap, HashSet, hash_map::Entry};

pub use recall::Clearing;
pub use reconfigure::Moved;
pub use report::{NameEntry, NameKind, NameStatus};
pub use subject::SubjectId;

use crate::{
    alias::Alias,
    config::{Config, Star, Unknown},
    guard::LeakGuard,
    name::PublicName,
    package::{Atom, PackageAtom},
    pseudonym::{Digest, Pseudonyms},
};
use index::Index;
use join::Claim;
use subject::Subject;

/// The newest observed names that the leak guard searches for.
pub const OBSERVED_MAX: usize = 16_384;

/// Where an identifier was seen: a word for the operator's list, such as `gateway`.
pub type Origin = &'static str;

/// One machine as one record of an answer describes it.
#[derive(Debug, Clone, Default)]
pub struct Record<'a> {
    /// Its id, where the backend has one.
    pub id: Option<&'a str>,
    /// Its names.
    pub names: Vec<&'a str>,
    /// Its addresses.
    pub addresses: Vec<&'a str>,
    /// Where it is scraped, with the port: tells machines apart that share an address.
    pub endpoint: Option<&'a str>,
}

/// Everything known about internal identifiers.
#[derive(Debug)]
pub struct Directory {
    config: Config,
    pseudonyms: Pseudonyms,
    subjects: Vec<Subject>,
    index: Index,
    ambiguous: HashMap<Alias, Origin>,
    /// What stood on records that nothing told apart.
    unplaced: Subject,
    observed: HashMap<String, i64>,
    /// Which identifier a digest stands for, as far as it was seen or configured.
    digested: HashMap<Digest, Alias>,
    /// The stars that claim what once had a pseudonym, by that in lower case.
    claimed: HashMap<String, usize>,
    /// The public names that machines have, in lower case.
    held: HashSet<String>,
    /// Names of services that are not published: when first and last seen, by name and place.
    dropped: report::Dropped,
    /// Configured texts that are nobody's name; the leak guard searches for them, and nothing else knows them.
    secrets: secrets::Secrets,
    generation: u64,
}

impl Directory {
    /// Starts with what the operator configured and what earlier runs assigned.
    #[must_use]
    pub fn new(config: Config, pseudonyms: Pseudonyms) -> Self {
        let mut directory = Self {
            config,
            pseudonyms,
            subjects: Vec::new(),
            index: Index::default(),
            ambiguous: HashMap::new(),
            unplaced: Subject::default(),
            observed: HashMap::new(),
            digested: HashMap::new(),
            claimed: HashMap::new(),
            held: HashSet::new(),
            dropped: report::Dropped::new(),
            secrets: secrets::Secrets::default(),
            generation: 1,
        };
        directory.admit_stars();
        directory
    }

    /// Changes whenever a name may resolve differently than before, or the leak guard has more to search for.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Takes in an id and the name beside it in a row about the past, as far as nothing better is known.
    ///
    /// A row may be older than every record: it moves no name from one machine to another, and shown again it
    /// changes nothing.
    pub fn tie(&mut self, id: &str, name: &str, origin: Origin, at: i64) {
        let (Some(id), Some(name)) = (Alias::parse(id), Alias::parse(name)) else { return };
        self.note(&name, at);
        let own = self.index.find(&id);
        let is_elses = self.index.find(&name).is_some_and(|holder| {
            let is_settled = if self.is_claimed(holder) {
                own.is_some_and(|own| self.is_claimed(own))
            } else {
                self.subjects[holder.index()].id.is_some()
            };
            Some(holder) != own && is_settled
        });
        let rest = if is_elses { Vec::new() } else { vec![name] };
        self.join(&Claim { id: Some(id), rest, endpoint: None }, origin, at);
    }

    /// The machine to which a reference such as a name, an address, an id or the beginning of one leads.
    ///
    /// An unknown *name* becomes a machine of its own; an unknown address or id leads nowhere.
    pub fn resolve(&mut self, reference: &str, origin: Origin, at: i64) -> Option<SubjectId> {
        let alias = Alias::parse(reference)?;
        self.note(&alias, at);
        if self.ambiguous.contains_key(&alias) {
            return None;
        }
        if let Some(id) = self.index.find(&alias) {
            self.subjects[id.index()].see(alias, origin, at);
            return Some(id);
        }
        if alias.is_id_like() || matches!(alias, Alias::Address(_)) {
            return None;
        }
        let id = self.add(Subject::default());
        self.attach(id, &alias);
        self.subjects[id.index()].see(alias, origin, at);
        Some(id)
    }

    /// What the public calls the machine; `None` when it is dropped.
    pub fn name(&mut self, id: SubjectId) -> Option<PublicName> {
        let subject = &self.subjects[id.index()];
        if let Some(name) = &subject.name {
            return Some(name.clone());
        }
        if self.config.unknown() == Unknown::Drop {
            return None;
        }
        let aliases = subject.keys.clone();
        let Self { held, observed, index, pseudonyms, .. } = self;
        let is_alias = |folded: &str| Alias::parse(folded).is_some_and(|alias| index.find(&alias).is_some());
        let name = pseudonyms.assign(
            &aliases,
            |folded| held.contains(folded),
            |folded| observed.contains_key(folded) || is_alias(folded),
        )?;
        self.held.insert(name.folded());
        self.subjects[id.index()].name = Some(name.clone());
        self.generation += 1;
        Some(name)
    }

    /// Whether a name is a machine's: a star of the configuration has it, or it was given and not taken back.
    #[must_use]
    pub fn is_held(&self, name: &PublicName) -> bool {
        self.held.contains(&name.folded())
    }

    /// The galaxy of the machine: its star's, or that of its first address in a configured network.
    #[must_use]
    pub fn galaxy(&self, id: SubjectId) -> Option<PublicName> {
        let subject = &self.subjects[id.index()];
        if let Some(galaxy) = self.star(id).and_then(|star| star.galaxy.clone()) {
            return Some(galaxy);
        }
        let addresses = subject.keys.iter().filter_map(Alias::address);
        addresses.filter_map(|address| self.config.galaxy_of_address(address)).next().cloned()
    }

    /// The operator's entry for the machine.
    #[must_use]
    pub fn star(&self, id: SubjectId) -> Option<&Star> {
        self.subjects[id.index()].star.map(|star_idx| &self.config.stars()[star_idx])
    }

    /// The stars of which no backend has spoken yet.
    pub fn unseen_stars(&self) -> impl Iterator<Item = &Star> {
        let unseen = self.subjects.iter().filter(|subject| subject.sightings.is_empty());
        unseen.filter_map(|subject| Some(&self.config.stars()[subject.star?]))
    }

    /// The galaxies, in the operator's order.
    pub fn galaxies(&self) -> impl Iterator<Item = &PublicName> {
        self.config.galaxies().iter().map(|g| &g.name)
    }

    /// Clears an atom for publication; `None` withholds it.
    ///
    /// Withheld are foreign categories, hidden packages, and names that contain an internal name as a token.
    #[must_use]
    pub fn package(&self, atom: &Atom, guard: &LeakGuard) -> Option<PackageAtom> {
        let is_clear =
            self.may_name(atom, guard) && !atom.version().is_some_and(|version| guard.names_in(version));
        is_clear.then(|| atom.clear())
    }

    fn may_name(&self, atom: &Atom, guard: &LeakGuard) -> bool {
        self.config.is_known_category(atom.category())
            && !self.config.hides(atom.qualified_name())
            && !guard.names_in(atom.name())
    }

    /// A leak guard that searches for everything known now.
    #[must_use]
    pub fn guard(&self) -> LeakGuard {
        let aliases = self.config.stars().iter().flat_map(|star| star.aliases.iter().map(Alias::reveal));
        let secrets = self.secrets.iter().cloned();
        LeakGuard::new(aliases.chain(self.observed.keys().cloned()).chain(secrets), self.held.iter().cloned())
    }

    /// Notes an internal text that is no machine's (an instance, a job, a path) so that the guard searches for it.
    pub fn note_text(&mut self, text: &str, at: i64) {
        if let Some(alias) = Alias::parse(text) {
            self.note(&alias, at);
        }
    }

    /// The pseudonyms given since the last call, by digest, for whoever stores them.
    pub fn take_unstored(&mut self) -> Vec<(Digest, PublicName)> {
        self.pseudonyms.take_unstored()
    }

    /// Makes a machine of each star, before any other is there.
    fn admit_stars(&mut self) {
        let Self { config, subjects, index, held, .. } = self;
        held.extend(config.public_names().map(PublicName::folded));
        for (star_idx, star) in config.stars().iter().enumerate() {
            let id = SubjectId::new(subjects.len());
            subjects.push(Subject::of_star(star_idx, star));
            for alias in &star.aliases {
                index.insert(alias.clone(), id);
            }
        }
        self.digest_stars();
    }

    fn note(&mut self, alias: &Alias, at: i64) {
        match self.observed.entry(alias.reveal()) {
            // A row of long ago makes a name no older than it was.
            Entry::Occupied(mut seen) => *seen.get_mut() = at.max(*seen.get()),
            Entry::Vacant(place) => {
                place.insert(at);
                self.digested.insert(self.pseudonyms.digest(alias), alias.clone());
                self.generation += 1;
            }
        }
        if self.observed.len() > OBSERVED_MAX {
            let mut ages: Vec<i64> = self.observed.values().copied().collect();
            ages.sort_unstable();
            // Forgets a sixteenth at once, so that this happens rarely; ties fall together.
            let oldest = ages[ages.len() / 16];
            self.observed.retain(|_, seen| *seen > oldest);
            let Self { digested, index, observed, .. } = self;
            digested.retain(|_, alias| index.find(alias).is_some() || observed.contains_key(&alias.reveal()));
        }
    }
}

#[cfg(test)]
mod tests;
