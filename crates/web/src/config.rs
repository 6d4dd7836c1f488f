//! What the operator decides about the public side: checked once, immutable afterwards.

mod http;
mod public_url;
mod subscribers;

use std::fmt;

pub use self::http::Http;
pub(crate) use self::public_url::Address;
pub use self::public_url::{PublicUrl, PublicUrlError};
pub use self::subscribers::{HEARTBEAT_MAX, NetworkError, Origin, TrustedProxies, WebSocket};

/// How the site is served.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    base_path: BasePath,
    public_url: Option<PublicUrl>,
    allowed_hosts: AllowedHosts,
    trusted_proxies: TrustedProxies,
    http: Http,
    websocket: WebSocket,
}

/// The path under which the whole site lives: empty, or `/a/b` without a slash at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BasePath(String);

/// The host names under which the site answers; none means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<String>);

/// Why a base path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BasePathError {
    /// It does not begin with a slash.
    #[error("a base path begins with /")]
    Relative,
    /// It ends with a slash, or has an empty or dotted part.
    #[error("a base path has no empty part, no . or .. and no / at the end")]
    Part,
    /// It has a character that would have to be escaped, or is longer than 200 bytes.
    #[error("a base path has up to 200 letters, digits, -, ., _ and ~ between its slashes")]
    Character,
}

/// A text that is no host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host is a name or an address without scheme, port and path")]
pub struct HostError;

impl Config {
    /// Everything by default: at the root of any host.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves the site under a path.
    #[must_use]
    pub fn with_base_path(self, base_path: BasePath) -> Self {
        Self { base_path, ..self }
    }

    /// Writes absolute addresses, which begin with this.
    #[must_use]
    pub fn with_public_url(self, public_url: Option<PublicUrl>) -> Self {
        Self { public_url, ..self }
    }

    /// Answers under these names only.
    #[must_use]
    pub fn with_allowed_hosts(self, allowed_hosts: AllowedHosts) -> Self {
        Self { allowed_hosts, ..self }
    }

    /// Believes these proxies who their clients are.
    #[must_use]
    pub fn with_trusted_proxies(self, trusted_proxies: TrustedProxies) -> Self {
        Self { trusted_proxies, ..self }
    }

    /// Keeps connections within these limits.
    #[must_use]
    pub fn with_http(self, http: Http) -> Self {
        Self { http, ..self }
    }

    /// Serves subscribers within these limits.
    #[must_use]
    pub fn with_websocket(self, websocket: WebSocket) -> Self {
        Self { websocket, ..self }
    }

    /// The path under which the site lives.
    #[must_use]
    pub fn base_path(&self) -> &BasePath {
        &self.base_path
    }

    /// Where the public finds the site, as far as anybody said.
    pub(crate) fn address(&self) -> Address {
        Address::new(self.public_url.clone(), self.base_path.clone())
    }

    /// The names under which the site answers.
    #[must_use]
    pub fn allowed_hosts(&self) -> &AllowedHosts {
        &self.allowed_hosts
    }

    /// The proxies that are believed who their clients are.
    #[must_use]
    pub fn trusted_proxies(&self) -> &TrustedProxies {
        &self.trusted_proxies
    }

    /// The limits of connections.
    #[must_use]
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// The limits of subscribers.
    #[must_use]
    pub fn websocket(&self) -> &WebSocket {
        &self.websocket
    }
}

impl BasePath {
    /// Reads a base path.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, BasePathError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let parts = text.strip_prefix('/').ok_or(BasePathError::Relative)?;
        if parts.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(BasePathError::Part);
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if text.len() > 200 || !text.chars().all(is_plain) {
            return Err(BasePathError::Character);
        }
        Ok(Self(text.to_owned()))
    }

    /// The path, to be put before `/...`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AllowedHosts {
    /// Reads host names; they are compared without regard to case and port.
    ///
    /// # Errors
    /// When one of them is no host name.
    pub fn parse<'a>(hosts: impl IntoIterator<Item = &'a str>) -> Result<Self, HostError> {
        hosts.into_iter().map(host).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a request for this host, with or without a port, is answered.
    #[must_use]
    pub fn allow(&self, authority: &str) -> bool {
        self.0.is_empty() || self.name(authority)
    }

    /// Whether this host, with or without a port, is one of those that are named.
    pub(crate) fn name(&self, authority: &str) -> bool {
        let name = without_port(authority).trim_end_matches('.');
        self.0.iter().any(|host| host.eq_ignore_ascii_case(name))
    }
}

fn host(text: &str) -> Result<String, HostError> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let is_address = bare.unwrap_or(text).parse::<std::net::Ipv6Addr>().is_ok();
    let is_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    match (is_address, is_name) {
        (true, _) => Ok(format!("[{}]", bare.unwrap_or(text))),
        (false, true) => Ok(text.trim_end_matches('.').to_owned()),
        (false, false) => Err(HostError),
    }
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

// === impl BasePath ===

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_paths_are_empty_or_absolute() {
        let check = |text: &str, expected: Result<&str, BasePathError>| {
            let parsed = BasePath::parse(text);
            assert_eq!(parsed.as_ref().map(BasePath::as_str).map_err(|e| *e), expected, "{text}");
        };
        check("", Ok(""));
        check("/status", Ok("/status"));
        check("/a/b-c_d.e~f", Ok("/a/b-c_d.e~f"));
        check("status", Err(BasePathError::Relative));
        for text in ["/", "/a/", "//a", "/a//b", "/./a", "/a/.."] {
            check(text, Err(BasePathError::Part));
        }
        for text in ["/a b", "/a%20b", "/\u{e9}", "/{name}", "/a?b", "/a#b", "/a\"b"] {
            check(text, Err(BasePathError::Character));
        }
    }

    #[test]
    fn hosts_are_compared_without_case_and_port() {
        let hosts = AllowedHosts::parse(["Status.example.org", "::1", "192.0.2.1"]).unwrap();
        for host in
            ["status.example.org", "STATUS.example.org:8093", "status.example.org.", "[::1]:80", "192.0.2.1"]
        {
            assert!(hosts.allow(host), "{host}");
        }
        for host in ["", "example.org", "xstatus.example.org", "status.example.org:80:80", "[::2]"] {
            assert!(!hosts.allow(host), "{host}");
        }
        assert!(AllowedHosts::default().allow("anything"));
        for host in ["https://example.org", "example.org:80", "a/b", "", "a b"] {
            assert_eq!(AllowedHosts::parse([host]), Err(HostError), "{host}");
        }
    }
}
