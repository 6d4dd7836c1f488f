//! `rate()` as Prometheus computes it: from samples, with counters that start anew, stretched to the whole window.
//!
//! Its oddities are wanted here: nothing until there are two samples, a value for minutes after a host is gone,
//! and less than the truth while the window is only partly filled.

/// How often everything is scraped, in seconds.
pub(super) const SCRAPE_INTERVAL: f64 = 15.0;

/// A counter's value at an instant, `None` where no sample could be taken, and when it was last at zero.
pub(super) trait Counter {
    /// The sample at `unix`.
    fn sample(&self, unix: f64) -> Option<f64>;
    /// When the counter last started at zero before `unix`.
    fn started_at(&self, unix: f64) -> f64;
}

/// The increase a second over the `window` seconds before `unix`.
pub(super) fn rate(counter: &impl Counter, unix: f64, window: f64) -> Option<f64> {
    let begin = unix - window;
    let first_tick = (begin / SCRAPE_INTERVAL).ceil() as i64;
    let last_tick = (unix / SCRAPE_INTERVAL).floor() as i64;
    let at = |tick: i64| tick as f64 * SCRAPE_INTERVAL;
    let sample = |tick: i64| counter.sample(at(tick)).map(|value| (at(tick), value));
    let (first_at, first) = (first_tick..=last_tick).find_map(sample)?;
    let (last_at, last) = (first_tick..=last_tick).rev().find_map(sample)?;
    let sampled = last_at - first_at;
    if sampled <= 0.0 {
        return None;
    }
    let (increase, samples) = if counter.started_at(first_at) == counter.started_at(last_at) {
        (last - first, sampled / SCRAPE_INTERVAL + 1.0)
    } else {
        let all: Vec<(f64, f64)> = (first_tick..=last_tick).filter_map(sample).collect();
        let lost = |pair: &[(f64, f64)]| match pair {
            [(_, before), (_, after)] if after < before => *before,
            _ => 0.0,
        };
        let resets: f64 = all.windows(2).map(lost).sum();
        (last - first + resets, all.len() as f64)
    };
    let between = sampled / (samples - 1.0);
    let mut to_start = first_at - begin;
    if increase > 0.0 && first >= 0.0 {
        to_start = to_start.min(sampled * (first / increase));
    }
    let reach = |gap: f64| if gap < between * 1.1 { gap } else { between / 2.0 };
    let stretched = sampled + reach(to_start) + reach(unix - last_at);
    Some(increase * (stretched / sampled) / window)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts seconds times two; it started at 10,000 and again at 20,000, and is away for 100 s before that.
    struct Twice;

    impl Counter for Twice {
        fn sample(&self, unix: f64) -> Option<f64> {
            let away = unix < 10_000.0 || (19_900.0..20_000.0).contains(&unix) || unix >= 30_000.0;
            (!away).then(|| 2.0 * (unix - self.started_at(unix)))
        }
        fn started_at(&self, unix: f64) -> f64 {
            if unix < 20_000.0 { 10_000.0 } else { 20_000.0 }
        }
    }

    #[test]
    fn a_steady_counter_has_its_rate() {
        for unix in [15_000.0, 15_007.5, 15_014.9, 25_000.0] {
            assert!((rate(&Twice, unix, 300.0).unwrap() - 2.0).abs() < 1e-9, "{unix}");
        }
    }

    #[test]
    fn two_samples_are_needed() {
        assert_eq!(rate(&Twice, 10_010.0, 300.0), None);
        assert_eq!(rate(&Twice, 10_019.9, 300.0), None, "one sample, at 10,005");
        assert!(rate(&Twice, 10_036.0, 300.0).is_some());
    }

    #[test]
    fn a_counter_that_starts_anew_never_counts_backwards() {
        let rate = rate(&Twice, 20_100.0, 300.0).unwrap();
        assert!((1.0..2.0).contains(&rate), "{rate}");
    }

    #[test]
    fn what_is_gone_lingers_for_the_window_and_fades() {
        let at = |unix| rate(&Twice, unix, 300.0);
        assert!(at(30_010.0).unwrap() > at(30_200.0).unwrap());
        assert!(at(30_200.0).unwrap() > 0.0);
        assert_eq!(at(30_300.0), None);
    }
}
