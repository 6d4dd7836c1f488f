//! What a machine went through: when it worked and when it was away.
//!
//! Counters of past instants are read from here, so that a chart of yesterday shows yesterday's builds.

/// A stretch of time, in seconds since 1970; an infinite end is not known yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    /// The first instant.
    pub(super) from: f64,
    /// The first instant after it.
    pub(super) until: f64,
}

impl Span {
    /// Whether `at` lies in it.
    pub(super) fn contains(&self, at: f64) -> bool {
        (self.from..self.until).contains(&at)
    }
}

/// The past of one machine, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    pub(super) worked: Vec<Span>,
    pub(super) away: Vec<Span>,
}

impl Journal {
    /// Writes down a build that ended, or was lost.
    pub(super) fn note_work(&mut self, from: f64, until: f64) {
        if from < until {
            self.worked.push(Span { from, until });
        }
    }

    /// Writes down an absence that ended.
    pub(super) fn note_absence(&mut self, from: f64, until: f64) {
        self.away.push(Span { from, until });
    }
}

/// Stretches of time that do not overlap, and how long they last together.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    spans: Vec<Span>,
    /// How long the spans before each one last together, in seconds.
    before: Vec<f64>,
}

impl Timeline {
    /// Sorts and joins `spans`.
    pub(super) fn new(mut spans: Vec<Span>) -> Self {
        spans.sort_unstable_by(|one, other| one.from.total_cmp(&other.from));
        let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
                _ => joined.push(span),
            }
        }
        let mut total = 0.0;
        let before = joined
            .iter()
            .map(|span| {
                let so_far = total;
                total += span.until - span.from;
                so_far
            })
            .collect();
        Self { spans: joined, before }
    }

    pub(super) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The span that contains `at`.
    pub(super) fn at(&self, at: f64) -> Option<&Span> {
        self.spans.get(self.begun(at).checked_sub(1)?).filter(|span| span.contains(at))
    }

    /// The last span that ended at or before `at`.
    pub(super) fn last_ended(&self, at: f64) -> Option<&Span> {
        let begun = self.begun(at);
        self.spans.get(..begun)?.iter().rev().find(|span| span.until <= at)
    }

    /// How many seconds between `from` and `until` lie in a span.
    pub(super) fn covered(&self, from: f64, until: f64) -> f64 {
        (self.covered_until(until) - self.covered_until(from)).max(0.0)
    }

    fn covered_until(&self, at: f64) -> f64 {
        let Some(last) = self.begun(at).checked_sub(1) else { return 0.0 };
        match (self.spans.get(last), self.before.get(last)) {
            (Some(span), Some(before)) => before + at.min(span.until) - span.from,
            _ => 0.0,
        }
    }

    /// How many spans began at or before `at`.
    fn begun(&self, at: f64) -> usize {
        self.spans.partition_point(|span| span.from <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline() -> Timeline {
        let span = |from, until| Span { from, until };
        Timeline::new(vec![span(50.0, 60.0), span(10.0, 20.0), span(15.0, 30.0), span(90.0, f64::INFINITY)])
    }

    #[test]
    fn spans_that_overlap_are_joined() {
        let timeline = timeline();
        assert_eq!(timeline.spans().len(), 3);
        assert_eq!(timeline.at(29.9), Some(&Span { from: 10.0, until: 30.0 }));
        assert_eq!(timeline.at(30.0), None);
        assert_eq!(timeline.at(1e9).map(|span| span.from), Some(90.0));
    }

    #[test]
    fn what_is_covered_is_counted_once() {
        let timeline = timeline();
        assert_eq!(timeline.covered(0.0, 5.0), 0.0);
        assert_eq!(timeline.covered(0.0, 25.0), 15.0);
        assert_eq!(timeline.covered(25.0, 55.0), 10.0);
        assert_eq!(timeline.covered(0.0, 100.0), 40.0);
        assert_eq!(timeline.last_ended(75.0).map(|span| span.until), Some(60.0));
        assert_eq!(timeline.last_ended(20.0), None);
    }
}
