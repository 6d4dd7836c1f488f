//! What is told about a host: the metric families of `node_exporter` that the default expressions read, and some
//! that they must not be confused by.

use crate::world::hosts::Host;
use crate::world::hosts::disks::Disk;

/// How a family's values behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }
}

/// One value with its labels, which are sorted by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) labels: Vec<(&'static str, String)>,
    pub(crate) value: f64,
}

/// Reads a family's values off a host.
type Read = fn(&Host, f64) -> Vec<Row>;

/// A metric family.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) help: &'static str,
    pub(crate) read: Read,
}

const fn counter(name: &'static str, help: &'static str, read: Read) -> Family {
    Family { name, kind: Kind::Counter, help, read }
}

const fn gauge(name: &'static str, help: &'static str, read: Read) -> Family {
    Family { name, kind: Kind::Gauge, help, read }
}

/// Every family, by name.
pub(crate) static FAMILIES: [Family; 21] = [
    gauge("node_boot_time_seconds", "Node boot time, in unixtime.", |host, unix| one(host.booted_at(unix))),
    counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", cpu_seconds),
    gauge(
        "node_filesystem_avail_bytes",
        "Filesystem space available to non-root users in bytes.",
        |host, unix| disks(host, unix, |disk| disk.available),
    ),
    gauge(
        "node_filesystem_device_error",
        "Whether an error occurred while getting statistics for the given device.",
        |host, unix| disks(host, unix, |_| 0.0),
    ),
    gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.", |host, unix| {
        disks(host, unix, |disk| disk.free)
    }),
    gauge("node_filesystem_readonly", "Filesystem read-only status.", |host, unix| {
        disks(host, unix, |disk| f64::from(u8::from(disk.fstype == "squashfs")))
    }),
    gauge("node_filesystem_size_bytes", "Filesystem size in bytes.", |host, unix| {
        disks(host, unix, |disk| disk.size)
    }),
    gauge("node_load1", "1m load average.", |host, unix| one(host.load(unix, 60.0))),
    gauge("node_load15", "15m load average.", |host, unix| one(host.load(unix, 900.0))),
    gauge("node_load5", "5m load average.", |host, unix| one(host.load(unix, 300.0))),
    gauge("node_memory_Buffers_bytes", "Memory information field Buffers_bytes.", |host, unix| {
        one(kibibytes(host.memory_available(unix) * 0.04))
    }),
    gauge("node_memory_Cached_bytes", "Memory information field Cached_bytes.", |host, unix| {
        one(kibibytes(host.memory_available(unix) * 0.7))
    }),
    gauge("node_memory_MemAvailable_bytes", "Memory information field MemAvailable_bytes.", |host, unix| {
        one(host.memory_available(unix))
    }),
    gauge("node_memory_MemFree_bytes", "Memory information field MemFree_bytes.", |host, unix| {
        one(kibibytes(host.memory_available(unix) * 0.25))
    }),
    gauge("node_memory_MemTotal_bytes", "Memory information field MemTotal_bytes.", |host, _| {
        one(host.memory_bytes)
    }),
    gauge("node_memory_SwapFree_bytes", "Memory information field SwapFree_bytes.", |_, _| {
        one(8_589_930_496.0)
    }),
    gauge("node_memory_SwapTotal_bytes", "Memory information field SwapTotal_bytes.", |_, _| {
        one(8_589_930_496.0)
    }),
    counter("node_network_receive_bytes_total", "Network device statistic receive_bytes.", |host, unix| {
        traffic(host, unix, |one| one.received)
    }),
    counter("node_network_transmit_bytes_total", "Network device statistic transmit_bytes.", |host, unix| {
        traffic(host, unix, |one| one.transmitted)
    }),
    gauge("node_time_seconds", "System time in seconds since epoch (1970).", |_, unix| one(unix)),
    gauge("node_uname_info", "Labeled system information as provided by the uname system call.", uname),
];

/// The family with the name `name`.
pub(crate) fn find(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}

fn one(value: f64) -> Vec<Row> {
    vec![Row { labels: Vec::new(), value }]
}

fn kibibytes(bytes: f64) -> f64 {
    (bytes / 1_024.0).floor() * 1_024.0
}

fn cpu_seconds(host: &Host, unix: f64) -> Vec<Row> {
    (0..host.cores)
        .flat_map(|core| {
            host.core_seconds(core, unix).into_iter().map(move |(mode, seconds)| Row {
                labels: vec![("cpu", core.to_string()), ("mode", mode.to_owned())],
                // The kernel counts in hundredths.
                value: (seconds * 100.0).floor() / 100.0,
            })
        })
        .collect()
}

fn disks(host: &Host, unix: f64, value: fn(&Disk) -> f64) -> Vec<Row> {
    let row = |disk: &Disk| Row {
        labels: vec![
            ("device", disk.device.to_owned()),
            ("fstype", disk.fstype.to_owned()),
            ("mountpoint", disk.mountpoint.to_owned()),
        ],
        value: value(disk),
    };
    host.disks(unix).iter().map(row).collect()
}

fn traffic(host: &Host, unix: f64, value: fn(&crate::world::hosts::network::Traffic) -> f64) -> Vec<Row> {
    let traffic = host.traffic(unix);
    let row = |one: &crate::world::hosts::network::Traffic| Row {
        labels: vec![("device", one.device.to_owned())],
        value: value(one),
    };
    traffic.iter().map(row).collect()
}

fn uname(host: &Host, _: f64) -> Vec<Row> {
    vec![Row {
        labels: vec![
            ("domainname", "(none)".to_owned()),
            ("machine", "x86_64".to_owned()),
            ("nodename", host.nodename().to_owned()),
            ("release", host.kernel().to_owned()),
            ("sysname", "Linux".to_owned()),
            ("version", "#1 SMP PREEMPT_DYNAMIC @0".to_owned()),
        ],
        value: 1.0,
    }]
}
