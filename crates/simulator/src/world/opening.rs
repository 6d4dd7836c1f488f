//! The two and a half days before the start: the world lives through them, and is then brought into full swing.

use super::dice::Dice;
use super::machines::{MACHINES, Role};
use super::packages::CATALOGUE;
use super::state::{BuildStatus, ItemState, Node, Presence};
use super::{HOUR, MINUTE, Timers, World, stations};

/// How far the history reaches back, in seconds.
const HISTORY: f64 = 60.0 * HOUR;
/// How long before the start the retired machine was removed, in seconds.
const RETIRED_BEFORE: f64 = 36.0 * HOUR;
/// No session of the history begins later than this before the start, in seconds.
const QUIET_BEFORE: f64 = 5.0 * HOUR;
/// How long the session of the start has been open, in seconds.
const LEAD: f64 = 40.0 * MINUTE;
/// How many packages the session of the start wants.
const FIRST_WANTED: usize = 60;
/// How many items wait at the start, at least and at most.
const WAITING: std::ops::RangeInclusive<usize> = 34..=56;
/// How many items are blocked at the start, at most.
const BLOCKED: usize = 2;

/// The world at `start`, with its history.
pub(super) fn open(seed: u64, start: f64, speed: f64) -> World {
    let mut dice = Dice::new(seed);
    let begin = start - HISTORY;
    let bumps = CATALOGUE.iter().map(|_| u32::from(dice.chance(0.3))).collect();
    let mut world = World {
        seed,
        speed,
        now: begin,
        booted_at: start - 129.0 * HOUR,
        begun_at: begin,
        nodes: MACHINES.iter().enumerate().map(|(index, machine)| Node::new(index, machine)).collect(),
        items: Vec::new(),
        open: Vec::new(),
        builds: Vec::new(),
        sessions: Vec::new(),
        stations: stations::first(),
        outages: Vec::new(),
        bumps,
        paused: false,
        timers: Timers {
            session: begin + 10.0 * MINUTE,
            pause: begin + dice.between(6.0, 12.0) * HOUR,
            resume: f64::INFINITY,
            outage: begin + dice.between(2.0, 6.0) * HOUR,
            bad_spell: begin + dice.between(3.0, 8.0) * HOUR,
            retirement: f64::INFINITY,
            gap_speed: 1.0,
        },
        dice,
    };
    world.live_through_the_past(start);
    world.come_into_full_swing(start);
    world
}

impl World {
    fn live_through_the_past(&mut self, start: f64) {
        self.advance_to(start - RETIRED_BEFORE);
        // It retires while it has something to build, so that a row carries its id's start.
        if self.active_session().is_none() {
            self.advance_to(self.timers.session);
        }
        self.resume_now();
        self.want(8);
        self.timers.retirement = self.now;
        self.advance_to(start - QUIET_BEFORE);
        let lead = start - self.scaled(LEAD);
        loop {
            if self.active_session().is_none() {
                self.timers.session = f64::INFINITY;
            }
            let due = self.next_due();
            if due > lead {
                break;
            }
            self.advance_to(due);
        }
        self.advance_to(lead);
    }

    /// One drone offline, one or two items blocked, dozens waiting, the others building.
    fn come_into_full_swing(&mut self, start: f64) {
        self.resume_now();
        for node in 0..self.nodes.len() {
            if !self.nodes[node].removed && self.nodes[node].presence != Presence::Online {
                self.wake(node);
            }
            self.nodes[node].bad_builds = 0;
            self.nodes[node].health = None;
        }
        let at = |hours: f64, speed: f64| start + hours * HOUR / speed;
        self.timers.pause = at(2.5, self.speed);
        self.timers.bad_spell = at(0.6, self.speed);
        self.timers.outage = at(1.4, self.speed);
        self.timers.gap_speed = self.speed;
        self.top_up(FIRST_WANTED);
        self.advance_to(start - self.scaled(14.0 * MINUTE));
        self.top_up(*WAITING.end());
        let asleep = self.nodes.iter().rposition(|node| !node.removed && node.machine.role == Role::Drone);
        if let Some(node) = asleep {
            self.fall_silent(node, start + self.scaled(25.0 * MINUTE));
        }
        self.advance_to(start - self.scaled(9.0 * MINUTE));
        self.top_up(*WAITING.start());
        if self.blocked().is_empty() {
            self.fail_an_item_twice();
        }
        self.advance_to(start - self.scaled(1.0));
        self.settle_the_queue();
        self.advance_to(start);
    }

    /// The first waiting item fails on two drones, which blocks it unless the sweeper takes it.
    fn fail_an_item_twice(&mut self) {
        let Some(item) = self.items.iter().position(|item| item.state == ItemState::Needed) else { return };
        let drones: Vec<usize> = (0..self.nodes.len())
            .filter(|node| self.nodes[*node].online() && self.nodes[*node].machine.role == Role::Drone)
            .filter(|node| !self.nodes[*node].removed && !self.items[item].failed_by.contains(node))
            .take(2)
            .collect();
        for node in drones {
            if self.items[item].state == ItemState::Needed {
                let seconds = self.dice.between(30.0, 200.0);
                let duration = self.scaled(seconds);
                self.report(node, item, BuildStatus::Failed, duration);
            }
        }
    }

    /// Brings the numbers of waiting and blocked items into their ranges.
    fn settle_the_queue(&mut self) {
        let now = self.now;
        // The sweeper takes one at most, so the second item stays blocked.
        for _ in 0..2 {
            if self.blocked().is_empty() {
                self.fail_an_item_twice();
            }
        }
        let blocked = self.blocked();
        for &item in blocked.iter().skip(BLOCKED) {
            self.items[item].state = ItemState::Blocked { retry_at: now };
        }
        if let Some(&item) = blocked.first() {
            // The retry of the one that is shown lies well after the start.
            let retry_at = now + self.scaled(22.0 * MINUTE);
            self.items[item].state = ItemState::Blocked { retry_at };
        }
        // Nobody is grounded for failures that the scene needed.
        self.nodes.iter_mut().for_each(|node| node.health = None);
        let room = WAITING.end() - WAITING.start();
        let wanted = WAITING.start() + self.dice.below(room);
        self.top_up(wanted);
    }

    /// Lets at least `wanted` items wait, in the open session or in a new one, and hands some out.
    fn top_up(&mut self, wanted: usize) {
        let waiting = self.count(|state| *state == ItemState::Needed);
        if self.active_session().is_none() {
            self.begin_session(wanted);
        } else if waiting < wanted {
            self.want(wanted - waiting);
        }
        self.hand_out();
    }

    fn blocked(&self) -> Vec<usize> {
        let blocked = |item: &usize| matches!(self.items[*item].state, ItemState::Blocked { .. });
        self.open.iter().copied().filter(blocked).collect()
    }
}
