//! What the machine gives: open files, cores for either side, one clock for every process, memory and time used.

use std::{collections::BTreeMap, fs, io, net::SocketAddr, thread, time::Duration};

use rustix::{
    process::{Resource, Rlimit, getrlimit, setrlimit},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
    time::{ClockId, clock_gettime},
};

use super::error::{BenchError, Context as _};

/// The cores of this process, split between who serves and who subscribes.
#[derive(Debug, Clone)]
pub(crate) struct Cores {
    server: CpuSet,
    clients: CpuSet,
    /// How many cores the server has; 0 when there is only one for all.
    pub(crate) n_server: usize,
    /// How many cores the subscribers have; 0 when there is only one for all.
    pub(crate) n_clients: usize,
}

impl Cores {
    /// Gives the first half to the server. With a single core, both sides share it.
    pub(crate) fn split() -> Result<Self, BenchError> {
        let all = sched_getaffinity(None).during("asking for the cores")?;
        let allowed: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
        let (first, second) = allowed.split_at(allowed.len() / 2);
        if first.is_empty() {
            return Ok(Self { server: all, clients: all, n_server: 0, n_clients: 0 });
        }
        let set = |cores: &[usize]| {
            let mut set = CpuSet::new();
            cores.iter().for_each(|core| set.set(*core));
            set
        };
        let (server, clients) = (set(first), set(second));
        Ok(Self { server, clients, n_server: first.len(), n_clients: second.len() })
    }

    /// Moves this thread, and what it starts from now on, to the subscribers' cores.
    pub(crate) fn stay_with_clients(&self) -> Result<(), BenchError> {
        sched_setaffinity(None, &self.clients).during("choosing cores")
    }

    /// Runs `start` so that processes which it starts inherit the server's cores.
    pub(crate) fn as_server<T>(
        &self,
        start: impl FnOnce() -> Result<T, BenchError>,
    ) -> Result<T, BenchError> {
        sched_setaffinity(None, &self.server).during("choosing cores")?;
        let started = start();
        self.stay_with_clients()?;
        started
    }
}

/// Lets this process, and what it starts, open as many files as the system allows; says how many.
pub(crate) fn raise_open_files() -> Result<u64, BenchError> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
        .during("raising the limit of open files")?;
    Ok(limit.maximum.unwrap_or(u64::MAX))
}

/// Nanoseconds of a clock that all processes of the machine share.
pub(crate) fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// Asks `done` every few milliseconds until it gives something.
pub(crate) fn wait_for<T>(
    what: &'static str,
    patience: Duration,
    mut done: impl FnMut() -> Result<Option<T>, BenchError>,
) -> Result<T, BenchError> {
    let end = now_ns() + u64::try_from(patience.as_nanos()).unwrap_or(u64::MAX / 2);
    loop {
        if let Some(value) = done()? {
            return Ok(value);
        }
        if now_ns() > end {
            return Err(BenchError::Late(what));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Bytes of memory that process `pid` has resident.
pub(crate) fn resident_bytes(pid: u32) -> Result<u64, BenchError> {
    bytes_in(&format!("/proc/{pid}/smaps_rollup"), "Rss:")
}

/// The most that process `pid` had resident since [`forget_peak`], in bytes.
pub(crate) fn peak_resident_bytes(pid: u32) -> Result<u64, BenchError> {
    bytes_in(&format!("/proc/{pid}/status"), "VmHWM:")
}

/// Lets [`peak_resident_bytes`] begin anew.
pub(crate) fn forget_peak(pid: u32) -> Result<(), BenchError> {
    // The number that the kernel gives this order.
    fs::write(format!("/proc/{pid}/clear_refs"), "5").during("forgetting the most memory")
}

/// How many files process `pid` has open.
pub(crate) fn open_files(pid: u32) -> Result<usize, BenchError> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd")).during("listing open files")?.count())
}

/// How many threads process `pid` has.
pub(crate) fn threads(pid: u32) -> Result<usize, BenchError> {
    Ok(fs::read_dir(format!("/proc/{pid}/task")).during("listing threads")?.count())
}

/// The figure that stands behind `label` in a file of the kernel, which counts in KiB.
fn bytes_in(file: &str, label: &str) -> Result<u64, BenchError> {
    let text = fs::read_to_string(file).during("reading memory")?;
    let kib = text.lines().find_map(|line| line.strip_prefix(label)?.trim().strip_suffix(" kB"));
    let kib = kib.and_then(|number| number.parse::<u64>().ok());
    kib.map(|kib| kib * 1_024).ok_or_else(|| BenchError::Unexpected(format!("no {label} in {file}")))
}

/// Bytes that the kernel holds for the peers of all connections to `server`, not received or not acknowledged.
pub(crate) fn unsent_bytes(server: SocketAddr) -> Result<u64, BenchError> {
    let table = fs::read_to_string("/proc/net/tcp").during("reading the kernel's queues")?;
    Ok(table.lines().filter_map(|line| queued_bytes(line, server.port())).sum())
}

/// What a line of the kernel's table says is queued, if it is of a connection whose own port is `port`.
fn queued_bytes(line: &str, port: u16) -> Option<u64> {
    const ESTABLISHED: &str = "01";
    let mut columns = line.split_whitespace().skip(1);
    let (_, own_port) = columns.next()?.split_once(':')?;
    let (state, queues) = (columns.nth(1)?, columns.next()?);
    let is_wanted = u16::from_str_radix(own_port, 16) == Ok(port) && state == ESTABLISHED;
    let (to_send, _) = queues.split_once(':')?;
    u64::from_str_radix(to_send, 16).ok().filter(|_| is_wanted)
}

/// The processor time of a process, to the nanosecond.
///
/// Summed over its threads, since the process's own sum counts in hundredths of a second. Of a thread that
/// ended, what it had used when it was seen last stays in the sum.
#[derive(Debug)]
pub(crate) struct CpuMeter {
    pid: u32,
    threads: BTreeMap<String, u64>,
}

impl CpuMeter {
    /// Of process `pid`.
    pub(crate) fn new(pid: u32) -> Self {
        Self { pid, threads: BTreeMap::new() }
    }

    /// Nanoseconds used so far, in user code and in the kernel.
    pub(crate) fn read_ns(&mut self) -> Result<u64, BenchError> {
        for entry in fs::read_dir(format!("/proc/{}/task", self.pid)).during("listing threads")? {
            let entry = entry.during("listing threads")?;
            let text = match fs::read_to_string(entry.path().join("schedstat")) {
                Ok(text) => text,
                // It has just ended.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error).during("reading processor time"),
            };
            let used = text.split(' ').next().and_then(|number| number.parse().ok());
            let used = used.ok_or_else(|| BenchError::Unexpected("schedstat is no number".to_owned()))?;
            self.threads.insert(entry.file_name().display().to_string(), used);
        }
        Ok(self.threads.values().sum())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
    };

    use super::{CpuMeter, forget_peak, now_ns, peak_resident_bytes, resident_bytes, unsent_bytes};

    #[test]
    fn what_nobody_reads_is_seen_in_the_kernel() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(address).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        server.set_nonblocking(true).unwrap();
        let mut n_written = 0;
        while let Ok(n_taken) = server.write(&[0; 65_536]) {
            n_written += n_taken;
        }
        assert!(unsent_bytes(address).unwrap() > 0);
        let mut left = vec![0; n_written];
        client.read_exact(&mut left).unwrap();
        // The last acknowledgement may be on its way.
        let end = now_ns() + 10_000_000_000;
        while unsent_bytes(address).unwrap() > 0 {
            assert!(now_ns() < end);
        }
    }

    #[test]
    fn memory_that_is_touched_is_counted() {
        let before = resident_bytes(std::process::id()).unwrap();
        let block = vec![1_u8; 64 << 20];
        let after = resident_bytes(std::process::id()).unwrap();
        assert!(after - before > 48 << 20, "{before} {after} {}", block.len());
        drop(block);
        // The kernel's count of the most is a few pages behind that of the moment.
        assert!(peak_resident_bytes(std::process::id()).unwrap() >= after - (1 << 20));
        forget_peak(std::process::id()).unwrap();
        assert!(peak_resident_bytes(std::process::id()).unwrap() < after - (48 << 20));
    }

    #[test]
    fn work_takes_processor_time() {
        let mut meter = CpuMeter::new(std::process::id());
        let (used, begin) = (meter.read_ns().unwrap(), now_ns());
        while now_ns() - begin < 200_000_000 && meter.read_ns().unwrap() - used < 10_000_000 {}
        assert!(meter.read_ns().unwrap() - used >= 10_000_000);
    }
}
