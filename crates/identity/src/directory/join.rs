//! From a record to its machine: which evidence joins, and which does not.
//!
//! Strength of evidence: a configured star's alias, then the id of a record, its names, its addresses. An alias
//! that moves from one record with an id to another is re-pointed; it never merges two machines that have ids.
//!
//! The endpoint is the weakest: it counts only where a record carries an ambiguous alias. Exporters that share an
//! address are told apart by their node names, and while those are missing or shared too, by their endpoints. An
//! endpoint leads to a machine only as long as what tied it to that machine is unambiguous.
//!
//! What is shown a second time adds nothing: a record makes a machine only if it leaves an alias that finds it again.

use std::collections::{HashMap, HashSet};

use super::{Directory, Origin, Record, Subject, SubjectId};
use crate::alias::Alias;

/// A record's aliases, parsed.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) id: Option<Alias>,
    pub(super) rest: Vec<Alias>,
    pub(super) endpoint: Option<Alias>,
}

impl Directory {
    /// Takes in all records of one answer; gives the machine of each, if anything tells which it is.
    ///
    /// `at` is in Unix seconds.
    pub fn observe(&mut self, records: &[Record<'_>], origin: Origin, at: i64) -> Vec<Option<SubjectId>> {
        let claims: Vec<Claim> = records.iter().map(Claim::of).collect();
        let mut owners: HashMap<&Alias, usize> = HashMap::new();
        let mut contested = HashSet::new();
        for (record_idx, claim) in claims.iter().enumerate() {
            for alias in claim.aliases().chain(&claim.endpoint) {
                let owner = *owners.entry(alias).or_insert(record_idx);
                if owner != record_idx && !claims[owner].is_same(claim) {
                    contested.insert(alias.clone());
                }
            }
        }
        for alias in contested {
            self.set_ambiguous(alias, origin);
        }
        claims.into_iter().map(|claim| self.join(&claim, origin, at)).collect()
    }

    /// The machine of a record that was taken in: by its id, its names, its addresses, its endpoint.
    #[must_use]
    pub fn whose(&self, record: &Record<'_>) -> Option<SubjectId> {
        let claim = Claim::of(record);
        let found = |alias: &Alias| self.index.find(alias).filter(|_| !self.is_ambiguous(alias));
        let endpoint = claim.endpoint.as_ref().and_then(found);
        let star = claim.aliases().filter_map(found).chain(endpoint).find(|id| self.is_claimed(*id));
        let by_endpoint = endpoint.filter(|_| self.is_shared(&claim));
        star.or_else(|| claim.aliases().find_map(found)).or(by_endpoint)
    }

    /// Finds or makes the machine of a record and gives it all the record's unambiguous aliases.
    pub(super) fn join(&mut self, claim: &Claim, origin: Origin, at: i64) -> Option<SubjectId> {
        for alias in claim.aliases() {
            self.note(alias, at);
        }
        let usable: Vec<Alias> = claim.aliases().filter(|alias| !self.is_ambiguous(alias)).cloned().collect();
        let endpoint = claim.endpoint.as_ref().filter(|endpoint| !self.is_ambiguous(endpoint));
        let by_endpoint = endpoint.and_then(|endpoint| self.index.find(endpoint));
        let own = claim.id.as_ref().filter(|id| !self.is_ambiguous(id)).and_then(|id| self.index.find(id));
        let found = usable.iter().filter_map(|alias| self.index.find(alias));
        let star = found.clone().chain(by_endpoint).find(|id| self.is_claimed(*id));
        let unnumbered = found.clone().find(|id| self.may_be(*id, claim));
        let endpoint = endpoint.filter(|_| self.is_shared(claim));
        // A machine that has names of its own is not this one if this one has names as well.
        let lone = by_endpoint.filter(|id| {
            endpoint.is_some() && (usable.is_empty() || self.subjects[id.index()].is_nameless())
        });
        let is_findable = !usable.is_empty() || endpoint.is_some();
        let target = star.or(own).or(unnumbered).or(lone);
        let target = target.or_else(|| is_findable.then(|| self.add(Subject::default())));
        let Some(target) = target else {
            for alias in claim.aliases() {
                self.unplaced.see_ambiguous(alias.clone(), origin, at);
            }
            return None;
        };
        if self.subjects[target.index()].id.is_none() {
            self.subjects[target.index()].id.clone_from(&claim.id);
        }
        for alias in &usable {
            self.give(target, alias, claim);
            self.subjects[target.index()].see(alias.clone(), origin, at);
        }
        if let Some(endpoint) = endpoint {
            match self.index.find(endpoint) {
                Some(holder) if holder == target => {}
                Some(holder) if self.subjects[holder.index()].is_nameless() => self.merge(holder, target),
                _ => self.attach(target, endpoint),
            }
            self.subjects[target.index()].see(endpoint.clone(), origin, at);
        }
        for alias in claim.aliases().filter(|alias| self.ambiguous.contains_key(alias)) {
            self.subjects[target.index()].see_ambiguous(alias.clone(), origin, at);
        }
        Some(target)
    }

    /// Points an alias of the record at its machine, and joins whoever had it, as far as ids allow.
    fn give(&mut self, target: SubjectId, alias: &Alias, claim: &Claim) {
        let Some(holder) = self.index.find(alias) else { return self.attach(target, alias) };
        if holder == target {
            return;
        }
        let ids = [holder, target].map(|id| self.subjects[id.index()].id.as_ref());
        let are_two = matches!(ids, [Some(one), Some(other)] if one != other);
        if self.may_be(holder, claim) && !are_two {
            self.merge(holder, target);
        } else if claim.id.is_some() || self.is_claimed(holder) {
            self.attach(target, alias);
        }
    }

    pub(super) fn is_claimed(&self, id: SubjectId) -> bool {
        self.subjects[id.index()].star.is_some()
    }

    fn is_ambiguous(&self, alias: &Alias) -> bool {
        self.ambiguous.contains_key(alias)
    }

    /// Whether something of a record says nothing about it, so that its endpoint counts.
    fn is_shared(&self, claim: &Claim) -> bool {
        claim.rest.iter().any(|alias| self.is_ambiguous(alias))
    }

    /// Whether a machine may be the one that the record describes: not a star's, and no other id.
    fn may_be(&self, id: SubjectId, claim: &Claim) -> bool {
        let subject = &self.subjects[id.index()];
        subject.star.is_none() && (subject.id.is_none() || claim.id.is_none() || subject.id == claim.id)
    }

    fn merge(&mut self, from: SubjectId, into: SubjectId) {
        let other = std::mem::take(&mut self.subjects[from.index()]);
        for alias in other.keys {
            self.attach(into, &alias);
        }
        let target = &mut self.subjects[into.index()];
        target.id = target.id.take().or(other.id);
        let mut given_up = other.name;
        // The name that was given first stays, unless a star claims the machine.
        if target.star.is_none() && given_up.is_some() {
            std::mem::swap(&mut target.name, &mut given_up);
        }
        if let Some(name) = given_up {
            self.held.remove(&name.folded());
        }
        target.sightings.extend(other.sightings);
        self.generation += 1;
    }

    pub(super) fn attach(&mut self, id: SubjectId, alias: &Alias) {
        if let Some(previous) = self.index.insert(alias.clone(), id) {
            self.subjects[previous.index()].keys.retain(|key| key != alias);
        }
        let keys = &mut self.subjects[id.index()].keys;
        if !keys.contains(alias) {
            keys.push(alias.clone());
        }
        self.generation += 1;
    }

    pub(super) fn add(&mut self, subject: Subject) -> SubjectId {
        let id = SubjectId::new(self.subjects.len());
        self.subjects.push(subject);
        id
    }

    fn set_ambiguous(&mut self, alias: Alias, origin: Origin) {
        if self.ambiguous.insert(alias.clone(), origin).is_some() {
            return;
        }
        if let Some(holder) = self.index.remove(&alias) {
            self.subjects[holder.index()].keys.retain(|key| *key != alias);
            self.doubt_endpoints(holder);
        }
        self.generation += 1;
    }

    /// Forgets which endpoints lead to a machine that lost an alias: the alias may have been what tied them to it.
    ///
    /// A machine that would be left with nothing keeps the newest, and its name with it.
    fn doubt_endpoints(&mut self, id: SubjectId) {
        let subject = &self.subjects[id.index()];
        let claimed = subject.star.map_or(&[][..], |star_idx| &self.config.stars()[star_idx].aliases);
        let learned = |key: &&Alias| matches!(key, Alias::Endpoint(_)) && !claimed.contains(key);
        let mut doubted: Vec<Alias> = subject.keys.iter().filter(learned).cloned().collect();
        if subject.is_nameless() {
            doubted.pop();
        }
        for endpoint in doubted {
            self.index.remove(&endpoint);
            self.subjects[id.index()].keys.retain(|key| *key != endpoint);
        }
    }
}

impl Claim {
    pub(super) fn of(record: &Record<'_>) -> Self {
        let texts = record.names.iter().chain(&record.addresses);
        let mut rest: Vec<Alias> = Vec::new();
        for alias in texts.filter_map(|text| Alias::parse(text)) {
            if !rest.contains(&alias) {
                rest.push(alias);
            }
        }
        Self {
            id: record.id.and_then(Alias::parse),
            rest,
            endpoint: record.endpoint.and_then(Alias::endpoint),
        }
    }

    /// Whether two records of one answer are one that is listed twice. Without an id, equal records may be two machines.
    fn is_same(&self, other: &Self) -> bool {
        self.id.is_some() && self.id == other.id
    }

    /// What a machine is known by, as a record of it would say.
    pub(super) fn again(subject: &Subject) -> Self {
        let is_endpoint = |key: &Alias| matches!(key, Alias::Endpoint(_));
        let (endpoints, mut rest): (Vec<Alias>, Vec<Alias>) =
            subject.keys.iter().cloned().partition(is_endpoint);
        // What it shares makes its endpoint count.
        rest.extend(subject.sightings.iter().filter(|s| s.ambiguous).map(|s| s.alias.clone()));
        Self { id: subject.id.clone(), rest, endpoint: endpoints.last().cloned() }
    }

    /// The id first, as the strongest; the endpoint is not among them.
    pub(super) fn aliases(&self) -> impl Iterator<Item = &Alias> + Clone {
        self.id.iter().chain(&self.rest)
    }
}

#[cfg(test)]
mod tests;
