//! One machine, as far as identifiers tell.

use crate::{alias::Alias, config::Star, directory::Origin, name::PublicName};

/// A machine of a directory; valid for that directory only, until it is reconfigured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubjectId(usize);

/// What is known about one machine.
#[derive(Debug, Default)]
pub(super) struct Subject {
    /// Index of the star that claims it.
    pub(super) star: Option<usize>,
    /// The id of its record.
    pub(super) id: Option<Alias>,
    /// The aliases that lead here, the oldest first.
    pub(super) keys: Vec<Alias>,
    /// The public name, once one was needed.
    pub(super) name: Option<PublicName>,
    /// Where each alias was seen.
    pub(super) sightings: Vec<Sighting>,
}

/// One alias at one place.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    pub(super) alias: Alias,
    pub(super) origin: Origin,
    pub(super) first_seen: i64,
    pub(super) last_seen: i64,
    /// The alias stood on several records, and so says nothing about this one.
    pub(super) ambiguous: bool,
}

impl SubjectId {
    pub(super) fn new(index: usize) -> Self {
        Self(index)
    }

    pub(super) fn index(self) -> usize {
        self.0
    }
}

impl Subject {
    pub(super) fn of_star(star_idx: usize, star: &Star) -> Self {
        Self {
            star: Some(star_idx),
            keys: star.aliases.clone(),
            name: Some(star.name.clone()),
            ..Self::default()
        }
    }

    /// Whether nothing but endpoints leads here.
    pub(super) fn is_nameless(&self) -> bool {
        self.star.is_none()
            && self.id.is_none()
            && self.keys.iter().all(|key| matches!(key, Alias::Endpoint(_)))
    }

    pub(super) fn see(&mut self, alias: Alias, origin: Origin, at: i64) {
        self.record(alias, origin, at, false);
    }

    pub(super) fn see_ambiguous(&mut self, alias: Alias, origin: Origin, at: i64) {
        self.record(alias, origin, at, true);
    }

    fn record(&mut self, alias: Alias, origin: Origin, at: i64, ambiguous: bool) {
        let known = self.sightings.iter_mut().find(|s| s.alias == alias && s.origin == origin);
        if let Some(sighting) = known {
            sighting.last_seen = at.max(sighting.last_seen);
            sighting.ambiguous = ambiguous;
        } else {
            self.sightings.push(Sighting { alias, origin, first_seen: at, last_seen: at, ambiguous });
        }
    }
}
