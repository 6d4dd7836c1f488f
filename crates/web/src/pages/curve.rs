//! Something over time as a small drawing, and the same in words and numbers.

use serde::Serialize;
use snapshot::infrastructure::HostHistory;

use super::{scene::Scene, time::Instant};

/// How many steps stand in one row of the numbers: three hours, in half hours.
const ROW_LEN: usize = 6;

/// Something over time as a drawing. Its height stands for 100 %, or for the most there was.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Curve {
    /// The same in words.
    pub(super) label: String,
    /// How wide the drawing is.
    pub(super) width: usize,
    /// The line; what is not known is a gap.
    pub(super) path: String,
}

/// A day of a host.
#[derive(Debug, Serialize)]
pub(super) struct DayCurves {
    /// Processor use.
    pub(super) cpu: Curve,
    /// Memory use.
    pub(super) memory: Curve,
    /// Both in numbers.
    pub(super) rows: Vec<NumbersRow>,
}

/// Some hours in numbers.
#[derive(Debug, Serialize)]
pub(super) struct NumbersRow {
    /// When they began.
    pub(super) from: Instant,
    /// Processor use, step by step.
    pub(super) cpu: String,
    /// Memory use, step by step.
    pub(super) memory: String,
}

impl DayCurves {
    pub(super) fn of(scene: Scene<'_>, history: &HostHistory) -> Self {
        let (cpu, memory) = (&history.cpu_percent, &history.memory_percent);
        let n_steps = cpu.len().max(memory.len());
        let row = |first: usize| NumbersRow {
            from: scene.minute(begin(history, n_steps - first)),
            cpu: numbers(cpu, first),
            memory: numbers(memory, first),
        };
        Self {
            cpu: Curve::of("CPU", cpu),
            memory: Curve::of("Memory", memory),
            rows: (0..n_steps).step_by(ROW_LEN).map(row).collect(),
        }
    }
}

impl Curve {
    fn of(what: &str, percents: &[Option<u8>]) -> Self {
        let counts: Vec<Option<u32>> = percents.iter().map(|percent| percent.map(u32::from)).collect();
        Self { label: label(&format!("{what} use over 24 hours"), &counts, " %"), ..Self::drawn(percents) }
    }

    /// Counts, drawn against the largest of them.
    pub(super) fn of_counts(what: &str, counts: &[Option<u32>]) -> Self {
        let most = counts.iter().copied().flatten().max().unwrap_or(0).max(1);
        let share = |count: u32| u8::try_from(u64::from(count) * 100 / u64::from(most)).unwrap_or(100);
        let percents: Vec<Option<u8>> = counts.iter().map(|count| count.map(share)).collect();
        Self { label: label(what, counts, ""), ..Self::drawn(&percents) }
    }

    fn drawn(percents: &[Option<u8>]) -> Self {
        let width = percents.len().saturating_sub(1).max(1);
        Self { label: String::new(), width, path: path(percents) }
    }
}

/// The beginning of the step that is this many steps before the end.
fn begin(history: &HostHistory, n_steps: usize) -> jiff::Timestamp {
    let seconds = i64::from(history.step_seconds) * i64::try_from(n_steps).unwrap_or(0);
    history.end_at.checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap_or(history.end_at)
}

fn numbers(percents: &[Option<u8>], first: usize) -> String {
    let row = percents.iter().skip(first).take(ROW_LEN);
    let words: Vec<String> =
        row.map(|percent| percent.map_or_else(|| "–".to_owned(), |percent| percent.to_string())).collect();
    words.join(" ")
}

/// A line through the points, of which there is one a step; what is not known is a gap.
pub(super) fn path(percents: &[Option<u8>]) -> String {
    let mut path = String::new();
    let mut is_drawing = false;
    for (x, percent) in percents.iter().enumerate() {
        let Some(percent) = percent else {
            is_drawing = false;
            continue;
        };
        let y = 100 - (*percent).min(100);
        let is_alone = !is_drawing && percents.get(x + 1).copied().flatten().is_none();
        // A point between gaps would have no length; round ends make a dot of this one.
        let end = if is_alone { "h0" } else { "" };
        path.push_str(&format!("{}{x} {y}{end}", if is_drawing { 'L' } else { 'M' }));
        is_drawing = true;
    }
    path
}

fn label(what: &str, counts: &[Option<u32>], unit: &str) -> String {
    let known = || counts.iter().copied().flatten();
    let (Some(least), Some(most)) = (known().min(), known().max()) else {
        return format!("{what}: not known");
    };
    let last = counts.last().copied().flatten();
    let last = last.map_or_else(|| "not known".to_owned(), |last| format!("{last}{unit}"));
    let n_gaps = counts.len() - known().count();
    let gaps =
        if n_gaps == 0 { String::new() } else { format!(", {n_gaps} of {} steps not known", counts.len()) };
    format!("{what}: {least} to {most}{unit}, at the end {last}{gaps}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(percents: &[Option<u8>], expected: &str) {
        assert_eq!(path(percents), expected);
    }

    #[test]
    fn the_line_goes_from_point_to_point_and_up_is_more() {
        check(&[Some(0), Some(57), Some(100)], "M0 100L1 43L2 0");
        check(&[Some(255)], "M0 0h0");
        check(&[], "");
    }

    #[test]
    fn what_is_not_known_is_a_gap_and_a_point_alone_is_a_dot() {
        check(&[Some(1), Some(2), None, Some(3), None, Some(4), Some(5)], "M0 99L1 98M3 97h0M5 96L6 95");
        check(&[None, None], "");
    }

    #[test]
    fn the_words_say_the_range_the_end_and_the_gaps() {
        let label = |what, percents: &[_]| Curve::of(what, percents).label;
        let all = label("CPU", &[Some(27), Some(98), Some(97)]);
        assert_eq!(all, "CPU use over 24 hours: 27 to 98 %, at the end 97 %");
        let part = label("CPU", &[Some(27), None]);
        assert_eq!(part, "CPU use over 24 hours: 27 to 27 %, at the end not known, 1 of 2 steps not known");
        assert_eq!(label("Memory", &[None]), "Memory use over 24 hours: not known");
    }

    #[test]
    fn counts_are_drawn_against_the_largest() {
        let curve = Curve::of_counts("Waiting over 24 hours", &[Some(0), Some(200), None, Some(50)]);
        assert_eq!((curve.path.as_str(), curve.width), ("M0 100L1 0M3 75h0", 3));
        assert_eq!(curve.label, "Waiting over 24 hours: 0 to 200, at the end 50, 1 of 4 steps not known");
        let nothing = Curve::of_counts("Waiting over 24 hours", &[Some(0), Some(0)]);
        assert_eq!(nothing.path, "M0 100L1 100");
    }

    #[test]
    fn the_numbers_stand_in_rows_of_three_hours() {
        let snapshot = snapshot::testing::example_infrastructure();
        let scene = Scene { snapshot: &snapshot, now: snapshot::testing::now(snapshot::testing::NOW) };
        let day = DayCurves::of(scene, snapshot.metrics.get().unwrap().hosts[0].history.as_ref().unwrap());
        assert_eq!(day.rows.len(), 8);
        let (first, last) = (&day.rows[0], &day.rows[7]);
        assert_eq!(
            (first.from.iso.as_str(), first.cpu.as_str()),
            ("2026-02-22T14:30:00Z", "31 29 30 28 27 29")
        );
        assert_eq!(
            (last.from.iso.as_str(), last.memory.as_str()),
            ("2026-02-23T11:30:00Z", "57 57 – – 56 57")
        );
    }
}
