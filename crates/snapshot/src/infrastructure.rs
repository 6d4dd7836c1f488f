//! The machines and services around the swarm, as metrics, probes and logs tell.
//!
//! - `disk` how a disk is called
//! - [`services`] what both metrics and probes know of a service
//! - [`tally`] how many are in each state
//! - `urgency` which hosts need a look first

mod disk;
pub mod services;
pub mod tally;
mod urgency;

pub use disk::DiskName;
use identity::name::PublicName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
pub use urgency::Urgency;

/// The most hosts that are listed.
pub const HOSTS_MAX: usize = 1_000;
/// The most services that are listed.
pub const SERVICES_MAX: usize = 1_000;
/// The most disks of a host.
pub const DISKS_MAX: usize = 16;
/// The points of a host's history.
pub const HISTORY_POINTS: usize = 48;

/// The hosts, ordered by name, and the alerts that fire.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Metrics {
    /// The hosts.
    pub hosts: Vec<Host>,
    /// Services that Prometheus measures, ordered by name.
    pub services: Vec<Service>,
    /// Firing alerts by severity, the worst first; severities without any are absent. `None` when alerts are not told.
    pub alerts: Option<Vec<Alerts>>,
}

/// What probes of our own tell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Probes {
    /// The services, ordered by name.
    pub services: Vec<Service>,
}

/// One machine, as last known. Of one that is down nothing is known that changes: use, load, disks, history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// Its public name.
    pub name: PublicName,
    /// Its galaxy.
    pub galaxy: Option<PublicName>,
    /// What it is for.
    pub role: Option<PublicName>,
    /// Whether it answers; never degraded.
    pub state: Reachability,
    /// Since when, as far as was seen.
    pub state_since: Timestamp,
    /// When it started, to the minute; `None` when unknown or not published.
    pub booted_at: Option<Timestamp>,
    /// Processor cores.
    pub cores: Option<u32>,
    /// Processor use, 0 to 100.
    pub cpu_percent: Option<u8>,
    /// Memory, in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Memory use, 0 to 100.
    pub memory_percent: Option<u8>,
    /// Load over one, five and fifteen minutes, in tenths.
    pub load_tenths: [Option<u32>; 3],
    /// What flows through its network interfaces.
    #[serde(default)]
    pub network: Traffic,
    /// Its disks: `root` first, then by name.
    pub disks: Vec<Disk>,
    /// The last 24 hours.
    pub history: Option<HostHistory>,
}

/// What flows through the network interfaces of a host, in bytes a second, to two significant digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// What it receives.
    pub received: Option<u64>,
    /// What it sends.
    pub transmitted: Option<u64>,
}

/// One file system that is worth showing. Its name is never a mount point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// `root`, a directory of the file system hierarchy standard, a label of the operator, or a number.
    pub name: DiskName,
    /// Its size, in bytes.
    pub total_bytes: u64,
    /// How full it is, 0 to 100: space that is reserved for the system counts as used.
    pub used_percent: Option<u8>,
    /// Since when its level is not `ok`, as far as was seen; `None` while there is room.
    pub full_since: Option<Timestamp>,
}

/// Use over 24 hours, in equal steps, the oldest first; `None` is a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostHistory {
    /// The end of the last step.
    pub end_at: Timestamp,
    /// The length of a step.
    pub step_seconds: u32,
    /// Processor use.
    pub cpu_percent: Vec<Option<u8>>,
    /// Memory use.
    pub memory_percent: Vec<Option<u8>>,
}

/// One service, as last known. Its name is one that the operator gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its public name.
    pub name: PublicName,
    /// The host on which it runs.
    pub host: Option<PublicName>,
    /// Whether it answers.
    pub state: Reachability,
    /// Since when, as far as was seen.
    pub state_since: Timestamp,
    /// How long an answer takes, to two significant digits.
    pub latency_ms: Option<u32>,
    /// Who measures it.
    pub measured_by: Measure,
}

/// Whether something answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reachability {
    /// It does.
    Up,
    /// Some instances do, some do not.
    Degraded,
    /// It does not.
    Down,
    /// Nobody asked it.
    Unknown,
}

/// Who measures a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Measure {
    /// A probe of our own.
    Probe,
    /// Prometheus.
    Prometheus,
}

/// Firing alerts of one severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alerts {
    /// How severe they are.
    pub severity: Severity,
    /// How many fire.
    pub count: u32,
    /// Since when the oldest of them does.
    pub oldest_since: Option<Timestamp>,
}

/// How severe an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// Somebody should get up.
    Critical,
    /// Somebody should look.
    Warning,
    /// Good to know.
    Info,
    /// A word that is not documented.
    Other,
}

/// How full something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FillLevel {
    /// There is room.
    Ok,
    /// It is getting tight.
    High,
    /// It is about to be full.
    Critical,
}

/// How much was logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logs {
    /// In the last hour.
    #[serde(flatten)]
    pub hour: LogCounts,
    /// In the last day; `None` when that is not known.
    #[serde(default)]
    pub day: Option<LogCounts>,
}

/// How much was logged in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCounts {
    /// The stretch that was counted, in seconds.
    pub window_seconds: u32,
    /// Lines by level, in the order of [`LogLevel::ALL`].
    pub levels: [u64; LogLevel::ALL.len()],
    /// Lines by service, ordered by name; what the operator did not name is together in `other`.
    pub services: Vec<LogVolume>,
    /// Lines of services that have no public name.
    pub other: u64,
}

/// Lines of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogVolume {
    /// Its public name.
    pub name: PublicName,
    /// How many.
    pub lines: u64,
}

/// How urgent a line of log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogLevel {
    /// fatal, emerg, alert, crit.
    Critical,
    /// err.
    Error,
    /// warn.
    Warning,
    /// notice.
    Info,
    /// trace.
    Debug,
    /// Anything else.
    Unknown,
}

impl Logs {
    /// The same with only those services named that `is_kept` says; lines of the others are nobody's in particular.
    #[must_use]
    pub fn keeping_services(self, mut is_kept: impl FnMut(&PublicName) -> bool) -> Self {
        let mut of = |mut counts: LogCounts| {
            let (kept, gone): (Vec<_>, Vec<_>) =
                counts.services.into_iter().partition(|volume| is_kept(&volume.name));
            counts.services = kept;
            counts.other += gone.iter().map(|volume| volume.lines).sum::<u64>();
            counts
        };
        Self { hour: of(self.hour), day: self.day.map(of) }
    }
}

impl Host {
    /// How full its memory is.
    #[must_use]
    pub fn memory_level(&self) -> Option<FillLevel> {
        self.memory_percent.map(FillLevel::of_memory)
    }
}

impl Disk {
    /// How full it is.
    #[must_use]
    pub fn level(&self) -> Option<FillLevel> {
        self.used_percent.map(FillLevel::of_disk)
    }
}

impl FillLevel {
    /// How full a memory is: high from 90 %, critical from 97 %.
    #[must_use]
    pub const fn of_memory(percent: u8) -> Self {
        Self::of(percent, 90, 97)
    }

    /// How full a disk is: high from 85 %, critical from 95 %.
    #[must_use]
    pub const fn of_disk(percent: u8) -> Self {
        Self::of(percent, 85, 95)
    }

    const fn of(percent: u8, high: u8, critical: u8) -> Self {
        if percent >= critical {
            Self::Critical
        } else if percent >= high {
            Self::High
        } else {
            Self::Ok
        }
    }

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl Reachability {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

impl Measure {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Prometheus => "prometheus",
        }
    }

    /// The word on pages, following "measured by".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Probe => "a probe",
            Self::Prometheus => "Prometheus",
        }
    }
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::Warning, Self::Info, Self::Other];

    /// Reads a label.
    #[must_use]
    pub fn of_label(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "critical" | "page" | "error" => Self::Critical,
            "warning" | "warn" => Self::Warning,
            "info" | "none" => Self::Info,
            _ => Self::Other,
        }
    }

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Other => "other",
        }
    }
}

impl LogLevel {
    /// Every level, the worst first.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::Error, Self::Warning, Self::Info, Self::Debug, Self::Unknown];

    /// Reads a label.
    #[must_use]
    pub fn of_label(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "critical" | "crit" | "fatal" | "emerg" | "emergency" | "alert" | "panic" => Self::Critical,
            "error" | "err" => Self::Error,
            "warning" | "warn" => Self::Warning,
            "info" | "notice" | "information" => Self::Info,
            "debug" | "trace" => Self::Debug,
            _ => Self::Unknown,
        }
    }

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Unknown => "unknown",
        }
    }
}
