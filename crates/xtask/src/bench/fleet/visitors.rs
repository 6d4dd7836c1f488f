//! Visitors: so many requests in a second, by a few who ask one after the other.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{browse::Browser, links::Links, orders::Visits};

/// How many ask at the same time.
const N_VISITORS: u32 = 10;

/// All visitors of a fleet.
#[derive(Debug, Default)]
pub(super) struct Visitors(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    links: Links,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    visits: Visits,
    targets: BTreeSet<String>,
    latencies_us: Vec<u32>,
}

impl Visitors {
    /// Lets them ask `server` `per_second` times, until the process ends.
    pub(super) fn begin(&self, server: SocketAddr, per_second: u32) {
        let period = Duration::from_secs(u64::from(N_VISITORS)) / per_second.max(1);
        let begin = Instant::now();
        for number in 0..N_VISITORS {
            let shared = Arc::clone(&self.0);
            thread::spawn(move || {
                let mut browser = Browser::new(server);
                // Evenly: each has its own share of the period.
                let mut next = begin + period * number / N_VISITORS;
                loop {
                    // Who is late asks at once, so that the number stays what was ordered.
                    thread::sleep(next.saturating_duration_since(Instant::now()));
                    next += period;
                    shared.visit(&mut browser);
                }
            });
        }
    }

    /// How it went so far.
    pub(super) fn visits(&self) -> Visits {
        let log = self.0.log();
        let mut latencies = log.latencies_us.clone();
        latencies.sort_unstable();
        let at = |share: f64| {
            let place = (latencies.len() as f64 * share) as usize;
            latencies.get(place).or(latencies.last()).copied().map_or(0, u64::from)
        };
        let n_targets = log.targets.len();
        Visits { n_targets, latency_us: [at(0.5), at(0.99), at(1.0)], ..log.visits.clone() }
    }
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn visit(&self, browser: &mut Browser) {
        let target = self.links.next();
        let answer = browser.ask(&target);
        let mut log = self.log();
        match answer {
            Ok(answer) => {
                *log.visits.by_status.entry(answer.status).or_default() += 1;
                log.visits.n_bytes += answer.n_bytes;
                log.latencies_us.push(u32::try_from(answer.elapsed.as_micros()).unwrap_or(u32::MAX));
                log.targets.insert(target.clone());
                drop(log);
                if let Some(page) = answer.page {
                    self.links.found_on(&target, &page);
                }
            }
            Err(fault) => *log.visits.faults.entry(fault).or_default() += 1,
        }
    }
}
