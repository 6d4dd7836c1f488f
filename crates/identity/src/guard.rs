//! The leak guard: a search of every text that is about to be published.
//!
//! The types keep internal names out; this is the second line, for the day when somebody makes a mistake. It knows
//! every internal name that is configured or was observed, and the shapes of addresses, ids, paths and the like.
//! A name is found at token boundaries only, without regard to case. A name that is short, or a common word, is
//! found only as the whole value: a host called `queue` must not withhold every section for ever. A text that *is*
//! a public name was given on purpose and passes.

use std::{collections::HashSet, fmt, net::Ipv6Addr, sync::LazyLock};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};
use regex::Regex;

use crate::config::is_searchable;

/// Searches texts for internal names and for the shapes of internal things.
pub struct LeakGuard {
    tokens: Option<AhoCorasick>,
    wholes: HashSet<String>,
    public: HashSet<String>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hit {
    /// An internal name.
    Name,
    /// An IPv4 or IPv6 address.
    Address,
    /// A hardware address.
    Mac,
    /// A mail address.
    Mail,
    /// A UUID.
    Uuid,
    /// An absolute path.
    Path,
    /// A URL with a host.
    Url,
    /// A name in a domain that only exists inside.
    Domain,
}

static SHAPES: LazyLock<Vec<(Hit, Regex)>> = LazyLock::new(|| {
    let shapes = [
        (
            Hit::Address,
            r"(?:^|[^\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:[^\d.]|\.?$|\.\D)",
        ),
        (Hit::Mac, r"(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b"),
        (Hit::Mail, r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+"),
        (Hit::Uuid, r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        (Hit::Path, r#"(?:^|[\s"'(=:,\[])/[A-Za-z0-9._-]+(?:/|$|[\s"'),:\]])"#),
        (Hit::Url, r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/]"),
        (
            Hit::Domain,
            r"(?i)\.(?:lan|local|localdomain|internal|intranet|corp|home|private|home\.arpa|ts\.net)(?:$|[^a-z0-9-])",
        ),
    ];
    // The patterns are constants, tried by the tests below; one that did not compile would be missing there.
    shapes.into_iter().filter_map(|(hit, pattern)| Some((hit, Regex::new(pattern).ok()?))).collect()
});

// What it searches for may be a secret.
impl fmt::Debug for LeakGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeakGuard").field("n_names", &self.wholes.len()).finish_non_exhaustive()
    }
}

impl LeakGuard {
    /// Builds a guard from internal names and from names that are public (in lower case).
    #[must_use]
    pub fn new(internal: impl Iterator<Item = String>, public: impl Iterator<Item = String>) -> Self {
        let public: HashSet<String> = public.collect();
        let wholes: HashSet<String> = internal.map(|name| name.to_lowercase()).collect();
        let mut searched: Vec<&str> =
            wholes.iter().map(String::as_str).filter(|name| is_searchable(name)).collect();
        searched.sort_unstable();
        let tokens = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            // The quickest to build: the names change more often than there is much to search.
            .kind(Some(AhoCorasickKind::NoncontiguousNFA))
            .build(searched)
            .ok();
        Self { tokens, wholes, public }
    }

    /// What of the inside stands in a text that is about to be published.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Hit> {
        let folded = text.to_lowercase();
        if self.public.contains(&folded) {
            return None;
        }
        if self.wholes.contains(&folded) || self.has_token(text) {
            return Some(Hit::Name);
        }
        if has_ipv6(text) {
            return Some(Hit::Address);
        }
        SHAPES.iter().find(|(_, shape)| shape.is_match(text)).map(|(hit, _)| *hit)
    }

    /// Whether an internal name stands in a part of a package's name: as a token, or as the whole part.
    #[must_use]
    pub fn names_in(&self, part: &str) -> bool {
        let folded = part.to_lowercase();
        (self.wholes.contains(&folded) && is_searchable(&folded)) || self.has_token(part)
    }

    fn has_token(&self, text: &str) -> bool {
        let Some(tokens) = &self.tokens else { return false };
        let bytes = text.as_bytes();
        let is_inside = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at)).is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii())
        };
        tokens
            .find_overlapping_iter(text)
            .any(|found| !is_inside(found.start().checked_sub(1)) && !is_inside(Some(found.end())))
    }
}

/// Whether any run of hexadecimal digits and colons is an IPv6 address.
fn has_ipv6(text: &str) -> bool {
    let is_separator = |c: char| !(c.is_ascii_hexdigit() || c == ':' || c == '.');
    let candidates = text.split(is_separator).filter(|part| part.matches(':').count() >= 2);
    candidates.map(|part| part.trim_end_matches('.')).any(|part| part.parse::<Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(internal: &[&str], public: &[&str]) -> LeakGuard {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>().into_iter();
        LeakGuard::new(owned(internal), owned(public))
    }

    #[test]
    fn names_are_found_at_token_boundaries_without_regard_to_case() {
        let guard = guard(&["drone-izar-host", "altair"], &[]);
        for text in ["DRONE-IZAR-HOST", "to (drone-izar-host)", "altair-link", "see altair."] {
            assert_eq!(guard.find(text), Some(Hit::Name), "{text}");
        }
        for text in ["drone-izar-hosts", "altairs", "xaltair", "izar"] {
            assert_eq!(guard.find(text), None, "{text}");
        }
    }

    #[test]
    fn short_and_common_names_are_found_only_as_the_whole_value() {
        let guard = guard(&["io", "queue", "mesa"], &[]);
        for text in ["io", "Queue", "mesa"] {
            assert_eq!(guard.find(text), Some(Hit::Name), "{text}");
        }
        for text in ["the queue is empty", "media-libs/mesa-24.3.4", "io is busy"] {
            assert_eq!(guard.find(text), None, "{text}");
        }
    }

    #[test]
    fn a_public_name_passes_even_if_a_host_has_it_too() {
        let guard = guard(&["sirius"], &["sirius"]);
        assert_eq!(guard.find("Sirius"), None);
        assert_eq!(guard.find("Sirius is down"), Some(Hit::Name));
    }

    #[test]
    fn every_internal_shape_is_found() {
        let guard = guard(&[], &[]);
        for (text, hit) in [
            ("at 10.42.0.199 now", Hit::Address),
            ("10.42.0.199:8100", Hit::Address),
            ("ask 10.42.0.199.", Hit::Address),
            ("[fe80::1]", Hit::Address),
            ("fd7a:115c:a1e0::7", Hit::Address),
            ("00:1b:44:11:3a:b7", Hit::Mac),
            ("write to ops@internal.example", Hit::Mail),
            ("00000001-aaaa-bbbb-cccc-000000000001", Hit::Uuid),
            ("in /var/tmp/portage", Hit::Path),
            ("/etc", Hit::Path),
            ("http://gateway:8100/x", Hit::Url),
            ("altair.internal.lan", Hit::Domain),
        ] {
            assert_eq!(guard.find(text), Some(hit), "{text}");
        }
    }

    #[test]
    fn public_sentences_pass() {
        let guard = guard(&["drone-izar-host"], &["izar"]);
        for text in [
            "All systems go: building 2 packages, 9 waiting; all done around 16:40 UTC.",
            "2026-02-23T14:29:54Z",
            "Disk var on Altair-Link is 91 % full.",
            "app-office/libreoffice-25.2",
            "and/or",
            "1/2",
            "2.6.0",
        ] {
            assert_eq!(guard.find(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_planted_name_is_always_found(
            before in "[ (,:/]{0,3}", name in "[a-z][a-z0-9]{3,12}-host", after in "[ ),:/]{0,3}"
        ) {
            let guard = guard(&[&name], &[]);
            let text = format!("{before}{}{after}", name.to_uppercase());
            proptest::prop_assert!(guard.find(&text).is_some());
        }

        #[test]
        fn any_text_at_all_is_searched_without_panic(text in "\\PC{0,80}") {
            let _ = guard(&["drone-izar-host"], &[]).find(&text);
        }
    }
}
