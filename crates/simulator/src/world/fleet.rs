//! What happens to the machines and at the operator's desk: outages, hand-backs, groundings, pauses.

use super::dice::Dice;
use super::machines::Role;
use super::schedule::{HAND_BACK_AFTER, OFFLINE_AFTER};
use super::state::{BuildStatus, Metrics, Node, Presence};
use super::{HOUR, MINUTE, World};

/// How many builds of a drone a bad spell spoils, most of them.
const BAD_SPELL: u32 = 6;
/// How often a heartbeat's metrics change, in seconds.
const METRICS_EVERY: f64 = 4.0;

impl World {
    /// Outages, returns, hand-backs, groundings that end, the machine that retires.
    pub(super) fn update_fleet(&mut self) {
        for node in 0..self.nodes.len() {
            if let Presence::Silent { since } = self.nodes[node].presence
                && since + self.scaled(OFFLINE_AFTER) <= self.now
            {
                self.nodes[node].presence = Presence::Offline { since };
            }
            if self.nodes[node].hand_back_at <= self.now {
                self.hand_back(node);
            }
            if self.nodes[node].back_at <= self.now {
                self.wake(node);
            }
            if let Some(health) = &mut self.nodes[node].health
                && health.grounded_until.is_some_and(|until| until <= self.now)
            {
                health.grounded_until = None;
            }
        }
        if self.timers.outage <= self.now {
            let gap = self.dice.between(4.0, 9.0) * HOUR;
            self.timers.outage = self.now + self.scaled(gap);
            let minutes = if self.dice.chance(0.15) {
                self.dice.between(120.0, 300.0)
            } else {
                self.dice.between(8.0, 70.0)
            };
            if let Some(node) = self.any_drone_online() {
                self.fall_silent(node, self.now + self.scaled(minutes * MINUTE));
            }
        }
        if self.timers.retirement <= self.now {
            self.timers.retirement = f64::INFINITY;
            self.retire();
        }
    }

    /// A drone that is online, if enough of them are to spare one.
    fn any_drone_online(&mut self) -> Option<usize> {
        let online: Vec<usize> = self
            .nodes
            .iter()
            .filter(|node| node.machine.role == Role::Drone && node.presence == Presence::Online)
            .filter(|node| !node.removed)
            .map(|node| node.index)
            .collect();
        let chosen = self.dice.below(online.len());
        if online.len() > 2 { online.get(chosen).copied() } else { None }
    }

    /// The node stops talking; its build stands still, and for a while nobody notices.
    pub(super) fn fall_silent(&mut self, node: usize, back_at: f64) {
        let since = self.nodes[node].last_seen(self.now);
        let last_task = self.nodes[node].current_task(&self.items, self.now).map(str::to_owned);
        let hand_back_at = since + self.scaled(HAND_BACK_AFTER);
        let row = &mut self.nodes[node];
        row.presence = Presence::Silent { since };
        row.last_task = last_task;
        row.hand_back_at = hand_back_at;
        row.back_at = back_at;
        if let Some(job) = &mut row.job {
            job.finish_at = f64::INFINITY;
        }
    }

    /// The control plane takes back everything that the node holds.
    pub(super) fn hand_back(&mut self, node: usize) {
        let row = &mut self.nodes[node];
        row.hand_back_at = f64::INFINITY;
        if let Some(job) = row.job.take() {
            let stopped_at = row.away_since().unwrap_or(self.now);
            row.journal.note_work(job.started_at, stopped_at);
        }
        for item in std::mem::take(&mut self.nodes[node].held) {
            self.take_back(item);
        }
    }

    /// The node talks again; what it still held is lost and goes back to the queue.
    pub(super) fn wake(&mut self, node: usize) {
        self.hand_back(node);
        let row = &mut self.nodes[node];
        if let Some(since) = row.away_since() {
            row.journal.note_absence(since, self.now);
        }
        row.presence = Presence::Online;
        row.back_at = f64::INFINITY;
        row.last_task = None;
    }

    /// Deletes the machine that is retired at the start; its last build is still delivered.
    fn retire(&mut self) {
        let Some(node) = self.nodes.iter().position(|node| node.machine.retired) else { return };
        self.wake(node);
        self.hand_out();
        let last = self.now + self.scaled(20.0);
        if let Some(job) = &mut self.nodes[node].job {
            job.finish_at = last;
            job.outcome = BuildStatus::Success;
        }
        self.delete(node);
    }

    /// Deletes a node: its rows carry its id's start, and what it holds is soon taken back.
    pub(super) fn delete(&mut self, node: usize) {
        let hand_back_at = self.now + self.scaled(HAND_BACK_AFTER);
        let row = &mut self.nodes[node];
        row.removed = true;
        row.back_at = f64::INFINITY;
        row.health = None;
        row.hand_back_at = row.hand_back_at.min(hand_back_at);
    }

    /// Pauses, resumes and bad spells; they wait for work, for without it nobody would notice them.
    pub(super) fn update_operator(&mut self) {
        if self.timers.resume <= self.now {
            self.resume_now();
        }
        let busy = self.active_session().is_some();
        let later = self.now + self.scaled(20.0 * MINUTE);
        if self.timers.pause <= self.now {
            self.timers.pause = later;
            if busy && !self.paused {
                let gap = self.dice.between(14.0, 26.0) * HOUR;
                self.timers.pause = self.now + self.scaled(gap);
                let minutes = self.dice.between(8.0, 25.0);
                self.pause_now(self.now + self.scaled(minutes * MINUTE));
            }
        }
        if self.timers.bad_spell <= self.now {
            self.timers.bad_spell = later;
            if busy && let Some(node) = self.any_drone_online() {
                let gap = self.dice.between(8.0, 16.0) * HOUR;
                self.timers.bad_spell = self.now + self.scaled(gap);
                self.nodes[node].bad_builds = BAD_SPELL;
            }
        }
    }

    /// Stops handing out; the drones return what they have not begun and finish the rest.
    pub(super) fn pause_now(&mut self, until: f64) {
        self.paused = true;
        self.timers.resume = until;
        for node in 0..self.nodes.len() {
            if self.nodes[node].presence != Presence::Online || self.nodes[node].removed {
                continue;
            }
            let building = self.nodes[node].job.as_ref().map(|job| job.item);
            let stock: Vec<usize> =
                self.nodes[node].held.iter().copied().filter(|item| Some(*item) != building).collect();
            for item in stock {
                let held_for = self.now - self.items[item].assigned_at.unwrap_or(self.now);
                self.nodes[node].held.retain(|held| *held != item);
                self.report(node, item, BuildStatus::Returned, held_for);
            }
        }
    }

    /// Hands out again.
    pub(super) fn resume_now(&mut self) {
        self.paused = false;
        self.timers.resume = f64::INFINITY;
    }
}

/// A node's metrics at its last heartbeat: a function of the seed and that instant alone.
pub(super) fn metrics(seed: u64, node: &Node, now: f64) -> Metrics {
    let slot = (node.last_seen(now) / METRICS_EVERY).floor() as u64;
    let mut dice = Dice::new(seed ^ slot.rotate_left(17) ^ ((node.index as u64) << 56));
    let busy = match node.presence {
        Presence::Online => node.job.is_some(),
        Presence::Silent { .. } | Presence::Offline { .. } => node.last_task.is_some(),
    };
    let cpu = if busy { dice.between(62.0, 99.9) } else { dice.between(0.4, 7.0) };
    let ram = if busy { dice.between(28.0, 88.0) } else { dice.between(9.0, 18.0) };
    let load = f64::from(node.machine.cores) * cpu / 100.0 * dice.between(0.85, 1.25);
    Metrics { cpu_percent: round(cpu, 10.0), ram_percent: round(ram, 10.0), load_1m: round(load, 100.0) }
}

fn round(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}
