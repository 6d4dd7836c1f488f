//! The queue over a day and a week: how much waited, and how much was finished.
//!
//! How deep the queue was is sampled, because nobody tells it afterwards; what was finished follows from the builds.
//! What is not known is a gap and not zero.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{add, elapsed},
    history::History,
};

/// How long a sample stands for.
pub const DEPTH_STEP: Duration = Duration::from_secs(10 * 60);

/// How long samples are published.
pub const DEPTH_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Within this time a queue that grows fast is worth a word.
pub const GROWTH_WINDOW: Duration = Duration::from_secs(6 * 60 * 60);
/// By how many items it grows at least; it doubles, too.
const GROWTH_LEAST: u32 = 50;

/// How deep the queue was, the oldest sample first; steps in which nobody told are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DepthHistory {
    /// The samples of whole steps.
    pub samples: Vec<Depth>,
}

/// How deep the queue was in one step: the most of each that was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// The beginning of the step.
    pub at: Timestamp,
    /// Items that waited.
    pub pending: u32,
    /// Items that were handed out.
    pub building: u32,
    /// Items that were held back.
    pub blocked: u32,
}

/// A stretch of time in equal steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// The beginning of the first step.
    pub begin: Timestamp,
    /// The length of a step.
    pub step: Duration,
    /// How many there are.
    pub n: usize,
}

impl Depth {
    /// Takes in what was told later in the same step.
    #[must_use]
    pub fn max(self, later: Self) -> Self {
        Self {
            at: self.at,
            pending: self.pending.max(later.pending),
            building: self.building.max(later.building),
            blocked: self.blocked.max(later.blocked),
        }
    }
}

impl Steps {
    /// So many steps up to `end`: the last is the newest that is over.
    #[must_use]
    pub fn until(end: Timestamp, step: Duration, n: usize) -> Self {
        let length = i64::try_from(step.as_secs()).unwrap_or(i64::MAX).max(1);
        let last = end.as_second().div_euclid(length) * length;
        let all = length.saturating_mul(i64::try_from(n).unwrap_or(i64::MAX));
        let begin = Timestamp::from_second(last.saturating_sub(all)).unwrap_or(Timestamp::MIN);
        Self { begin, step, n }
    }

    /// The end of the last step.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.nth(self.n)
    }

    /// The step to which an instant belongs.
    #[must_use]
    pub fn place(&self, at: Timestamp) -> Option<usize> {
        let offset = at.as_second().checked_sub(self.begin.as_second())?;
        let step = i64::try_from(self.step.as_secs()).ok().filter(|step| *step > 0)?;
        usize::try_from(offset.div_euclid(step)).ok().filter(|place| *place < self.n)
    }

    /// The beginning of a step.
    fn nth(&self, place: usize) -> Timestamp {
        add(self.begin, self.step * u32::try_from(place).unwrap_or(u32::MAX))
    }
}

impl DepthHistory {
    /// The samples that count for [`DepthHistory::growth`] now, or did a while ago.
    pub(crate) fn of_late(&self) -> &[Depth] {
        let n = usize::try_from(GROWTH_WINDOW.as_secs() / DEPTH_STEP.as_secs()).unwrap_or(0);
        self.samples.get(self.samples.len().saturating_sub(n + 1)..).unwrap_or_default()
    }

    /// When least waited in the last hours, and now, if that is twice as much and fifty more, and still grows: more came
    /// than was done, and a tenth of the most has not been done since.
    #[must_use]
    pub fn growth(&self, now: Timestamp) -> Option<(Depth, Depth)> {
        let recent = self.of_late().iter().filter(|depth| elapsed(depth.at, now) < GROWTH_WINDOW);
        let newest = *self.samples.last()?;
        // Of equal ones the last: from then on it grew.
        let low = *recent.clone().rev().min_by_key(|depth| depth.pending)?;
        let most = recent.filter(|depth| depth.at >= low.at).map(|depth| depth.pending).max()?;
        let is_more = newest.pending >= low.pending.saturating_mul(2).max(low.pending + GROWTH_LEAST);
        let is_less_again = u64::from(newest.pending) * 10 < u64::from(most) * 9;
        (is_more && !is_less_again).then_some((low, newest))
    }

    /// The most that waited in each step; `None` = nobody told.
    #[must_use]
    pub fn pending(&self, steps: Steps) -> Vec<Option<u32>> {
        let mut most = vec![None; steps.n];
        for sample in &self.samples {
            if let Some(place) = steps.place(sample.at) {
                most[place] = most[place].max(Some(sample.pending));
            }
        }
        most
    }
}

impl History {
    /// How many builds finished in each step, whatever became of them; `None` where some may be missing: before
    /// what is known, in gaps, and in steps that were not over at `seen`.
    #[must_use]
    pub fn finished(&self, steps: Steps, seen: Timestamp) -> Vec<Option<u32>> {
        let mut counts = vec![0_u32; steps.n];
        let begun = self.builds.iter().take_while(|build| build.finished_at >= steps.begin);
        for place in begun.filter_map(|build| steps.place(build.finished_at)) {
            counts[place] += 1;
        }
        let is_known = |place: usize| {
            let (from, to) = (steps.nth(place), steps.nth(place + 1));
            let is_lost = |gap: &crate::history::Gap| !elapsed(gap.from.max(from), gap.to.min(to)).is_zero();
            self.complete_from.is_some_and(|known| known <= from)
                && to <= seen
                && !self.gaps.iter().any(is_lost)
        };
        (0..).zip(counts).map(|(place, count)| is_known(place).then_some(count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        history::{BuildStatus, Gap},
        testing::{at, build},
    };

    const HOUR: Duration = Duration::from_secs(3_600);

    fn sample(text: &str, pending: u32) -> Depth {
        Depth { at: at(text), pending, building: 0, blocked: 0 }
    }

    #[test]
    fn steps_end_with_the_newest_that_is_over() {
        let steps = Steps::until(at("2026-02-23T14:29:59Z"), HOUR, 3);
        assert_eq!((steps.begin, steps.end()), (at("2026-02-23T11:00:00Z"), at("2026-02-23T14:00:00Z")));
        assert_eq!(steps.place(at("2026-02-23T10:59:59Z")), None);
        assert_eq!(steps.place(at("2026-02-23T11:00:00Z")), Some(0));
        assert_eq!(steps.place(at("2026-02-23T13:59:59Z")), Some(2));
        assert_eq!(steps.place(at("2026-02-23T14:00:00Z")), None);
    }

    #[test]
    fn the_most_that_waited_stands_for_a_step_and_silence_is_a_gap() {
        let samples = ["2026-02-23T11:10:00Z", "2026-02-23T11:20:00Z", "2026-02-23T13:50:00Z"];
        let depth = DepthHistory {
            samples: vec![sample(samples[0], 4), sample(samples[1], 9), sample(samples[2], 0)],
        };
        let steps = Steps::until(at("2026-02-23T14:29:59Z"), HOUR, 3);
        assert_eq!(depth.pending(steps), [Some(9), None, Some(0)]);
    }

    #[test]
    fn finished_builds_are_counted_where_none_can_be_missing() {
        let finished = |text| build("dev-libs/openssl-3.4.1", "Izar", BuildStatus::Failed, text);
        let mut history = History {
            builds: vec![
                finished("2026-02-23T14:10:00Z"),
                finished("2026-02-23T13:59:59Z"),
                finished("2026-02-23T13:00:00Z"),
                finished("2026-02-23T09:00:00Z"),
            ],
            complete_from: Some(Timestamp::MIN),
            gaps: Vec::new(),
        };
        let steps = Steps::until(at("2026-02-23T14:29:59Z"), HOUR, 3);
        let seen = at("2026-02-23T14:29:58Z");
        assert_eq!(history.finished(steps, seen), [Some(0), Some(0), Some(2)]);
        assert_eq!(history.finished(steps, at("2026-02-23T13:30:00Z")), [Some(0), Some(0), None]);
        history.gaps = vec![Gap { from: at("2026-02-23T11:30:00Z"), to: at("2026-02-23T12:00:00Z") }];
        assert_eq!(history.finished(steps, seen), [None, Some(0), Some(2)]);
        history.complete_from = Some(at("2026-02-23T12:00:01Z"));
        assert_eq!(history.finished(steps, seen), [None, None, Some(2)]);
        history.complete_from = None;
        assert_eq!(history.finished(steps, seen), [None; 3]);
    }
}
