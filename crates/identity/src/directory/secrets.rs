//! Configured texts that are nobody's name, and that must never be published.

use std::fmt;

use super::Directory;
use crate::config::is_searchable;

/// Texts that no `Debug` shows.
#[derive(Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        self.0.iter()
    }
}

impl Directory {
    /// Makes the leak guard search for these too, except for common words; they are never listed.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Vec<String>) -> Self {
        self.add_secrets(secrets);
        self
    }

    /// The same for a directory that is in use. What was a secret stays one.
    pub fn add_secrets(&mut self, secrets: Vec<String>) {
        let Secrets(known) = &mut self.secrets;
        for secret in secrets.into_iter().filter(|secret| is_searchable(secret)) {
            if !known.contains(&secret) {
                known.push(secret);
                self.generation += 1;
            }
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}
