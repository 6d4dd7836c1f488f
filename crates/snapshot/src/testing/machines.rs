//! The machines of the documented example, and builders of others.

use std::{collections::BTreeMap, sync::Arc};

use super::{at, default_limits, edit, example, name, online, started};
use crate::{
    infrastructure::{
        Alerts, Disk, DiskName, FillLevel, HISTORY_POINTS, Host, HostHistory, LogCounts, LogLevel, LogVolume,
        Logs, Measure, Metrics, Probes, Reachability, Service, Severity, Traffic,
    },
    section::{Observation, Section, SourceName},
    snapshot::Snapshot,
    uptime::{Availability, DayMark, MARKED_DAYS, Share, Uptime, WINDOW_HOURS},
};

/// The farm of [`example`] and what watches its machines: Prometheus, Loki and probes.
#[must_use]
pub fn example_infrastructure() -> Snapshot {
    let mut snapshot = example();
    for (source, since, seen) in [
        (SourceName::Prometheus, "2026-02-23T06:02:12Z", "2026-02-23T14:29:51Z"),
        (SourceName::Loki, "2026-02-23T06:02:20Z", "2026-02-23T14:29:41Z"),
        (SourceName::Probes, "2026-02-23T06:02:10Z", "2026-02-23T14:29:47Z"),
    ] {
        snapshot.sources.insert(source, online(since, seen, default_limits(source)));
    }
    snapshot.galaxies = Arc::new([name("Andromeda"), name("Milky Way")]);
    let gateway = Service { latency_ms: Some(4), ..service("Gateway", Reachability::Up, Measure::Probe) };
    let probes = Probes { services: vec![on("Altair-Link", "2026-02-20T19:05:00Z", gateway)] };
    snapshot.metrics = section(metrics(), "2026-02-23T14:29:51Z");
    snapshot.probes = section(probes, "2026-02-20T19:05:00Z");
    snapshot.logs = section(logs(), "2026-02-23T14:29:41Z");
    snapshot.availability = section(availability(), "2026-02-23T14:25:00Z");
    snapshot
}

/// Of so many hundredths of a percent up in each window, as the example was observed; today and yesterday are known.
#[must_use]
pub fn uptime(up_hundredths: [u16; WINDOW_HOURS.len()]) -> Uptime {
    let observed = [1_000, 996, 972, 410];
    let share =
        |place: usize| Share { up_hundredths: Some(up_hundredths[place]), observed_tenths: observed[place] };
    let mut days = Uptime::UNOBSERVED.days;
    days[MARKED_DAYS - 2] = DayMark::Up;
    days[MARKED_DAYS - 1] = if up_hundredths[0] < 10_000 { DayMark::Partly } else { DayMark::Up };
    Uptime { windows: std::array::from_fn(share), days }
}

fn availability() -> Availability {
    let always = [10_000; WINDOW_HOURS.len()];
    let sources = [SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus, SourceName::Loki];
    Availability {
        hosts: BTreeMap::from([
            (name("Altair-Link"), uptime([10_000, 9_998, 9_995, 9_995])),
            (name("Tarn"), uptime([5_294, 9_325, 9_840, 9_840])),
        ]),
        services: BTreeMap::from([
            (name("Gateway"), uptime([10_000, 9_997, 9_990, 9_990])),
            (name("Loki"), uptime([10_000, 10_000, 9_995, 9_995])),
            (name("Node exporter"), uptime(always)),
        ]),
        sources: sources.into_iter().map(|source| (source, uptime(always))).collect(),
    }
}

/// The first start, at 14:29:58, with everything configured that watches machines and nothing heard of yet.
#[must_use]
pub fn started_infrastructure() -> Snapshot {
    let mut snapshot = started();
    for source in [SourceName::Prometheus, SourceName::Loki, SourceName::Probes] {
        snapshot.sources.insert(source, Observation::new(snapshot.started_at, default_limits(source)));
    }
    snapshot
}

/// A host of which little is known, in its state since 06:00 on the day of [`super::NOW`].
#[must_use]
#[track_caller]
pub fn host(host_name: &str, state: Reachability) -> Host {
    Host {
        name: name(host_name),
        galaxy: None,
        role: None,
        state,
        state_since: at("2026-02-23T06:00:00Z"),
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

/// A disk of a terabyte; one that is getting full has been since 22:10 on the day before.
#[must_use]
pub fn disk(disk_name: DiskName, used_percent: u8) -> Disk {
    let is_full = FillLevel::of_disk(used_percent) > FillLevel::Ok;
    Disk {
        name: disk_name,
        total_bytes: 1_000_000_000_000,
        used_percent: Some(used_percent),
        full_since: is_full.then(|| at("2026-02-22T22:10:00Z")),
    }
}

/// A service on no host in particular, in its state since 06:00 on the day of [`super::NOW`].
#[must_use]
#[track_caller]
pub fn service(service_name: &str, state: Reachability, measured_by: Measure) -> Service {
    Service {
        name: name(service_name),
        host: None,
        state,
        state_since: at("2026-02-23T06:00:00Z"),
        latency_ms: None,
        measured_by,
    }
}

/// Puts other hosts in place of all there are.
pub fn set_hosts(snapshot: &mut Snapshot, hosts: Vec<Host>) {
    edit(&mut snapshot.metrics, |metrics| metrics.hosts = hosts);
}

/// As many hosts as asked for, named and ordered, with full figures; some are down, some disks are getting full.
#[must_use]
pub fn many_hosts(n: usize) -> Vec<Host> {
    let model = altair_link();
    let named = |idx: usize| {
        let mut host = Host { name: name(&format!("Star {idx:04}")), ..model.clone() };
        let percent = |salt: usize| u8::try_from((idx * salt + 13) % 80).unwrap_or(0);
        host.galaxy = Some(name(if idx.is_multiple_of(3) { "Andromeda" } else { "Milky Way" }));
        (host.cpu_percent, host.memory_percent) = (Some(percent(37)), Some(percent(17)));
        host.history = host.history.map(|history| wandering(idx, history));
        host.disks = vec![disk(DiskName::Root, percent(29)), disk(DiskName::Standard("var"), percent(7))];
        match idx % 40 {
            7 => host.disks.push(disk(DiskName::Standard("home"), 88)),
            19 => host.disks.push(disk(DiskName::Standard("srv"), 97)),
            31 => {
                let (name, galaxy) = (host.name.to_string(), host.galaxy);
                host = Host { galaxy, ..self::host(&name, Reachability::Down) };
            }
            _ => {}
        }
        host
    };
    (0..n).map(named).collect()
}

/// A history of a host's own: no two are alike, and a compressor finds in them what it finds in real ones.
fn wandering(idx: usize, history: HostHistory) -> HostHistory {
    let mut bits = idx as u64;
    let mut walk = |stride: u64| {
        let mut percent = 40_u64;
        let points = (0..HISTORY_POINTS).map(|_| {
            // Knuth's linear congruential generator.
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            percent = (percent + (bits >> 33) % (2 * stride + 1)).saturating_sub(stride).min(99);
            u8::try_from(percent).ok()
        });
        points.collect()
    };
    HostHistory { cpu_percent: walk(12), memory_percent: walk(2), ..history }
}

fn section<T>(content: T, changed: &str) -> Section<T> {
    Section { content: Some(Arc::new(content)), changed_at: Some(at(changed)) }
}

fn on(host: &str, since: &str, service: Service) -> Service {
    Service { host: (!host.is_empty()).then(|| name(host)), state_since: at(since), ..service }
}

fn metrics() -> Metrics {
    let tarn = Host {
        galaxy: Some(name("Milky Way")),
        role: Some(name("drone")),
        state_since: at("2026-02-23T03:12:15Z"),
        cores: Some(14),
        ..host("Tarn", Reachability::Down)
    };
    let scraped = |service_name, state| service(service_name, state, Measure::Prometheus);
    let loki = scraped("Loki", Reachability::Up);
    let exporter = scraped("Node exporter", Reachability::Degraded);
    let warning =
        Alerts { severity: Severity::Warning, count: 1, oldest_since: Some(at("2026-02-23T03:14:15Z")) };
    Metrics {
        hosts: vec![altair_link(), tarn],
        services: vec![
            on("Altair-Link", "2026-02-11T08:15:30Z", loki),
            on("", "2026-02-23T03:12:15Z", exporter),
        ],
        alerts: Some(vec![warning]),
    }
}

fn altair_link() -> Host {
    const CPU: [u8; HISTORY_POINTS] = [
        31, 29, 30, 28, 27, 29, 33, 64, 91, 97, 98, 97, 96, 97, 98, 98, 97, 96, 95, 97, 98, 97, 90, 71, 44,
        38, 36, 35, 33, 31, 30, 30, 29, 31, 34, 52, 88, 96, 97, 98, 97, 97, 96, 98, 97, 97, 96, 97,
    ];
    let mut memory = [Some(57); HISTORY_POINTS];
    (memory[44], memory[45], memory[46]) = (None, None, Some(56));
    Host {
        galaxy: Some(name("Milky Way")),
        role: Some(name("services")),
        state_since: at("2026-02-11T08:14:00Z"),
        booted_at: Some(at("2026-02-11T08:13:00Z")),
        cores: Some(8),
        cpu_percent: Some(12),
        memory_total_bytes: Some(33_554_432_000),
        memory_percent: Some(57),
        load_tenths: [Some(8), Some(6), Some(6)],
        network: Traffic { received: Some(1_200_000), transmitted: Some(340_000) },
        disks: vec![
            Disk { total_bytes: 250_000_000_000, ..disk(DiskName::Root, 69) },
            disk(DiskName::Standard("var"), 91),
        ],
        history: Some(HostHistory {
            end_at: at("2026-02-23T14:30:00Z"),
            step_seconds: 1800,
            cpu_percent: CPU.map(Some).into(),
            memory_percent: memory.into(),
        }),
        ..host("Altair-Link", Reachability::Up)
    }
}

fn logs() -> Logs {
    let volume = |service: &str, lines| LogVolume { name: name(service), lines };
    let lines = |level| match level {
        LogLevel::Error => 3,
        LogLevel::Warning => 12,
        LogLevel::Info => 1_840,
        LogLevel::Unknown => 77,
        LogLevel::Critical | LogLevel::Debug => 0,
    };
    let hour = LogCounts {
        window_seconds: 3_600,
        levels: LogLevel::ALL.map(lines),
        services: vec![volume("Gateway", 1_204), volume("Orchestrator", 651)],
        other: 77,
    };
    let day = LogCounts {
        window_seconds: 86_400,
        levels: LogLevel::ALL.map(|level| 20 * lines(level)),
        services: vec![volume("Gateway", 24_080), volume("Orchestrator", 13_020)],
        other: 1_540,
    };
    Logs { hour, day: Some(day) }
}
