//! Gentoo package atoms: what backends write, and what the public may read of it.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::version::has_internal_address;

/// An atom as a backend wrote it, parsed but not yet cleared for publication.
///
/// It has no `Display`: the only way to the public is [`crate::directory::Directory::package`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Atom {
    text: Arc<str>,
    category_len: u16,
    name_end: u16,
}

/// A package that may be published: `category/name` or `category/name-version`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageAtom(Atom);

impl Atom {
    /// Reads an atom, leaving out operator, slot, USE conditions and repository.
    ///
    /// `None` when the text does not follow the grammar of Gentoo's package manager specification: an
    /// operator without a version, a version with foreign characters, a name with a dot, anything over 160 bytes.
    /// A version that is an address of an internal network is refused as well.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 160 {
            return None;
        }
        let bare = text.trim_start_matches('!');
        let stripped = bare.trim_start_matches(['=', '~', '<', '>']);
        let needs_version = stripped.len() != bare.len();
        let stripped = cut(cut(stripped, '['), ':');
        let stripped = stripped.strip_suffix('*').unwrap_or(stripped);

        let (category, rest) = stripped.split_once('/')?;
        if !is_word(category, "+_.-") || !category.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return None;
        }
        let (name, version) = split_version(rest);
        if !is_word(name, "+_-") || name.starts_with(['-', '+']) || (needs_version && version.is_none()) {
            return None;
        }
        if version.is_some_and(|v| v.len() > 32 || has_internal_address(v)) {
            return None;
        }
        let category_len = u16::try_from(category.len()).ok()?;
        let name_end = category_len + 1 + u16::try_from(name.len()).ok()?;
        Some(Self { text: stripped.into(), category_len, name_end })
    }

    pub(crate) fn category(&self) -> &str {
        &self.text[..usize::from(self.category_len)]
    }

    pub(crate) fn qualified_name(&self) -> &str {
        &self.text[..usize::from(self.name_end)]
    }

    pub(crate) fn name(&self) -> &str {
        &self.qualified_name()[usize::from(self.category_len) + 1..]
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.text.get(usize::from(self.name_end) + 1..).filter(|v| !v.is_empty())
    }

    /// Declares the atom fit for publication; only the directory's policy may.
    pub(crate) fn clear(&self) -> PackageAtom {
        PackageAtom(self.clone())
    }
}

impl PackageAtom {
    /// `category/name-version`, or `category/name` when no version is known.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// `category/name`.
    #[must_use]
    pub fn qualified_name(&self) -> &str {
        self.0.qualified_name()
    }

    /// The category alone.
    #[must_use]
    pub fn category(&self) -> &str {
        self.0.category()
    }

    /// The name alone, without category and version.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The version alone.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.0.version()
    }

    /// The atom behind it, to be cleared once more: another configuration may decide otherwise.
    #[must_use]
    pub fn atom(&self) -> &Atom {
        &self.0
    }
}

// === impl Atom ===

impl PartialOrd for Atom {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Atom {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

// === impl PackageAtom ===

impl fmt::Debug for PackageAtom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl Serialize for PackageAtom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What was stored is checked by the grammar alone. It was cleared once; whoever restores it has it cleared again
/// ([`crate::directory::Directory::package`]), because what is hidden may have changed since.
impl<'de> Deserialize<'de> for PackageAtom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let atom = Atom::parse(&text).filter(|atom| *atom.text == *text);
        atom.map(|atom| atom.clear()).ok_or_else(|| D::Error::custom("no package"))
    }
}

impl fmt::Display for PackageAtom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A pattern of `hidden_packages`, such as `acme-*/*`: `*` stands for any run of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackagePattern(Vec<String>);

impl PackagePattern {
    /// Reads a pattern; `None` unless it has the form `category/name`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (category, name) = text.split_once('/')?;
        let fits = is_word(category, "+_.-*") && is_word(name, "+_-*");
        fits.then(|| Self(text.to_ascii_lowercase().split('*').map(str::to_owned).collect()))
    }

    /// Whether the pattern matches `category/name`.
    #[must_use]
    pub fn matches(&self, qualified_name: &str) -> bool {
        let text = qualified_name.to_ascii_lowercase();
        let [first, middle @ ..] = self.0.as_slice() else { return false };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = middle.split_last() else { return rest.is_empty() };
        for part in middle {
            let Some(at) = rest.find(part.as_str()) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

fn cut(text: &str, at: char) -> &str {
    text.split_once(at).map_or(text, |(before, _)| before)
}

fn is_word(text: &str, extra: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c))
}

/// Splits `name-version` at the leftmost hyphen behind which everything is a version.
fn split_version(text: &str) -> (&str, Option<&str>) {
    text.match_indices('-')
        .map(|(at, _)| (&text[..at], &text[at + 1..]))
        .find(|(_, version)| is_version(version))
        .map_or((text, None), |(name, version)| (name, Some(version)))
}

/// Numbers with dots, one letter, suffixes such as `_rc1`, and a revision.
fn is_version(text: &str) -> bool {
    let (body, revision) = text.split_once("-r").map_or((text, None), |(b, r)| (b, Some(r)));
    if revision.is_some_and(|r| r.is_empty() || !r.bytes().all(|b| b.is_ascii_digit())) {
        return false;
    }
    let mut parts = body.split('_');
    let numbers = parts.next().unwrap_or_default();
    let numbers = numbers.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(numbers);
    let is_number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    numbers.split('.').all(is_number)
        && parts.all(|suffix| {
            let word = suffix.trim_end_matches(|c: char| c.is_ascii_digit());
            matches!(word, "alpha" | "beta" | "pre" | "rc" | "p")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Option<&str>)>) {
        let atom = Atom::parse(text);
        let seen = atom.as_ref().map(|a| (a.qualified_name(), a.version()));
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn atoms_lose_operator_slot_use_and_repository() {
        check("=dev-libs/openssl-3.4.1", Some(("dev-libs/openssl", Some("3.4.1"))));
        check(
            ">=dev-qt/qtbase-6.8.2-r1:6/6.8=[gui,-test]::gentoo",
            Some(("dev-qt/qtbase", Some("6.8.2-r1"))),
        );
        check("sys-apps/systemd", Some(("sys-apps/systemd", None)));
        check("=x11-libs/gtk+-3.24.43", Some(("x11-libs/gtk+", Some("3.24.43"))));
        check("=dev-libs/pango-x50-5.8.8", Some(("dev-libs/pango-x50", Some("5.8.8"))));
        check(
            "=net-libs/nodejs-22.13.1_rc2_p20250101-r3",
            Some(("net-libs/nodejs", Some("22.13.1_rc2_p20250101-r3"))),
        );
        check("=app-office/libreoffice-25.2.0.3", Some(("app-office/libreoffice", Some("25.2.0.3"))));
        check("!!=media-libs/x264-0.0.20240314*", Some(("media-libs/x264", Some("0.0.20240314"))));
        check("=app-misc/screen-5.0.0a", Some(("app-misc/screen", Some("5.0.0a"))));
    }

    #[test]
    fn what_breaks_the_grammar_is_refused() {
        for text in [
            "",
            "openssl",
            "=dev-libs/openssl",
            "=dev-libs/openssl-3.4.1-altair",
            "=dev-libs/openssl-3.4.1_altair",
            "=dev-libs/openssl-10.42.0.199",
            "=dev-libs/openssl-10.42.0.199-r1",
            "=dev-libs/openssl-10.42.0.199_p1",
            "=dev-libs/openssl-3.10.42.0.199",
            "dev-libs/open ssl-1",
            "dev-libs/a/b-1",
            "/etc/passwd",
            "=dev-libs/ -1",
            "=-x/y-1",
            "dev-libs/openssl.internal.lan",
            "=dev-libs/\u{e9}-1",
        ] {
            check(text, None);
        }
        check(&format!("=dev-libs/{}-1", "a".repeat(200)), None);
        check(&format!("=dev-libs/a-{}", "1".repeat(33)), None);
    }

    #[test]
    fn patterns_match_with_stars() {
        let check = |pattern: &str, name: &str| PackagePattern::parse(pattern).unwrap().matches(name);
        assert!(check("acme-*/*", "acme-tools/x"));
        assert!(!check("acme-*/*", "app-misc/acme-x"));
        assert!(check("*/*secret*", "app-misc/our-Secrets"));
        assert!(check("app-misc/screen", "app-misc/screen"));
        assert!(!check("app-misc/screen", "app-misc/screenie"));
        assert_eq!(PackagePattern::parse("nope"), None);
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics_and_never_lets_foreign_characters_through(text in "\\PC{0,60}") {
            if let Some(atom) = Atom::parse(&text) {
                let fits = atom.text.chars().all(|c| c.is_ascii_alphanumeric() || "+_./-".contains(c));
                proptest::prop_assert!(fits);
            }
        }
    }
}
