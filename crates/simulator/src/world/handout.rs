//! Hand-outs: who gets which item, what is begun, and how it will end.

use super::machines::Role;
use super::packages::CATALOGUE;
use super::state::{BuildStatus, Item, ItemState, Job, Presence};
use super::{HOUR, World};

/// How the build times of one package spread around their median.
const SIGMA: f64 = 0.22;
/// A package that would take a machine longer than this is left to a faster one that is online, in seconds.
const TOO_LONG: f64 = 2.0 * HOUR;
/// No build is waited for longer than this once it takes too long, in seconds.
const TIMEOUT: f64 = 2.0 * HOUR;

impl World {
    /// Gives every able node one item, then fills their stocks, and lets idle ones begin.
    pub(super) fn hand_out(&mut self) {
        if !self.paused {
            let most = self.nodes.iter().map(|node| node.machine.holds()).max().unwrap_or(0);
            for round in 0..most {
                for node in 0..self.nodes.len() {
                    self.offer(node, round);
                }
            }
        }
        for node in 0..self.nodes.len() {
            self.begin_build(node);
        }
    }

    /// Gives the node its item number `round + 1`, if it has room for it and something suits it.
    fn offer(&mut self, node: usize, round: usize) {
        let receiver = &self.nodes[node];
        if !receiver.able(self.now) || receiver.held.len() > round || receiver.machine.holds() <= round {
            return;
        }
        let machine = receiver.machine;
        let online = self.nodes().filter(|node| node.online() && node.machine.role == Role::Drone);
        let fastest = online.map(|node| node.machine.power).all(|power| power <= machine.power);
        let suits = |item: &Item| match machine.role {
            Role::Sweeper => false,
            Role::Drone => {
                let estimate = CATALOGUE[item.catalogue].median / machine.power;
                item.state == ItemState::Needed
                    && !item.failed_by.contains(&node)
                    && (estimate < TOO_LONG || fastest || !item.failed_by.is_empty())
            }
        };
        if let Some(item) = self.open.iter().copied().find(|item| suits(&self.items[*item])) {
            self.delegate(item, node);
        }
    }

    pub(super) fn delegate(&mut self, item: usize, node: usize) {
        let row = &mut self.items[item];
        row.state = ItemState::Delegated;
        row.assigned_to = Some(node);
        row.assigned_at = Some(self.now);
        self.nodes[node].held.push(item);
    }

    /// Lets a node without a build begin with the first item that it holds.
    fn begin_build(&mut self, node: usize) {
        let builder = &self.nodes[node];
        if builder.job.is_some() || builder.presence != Presence::Online {
            return;
        }
        let Some(&item) = builder.held.first() else { return };
        let (machine, spoilt) = (builder.machine, builder.bad_builds > 0);
        self.nodes[node].bad_builds = self.nodes[node].bad_builds.saturating_sub(1);
        let row = &self.items[item];
        let full = self.dice.log_normal(CATALOGUE[row.catalogue].median / machine.power, SIGMA).max(4.0);
        let outcome = self.outcome(machine.role, self.items[item].cursed, spoilt);
        let share = match outcome {
            BuildStatus::Success | BuildStatus::UploadFailed | BuildStatus::MissingBinary => 1.0,
            BuildStatus::Failed => self.dice.between(0.1, 0.95),
            BuildStatus::Timeout => 3.0_f64.min(TIMEOUT / full),
            BuildStatus::Masked => 0.02,
            BuildStatus::Returned => self.dice.between(0.05, 0.5),
        };
        let duration = self.scaled((full * share).max(2.0));
        let dependency = (full > 60.0 && share > 0.3 && self.dice.chance(0.2)).then(|| {
            let other = self.dice.below(CATALOGUE.len());
            CATALOGUE[other].atom(self.bumps[other])
        });
        let head_start = if dependency.is_some() { self.dice.between(0.08, 0.3) } else { 0.0 };
        self.nodes[node].job = Some(Job {
            item,
            started_at: self.now,
            item_at: self.now + head_start * duration,
            dependency,
            finish_at: self.now + duration,
            outcome,
        });
    }

    fn outcome(&mut self, role: Role, cursed: bool, spoilt: bool) -> BuildStatus {
        use BuildStatus::{Failed, Masked, MissingBinary, Returned, Success, Timeout, UploadFailed};
        if role == Role::Sweeper {
            return if self.dice.chance(0.8) { Success } else { Failed };
        }
        if cursed {
            return if self.dice.chance(0.85) { Failed } else { Masked };
        }
        if spoilt && self.dice.chance(0.85) {
            return if self.dice.chance(0.75) { Failed } else { UploadFailed };
        }
        let rare = [
            (0.030, Failed),
            (0.012, Timeout),
            (0.012, Masked),
            (0.012, UploadFailed),
            (0.014, MissingBinary),
            (0.008, Returned),
        ];
        let mut left = self.dice.unit();
        for (probability, status) in rare {
            if left < probability {
                return status;
            }
            left -= probability;
        }
        Success
    }
}
