//! The newest values of a stream, and their quantiles.

use std::collections::VecDeque;

/// The newest values, at most as many as its capacity.
#[derive(Debug, Clone)]
pub(super) struct Window {
    capacity: usize,
    arrived: VecDeque<f64>,
    sorted: Vec<f64>,
}

impl Window {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, arrived: VecDeque::new(), sorted: Vec::new() }
    }

    /// Takes in a value and lets go of the oldest beyond the capacity. What is no number is left out.
    pub(super) fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        if self.arrived.len() == self.capacity
            && let Some(oldest) = self.arrived.pop_front()
        {
            let place = self.place(oldest);
            self.sorted.remove(place);
        }
        self.arrived.push_back(value);
        self.sorted.insert(self.place(value), value);
    }

    pub(super) fn len(&self) -> usize {
        self.arrived.len()
    }

    /// Their mean, 0 without any.
    pub(super) fn mean(&self) -> f64 {
        self.arrived.iter().sum::<f64>() / self.arrived.len().max(1) as f64
    }

    /// The value below which `share` of the values lie, with some of the distance between two neighbours; `None`
    /// without values.
    ///
    /// The n values are taken to cut the line into n + 1 parts of equal probability, so that the outer quantiles of
    /// few values are not too near.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let n = self.sorted.len();
        let place = (share * (n as f64 + 1.0) - 1.0).clamp(0.0, n.saturating_sub(1) as f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the places")]
        let below = place.floor() as usize;
        let low = *self.sorted.get(below)?;
        let high = self.sorted.get(below + 1).copied().unwrap_or(low);
        Some(low + (high - low) * (place - place.floor()))
    }

    /// Where a value is, or would be.
    fn place(&self, value: f64) -> usize {
        self.sorted.partition_point(|other| *other < value)
    }
}
