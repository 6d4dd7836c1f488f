//! Where the public finds the site: the only source of absolute addresses.

use super::{BasePath, Origin};

/// Scheme, host and port under which the public finds the site; the base path comes behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// `https://status.example.org`, without a slash at the end.
    origin: String,
    /// `status.example.org`
    host: String,
}

/// Where the site is: for links, and for names of things that outlive a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Address {
    public_url: Option<PublicUrl>,
    base_path: BasePath,
}

/// A text that is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public URL is one such as https://status.example.org, without user and path; base_path is added to it"
)]
pub struct PublicUrlError;

impl PublicUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is none, or has more than scheme, host and port.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let origin = text.strip_suffix('/').unwrap_or(text);
        Origin::parse(origin).ok_or(PublicUrlError)?;
        let (scheme, authority) = origin.split_once("://").ok_or(PublicUrlError)?;
        let authority = authority.to_ascii_lowercase();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &authority,
        };
        let scheme = scheme.to_ascii_lowercase();
        Ok(Self { host: host.to_owned(), origin: format!("{scheme}://{authority}") })
    }

    /// To be put before a path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The host without its port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Address {
    pub(crate) fn new(public_url: Option<PublicUrl>, base_path: BasePath) -> Self {
        Self { public_url, base_path }
    }

    /// Where the public finds it, as far as anybody said.
    pub(crate) fn public_url(&self) -> Option<&PublicUrl> {
        self.public_url.as_ref()
    }

    /// The path under which it lives.
    pub(crate) fn base_path(&self) -> &BasePath {
        &self.base_path
    }

    /// What makes an absolute address of a path below the base path; `None` while nobody says where the public finds it.
    pub(crate) fn public_root(&self) -> Option<String> {
        self.public_url.as_ref().map(|url| format!("{}{}", url.origin, self.base_path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        for (text, origin, host) in [
            ("https://status.example.org", "https://status.example.org", "status.example.org"),
            ("HTTPS://Status.Example.org/", "https://status.example.org", "status.example.org"),
            ("http://192.0.2.1:8093", "http://192.0.2.1:8093", "192.0.2.1"),
            ("http://[2001:db8::1]:8093", "http://[2001:db8::1]:8093", "[2001:db8::1]"),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((url.as_str(), url.host()), (origin, host), "{text}");
        }
        for text in [
            "",
            "status.example.org",
            "ftp://status.example.org",
            "https://status.example.org/status",
            "https://user@status.example.org",
            "https://status.example.org?x",
            "https://",
        ] {
            assert_eq!(PublicUrl::parse(text), Err(PublicUrlError), "{text}");
        }
    }
}
