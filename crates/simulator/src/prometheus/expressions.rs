//! The expressions that the simulated Prometheus evaluates: what a reader of hosts and services asks by default.
//!
//! They are compared without regard to blanks. Beside them any plain selection by name is understood, with or
//! without matchers.

/// Whether each target answers.
pub const UP: &str = "up";
/// Whether each probe succeeded.
pub const PROBE_SUCCESS: &str = "probe_success";
/// What each host calls itself.
pub const UNAME: &str = "node_uname_info";
/// When each host was started.
pub const BOOT_TIME: &str = "node_boot_time_seconds";
/// The load of the last minute.
pub const LOAD_1: &str = "node_load1";
/// The load of the last five minutes.
pub const LOAD_5: &str = "node_load5";
/// The load of the last quarter of an hour.
pub const LOAD_15: &str = "node_load15";
/// How many cores each host has.
pub const CORES: &str = r#"count by (instance) (node_cpu_seconds_total{mode="idle"})"#;
/// How busy each host's processors are, in percent.
pub const CPU_PERCENT: &str =
    r#"100 * (1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])))"#;
/// How much memory each host has.
pub const MEMORY_TOTAL: &str = "node_memory_MemTotal_bytes";
/// How much of it could still be used.
pub const MEMORY_AVAILABLE: &str = "node_memory_MemAvailable_bytes";
/// How much memory is used, in percent.
pub const MEMORY_PERCENT: &str = "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)";
/// The sizes of the disks.
pub const DISK_SIZE: &str = r#"node_filesystem_size_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|proc|sysfs|devtmpfs|efivarfs|autofs|fuse.*|nsfs"}"#;
/// What is free on the disks for everybody.
pub const DISK_AVAILABLE: &str = r#"node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660|proc|sysfs|devtmpfs|efivarfs|autofs|fuse.*|nsfs"}"#;
/// What each host receives, in bytes a second.
pub const NETWORK_RECEIVE: &str =
    r#"sum by (instance) (rate(node_network_receive_bytes_total{device!~"lo|veth.*|docker.*|br-.*"}[5m]))"#;
/// What each host sends, in bytes a second.
pub const NETWORK_TRANSMIT: &str =
    r#"sum by (instance) (rate(node_network_transmit_bytes_total{device!~"lo|veth.*|docker.*|br-.*"}[5m]))"#;

/// Every expression.
pub const ALL: [&str; 16] = [
    UP,
    PROBE_SUCCESS,
    UNAME,
    BOOT_TIME,
    LOAD_1,
    LOAD_5,
    LOAD_15,
    CORES,
    CPU_PERCENT,
    MEMORY_TOTAL,
    MEMORY_AVAILABLE,
    MEMORY_PERCENT,
    DISK_SIZE,
    DISK_AVAILABLE,
    NETWORK_RECEIVE,
    NETWORK_TRANSMIT,
];
