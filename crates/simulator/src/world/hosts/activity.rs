//! Processor time, load and memory.

use super::Host;

/// How the time that is not idle is divided among the kernel's modes; the shares add up to 1.
const BUSY_MODES: [(&str, f64); 7] = [
    ("iowait", 0.02),
    ("irq", 0.0),
    ("nice", 0.25),
    ("softirq", 0.02),
    ("steal", 0.0),
    ("system", 0.13),
    ("user", 0.58),
];
/// How much busier every second core is than the average, and the others less, as a share of its time.
const SKEW: f64 = 0.01;
/// How many tasks run or wait for each processor that is busy.
const TASKS_PER_PROCESSOR: f64 = 1.08;
/// How fast the memory of a build grows, in seconds.
const MEMORY_GROWTH: f64 = 120.0;
/// The page size, in bytes.
const PAGE: f64 = 4_096.0;

impl Host {
    /// The share of the processors that is busy.
    #[must_use]
    pub fn cpu_share(&self, unix: f64) -> f64 {
        let work = if self.worked.at(unix).is_some() { self.cpu_of_work } else { 0.0 };
        self.cpu.at(unix) + work
    }

    /// The idle time of an average core since the start, in seconds.
    #[must_use]
    pub fn idle_seconds(&self, unix: f64) -> f64 {
        unix - self.booted_at(unix) - self.busy_seconds(unix)
    }

    /// The time that one core spent in each mode since the start, in seconds; the modes by name.
    #[must_use]
    pub fn core_seconds(&self, core: u32, unix: f64) -> Vec<(&'static str, f64)> {
        let skew = if core.is_multiple_of(2) { SKEW } else { -SKEW };
        let busy = self.busy_seconds(unix) * (1.0 + skew);
        let idle = unix - self.booted_at(unix) - busy;
        std::iter::once(("idle", idle)).chain(BUSY_MODES.map(|(mode, share)| (mode, busy * share))).collect()
    }

    /// The number of tasks that ran or waited, averaged as the kernel does over about `seconds`.
    #[must_use]
    pub fn load(&self, unix: f64, seconds: f64) -> f64 {
        let booted_at = self.booted_at(unix);
        // What lies further back weighs less than the last digit.
        let recent = self.worked.spans().iter().rev().take_while(|span| span.until > unix - 12.0 * seconds);
        let weight = |at: f64| (-(unix - at) / seconds).exp();
        let work: f64 = recent
            .filter(|span| span.from < unix && span.until > booted_at)
            .map(|span| weight(span.until.min(unix)) - weight(span.from.max(booted_at)))
            .sum();
        let processors = self.cpu.at(unix - seconds / 2.0) + work * self.cpu_of_work;
        (f64::from(self.cores) * processors * TASKS_PER_PROCESSOR * 100.0).round() / 100.0
    }

    /// The memory that could still be used, in bytes.
    #[must_use]
    pub fn memory_available(&self, unix: f64) -> f64 {
        let work = self.worked.at(unix).map_or(0.0, |span| 1.0 - (-(unix - span.from) / MEMORY_GROWTH).exp());
        let used = self.memory.at(unix) + work * self.memory_of_work;
        (self.memory_bytes * (1.0 - used) / PAGE).floor() * PAGE
    }

    /// How long an average core was busy since the start, in seconds.
    fn busy_seconds(&self, unix: f64) -> f64 {
        let booted_at = self.booted_at(unix);
        self.cpu.integral(booted_at, unix) + self.worked.covered(booted_at, unix) * self.cpu_of_work
    }

    /// How long it worked since the start, in seconds.
    pub(super) fn worked_seconds(&self, unix: f64) -> f64 {
        self.worked.covered(self.booted_at(unix), unix)
    }
}
