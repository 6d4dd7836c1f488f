//! A day of a hundred machines, in the format from which `promtool` makes blocks.
//!
//! Only what is looked at is written: five minutes before each half hour, and the last ten minutes.

use std::fmt::Write as _;

/// How many machines there are.
pub(super) const INSTANCES: usize = 100;
/// It has no memory that is a number.
const NOT_A_NUMBER: usize = 7;
/// Its load is infinite.
const INFINITE: usize = 8;
/// It is down, though its last values still linger.
const DOWN: usize = 9;
/// It was off for some hours of the day.
const WAS_AWAY: usize = 10;

/// The instance of a machine.
pub(super) fn instance(machine: usize) -> String {
    format!("web-{machine:03}.fleet.example:9100")
}

/// The day that ends `now`.
pub(super) fn open_metrics(now: i64) -> String {
    let slots = (0..49).rev().map(|slot| now.div_euclid(1_800) * 1_800 - slot * 1_800);
    let mut day: Vec<i64> = slots.flat_map(|slot| (0..6).rev().map(move |n| slot - n * 60)).collect();
    day.extend((0..10).map(|n| now - n * 60));
    day.sort_unstable();
    day.dedup();
    let day: Vec<i64> = day.into_iter().filter(|at| *at <= now).collect();
    let last = &day[day.len() - 2..];

    let mut text = String::new();
    family(&mut text, "up", "gauge", last, |machine, _| f64::from(u8::from(machine != DOWN)));
    text.push_str("# TYPE node_uname_info gauge\n");
    for machine in 0..INSTANCES {
        let labels = format!("nodename=\"web-{machine:03}\",");
        samples(&mut text, "node_uname_info", machine, &labels, last, |_| 1.0);
    }
    family(&mut text, "node_boot_time_seconds", "gauge", last, |machine, _| {
        float(now - 86_400 * 3) + float_of(machine) * 61.7
    });
    for (name, factor) in [("node_load1", 0.37), ("node_load5", 0.29), ("node_load15", 0.11)] {
        family(&mut text, name, "gauge", last, |machine, _| match machine {
            INFINITE => f64::INFINITY,
            _ => float_of(machine) * factor,
        });
    }
    family(&mut text, "node_memory_MemTotal_bytes", "gauge", &day, total_memory);
    family(&mut text, "node_memory_MemAvailable_bytes", "gauge", &day, |machine, at| match machine {
        NOT_A_NUMBER => f64::NAN,
        _ => (total_memory(machine, at) * (1.0 - share(machine * 31, at))).floor(),
    });
    text.push_str("# TYPE node_cpu_seconds counter\n");
    for machine in 0..INSTANCES {
        for cpu in 0..=machine % 3 {
            let idle = integral(&day, |at| 1.0 - share(machine * 7 + cpu, at));
            for (mode, is_idle) in [("idle", true), ("user", false)] {
                let labels = format!("cpu=\"{cpu}\",mode=\"{mode}\",");
                let value = |at: i64| {
                    let idx = day.binary_search(&at).unwrap();
                    let all = float(at - day[0]);
                    if is_idle { idle[idx] } else { all - idle[idx] }
                };
                samples(&mut text, "node_cpu_seconds_total", machine, &labels, &day, value);
            }
        }
    }
    for (name, is_free) in [("node_filesystem_size_bytes", false), ("node_filesystem_avail_bytes", true)] {
        writeln!(text, "# TYPE {name} gauge").unwrap();
        for machine in 0..INSTANCES {
            for (device, fstype, mount) in MOUNTS {
                let labels = format!("device=\"{device}\",fstype=\"{fstype}\",mountpoint=\"{mount}\",");
                // Second mounts have the size and the room of the device.
                let disk = MOUNTS.iter().position(|(other, ..)| *other == device).unwrap();
                let size = float_of(1 + (machine * 5 + disk * 3) % 17 + disk) * 1e11;
                let room = (size * share(machine + disk, 0)).floor();
                let value = if is_free { room } else { size };
                samples(&mut text, name, machine, &labels, last, |_| value);
            }
        }
    }
    text.push_str("# EOF\n");
    text
}

/// Device, type and mount point of every file system of every machine.
const MOUNTS: [(&str, &str, &str); 6] = [
    ("/dev/sda2", "ext4", "/var/lib/containers"),
    ("/dev/sda2", "ext4", "/"),
    ("/dev/sda1", "vfat", "/boot"),
    ("/dev/sdb1", "xfs", "/home"),
    ("tank/private", "zfs", "/mnt/private"),
    ("tmpfs", "tmpfs", "/run"),
];

fn family(text: &mut String, name: &str, kind: &str, times: &[i64], value: impl Fn(usize, i64) -> f64) {
    writeln!(text, "# TYPE {name} {kind}").unwrap();
    for machine in 0..INSTANCES {
        samples(text, name, machine, "", times, |at| value(machine, at));
    }
}

fn samples(
    text: &mut String,
    name: &str,
    machine: usize,
    labels: &str,
    times: &[i64],
    value: impl Fn(i64) -> f64,
) {
    let instance = instance(machine);
    let end = times[times.len() - 1];
    let is_away = |at: i64| machine == WAS_AWAY && (end - at) / 3_600 >= 3 && (end - at) / 3_600 < 9;
    for at in times.iter().copied().filter(|at| !is_away(*at)) {
        let value = value(at);
        let value = if value.is_infinite() { "+Inf".to_owned() } else { value.to_string() };
        writeln!(text, "{name}{{{labels}instance=\"{instance}\",job=\"fleet\"}} {value} {at}").unwrap();
    }
}

/// The integral of a share over the instants: a counter.
fn integral(times: &[i64], share: impl Fn(i64) -> f64) -> Vec<f64> {
    let mut sum = 0.0;
    let mut before = times[0];
    let step = |at: &i64| {
        sum += float(*at - before) * share(*at);
        before = *at;
        sum
    };
    times.iter().map(step).collect()
}

fn total_memory(machine: usize, _: i64) -> f64 {
    float_of(1 + machine) * 1_073_741_824.0
}

/// Something between 0 and 1 that differs from machine to machine and from half hour to half hour.
fn share(machine: usize, at: i64) -> f64 {
    let slot = usize::try_from((at + 1_500) / 1_800).unwrap();
    float_of((machine * 37 + slot * 53) % 101) / 101.0
}

#[expect(clippy::cast_precision_loss, reason = "small")]
fn float(number: i64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "small")]
fn float_of(number: usize) -> f64 {
    number as f64
}
