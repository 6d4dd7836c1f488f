//! From an alias to the machine that has it.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    ops::Bound,
};

use crate::{
    alias::{Alias, ID_PREFIX_LEN},
    directory::SubjectId,
};

/// Finds machines by alias: addresses and endpoints exactly, host names with or without their domain, ids by their beginning.
#[derive(Debug, Default)]
pub(super) struct Index {
    addresses: HashMap<IpAddr, SubjectId>,
    hosts: HashMap<String, Vec<(Option<String>, SubjectId)>>,
    /// Labels shaped like ids, in their order: what begins alike stands together.
    ids: BTreeMap<String, SubjectId>,
    endpoints: HashMap<String, SubjectId>,
}

impl Index {
    /// Points an alias at a machine; gives the one at which exactly this alias pointed before.
    pub(super) fn insert(&mut self, alias: Alias, id: SubjectId) -> Option<SubjectId> {
        let previous = self.remove(&alias);
        if alias.is_id_like() {
            self.ids.insert(alias.reveal(), id);
        }
        match alias {
            Alias::Address(address) => {
                self.addresses.insert(address, id);
            }
            Alias::Host { label, domain } => self.hosts.entry(label).or_default().push((domain, id)),
            Alias::Endpoint(text) => {
                self.endpoints.insert(text, id);
            }
        }
        previous
    }

    /// Forgets exactly this alias.
    pub(super) fn remove(&mut self, alias: &Alias) -> Option<SubjectId> {
        match alias {
            Alias::Address(address) => self.addresses.remove(address),
            Alias::Endpoint(text) => self.endpoints.remove(text),
            Alias::Host { label, domain } => {
                let holders = self.hosts.get_mut(label)?;
                let at = holders.iter().position(|(d, _)| d == domain)?;
                let (_, id) = holders.swap_remove(at);
                if alias.is_id_like() {
                    self.ids.remove(label);
                }
                Some(id)
            }
        }
    }

    /// The one machine that the alias can mean.
    pub(super) fn find(&self, alias: &Alias) -> Option<SubjectId> {
        let (label, domain) = match alias {
            Alias::Address(address) => return self.addresses.get(address).copied(),
            Alias::Endpoint(text) => return self.endpoints.get(text).copied(),
            Alias::Host { label, domain } => (label, domain),
        };
        let holders = self.hosts.get(label).map_or(&[][..], Vec::as_slice);
        if let Some((_, id)) = holders.iter().find(|(d, _)| d == domain) {
            return Some(*id);
        }
        if domain.is_some() {
            return holders.iter().find(|(d, _)| d.is_none()).map(|(_, id)| *id);
        }
        only(holders.iter().map(|(_, id)| *id)).or_else(|| self.find_by_beginning(alias, label))
    }

    /// Ids match when one is the beginning of the other and long enough.
    fn find_by_beginning(&self, alias: &Alias, text: &str) -> Option<SubjectId> {
        if !alias.is_id_like() {
            return None;
        }
        let from = (Bound::Included(text), Bound::Unbounded);
        let longer = self.ids.range::<str, _>(from).take_while(|(id, _)| id.starts_with(text));
        // Labels shaped like ids are ASCII, so every length is a boundary.
        let shorter = (ID_PREFIX_LEN..text.len()).filter_map(|len| self.ids.get_key_value(&text[..len]));
        only(shorter.chain(longer).map(|(_, id)| *id))
    }
}

/// The element that all are, if there is one.
fn only(ids: impl Iterator<Item = SubjectId>) -> Option<SubjectId> {
    let mut found = None;
    for id in ids {
        match found {
            Some(other) if other != id => return None,
            _ => found = Some(id),
        }
    }
    found
}
