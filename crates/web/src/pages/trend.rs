//! The queue over a day and a week, as small drawings with the same in words.

use std::time::Duration;

use serde::Serialize;
use snapshot::{section::SourceName, trend::Steps};

use super::{
    curve::Curve,
    scene::{Age, Scene},
    words::number,
};

/// The day in half hours, the week in three hours.
const SPANS: [Span; 2] = [
    Span { title: "24 h", words: "24 hours", per: "half hour", step: Duration::from_secs(30 * 60), n: 48 },
    Span { title: "7 d", words: "7 days", per: "3 hours", step: Duration::from_secs(3 * 60 * 60), n: 56 },
];

struct Span {
    title: &'static str,
    words: &'static str,
    per: &'static str,
    step: Duration,
    n: usize,
}

/// The queue over time.
#[derive(Debug, Serialize)]
pub(super) struct TrendView {
    /// How old this is.
    pub(super) age: Age,
    /// The drawings.
    pub(super) curves: Vec<TrendCurve>,
}

/// One drawing.
#[derive(Debug, Serialize)]
pub(super) struct TrendCurve {
    /// What is drawn.
    pub(super) title: String,
    /// The most of it.
    pub(super) most: String,
    /// The drawing; its height stands for the most.
    pub(super) curve: Curve,
}

impl TrendView {
    /// `None` as long as nothing is known of either.
    pub(super) fn of(scene: Scene<'_>) -> Option<Self> {
        let curves: Vec<TrendCurve> = SPANS.iter().flat_map(|span| span.curves(scene)).collect();
        (!curves.is_empty()).then(|| Self { age: scene.age(SourceName::Orchestrator), curves })
    }
}

impl Span {
    fn curves(&self, scene: Scene<'_>) -> impl Iterator<Item = TrendCurve> {
        let steps = Steps::until(scene.now.wall, self.step, self.n);
        let waiting = scene.snapshot.depth.get().map(|depth| depth.pending(steps));
        let seen = scene.snapshot.sources.get(SourceName::Orchestrator).and_then(|it| it.last_seen);
        let history = scene.snapshot.history.get().zip(seen);
        let finished = history.map(|(history, seen)| history.finished(steps, seen.at));
        let Self { title, words, per, .. } = self;
        let waiting = waiting.and_then(|counts| {
            TrendCurve::of(format!("waiting, {title}"), &format!("Waiting over {words}"), &counts)
        });
        let finished = finished.and_then(|counts| {
            let words = format!("Finished per {per} over {words}");
            TrendCurve::of(format!("finished per {per}, {title}"), &words, &counts)
        });
        waiting.into_iter().chain(finished)
    }
}

impl TrendCurve {
    fn of(title: String, words: &str, counts: &[Option<u32>]) -> Option<Self> {
        let most = counts.iter().copied().flatten().max()?;
        Some(Self { title, most: number(most), curve: Curve::of_counts(words, counts) })
    }
}
