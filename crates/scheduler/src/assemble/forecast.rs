//! Expectations in the queue: what the estimator says, at the rate at which a reader can follow.
//!
//! The estimator learns from the public history, so nothing internal can come out of it. The queue is played through
//! again when it, the drones or what was learned became another, and otherwise once a minute; in between, and where
//! a new value would hardly differ, what was published stays (`steady`).

mod learning;
mod steady;

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use identity::{name::PublicName, package::PackageAtom};
use jiff::Timestamp;
use snapshot::{
    clock::{Now, elapsed},
    estimate::{Drain, Estimate, Scoreboard},
    history::History,
    queue::{ItemState, QueueItem, Reason},
};

use self::{
    learning::Learning,
    steady::{Occasion, Steady},
};
use crate::estimate::{
    Forecast,
    schedule::{Job, Outlook, Plan, Running, Span, Worker},
};

/// How long an outlook may serve although nothing but the time changed.
const RENEW_AFTER: Duration = Duration::from_secs(60);

/// What is expected, and what was published of it.
#[derive(Debug, Default)]
pub(super) struct Forecaster {
    learning: Learning,
    steady: Steady,
    made: Option<Made>,
}

/// From what the last outlook was made, and when.
#[derive(Debug, Clone, Copy)]
struct Made {
    of: u64,
    n_learned: u64,
    at: Timestamp,
}

/// Who works, and on what terms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Terms {
    /// The drones to which work is handed, ordered by name; none while the swarm is paused.
    pub(super) able: Vec<PublicName>,
    /// Whether all that waits is listed.
    pub(super) is_whole: bool,
}

/// What an item is expected to do: how long it takes, when it begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Expected {
    estimate: Option<Estimate>,
    start: Option<Timestamp>,
    finish: Option<Timestamp>,
}

impl Forecaster {
    /// Learns from builds that were not there before, and keeps score of what had been promised of them.
    pub(super) fn learn(&mut self, history: &Arc<History>) {
        self.learning.take_in(history);
    }

    /// What became of estimates so far.
    pub(super) fn scores(&self) -> Scoreboard {
        self.learning.scores()
    }

    /// Fills in what is expected of the items that wait and are built; gives when all of it should be done.
    ///
    /// `n_excluded` items are held back.
    pub(super) fn foresee(
        &mut self,
        terms: &Terms,
        pending: &mut [QueueItem],
        building: &mut [QueueItem],
        n_excluded: u32,
        now: Now,
    ) -> Option<Drain> {
        let now = now.wall;
        let n_learned = self.learning.n_learned();
        let of = fingerprint(terms, pending, building, n_excluded);
        let occasion = match self.made {
            Some(made) if made.n_learned == n_learned => {
                let is_old = now < made.at || elapsed(made.at, now) >= RENEW_AFTER;
                is_old.then_some(Occasion::Minute).or_else(|| (made.of != of).then_some(Occasion::Changed))
            }
            _ => Some(Occasion::Learned),
        };
        if let Some(occasion) = occasion {
            self.renew(occasion, terms, pending, building, n_excluded, now);
            self.made = Some(Made { of, n_learned, at: now });
        }
        for item in pending.iter_mut().chain(building.iter_mut()) {
            let expected = self.steady.of(&item.id);
            item.estimate = expected.estimate;
            item.expected_start_at = expected.start;
            item.expected_finish_at = expected.finish;
        }
        self.learning.promise(building, now);
        self.steady.drain()
    }

    /// Makes a new outlook and publishes what differs.
    fn renew(
        &mut self,
        occasion: Occasion,
        terms: &Terms,
        pending: &[QueueItem],
        building: &[QueueItem],
        n_excluded: u32,
        now: Timestamp,
    ) {
        let part = Partition::of(terms, pending, building);
        let mut rows: Vec<(&QueueItem, Expected)> = Vec::with_capacity(pending.len() + building.len());
        let (plan, n_unforeseen) = self.plan(terms, &part, now);
        let outlook = plan.outlook();
        let items = part.held.iter().flatten().chain(&part.finishing).chain(&part.waiting);
        let mut spans = spans(&outlook, &plan);
        for item in items.copied() {
            let forecast = self.forecast(item);
            let span = forecast.and_then(|_| spans.next().flatten());
            let start =
                span.filter(|_| item.state != ItemState::Building).map(|span| minute(now, span.start));
            let finish = span.map(|span| minute(now, span.finish));
            let estimate = forecast.map(|forecast| forecast.estimate());
            rows.push((item, Expected { estimate, start, finish }));
        }
        // Nobody will build these; how long they would take is known all the same.
        for item in &part.lost {
            let estimate = self.forecast(item).map(|forecast| forecast.estimate());
            rows.push((item, Expected { estimate, ..Expected::default() }));
        }
        let is_known = terms.is_whole && n_unforeseen == 0;
        let excluded = n_excluded.saturating_add(u32::try_from(part.lost.len()).unwrap_or(u32::MAX));
        let drain = outlook.drain.filter(|_| is_known).map(|range| Drain {
            median_at: minute(now, range.median),
            low_at: minute(now, range.low),
            high_at: minute(now, range.high),
            excluded,
        });
        self.steady.publish(occasion, terms, &rows, drain, now);
    }

    /// The plan of the items of which something is expected, and how many there are of which nothing is.
    fn plan(&self, terms: &Terms, part: &Partition<'_>, now: Timestamp) -> (Plan, usize) {
        let estimator = self.learning.estimator();
        let mut n_unforeseen = 0;
        let mut job = |item: &QueueItem| {
            let forecast = self.forecast(item);
            n_unforeseen += usize::from(forecast.is_none());
            forecast.map(|forecast| Job { key: key(&item.id), forecast })
        };
        let mut running = |item: &QueueItem| {
            let elapsed_seconds = item.started_at.map(|at| elapsed(at, now).as_secs_f64());
            job(item).map(|job| Running { job, elapsed_seconds })
        };
        let mut workers: Vec<Worker> = Vec::with_capacity(terms.able.len());
        for (drone, held) in terms.able.iter().zip(&part.held) {
            let (begun, next): (Vec<&QueueItem>, Vec<_>) =
                held.iter().copied().partition(|item| item.state == ItemState::Building);
            workers.push(Worker {
                slowness: estimator.slowness(Some(drone)),
                running: begun.into_iter().filter_map(&mut running).collect(),
                next: next.into_iter().filter_map(|item| running(item).map(|running| running.job)).collect(),
            });
        }
        let finishing = part.finishing.iter().filter_map(|item| running(item)).collect();
        let waiting =
            part.waiting.iter().filter_map(|item| running(item).map(|running| running.job)).collect();
        let plan = Plan { workers, finishing, waiting, common_error: estimator.common_error() };
        (plan, n_unforeseen)
    }

    /// What is expected of an item: on the drone that has it, or on any.
    fn forecast(&self, item: &QueueItem) -> Option<Forecast> {
        let drone = item.drone.as_ref().filter(|_| item.state != ItemState::Stalled);
        self.learning.estimator().forecast(item.package.as_ref(), drone)
    }
}

/// The items, by who will build them.
struct Partition<'a> {
    /// Of each able drone: what it builds, then what it was handed beyond that.
    held: Vec<Vec<&'a QueueItem>>,
    /// Being built by drones to which nothing more is handed.
    finishing: Vec<&'a QueueItem>,
    /// In line for whoever is free.
    waiting: Vec<&'a QueueItem>,
    /// Never built as things are.
    lost: Vec<&'a QueueItem>,
}

impl<'a> Partition<'a> {
    fn of(terms: &Terms, pending: &'a [QueueItem], building: &'a [QueueItem]) -> Self {
        let places: HashMap<&PublicName, usize> =
            terms.able.iter().enumerate().map(|(place, name)| (name, place)).collect();
        let mut part = Self {
            held: vec![Vec::new(); terms.able.len()],
            finishing: Vec::new(),
            waiting: Vec::new(),
            lost: Vec::new(),
        };
        for item in building {
            let place = item.drone.as_ref().and_then(|drone| places.get(drone));
            let held = place.and_then(|place| part.held.get_mut(*place));
            match (held, item.state) {
                (Some(held), ItemState::Building | ItemState::Assigned) => held.push(item),
                (None, ItemState::Building) => part.finishing.push(item),
                // Handed to a drone that is silent or held back: it goes back to the front of the line.
                _ => part.waiting.push(item),
            }
        }
        for held in &mut part.held {
            held.sort_by_key(|item| (item.state != ItemState::Building, item.assigned_at));
        }
        for item in pending {
            let is_lost = item.reason == Some(Reason::FailedOnEveryAbleDrone);
            if is_lost { &mut part.lost } else { &mut part.waiting }.push(item);
        }
        part
    }
}

/// The spans of a plan's builds in the order of its drones; `None` for each build that nobody will build.
fn spans<'a>(outlook: &'a Outlook, plan: &Plan) -> impl Iterator<Item = Option<Span>> + 'a {
    let n_endless = plan.waiting.len() - outlook.waiting.len();
    let known = outlook.workers.iter().flatten().chain(&outlook.finishing).chain(&outlook.waiting);
    known.copied().map(Some).chain(std::iter::repeat_n(None, n_endless))
}

/// What an outlook depends upon, but for the time and what was learned.
fn fingerprint(terms: &Terms, pending: &[QueueItem], building: &[QueueItem], n_excluded: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    (terms, n_excluded, pending.len()).hash(&mut hasher);
    for item in pending.iter().chain(building) {
        let package = item.package.as_ref().map(PackageAtom::as_str);
        (&item.id, package, item.reason, steady::facts(item), item.assigned_at).hash(&mut hasher);
    }
    hasher.finish()
}

/// What tells a build from others in every game; the same in every process.
fn key(id: &str) -> u64 {
    id.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The whole minute nearest to some seconds from now, but not one that has passed.
fn minute(now: Timestamp, seconds: f64) -> Timestamp {
    const MINUTE: i64 = 60;
    // No span is longer than all builds of a queue at their longest, which is far from overflowing.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let seconds = seconds.round() as i64;
    let at = now.as_second().saturating_add(seconds);
    let nearest = (at + MINUTE / 2).div_euclid(MINUTE) * MINUTE;
    let next = (now.as_second().div_euclid(MINUTE) + 1) * MINUTE;
    Timestamp::from_second(nearest.max(next)).unwrap_or(Timestamp::MAX)
}
