//! What is measured, in which unit, and what is wanted of it.

use super::statistics::{Spread, ratios};

/// One thing that is measured of either server, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    /// From the first attempt to connect until all have their first frame, in ms.
    Connect,
    /// Memory for each subscriber that has its first frame and waits, in bytes.
    Resident,
    /// The same after the deltas.
    ResidentAfter,
    /// Processor time for each frame that is sent, in microseconds.
    CpuPerFrame,
    /// From the first subscriber's receipt of a delta to the last one's, in ms: the median of all deltas.
    FanOutMedian,
    /// The same, of the slowest delta.
    FanOutMax,
    /// From telling the server of a change to the last subscriber's receipt, in ms: the median of all deltas.
    ToldToLast,
    /// Memory for each subscriber that reads nothing, in bytes: the worst instant with them against the worst without.
    StalledResident,
    /// What the kernel holds for each of them a moment after it connected, in bytes.
    StalledUnsent,
    /// How much longer a delta's way from the first to the last takes while others read nothing, as a factor.
    StalledDelay,
}

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target {
    /// Of ours, at most this.
    AtMost(f64),
    /// Of ours, at most so many times the other's.
    Ratio(f64),
}

/// The noise that a delay may have and still be none.
const DELAY_NOISE: f64 = 1.2;

impl Measure {
    /// What the table calls it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Connect => "connect, until all have the first frame",
            Self::Resident => "resident per subscriber, idle after the first frame",
            Self::ResidentAfter => "resident per subscriber, idle after the deltas",
            Self::CpuPerFrame => "processor time per frame",
            Self::FanOutMedian => "first to last receipt, median delta",
            Self::FanOutMax => "first to last receipt, slowest delta",
            Self::ToldToLast => "server told to last receipt, median delta",
            Self::StalledResident => "resident per subscriber that reads nothing, peak",
            Self::StalledUnsent => "unsent in the kernel per subscriber that reads nothing",
            Self::StalledDelay => "first to last receipt of the others, against before",
        }
    }

    /// One value with its unit.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Resident | Self::ResidentAfter | Self::StalledResident | Self::StalledUnsent => {
                format!("{:.1} KiB", value / 1_024.0)
            }
            Self::CpuPerFrame => format!("{value:.2} us"),
            Self::StalledDelay => format!("{value:.2}x"),
            _ => format!("{value:.1} ms"),
        }
    }

    /// What is wanted, if anything.
    pub(crate) fn target(self) -> Option<Target> {
        match self {
            Self::Resident | Self::ResidentAfter => Some(Target::AtMost(4_096.0)),
            Self::CpuPerFrame => Some(Target::Ratio(1.1)),
            Self::StalledResident | Self::StalledUnsent => Some(Target::AtMost(65_536.0)),
            Self::StalledDelay => Some(Target::AtMost(DELAY_NOISE)),
            _ => None,
        }
    }

    /// Whether one value can be true at all.
    pub(crate) fn is_sane(self, value: f64) -> bool {
        let bound = match self {
            // Either may come out below nothing when little is measured, by what else the process does.
            Self::Resident | Self::ResidentAfter | Self::StalledResident => return value.abs() < 16e6,
            Self::CpuPerFrame => return value.abs() < 1e5,
            Self::StalledDelay => 1e3,
            // Frames of the quick check fit into what the other side receives without reading.
            Self::StalledUnsent => return (0.0..16e6).contains(&value),
            _ => 60e3,
        };
        value > 0.0 && value < bound
    }
}

impl Target {
    /// Whether medians meet it; `None` when they cannot tell.
    pub(crate) fn is_met(self, ours: &[f64], theirs: &[f64]) -> Option<bool> {
        match self {
            Self::AtMost(bound) => Some(Spread::of(ours)?.median <= bound),
            // Below nothing, noise was measured, and a ratio of noise says nothing.
            Self::Ratio(_) if ours.iter().chain(theirs).any(|value| *value <= 0.0) => None,
            Self::Ratio(bound) => Some(Spread::of(&ratios(ours, theirs))?.median <= bound),
        }
    }

    /// In words, for a measure.
    pub(crate) fn show(self, measure: Measure) -> String {
        match self {
            Self::AtMost(bound) => format!("<= {}", measure.show(bound)),
            Self::Ratio(bound) => format!("<= {bound:.2}x the minimal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Measure, Target};

    #[test]
    fn targets_are_met_by_medians() {
        assert_eq!(Target::AtMost(4.0).is_met(&[3.0, 9.0, 4.0], &[]), Some(true));
        assert_eq!(Target::AtMost(4.0).is_met(&[3.0, 9.0, 5.0], &[]), Some(false));
        assert_eq!(Target::Ratio(1.1).is_met(&[10.0, 11.0], &[10.0, 10.0]), Some(true));
        assert_eq!(Target::Ratio(1.1).is_met(&[12.0], &[10.0]), Some(false));
        assert_eq!(Target::Ratio(1.1).is_met(&[12.0], &[0.0]), None);
        assert_eq!(Target::Ratio(1.1).is_met(&[-12.0], &[10.0]), None);
        assert_eq!(Target::AtMost(4.0).is_met(&[], &[]), None);
    }

    #[test]
    fn values_have_their_units() {
        assert_eq!(Measure::Resident.show(4_096.0), "4.0 KiB");
        assert_eq!(Measure::CpuPerFrame.show(9.876), "9.88 us");
        assert_eq!(Measure::Connect.show(12.34), "12.3 ms");
        assert_eq!(Target::Ratio(1.1).show(Measure::CpuPerFrame), "<= 1.10x the minimal");
        assert_eq!(Target::AtMost(65_536.0).show(Measure::StalledResident), "<= 64.0 KiB");
    }

    #[test]
    fn what_cannot_be_is_not_sane() {
        assert!(Measure::Connect.is_sane(3.0) && !Measure::Connect.is_sane(0.0));
        assert!(!Measure::ToldToLast.is_sane(f64::NAN) && !Measure::Resident.is_sane(f64::INFINITY));
    }
}
