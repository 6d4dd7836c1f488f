//! When the passing of time alone changes what a snapshot means.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{MOMENT, Now, add, elapsed},
    fleet::DroneState,
    history::{ALARMING, DAY},
    situation::stuck_at,
    snapshot::Snapshot,
    trend::GROWTH_WINDOW,
};

/// How long the end of a session is worth a verdict.
pub const SESSION_NEWS: Duration = Duration::from_secs(12 * 60 * 60);

/// How long from `now` until the snapshot means something else, if nothing new comes.
///
/// There is always such an instant: at midnight the sentences name the day.
#[must_use]
pub fn next(snapshot: &Snapshot, now: Now) -> Duration {
    let silences = snapshot.sources.iter().filter_map(|(_, source)| source.changes_in(now));
    let by_calendar = calendar(snapshot).chain([next_midnight(now.wall)]);
    let ahead = by_calendar.filter(|at| *at > now.wall).map(|at| elapsed(now.wall, at));
    silences.chain(ahead).min().unwrap_or(DAY)
}

/// When `judge`, a pure function of the snapshot and the clocks, began to say what it says at `now`.
///
/// That is the last deadline since the marks were made before which it said something else. Without one it was not
/// time that changed the answer but what the snapshot holds, and that is new: `now`.
#[must_use]
pub fn turned_at<T: PartialEq>(snapshot: &Snapshot, now: Now, judge: impl Fn(Now) -> T) -> Timestamp {
    let current = judge(now);
    let made = snapshot.marks.at.unwrap_or(Timestamp::MIN);
    let mut passed: Vec<(Duration, Timestamp)> =
        passed(snapshot, now).filter(|(_, at)| (made..=now.wall).contains(at)).collect();
    passed.sort_unstable();
    let turned = passed.into_iter().find(|(ago, _)| judge(now.earlier(*ago + MOMENT)) != current);
    turned.map_or(now.wall, |(_, at)| at)
}

/// The deadlines that lie behind: how long ago, by the clock that decides, and at which instant.
fn passed(snapshot: &Snapshot, now: Now) -> impl Iterator<Item = (Duration, Timestamp)> {
    let silences = snapshot.sources.iter().flat_map(move |(_, source)| {
        let seen = source.last_seen.zip(source.age(now));
        // Zero: what was restored may have been seen in what was the future.
        let limits = [Duration::ZERO, source.limits.stale_after, source.limits.offline_after];
        limits.into_iter().filter_map(move |limit| {
            let (seen, age) = seen?;
            Some((age.checked_sub(limit)?, add(seen.at, limit)))
        })
    });
    silences.chain(calendar(snapshot).map(move |at| (elapsed(at, now.wall), at)))
}

/// Instants on the calendar at which rules change their answer, or sentences their words.
fn calendar(snapshot: &Snapshot) -> impl Iterator<Item = Timestamp> {
    let grounded = snapshot.fleet.get().into_iter().flat_map(|fleet| {
        fleet.drones.iter().filter_map(|drone| match drone.state {
            DroneState::Grounded { until } => Some(until),
            _ => None,
        })
    });
    let overdue = snapshot.queue.get().into_iter().flat_map(|queue| {
        queue.building.iter().filter_map(|item| {
            let longest = Duration::from_secs(u64::from(item.estimate?.high_seconds) + 1);
            Some(add(item.started_at?, longest))
        })
    });
    let session = snapshot.control.get().and_then(|control| control.session?.finished_at);
    let session = session.into_iter().flat_map(|at| [add(at, SESSION_NEWS), add(at, DAY)]);
    let announcement = snapshot.announcement.iter().flat_map(|a| [a.from, a.until]).flatten();
    let history = || snapshot.history.get().into_iter();
    let gaps = history().flat_map(|history| history.gaps.first()).map(|gap| gap.to);
    let builds = history().flat_map(|history| history.counted().take(ALARMING));
    let depths = snapshot.depth.get().map_or(&[][..], |depth| depth.of_late());
    let of_late = depths.iter().map(|depth| add(depth.at, GROWTH_WINDOW));
    let day_old = builds.map(|build| build.finished_at).chain(gaps).map(|at| add(at, DAY));
    let of_work = grounded.chain(overdue).chain(session).chain(stuck_at(snapshot));
    of_work.chain(announcement).chain(day_old).chain(of_late)
}

fn next_midnight(at: Timestamp) -> Timestamp {
    let day = 24 * 60 * 60;
    Timestamp::from_second((at.as_second().div_euclid(day) + 1) * day).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
