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
    pub fn with_secrets(self, secrets: Vec<String>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| is_searchable(secret)).collect();
        Self { secrets: Secrets(secrets), ..self }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}
