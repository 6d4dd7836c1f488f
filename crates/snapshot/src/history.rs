//! Finished builds.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::clock::elapsed;

/// A day.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How many failures in a row are alarming.
pub const ALARMING: usize = 5;

/// Every finished build that is kept, the newest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The builds.
    pub builds: Vec<Arc<Build>>,
    /// From when on nothing is missing; `None` when that is not known.
    pub complete_from: Option<Timestamp>,
    /// Stretches in which builds were lost, the newest first.
    pub gaps: Vec<Gap>,
}

/// A stretch of time in which builds finished that nobody recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The newest build known before it.
    pub from: Timestamp,
    /// The oldest build known after it.
    pub to: Timestamp,
}

/// One finished build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// Its public id.
    pub id: BuildId,
    /// What was built; `None` = withheld.
    pub package: Option<PackageAtom>,
    /// Which drone built it; `None` = unknown or not published.
    pub drone: Option<PublicName>,
    /// What became of it.
    pub status: BuildStatus,
    /// How long it took.
    pub duration_seconds: Option<u32>,
    /// When it was booked.
    pub finished_at: Timestamp,
}

/// The public id of a build: 13 characters of Crockford's base 32, from public facts alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BuildId([u8; 13]);

/// What became of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BuildStatus {
    /// Built.
    Success,
    /// Failed.
    Failed,
    /// Built, but the package is missing.
    MissingBinary,
    /// Built, but the upload failed.
    UploadFailed,
    /// Masked by Portage.
    Masked,
    /// Handed back.
    Returned,
}

/// What a status says of the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountsAs {
    /// It builds.
    Success,
    /// It does not build.
    Failure,
    /// Nothing.
    Uncounted,
}

/// What happened in the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastDay {
    /// Builds that succeeded.
    pub success: u32,
    /// Builds that failed.
    pub failure: u32,
    /// Builds that say nothing of their package.
    pub uncounted: u32,
    /// How long all of them took together.
    pub build_seconds: u64,
    /// How much of the day is known without gaps, 0 to 100.
    pub coverage_percent: u8,
}

impl History {
    /// Sums up the 24 hours before `now`, as far as they were known at `seen`.
    #[must_use]
    pub fn last_day(&self, seen: Timestamp, now: Timestamp) -> LastDay {
        let begin = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let mut day = LastDay {
            success: 0,
            failure: 0,
            uncounted: 0,
            build_seconds: 0,
            coverage_percent: self.coverage(begin, seen),
        };
        for build in self.builds.iter().take_while(|build| build.finished_at > begin) {
            match build.status.counts_as() {
                CountsAs::Success => day.success += 1,
                CountsAs::Failure => day.failure += 1,
                CountsAs::Uncounted => day.uncounted += 1,
            }
            day.build_seconds += u64::from(build.duration_seconds.unwrap_or(0));
        }
        day
    }

    /// The builds that say something of their package, the newest first.
    pub fn counted(&self) -> impl Iterator<Item = &Build> {
        let builds = self.builds.iter().map(Arc::as_ref);
        builds.filter(|build| build.status.counts_as() != CountsAs::Uncounted)
    }

    /// The newest builds that say something of their package, failures all, and on how many drones and packages.
    #[must_use]
    pub fn failing_streak(&self, now: Timestamp) -> FailingStreak {
        let begin = now.checked_sub(DAY).unwrap_or(Timestamp::MIN);
        let failed = |build: &&Build| build.status.counts_as() == CountsAs::Failure;
        let streak: Vec<_> =
            self.counted().take_while(failed).take_while(|build| build.finished_at > begin).collect();
        let drones: BTreeSet<_> = streak.iter().filter_map(|build| build.drone.as_ref()).collect();
        let newest = streak.iter().take(ALARMING);
        let packages: BTreeSet<_> =
            newest.map(|build| build.package.as_ref().map(PackageAtom::qualified_name)).collect();
        FailingStreak { n_builds: streak.len(), n_drones: drones.len(), n_packages: packages.len() }
    }

    fn coverage(&self, begin: Timestamp, seen: Timestamp) -> u8 {
        let Some(complete_from) = self.complete_from else { return 0 };
        let begin = complete_from.max(begin);
        let known = elapsed(begin, seen);
        let lost: Duration = self.gaps.iter().map(|gap| elapsed(gap.from.max(begin), gap.to.min(seen))).sum();
        let share = known.saturating_sub(lost).as_secs_f64() / DAY.as_secs_f64();
        percent(share)
    }
}

/// Failures in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailingStreak {
    /// How many builds.
    pub n_builds: usize,
    /// Of how many drones.
    pub n_drones: usize,
    /// Of how many packages the newest [`ALARMING`] of them are.
    pub n_packages: usize,
}

impl FailingStreak {
    /// Whether that is more than bad luck with one package.
    #[must_use]
    pub fn is_alarming(self) -> bool {
        self.n_builds >= ALARMING && self.n_packages >= 2
    }
}

impl BuildId {
    /// The id of a build with these facts; `copy` numbers builds that agree in all of them, from 0.
    ///
    /// `status` is what the orchestrator wrote. Sixty-four bits of a hash: the same on every machine.
    #[must_use]
    pub fn of(
        package: Option<&PackageAtom>,
        finished_at: Timestamp,
        status: &str,
        duration_ms: Option<u64>,
        copy: u32,
    ) -> Self {
        let package = package.map_or("", PackageAtom::as_str);
        let duration = duration_ms.map(|ms| ms.to_string()).unwrap_or_default();
        let mut text = format!("{package}\t{}\t{status}\t{duration}", finished_at.as_second());
        if copy > 0 {
            text.push_str(&format!("#{copy}"));
        }
        let digest = Sha256::digest(text.as_bytes());
        let bits = digest.iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let mut id = [0; 13];
        // Twelve digits hold five bits each; the first one holds the four that are left.
        for (idx, place) in id.iter_mut().enumerate() {
            *place = CROCKFORD[usize::try_from((bits >> (60 - 5 * idx)) & 31).unwrap_or(0)];
        }
        Self(id)
    }

    /// Reads an id that a client sends back; `None` for what no id looks like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id: [u8; 13] = text.as_bytes().try_into().ok()?;
        id.iter().all(|digit| is_crockford(*digit)).then_some(Self(id))
    }

    /// The id as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only digits of the alphabet are ever stored.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Without a search: ids are read by the hundred thousand.
const fn is_crockford(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'z') && !matches!(byte, b'i' | b'l' | b'o' | b'u')
}

impl BuildStatus {
    /// Every status, in the order of the filters.
    pub const ALL: [Self; 6] =
        [Self::Success, Self::Failed, Self::MissingBinary, Self::UploadFailed, Self::Masked, Self::Returned];

    /// Reads what the orchestrator wrote; whatever it does not name is a failure, as it is for the orchestrator.
    #[must_use]
    pub fn of_upstream(text: &str) -> (Self, Known) {
        let known = |status| (status, Known::Yes);
        match text {
            "success" => known(Self::Success),
            "failed" => known(Self::Failed),
            "missing_binary" => known(Self::MissingBinary),
            "upload_failed" => known(Self::UploadFailed),
            "masked" => known(Self::Masked),
            "returned" => known(Self::Returned),
            _ => (Self::Failed, Known::No),
        }
    }

    /// Reads the word of documents.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::MissingBinary => "missing_binary",
            Self::UploadFailed => "upload_failed",
            Self::Masked => "masked",
            Self::Returned => "returned",
        }
    }

    /// The words on pages.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Success => "Built",
            Self::Failed => "Failed",
            Self::MissingBinary => "Built, but the package is missing",
            Self::UploadFailed => "Built, upload failed",
            Self::Masked => "Masked by Portage",
            Self::Returned => "Handed back",
        }
    }

    /// What it says of the package.
    #[must_use]
    pub const fn counts_as(self) -> CountsAs {
        match self {
            Self::Success => CountsAs::Success,
            Self::Failed | Self::MissingBinary | Self::Masked => CountsAs::Failure,
            Self::UploadFailed | Self::Returned => CountsAs::Uncounted,
        }
    }

    /// What it says of the drone: a package that Portage masks is not its failure, an upload that fails is.
    #[must_use]
    pub const fn counts_for_drone_as(self) -> CountsAs {
        match self {
            Self::Success => CountsAs::Success,
            Self::Failed | Self::MissingBinary | Self::UploadFailed => CountsAs::Failure,
            Self::Masked | Self::Returned => CountsAs::Uncounted,
        }
    }
}

/// Whether a word of the orchestrator is one of those that are documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// A share of one, in whole percent, rounded half up.
#[must_use]
pub fn percent(share: f64) -> u8 {
    let clamped = (share.clamp(0.0, 1.0) * 100.0).round();
    // Between 0 and 100 after the clamp.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
    let whole = clamped as u8;
    whole
}

#[cfg(test)]
mod tests;
