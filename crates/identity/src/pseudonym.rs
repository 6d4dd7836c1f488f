//! Star names for machines that nobody claimed: chosen by a keyed hash, kept for ever.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{alias::Alias, name::PublicName, stars::STARS};

/// The secret that makes digests useless to whoever reads them.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

/// A keyed digest of an internal name: what is stored in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// The assignments of public names to digests.
///
/// An assignment is made once and never moved: it does not depend on the order in which later names appear.
#[derive(Debug)]
pub struct Pseudonyms {
    key: Key,
    assigned: HashMap<Digest, PublicName>,
    taken: HashSet<String>,
    /// Assignments that nobody stored yet.
    unstored: Vec<(Digest, PublicName)>,
}

impl Key {
    /// Makes a key of 32 secret, random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest of an identifier.
    #[must_use]
    pub fn digest(&self, alias: &Alias) -> Digest {
        self.digest_parts(&[alias.reveal().as_bytes()])
    }

    /// The digest of something that is no identifier of a machine; `realm` says what it is.
    #[must_use]
    pub fn digest_in(&self, realm: &str, text: &str) -> Digest {
        self.digest_parts(&[realm.as_bytes(), b"\0", text.as_bytes()])
    }

    fn digest_parts(&self, parts: &[&[u8]]) -> Digest {
        // HMAC takes keys of any length, so this cannot fail; an empty key would still be a digest.
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("any key length"));
        parts.iter().for_each(|part| mac.update(part));
        Digest(mac.finalize().into_bytes().into())
    }
}

impl Digest {
    /// The digest as it is stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A digest that was stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

// === impl Key ===

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Pseudonyms {
    /// Starts with the assignments of earlier runs.
    #[must_use]
    pub fn new(key: Key, kept: impl IntoIterator<Item = (Digest, PublicName)>) -> Self {
        let assigned: HashMap<Digest, PublicName> = kept.into_iter().collect();
        let taken = assigned.values().map(PublicName::folded).collect();
        Self { key, assigned, taken, unstored: Vec::new() }
    }

    /// The pseudonym of the machine that has these identifiers.
    ///
    /// The first identifier that already has a name decides, unless somebody else is `held` to have it; otherwise
    /// a star of the catalogue is chosen that is neither taken, held nor `unfit` (both get names in lower case).
    /// From then on all identifiers have it. When every star is taken, numbers are added.
    pub fn assign(
        &mut self,
        aliases: &[Alias],
        held: impl Fn(&str) -> bool,
        unfit: impl Fn(&str) -> bool,
    ) -> Option<PublicName> {
        let digests: Vec<Digest> = aliases.iter().map(|alias| self.key.digest(alias)).collect();
        let known = digests.iter().find_map(|digest| self.assigned.get(digest)).cloned();
        let name = match known {
            Some(name) if !held(&name.folded()) => name,
            _ => self.choose(digests.first()?, |star| held(star) || unfit(star))?,
        };
        self.taken.insert(name.folded());
        for digest in digests {
            if let Entry::Vacant(place) = self.assigned.entry(digest) {
                place.insert(name.clone());
                self.unstored.push((digest, name.clone()));
            }
        }
        Some(name)
    }

    /// The digest of an identifier under the key of these assignments.
    #[must_use]
    pub fn digest(&self, alias: &Alias) -> Digest {
        self.key.digest(alias)
    }

    /// The name that an identifier was given, by its digest.
    #[must_use]
    pub fn given(&self, digest: &Digest) -> Option<&PublicName> {
        self.assigned.get(digest)
    }

    /// Whether a name was ever given.
    #[must_use]
    pub fn is_given(&self, name: &PublicName) -> bool {
        self.taken.contains(&name.folded())
    }

    /// The assignments made since the last call, for whoever stores them.
    pub fn take_unstored(&mut self) -> Vec<(Digest, PublicName)> {
        std::mem::take(&mut self.unstored)
    }

    fn choose(&self, digest: &Digest, forbidden: impl Fn(&str) -> bool) -> Option<PublicName> {
        let [a, b, c, d, e, f, g, h, ..] = digest.0;
        let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        // The remainder is below the catalogue's length, which fits.
        let start = usize::try_from(number % STARS.len() as u64).unwrap_or(0);
        let round = |n: usize| {
            (0..STARS.len()).map(move |offset| {
                let star = STARS[(start + offset) % STARS.len()];
                if n == 0 { star.to_owned() } else { format!("{star} {}", n + 1) }
            })
        };
        // As many rounds as there are names for are taken whole, or but for stars that nobody may have.
        let begin = self.taken.len() / STARS.len();
        (begin..begin + 1_000)
            .flat_map(round)
            .find(|star| {
                let folded = star.to_lowercase();
                !self.taken.contains(&folded) && !forbidden(&folded)
            })
            .and_then(|star| PublicName::new(&star).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new(Key::new([7; 32]), [])
    }

    fn alias(text: &str) -> Alias {
        Alias::parse(text).unwrap()
    }

    #[test]
    fn a_name_once_given_stays_whatever_comes_later() {
        let mut names = pseudonyms();
        let first = names.assign(&[alias("10.42.0.199")], |_| false, |_| false).unwrap();
        for n in 0..200 {
            names.assign(&[alias(&format!("host-{n}"))], |_| false, |_| false).unwrap();
        }
        let joined =
            names.assign(&[alias("drone-izar"), alias("10.42.0.199")], |_| false, |_| false).unwrap();
        assert_eq!(joined, first);
        assert_eq!(names.assign(&[alias("drone-izar")], |_| false, |_| false).unwrap(), first);
    }

    #[test]
    fn names_are_unique_and_an_exhausted_catalogue_counts_on() {
        let mut names = pseudonyms();
        let mut seen = HashSet::new();
        for n in 0..STARS.len() + 50 {
            let name = names.assign(&[alias(&format!("host-{n}"))], |_| false, |_| false).unwrap();
            assert!(seen.insert(name.folded()), "{name}");
        }
        assert_eq!(seen.iter().filter(|name| name.ends_with(" 2")).count(), 50);
    }

    #[test]
    fn an_unfit_star_is_never_chosen() {
        let free = pseudonyms().assign(&[alias("a-host")], |_| false, |_| false).unwrap().folded();
        let other = pseudonyms().assign(&[alias("a-host")], |_| false, |star| star == free).unwrap();
        assert_ne!(other.folded(), free);
    }

    #[test]
    fn every_new_assignment_is_handed_out_for_storing_once() {
        let mut names = pseudonyms();
        let name = names.assign(&[alias("a-host"), alias("10.0.0.1")], |_| false, |_| false).unwrap();
        let stored = names.take_unstored();
        assert_eq!(stored.len(), 2);
        assert!(names.take_unstored().is_empty());
        let mut restored = Pseudonyms::new(Key::new([7; 32]), stored);
        assert_eq!(restored.assign(&[alias("10.0.0.1")], |_| false, |_| false), Some(name));
        assert!(restored.take_unstored().is_empty());
    }

    #[test]
    fn another_key_gives_other_digests() {
        let host = alias("a-host");
        assert_ne!(Key::new([1; 32]).digest(&host), Key::new([2; 32]).digest(&host));
    }
}
