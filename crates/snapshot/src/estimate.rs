//! How long things are expected to take.

use std::cmp::Ordering;

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

/// What became of estimates: each finished build against what was promised when it began. By basis; `None` = no
/// build yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scoreboard {
    /// Those learned from the package itself.
    pub package: Option<Score>,
    /// Those learned from its category.
    pub category: Option<Score>,
    /// Those learned from all builds.
    pub global: Option<Score>,
}

/// What became of the newest estimates of one basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// How many builds it speaks of.
    pub builds: u32,
    /// Half of them took this much longer or shorter than promised, or more.
    pub typical_error_percent: u32,
    /// How many came out inside the range; 80 are promised.
    pub inside_percent: u32,
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

impl Estimate {
    /// Where a build that took `seconds` came out: below the range, inside (`Equal`), or above.
    #[must_use]
    pub fn outcome(&self, seconds: u32) -> Ordering {
        if seconds < self.low_seconds {
            Ordering::Less
        } else if seconds > self.high_seconds {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}

impl Scoreboard {
    /// The score of a basis.
    #[must_use]
    pub const fn of(&self, basis: Basis) -> Option<Score> {
        match basis {
            Basis::Package => self.package,
            Basis::Category => self.category,
            Basis::Global => self.global,
        }
    }
}

impl Basis {
    /// Every basis, the firmest first.
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
