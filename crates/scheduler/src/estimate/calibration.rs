//! How wide ranges must be, learned from how wide they should have been.
//!
//! Each build is compared with what was expected of it just before, in units of the scatter that was expected: that
//! is what a reader of the expectation would have seen. Ranges are quantiles of the newest such comparisons among
//! expectations of the same standing (conformal prediction). Should too many builds still fall outside, be it that
//! the builds change their ways, the quantiles move outwards until the share is right (adaptive conformal
//! inference), which holds on any sequence of builds.

use std::cmp::Ordering;

use super::window::Window;

/// The share of builds that should be below the range, and above.
const TAIL: f64 = 0.1;

/// How far a quantile moves after a build.
const STEP: f64 = 0.02;

/// The bounds of the quantiles' shares.
const SHARES: (f64, f64) = (0.02, 0.35);

/// How many comparisons are remembered of one standing.
const MEMORY: usize = 300;

/// How many comparisons a guess is worth: quantiles of a distribution of one standard deviation.
const GUESS_WORTH: f64 = 10.0;
const GUESS: Band = Band { lowest: -2.1, low: -1.2, middle: 0.0, high: 1.2, highest: 2.1 };

/// The lowest and the highest leave out this part of the tails.
const OUTER: f64 = 0.2;

/// What an expectation rests upon, by how far it can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Global,
    Category,
    /// One build of the package.
    Once,
    /// Two or three.
    Few,
    /// More.
    Many,
}

/// What was learned of ranges.
#[derive(Debug, Clone)]
pub(super) struct Calibration {
    strata: [Stratum; 5],
}

#[derive(Debug, Clone)]
struct Stratum {
    offsets: Window,
    /// The share of the remembered comparisons to leave below the range, and above.
    below: f64,
    above: f64,
}

/// How builds come out: quantiles of 2, 10, 50, 90 and 98 %, in units of the scatter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Band {
    pub(super) lowest: f64,
    pub(super) low: f64,
    pub(super) middle: f64,
    pub(super) high: f64,
    pub(super) highest: f64,
}

impl Calibration {
    pub(super) fn new() -> Self {
        let stratum = Stratum { offsets: Window::new(MEMORY), below: TAIL, above: TAIL };
        Self { strata: std::array::from_fn(|_| stratum.clone()) }
    }

    /// The range around an expectation.
    pub(super) fn band(&self, standing: Standing) -> Band {
        self.strata[standing as usize].band()
    }

    /// Takes in how far off an expectation was, in units of the scatter, and where its build came out.
    pub(super) fn learn(&mut self, standing: Standing, offset: f64, outcome: Ordering) {
        self.strata[standing as usize].learn(offset, outcome);
    }
}

impl Stratum {
    fn band(&self) -> Band {
        let weight = self.offsets.len() as f64 / (self.offsets.len() as f64 + GUESS_WORTH);
        let mix = |share: f64, guess: f64| {
            self.offsets.quantile(share).unwrap_or(guess) * weight + guess * (1.0 - weight)
        };
        let middle = mix(0.5, GUESS.middle);
        let low = mix(self.below, GUESS.low).min(middle);
        let high = mix(1.0 - self.above, GUESS.high).max(middle);
        Band {
            lowest: mix(self.below * OUTER, GUESS.lowest).min(low),
            low,
            middle,
            high,
            highest: mix(1.0 - self.above * OUTER, GUESS.highest).max(high),
        }
    }

    fn learn(&mut self, offset: f64, outcome: Ordering) {
        let step = |is_outside: bool| STEP * (TAIL - f64::from(u8::from(is_outside)));
        self.below = (self.below + step(outcome.is_lt())).clamp(SHARES.0, SHARES.1);
        self.above = (self.above + step(outcome.is_gt())).clamp(SHARES.0, SHARES.1);
        self.offsets.push(offset);
    }
}
