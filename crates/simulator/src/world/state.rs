//! What the world consists of, as plain data.

use super::journal::Journal;
use super::machines::Machine;

/// How a build ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuildStatus {
    /// Built and delivered.
    Success,
    /// The compiler, a test or a patch failed.
    Failed,
    /// It took too long and was killed.
    Timeout,
    /// Portage refuses the package.
    Masked,
    /// Built, but not delivered.
    UploadFailed,
    /// Reported as delivered, but it is not there.
    MissingBinary,
    /// Handed back without a result.
    Returned,
}

impl BuildStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Success,
        Self::Failed,
        Self::Timeout,
        Self::Masked,
        Self::UploadFailed,
        Self::MissingBinary,
        Self::Returned,
    ];

    /// The word that the control plane uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Masked => "masked",
            Self::UploadFailed => "upload_failed",
            Self::MissingBinary => "missing_binary",
            Self::Returned => "returned",
        }
    }
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ItemState {
    /// Waiting in the queue.
    Needed,
    /// Handed to a machine, which builds it or keeps it for later.
    Delegated,
    /// Built and delivered.
    Received,
    /// Set aside after failures, until `retry_at`.
    Blocked {
        /// When it goes back to the queue by itself.
        retry_at: f64,
    },
}

impl ItemState {
    /// The word that the control plane uses.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Needed => "needed",
            Self::Delegated => "delegated",
            Self::Received => "received",
            Self::Blocked { .. } => "blocked",
        }
    }
}

/// A row of the queue.
#[derive(Debug, Clone)]
pub struct Item {
    /// `=category/name-version`
    pub package: String,
    /// The index of the package in the catalogue.
    pub catalogue: usize,
    /// The index of the session that wanted it.
    pub session: usize,
    /// Where it stands.
    pub state: ItemState,
    /// The machine that has it or delivered it.
    pub assigned_to: Option<usize>,
    /// How often building it failed.
    pub failures: u32,
    /// The last failure's text; it stays while the item is tried again.
    pub error_message: String,
    /// When it was handed out.
    pub assigned_at: Option<f64>,
    /// When it was delivered.
    pub completed_at: Option<f64>,
    /// The machines that failed and are not offered it again.
    pub(super) failed_by: Vec<usize>,
    /// Whether it fails wherever it is built.
    pub(super) cursed: bool,
}

/// A row of the history.
#[derive(Debug, Clone)]
pub struct Build {
    /// A number that only grows.
    pub id: u64,
    /// `=category/name-version`
    pub package: String,
    /// The machine that built it.
    pub machine: usize,
    /// The machine's name when it reported.
    pub drone_name: &'static str,
    /// How it ended.
    pub status: BuildStatus,
    /// How long it took, in seconds.
    pub duration: f64,
    /// The error text, `None` for a success.
    pub error_message: Option<String>,
    /// The id of the session that was open when it ended.
    pub session_id: Option<String>,
    /// When it ended, in whole seconds since 1970.
    pub built_at: f64,
}

/// A round of work.
#[derive(Debug, Clone)]
pub struct Session {
    /// `session-YYYYMMDD-HHMMSS`
    pub id: String,
    /// Free text by the operator, with internal names in it.
    pub name: String,
    /// How many packages were announced; the control plane sometimes says 0.
    pub total_packages: usize,
    /// When it began.
    pub started_at: f64,
    /// When it ended, `None` while it is open.
    pub completed_at: Option<f64>,
}

/// Whether a node is heard of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Presence {
    /// Its heartbeats arrive.
    Online,
    /// It fell silent, but still counts as online.
    Silent {
        /// Its last heartbeat.
        since: f64,
    },
    /// It is known to be offline.
    Offline {
        /// Its last heartbeat.
        since: f64,
    },
}

/// A build under way.
#[derive(Debug, Clone)]
pub struct Job {
    /// The item that it is for.
    pub item: usize,
    /// When the machine began, perhaps with a dependency.
    pub started_at: f64,
    /// When it began the item itself.
    pub item_at: f64,
    /// What it builds before the item.
    pub dependency: Option<String>,
    pub(super) finish_at: f64,
    pub(super) outcome: BuildStatus,
}

/// The control plane's row about a drone that failed lately.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// Failed builds in a row.
    pub failures: u32,
    /// The last of them.
    pub last_failure: f64,
    /// Until when it gets no work.
    pub grounded_until: Option<f64>,
    /// Failed deliveries in a row.
    pub upload_failures: u32,
    /// The last of them.
    pub last_upload_failure: Option<f64>,
    /// How far the control plane went to mend it.
    pub escalation_level: u32,
    /// When it last did.
    pub last_escalation_at: Option<f64>,
    /// What the last probe said: JSON within a string.
    pub last_probe_result: String,
    /// When it was probed.
    pub last_probe_at: f64,
}

/// What a heartbeat carries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// Percent.
    pub cpu_percent: f64,
    /// Percent.
    pub ram_percent: f64,
    /// The load of the last minute.
    pub load_1m: f64,
}

/// A machine as the control plane sees it.
#[derive(Debug, Clone)]
pub struct Node {
    /// The machine itself.
    pub machine: &'static Machine,
    /// Its index among the machines.
    pub index: usize,
    /// Whether it was deleted from the control plane.
    pub removed: bool,
    /// Whether it is heard of.
    pub presence: Presence,
    /// What it compiled at its last heartbeat, if it has fallen silent.
    pub(super) last_task: Option<String>,
    /// The items that it holds; the first is built first.
    pub held: Vec<usize>,
    /// What it builds.
    pub job: Option<Job>,
    /// Its failures of late.
    pub health: Option<Health>,
    /// How many builds succeeded.
    pub builds_completed: u32,
    /// How many builds failed, hand-backs and lost deliveries not counted.
    pub builds_failed: u32,
    pub(super) back_at: f64,
    pub(super) hand_back_at: f64,
    pub(super) bad_builds: u32,
    /// When it worked and when it was away.
    pub(super) journal: Journal,
}

impl Node {
    pub(super) fn new(index: usize, machine: &'static Machine) -> Self {
        Self {
            machine,
            index,
            removed: false,
            presence: Presence::Online,
            last_task: None,
            held: Vec::new(),
            job: None,
            health: None,
            builds_completed: 0,
            builds_failed: 0,
            back_at: f64::INFINITY,
            hand_back_at: f64::INFINITY,
            bad_builds: 0,
            journal: Journal::default(),
        }
    }

    /// Whether the control plane counts it as online, rightly or not.
    #[must_use]
    pub fn online(&self) -> bool {
        !matches!(self.presence, Presence::Offline { .. })
    }

    /// Whether it takes new work at `now`.
    #[must_use]
    pub fn able(&self, now: f64) -> bool {
        let grounded = self.health.as_ref().and_then(|health| health.grounded_until);
        !self.removed && self.presence == Presence::Online && grounded.is_none_or(|until| until <= now)
    }

    /// When its last heartbeat arrived; one comes every two seconds.
    #[must_use]
    pub fn last_seen(&self, now: f64) -> f64 {
        match self.presence {
            Presence::Online => now - (now + 0.37 * self.index as f64).rem_euclid(2.0),
            Presence::Silent { since } | Presence::Offline { since } => since,
        }
    }

    /// Since when it is silent, noticed or not.
    #[must_use]
    pub fn away_since(&self) -> Option<f64> {
        match self.presence {
            Presence::Online => None,
            Presence::Silent { since } | Presence::Offline { since } => Some(since),
        }
    }

    /// What it compiles, or compiled when it was last heard of.
    #[must_use]
    pub fn current_task<'a>(&'a self, items: &'a [Item], now: f64) -> Option<&'a str> {
        if self.presence != Presence::Online {
            return self.last_task.as_deref();
        }
        let job = self.job.as_ref()?;
        match &job.dependency {
            Some(dependency) if now < job.item_at => Some(dependency),
            _ => items.get(job.item).map(|item| item.package.as_str()),
        }
    }
}
