//! States as shape, word and colour: one table, so that a state looks the same wherever it stands.

use serde::Serialize;
use snapshot::{
    control::SessionState,
    fleet::DroneState,
    history::BuildStatus,
    infrastructure::{FillLevel, Reachability, Severity},
    queue::{ItemState, Reason},
    section::SourceState,
    snapshot::Level,
    status::SwarmStatus,
};

use super::words::number;

/// A state: its shape, its word and, by its tone, its colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Badge {
    /// Selects colour and drawn shape.
    pub(super) tone: Tone,
    /// The shape as a character, for readers without style sheets.
    pub(super) shape: &'static str,
    /// The word.
    pub(super) word: String,
}

/// What colour and shape stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tone {
    /// Well.
    Ok,
    /// At work.
    Busy,
    /// Good to know.
    Note,
    /// Somebody should look.
    Warning,
    /// Down or failed.
    Critical,
    /// Not known, or of no account.
    Unknown,
}

impl Tone {
    const fn shape(self) -> &'static str {
        match self {
            Self::Ok => "●",
            Self::Busy => "▶",
            Self::Note => "◆",
            Self::Warning => "▲",
            Self::Critical => "■",
            Self::Unknown => "○",
        }
    }
}

impl Badge {
    pub(super) fn new(tone: Tone, word: impl Into<String>) -> Self {
        Self { tone, shape: tone.shape(), word: word.into() }
    }

    /// The level of a verdict or notice.
    pub(super) fn level(level: Level) -> Self {
        Self::new(Tone::from(level), level.word())
    }

    /// The status of the swarm.
    pub(super) fn swarm(status: SwarmStatus) -> Self {
        let tone = match status {
            SwarmStatus::Active => Tone::Busy,
            SwarmStatus::Idle => Tone::Ok,
            SwarmStatus::Paused => Tone::Note,
            SwarmStatus::Degraded => Tone::Warning,
            SwarmStatus::Offline => Tone::Critical,
            SwarmStatus::Unknown => Tone::Unknown,
        };
        Self::new(tone, status.as_str())
    }

    /// The freshness of a source.
    pub(super) fn source(state: SourceState) -> Self {
        let tone = match state {
            SourceState::Online => Tone::Ok,
            SourceState::Stale => Tone::Warning,
            SourceState::Offline => Tone::Critical,
            SourceState::Unknown => Tone::Unknown,
        };
        Self::new(tone, state.as_str())
    }

    /// The state of a drone; one that may sleep alarms nobody.
    pub(super) fn drone(state: DroneState, is_optional: bool) -> Self {
        let tone = match state {
            DroneState::Building => Tone::Busy,
            DroneState::Idle => Tone::Ok,
            DroneState::Paused => Tone::Note,
            DroneState::Grounded { .. } => Tone::Warning,
            DroneState::Offline if is_optional => Tone::Unknown,
            DroneState::Offline => Tone::Critical,
            DroneState::Unknown => Tone::Unknown,
        };
        Self::new(tone, state.as_str())
    }

    /// Whether a host or service answers.
    pub(super) fn reachability(state: Reachability) -> Self {
        let tone = match state {
            Reachability::Up => Tone::Ok,
            Reachability::Degraded => Tone::Warning,
            Reachability::Down => Tone::Critical,
            Reachability::Unknown => Tone::Unknown,
        };
        Self::new(tone, state.as_str())
    }

    /// How full something is; `None` while there is room.
    pub(super) fn fill(level: FillLevel) -> Option<Self> {
        let tone = match level {
            FillLevel::Ok => return None,
            FillLevel::High => Tone::Warning,
            FillLevel::Critical => Tone::Critical,
        };
        Some(Self::new(tone, level.as_str()))
    }

    /// How severe alerts are.
    pub(super) fn severity(severity: Severity) -> Self {
        let tone = match severity {
            Severity::Critical => Tone::Critical,
            Severity::Warning => Tone::Warning,
            Severity::Info => Tone::Note,
            Severity::Other => Tone::Unknown,
        };
        Self::new(tone, severity.as_str())
    }

    /// The same state of several: "2 up".
    pub(super) fn counting(self, n: u32) -> Self {
        Self { word: format!("{} {}", number(n), self.word), ..self }
    }

    /// What became of a build.
    pub(super) fn build(status: BuildStatus) -> Self {
        let tone = match status {
            BuildStatus::Success => Tone::Ok,
            BuildStatus::Failed => Tone::Critical,
            BuildStatus::MissingBinary | BuildStatus::UploadFailed | BuildStatus::Masked => Tone::Warning,
            BuildStatus::Returned => Tone::Note,
        };
        Self::new(tone, status.words())
    }

    /// How an item of the queue stands.
    pub(super) fn item(state: ItemState) -> Self {
        let tone = match state {
            ItemState::Building => Tone::Busy,
            ItemState::Pending | ItemState::Assigned => Tone::Unknown,
            ItemState::Stalled | ItemState::Blocked => Tone::Warning,
            ItemState::Failed => Tone::Critical,
        };
        Self::new(tone, state.as_str())
    }

    /// A build that takes longer than nine of ten would.
    pub(super) fn overdue() -> Self {
        Self::new(Tone::Warning, "overdue")
    }

    /// How a session stands.
    pub(super) fn session(state: SessionState) -> Self {
        let tone = match state {
            SessionState::Active => Tone::Busy,
            SessionState::Completed => Tone::Ok,
            SessionState::Aborted => Tone::Note,
        };
        Self::new(tone, state.as_str())
    }

    /// Why an item is not being built, in these words.
    pub(super) fn reason(reason: Reason, words: String) -> Self {
        let tone = match reason {
            Reason::InLine | Reason::DroneBusy => Tone::Unknown,
            Reason::Retry | Reason::Paused | Reason::HeldByOperator | Reason::Unspecified => Tone::Note,
            Reason::NoDroneAble | Reason::DroneOffline | Reason::Masked => Tone::Warning,
            Reason::FailedOnEveryAbleDrone | Reason::FailedOnSeveralDrones | Reason::FailedRepeatedly => {
                Tone::Warning
            }
            Reason::NoDroneOnline => Tone::Critical,
        };
        Self::new(tone, words)
    }
}

// === impl Tone ===

impl From<Level> for Tone {
    fn from(level: Level) -> Self {
        match level {
            Level::Ok => Self::Ok,
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Critical => Self::Critical,
            Level::Unknown => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_look_as_the_contract_says() {
        for level in [Level::Ok, Level::Note, Level::Warning, Level::Critical, Level::Unknown] {
            let badge = Badge::level(level);
            assert_eq!((badge.shape, badge.word.as_str()), (level.shape(), level.word()));
        }
    }

    #[test]
    fn a_drone_that_may_sleep_is_not_down() {
        assert_eq!(Badge::drone(DroneState::Offline, true).tone, Tone::Unknown);
        assert_eq!(Badge::drone(DroneState::Offline, false).tone, Tone::Critical);
    }
}
