//! What tests and demos may do to the world by hand.
//!
//! Machines are named by their host name, with or without its domain. Every verb takes effect at the world's
//! own [`World::now`], and tells whether it changed anything.

use super::schedule::HAND_BACK_AFTER;
use super::state::{BuildStatus, Presence};
use super::{World, machines};

impl World {
    /// Pauses the swarm until [`World::resume`].
    pub fn pause(&mut self) -> bool {
        let changed = !self.paused;
        if changed {
            self.pause_now(f64::INFINITY);
        }
        changed
    }

    /// Lets the swarm go on.
    pub fn resume(&mut self) -> bool {
        let changed = self.paused;
        self.resume_now();
        self.hand_out();
        changed
    }

    /// Lets a machine fall silent now: a minute later it counts as offline, then its work is taken back.
    pub fn silence(&mut self, name: &str) -> bool {
        let Some(node) = self.position(name).filter(|node| self.nodes[*node].presence == Presence::Online)
        else {
            return false;
        };
        self.fall_silent(node, f64::INFINITY);
        true
    }

    /// Takes a machine offline as if it had been silent long enough: it counts as offline, its work is back.
    pub fn take_offline(&mut self, name: &str) -> bool {
        let Some(node) = self.position(name).filter(|node| self.nodes[*node].online()) else { return false };
        if self.nodes[node].presence == Presence::Online {
            self.fall_silent(node, f64::INFINITY);
        }
        self.hand_back(node);
        let since = self.nodes[node].last_seen(self.now).min(self.now - self.scaled(HAND_BACK_AFTER));
        self.nodes[node].presence = Presence::Offline { since };
        self.nodes[node].back_at = f64::INFINITY;
        self.hand_out();
        true
    }

    /// Brings a silent or offline machine back.
    pub fn bring_back(&mut self, name: &str) -> bool {
        let Some(node) = self.position(name).filter(|node| self.nodes[*node].presence != Presence::Online)
        else {
            return false;
        };
        self.wake(node);
        self.hand_out();
        true
    }

    /// Deletes a machine from the control plane; its rows then carry the first 12 characters of its id.
    pub fn remove(&mut self, name: &str) -> bool {
        let Some(node) = self.position(name) else { return false };
        self.delete(node);
        true
    }

    /// Grounds a machine for 20 minutes, as three failures in a row do.
    pub fn ground(&mut self, name: &str) -> bool {
        let Some(node) = self.position(name) else { return false };
        self.ground_now(node);
        self.hand_out();
        true
    }

    /// Lets the build that has run longest succeed now; tells its package.
    pub fn finish_one(&mut self) -> Option<String> {
        self.end_one(BuildStatus::Success)
    }

    /// Lets the build that has run longest end with `status` now; tells its package.
    pub fn end_one(&mut self, status: BuildStatus) -> Option<String> {
        let running = self.nodes.iter().filter(|node| node.presence == Presence::Online);
        let oldest = running
            .filter_map(|node| node.job.as_ref().map(|job| (job.started_at, job.item, node.index)))
            .min_by(|one, other| one.0.total_cmp(&other.0));
        let (_, item, node) = oldest?;
        if let Some(job) = &mut self.nodes[node].job {
            job.outcome = status;
        }
        self.finish(node);
        self.hand_out();
        Some(self.items[item].package.clone())
    }

    /// Adds `wanted` packages: to the open session, or to one that begins now.
    pub fn add_work(&mut self, wanted: usize) {
        if self.active_session().is_some() {
            self.want(wanted);
        } else {
            self.begin_session(wanted);
        }
        self.hand_out();
    }

    /// Delivers everything that is open, which ends the session; the next one comes after its usual pause.
    pub fn finish_everything(&mut self) {
        for node in 0..self.nodes.len() {
            self.hand_back(node);
        }
        let builder = self.nodes.iter().position(|node| !node.removed).unwrap_or(0);
        for item in std::mem::take(&mut self.open) {
            self.report(builder, item, BuildStatus::Success, self.scaled(60.0));
        }
        self.update_sessions();
    }

    /// Every string that must never become public: names, addresses, ids, paths, mail addresses, sessions.
    #[must_use]
    pub fn internal_strings(&self) -> Vec<String> {
        let mut strings: Vec<String> = machines::MACHINES
            .iter()
            .flat_map(|machine| {
                [machine.host, machine.short_host(), machine.address, machine.id, machine.id_prefix()]
            })
            .chain([machines::SHARED_OVERLAY_ADDRESS])
            .chain(super::errors::INTERNAL_FRAGMENTS)
            .chain(super::hosts::INTERNAL_FRAGMENTS)
            .chain(super::services::INTERNAL_FRAGMENTS)
            .chain(super::alerts::INTERNAL_FRAGMENTS)
            .chain(super::logs::INTERNAL_FRAGMENTS)
            .map(str::to_owned)
            .collect();
        for station in &self.stations {
            strings.extend([&station.host, station.short_host(), &station.address].map(str::to_owned));
        }
        for session in &self.sessions {
            strings.push(session.id.clone());
            strings.push(session.name.clone());
        }
        strings.sort_unstable();
        strings.dedup();
        strings
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| {
            !node.removed && (node.machine.host == name || node.machine.short_host() == name)
        })
    }
}
