//! What Prometheus, Loki and probes said: parsed, bounded and typed, but with internal names in it.

use std::collections::BTreeMap;

use identity::directory::Record;
use jiff::Timestamp;
use snapshot::infrastructure::{HostHistory, LogLevel, Severity, Traffic};

/// What Prometheus said.
#[derive(Debug, Default)]
pub struct MetricsReport {
    /// One a node exporter.
    pub hosts: Vec<HostReport>,
    /// One a target, and one a probed target.
    pub targets: Vec<TargetReport>,
    /// Those that fire; `None` when there is no such endpoint.
    pub alerts: Option<Vec<AlertReport>>,
}

/// One host.
#[derive(Debug, Clone, PartialEq)]
pub struct HostReport {
    /// Its address or name as Prometheus scrapes it, with a port.
    pub instance: String,
    /// Its own name.
    pub nodename: Option<String>,
    /// Whether its exporter answers; `None` = Prometheus does not say.
    pub is_up: Option<bool>,
    /// When it started, to the minute.
    pub booted_at: Option<Timestamp>,
    /// Processor cores.
    pub cores: Option<u32>,
    /// Processor use.
    pub cpu_percent: Option<u8>,
    /// Memory, in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Memory use.
    pub memory_percent: Option<u8>,
    /// Load over one, five and fifteen minutes, in tenths.
    pub load_tenths: [Option<u32>; 3],
    /// What it receives and what it sends, in bytes a second.
    pub network: Traffic,
    /// Its file systems.
    pub disks: Vec<DiskReport>,
    /// The last 24 hours.
    pub history: Option<HostHistory>,
}

/// One file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskReport {
    /// Its device.
    pub device: String,
    /// Where it is mounted.
    pub mount: String,
    /// Its size.
    pub total_bytes: u64,
    /// What an ordinary user may still write.
    pub available_bytes: Option<u64>,
}

/// One target of Prometheus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetReport {
    /// Its job.
    pub job: String,
    /// Its address or name.
    pub instance: String,
    /// Whether it answers.
    pub is_up: bool,
    /// Whether a prober said so, and not the scrape itself.
    pub is_probe: bool,
}

/// One alert that fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertReport {
    /// How severe it is.
    pub severity: Severity,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// The last 24 hours, by instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRanges {
    /// The end of the last step.
    pub end_at: Timestamp,
    /// Processor use.
    pub cpu_percent: BTreeMap<String, Vec<Option<u8>>>,
    /// Memory use.
    pub memory_percent: BTreeMap<String, Vec<Option<u8>>>,
}

/// What Loki said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsReport {
    /// Lines of the last hour.
    pub hour: LinesReport,
    /// Lines of the last day, as far as that is known.
    pub day: Option<LinesReport>,
}

/// How many lines were written in a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesReport {
    /// Lines by level, in the order of [`LogLevel::ALL`].
    pub levels: [u64; LogLevel::ALL.len()],
    /// Lines by the backend's own names of services.
    pub services: BTreeMap<String, u64>,
}

/// What one probe of our own found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeReport {
    /// Which, by its place in the configuration.
    pub probe_idx: usize,
    /// Whether the service answers as it should.
    pub is_up: bool,
    /// How long the answer took.
    pub latency_ms: Option<u32>,
}

impl HostReport {
    /// Its identifiers, for the directory.
    #[must_use]
    pub fn record(&self) -> Record<'_> {
        Record {
            id: None,
            names: self.nodename.as_deref().into_iter().collect(),
            addresses: vec![&self.instance],
            endpoint: Some(&self.instance),
        }
    }

    /// A host of which nothing is known yet.
    #[must_use]
    pub fn new(instance: &str) -> Self {
        Self {
            instance: instance.to_owned(),
            nodename: None,
            is_up: None,
            booted_at: None,
            cores: None,
            cpu_percent: None,
            memory_total_bytes: None,
            memory_percent: None,
            load_tenths: [None; 3],
            network: Traffic::default(),
            disks: Vec::new(),
            history: None,
        }
    }
}
