//! What became of builds over time, as columns.

use serde::Serialize;

use super::{badge::Tone, scene::Scene, time::Instant, words::number};
use crate::history::comparison::Stretch;

/// How wide a column is drawn, and how much of that is left free.
const COLUMN: usize = 10;
const FREE: usize = 2;
/// How high the highest column is drawn.
const HEIGHT: u32 = 100;

/// Of a stretch, how many builds lie below an outcome, and how many have it.
type Slice = fn(&Stretch) -> (u32, u32);

/// What became of builds over time.
#[derive(Debug, Serialize)]
pub(super) struct OutcomesView {
    /// How wide the drawing is.
    pub(super) width: usize,
    /// The drawing in words.
    pub(super) label: String,
    /// What is drawn, each outcome in its colour.
    pub(super) shapes: Vec<ShapeView>,
    /// The same in numbers, the newest first.
    pub(super) rows: Vec<StretchView>,
}

/// All columns' parts of one outcome.
#[derive(Debug, Serialize)]
pub(super) struct ShapeView {
    /// Selects the colour.
    pub(super) tone: Tone,
    /// The outline.
    pub(super) path: String,
}

/// The builds of some hours or days.
#[derive(Debug, Serialize)]
pub(super) struct StretchView {
    pub(super) from: Instant,
    pub(super) built: String,
    pub(super) failed: String,
    pub(super) uncounted: String,
}

impl OutcomesView {
    /// `None` when there is nothing to compare: less than two stretches of time.
    pub(super) fn of(scene: Scene<'_>, stretches: &[Stretch]) -> Option<Self> {
        let sum = |stretch: &Stretch| stretch.success + stretch.failure + stretch.uncounted;
        let most = stretches.iter().map(sum).max().filter(|most| *most > 0 && stretches.len() > 1)?;
        let first = stretches.first()?.from;
        let parts: [(Tone, Slice); 3] = [
            (Tone::Ok, |stretch| (0, stretch.success)),
            (Tone::Note, |stretch| (stretch.success, stretch.uncounted)),
            (Tone::Critical, |stretch| (stretch.success + stretch.uncounted, stretch.failure)),
        ];
        let shape = |(tone, part): (Tone, Slice)| ShapeView {
            tone,
            path: stretches
                .iter()
                .enumerate()
                .map(|(nth, stretch)| column(nth, part(stretch), most))
                .collect(),
        };
        let row = |stretch: &Stretch| StretchView {
            from: scene.minute(stretch.from),
            built: number(stretch.success),
            failed: number(stretch.failure),
            uncounted: number(stretch.uncounted),
        };
        Some(Self {
            width: stretches.len() * COLUMN - FREE,
            label: format!(
                "What became of builds since {}, in {} columns of at most {} builds",
                scene.minute(first).text,
                stretches.len(),
                number(most)
            ),
            shapes: parts.into_iter().map(shape).collect(),
            rows: stretches.iter().rev().map(row).collect(),
        })
    }
}

/// The part of a column that stands on `below` builds, drawn from its lower left corner.
fn column(nth: usize, (below, n): (u32, u32), most: u32) -> String {
    if n == 0 {
        return String::new();
    }
    let height = |builds: u32| u64::from(builds) * u64::from(HEIGHT) / u64::from(most);
    let (bottom, top) = (height(below), height(below + n).max(height(below) + 1));
    let (x, y, width) = (nth * COLUMN, u64::from(HEIGHT) - bottom, COLUMN - FREE);
    format!("M{x} {y}h{width}v-{high}h-{width}z", high = top - bottom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_stands_on_what_is_below_it() {
        assert_eq!(column(0, (0, 10), 20), "M0 100h8v-50h-8z");
        assert_eq!(column(3, (10, 10), 20), "M30 50h8v-50h-8z");
        assert_eq!(column(3, (10, 0), 20), "");
        assert_eq!(column(0, (0, 1), 1_000), "M0 100h8v-1h-8z", "what is there is seen");
    }
}
