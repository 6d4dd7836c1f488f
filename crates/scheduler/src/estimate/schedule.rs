//! Who builds what when: list scheduling of a queue, played through many times.
//!
//! Each time, every build gets a duration from its own distribution, and all of them get a part of their error in
//! common. Drones take the waiting builds in order, whoever is free first. What is published are medians over the
//! games, and for the whole queue the range. Playing beats adding up medians: the sum of skewed durations is more
//! than the sum of their medians, and a queue is as late as its latest drone.
//!
//! Nothing here is random: the luck of a build in a game follows from its key and the number of the game. So the same
//! queue has the same future, and a queue that lost one build has nearly the same.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{DURATION_MAX_SECONDS, Forecast, OFFSET_SECONDS};

/// Builds drawn in all games together, as a goal; and the fewest and most games.
const DRAWS: usize = 60_000;
const GAMES: (usize, usize) = (32, 128);

/// The luck that is believed: builds beyond are as long as these.
const LUCK: (f64, f64) = (0.005, 0.995);

/// The logits of 90 and of 98 %.
const LOGIT_OF_HIGH: f64 = 2.197_224_577_336_219_4;
const LOGIT_OF_HIGHEST: f64 = 3.891_820_298_110_627;

/// No build is expected more sharply than this, in logarithms a logit.
const SLOPE_MIN: f64 = 0.02;

/// The scale of a logistic distribution is this part of its standard deviation.
const OF_DEVIATION: f64 = 0.551_328_895_421_792;

/// A build in the queue.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// What tells it from others: it decides the build's luck.
    pub key: u64,
    /// How long it takes: on any drone while it waits, on its own once it has one.
    pub forecast: Forecast,
}

/// A drone that takes work.
#[derive(Debug, Clone, Default)]
pub struct Worker {
    /// The logarithm of how much longer than others it needs.
    pub slowness: f64,
    /// What it builds right now.
    pub running: Vec<Running>,
    /// What it was handed beyond that, in order.
    pub next: Vec<Job>,
}

/// A build that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Running {
    /// What.
    pub job: Job,
    /// For how many seconds it has been built; `None` = not known, which counts as just begun.
    pub elapsed_seconds: Option<f64>,
}

/// A queue and who works on it.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The drones that take work.
    pub workers: Vec<Worker>,
    /// Builds of drones that take no more.
    pub finishing: Vec<Running>,
    /// What nobody has yet, in order.
    pub waiting: Vec<Job>,
    /// How much all builds are wrong together: a standard deviation, in logarithms.
    pub common_error: f64,
}

/// When a build begins and ends, in seconds from now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Its beginning; 0 when it has begun.
    pub start: f64,
    /// Its end.
    pub finish: f64,
}

/// When something ends, in seconds from now: one of ten times earlier than `low`, later than `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// One of ten times it is earlier.
    pub low: f64,
    /// Half of the times it is later.
    pub median: f64,
    /// One of ten times it is later.
    pub high: f64,
}

/// What is to be expected of a plan. Without workers nobody builds what waits, and the queue never ends.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    /// Of each worker, what runs and then what comes next.
    pub workers: Vec<Vec<Span>>,
    /// Builds of drones that take no more work.
    pub finishing: Vec<Span>,
    /// What waits; empty without workers.
    pub waiting: Vec<Span>,
    /// The end of all; `None` without workers, and without builds.
    pub drain: Option<Range>,
}

impl Plan {
    /// Plays the plan through.
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        let n_held: usize = self.workers.iter().map(|worker| worker.running.len() + worker.next.len()).sum();
        let n_waiting = if self.workers.is_empty() { 0 } else { self.waiting.len() };
        let n_jobs = n_held + self.finishing.len() + n_waiting;
        let n_games = games(n_jobs);
        let mut record = Record { n_games, spans: vec![(0.0, 0.0); n_jobs * n_games] };
        let mut ends: Vec<f64> = (0..n_games).map(|game| self.play(game, &mut record)).collect();
        let mut spans = (0..n_jobs).map(|idx| record.median(idx));
        let mut take = |n: usize| -> Vec<Span> { spans.by_ref().take(n).collect() };
        let workers: Vec<_> =
            self.workers.iter().map(|worker| take(worker.running.len() + worker.next.len())).collect();
        let finishing = take(self.finishing.len());
        let waiting = take(n_waiting);
        ends.sort_unstable_by(f64::total_cmp);
        let is_endless = self.workers.is_empty() || n_jobs == 0;
        Outlook { workers, finishing, waiting, drain: (!is_endless).then(|| range(&ends)) }
    }

    /// Plays one game; gives its end.
    fn play(&self, game: usize, record: &mut Record) -> f64 {
        let common = self.common_error * logit(luck(0, game)) * OF_DEVIATION;
        let mut idx = 0;
        let mut note = |start: f64, finish: f64| {
            record.set(idx, game, start, finish);
            idx += 1;
            finish
        };
        let mut end = 0.0_f64;
        let mut free = BinaryHeap::with_capacity(self.workers.len());
        for (place, worker) in self.workers.iter().enumerate() {
            let mut at = 0.0_f64;
            for running in &worker.running {
                at = at.max(note(0.0, running.left(common, game)));
            }
            for job in &worker.next {
                at = note(at, at + job.seconds(common, game));
            }
            end = end.max(at);
            free.push(Reverse((Instant(at), place)));
        }
        for running in &self.finishing {
            end = end.max(note(0.0, running.left(common, game)));
        }
        for job in &self.waiting {
            let Some(Reverse((Instant(start), place))) = free.pop() else { break };
            let slowness = self.workers.get(place).map_or(0.0, |worker| worker.slowness);
            let finish = note(start, start + job.seconds(common + slowness, game));
            end = end.max(finish);
            free.push(Reverse((Instant(finish), place)));
        }
        end
    }
}

impl Job {
    /// How long it takes in a game, when it is `shift` longer than expected in logarithms.
    fn seconds(&self, shift: f64, game: usize) -> f64 {
        seconds(self.forecast.at(logit(luck(self.key, game))) + shift)
    }
}

impl Running {
    /// How long it still takes in a game: it is known not to have ended by now.
    fn left(&self, shift: f64, game: usize) -> f64 {
        let luck = luck(self.job.key, game);
        let Some(elapsed) = self.elapsed_seconds.filter(|elapsed| *elapsed > 0.0) else {
            return self.job.seconds(shift, game);
        };
        let passed = (elapsed + OFFSET_SECONDS).ln() - shift;
        // It has not ended by now: what is left of the probability is shared out anew.
        let odds = self.job.forecast.logit(passed);
        let later = if odds > 0.0 { odds + (luck * (-odds).exp()).ln_1p() } else { (odds.exp() + luck).ln() };
        let total = seconds(self.job.forecast.at(later - (1.0 - luck).ln()) + shift);
        (total - elapsed).clamp(1.0, f64::from(DURATION_MAX_SECONDS))
    }
}

impl Forecast {
    /// The log duration at some logit of probability.
    fn at(&self, logit: f64) -> f64 {
        self.line(logit > 0.0, logit.abs() > LOGIT_OF_HIGH).at(logit)
    }

    /// The logit of the probability to end before a log duration.
    fn logit(&self, log: f64) -> f64 {
        let is_above = log > self.median;
        let inner = self.line(is_above, false).logit_at(log);
        if inner.abs() > LOGIT_OF_HIGH { self.line(is_above, true).logit_at(log) } else { inner }
    }

    /// The distribution above or below its median: from there to the end of the range, or from there on.
    fn line(&self, is_above: bool, is_outer: bool) -> Line {
        let (sign, end, outer) =
            if is_above { (1.0, self.high, self.highest) } else { (-1.0, self.low, self.lowest) };
        let slope = |distance: f64, logits: f64| (distance.abs() / logits).max(SLOPE_MIN);
        let inner = Line { logit: 0.0, log: self.median, slope: slope(end - self.median, LOGIT_OF_HIGH) };
        if !is_outer {
            return inner;
        }
        let logit = sign * LOGIT_OF_HIGH;
        let slope = slope(outer - end, LOGIT_OF_HIGHEST - LOGIT_OF_HIGH);
        Line { logit, log: inner.at(logit), slope }
    }
}

/// A part of a distribution in which log durations grow evenly with the logit of probability.
#[derive(Debug, Clone, Copy)]
struct Line {
    logit: f64,
    log: f64,
    slope: f64,
}

impl Line {
    fn at(&self, logit: f64) -> f64 {
        self.log + (logit - self.logit) * self.slope
    }

    fn logit_at(&self, log: f64) -> f64 {
        self.logit + (log - self.log) / self.slope
    }
}

/// What happened to each build in each game.
struct Record {
    n_games: usize,
    /// Start and finish, game by game of each build.
    spans: Vec<(f64, f64)>,
}

impl Record {
    fn set(&mut self, idx: usize, game: usize, start: f64, finish: f64) {
        if let Some(span) = self.spans.get_mut(idx * self.n_games + game) {
            *span = (start, finish);
        }
    }

    fn median(&self, idx: usize) -> Span {
        let games = &self.spans[idx * self.n_games..(idx + 1) * self.n_games];
        let middle = |value: fn(&(f64, f64)) -> f64| {
            let mut values: Vec<f64> = games.iter().map(value).collect();
            *values.select_nth_unstable_by(games.len() / 2, f64::total_cmp).1
        };
        let start = middle(|span| span.0);
        Span { start, finish: middle(|span| span.1).max(start) }
    }
}

/// How often a plan of so many builds is played: a power of two, so that it seldom changes with their number.
fn games(n_jobs: usize) -> usize {
    let n = (DRAWS / n_jobs.max(1)).clamp(GAMES.0, GAMES.1);
    1 << n.ilog2()
}

/// A range of sorted values, of which there is at least one.
fn range(sorted: &[f64]) -> Range {
    let at = |share: usize| sorted[(sorted.len() * share / 10).min(sorted.len() - 1)];
    Range { low: at(1), median: at(5), high: at(9) }
}

/// The luck of a build in a game, evenly distributed: two rounds of a well-mixing permutation (`SplitMix64`).
fn luck(key: u64, game: usize) -> f64 {
    let bits = mix(mix(key) ^ game as u64) >> 11;
    // 53 bits are exact.
    let share = (bits as f64 + 0.5) / (1_u64 << 53) as f64;
    share.clamp(LUCK.0, LUCK.1)
}

fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

fn seconds(log: f64) -> f64 {
    (log.exp() - OFFSET_SECONDS).clamp(1.0, f64::from(DURATION_MAX_SECONDS))
}

/// An instant that can be ordered.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Instant(f64);

impl Eq for Instant {}

impl PartialOrd for Instant {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
