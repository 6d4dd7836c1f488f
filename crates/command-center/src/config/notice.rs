//! The `[notice]` table: what the operator announces on every page.

use scheduler::config::Names;
use snapshot::snapshot::{Announcement, Level};

use super::keys::Keys;

/// The longest announcement, in characters.
const TEXT_MAX: usize = 280;

pub(super) fn read(keys: &mut Keys<'_>, names: Option<&Names>) -> Option<Announcement> {
    if keys.is_empty() {
        return None;
    }
    let level = keys.get("level", "\"note\", \"warning\" or \"critical\"", |value| match value.as_str()? {
        "note" => Some(Level::Note),
        "warning" => Some(Level::Warning),
        "critical" => Some(Level::Critical),
        _ => None,
    });
    let from = keys.instant("from");
    let until = keys.instant("until");
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        keys.complain("until", "must be later than from");
    }
    let Some(text) = keys.text("text") else {
        keys.complain("text", "is missing");
        return None;
    };
    if text.trim().is_empty() || text.chars().count() > TEXT_MAX {
        keys.complain("text", format!("must have 1 to {TEXT_MAX} characters"));
        return None;
    }
    if let Some(part) = names.and_then(|names| names.alias_in(&text)) {
        keys.complain(
            "text",
            format!("must not contain internal names, addresses or paths, but has \"{part}\""),
        );
        return None;
    }
    Some(Announcement { text, level: level.unwrap_or(Level::Note), from, until })
}
