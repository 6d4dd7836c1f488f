//! What is asked of Prometheus. The defaults fit `node_exporter`.

use std::collections::BTreeMap;

/// One thing that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Expression {
    /// Whether each target answers: 1 or 0.
    Up,
    /// Whether each probed target answers: 1 or 0.
    ProbeSuccess,
    /// Any value, with the labels `instance` and `nodename`.
    Nodename,
    /// Unix seconds.
    BootTime,
    /// Load over one minute.
    Load1,
    /// Load over five minutes.
    Load5,
    /// Load over fifteen minutes.
    Load15,
    /// Processor cores.
    Cores,
    /// Processor use, in percent; also asked over 24 hours.
    CpuPercent,
    /// Bytes.
    MemoryTotal,
    /// Memory use, in percent; also asked over 24 hours.
    MemoryPercent,
    /// Bytes a second.
    NetworkReceive,
    /// Bytes a second.
    NetworkTransmit,
    /// Bytes, with the labels `device` and `mountpoint`.
    DiskTotal,
    /// Bytes that an ordinary user may still write, with the same labels.
    DiskAvailable,
}

/// The expressions, as configured.
#[derive(Debug, Clone, Default)]
pub struct Expressions(BTreeMap<Expression, String>);

impl Expression {
    /// Every expression.
    pub const ALL: [Self; 15] = [
        Self::Up,
        Self::ProbeSuccess,
        Self::Nodename,
        Self::BootTime,
        Self::Load1,
        Self::Load5,
        Self::Load15,
        Self::Cores,
        Self::CpuPercent,
        Self::MemoryTotal,
        Self::MemoryPercent,
        Self::NetworkReceive,
        Self::NetworkTransmit,
        Self::DiskTotal,
        Self::DiskAvailable,
    ];

    /// The key in the configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::ProbeSuccess => "probe_success",
            Self::Nodename => "nodename",
            Self::BootTime => "boot_time",
            Self::Load1 => "load_1m",
            Self::Load5 => "load_5m",
            Self::Load15 => "load_15m",
            Self::Cores => "cores",
            Self::CpuPercent => "cpu_percent",
            Self::MemoryTotal => "memory_total",
            Self::MemoryPercent => "memory_percent",
            Self::NetworkReceive => "network_receive",
            Self::NetworkTransmit => "network_transmit",
            Self::DiskTotal => "disk_total",
            Self::DiskAvailable => "disk_available",
        }
    }

    /// What is asked by default.
    #[must_use]
    pub const fn default_query(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::ProbeSuccess => "probe_success",
            Self::Nodename => "node_uname_info",
            Self::BootTime => "node_boot_time_seconds",
            Self::Load1 => "node_load1",
            Self::Load5 => "node_load5",
            Self::Load15 => "node_load15",
            Self::Cores => r#"count by (instance) (node_cpu_seconds_total{mode="idle"})"#,
            Self::CpuPercent => {
                r#"100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))"#
            }
            Self::MemoryTotal => "node_memory_MemTotal_bytes",
            Self::MemoryPercent => "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
            Self::NetworkReceive => {
                r#"sum by (instance) (rate(node_network_receive_bytes_total{device!~"lo|veth.*|docker.*|br-.*"}[5m]))"#
            }
            Self::NetworkTransmit => {
                r#"sum by (instance) (rate(node_network_transmit_bytes_total{device!~"lo|veth.*|docker.*|br-.*"}[5m]))"#
            }
            Self::DiskTotal => {
                r#"node_filesystem_size_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|proc|sysfs|devtmpfs|efivarfs|autofs|fuse.*|nsfs"}"#
            }
            Self::DiskAvailable => {
                r#"node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|proc|sysfs|devtmpfs|efivarfs|autofs|fuse.*|nsfs"}"#
            }
        }
    }
}

impl Expressions {
    /// Overrides one expression.
    #[must_use]
    pub fn with(mut self, expression: Expression, query: String) -> Self {
        self.0.insert(expression, query);
        self
    }

    /// What is asked for it.
    #[must_use]
    pub fn query(&self, expression: Expression) -> &str {
        self.0.get(&expression).map_or(expression.default_query(), String::as_str)
    }
}
