//! How a disk is called: never by its mount point.

use identity::name::PublicName;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// How a disk is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum DiskName {
    /// `/` itself.
    Root,
    /// A directory that every system has.
    Standard(&'static str),
    /// What the operator calls it.
    Label(PublicName),
    /// The n-th by size, from 1.
    Numbered(u32),
}

impl DiskName {
    /// Directories whose names say nothing about a particular machine.
    pub const STANDARD: [&'static str; 7] = ["boot", "home", "opt", "srv", "tmp", "usr", "var"];
}

/// A [`DiskName`] that was stored, with words to be found among those that are known.
#[derive(Deserialize)]
enum StoredDiskName {
    Root,
    Standard(String),
    Label(PublicName),
    Numbered(u32),
}

// === impl DiskName ===

impl<'de> Deserialize<'de> for DiskName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match StoredDiskName::deserialize(deserializer)? {
            StoredDiskName::Root => Self::Root,
            StoredDiskName::Standard(word) => {
                let known = Self::STANDARD.into_iter().find(|name| *name == word);
                Self::Standard(known.ok_or_else(|| D::Error::custom("no standard directory"))?)
            }
            StoredDiskName::Label(label) => Self::Label(label),
            StoredDiskName::Numbered(n) => Self::Numbered(n),
        })
    }
}

impl std::fmt::Display for DiskName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Root => f.write_str("root"),
            Self::Standard(name) => f.write_str(name),
            Self::Label(name) => name.fmt(f),
            Self::Numbered(n) => write!(f, "disk-{n}"),
        }
    }
}
