//! Queues of 300 packages on five drones of unequal speed, and how far off their expected end was on the way.
//!
//! Durations are drawn, not taken from a log: packages differ within their categories, builds of one package from
//! each other, and most packages were built before. Once half is done a drone leaves, and what it was building goes
//! back to the front; until then nobody can know, so queues that all drones stay with are played beside.

use identity::{name::PublicName, package::PackageAtom};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use scheduler::estimate::{
    Estimator,
    schedule::{Job, Plan, Range, Running, Worker},
};
use snapshot::testing::{name, package};

const PACKAGES: usize = 300;

/// How much longer than others each drone takes, and which one leaves.
const DRONES: [(&str, f64); 5] =
    [("Izar", 0.6), ("Tarn", 0.8), ("Vega", 1.0), ("Mira", 1.5), ("Capella", 2.2)];
const LEAVES: usize = 1;

/// The end is expected anew after so many builds.
const EVERY: usize = 30;

/// How many queues are played.
const QUEUES: u64 = 40;

const CATEGORIES: [&str; 6] = ["dev-libs", "dev-lang", "dev-qt", "kde-apps", "sys-apps", "x11-libs"];

/// Logarithms of seconds: the middle of categories, and how much categories, packages and builds stray.
const MIDDLE: f64 = 4.8;
const AMONG_CATEGORIES: f64 = 0.6;
const AMONG_PACKAGES: f64 = 1.0;
const AMONG_BUILDS: f64 = 0.25;

/// Builds of a package before the queue, at most.
const BEFORE: u32 = 6;

/// What was expected at some moment, in seconds from the queue's beginning.
#[derive(Debug, Clone, Copy)]
struct Promise {
    at: f64,
    drain: Range,
}

/// A queue that was played: what was expected after every so many builds, and when it ended.
struct Played {
    promises: Vec<Promise>,
    end: f64,
}

struct Farm {
    random: StdRng,
    packages: Vec<(PackageAtom, f64)>,
    drones: Vec<Drone>,
    estimator: Estimator,
}

struct Drone {
    name: PublicName,
    slowness: f64,
    /// Which package, since when and until when, in seconds from the beginning.
    builds: Option<(usize, f64, f64)>,
}

/// Prints one queue on the way, and the errors of many.
pub(crate) fn simulate() {
    println!("\n{PACKAGES} packages on five drones of unequal speed, one leaves after {}", PACKAGES / 2);
    println!("built   after    left  expected left (10-90 %)    off");
    let played = Farm::new(1).play(true);
    for (idx, promise) in played.promises.iter().enumerate() {
        let left = |instant: f64| clock(instant - promise.at);
        println!(
            "{:5}  {:>6}  {:>6}  {:>6} ({:>5} - {:>5})  {:>+6.1} %",
            idx * EVERY,
            clock(promise.at),
            left(played.end),
            left(promise.drain.median),
            left(promise.drain.low),
            left(promise.drain.high),
            played.error(promise) * 100.0,
        );
    }
    println!("\n{QUEUES} such queues: mean error in parts of the time left, and how often the range held");
    println!("built         one drone leaves              all drones stay");
    println!("          size    bias   in range        size    bias   in range");
    let queues = |leaves| (1..=QUEUES).map(|seed| Farm::new(seed).play(leaves)).collect::<Vec<_>>();
    let (left, stayed) = (queues(true), queues(false));
    for idx in 0..PACKAGES.div_ceil(EVERY) {
        let columns = [&left, &stayed].map(|queues| {
            let mean = |value: &dyn Fn(&Played, &Promise) -> f64| {
                queues.iter().map(|queue| value(queue, &queue.promises[idx])).sum::<f64>() * 100.0
                    / queues.len() as f64
            };
            format!(
                "{:5.1} %  {:>+5.1} %  {:6.0} %",
                mean(&|queue, promise| queue.error(promise).abs()),
                mean(&Played::error),
                mean(&|queue, promise| f64::from(u8::from(
                    (promise.drain.low..=promise.drain.high).contains(&queue.end)
                ))),
            )
        });
        println!("{:5}   {}    {}", idx * EVERY, columns[0], columns[1]);
    }
}

impl Played {
    /// How far off the end was expected, in parts of the time that was left.
    fn error(&self, promise: &Promise) -> f64 {
        (promise.drain.median - self.end) / (self.end - promise.at)
    }
}

impl Farm {
    /// A farm that has built most of the packages before.
    fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let categories = CATEGORIES.map(|_| MIDDLE + AMONG_CATEGORIES * normal(&mut random));
        let packages: Vec<_> = (0..PACKAGES)
            .map(|idx| {
                let category = idx % CATEGORIES.len();
                let typical = categories[category] + AMONG_PACKAGES * normal(&mut random);
                (package(&format!("{}/p{idx}-1", CATEGORIES[category])), typical)
            })
            .collect();
        let drones = DRONES
            .map(|(text, slowness)| Drone { name: name(text), slowness: slowness.ln(), builds: None })
            .into();
        let mut farm = Self { random, packages, drones, estimator: Estimator::new() };
        let mut past: Vec<usize> = Vec::new();
        for idx in 0..PACKAGES {
            let n = farm.random.random_range(0..=BEFORE);
            past.extend((0..n).map(|_| idx));
        }
        while !past.is_empty() {
            let build = past.swap_remove(farm.random.random_range(0..past.len()));
            let drone = farm.random.random_range(0..farm.drones.len());
            let seconds = farm.draw(build, drone);
            farm.learn(build, drone, seconds);
        }
        farm
    }

    fn play(mut self, is_left: bool) -> Played {
        let mut waiting: Vec<usize> = (0..PACKAGES).rev().collect();
        let mut promises = Vec::new();
        let (mut now, mut n_built) = (0.0, 0);
        loop {
            if is_left && n_built == PACKAGES / 2 && self.drones.len() == DRONES.len() {
                let left = self.drones.remove(LEAVES);
                waiting.extend(left.builds.map(|(build, ..)| build));
            }
            for drone in 0..self.drones.len() {
                if self.drones[drone].builds.is_none()
                    && let Some(build) = waiting.pop()
                {
                    let seconds = self.draw(build, drone);
                    self.drones[drone].builds = Some((build, now, now + seconds));
                }
            }
            if n_built % EVERY == 0
                && let Some(drain) = self.plan(&waiting, now).outlook().drain
            {
                let from_now = |seconds: f64| now + seconds;
                promises.push(Promise {
                    at: now,
                    drain: Range {
                        low: from_now(drain.low),
                        median: from_now(drain.median),
                        high: from_now(drain.high),
                    },
                });
            }
            let next = self
                .drones
                .iter()
                .enumerate()
                .filter_map(|(idx, drone)| Some((idx, drone.builds?)))
                .min_by(|(_, (.., a)), (_, (.., b))| a.total_cmp(b));
            let Some((drone, (build, began, ended))) = next else { return Played { promises, end: now } };
            now = ended;
            n_built += 1;
            self.drones[drone].builds = None;
            self.learn(build, drone, ended - began);
        }
    }

    /// As the assembler plans.
    fn plan(&self, waiting: &[usize], now: f64) -> Plan {
        let job = |build: usize, drone: Option<&PublicName>| {
            let forecast = self.estimator.forecast(Some(&self.packages[build].0), drone)?;
            Some(Job { key: build as u64 + 1, forecast })
        };
        let workers = self.drones.iter().map(|drone| Worker {
            slowness: self.estimator.slowness(Some(&drone.name)),
            running: drone
                .builds
                .and_then(|(build, began, _)| {
                    let job = job(build, Some(&drone.name))?;
                    Some(Running { job, elapsed_seconds: Some(now - began) })
                })
                .into_iter()
                .collect(),
            next: Vec::new(),
        });
        Plan {
            workers: workers.collect(),
            finishing: Vec::new(),
            waiting: waiting.iter().rev().filter_map(|build| job(*build, None)).collect(),
            common_error: self.estimator.common_error(),
        }
    }

    fn draw(&mut self, build: usize, drone: usize) -> f64 {
        let log = self.packages[build].1 + self.drones[drone].slowness;
        (log + AMONG_BUILDS * normal(&mut self.random)).exp().max(1.0)
    }

    fn learn(&mut self, build: usize, drone: usize, seconds: f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let whole = seconds.round() as u32;
        self.estimator.learn(Some(&self.packages[build].0), Some(&self.drones[drone].name), whole);
    }
}

/// A number of the standard normal distribution (Box and Muller).
fn normal(random: &mut StdRng) -> f64 {
    let (radius, angle): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// Hours and minutes.
fn clock(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    format!("{}:{:02}", (minutes / 60.0).floor(), minutes % 60.0)
}
