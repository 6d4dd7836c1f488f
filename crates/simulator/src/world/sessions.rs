//! Sessions: rounds of work that begin, are worked off and end.

use super::packages::CATALOGUE;
use super::state::{Item, ItemState, Session};
use super::{HOUR, World, civil, errors};

/// Packages above this median are wanted less often, as most updates do not touch them, in seconds.
const LARGE: f64 = 2_000.0;

impl World {
    /// Ends the session whose items are all done, and begins the next one when it is due.
    pub(super) fn update_sessions(&mut self) {
        if let Some(session) = self.sessions.len().checked_sub(1)
            && self.sessions[session].completed_at.is_none()
        {
            let unfinished = |item: &Item| {
                item.session == session && matches!(item.state, ItemState::Needed | ItemState::Delegated)
            };
            if !self.open.iter().any(|item| unfinished(&self.items[*item])) {
                self.sessions[session].completed_at = Some(self.now);
                let hour = HOUR / self.timers.gap_speed;
                let from_start = self.sessions[session].started_at + self.dice.between(2.0, 4.0) * hour;
                let from_end = self.now + self.dice.between(0.4, 1.0) * hour;
                self.timers.session = from_start.max(from_end);
            }
        }
        if self.timers.session <= self.now {
            let wanted = 30 + self.dice.below(31);
            self.begin_session(wanted);
        }
    }

    /// Begins a session that wants `wanted` packages.
    pub(super) fn begin_session(&mut self, wanted: usize) {
        self.timers.session = f64::INFINITY;
        let number = self.sessions.len();
        self.sessions.push(Session {
            id: format!("session-{}", civil::stamp(self.now)),
            name: errors::session_name(number),
            total_packages: if number % 6 == 5 { 0 } else { wanted },
            started_at: self.now,
            completed_at: None,
        });
        self.want(wanted);
    }

    /// Adds `wanted` items that are not open already to the newest session.
    pub(super) fn want(&mut self, wanted: usize) {
        let Some(session) = self.sessions.len().checked_sub(1) else { return };
        let mut added = 0;
        // Bounded, should ever most of the catalogue be open at once.
        for _ in 0..wanted * 20 {
            if added == wanted {
                return;
            }
            let catalogue = self.dice.below(CATALOGUE.len());
            let large = CATALOGUE[catalogue].median > LARGE;
            let in_session = self.items.iter().rev().take_while(|item| item.session == session);
            let mut taken = self.open.iter().map(|item| &self.items[*item]).chain(in_session);
            if taken.any(|item| item.catalogue == catalogue) || (large && self.dice.chance(0.75)) {
                continue;
            }
            if self.dice.chance(0.6) {
                self.bumps[catalogue] += 1;
            }
            let cursed = self.dice.chance(0.03);
            self.open.push(self.items.len());
            self.items.push(Item {
                package: CATALOGUE[catalogue].atom(self.bumps[catalogue]),
                catalogue,
                session,
                state: ItemState::Needed,
                assigned_to: None,
                failures: 0,
                error_message: String::new(),
                assigned_at: None,
                completed_at: None,
                failed_by: Vec::new(),
                cursed,
            });
            added += 1;
        }
    }

    /// Puts the blocked items whose time has come back into the queue.
    pub(super) fn retry_due_items(&mut self) {
        let now = self.now;
        for item in &self.open {
            let item = &mut self.items[*item];
            if let ItemState::Blocked { retry_at } = item.state
                && retry_at <= now
            {
                item.state = ItemState::Needed;
                item.failed_by.clear();
                if self.dice.chance(0.6) {
                    item.cursed = false;
                }
            }
        }
    }
}
