//! What others predict.

use std::collections::HashMap;

use identity::package::PackageAtom;

/// How many builds are looked back at by [`LastFifteen`].
const FIFTEEN: usize = 15;

/// Predicts durations in seconds.
pub(crate) trait Predictor {
    /// `None` while nothing is known.
    fn predict(&self, package: &PackageAtom) -> Option<f64>;

    fn learn(&mut self, package: &PackageAtom, seconds: f64);
}

/// The mean of the exact version, else of the category, else of all: what the swarm does.
#[derive(Default)]
pub(crate) struct VersionThenCategory {
    means: HashMap<String, (f64, f64)>,
}

/// The median of the last fifteen by name, else of all: what `emlop` does.
#[derive(Default)]
pub(crate) struct LastFifteen {
    packages: HashMap<String, Vec<f64>>,
    all: Vec<f64>,
}

impl Predictor for VersionThenCategory {
    fn predict(&self, package: &PackageAtom) -> Option<f64> {
        let keys = [package.as_str(), package.category(), ""];
        let (sum, n) = keys.iter().find_map(|key| self.means.get(*key))?;
        Some(sum / n)
    }

    fn learn(&mut self, package: &PackageAtom, seconds: f64) {
        for key in [package.as_str(), package.category(), ""] {
            let (sum, n) = self.means.entry(key.to_owned()).or_default();
            *sum += seconds;
            *n += 1.0;
        }
    }
}

impl Predictor for LastFifteen {
    fn predict(&self, package: &PackageAtom) -> Option<f64> {
        let own = self.packages.get(package.qualified_name());
        median(own.map_or(&self.all, |own| own))
    }

    fn learn(&mut self, package: &PackageAtom, seconds: f64) {
        let own = self.packages.entry(package.qualified_name().to_owned()).or_default();
        if own.len() == FIFTEEN {
            own.remove(0);
        }
        own.push(seconds);
        let place = self.all.partition_point(|other| *other < seconds);
        self.all.insert(place, seconds);
    }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[half]),
        _ => Some(f64::midpoint(sorted[half - 1], sorted[half])),
    }
}
