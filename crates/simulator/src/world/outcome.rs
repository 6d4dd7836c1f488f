//! Outcomes: what follows from a build's end for its item, its machine and the history.

use super::machines::Role;
use super::state::{Build, BuildStatus, Health, ItemState, Node};
use super::{MINUTE, World, errors};

/// How many different drones must fail before an item is set aside.
const FAILURES_TO_BLOCK: usize = 2;
/// How long an item is set aside, in seconds.
const RETRY_AFTER: f64 = 30.0 * MINUTE;
/// How many failures in a row ground a drone.
const FAILURES_TO_GROUND: u32 = 3;
/// How long a drone is grounded, in seconds.
const GROUNDED_FOR: f64 = 20.0 * MINUTE;

impl World {
    /// Ends every build that is due.
    pub(super) fn finish_due_builds(&mut self) {
        for node in 0..self.nodes.len() {
            if self.nodes[node].job.as_ref().is_some_and(|job| job.finish_at <= self.now) {
                self.finish(node);
            }
        }
    }

    /// Ends the build of `node` now, as its job has it.
    pub(super) fn finish(&mut self, node: usize) {
        let Some(job) = self.nodes[node].job.take() else { return };
        self.nodes[node].held.retain(|item| *item != job.item);
        self.nodes[node].journal.note_work(job.started_at, self.now);
        self.report(node, job.item, job.outcome, self.now - job.started_at);
    }

    /// Writes a result down, with what follows from it for the item and the node.
    pub(super) fn report(&mut self, node: usize, item: usize, status: BuildStatus, duration: f64) {
        let machine = self.nodes[node].machine;
        let drone_name = self.drone_name(node);
        let session_id = self.active_session().map(|session| session.id.clone());
        let row = &mut self.items[item];
        let error_message = errors::text(status, &row.package, machine);
        self.builds.push(Build {
            id: self.builds.last().map_or(1, |build| build.id + 1),
            package: row.package.clone(),
            machine: node,
            drone_name,
            status,
            duration,
            error_message: error_message.clone(),
            session_id,
            built_at: self.now.floor(),
        });
        row.assigned_to = None;
        row.assigned_at = None;
        row.state = ItemState::Needed;
        match status {
            BuildStatus::Success => {
                row.state = ItemState::Received;
                row.assigned_to = Some(node);
                row.completed_at = Some(self.now);
                row.error_message.clear();
                self.open.retain(|open| *open != item);
            }
            BuildStatus::Returned | BuildStatus::UploadFailed => {}
            BuildStatus::Masked => {
                row.failures += 1;
                self.block(item, "Package masked upstream".to_owned());
            }
            BuildStatus::Failed | BuildStatus::Timeout | BuildStatus::MissingBinary => {
                row.failures += 1;
                row.error_message = error_message.unwrap_or_default();
                if !row.failed_by.contains(&node) {
                    row.failed_by.push(node);
                }
                let failed_by = row.failed_by.len();
                if machine.role == Role::Sweeper || failed_by >= FAILURES_TO_BLOCK {
                    self.block(item, format!("Failed on {} different drones", failed_by.max(2)));
                    self.call_the_sweeper(item);
                }
            }
        }
        self.note_health(node, status);
    }

    fn block(&mut self, item: usize, reason: String) {
        let retry_at = self.now + self.scaled(RETRY_AFTER);
        let row = &mut self.items[item];
        row.state = ItemState::Blocked { retry_at };
        row.error_message = reason;
    }

    /// Sometimes an idle sweeper takes a blocked item at once.
    fn call_the_sweeper(&mut self, item: usize) {
        let idle =
            |node: &Node| node.machine.role == Role::Sweeper && node.able(self.now) && node.held.is_empty();
        let sweeper = self.nodes.iter().position(idle);
        let tried = |sweeper: &usize| self.items[item].failed_by.contains(sweeper);
        if let Some(sweeper) = sweeper.filter(|sweeper| !tried(sweeper))
            && !self.paused
            && self.dice.chance(0.4)
        {
            self.delegate(item, sweeper);
        }
    }

    fn note_health(&mut self, node: usize, status: BuildStatus) {
        let now = self.now;
        let row = &mut self.nodes[node];
        match status {
            BuildStatus::Success => {
                row.builds_completed += 1;
                // The row goes with the first success, unless the drone is still grounded.
                if row.health.as_ref().is_some_and(|health| health.grounded_until.is_none()) {
                    row.health = None;
                }
                return;
            }
            BuildStatus::Masked | BuildStatus::Returned => return,
            BuildStatus::Failed => row.builds_failed += 1,
            BuildStatus::Timeout | BuildStatus::UploadFailed | BuildStatus::MissingBinary => {}
        }
        let health = row.health.get_or_insert_with(Health::default);
        if status == BuildStatus::UploadFailed {
            health.upload_failures += 1;
            health.last_upload_failure = Some(now);
        }
        health.failures += 1;
        health.last_failure = now;
        health.last_probe_result = errors::probe(row.machine, now);
        health.last_probe_at = now;
        if health.failures >= FAILURES_TO_GROUND && row.machine.role == Role::Drone {
            self.ground_now(node);
        }
    }

    /// Gives the node no work for a while, and takes its stock back.
    pub(super) fn ground_now(&mut self, node: usize) {
        let until = self.now + self.scaled(GROUNDED_FOR);
        let row = &mut self.nodes[node];
        let probe = errors::probe(row.machine, self.now);
        let health = row.health.get_or_insert_with(|| Health {
            failures: FAILURES_TO_GROUND,
            last_failure: self.now,
            last_probe_result: probe,
            last_probe_at: self.now,
            ..Health::default()
        });
        if health.grounded_until.is_none() {
            health.grounded_until = Some(until);
            health.escalation_level += 1;
            health.last_escalation_at = Some(self.now);
            self.hand_back_stock(node);
        }
    }

    /// Puts what the node holds beside its build back into the queue.
    fn hand_back_stock(&mut self, node: usize) {
        let building = self.nodes[node].job.as_ref().map(|job| job.item);
        let (kept, stock): (Vec<_>, Vec<_>) =
            self.nodes[node].held.iter().partition(|item| Some(**item) == building);
        self.nodes[node].held = kept;
        for item in stock {
            self.take_back(item);
        }
    }

    /// Puts an item back into the queue.
    pub(super) fn take_back(&mut self, item: usize) {
        let row = &mut self.items[item];
        row.state = ItemState::Needed;
        row.assigned_to = None;
        row.assigned_at = None;
    }
}
