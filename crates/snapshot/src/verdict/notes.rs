//! The notes beside a verdict, in their order.

use identity::package::PackageAtom;

use crate::{
    clock::elapsed,
    fleet::Drone,
    infrastructure::FillLevel,
    machines,
    queue::{ItemState, Queue, QueueItem, Reason},
    section::{SourceName, SourceState},
    sentence::{Sentence, count},
    situation::Situation,
    verdict::VerdictCode,
};

/// The longest package in a sentence, in characters: with the longest name beside it the sentence fits.
const PACKAGE_MAX: usize = 64;

pub(super) fn notes(s: &Situation<'_>, code: VerdictCode) -> Vec<Sentence> {
    if code == VerdictCode::OrchestratorSilent {
        return still_reporting(s).into_iter().collect();
    }
    if code.is_past() {
        return Vec::new();
    }
    let mut notes = Vec::new();
    if !matches!(code, VerdictCode::NoDrone | VerdictCode::NoDroneIdle) {
        notes.extend(offline(s));
    }
    notes.extend(s.grounded().map(|(drone, until)| {
        Sentence::default()
            .drone(&drone.name)
            .text(" is grounded until ")
            .time(until)
            .text(" after repeated failures.")
    }));
    if let Some(queue) = s.snapshot.queue.get() {
        notes.extend(queue.building.iter().filter_map(|item| overdue(s, item)));
        notes.extend(queue.building.iter().filter_map(interrupted));
        notes.extend(blocked(s, queue, code));
    }
    notes.extend(machines::down(s).map(|trouble| trouble.text));
    notes.extend(machines::full(s, FillLevel::Critical).map(|trouble| trouble.text));
    notes.extend(machines::alarming(s));
    notes.extend(machines::silent(s));
    notes
}

fn offline(s: &Situation<'_>) -> Option<Sentence> {
    let missing: Vec<&Drone> = s.missing().collect();
    match missing.as_slice() {
        [] => None,
        [drone] => Some(
            Sentence::default()
                .drone(&drone.name)
                .text(" is offline")
                .time_if(" since ", drone.offline_since)
                .text("."),
        ),
        drones => {
            let names: Vec<_> = drones.iter().map(|drone| &drone.name).collect();
            Some(Sentence::new(format!("{} drones are offline: ", drones.len())).drones(&names).text("."))
        }
    }
}

/// While the orchestrator is not heard, no build grows older.
fn overdue(s: &Situation<'_>, item: &QueueItem) -> Option<Sentence> {
    let heard = s.last_seen(SourceName::Orchestrator)?;
    let as_of = if s.orchestrator == Some(SourceState::Online) { s.now.wall } else { heard };
    let elapsed = elapsed(item.started_at?, as_of).as_secs();
    let is_late = item.state == ItemState::Building && elapsed > u64::from(item.estimate?.high_seconds);
    let (package, drone) = (item.package.as_ref()?, item.drone.as_ref()?);
    is_late.then(|| {
        Sentence::default().package(package, short(package)).text(" on ").drone(drone).text(" is overdue.")
    })
}

fn interrupted(item: &QueueItem) -> Option<Sentence> {
    let (package, drone) = (item.package.as_ref()?, item.drone.as_ref()?);
    let text =
        || Sentence::default().package(package, short(package)).text(" was interrupted: ").drone(drone);
    (item.state == ItemState::Stalled).then(|| text().text(" went offline."))
}

fn blocked(s: &Situation<'_>, queue: &Queue, code: VerdictCode) -> Option<Sentence> {
    let n_blocked = queue.counts.blocked.unwrap_or(0);
    if n_blocked == 0 || code == VerdictCode::IdleBlocked {
        return None;
    }
    if let [item] = queue.blocked.as_slice()
        && item.reason == Some(Reason::FailedOnSeveralDrones)
        && let Some(package) = &item.package
        && let Some(history) = s.snapshot.history.get()
    {
        let failures = history.builds.iter().filter(|build| {
            build.package.as_ref() == Some(package)
                && build.status.counts_as() == crate::history::CountsAs::Failure
        });
        let drones: std::collections::BTreeSet<_> =
            failures.filter_map(|build| build.drone.as_ref()).collect();
        if drones.len() >= 2 {
            let failed = format!(" failed on {} drones.", drones.len());
            return Some(Sentence::default().package(package, short(package)).text(failed));
        }
    }
    let are = if n_blocked == 1 { "is" } else { "are" };
    Some(Sentence::new(format!("{} {are} blocked.", count(n_blocked, "package"))))
}

/// As much of a package's text as fits; a sentence begins with it.
fn short(package: &PackageAtom) -> &str {
    let forms = [package.as_str(), package.qualified_name(), package.name()];
    forms.into_iter().find(|form| form.len() <= PACKAGE_MAX).unwrap_or("A package")
}

fn still_reporting(s: &Situation<'_>) -> Option<Sentence> {
    let gateway = s.snapshot.source_state(SourceName::Gateway, s.now)?;
    let drones = s.drones.filter(|drones| drones.total > 0)?;
    let report = if drones.online == 1 { "reports" } else { "report" };
    let text = format!("{} of {} still {report} in.", drones.online, count(drones.total, "drone"));
    (gateway == SourceState::Online).then(|| Sentence::new(text))
}
