//! What Linux says of this process, under the names that every exporter uses. Elsewhere there is nothing.

use std::{fmt::Error, fs};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};
use rustix::param::{clock_ticks_per_second, page_size};

/// Reads `/proc` whenever it is asked.
#[derive(Debug)]
pub(super) struct Process;

/// What `/proc/self/stat` and `/proc/stat` tell.
struct Stat {
    cpu_seconds: f64,
    started_at: f64,
    resident_bytes: f64,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        if let Some(Stat { cpu_seconds, started_at, resident_bytes }) = stat() {
            // The encoder adds the ending of a counter.
            let help = "Processor time that this process has taken";
            let metric = encoder.encode_descriptor("process_cpu_seconds", help, None, MetricType::Counter)?;
            ConstCounter::new(cpu_seconds).encode(metric)?;
            gauge(
                &mut encoder,
                "process_start_time_seconds",
                "When this process started, in seconds since 1970",
                started_at,
            )?;
            gauge(&mut encoder, "process_resident_memory_bytes", "Memory that is in use", resident_bytes)?;
        }
        let open = fs::read_dir("/proc/self/fd").ok().and_then(|files| u32::try_from(files.count()).ok());
        match open {
            // One of them is the directory itself.
            Some(n) => {
                gauge(&mut encoder, "process_open_fds", "Files and sockets that are open", f64::from(n) - 1.0)
            }
            None => Ok(()),
        }
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: f64) -> Result<(), Error> {
    ConstGauge::new(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

fn stat() -> Option<Stat> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in brackets and may hold anything.
    let fields: Vec<f64> =
        stat.rsplit_once(") ")?.1.split(' ').map(|field| field.trim().parse().unwrap_or(0.0)).collect();
    let at = |number: usize| fields.get(number - 3).copied();
    let ticks = f64::from(u32::try_from(clock_ticks_per_second()).ok()?);
    let page = f64::from(u32::try_from(page_size()).ok()?);
    let system = fs::read_to_string("/proc/stat").ok()?;
    let booted_at: f64 = system.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    Some(Stat {
        cpu_seconds: (at(14)? + at(15)?) / ticks,
        started_at: booted_at + at(22)? / ticks,
        resident_bytes: at(24)? * page,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linux_tells_of_this_process() {
        let stat = stat().unwrap();
        assert!(stat.resident_bytes > 1_000_000.0 && stat.cpu_seconds >= 0.0);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let age = now.as_secs_f64() - stat.started_at;
        assert!((-5.0..86_400.0).contains(&age), "{age}");
    }
}
