//! The rows of a list, in columns.

use jiff::Timestamp;
use snapshot::{history::BuildStatus, sentence::time_of_day};
use web::mirror::{List, Mirror};

use super::super::{
    bar::{WIDTH_MIN, bar},
    item::{Item, Progress},
    state::State,
    style::{Line, Style},
    text::{duration, padded, width},
};

/// The widest column of drones.
const DRONE_MAX: usize = 14;

/// The widest bar.
const BAR_MAX: usize = 24;

/// Room for "overdue" or a percentage.
const SHARE: usize = 7;

/// Room beside the bar for "37 min 56 s of 49 min, done 14:41 UTC".
const IN_FULL: usize = 39;

/// Room beside the bar for "37 min, done 14:41 UTC".
const IN_SHORT: usize = 24;

/// Everything between the columns.
const GAPS: usize = 8;

/// Where the columns are.
struct Columns {
    package: usize,
    drone: usize,
    bar: usize,
    /// Whether there is room to say all of a build's times.
    is_full: bool,
}

/// The first `n_shown` rows of a list.
pub(super) fn draw(state: &State, mirror: &Mirror, list: List, n_shown: usize, width: usize) -> Vec<Line> {
    let items: Vec<Item<'_>> = mirror.rows(list).take(n_shown).map(Item).collect();
    let columns = Columns::of(&items, width);
    let (moment, now) = (state.moment(), state.now());
    let style = if state.is_fresh() { Style::Plain } else { Style::Faint };
    let row = |(idx, item): (usize, &Item<'_>)| match list {
        List::Building => building(*item, &columns, style, moment, now),
        List::Pending => pending(*item, idx + 1, &columns, style, now),
        List::Blocked => blocked(*item, idx + 1, &columns, style),
        List::Recent => recent(*item, &columns, style, now),
    };
    items.iter().enumerate().map(row).collect()
}

fn building(item: Item<'_>, columns: &Columns, style: Style, moment: Timestamp, now: Timestamp) -> Line {
    let mut line = columns.begin(item, "", style);
    if !item.is("building") {
        line.push(Style::Faint.piece(item.reason(1).unwrap_or_default()));
        return line;
    }
    let (fraction, share, words) = match item.progress(moment) {
        Progress::Unknown => return said(line, style, "building".to_owned()),
        Progress::Running { elapsed } => {
            return said(line, style, format!("building for {}", duration(elapsed)));
        }
        Progress::Measured { elapsed, median, fraction } => {
            let words = if columns.is_full {
                format!("{} of {}", duration(elapsed), duration(median))
            } else {
                // In its largest unit.
                duration(elapsed).split_inclusive(' ').take(2).collect::<String>().trim_end().to_owned()
            };
            (fraction, format!("{:.0}%", (fraction * 100.0).floor()), words)
        }
        Progress::Overdue { elapsed } => (1.0, "overdue".to_owned(), duration(elapsed)),
    };
    if columns.bar > 0 {
        let look = match (style, share.as_str()) {
            (Style::Plain, "overdue") => Style::Warning,
            (Style::Plain, _) => Style::Good,
            _ => style,
        };
        line.push(look.piece(bar(fraction, columns.bar)));
        line.push(style.piece(" "));
    }
    line.push(style.piece(padded(&share, SHARE)));
    let done = item.instant("expected_finish_at").filter(|_| share != "overdue");
    let done = done.map(|at| format!(", done {}", time_of_day(at, now))).unwrap_or_default();
    line.push(style.piece(format!(" {words}{done}")));
    line
}

fn said(mut line: Line, style: Style, words: String) -> Line {
    line.push(style.piece(words));
    line
}

fn pending(item: Item<'_>, position: usize, columns: &Columns, style: Style, now: Timestamp) -> Line {
    let mut line = columns.begin(item, &format!("{position} "), style);
    let at = |field, word: &str| Some(format!("{word} {}", time_of_day(item.instant(field)?, now)));
    let expected: Vec<String> =
        [at("expected_start_at", "starts"), at("expected_finish_at", "done")].into_iter().flatten().collect();
    line.push(style.piece(expected.join(", ")));
    // That others are before it is what a list shows by itself.
    if item.0.text("reason") != Some("in_line") {
        let reason = item.reason(position).map(|reason| format!("  {reason}"));
        line.push(Style::Faint.piece(reason.unwrap_or_default()));
    }
    line
}

fn blocked(item: Item<'_>, position: usize, columns: &Columns, style: Style) -> Line {
    let mut line = columns.begin(item, "", style);
    line.push(style.piece(item.reason(position).unwrap_or_default()));
    line
}

fn recent(item: Item<'_>, columns: &Columns, style: Style, now: Timestamp) -> Line {
    let mut line = columns.begin(item, "", style);
    let status = item.0.text("status").and_then(BuildStatus::parse);
    let look = match status {
        Some(BuildStatus::Failed | BuildStatus::MissingBinary) => Style::Bad,
        _ => style,
    };
    line.push(look.piece(status.map_or("finished", BuildStatus::words)));
    let took = item.0.field("duration_seconds").as_u64();
    let took = took.map(|seconds| format!(" in {}", snapshot::sentence::duration(seconds)));
    let at = item.instant("finished_at").map(|at| format!(", {}", time_of_day(at, now)));
    line.push(style.piece(took.unwrap_or_default() + &at.unwrap_or_default()));
    line
}

impl Columns {
    /// Columns for these rows: packages and drones as wide as they are, and the bar gets a part of the rest.
    fn of(items: &[Item<'_>], room: usize) -> Self {
        let widest =
            |texts: &mut dyn Iterator<Item = String>| texts.map(|text| width(&text)).max().unwrap_or(0);
        let package = widest(&mut items.iter().map(|item| item.package())).min(room * 2 / 5).max(8);
        let drone = widest(&mut items.iter().filter_map(|item| item.drone())).min(DRONE_MAX).min(room / 6);
        let rest = room.saturating_sub(package + drone + SHARE + GAPS);
        let (is_full, bar) = match rest {
            rest if rest >= IN_FULL + WIDTH_MIN => (true, rest - IN_FULL),
            rest if rest >= IN_SHORT + WIDTH_MIN => (false, rest - IN_SHORT),
            rest => (rest >= IN_FULL, 0),
        };
        Self { package, drone, bar: bar.min(BAR_MAX), is_full }
    }

    /// The columns that all rows have.
    fn begin(&self, item: Item<'_>, position: &str, style: Style) -> Line {
        let mut line =
            vec![style.piece(format!("  {position:>3}{}  ", padded(&item.package(), self.package)))];
        if position.is_empty() {
            line[0] = style.piece(format!("  {}  ", padded(&item.package(), self.package)));
        }
        if self.drone > 0 {
            let drone = padded(&item.drone().unwrap_or_default(), self.drone);
            line.push(Style::Faint.piece(format!("{drone}  ")));
        }
        line
    }
}
