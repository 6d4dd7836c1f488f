//! Which hosts need a look first.

use super::{Disk, FillLevel, Host, Reachability};

/// How soon a host needs a look; what is less comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It does not answer.
    Down,
    /// A disk or its memory is about to be full.
    NearlyFull,
    /// A disk or its memory is getting tight.
    GettingFull,
    /// Nobody asked it.
    Unknown,
    /// Nothing is the matter.
    Fine,
}

impl Host {
    /// How full the fullest of its disks and its memory are.
    #[must_use]
    pub fn fill_level(&self) -> Option<FillLevel> {
        self.disks.iter().map(Disk::level).chain([self.memory_level()]).flatten().max()
    }

    /// How soon it needs a look.
    #[must_use]
    pub fn urgency(&self) -> Urgency {
        let by_state = match self.state {
            Reachability::Down => Urgency::Down,
            Reachability::Degraded => Urgency::NearlyFull,
            Reachability::Unknown => Urgency::Unknown,
            Reachability::Up => Urgency::Fine,
        };
        let by_level = match self.fill_level() {
            Some(FillLevel::Critical) => Urgency::NearlyFull,
            Some(FillLevel::High) => Urgency::GettingFull,
            Some(FillLevel::Ok) | None => Urgency::Fine,
        };
        by_state.min(by_level)
    }
}
