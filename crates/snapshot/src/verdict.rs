//! The verdict: one sentence that says how things are, and at most three notes.

mod notes;
mod rules;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    clock::Now,
    deadline,
    section::SourceName,
    sentence::Sentence,
    situation::Situation,
    snapshot::{Level, Snapshot},
};

/// The most notes beside a verdict.
pub const NOTES_MAX: usize = 3;

/// How things are, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How urgent it is.
    pub level: Level,
    /// Which rule matched.
    pub code: VerdictCode,
    /// The sentence.
    pub text: Sentence,
    /// What else is worth a sentence.
    pub notes: Vec<Sentence>,
    /// Since when this rule matches.
    pub since: Timestamp,
    /// A few words for a tab's title, without the shape.
    pub title: Sentence,
    /// A few words for a badge.
    pub badge: Sentence,
}

/// The rules in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VerdictCode {
    /// Nothing was ever known.
    Starting,
    /// What is shown was restored; no poll finished yet.
    Restored,
    /// Every source is offline.
    Blind,
    /// The orchestrator is offline.
    OrchestratorSilent,
    /// Work waits and no drone is online.
    NoDrone,
    /// No drone is online; nothing waits.
    NoDroneIdle,
    /// Paused.
    Paused,
    /// Paused, with builds still under way.
    PausedFinishing,
    /// The orchestrator is stale.
    OrchestratorLate,
    /// Work waits in vain.
    Stuck,
    /// Everything fails.
    Failing,
    /// Fewer than half of the drones can work.
    ShortHanded,
    /// The gateway is offline.
    GatewaySilent,
    /// Building, with a drone missing.
    BuildingShort,
    /// Building.
    Building,
    /// Work waits, the first build is about to start.
    Waiting,
    /// A session ended recently.
    SessionDone,
    /// Idle, with items held back.
    IdleBlocked,
    /// Idle.
    Idle,
}

/// The verdict on a snapshot at an instant.
#[must_use]
pub fn verdict(snapshot: &Snapshot, now: Now) -> Verdict {
    let situation = Situation::of(snapshot, now);
    let ruling = rules::rule(&situation);
    let mut notes = notes::notes(&situation, ruling.code);
    notes.truncate(NOTES_MAX);
    Verdict {
        level: ruling.level,
        code: ruling.code,
        text: ruling.text,
        notes,
        since: since(&situation, ruling.code),
        title: ruling.title,
        badge: ruling.badge,
    }
}

/// The rule that matches, without the words.
#[must_use]
pub fn code(snapshot: &Snapshot, now: Now) -> VerdictCode {
    rules::rule(&Situation::of(snapshot, now)).code
}

/// Since when a verdict holds.
#[must_use]
pub fn code_since(snapshot: &Snapshot, code: VerdictCode, now: Now) -> Timestamp {
    since(&Situation::of(snapshot, now), code)
}

fn since(situation: &Situation<'_>, code: VerdictCode) -> Timestamp {
    let Situation { snapshot, now, .. } = situation;
    let paused_since = snapshot.control.get().and_then(|control| control.paused_since);
    let known = match code {
        VerdictCode::Starting | VerdictCode::Restored => Some(snapshot.started_at),
        VerdictCode::OrchestratorSilent => situation.last_seen(SourceName::Orchestrator),
        VerdictCode::Paused | VerdictCode::PausedFinishing => paused_since,
        _ => None,
    };
    known.unwrap_or_else(|| match snapshot.marks.verdict {
        Some((marked, since)) if marked == code => since,
        _ => deadline::turned_at(snapshot, *now, |now| self::code(snapshot, now)),
    })
}

impl VerdictCode {
    /// Every rule, in their order.
    pub const ALL: [Self; 19] = [
        Self::Starting,
        Self::Restored,
        Self::Blind,
        Self::OrchestratorSilent,
        Self::NoDrone,
        Self::NoDroneIdle,
        Self::Paused,
        Self::PausedFinishing,
        Self::OrchestratorLate,
        Self::Stuck,
        Self::Failing,
        Self::ShortHanded,
        Self::GatewaySilent,
        Self::BuildingShort,
        Self::Building,
        Self::Waiting,
        Self::SessionDone,
        Self::IdleBlocked,
        Self::Idle,
    ];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Restored => "restored",
            Self::Blind => "blind",
            Self::OrchestratorSilent => "orchestrator_silent",
            Self::NoDrone => "no_drone",
            Self::NoDroneIdle => "no_drone_idle",
            Self::Paused => "paused",
            Self::PausedFinishing => "paused_finishing",
            Self::OrchestratorLate => "orchestrator_late",
            Self::Stuck => "stuck",
            Self::Failing => "failing",
            Self::ShortHanded => "short_handed",
            Self::GatewaySilent => "gateway_silent",
            Self::BuildingShort => "building_short",
            Self::Building => "building",
            Self::Waiting => "waiting",
            Self::SessionDone => "session_done",
            Self::IdleBlocked => "idle_blocked",
            Self::Idle => "idle",
        }
    }

    /// Whether what is shown is the past, so that no sentence beside it may use the present tense.
    #[must_use]
    pub const fn is_past(self) -> bool {
        matches!(self, Self::Starting | Self::Restored | Self::Blind | Self::OrchestratorSilent)
    }
}
