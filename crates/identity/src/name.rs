//! Names that the public may read.

use std::{borrow::Cow, cmp::Ordering, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The public name of a machine, a galaxy or a service.
///
/// One to 40 characters: letters, digits, space, `'`, `-`, `.`; no space at either end, no two in a row, and
/// never shaped like an address. Ordered without regard to case; [`PublicName::same`] compares that way.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicName(Arc<str>);

/// Why a text is no public name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty, or more than 40 characters.
    #[error("a name has 1 to 40 characters")]
    Length,
    /// A character outside the allowed set.
    #[error("a name has only letters, digits, spaces, ', - and .")]
    Character,
    /// A space at an end, or two in a row.
    #[error("a name neither begins nor ends with a space, nor has two in a row")]
    Space,
    /// The text reads as an IP address.
    #[error("a name is not an address")]
    Address,
}

impl PublicName {
    /// The longest name, in characters.
    pub const MAX_CHARS: usize = 40;

    /// Checks a text that the *operator* chose for the public.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let n_chars = text.chars().count();
        if n_chars == 0 || n_chars > Self::MAX_CHARS {
            return Err(NameError::Length);
        }
        if !text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '\'' | '-' | '.')) {
            return Err(NameError::Character);
        }
        if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
            return Err(NameError::Space);
        }
        if text.parse::<std::net::IpAddr>().is_ok() {
            return Err(NameError::Address);
        }
        Ok(Self(text.into()))
    }

    /// The name as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which names are compared: without regard to case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }

    /// Whether both are one name to the public, without regard to case.
    #[must_use]
    pub fn same(&self, other: &str) -> bool {
        self.folded() == other.to_lowercase()
    }
}

// === impl PublicName ===

impl fmt::Debug for PublicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl Serialize for PublicName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What was stored is checked like what an operator writes.
impl<'de> Deserialize<'de> for PublicName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::new(&text).map_err(D::Error::custom)
    }
}

impl fmt::Display for PublicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Ord for PublicName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(&other.folded()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for PublicName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(), NameError>) {
        assert_eq!(PublicName::new(text).map(|name| assert_eq!(name.as_str(), text)), expected);
    }

    #[test]
    fn names_follow_the_published_rule() {
        check("Izar", Ok(()));
        check("Barnard's Star", Ok(()));
        check("Altair-Link 2.1", Ok(()));
        check("", Err(NameError::Length));
        check(&"a".repeat(40), Ok(()));
        check(&"a".repeat(41), Err(NameError::Length));
        check("a/b", Err(NameError::Character));
        check("a\nb", Err(NameError::Character));
        check("<b>", Err(NameError::Character));
        check(" a", Err(NameError::Space));
        check("a  b", Err(NameError::Space));
        check("10.42.0.199", Err(NameError::Address));
    }

    #[test]
    fn names_are_ordered_without_regard_to_case() {
        let mut names = ["tarn", "Izar", "capella"].map(|n| PublicName::new(n).unwrap());
        names.sort();
        assert_eq!(names.each_ref().map(PublicName::as_str), ["capella", "Izar", "tarn"]);
        assert!(names[1].same("IZAR"));
    }
}
