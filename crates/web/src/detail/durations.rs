//! How long successful builds took: one after the other, and how many took about as long.

use std::sync::Arc;

use snapshot::history::{Build, BuildStatus};

use crate::history::{Index, index::Row};

/// How many builds are told one after the other.
pub(crate) const TREND_MAX: usize = 60;
/// How many groups builds are sorted into.
const BINS_MAX: usize = 12;
/// The ends of groups, in seconds: steps of about a third to a half, at lengths that have short names.
const EDGES: [u32; 40] = [
    0,
    1,
    2,
    3,
    5,
    7,
    10,
    15,
    20,
    30,
    45,
    60,
    90,
    120,
    180,
    240,
    300,
    420,
    600,
    900,
    1_200,
    1_800,
    2_700,
    3_600,
    5_400,
    7_200,
    10_800,
    14_400,
    18_000,
    25_200,
    36_000,
    54_000,
    72_000,
    108_000,
    172_800,
    259_200,
    432_000,
    604_800,
    1_209_600,
    u32::MAX,
];

/// How long successful builds took. Builds of no length say nothing and are left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Durations {
    /// The newest builds, the oldest of them first.
    pub(crate) trend: Vec<Arc<Build>>,
    /// How many builds took about as long, the shortest first, without a gap. None when there is no build.
    pub(crate) bins: Vec<Bin>,
}

/// Builds that took about as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bin {
    /// They took this long or longer, in seconds.
    pub(crate) from_seconds: u32,
    /// They took less than this, in seconds.
    pub(crate) to_seconds: u32,
    /// How many they are.
    pub(crate) builds: u32,
}

impl Durations {
    /// Of some builds, the newest first.
    pub(crate) fn of(index: &Index, rows: &[Row]) -> Self {
        let is_told = |row: &Row| {
            index.status(*row) == Some(BuildStatus::Success) && index.length(*row).unwrap_or(0) > 0
        };
        let told: Vec<Row> = rows.iter().copied().filter(is_told).collect();
        let newest = told.iter().take(TREND_MAX).rev();
        Self {
            trend: newest.filter_map(|row| index.build(*row).cloned()).collect(),
            bins: bins(told.iter().filter_map(|row| index.length(*row))),
        }
    }
}

/// Sorts lengths into as few steps as show their shape.
fn bins(lengths: impl Iterator<Item = u32>) -> Vec<Bin> {
    let mut counts = [0_u32; EDGES.len()];
    for length in lengths {
        let step = EDGES.partition_point(|edge| *edge <= length).saturating_sub(1);
        if let Some(count) = counts.get_mut(step) {
            *count += 1;
        }
    }
    let is_used = |count: &u32| *count > 0;
    let (Some(first), Some(last)) = (counts.iter().position(is_used), counts.iter().rposition(is_used))
    else {
        return Vec::new();
    };
    let width = (last - first + 1).div_ceil(BINS_MAX);
    let bin = |begin: usize| {
        let end = (begin + width).min(last + 1);
        Bin {
            from_seconds: EDGES.get(begin).copied().unwrap_or(0),
            to_seconds: EDGES.get(end).copied().unwrap_or(u32::MAX),
            builds: counts.get(begin..end).unwrap_or_default().iter().sum(),
        }
    };
    (first..=last).step_by(width).map(bin).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_few_steps_show_the_shape() {
        let bin = |from_seconds, to_seconds, builds| Bin { from_seconds, to_seconds, builds };
        assert_eq!(
            bins([171, 180, 200, 250].into_iter()),
            [bin(120, 180, 1), bin(180, 240, 2), bin(240, 300, 1)]
        );
        assert_eq!(bins([1].into_iter()), [bin(1, 2, 1)]);
        assert_eq!(bins([].into_iter()), []);
    }

    proptest! {
        #[test]
        fn every_length_is_in_the_one_group_that_is_its_own(lengths in proptest::collection::vec(any::<u32>(), 0..60)) {
            let bins = bins(lengths.iter().copied());
            prop_assert!(bins.len() <= BINS_MAX);
            prop_assert!(bins.windows(2).all(|pair| pair[0].to_seconds == pair[1].from_seconds));
            for bin in &bins {
                let is_last = bin.to_seconds == u32::MAX;
                let own = lengths
                    .iter()
                    .filter(|length| **length >= bin.from_seconds && (is_last || **length < bin.to_seconds));
                prop_assert_eq!(own.count() as u32, bin.builds);
            }
            prop_assert_eq!(bins.iter().map(|bin| bin.builds as usize).sum::<usize>(), lengths.len());
        }
    }
}
