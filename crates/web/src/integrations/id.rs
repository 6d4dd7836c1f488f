//! Names of things that outlive this process: the same thing has the same name after a restart and on every machine.

use std::fmt::Display;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::config::Address;

/// Who names things where nobody says where the site is: a host that can never exist.
const NOBODY: &str = "command-center.invalid";
/// The letters of short names: digits and letters without those that look alike.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// The length of a short name.
const SHORT: usize = 12;
/// What need not be escaped in a part of a tag.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Names things by what they are, whom they are about and when they began.
#[derive(Debug)]
pub(crate) struct Minter {
    authority: String,
    base: String,
}

impl Minter {
    /// Names things of the site at this address.
    pub(crate) fn new(address: &Address) -> Self {
        let host = address.public_url().map_or(NOBODY, |url| url.host());
        // An address of version 6 is no name of the domain name system; its digits are still unique.
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '-' };
        Self { authority: host.chars().map(plain).collect(), base: address.base_path().as_str().to_owned() }
    }

    /// The URI of what began at an instant, as RFC 4151 has it: `tag:host,2026-02-23:/kind/subject`.
    pub(crate) fn tag(&self, began: Timestamp, path: &[&str]) -> String {
        let Self { authority, base } = self;
        let escaped = path.iter().map(|part| format!("/{}", utf8_percent_encode(part, &ESCAPED)));
        format!("tag:{authority},{}:{base}{}", began.strftime("%F"), escaped.collect::<String>())
    }

    /// The URI of the site's feed, which begins at no instant.
    pub(crate) fn feed(&self) -> String {
        format!("tag:{},2026:{}/feed", self.authority, self.base)
    }

    /// Twelve letters and digits, as Statuspage names things.
    pub(crate) fn short(&self, path: &[&dyn Display]) -> String {
        let mut hash = Sha256::new();
        for part in [&self.authority as &dyn Display, &self.base].iter().chain(path) {
            hash.update(part.to_string());
            hash.update([0]);
        }
        let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
        hash.finalize().iter().take(SHORT).map(letter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{BasePath, PublicUrl};

    fn minter(url: Option<&str>, base: &str) -> Minter {
        let url = url.map(|url| PublicUrl::parse(url).unwrap());
        Minter::new(&Address::new(url, BasePath::parse(base).unwrap()))
    }

    #[test]
    fn tags_name_the_site_the_day_and_the_thing() {
        let at = "2026-02-23T03:12:40Z".parse().unwrap();
        let minter = minter(Some("https://status.example.org:8443"), "/status");
        let tag = minter.tag(at, &["outage", "O'Brien's host", "2026-02-23T03:12:40Z"]);
        let expected =
            "tag:status.example.org,2026-02-23:/status/outage/O%27Brien%27s%20host/2026-02-23T03%3A12%3A40Z";
        assert_eq!(tag, expected);
        assert_eq!(minter.feed(), "tag:status.example.org,2026:/status/feed");
        assert_eq!(super::tests::minter(None, "").feed(), "tag:command-center.invalid,2026:/feed");
    }

    #[test]
    fn short_names_differ_by_site_and_thing_and_by_nothing_else() {
        let one = minter(None, "").short(&[&"drone", &"Tarn"]);
        assert_eq!(one, minter(None, "").short(&[&"drone", &"Tarn"]));
        assert_eq!(one.len(), SHORT);
        for other in [
            minter(None, "/status").short(&[&"drone", &"Tarn"]),
            minter(Some("https://a.example"), "").short(&[&"drone", &"Tarn"]),
            minter(None, "").short(&[&"drone", &"Tar", &"n"]),
            minter(None, "").short(&[&"host", &"Tarn"]),
        ] {
            assert_ne!(one, other);
        }
    }
}
