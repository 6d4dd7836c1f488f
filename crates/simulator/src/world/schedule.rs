//! Which event is due next, and handling whatever is due.
//!
//! Each event is handled at its own instant and in a fixed order, so the steps in which a caller advances the
//! world do not matter.

use super::World;
use super::state::{ItemState, Presence};

/// How long after its last heartbeat a node counts as offline, in seconds.
pub(super) const OFFLINE_AFTER: f64 = 60.0;
/// How long after its last heartbeat a node's items are taken back, in seconds.
pub(super) const HAND_BACK_AFTER: f64 = 75.0;

impl World {
    /// When the next event is due; infinity if nothing will ever happen.
    pub(super) fn next_due(&self) -> f64 {
        let timers = &self.timers;
        let mut due =
            [timers.session, timers.pause, timers.resume, timers.outage, timers.bad_spell, timers.retirement]
                .into_iter()
                .fold(f64::INFINITY, f64::min);
        for node in &self.nodes {
            due = due.min(node.hand_back_at).min(node.back_at);
            if let Presence::Silent { since } = node.presence {
                due = due.min(since + self.scaled(OFFLINE_AFTER));
            }
            if let Some(job) = &node.job {
                due = due.min(job.finish_at);
            }
            if let Some(until) = node.health.as_ref().and_then(|health| health.grounded_until) {
                due = due.min(until);
            }
        }
        self.open.iter().fold(due, |due, item| match self.items[*item].state {
            ItemState::Blocked { retry_at } => due.min(retry_at),
            _ => due,
        })
    }

    /// Handles everything that is due now, then hands out work.
    pub(super) fn step(&mut self) {
        self.update_fleet();
        self.finish_due_builds();
        self.retry_due_items();
        self.update_operator();
        self.update_sessions();
        self.hand_out();
    }
}
