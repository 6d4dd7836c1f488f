//! Version texts of the swarm's own software.

use std::{borrow::Cow, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A version as software states it: `[0-9A-Za-z.+_-]{1,32}`, with a digit, and not shaped like an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(Arc<str>);

impl Version {
    /// Reads a version; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'_' | b'-');
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(plain);
        let numbered = text.bytes().any(|b| b.is_ascii_digit());
        (fits && numbered && !is_address_shaped(text)).then(|| Self(text.into()))
    }

    /// The version as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// === impl Version ===

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no version"))
    }
}

/// Whether any four numbers in a row of `text` could be an IPv4 address.
fn is_address_shaped(text: &str) -> bool {
    let is_separator = |c: char| !(c.is_ascii_digit() || c == '.');
    text.split(is_separator).any(|part| {
        let numbers: Vec<&str> = part.split('.').collect();
        numbers.windows(4).any(|four| four.iter().all(|n| n.parse::<u8>().is_ok()))
    })
}

/// Whether any four numbers in a row of `text` are an address of a private, loopback, link-local or overlay
/// network.
///
/// Package versions such as `25.2.0.3` are not: they look like addresses, but of somebody else's.
pub(crate) fn has_internal_address(text: &str) -> bool {
    let numbers = |part: &str| part.split('.').map(|n| n.parse::<u8>().ok()).collect::<Vec<_>>();
    text.split(|c: char| !(c.is_ascii_digit() || c == '.')).any(|part| {
        numbers(part).windows(4).any(|four| match four {
            [Some(a), Some(b), Some(c), Some(d)] => is_internal(std::net::Ipv4Addr::new(*a, *b, *c, *d)),
            _ => false,
        })
    })
}

fn is_internal(address: std::net::Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || (first == 100 && (64..128).contains(&second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_versions_pass() {
        for good in ["2.6.0", "0.4.0-alpha", "v3", "1.2.3+git.4", "2026_01"] {
            assert_eq!(Version::parse(good).map(|v| v.as_str().to_owned()).as_deref(), Some(good));
        }
        for bad in [
            "",
            "alpha",
            "10.42.0.199",
            "v10.42.0.199",
            "1.10.42.0.199",
            "a b 1",
            "1/2",
            "1@host",
            &"1".repeat(33),
        ] {
            assert_eq!(Version::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_office_suite_is_not_an_address_of_ours() {
        for version in ["25.2.0.3", "100.4.0.1", "10.2.3", "1.0.20240314", "110.42.0.199", "10.42.0.1990"] {
            assert!(!has_internal_address(version), "{version}");
        }
        for version in ["10.42.0.199", "100.64.0.110", "10.42.0.199-r1", "10.42.0.199_p1", "1.192.168.0.7b"] {
            assert!(has_internal_address(version), "{version}");
        }
    }
}
