//! What is allowed, and deserves a second look all the same.

use std::fmt;

use scheduler::config::credentials::Credentials;

/// Sentences without any value, each of which begins with its key.
#[derive(Debug, Default)]
pub(crate) struct Notes(Vec<String>);

impl Notes {
    pub(super) fn push(&mut self, key: &str, what: impl fmt::Display) {
        self.0.push(format!("{key}: {what}"));
    }

    /// Notes what is odd about credentials on the way to `url`, which stands under `key`.
    pub(super) fn of_way(&mut self, key: &str, url: &url::Url, credentials: &Credentials) {
        if credentials.travel_openly(url) {
            self.push(key, "credentials travel unencrypted to a host that is not private; use https");
        }
        if credentials.trusts_in_vain(url) {
            self.push(key, "ca_file is not used, because the URL is not https");
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
