//! Spellings of internal identifiers, and when two of them mean the same machine.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

/// The shortest prefix of an id that stands for it.
pub const ID_PREFIX_LEN: usize = 12;

/// An internal identifier in the form in which identifiers are compared.
///
/// Addresses are parsed first; everything else is lower-cased and loses its port. A host name with a domain and
/// the same name without one are equal; two different domains are not. It has no `Display`, and its `Debug` shows
/// a handle only: it is never published, and in logs it appears at debug level through [`Alias::reveal`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Alias {
    /// An IPv4 or IPv6 address, without port and brackets.
    Address(IpAddr),
    /// A host name: first label, and the domain if one was given.
    Host {
        /// Up to the first dot.
        label: String,
        /// Behind the first dot.
        domain: Option<String>,
    },
    /// Where something is served, with its port, in lower case. No reference is ever parsed as one: it is looked at
    /// only where machines share everything else.
    Endpoint(String),
}

impl Alias {
    /// Reads an identifier; `None` when nothing is left of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(address) = parse_address(text) {
            return Some(Self::Address(address));
        }
        let host = match text.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => text,
        };
        let host = host.trim_end_matches('.').to_lowercase();
        let (label, domain) = match host.split_once('.') {
            Some((label, domain)) if !label.is_empty() => (label.to_owned(), Some(domain.to_owned())),
            _ => (host, None),
        };
        (!label.is_empty()).then_some(Self::Host { label, domain })
    }

    /// Reads where something is served; `None` when nothing is left of it.
    #[must_use]
    pub fn endpoint(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        (!text.is_empty()).then_some(Self::Endpoint(text))
    }

    /// The endpoint, if the text has a port.
    #[must_use]
    pub fn endpoint_with_port(text: &str) -> Option<Self> {
        let (host, port) = text.trim().rsplit_once(':')?;
        let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        // Without brackets, what stands behind the last colon of an IPv6 address is a part of it.
        let is_host = !host.is_empty() && (!host.contains(':') || host.ends_with(']'));
        (is_port && is_host).then(|| Self::endpoint(text)).flatten()
    }

    /// The address that it is, or that it is served at.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Endpoint(text) => parse_address(text),
            Self::Host { .. } => None,
        }
    }

    /// The identifier itself, for the operator's eyes: `names` and logs at debug level.
    #[must_use]
    pub fn reveal(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Host { label, domain: None } => label.clone(),
            Self::Host { label, domain: Some(domain) } => format!("{label}.{domain}"),
            Self::Endpoint(text) => text.clone(),
        }
    }

    /// Whether the identifier could be an id or the beginning of one: 12 characters or more, hexadecimal and hyphens.
    pub(crate) fn is_id_like(&self) -> bool {
        matches!(self, Self::Host { label, domain: None }
            if label.len() >= ID_PREFIX_LEN
                && label.contains(|c: char| c.is_ascii_digit())
                && label.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'))
    }

    /// A short stable mark for logs; `names` explains it.
    #[must_use]
    pub fn handle(&self) -> String {
        handle(&self.reveal())
    }
}

/// A short stable mark of an internal name.
pub(crate) fn handle(name: &str) -> String {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    format!("name#{:04x}", (hash >> 16) ^ (hash & 0xffff))
}

// === impl Alias ===

impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.handle())
    }
}

fn parse_address(text: &str) -> Option<IpAddr> {
    let canonical = |address: IpAddr| address.to_canonical();
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(canonical(address));
    }
    if let Ok(socket) = text.parse::<SocketAddr>() {
        return Some(canonical(socket.ip()));
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let inner = inner.split_once('%').map_or(inner, |(address, _zone)| address);
    inner.parse().ok().map(canonical)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Alias::parse(text).map(|a| a.reveal()).as_deref(), expected);
    }

    #[test]
    fn spellings_are_normalised() {
        check("Drone-Izar-Host", Some("drone-izar-host"));
        check("drone-izar-host:9100", Some("drone-izar-host"));
        check("Altair.Internal.LAN.", Some("altair.internal.lan"));
        check("10.42.0.199:8100", Some("10.42.0.199"));
        check("[fd7a:115c:a1e0::7]:9100", Some("fd7a:115c:a1e0::7"));
        check("[FE80::1%eth0]", Some("fe80::1"));
        check("::ffff:10.0.0.1", Some("10.0.0.1"));
        check("  ", None);
        check(":9100", None);
    }

    #[test]
    fn an_endpoint_is_what_has_a_port() {
        let endpoint = |text: &str| Alias::endpoint_with_port(text).map(|alias| alias.reveal());
        assert_eq!(endpoint(" Izar-Host:9100"), Some("izar-host:9100".to_owned()));
        assert_eq!(endpoint("[fd7a::7]:9100"), Some("[fd7a::7]:9100".to_owned()));
        for text in ["izar-host", "fd7a::7", "10.42.0.1", ":9100", "izar-host:", "00000004-aaaa"] {
            assert_eq!(endpoint(text), None, "{text}");
        }
        let address = |text: &str| Alias::endpoint(text).unwrap().address().map(|a| a.to_string());
        assert_eq!(address("[fd7a::7]:9100"), Some("fd7a::7".to_owned()));
        assert_eq!(address("izar-host:9100"), None);
    }

    #[test]
    fn debug_shows_a_handle_and_never_the_name() {
        let shown = format!("{:?}", Alias::parse("drone-izar-host"));
        assert!(!shown.contains("izar"), "{shown}");
        assert!(shown.contains("name#"), "{shown}");
    }

    #[test]
    fn ids_and_their_beginnings_are_recognised() {
        let is_id_like = |text: &str| Alias::parse(text).unwrap().is_id_like();
        assert!(is_id_like("00000004-aaaa-bbbb-cccc-000000000004"));
        assert!(is_id_like("00000004-aaa"));
        assert!(!is_id_like("00000004-aa"));
        assert!(!is_id_like("drone-izar-host"));
        assert!(!is_id_like("deadbeef-cafe"));
    }
}
