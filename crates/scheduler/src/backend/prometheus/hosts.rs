//! From samples to hosts and targets.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use snapshot::infrastructure::HostHistory;

use super::{Expression, STEP_SECONDS, Sample};
use crate::report::infrastructure::{DiskReport, HistoryRanges, HostReport, TargetReport};

type Samples = BTreeMap<Expression, Vec<Sample>>;

/// Remembers which jobs are a `node_exporter`'s: those that know a node's name.
pub(super) fn learn(node_jobs: &mut BTreeSet<String>, samples: &Samples) {
    let named = samples.get(&Expression::Nodename).into_iter().flatten();
    node_jobs.extend(named.filter_map(|sample| sample.labels.get("job")).map(str::to_owned));
}

/// Every target that a `node_exporter` serves, or should.
pub(super) fn hosts(
    samples: &Samples,
    node_jobs: &BTreeSet<String>,
    ranges: Option<&HistoryRanges>,
    now: Timestamp,
) -> Vec<HostReport> {
    let mut hosts: BTreeMap<&str, HostReport> = BTreeMap::new();
    for sample in samples.get(&Expression::Up).into_iter().flatten() {
        let (Some(instance), Some(job)) = (sample.labels.get("instance"), sample.labels.get("job")) else {
            continue;
        };
        if node_jobs.contains(job) {
            let host = hosts.entry(instance).or_insert_with(|| HostReport::new(instance));
            host.is_up = sample.value.map(|value| value > 0.0).or(host.is_up);
        }
    }
    let mut read = |expression: Expression, put: &mut dyn FnMut(&mut HostReport, &Sample)| {
        for sample in samples.get(&expression).into_iter().flatten() {
            let host = sample.labels.get("instance").and_then(|instance| hosts.get_mut(instance));
            if let Some(host) = host {
                put(host, sample);
            }
        }
    };
    read(Expression::Nodename, &mut |host, sample| {
        host.nodename = sample.labels.get("nodename").map(str::to_owned);
    });
    read(Expression::BootTime, &mut |host, sample| host.booted_at = boot_time(sample.value, now));
    read(Expression::Cores, &mut |host, sample| host.cores = count(sample.value));
    read(Expression::CpuPercent, &mut |host, sample| host.cpu_percent = percent(sample.value));
    read(Expression::MemoryTotal, &mut |host, sample| host.memory_total_bytes = bytes(sample.value));
    read(Expression::MemoryPercent, &mut |host, sample| host.memory_percent = percent(sample.value));
    for (idx, load) in [Expression::Load1, Expression::Load5, Expression::Load15].into_iter().enumerate() {
        read(load, &mut |host, sample| host.load_tenths[idx] = count(sample.value.map(|load| load * 10.0)));
    }
    read(Expression::NetworkReceive, &mut |host, sample| host.network.received = bytes(sample.value));
    read(Expression::NetworkTransmit, &mut |host, sample| host.network.transmitted = bytes(sample.value));
    read(Expression::DiskTotal, &mut |host, sample| {
        let labels = (sample.labels.get("device"), sample.labels.get("mountpoint"), bytes(sample.value));
        if let (Some(device), Some(mount), Some(total_bytes @ 1..)) = labels {
            host.disks.push(DiskReport {
                device: device.to_owned(),
                mount: mount.to_owned(),
                total_bytes,
                available_bytes: None,
            });
        }
    });
    read(Expression::DiskAvailable, &mut |host, sample| {
        let (device, mount) = (sample.labels.get("device"), sample.labels.get("mountpoint"));
        let is_same = |disk: &&mut DiskReport| Some(&*disk.device) == device && Some(&*disk.mount) == mount;
        if let Some(disk) = host.disks.iter_mut().find(is_same) {
            disk.available_bytes = bytes(sample.value);
        }
    });
    for (instance, host) in &mut hosts {
        host.history = ranges.and_then(|ranges| history(ranges, instance));
    }
    hosts.into_values().collect()
}

/// Every target with what is known of it; a probe's word counts more than the scrape of whoever probed.
pub(super) fn targets(samples: &Samples) -> Vec<TargetReport> {
    let of = |expression: Expression, is_probe: bool| {
        samples.get(&expression).into_iter().flatten().filter_map(move |sample| {
            Some(TargetReport {
                job: sample.labels.get("job")?.to_owned(),
                instance: sample.labels.get("instance")?.to_owned(),
                is_up: sample.value? > 0.0,
                is_probe,
            })
        })
    };
    of(Expression::Up, false).chain(of(Expression::ProbeSuccess, true)).collect()
}

fn history(ranges: &HistoryRanges, instance: &str) -> Option<HostHistory> {
    let (cpu, memory) = (ranges.cpu_percent.get(instance), ranges.memory_percent.get(instance));
    let n_points = cpu.or(memory)?.len();
    let or_gaps = |points: Option<&Vec<Option<u8>>>| points.cloned().unwrap_or_else(|| vec![None; n_points]);
    Some(HostHistory {
        end_at: ranges.end_at,
        step_seconds: STEP_SECONDS,
        cpu_percent: or_gaps(cpu),
        memory_percent: or_gaps(memory),
    })
}

/// To the minute: clocks that are corrected make the second tremble.
fn boot_time(value: Option<f64>, now: Timestamp) -> Option<Timestamp> {
    let seconds = value.filter(|seconds| *seconds > 0.0 && *seconds < 1e11)?;
    #[expect(clippy::cast_possible_truncation, reason = "below 1e11")]
    let minute = (seconds / 60.0).floor() as i64 * 60;
    Timestamp::from_second(minute).ok().filter(|at| *at <= now)
}

fn count(value: Option<f64>) -> Option<u32> {
    let value = value.filter(|value| *value >= 0.0 && *value <= f64::from(u32::MAX))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range of u32")]
    let count = value.round() as u32;
    Some(count)
}

fn bytes(value: Option<f64>) -> Option<u64> {
    // Beyond 2^53 a double has no whole bytes any more, and no machine has that many.
    let value = value.filter(|value| *value >= 0.0 && *value < 9_007_199_254_740_992.0)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^53")]
    let bytes = value.round() as u64;
    Some(bytes)
}

/// A share of a hundred. Rates overshoot a little at the edges; far beyond is not a share.
pub(super) fn percent(value: Option<f64>) -> Option<u8> {
    let value = value.filter(|value| (-2.0..=102.0).contains(value))?;
    u8::try_from(count(Some(value.clamp(0.0, 100.0)))?).ok()
}
