//! The one value that the scheduler publishes.

use std::{sync::Arc, time::Duration};

use identity::name::PublicName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    activity::Activity,
    clock::Now,
    control::Control,
    estimate::Scoreboard,
    fleet::Fleet,
    history::History,
    infrastructure::{Logs, Metrics, Probes},
    queue::Queue,
    section::{Observation, Section, SourceName, SourceState},
    status::SwarmStatus,
    trend::DepthHistory,
    uptime::Availability,
    verdict::VerdictCode,
};

/// Everything that is known, at one moment. Facts only: whatever depends on the clock is computed by the reader.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// When this process started.
    pub started_at: Timestamp,
    /// The sources, as far as they are configured.
    pub sources: Sources,
    /// The drones.
    pub fleet: Section<Fleet>,
    /// The orchestrator's own state.
    pub control: Section<Control>,
    /// The queue.
    pub queue: Section<Queue>,
    /// Finished builds.
    pub history: Section<History>,
    /// Hosts, services and alerts, as Prometheus tells.
    pub metrics: Section<Metrics>,
    /// Services, as probes of our own tell.
    pub probes: Section<Probes>,
    /// How much was logged, as Loki tells.
    pub logs: Section<Logs>,
    /// What became of estimates.
    pub scores: Scoreboard,
    /// How much of the time what is watched was up, as this process and earlier ones saw.
    pub availability: Section<Availability>,
    /// How deep the queue was.
    pub depth: Section<DepthHistory>,
    /// What happened of late beside finished builds.
    pub activity: Section<Activity>,
    /// The operator's galaxies, ordered by name.
    pub galaxies: Arc<[PublicName]>,
    /// What the assembler saw last, so that readers can say since when.
    pub marks: Marks,
    /// What the operator announces.
    pub announcement: Option<Arc<Announcement>>,
    /// Whether machines keep the public names that nobody chose over a restart.
    pub keeps_names: bool,
    /// How the swarm is judged.
    pub policy: Policy,
}

/// What is known about the attempts to ask each source; `None` = not configured.
#[derive(Debug, Clone, Default)]
pub struct Sources([Option<Observation>; SourceName::ALL.len()]);

/// Since when things hold that only the passing of time shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marks {
    /// When the marks were made. Older deadlines say nothing of when the marked state gave way to another.
    pub at: Option<Timestamp>,
    /// The status when the snapshot was made, and since when.
    pub status: Option<(SwarmStatus, Timestamp)>,
    /// The verdict when the snapshot was made, and since when.
    pub verdict: Option<(VerdictCode, Timestamp)>,
    /// Since when work waits that could be built, while nothing is being built.
    pub ready_since: Option<Timestamp>,
    /// Any poll finished since the start: what is shown is not only what was restored.
    pub polled: bool,
}

/// An announcement of the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Its text, searched for internal names before it came here.
    pub text: String,
    /// How urgent it is.
    pub level: Level,
    /// From when on it is shown.
    pub from: Option<Timestamp>,
    /// Until when it is shown.
    pub until: Option<Timestamp>,
}

/// How urgent something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing to do.
    Ok,
    /// Good to know.
    Note,
    /// Somebody should look.
    Warning,
    /// Down.
    Critical,
    /// Nobody knows.
    Unknown,
}

/// How the swarm is judged: the configured part of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long work may wait without anything being built.
    pub stuck_after: Duration,
    /// Whether all of this is a demonstration.
    pub demo: bool,
}

impl Snapshot {
    /// A snapshot of which only the configured sources are known.
    #[must_use]
    pub fn empty(started_at: Timestamp, sources: Sources, policy: Policy) -> Self {
        Self {
            started_at,
            sources,
            fleet: Section::empty(),
            control: Section::empty(),
            queue: Section::empty(),
            history: Section::empty(),
            metrics: Section::empty(),
            probes: Section::empty(),
            logs: Section::empty(),
            scores: Scoreboard::default(),
            availability: Section::empty(),
            depth: Section::empty(),
            activity: Section::empty(),
            galaxies: Arc::default(),
            marks: Marks::default(),
            announcement: None,
            keeps_names: false,
            policy,
        }
    }

    /// The state of a source at `now`; `None` = not configured.
    #[must_use]
    pub fn source_state(&self, name: SourceName, now: Now) -> Option<SourceState> {
        Some(self.sources.get(name)?.state(now))
    }
}

impl Sources {
    /// What is known about a source; `None` = not configured.
    #[must_use]
    pub fn get(&self, name: SourceName) -> Option<&Observation> {
        self.0[slot(name)].as_ref()
    }

    /// The place of a source.
    pub fn get_mut(&mut self, name: SourceName) -> Option<&mut Observation> {
        self.0[slot(name)].as_mut()
    }

    /// Declares a source configured.
    pub fn insert(&mut self, name: SourceName, observation: Observation) {
        self.0[slot(name)] = Some(observation);
    }

    /// Declares a source not configured any more.
    pub fn remove(&mut self, name: SourceName) {
        self.0[slot(name)] = None;
    }

    /// The configured sources.
    pub fn iter(&self) -> impl Iterator<Item = (SourceName, &Observation)> {
        SourceName::ALL.into_iter().zip(&self.0).filter_map(|(name, slot)| Some((name, slot.as_ref()?)))
    }
}

/// The place of a source in the order of [`SourceName::ALL`].
const fn slot(name: SourceName) -> usize {
    match name {
        SourceName::Gateway => 0,
        SourceName::Orchestrator => 1,
        SourceName::Prometheus => 2,
        SourceName::Loki => 3,
        SourceName::Probes => 4,
    }
}

impl Level {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Unknown => "unknown",
        }
    }

    /// The shape that stands for it beside word and colour.
    #[must_use]
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Ok => "●",
            Self::Note => "◆",
            Self::Warning => "▲",
            Self::Critical => "■",
            Self::Unknown => "○",
        }
    }

    /// The word on pages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "All good",
            Self::Note => "Note",
            Self::Warning => "Attention",
            Self::Critical => "Down",
            Self::Unknown => "Unknown",
        }
    }
}
