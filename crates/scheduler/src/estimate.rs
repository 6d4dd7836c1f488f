//! How long builds take, learned from those that finished: one pass, in time order, nothing but arithmetic.
//!
//! Everything is reckoned in logarithms of seconds, because a build that takes twice as long as expected is as wrong
//! as one that takes half. An expectation goes down a hierarchy: all builds, a category, a package of any version; each
//! tier corrects the one above as far as its own builds warrant. Nothing in it is fitted to any one machine: how much
//! tiers lean on each other, how fast they forget and how wide ranges must be is learned as builds come, from what each
//! of them says of the expectation that was there before it.
//!
//! - [`schedule`] who builds what when, and when the queue is empty
//! - [`score`] what became of promises
//! - `tier` means by key · `calibration` ranges · `speed` drones · `window` quantiles

mod calibration;
pub mod schedule;
pub mod score;
mod speed;
#[cfg(test)]
mod tests;
mod tier;
mod window;

use identity::{name::PublicName, package::PackageAtom};
use snapshot::estimate::{Basis, Estimate};

use self::{
    calibration::{Calibration, Standing},
    speed::Speeds,
    tier::{Tier, View},
};

/// Added to seconds before their logarithm is taken: below it differences do not matter much.
const OFFSET_SECONDS: f64 = 5.0;

/// What a build is taken to last before any was seen.
const FIRST_GUESS_SECONDS: f64 = 60.0;

/// The longest build that is believed.
pub const DURATION_MAX_SECONDS: u32 = 30 * 24 * 60 * 60;

/// The one key of the tier of all builds.
const ALL: &str = "";

/// Expects durations of builds from those that finished.
#[derive(Debug, Clone)]
pub struct Estimator {
    all: Tier,
    categories: Tier,
    packages: Tier,
    speeds: Speeds,
    calibration: Calibration,
    commonness: Commonness,
    n_builds: u32,
}

/// What is expected of one build, in logarithms of seconds: quantiles of 2, 10, 50, 90 and 98 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    lowest: f64,
    low: f64,
    median: f64,
    high: f64,
    highest: f64,
    basis: Basis,
    samples: u32,
}

/// A tier's word for each part of the hierarchy.
#[derive(Debug, Clone, Copy)]
struct Views {
    all: View,
    category: View,
    package: View,
}

impl Default for Estimator {
    fn default() -> Self {
        Self::new()
    }
}

impl Estimator {
    /// Starts with nothing known.
    #[must_use]
    pub fn new() -> Self {
        Self {
            // Guesses that a few builds overrule: packages of one category differ by a factor of two or three.
            all: Tier::new(1.2, 1.0, 64),
            categories: Tier::new(0.9, 0.7, 32),
            packages: Tier::new(0.3, 0.9, 16),
            speeds: Speeds::default(),
            calibration: Calibration::new(),
            commonness: Commonness::default(),
            n_builds: 0,
        }
    }

    /// Takes in a successful build; builds must come in the order in which they finished. Gives what was expected of
    /// it just before, as [`Estimator::forecast`] would have.
    ///
    /// `None` for the package: withheld. Durations of nothing or of more than [`DURATION_MAX_SECONDS`] are left out.
    pub fn learn(
        &mut self,
        package: Option<&PackageAtom>,
        drone: Option<&PublicName>,
        seconds: u32,
    ) -> Option<Forecast> {
        if seconds == 0 || seconds > DURATION_MAX_SECONDS {
            return None;
        }
        let value = to_log(seconds);
        let views = self.views(package);
        let (view, standing) = views.best();
        let offset = value - view.mean;
        let speed = self.speeds.of(drone);
        // Where it came out is judged by what is published: rounding makes ranges of short builds wider.
        let forecast = self.expect(view, standing, speed);
        let outcome = forecast.estimate().outcome(seconds);
        let expected = (self.n_builds > 0).then_some(forecast);
        self.calibration.learn(standing, (offset - speed) / view.scatter, outcome);
        self.commonness.learn((offset - speed).clamp(-2.0 * view.scatter, 2.0 * view.scatter));
        // What is known of a package says more of the drone than what is known of its category.
        let trust = (self.packages.within() / view.scatter).powi(2).min(1.0);
        self.speeds.learn(drone, offset, view.scatter, trust);

        let value = value - speed;
        if let Some(package) = package {
            self.packages.learn(package.qualified_name(), views.category.mean, &views.package, value);
            self.categories.learn(package.category(), views.all.mean, &views.category, value);
        }
        self.all.learn(ALL, to_log_of(FIRST_GUESS_SECONDS), &views.all, value);
        self.n_builds = self.n_builds.saturating_add(1);
        expected
    }

    /// What is expected of a build of a package on a drone; `None` while no build was seen.
    ///
    /// `None` for the package: withheld. `None` for the drone: any.
    #[must_use]
    pub fn forecast(&self, package: Option<&PackageAtom>, drone: Option<&PublicName>) -> Option<Forecast> {
        if self.n_builds == 0 {
            return None;
        }
        let (view, standing) = self.views(package).best();
        Some(self.expect(view, standing, self.speeds.of(drone)))
    }

    fn expect(&self, view: View, standing: Standing, speed: f64) -> Forecast {
        let band = self.calibration.band(standing);
        let at = |offset: f64| view.mean + speed + offset * view.scatter;
        Forecast {
            lowest: at(band.lowest),
            low: at(band.low),
            median: at(band.middle),
            high: at(band.high),
            highest: at(band.highest),
            basis: standing.basis(),
            samples: view.n_builds,
        }
    }

    /// The logarithm of how much longer than others a drone needs; 0 when nothing is known of it.
    #[must_use]
    pub fn slowness(&self, drone: Option<&PublicName>) -> f64 {
        self.speeds.of(drone)
    }

    /// How much all expectations of a queue tend to be wrong together: the standard deviation of that part, in
    /// logarithms of seconds.
    #[must_use]
    pub fn common_error(&self) -> f64 {
        self.commonness.deviation()
    }

    fn views(&self, package: Option<&PackageAtom>) -> Views {
        let all = self.all.view(ALL, to_log_of(FIRST_GUESS_SECONDS));
        let Some(package) = package else {
            let unknown = View::unknown(all.mean, all.scatter);
            return Views { all, category: unknown, package: unknown };
        };
        let category = self.categories.view(package.category(), all.mean);
        let package = self.packages.view(package.qualified_name(), category.mean);
        Views { all, category, package }
    }
}

impl Views {
    /// The expectation, and what it rests upon. An unseen package strays as packages of its category do.
    fn best(&self) -> (View, Standing) {
        if self.package.n_builds > 0 {
            let standing = match self.package.n_builds {
                1 => Standing::Once,
                2 | 3 => Standing::Few,
                _ => Standing::Many,
            };
            (self.package, standing)
        } else if self.category.n_builds > 0 {
            (self.category, Standing::Category)
        } else {
            (self.all, Standing::Global)
        }
    }
}

impl Standing {
    fn basis(self) -> Basis {
        match self {
            Self::Global => Basis::Global,
            Self::Category => Basis::Category,
            Self::Once | Self::Few | Self::Many => Basis::Package,
        }
    }
}

impl Forecast {
    /// In whole seconds, at least one.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let median = seconds(self.median);
        Estimate {
            median_seconds: median,
            low_seconds: seconds(self.low).min(median),
            high_seconds: seconds(self.high).max(median),
            basis: self.basis,
            samples: self.samples,
        }
    }
}

/// How much consecutive builds are off in the same direction.
///
/// Means of blocks of builds scatter more than those of independent ones would; the excess is what they have in
/// common.
#[derive(Debug, Clone, Copy)]
struct Commonness {
    block: f64,
    n_in_block: u32,
    /// Mean squares of builds and of means of blocks, and how many blocks they are of.
    single: f64,
    joint: f64,
    n_blocks: f64,
    squares: f64,
}

/// Builds in a block.
const BLOCK: u32 = 16;

impl Default for Commonness {
    /// A guess that counts as five blocks: a tenth of the duration.
    fn default() -> Self {
        Self { block: 0.0, n_in_block: 0, single: 0.0, joint: 0.01 * 5.0, n_blocks: 5.0, squares: 0.0 }
    }
}

impl Commonness {
    fn learn(&mut self, offset: f64) {
        self.block += offset;
        self.squares += offset.powi(2);
        self.n_in_block += 1;
        if self.n_in_block == BLOCK {
            let n = f64::from(BLOCK);
            self.joint = self.joint * 0.98 + (self.block / n).powi(2);
            self.single = self.single * 0.98 + self.squares / n;
            self.n_blocks = self.n_blocks * 0.98 + 1.0;
            (self.block, self.squares, self.n_in_block) = (0.0, 0.0, 0);
        }
    }

    fn deviation(&self) -> f64 {
        let excess = (self.joint - self.single / f64::from(BLOCK)) / self.n_blocks;
        excess.max(0.0).sqrt().clamp(0.03, 0.5)
    }
}

fn to_log(seconds: u32) -> f64 {
    to_log_of(f64::from(seconds))
}

fn to_log_of(seconds: f64) -> f64 {
    (seconds + OFFSET_SECONDS).ln()
}

/// Seconds of a logarithm, at least one and at most what is believed.
fn seconds(log: f64) -> u32 {
    let seconds = (log.exp() - OFFSET_SECONDS).round().clamp(1.0, f64::from(DURATION_MAX_SECONDS));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what is believed"
    )]
    let whole = seconds as u32;
    whole
}
