//! The first lines: which server, how old the queue is, its sources, its counts, and when it should be empty.

use jiff::Timestamp;
use snapshot::{section::SourceState, sentence::time_of_day};
use web::mirror::Mirror;

use super::super::{
    connection::Channel,
    state::{Contact, State},
    style::{Line, Style},
    text::{duration, safe},
};

pub(super) fn draw(state: &State) -> Vec<Line> {
    let mut lines = vec![
        vec![Style::Strong.piece("Command Center"), Style::Faint.piece(format!("  {}", safe(&state.server)))],
        contact(state),
    ];
    if let Some(mirror) = state.mirror() {
        lines.push(sources(mirror));
        lines.push(vec![Style::Plain.piece(counts(mirror))]);
        lines.extend(drain(mirror, state.now()));
        lines.push(Line::new());
    }
    lines
}

/// Whether there is contact, and how old the queue is.
fn contact(state: &State) -> Line {
    let shown = state.mirror().and_then(Mirror::timestamp).map(|at| time_of_day(at, state.now()));
    let age = state.age().map(duration).unwrap_or_default();
    match (&state.contact, shown) {
        (Contact::Sought, _) => vec![Style::Plain.piece("○ Connecting.")],
        (Contact::Lost { why }, None) => {
            vec![Style::Bad.piece(format!("■ No contact: the server {why}. Trying again."))]
        }
        (Contact::Lost { why }, Some(at)) => vec![
            Style::Bad.piece(format!("■ Reconnecting. Showing {at}.")),
            Style::Plain.piece(format!(" {age} old; the server {why}.")),
        ],
        (Contact::Kept(_), None) => vec![Style::Plain.piece("○ The server knows nothing yet.")],
        (Contact::Kept(channel), Some(at)) if state.is_fresh() => {
            let word = if *channel == Channel::Socket { "● Live." } else { "● Polled." };
            vec![Style::Good.piece(word), Style::Plain.piece(format!(" As of {at}, {age} old."))]
        }
        (Contact::Kept(_), Some(at)) => {
            vec![Style::Warning.piece(format!("▲ Old: as of {at}, {age} old."))]
        }
    }
}

fn sources(mirror: &Mirror) -> Line {
    let mut line = Line::new();
    for (name, state) in mirror.sources() {
        let style = match state {
            SourceState::Online => Style::Faint,
            SourceState::Stale => Style::Warning,
            SourceState::Offline => Style::Bad,
            SourceState::Unknown => Style::Plain,
        };
        let gap = if line.is_empty() { "" } else { " · " };
        line.push(Style::Faint.piece(gap));
        line.push(style.piece(format!("{} {}", safe(name), state.as_str())));
    }
    line
}

/// All counts; what is not known is a dash.
pub(in super::super) fn counts(mirror: &Mirror) -> String {
    let count = |name| mirror.count(name).map_or_else(|| "–".to_owned(), |n| n.to_string());
    let assigned = mirror.count("assigned").filter(|n| *n > 0);
    let assigned = assigned.map(|n| format!(" ({n} assigned)")).unwrap_or_default();
    let [pending, building, blocked, failed, completed, total] =
        ["pending", "building", "blocked", "failed", "completed", "total"].map(count);
    format!(
        "{pending} pending · {building} building{assigned} · {blocked} blocked · {failed} failed · \
         {completed} of {total} done"
    )
}

/// When the queue should be empty, and whether it is paused.
fn drain(mirror: &Mirror, now: Timestamp) -> Option<Line> {
    let drain = mirror.field("drain");
    let at = |name: &str| {
        let at: Timestamp = drain.get(name)?.as_str()?.parse().ok()?;
        Some(time_of_day(at, now))
    };
    let mut line = Line::new();
    if mirror.paused() == Some(true) {
        line.push(Style::Warning.piece("◆ Paused. "));
    }
    if let Some(median) = at("median_at") {
        let range = at("low_at").zip(at("high_at")).map(|(low, high)| format!(" ({low} to {high})"));
        let excluded = drain.get("excluded").and_then(serde_json::Value::as_u64).filter(|n| *n > 0);
        let excluded = excluded.map(|n| format!(", {n} left out")).unwrap_or_default();
        let range = range.unwrap_or_default();
        line.push(Style::Plain.piece(format!("All done around {median}{range}{excluded}.")));
    }
    (!line.is_empty()).then_some(line)
}
