//! How much of the time something was up: thirty days as a small drawing, and the windows in words.
//!
//! What nobody saw is left blank, and every share says of how much it is one. The height of a day says what its colour
//! does.

use serde::Serialize;
use snapshot::uptime::{DayMark, MARKED_DAYS, Share, Uptime, WINDOW_HOURS};

use super::badge::Tone;

/// How long the windows are, short.
const TITLES: [&str; WINDOW_HOURS.len()] = ["24 h", "7 d", "30 d", "90 d"];
/// The window over which days are drawn.
const DRAWN: usize = 2;
/// From here on a window counts as wholly observed, in tenths of a percent.
const WHOLE: u16 = 995;
/// Of a longer window than the shortest less than this says nothing of its own, in tenths of a percent.
const LEAST: u16 = 10;

/// How much of the time something was up.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct UptimeView {
    /// The drawing in words.
    pub(super) label: String,
    /// The days by what they were, one shape each.
    pub(super) marks: Vec<MarkView>,
    /// The windows of which something worth a word was observed, the shortest first.
    pub(super) windows: Vec<WindowView>,
}

/// The days of one kind.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct MarkView {
    /// Their colour.
    pub(super) tone: Tone,
    /// Their outline.
    pub(super) path: String,
}

/// One window in words.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct WindowView {
    /// How long it is.
    pub(super) title: &'static str,
    /// How much of what was observed was up.
    pub(super) up: String,
    /// How much was observed, when that is not all.
    pub(super) observed: Option<String>,
}

impl UptimeView {
    /// `None` of something that nobody saw yet.
    pub(super) fn of(uptime: Option<&Uptime>) -> Option<Self> {
        let Uptime { windows, days } = uptime?;
        let drawn = windows[DRAWN];
        let up = drawn.up_hundredths?;
        let count = |mark| days.iter().filter(|day| **day == mark).count();
        let mut label =
            format!("30 days: up {} of the {} observed", hundredths(up), tenths(drawn.observed_tenths));
        let n_failing = count(DayMark::Partly) + count(DayMark::Down);
        if n_failing > 0 {
            label.push_str(&format!("; failures on {n_failing} of {MARKED_DAYS} days"));
        }
        let n_unseen = count(DayMark::Unobserved);
        if n_unseen > 0 {
            label.push_str(&format!("; {n_unseen} days not observed"));
        }
        let mark = |mark, tone, height| {
            let path = path(days, mark, height);
            (!path.is_empty()).then_some(MarkView { tone, path })
        };
        let marks = [
            mark(DayMark::Up, Tone::Ok, 8),
            mark(DayMark::Partly, Tone::Warning, 5),
            mark(DayMark::Down, Tone::Critical, 2),
        ];
        let is_told = |share: &Share, title| title == TITLES[0] || share.observed_tenths >= LEAST;
        let windows = TITLES.into_iter().zip(windows).filter(|(title, share)| is_told(share, *title));
        let windows = windows.filter_map(|(title, share)| WindowView::of(title, *share));
        Some(Self { label, marks: marks.into_iter().flatten().collect(), windows: windows.collect() })
    }
}

impl WindowView {
    fn of(title: &'static str, share: Share) -> Option<Self> {
        let observed = share.observed_tenths;
        Some(Self {
            title,
            up: hundredths(share.up_hundredths?),
            observed: (observed < WHOLE).then(|| tenths(observed)),
        })
    }
}

/// The days of one kind as blocks of this height that stand on the ground; neighbours are one block.
fn path(days: &[DayMark; MARKED_DAYS], mark: DayMark, height: u8) -> String {
    let mut path = String::new();
    let mut x = 0;
    for run in days.chunk_by(|a, b| a == b) {
        if run[0] == mark {
            path.push_str(&format!("M{x} 8h{0}v-{height}h-{0}z", run.len()));
        }
        x += run.len();
    }
    path
}

/// Hundredths of a percent, as short as they are exact.
fn hundredths(n: u16) -> String {
    let digits = format!("{}.{:02}", n / 100, n % 100);
    format!("{} %", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Tenths of a percent; what is next to nothing is not nothing.
fn tenths(n: u16) -> String {
    match n {
        0 => "less than 0.1 %".to_owned(),
        n => hundredths(n * 10),
    }
}

#[cfg(test)]
mod tests {
    use snapshot::testing;

    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_are_exact() {
        let words = [10_000, 9_998, 9_840, 5_200, 1, 0].map(hundredths);
        assert_eq!(words, ["100 %", "99.98 %", "98.4 %", "52 %", "0.01 %", "0 %"]);
        assert_eq!(
            [1_000, 972, 410, 1, 0].map(tenths),
            ["100 %", "97.2 %", "41 %", "0.1 %", "less than 0.1 %"]
        );
    }

    #[test]
    fn a_share_says_of_how_much_it_is_one() {
        let view = UptimeView::of(Some(&testing::uptime([5_294, 9_325, 9_840, 9_840]))).unwrap();
        let windows: Vec<_> =
            view.windows.iter().map(|it| (it.title, it.up.as_str(), it.observed.as_deref())).collect();
        let expected = [
            ("24 h", "52.94 %", None),
            ("7 d", "93.25 %", None),
            ("30 d", "98.4 %", Some("97.2 %")),
            ("90 d", "98.4 %", Some("41 %")),
        ];
        assert_eq!(windows, expected);
        let label =
            "30 days: up 98.4 % of the 97.2 % observed; failures on 1 of 30 days; 28 days not observed";
        assert_eq!(view.label, label);
    }

    #[test]
    fn the_first_minutes_are_a_share_of_a_day_only() {
        let mut uptime = testing::uptime([10_000; 4]);
        for (share, observed) in uptime.windows.iter_mut().zip([70, 10, 2, 0]) {
            share.observed_tenths = observed;
        }
        let view = UptimeView::of(Some(&uptime)).unwrap();
        let told: Vec<_> = view.windows.iter().map(|it| (it.title, it.observed.as_deref())).collect();
        assert_eq!(told, [("24 h", Some("7 %")), ("7 d", Some("1 %"))]);
    }

    #[test]
    fn days_of_a_kind_are_one_shape_and_what_nobody_saw_is_none() {
        let mut uptime = testing::uptime([10_000; 4]);
        uptime.days[20..].fill(DayMark::Up);
        uptime.days[25] = DayMark::Down;
        let marks = UptimeView::of(Some(&uptime)).unwrap().marks;
        let marks: Vec<_> = marks.iter().map(|mark| (mark.tone, mark.path.as_str())).collect();
        let expected = [(Tone::Ok, "M20 8h5v-8h-5zM26 8h4v-8h-4z"), (Tone::Critical, "M25 8h1v-2h-1z")];
        assert_eq!(marks, expected);
    }

    #[test]
    fn what_nobody_saw_has_no_view() {
        assert_eq!(UptimeView::of(None), None);
        assert_eq!(UptimeView::of(Some(&Uptime::UNOBSERVED)), None);
    }
}
