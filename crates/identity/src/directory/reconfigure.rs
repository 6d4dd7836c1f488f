//! The same knowledge under another configuration, while it is in use.
//!
//! Every machine is admitted anew, as if a record of it came: stars claim what they name, and what nobody claims any
//! more gets the pseudonym that it once had, or one that is new. Machines are numbered anew, so whoever remembers one
//! must ask where it went.

use std::{collections::HashMap, mem};

use super::{Directory, SubjectId, index::Index, join::Claim, subject::Subject};
use crate::{config::Config, name::PublicName};

/// Where machines and their public names went when a directory was configured anew.
#[derive(Debug, Default)]
pub struct Moved {
    machines: HashMap<SubjectId, SubjectId>,
    /// By what the public called them before, in lower case: what it calls them now.
    names: HashMap<String, Option<PublicName>>,
}

impl Moved {
    /// The number of a machine that had another one before.
    #[must_use]
    pub fn machine(&self, before: SubjectId) -> Option<SubjectId> {
        self.machines.get(&before).copied()
    }

    /// What became of a name: `None` when no machine had it, `Some(None)` when its machine has no name any more.
    #[must_use]
    pub fn name(&self, before: &PublicName) -> Option<Option<&PublicName>> {
        self.names.get(&before.folded()).map(Option::as_ref)
    }
}

impl Directory {
    /// Puts another configuration in place; pseudonyms stay unless a star claims them.
    pub fn reconfigure(&mut self, config: Config) -> Moved {
        let before = mem::take(&mut self.subjects);
        self.config = config;
        self.index = Index::default();
        self.claimed.clear();
        self.held.clear();
        // Noted again at the next sight, if they are still dropped.
        self.dropped.clear();
        self.generation += 1;
        self.admit_stars();
        for subject in &before {
            self.readmit(subject);
        }
        // Joining noted each alias where the first of them was seen.
        self.subjects.iter_mut().for_each(|subject| subject.sightings.clear());
        let mut moved = Moved::default();
        for (number, subject) in before.into_iter().enumerate() {
            let found = subject.keys.iter().find_map(|alias| self.index.find(alias));
            if let Some(name_before) = subject.name {
                let name = found.and_then(|machine| self.name(machine));
                moved.names.insert(name_before.folded(), name);
            }
            if let Some(machine) = found {
                moved.machines.insert(SubjectId::new(number), machine);
                self.subjects[machine.index()].sightings.extend(subject.sightings);
            }
        }
        moved
    }

    fn readmit(&mut self, subject: &Subject) {
        let Some(first) = subject.sightings.first() else { return };
        self.join(&Claim::again(subject), first.origin, first.first_seen);
    }
}
