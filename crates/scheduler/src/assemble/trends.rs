//! What becomes of things over days: how long each was up, and how deep the queue was.
//!
//! Sightings are taken in with every poll; what is published of them moves in steps of minutes, so that a share that
//! creeps makes no new bytes at each poll. What is stored is at most a minute behind, and what a crash takes was not
//! observed. Only a clock that ran for hours without being set may forget what is old.

mod depth;
mod watched;

use std::time::Duration;

use identity::{directory::Directory, pseudonym::Digest};
use jiff::Timestamp;
use snapshot::{
    clock::Now,
    infrastructure::{Metrics, Reachability, services::services},
    section::{Fault, SourceName},
    snapshot::Snapshot,
    uptime::Availability,
};

use self::{depth::DepthBook, watched::WatchedBook};
use super::{Answered, Assembler, naming::Naming};
use crate::{
    archive::record::{PastTrends, Trends, Watched},
    ledger::Sight,
    report::{Report, infrastructure::MetricsReport},
};

/// Shares are published as of the first report in each of these, in seconds.
const PUBLISH_EVERY: i64 = 5 * 60;
/// The same while the process is young, and little may be known.
const PUBLISH_EVERY_AT_FIRST: i64 = 30;
/// How long a process is young.
const YOUNG: Duration = Duration::from_secs(10 * 60);
/// How far what is stored may be behind.
const STORE_EVERY: Duration = Duration::from_secs(60);
/// How long accounts and samples are kept: the longest window, and some.
const KEPT: Duration = Duration::from_secs(100 * 24 * 60 * 60);
/// How long a clock must run without being set before it may forget.
const TRUSTED_AFTER: Duration = Duration::from_secs(6 * 60 * 60);
/// By how much the calendar may differ from the monotonic clock since the last look.
const SLEW: Duration = Duration::from_secs(2);

/// The accounts and the samples.
#[derive(Debug, Default)]
pub(super) struct TrendBook {
    watched: WatchedBook,
    depth: DepthBook,
    /// When the first report was assembled, by the monotonic clock.
    began_at: Option<Duration>,
    /// The step of the calendar of which shares were published.
    published_in: Option<i64>,
    /// By the monotonic clock.
    stored_at: Option<Duration>,
    /// Since when the calendar agrees with the monotonic clock, and until when it was seen to.
    steady: Option<(Now, Now)>,
    /// The day on which old days were last forgotten.
    forgot_on: Option<i32>,
    forget_before: Option<Timestamp>,
}

impl TrendBook {
    /// Goes on from what was archived.
    pub(super) fn restored(past: PastTrends) -> Self {
        let PastTrends { ledgers, depths } = past;
        Self {
            watched: WatchedBook::restored(ledgers),
            depth: DepthBook::restored(depths),
            ..Self::default()
        }
    }

    /// What changed, for the archive, when it is time.
    pub(super) fn take_unstored(&mut self, now: Now) -> Trends {
        if self.stored_at.is_some_and(|stored_at| now.uptime.saturating_sub(stored_at) < STORE_EVERY) {
            return Trends::default();
        }
        self.stored_at = Some(now.uptime);
        let mut trends = Trends { forget_before: self.forget_before.take(), ..Trends::default() };
        self.watched.take_unstored(&mut trends);
        self.depth.take_unstored(&mut trends);
        trends
    }

    /// Whether shares are due; of a calendar that was set, too.
    fn is_due(&mut self, now: Now) -> bool {
        let began_at = *self.began_at.get_or_insert(now.uptime);
        let is_young = now.uptime.saturating_sub(began_at) < YOUNG;
        let every = if is_young { PUBLISH_EVERY_AT_FIRST } else { PUBLISH_EVERY };
        let step = Some(now.wall.as_second().div_euclid(every));
        std::mem::replace(&mut self.published_in, step) != step
    }

    /// Forgets what is old, once a day.
    fn forget(&mut self, now: Now) {
        let since = match self.steady {
            Some((since, last)) if is_steady(last, now) => since,
            _ => now,
        };
        self.steady = Some((since, now));
        let today = crate::ledger::day_of(now.wall);
        if now.uptime.saturating_sub(since.uptime) < TRUSTED_AFTER || self.forgot_on == Some(today) {
            return;
        }
        self.forgot_on = Some(today);
        let before = now.wall.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        self.watched.forget_before(before);
        self.forget_before = Some(before);
    }
}

/// Whether nobody set the calendar between two looks.
fn is_steady(last: Now, now: Now) -> bool {
    let by_calendar = now.wall.duration_since(last.wall);
    let passed = now.uptime.saturating_sub(last.uptime);
    Duration::try_from(by_calendar).is_ok_and(|by_calendar| by_calendar.abs_diff(passed) <= SLEW)
}

impl Assembler {
    /// Accounts what the outcome of a poll says of its source, and what a probe found.
    pub(super) fn account(&mut self, source: SourceName, outcome: &Result<Report, Fault>, now: Now) {
        let Some(hold) = self.hold(source) else { return };
        // That a probe ran says nothing of what it found.
        if source != SourceName::Probes {
            let sight = if outcome.is_ok() { Sight::Up } else { Sight::Down };
            self.trends.watched.see(Watched::Source(source), Some(sight), now, hold);
        }
        match outcome {
            Ok(Report::Probe(report)) => {
                if let Some(probe) = self.watch.probes.get(report.probe_idx) {
                    let sight = if report.is_up { Sight::Up } else { Sight::Down };
                    self.trends.watched.see(Watched::Service(probe.name.clone()), Some(sight), now, hold);
                }
            }
            Ok(Report::Metrics(_)) => self.metrics_seen = Some(now),
            Ok(Report::Orchestrator(_)) => self.queue_seen = Some(now),
            _ => {}
        }
    }

    /// Accounts what was assembled of new reports, and publishes what is due.
    pub(super) fn assemble_trends(&mut self, now: Now) {
        if let Some(seen) = self.metrics_seen.take() {
            self.account_metrics(seen);
        }
        if let (Some(seen), Some(queue)) = (self.queue_seen.take(), self.snapshot.queue.get()) {
            self.trends.depth.note(queue.counts, seen.wall);
        }
        self.trends.forget(now);
        if self.trends.is_due(now) {
            self.publish_availability(now);
        }
        if let Some(depth) = self.trends.depth.published(now.wall) {
            self.snapshot.depth.replace(depth, now.wall);
        }
    }

    fn account_metrics(&mut self, seen: Now) {
        let (Some(hold), Some(metrics)) = (self.hold(SourceName::Prometheus), self.snapshot.metrics.get())
        else {
            return;
        };
        let Metrics { hosts, services, .. } = metrics;
        let book = &mut self.trends.watched;
        for service in services {
            // A probe of our own has the word.
            let is_probed = self.watch.probes.iter().any(|probe| probe.name.same(service.name.as_str()));
            if !is_probed {
                let watched = Watched::Service(service.name.clone());
                book.see(watched, sight(service.state), seen, hold);
            }
        }
        book.name_hosts(&mut self.directory);
        let mut digests = None;
        for host in hosts {
            if let Some(known) = book.host(&host.name) {
                book.see_at(known, sight(host.state), seen, hold);
                continue;
            }
            let digests = digests.get_or_insert_with(|| {
                let naming = Naming { directory: &mut self.directory, guard: &self.guard };
                digests_of(self.metrics.as_ref(), naming)
            });
            let digest = digests.iter().find(|(name, _)| *name == host.name).map(|(_, digest)| *digest);
            if let Some(opened) = digest.and_then(|digest| book.add_host(&host.name, digest)) {
                book.see_at(opened, sight(host.state), seen, hold);
            }
        }
    }

    /// How long a sighting stands: as long as its source is not late.
    fn hold(&self, source: SourceName) -> Option<Duration> {
        self.snapshot.sources.get(source).map(|observation| observation.limits.stale_after)
    }

    pub(super) fn publish_availability(&mut self, now: Now) {
        self.trends.watched.name_hosts(&mut self.directory);
        let availability = availability(&self.trends.watched, &self.snapshot, now.wall);
        self.snapshot.availability.replace(availability, now.wall);
    }

    /// Goes on from what was archived; shares are as of now.
    pub(super) fn restore_trends(&mut self, past: PastTrends, now: Now) {
        self.trends = TrendBook::restored(past);
        self.publish_availability(now);
        if let Some(depth) = self.trends.depth.published(now.wall) {
            self.snapshot.depth.replace(depth, now.wall);
        }
    }
}

/// The shares of what is listed. Nothing else is named: what is not listed may be withheld.
fn availability(book: &WatchedBook, snapshot: &Snapshot, now: Timestamp) -> Availability {
    let hosts = snapshot.metrics.get().into_iter().flat_map(|metrics| &metrics.hosts);
    let services = services(snapshot).unwrap_or_default();
    let sources = snapshot.sources.iter().filter(|(source, _)| *source != SourceName::Probes);
    Availability {
        hosts: hosts.map(|host| (host.name.clone(), book.uptime_of_host(&host.name, now))).collect(),
        services: services
            .into_iter()
            .map(|service| {
                let uptime = book.uptime(&Watched::Service(service.name.clone()), now);
                (service.name, uptime)
            })
            .collect(),
        sources: sources.map(|(source, _)| (source, book.uptime(&Watched::Source(source), now))).collect(),
    }
}

/// What a state says; a service that answers in part is up.
const fn sight(state: Reachability) -> Option<Sight> {
    match state {
        Reachability::Up | Reachability::Degraded => Some(Sight::Up),
        Reachability::Down => Some(Sight::Down),
        Reachability::Unknown => None,
    }
}

/// The digests under which the hosts of a report are kept.
fn digests_of(
    metrics: Option<&Answered<Box<MetricsReport>>>,
    naming: Naming<'_>,
) -> Vec<(identity::name::PublicName, Digest)> {
    let directory: &mut Directory = naming.directory;
    let hosts = metrics.into_iter().flat_map(|answered| &answered.report.hosts);
    let digest = |host: &crate::report::infrastructure::HostReport| {
        let machine = directory.whose(&host.record())?;
        Some((directory.name(machine)?, directory.digest_of(machine)?))
    };
    hosts.filter_map(digest).collect()
}
