//! One tier of the hierarchy: what builds of one key last, leaning on the tier above as far as it must.
//!
//! How far that is, is learned. A new key's first build shows how much keys differ from what the tier above says
//! of them; further builds show how much builds of one key differ. The ratio of the two variances is the number of
//! builds that the tier above is worth (empirical Bayes). How fast old builds are forgotten is learned too: memories
//! of several lengths compete, and each has a say by how well it did lately.
//!
//! A key's builds are summed up by Huber's estimator, the mean of what is near and the median of what is far, so
//! that one odd build moves nothing.

use std::collections::{HashMap, VecDeque};

use super::window::Window;

/// How much of its weight a build keeps when another of its key follows.
const MEMORIES: [f64; 4] = [0.5, 0.75, 0.9, 1.0];

/// How fast it is forgotten how well a memory did.
const REGRET_KEEPS: f64 = 0.99;

/// How strongly a memory that did worse is held back, by the sum of its errors in usual ones.
const REGRET_RATE: f64 = 1.0;

/// From how many standard deviations on a build is far: the usual constant, nearly lossless for normal scatter.
const FAR: f64 = 1.345;

/// How often the weights of far builds are refined.
const REFINEMENTS: usize = 3;

/// How many differences are remembered of a tier, and how many its first guess is worth.
const DIFFERENCES: usize = 300;
const GUESS_WORTH: f64 = 5.0;

/// A standard deviation in median absolute deviations, and in mean ones, of normal scatter.
const OF_MEDIAN: f64 = 1.4826;
const OF_MEAN: f64 = 1.2533;

/// Below it scatter is of no interest.
const DEVIATION_MIN: f64 = 0.01;

/// The bounds of what the tier above is worth, in builds.
const WORTH: (f64, f64) = (0.02, 50.0);

/// How many builds' scatter the tier's is worth, and what a key keeps of its own when a build follows.
const SCATTER_WORTH: f64 = 4.0;
const SCATTER_KEEPS: f64 = 0.95;

/// What builds by key say, given what the tier above says.
#[derive(Debug, Clone)]
pub(super) struct Tier {
    /// How many builds of a key are remembered.
    memory: usize,
    nodes: HashMap<Box<str>, Node>,
    /// How builds of one key differ.
    within: Deviation,
    /// How the first build of a key differs from what the tier above says.
    first: Deviation,
    regrets: [f64; MEMORIES.len()],
}

/// What is known of one key.
#[derive(Debug, Clone, Default)]
struct Node {
    n_builds: u32,
    /// The newest first.
    values: VecDeque<f64>,
    /// Sum of absolute errors, and its weight.
    errors: f64,
    n_errors: f64,
}

/// How much something usually differs: a guess, replaced by what is seen.
#[derive(Debug, Clone)]
struct Deviation {
    guess: f64,
    seen: Window,
}

/// What a tier says of a key.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// The expected log duration.
    pub(super) mean: f64,
    /// How far builds of this key stray from it: a standard deviation.
    pub(super) scatter: f64,
    /// Builds of this key.
    pub(super) n_builds: u32,
    /// What each memory expects.
    pub(super) means: [f64; MEMORIES.len()],
}

impl View {
    /// What is said of something of which no tier knows anything.
    pub(super) fn unknown(mean: f64, scatter: f64) -> Self {
        Self { mean, scatter, n_builds: 0, means: [mean; MEMORIES.len()] }
    }
}

impl Tier {
    /// A tier about which only a guess exists: the standard deviation within a key, and among keys.
    pub(super) fn new(within: f64, among: f64, memory: usize) -> Self {
        Self {
            memory,
            nodes: HashMap::new(),
            within: Deviation::guess(within),
            first: Deviation::guess(within.hypot(among)),
            regrets: [0.0; MEMORIES.len()],
        }
    }

    /// How far builds of one key stray from each other: a standard deviation.
    pub(super) fn within(&self) -> f64 {
        self.within.get()
    }

    /// What is expected of a key, of which the tier above expects `parent`.
    pub(super) fn view(&self, key: &str, parent: f64) -> View {
        let Some(node) = self.nodes.get(key) else { return View::unknown(parent, self.first.get()) };
        let means = node.means(parent, self.worth(), self.within.get());
        let mean = means.iter().zip(self.shares()).map(|(mean, share)| mean * share).sum();
        let errors = self.within.get() / OF_MEAN * SCATTER_WORTH + node.errors;
        let scatter = errors / (SCATTER_WORTH + node.n_errors) * OF_MEAN;
        View { mean, scatter: scatter.max(DEVIATION_MIN), n_builds: node.n_builds, means }
    }

    /// Takes in a build of a key, of which the tier above had expected `parent` and this one `view`.
    pub(super) fn learn(&mut self, key: &str, parent: f64, view: &View, value: f64) {
        let within = self.within.get();
        let node = match self.nodes.get_mut(key) {
            Some(node) => node,
            None => self.nodes.entry(key.into()).or_default(),
        };
        if node.n_builds == 0 {
            self.first.seen.push((value - parent).abs());
        } else {
            let all = node.mean_of_all(within);
            // The mean of few builds strays as well; that part is not this build's.
            let n = node.values.len() as f64;
            self.within.seen.push((value - all).abs() * (n / (n + 1.0)).sqrt());
            node.errors = node.errors * SCATTER_KEEPS + (value - view.mean).abs();
            node.n_errors = node.n_errors * SCATTER_KEEPS + 1.0;
        }
        if node.n_builds > 1 {
            for (regret, mean) in self.regrets.iter_mut().zip(view.means) {
                *regret = *regret * REGRET_KEEPS + ((value - mean).abs() / within).min(3.0);
            }
        }
        node.values.truncate(self.memory - 1);
        node.values.push_front(value);
        node.n_builds = node.n_builds.saturating_add(1);
    }

    /// How many builds of a key the tier above is worth.
    fn worth(&self) -> f64 {
        let (within, first) = (self.within.get().powi(2), self.first.get().powi(2));
        let among = (first - within).max(first * 0.02);
        (within / among).clamp(WORTH.0, WORTH.1)
    }

    /// How much say each memory has; together one.
    fn shares(&self) -> [f64; MEMORIES.len()] {
        let least = self.regrets.iter().copied().fold(f64::INFINITY, f64::min);
        let says = self.regrets.map(|regret| (-REGRET_RATE * (regret - least)).exp());
        let sum: f64 = says.iter().sum();
        says.map(|say| say / sum)
    }
}

impl Node {
    /// What each memory expects, when `parent` counts as `worth` builds and builds stray by `scatter`.
    fn means(&self, parent: f64, worth: f64, scatter: f64) -> [f64; MEMORIES.len()] {
        self.refined(MEMORIES, parent, worth, scatter)
    }

    /// What its builds say by themselves, when none is forgotten.
    fn mean_of_all(&self, scatter: f64) -> f64 {
        let [mean] = self.refined([1.0], 0.0, 0.0, scatter);
        mean
    }

    /// Means in which a build keeps some of its weight when another follows: one for each such share, side by side,
    /// because that is the innermost loop of learning.
    fn refined<const N: usize>(&self, keeps: [f64; N], parent: f64, worth: f64, scatter: f64) -> [f64; N] {
        let far = FAR * scatter;
        let mut means = [self.median(); N];
        for _ in 0..REFINEMENTS {
            let (mut totals, mut weights, mut memories) = ([parent * worth; N], [worth; N], [1.0; N]);
            for value in &self.values {
                for lane in 0..N {
                    let near = far / (value - means[lane]).abs().max(far) * memories[lane];
                    totals[lane] += value * near;
                    weights[lane] += near;
                    memories[lane] *= keeps[lane];
                }
            }
            for lane in 0..N {
                means[lane] = totals[lane] / weights[lane];
            }
        }
        means
    }

    /// The median of what is remembered; there is at least one value.
    fn median(&self) -> f64 {
        let mut values: Vec<f64> = self.values.iter().copied().collect();
        if values.is_empty() {
            return 0.0;
        }
        let (half, is_odd) = (values.len() / 2, values.len() % 2 == 1);
        let (below, upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
        let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if is_odd { *upper } else { f64::midpoint(lower, *upper) }
    }
}

impl Deviation {
    fn guess(deviation: f64) -> Self {
        Self { guess: deviation, seen: Window::new(DIFFERENCES) }
    }

    fn get(&self) -> f64 {
        let n = self.seen.len() as f64;
        let seen = self.seen.quantile(0.5).map_or(self.guess, |median| median * OF_MEDIAN);
        ((seen * n + self.guess * GUESS_WORTH) / (n + GUESS_WORTH)).max(DEVIATION_MIN)
    }
}
