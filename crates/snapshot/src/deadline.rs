//! When the passing of time alone changes what a snapshot means.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    clock::{Now, add, elapsed},
    fleet::DroneState,
    history::DAY,
    situation::stuck_at,
    snapshot::Snapshot,
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

/// The last instant up to `now` at which the passing of time changed what the snapshot means; else `now`.
#[must_use]
pub fn last_passed(snapshot: &Snapshot, now: Now) -> Timestamp {
    let silences = snapshot.sources.iter().flat_map(|(_, source)| {
        let seen = source.last_seen.map(|seen| seen.at);
        let limits = [source.limits.stale_after, source.limits.offline_after];
        let age = source.age(now).unwrap_or_default();
        limits.into_iter().filter(move |limit| age > *limit).filter_map(move |limit| Some(add(seen?, limit)))
    });
    silences.chain(calendar(snapshot)).filter(|at| *at <= now.wall).max().unwrap_or(now.wall)
}

/// Instants on the calendar at which rules change their answer.
fn calendar(snapshot: &Snapshot) -> impl Iterator<Item = Timestamp> {
    let grounded = snapshot.fleet.get().into_iter().flat_map(|fleet| {
        fleet.drones.iter().filter_map(|drone| match drone.state {
            DroneState::Grounded { until } => Some(until),
            _ => None,
        })
    });
    let session = snapshot.control.get().and_then(|control| control.session?.finished_at);
    let session = session.into_iter().flat_map(|at| [add(at, SESSION_NEWS), add(at, DAY)]);
    let announcement = snapshot.announcement.iter().flat_map(|a| [a.from, a.until]).flatten();
    let builds = snapshot.history.get().into_iter().flat_map(|history| history.builds.iter().take(5));
    let failures = builds.map(|build| add(build.finished_at, DAY));
    grounded.chain(session).chain(announcement).chain(failures).chain(stuck_at(snapshot))
}

fn next_midnight(at: Timestamp) -> Timestamp {
    let day = 24 * 60 * 60;
    Timestamp::from_second((at.as_second().div_euclid(day) + 1) * day).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_always_ahead() {
        for (at, expected) in [
            ("2026-02-23T00:00:00Z", "2026-02-24T00:00:00Z"),
            ("2026-02-23T11:00:00Z", "2026-02-24T00:00:00Z"),
            ("2026-02-23T23:59:59Z", "2026-02-24T00:00:00Z"),
        ] {
            assert_eq!(next_midnight(at.parse().unwrap()), expected.parse().unwrap(), "{at}");
        }
    }
}
