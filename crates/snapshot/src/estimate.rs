//! How long things are expected to take.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An expected duration: a median and the range that should hold eight of ten outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Half of the builds take longer.
    pub median_seconds: u32,
    /// One of ten is shorter.
    pub low_seconds: u32,
    /// One of ten is longer.
    pub high_seconds: u32,
    /// What was learned from.
    pub basis: Basis,
    /// How many builds were learned from.
    pub samples: u32,
}

/// What an estimate was learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Basis {
    /// Builds of the same package.
    Package,
    /// Builds of its category.
    Category,
    /// All builds.
    Global,
}

/// When the queue is expected to be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drain {
    /// The most likely instant.
    pub median_at: Timestamp,
    /// One of ten times it is earlier.
    pub low_at: Timestamp,
    /// One of ten times it is later.
    pub high_at: Timestamp,
    /// Items that are not in it: blocked and failed ones.
    pub excluded: u32,
}

impl Basis {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Package, Self::Category, Self::Global];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Package => "package",
            Self::Category => "category",
            Self::Global => "global",
        }
    }
}
