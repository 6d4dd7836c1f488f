//! What a set of builds amounts to.

use snapshot::history::{BuildStatus, CountsAs};

use super::index::{Index, Row};

/// Figures over a set of builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Summary {
    /// Builds that succeeded.
    pub(crate) success: u32,
    /// Builds that failed.
    pub(crate) failure: u32,
    /// Builds that say nothing of their package.
    pub(crate) uncounted: u32,
    /// The share of successes among those that count, in tenths of a percent; `None` without any.
    pub(crate) success_permille: Option<u32>,
    /// Half of those of known length took longer; `None` without any.
    pub(crate) median_seconds: Option<u32>,
    /// How long all took together.
    pub(crate) build_seconds: u64,
}

impl Summary {
    /// Sums up some builds by what they say of their packages.
    pub(crate) fn of(index: &Index, rows: &[Row]) -> Self {
        Self::judged(index, rows, BuildStatus::counts_as)
    }

    /// Sums up some builds by what they say of something.
    pub(crate) fn judged(index: &Index, rows: &[Row], counts_as: fn(BuildStatus) -> CountsAs) -> Self {
        let mut summary = Self::default();
        let mut lengths = Vec::with_capacity(rows.len());
        for row in rows {
            match index.status(*row).map_or(CountsAs::Uncounted, counts_as) {
                CountsAs::Success => summary.success += 1,
                CountsAs::Failure => summary.failure += 1,
                CountsAs::Uncounted => summary.uncounted += 1,
            }
            lengths.extend(index.length(*row));
        }
        summary.build_seconds = lengths.iter().copied().map(u64::from).sum();
        summary.success_permille = permille(summary.success, summary.failure);
        summary.median_seconds = median(&mut lengths);
        summary
    }
}

/// Rounded half up.
fn permille(success: u32, failure: u32) -> Option<u32> {
    let counted = u64::from(success) + u64::from(failure);
    let doubled = (2_000 * u64::from(success) + counted).checked_div(2 * counted)?;
    u32::try_from(doubled).ok()
}

/// Between the two in the middle the mean, rounded half up.
fn median(lengths: &mut [u32]) -> Option<u32> {
    if lengths.is_empty() {
        return None;
    }
    let (middle, is_even) = (lengths.len() / 2, lengths.len().is_multiple_of(2));
    let (below, upper, _) = lengths.select_nth_unstable(middle);
    let lower = if is_even { below.iter().copied().max().unwrap_or(*upper) } else { *upper };
    Some(lower + (*upper - lower).div_ceil(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up() {
        assert_eq!(permille(139, 3), Some(979));
        assert_eq!(permille(0, 3), Some(0));
        assert_eq!(permille(1, 0), Some(1_000));
        assert_eq!(permille(1, 15), Some(63));
        assert_eq!(permille(0, 0), None);
    }

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [7]), Some(7));
        assert_eq!(median(&mut [9, 1, 5]), Some(5));
        assert_eq!(median(&mut [1, 4]), Some(3));
        assert_eq!(median(&mut [u32::MAX, u32::MAX]), Some(u32::MAX));
    }
}
