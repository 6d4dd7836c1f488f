//! What became of promises: each finished build against what was expected of it.

use snapshot::estimate::{Basis, Estimate, Score, Scoreboard};

use super::{OFFSET_SECONDS, window::Window};

/// How many outcomes are remembered of each basis.
const MEMORY: usize = 1_000;

/// Keeps score.
#[derive(Debug, Clone)]
pub struct Scorer {
    outcomes: [Outcomes; 3],
}

/// The newest outcomes of one basis.
#[derive(Debug, Clone)]
struct Outcomes {
    /// Absolute errors, in logarithms.
    errors: Window,
    /// 1 for each that was inside its range.
    inside: Window,
}

impl Default for Scorer {
    fn default() -> Self {
        let outcomes = Outcomes { errors: Window::new(MEMORY), inside: Window::new(MEMORY) };
        Self { outcomes: std::array::from_fn(|_| outcomes.clone()) }
    }
}

impl Scorer {
    /// Takes in what became of a promise.
    pub fn add(&mut self, promise: &Estimate, seconds: u32) {
        let log = |seconds: u32| (f64::from(seconds) + OFFSET_SECONDS).ln();
        let outcomes = &mut self.outcomes[promise.basis as usize];
        outcomes.errors.push((log(promise.median_seconds) - log(seconds)).abs());
        outcomes.inside.push(f64::from(u8::from(promise.outcome(seconds).is_eq())));
    }

    /// The score, as it is published.
    #[must_use]
    pub fn board(&self) -> Scoreboard {
        let of = |basis: Basis| self.outcomes[basis as usize].score();
        Scoreboard { package: of(Basis::Package), category: of(Basis::Category), global: of(Basis::Global) }
    }
}

impl Outcomes {
    fn score(&self) -> Option<Score> {
        let error = self.errors.quantile(0.5)?;
        Some(Score {
            builds: u32::try_from(self.errors.len()).unwrap_or(u32::MAX),
            typical_error_percent: percent(error.exp() - 1.0),
            inside_percent: percent(self.inside.mean()).min(100),
        })
    }
}

fn percent(share: f64) -> u32 {
    let percent = (share * 100.0).round().clamp(0.0, 1_000_000.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let whole = percent as u32;
    whole
}
