//! The queue: every row of the orchestrator, with what is known of the drone that has it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use identity::{directory::SubjectId, name::PublicName, package::PackageAtom};
use jiff::Timestamp;
use snapshot::{
    clock::Now,
    control::SessionState,
    estimate::{Drain, Estimate},
    fleet::Role,
    queue::{
        BLOCKED_MAX, Counts, ItemState, PENDING_MAX, Queue, QueueItem, RECENT_MAX, Reason, Scope, Truncated,
    },
    section::SourceName,
};

use super::{
    Assembler,
    fleet::Machine,
    forecast::Terms,
    items::Unnumbered,
    naming::{Naming, Recognised},
    reason,
};
use crate::report::{Held, QueueRow, RowStatus, StatusCounts, StatusReport};

const ORIGIN: &str = SourceName::Orchestrator.as_str();

/// An item that a drone holds, for the fleet.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) subject: Option<SubjectId>,
    pub(super) raw: Arc<str>,
    pub(super) package: Option<PackageAtom>,
    pub(super) state: ItemState,
    pub(super) started_at: Option<Timestamp>,
    pub(super) estimate: Option<Estimate>,
    pub(super) expected_finish_at: Option<Timestamp>,
}

/// A row that is not done, with its package cleared and its drone recognised.
pub(super) struct Live<'a> {
    pub(super) row: &'a QueueRow,
    pub(super) subject: Option<SubjectId>,
    drone: Option<PublicName>,
    package: Option<PackageAtom>,
}

/// Where the rows come from.
struct Source<'a> {
    rows: &'a [QueueRow],
    /// Whether they are the whole queue, or only what the status mentions.
    is_whole: bool,
    status: Option<&'a StatusReport>,
    /// When they were given.
    at: Timestamp,
}

impl Assembler {
    /// Puts a new queue in place; gives the items that drones hold. `machines` is `None` while no drone is known.
    pub(super) fn assemble_queue(&mut self, machines: Option<&[Machine]>, now: Now) -> Vec<Placed> {
        let Some(orchestrator) = self.orchestrator.take() else { return Vec::new() };
        let report = &orchestrator.report;
        let status = report.status.as_ref();
        let at = orchestrator.at;
        let source = match (&report.queue, status) {
            (Some(rows), _) => Some(Source { rows, is_whole: true, status, at }),
            (None, Some(status)) => {
                Some(Source { rows: &status.mentioned, is_whole: false, status: Some(status), at })
            }
            (None, None) => None,
        };
        let mut placed = Vec::new();
        if let Some(source) = source {
            let queue;
            (queue, placed) = self.queue(&source, machines, now);
            let (queue, n_hits) = self.screen.queue(&self.guard, queue);
            self.note_hits(SourceName::Orchestrator, "queue", n_hits);
            self.snapshot.queue.replace(queue, now.wall);
        }
        self.orchestrator = Some(orchestrator);
        placed
    }

    fn queue(&mut self, source: &Source<'_>, machines: Option<&[Machine]>, now: Now) -> (Queue, Vec<Placed>) {
        let live = self.recognise(source);
        let unnumbered: Vec<_> = live.iter().map(Live::unnumbered).collect();
        let ids = self.items.assign(&unnumbered);
        let started = self.started(&live, machines.unwrap_or_default());
        let states = held_states(&live, &started, machines);
        let outlook = self.outlook(&live, machines, source.status, now);

        let mut lists = Lists::default();
        let mut placed = Vec::new();
        for (idx, (live, id)) in live.into_iter().zip(ids).enumerate() {
            let row = live.row;
            let mut item = QueueItem {
                id,
                package: live.package,
                state: ItemState::Pending,
                reason: None,
                drone: live.drone,
                failures: row.failures,
                assigned_at: row.assigned_at,
                started_at: started[idx],
                estimate: None,
                expected_start_at: None,
                expected_finish_at: None,
            };
            match row.status {
                RowStatus::Delegated => {
                    item.state = states[idx];
                    item.reason = reason::of_held(item.state);
                    placed.push(Placed {
                        subject: live.subject,
                        raw: Arc::clone(&row.work.raw),
                        package: item.package.clone(),
                        state: item.state,
                        started_at: item.started_at,
                        estimate: None,
                        expected_finish_at: None,
                    });
                    lists.building.push(item);
                }
                RowStatus::Blocked | RowStatus::Failed => {
                    let is_failed = row.status == RowStatus::Failed;
                    item.state = if is_failed { ItemState::Failed } else { ItemState::Blocked };
                    item.reason = Some(reason::of_blocked(row));
                    lists.blocked.push(item);
                }
                RowStatus::Needed => {
                    item.reason = Some(outlook.reason(row));
                    lists.pending.push(item);
                }
                RowStatus::Received | RowStatus::Other => {
                    item.reason = Some(Reason::Unspecified);
                    lists.pending.push(item);
                }
            }
        }
        let terms = self.terms(source, machines.unwrap_or_default(), now);
        let n_blocked = u32::try_from(lists.blocked.len()).unwrap_or(u32::MAX);
        let Lists { pending, building, .. } = &mut lists;
        let drain = self.forecaster.foresee(&terms, pending, building, n_blocked, now);
        for (placed, item) in placed.iter_mut().zip(building) {
            placed.estimate = item.estimate;
            placed.expected_finish_at = item.expected_finish_at;
        }
        lists.drain = drain;
        (self.bounded(source, lists), placed)
    }

    /// Who takes work: able drones, sweepers aside, unless the swarm is paused.
    fn terms(&mut self, source: &Source<'_>, machines: &[Machine], now: Now) -> Terms {
        let is_paused = source.status.and_then(|status| status.is_paused) == Some(true);
        let takes_work = |machine: &&Machine| {
            !is_paused && machine.is_able(now.wall) && machine.node.role != Some(Role::Sweeper)
        };
        let able = machines.iter().filter(takes_work);
        let mut able: Vec<_> = able.filter_map(|machine| self.directory.name(machine.subject)).collect();
        able.sort();
        able.dedup();
        Terms { able, is_whole: source.is_whole }
    }

    /// Recognises packages and drones of all rows that are not done.
    fn recognise<'a>(&mut self, source: &Source<'a>) -> Vec<Live<'a>> {
        let mut naming = Naming { directory: &mut self.directory, guard: &self.guard };
        let mut drones: HashMap<&str, Option<Recognised>> = HashMap::new();
        let at = source.at.as_second();
        let live = source.rows.iter().filter(|row| row.status != RowStatus::Received);
        live.map(|row| {
            let drone = row.drone.as_deref().and_then(|text| {
                drones.entry(text).or_insert_with(|| naming.drone(text, ORIGIN, at)).clone()
            });
            let (subject, drone) = drone.map_or((None, None), |(subject, name)| (Some(subject), name));
            let package = row.work.atom.as_ref().and_then(|atom| naming.package(atom));
            Live { row, subject, drone, package }
        })
        .collect()
    }

    /// When work on each row began, as far as it is known.
    ///
    /// The gateway says when; the orchestrator only for how long, and that is pinned at first sight: computed at
    /// each poll it would tremble.
    fn started(&mut self, live: &[Live<'_>], machines: &[Machine]) -> Vec<Option<Timestamp>> {
        let before = std::mem::take(&mut self.pins);
        let mut held: HashMap<(SubjectId, &str), &Held> = HashMap::new();
        for machine in machines {
            held.extend(machine.node.held.iter().map(|held| ((machine.subject, &*held.raw), held)));
        }
        let known: HashSet<SubjectId> = machines.iter().map(|machine| machine.subject).collect();
        live.iter()
            .map(|live| {
                let subject = live.subject.filter(|subject| known.contains(subject))?;
                if live.row.status != RowStatus::Delegated {
                    return None;
                }
                let raw = &live.row.work.raw;
                let held = held.get(&(subject, &**raw));
                let key = (subject, Arc::clone(raw));
                // A start before the hand-out belongs to an earlier try; clocks and rounding allow a second.
                let is_of_this_try = |at: &Timestamp| {
                    live.row.assigned_at.is_none_or(|assigned| at.as_second() + 1 >= assigned.as_second())
                };
                let exact = held.and_then(|held| held.building_since);
                let pinned = before.get(&key).copied();
                let about = held.and_then(|held| held.began_about);
                let started = [exact, pinned, about].into_iter().flatten().find(is_of_this_try)?;
                self.pins.insert(key, started);
                Some(started)
            })
            .collect()
    }

    /// Cuts lists to their bounds and counts everything.
    fn bounded(&self, source: &Source<'_>, mut lists: Lists) -> Queue {
        let n_assigned = count(&lists.building, |item| item.state == ItemState::Assigned);
        let counts = match source.status {
            Some(status) if !source.is_whole => of_status(status.counts, n_assigned),
            _ => of_rows(source.rows, n_assigned),
        };
        lists.pending.truncate(PENDING_MAX);
        lists.blocked.truncate(BLOCKED_MAX);
        let missing = |total: Option<u32>, listed: usize| {
            total.unwrap_or(0).saturating_sub(u32::try_from(listed).unwrap_or(u32::MAX))
        };
        let held_back = counts.blocked.zip(counts.failed).map(|(blocked, failed)| blocked + failed);
        let recent = self.snapshot.history.get().map_or(&[][..], |history| &history.builds);
        Queue {
            paused: source.status.and_then(|status| status.is_paused),
            scope: scope(source.status),
            drain: lists.drain,
            truncated: Truncated {
                pending: missing(counts.pending, lists.pending.len()),
                blocked: missing(held_back, lists.blocked.len()),
            },
            counts,
            pending: lists.pending,
            building: lists.building,
            blocked: lists.blocked,
            recent: recent.iter().take(RECENT_MAX).cloned().collect(),
        }
    }
}

#[derive(Default)]
struct Lists {
    pending: Vec<QueueItem>,
    building: Vec<QueueItem>,
    blocked: Vec<QueueItem>,
    drain: Option<Drain>,
}

impl Live<'_> {
    fn unnumbered(&self) -> Unnumbered<'_> {
        Unnumbered { raw: &self.row.work.raw, status: self.row.status, package: self.package.as_ref() }
    }
}

/// How each handed-out row stands. Being handed out is not being built: drones fetch ahead.
fn held_states(
    live: &[Live<'_>],
    started: &[Option<Timestamp>],
    machines: Option<&[Machine]>,
) -> Vec<ItemState> {
    let everyones: HashSet<&str> = live.iter().map(|live| &*live.row.work.raw).collect();
    let oldest = oldest_of_each(live);
    let by_subject: HashMap<SubjectId, &Machine> =
        machines.unwrap_or_default().iter().map(|machine| (machine.subject, machine)).collect();
    let state = |idx: usize, live: &Live<'_>| {
        let Some(machine) = live.subject.and_then(|subject| by_subject.get(&subject)) else {
            // A drone that is not in the list any more is as gone as a silent one; without a list none is.
            let is_gone = !by_subject.is_empty() && live.row.drone.is_some();
            return if is_gone { ItemState::Stalled } else { ItemState::Assigned };
        };
        let current = machine.node.current_task.as_ref().map(|work| &*work.raw);
        let is_current = current == Some(&*live.row.work.raw);
        let is_for_dependency =
            oldest.contains(&idx) && current.is_some_and(|current| !everyones.contains(current));
        if !machine.node.is_online {
            ItemState::Stalled
        } else if started[idx].is_some() || is_current || is_for_dependency {
            ItemState::Building
        } else {
            ItemState::Assigned
        }
    };
    live.iter().enumerate().map(|(idx, live)| state(idx, live)).collect()
}

/// The index of the row that each drone got first.
fn oldest_of_each(live: &[Live<'_>]) -> HashSet<usize> {
    let mut oldest: HashMap<SubjectId, usize> = HashMap::new();
    for (idx, row) in live.iter().enumerate().filter(|(_, live)| live.row.status == RowStatus::Delegated) {
        let Some(subject) = row.subject else { continue };
        let first = oldest.entry(subject).or_insert(idx);
        if row.row.assigned_at < live[*first].row.assigned_at {
            *first = idx;
        }
    }
    oldest.into_values().collect()
}

fn scope(status: Option<&StatusReport>) -> Scope {
    let session = status.and_then(|status| status.session);
    let is_active = session.is_some_and(|session| session.state == Some(SessionState::Active));
    if is_active { Scope::Session } else { Scope::All }
}

fn of_rows(rows: &[QueueRow], assigned: u32) -> Counts {
    let with = |status| count(rows, |row| row.status == status);
    let [pending, building] = [with(RowStatus::Needed) + with(RowStatus::Other), with(RowStatus::Delegated)];
    let [completed, failed, blocked] = [RowStatus::Received, RowStatus::Failed, RowStatus::Blocked].map(with);
    Counts {
        pending: Some(pending),
        building: Some(building),
        completed: Some(completed),
        failed: Some(failed),
        blocked: Some(blocked),
        assigned: Some(assigned),
        total: Some(pending + building + completed + failed + blocked),
    }
}

fn of_status(counts: StatusCounts, assigned: u32) -> Counts {
    Counts {
        pending: counts.needed,
        building: counts.delegated,
        completed: counts.received,
        failed: counts.failed,
        blocked: counts.blocked,
        assigned: counts.delegated.map(|_| assigned),
        total: counts.total,
    }
}

fn count<T>(items: &[T], is_counted: impl Fn(&T) -> bool) -> u32 {
    u32::try_from(items.iter().filter(|item| is_counted(item)).count()).unwrap_or(u32::MAX)
}
