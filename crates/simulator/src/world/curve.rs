//! Smooth quantities over the day, whose integrals are known: counters need no simulation of every second.

use std::f64::consts::TAU;

use super::dice::Dice;

/// A day, in seconds.
const DAY: f64 = 86_400.0;

/// A quantity that is never below `base`: a daily wave, and a faster one that keeps charts from being too smooth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Curve {
    /// What is always there.
    pub(super) base: f64,
    /// What the busiest hour adds.
    pub(super) daily: f64,
    /// The busiest hour, in UTC.
    pub(super) peak_hour: f64,
    /// What the faster wave adds at most.
    pub(super) wave: f64,
    /// How long the faster wave is, in seconds.
    pub(super) period: f64,
}

impl Curve {
    /// A curve with a faster wave of its own length.
    pub(super) fn new(base: f64, daily: f64, peak_hour: f64, wave: f64, dice: &mut Dice) -> Self {
        Self { base, daily, peak_hour, wave, period: dice.between(1_500.0, 5_400.0) }
    }

    /// The curve times `factor`.
    pub(super) fn times(&self, factor: f64) -> Self {
        Self { base: self.base * factor, daily: self.daily * factor, wave: self.wave * factor, ..*self }
    }

    /// The quantity at `unix`.
    pub(super) fn at(&self, unix: f64) -> f64 {
        let day = (TAU * (unix / DAY - self.peak_hour / 24.0)).cos();
        let wave = (TAU * unix / self.period).cos();
        self.base + self.daily * (1.0 + day) / 2.0 + self.wave * (1.0 + wave) / 2.0
    }

    /// Its integral over the seconds from `from` to `until`.
    pub(super) fn integral(&self, from: f64, until: f64) -> f64 {
        let antiderivative = |unix: f64| {
            let day = (TAU * (unix / DAY - self.peak_hour / 24.0)).sin() * DAY / TAU;
            let wave = (TAU * unix / self.period).sin() * self.period / TAU;
            self.daily * day / 2.0 + self.wave * wave / 2.0
        };
        let always = self.base + self.daily / 2.0 + self.wave / 2.0;
        always * (until - from) + antiderivative(until) - antiderivative(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_integral_is_the_sum_of_the_values() {
        let curve = Curve::new(0.1, 0.5, 20.0, 0.05, &mut Dice::new(3));
        let from = 1_795_431_300.0;
        let sum: f64 = (0..7_200).map(|second| curve.at(from + f64::from(second) + 0.5)).sum();
        assert!((curve.integral(from, from + 7_200.0) - sum).abs() < 0.01);
    }

    #[test]
    fn the_peak_is_at_its_hour_and_nothing_is_below_the_base() {
        let curve = Curve::new(0.1, 0.5, 20.0, 0.0, &mut Dice::new(3));
        let midnight = 1_795_392_000.0;
        assert_eq!(midnight % DAY, 0.0);
        assert!((curve.at(midnight + 20.0 * 3_600.0) - 0.6).abs() < 1e-6);
        assert!((curve.at(midnight + 8.0 * 3_600.0) - 0.1).abs() < 1e-6);
    }
}
