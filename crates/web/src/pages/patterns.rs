//! What a script makes rows from: one row of each kind with all its parts, and the words of every state.
//!
//! The rows are rendered by the templates of the real ones, so that markup and words have one source. The script fills
//! the places and takes away the parts that do not apply.

use serde::Serialize;
use snapshot::{
    estimate::Basis,
    history::BuildStatus,
    queue::{ItemState, Reason, times},
};

use super::{
    badge::Badge,
    builds::{
        ActiveBuild, BlockedItem, EXPECTED, Expected, FAILURES, FinishedBuild, Late, PendingItem, Progress,
        Range, WAS_EXPECTED, basis_pattern,
    },
    time::Instant,
    words::{DroneName, Package},
};

/// Rows with all their parts, and words.
#[derive(Debug, Serialize)]
pub(super) struct Patterns {
    words: Vec<Word>,
    package: Package,
    drone: DroneName,
    building: ActiveBuild,
    pending: PendingItem,
    blocked: BlockedItem,
    recent: FinishedBuild,
}

/// What a state, a reason or a number of times is called.
#[derive(Debug, Serialize)]
struct Word {
    /// How a script asks for it.
    key: String,
    /// The words, with `{names}` where values belong; nothing where there is a badge.
    text: String,
    /// The words with shape and colour.
    badge: Option<Badge>,
}

impl Patterns {
    /// The patterns; `at` is any instant and stands wherever there is one.
    pub(super) fn new(at: &Instant) -> Self {
        let at = || at.clone();
        // Not empty: a part without words is no part.
        let text = || "-".to_owned();
        let badge = || Badge::item(ItemState::Building);
        let package = Package::pattern;
        let drone = || DroneName::of("");
        let progress = Progress { percent: 0, started_at: at().iso, median_seconds: 1, high_seconds: 1 };
        Self {
            words: words(),
            package: package(),
            drone: drone(),
            building: ActiveBuild {
                id: text(),
                package: Some(package()),
                compiling: None,
                drone: Some(drone()),
                state: "",
                badge: badge(),
                reason: Some(text()),
                started: Some(at()),
                assigned: Some(at()),
                progress: Some(progress),
                is_ticking: true,
                expected: Some(Expected {
                    verb: "",
                    at: at(),
                    range: Some(Range { low: at(), high: at() }),
                    basis: Some(text()),
                }),
                late: Some(Late { high: at(), basis: text() }),
                failures: Some(text()),
                facts: Some(text()),
            },
            pending: PendingItem {
                id: text(),
                position: 0,
                package: Some(package()),
                reason: None,
                is_held: false,
                takes: None,
                expected_start: None,
                expected_finish: None,
                facts: text(),
            },
            blocked: BlockedItem {
                id: text(),
                package: Some(package()),
                badge: badge(),
                reason: None,
                failures: 0,
                facts: text(),
            },
            recent: FinishedBuild {
                id: text(),
                package: Some(package()),
                drone: Some(drone()),
                badge: badge(),
                took: None,
                share: None,
                finished: at(),
            },
        }
    }
}

fn words() -> Vec<Word> {
    let states = ItemState::ALL.map(|state| Word::badge("state", state.as_str(), Badge::item(state)));
    let overdue = Word::badge("state", "overdue", Badge::overdue());
    // In line is the one reason that holds nothing up, and stands there without a badge.
    let reasons = Reason::ALL.map(|reason| match reason {
        Reason::InLine => Word::text("reason", reason.as_str(), reason.pattern()),
        _ => Word::badge("reason", reason.as_str(), Badge::reason(reason, reason.pattern().to_owned())),
    });
    let builds = BuildStatus::ALL.map(|status| Word::badge("build", status.as_str(), Badge::build(status)));
    let bases = Basis::ALL.into_iter().flat_map(|basis| {
        [1, 2].map(|n| {
            Word::text(if n == 1 { "basis_of_1" } else { "basis" }, basis.as_str(), basis_pattern(basis, n))
        })
    });
    let others = [
        Word::text("times", "1", times(1)),
        Word::text("times", "2", times(2)),
        Word::text("times", "n", "{n} times"),
        Word::text("words", "failures", FAILURES),
        Word::text("words", "expected", EXPECTED),
        Word::text("words", "was_expected", WAS_EXPECTED),
    ];
    [overdue].into_iter().chain(states).chain(reasons).chain(builds).chain(bases).chain(others).collect()
}

impl Word {
    fn text(kind: &str, word: &str, text: impl Into<String>) -> Self {
        Self { key: format!("{kind}.{word}"), text: text.into(), badge: None }
    }

    fn badge(kind: &str, word: &str, badge: Badge) -> Self {
        Self { key: format!("{kind}.{word}"), text: String::new(), badge: Some(badge) }
    }
}
