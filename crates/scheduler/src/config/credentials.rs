//! What a backend is shown, and whom we believe to be that backend.
//!
//! Values are secret: no `Debug` shows one, and the leak guard searches for them.

use std::fmt;

use reqwest::header::HeaderMap;
use rustls::{RootCertStore, pki_types::CertificateDer};
use url::{Host, Url};

/// The shortest value that the leak guard searches for; a shorter one, such as the tenant `1`, is in everything.
const SEARCHED_MIN: usize = 8;

/// Domains that exist only inside, beside names without a dot.
const PRIVATE_DOMAINS: [&str; 10] = [
    ".localhost",
    ".local",
    ".lan",
    ".internal",
    ".intranet",
    ".home",
    ".home.arpa",
    ".corp",
    ".private",
    ".ts.net",
];

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

/// What goes with every request to a backend, checked; made by [`super::draft::credentials::CredentialsDraft::check`].
///
/// Without anything, which is the default, requests carry nothing and the machine's roots are trusted.
#[derive(Clone, PartialEq, Default)]
pub struct Credentials {
    headers: HeaderMap,
    secrets: Vec<Secret>,
    roots: Option<Vec<CertificateDer<'static>>>,
}

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for whom it is meant.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Credentials {
    /// Every value of `headers` must be marked as sensitive.
    pub(super) fn new(
        headers: HeaderMap,
        secrets: Vec<Secret>,
        roots: Option<Vec<CertificateDer<'static>>>,
    ) -> Self {
        Self { headers, secrets, roots }
    }

    /// The headers of every request.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The only roots that are trusted; `None` = those of the machine.
    pub(crate) fn roots(&self) -> Option<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.roots.clone()?);
        Some(roots)
    }

    /// What the leak guard must search for.
    pub(crate) fn searched(&self) -> impl Iterator<Item = String> {
        let texts = self.secrets.iter().map(Secret::reveal);
        let parts = texts.flat_map(|text| std::iter::once(text).chain(text.split_whitespace()));
        parts.filter(|part| part.chars().count() >= SEARCHED_MIN).map(str::to_owned)
    }

    /// Whether roots are configured that a URL without TLS never needs.
    #[must_use]
    pub fn trusts_in_vain(&self, url: &Url) -> bool {
        self.roots.is_some() && url.scheme() == "http"
    }

    /// Whether requests to `url` show secrets to everybody on a way that is not private.
    ///
    /// Names are not resolved: one without a dot, or in a domain that exists only inside, is taken as private.
    #[must_use]
    pub fn travel_openly(&self, url: &Url) -> bool {
        !self.headers.is_empty() && url.scheme() == "http" && !url.host().is_some_and(is_private)
    }
}

fn is_private(host: Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => {
            let [first, second, ..] = address.octets();
            // 100.64.0.0/10 is where overlay networks live; their traffic is encrypted.
            let is_shared = first == 100 && (64..128).contains(&second);
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
        }
        Host::Ipv6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_private(Host::Ipv4(address)),
            None => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
        },
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            !name.contains('.') || PRIVATE_DOMAINS.iter().any(|domain| name.ends_with(domain))
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.keys().map(reqwest::header::HeaderName::as_str).collect();
        let n_roots = self.roots.as_ref().map(Vec::len);
        f.debug_struct("Credentials")
            .field("headers", &headers)
            .field("n_roots", &n_roots)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::config::draft::credentials::CredentialsDraft;

    use super::*;

    #[test]
    fn secrets_over_plain_http_are_noticed_unless_the_way_is_private() {
        let draft = CredentialsDraft { bearer_token: Some(Secret::new("t")), ..Default::default() };
        let shown = draft.check().unwrap();
        let check = |url: &str, expected: bool| {
            let url: Url = url.parse().unwrap();
            assert_eq!(shown.travel_openly(&url), expected, "{url}");
            assert!(!Credentials::default().travel_openly(&url), "nothing to show: {url}");
        };
        for host in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "[2001:db8::1]", "example.org", "a.xlan"] {
            check(&format!("http://{host}/"), true);
            check(&format!("https://{host}/"), false);
        }
        for host in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.0.1",
            "100.64.0.1",
            "[::1]",
            "[fd00::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
            "localhost",
            "prometheus",
            "prometheus.lan",
            "Loki.Home.Arpa.",
        ] {
            check(&format!("http://{host}:9090/"), false);
        }
    }

    #[test]
    fn only_values_that_are_long_enough_are_searched_for() {
        let headers = [("X-Scope-OrgID", "1"), ("Authorization", "Token 0123456789")];
        let headers = headers.map(|(name, value)| (name.to_owned(), Secret::new(value))).into();
        let draft = CredentialsDraft { headers, ..Default::default() };
        let searched: Vec<_> = draft.check().unwrap().searched().collect();
        assert_eq!(searched, ["Token 0123456789", "0123456789"]);
    }
}
