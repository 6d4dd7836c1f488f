//! A schedule that makes every backend misbehave in turn.
//!
//! One backend at a time; between two of them everything is well for a while, so that one can watch the recovery.
//! A cycle takes a few minutes and shows every backend one misbehaviour; in the next cycle it is another one,
//! until each backend has shown all of them.

use std::time::Duration;

use crate::behaviour::Behaviour;
use crate::simulator::Backend;

/// How long everything is well before each misbehaviour.
pub const PAUSE: Duration = Duration::from_secs(25);
/// How long a backend misbehaves: long enough to go from late to offline at a demo's intervals.
pub const MISBEHAVING: Duration = Duration::from_secs(45);
/// How far the backends are apart in the list of misbehaviours, so that no two begin with the same.
const STRIDE: u32 = 5;
/// The number of misbehaviours.
const KINDS: u32 = Behaviour::MISBEHAVIOURS.len() as u32;
/// The number of backends.
const BACKENDS: u32 = Backend::ALL.len() as u32;

/// The schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chaos;

impl Chaos {
    /// How long it takes until every backend has misbehaved once.
    pub const CYCLE: Duration =
        Duration::from_secs((PAUSE.as_secs() + MISBEHAVING.as_secs()) * BACKENDS as u64);
    /// How long it takes until every backend has shown every misbehaviour; then all begins again.
    pub const ROUND: Duration = Duration::from_secs(Self::CYCLE.as_secs() * KINDS as u64);

    /// Which backend misbehaves how, `elapsed` after the start; `None` while everything is well.
    #[must_use]
    pub fn at(elapsed: Duration) -> Option<(Backend, Behaviour)> {
        let (turn, into) = turn(elapsed);
        if into < PAUSE {
            return None;
        }
        let (cycle, position) = (turn / BACKENDS, turn % BACKENDS);
        let backend = Backend::ALL.get(position as usize)?;
        let kind = (cycle + position * STRIDE) % KINDS;
        Some((*backend, *Behaviour::MISBEHAVIOURS.get(kind as usize)?))
    }

    /// How long what [`Self::at`] tells of `elapsed` goes on.
    #[must_use]
    pub fn remaining(elapsed: Duration) -> Duration {
        let (_, into) = turn(elapsed);
        let end = if into < PAUSE { PAUSE } else { PAUSE + MISBEHAVING };
        end.saturating_sub(into)
    }
}

/// The number of the turn, a pause and a misbehaviour, within the round, and how far into it `elapsed` lies.
fn turn(elapsed: Duration) -> (u32, Duration) {
    let length = (PAUSE + MISBEHAVING).as_nanos();
    let into_round = elapsed.as_nanos() % Chaos::ROUND.as_nanos();
    let turn = u32::try_from(into_round / length).unwrap_or(0);
    (turn, Duration::from_nanos(u64::try_from(into_round % length).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn schedule() -> impl Iterator<Item = (Duration, Option<(Backend, Behaviour)>)> {
        (0..Chaos::ROUND.as_secs()).map(Duration::from_secs).map(|at| (at, Chaos::at(at)))
    }

    #[test]
    fn every_backend_shows_every_misbehaviour_once_a_round() {
        let shown: HashSet<_> = schedule().filter_map(|(_, chaos)| chaos).collect();
        assert_eq!(shown.len(), Backend::ALL.len() * Behaviour::MISBEHAVIOURS.len());
    }

    #[test]
    fn a_cycle_takes_a_few_minutes_and_shows_every_backend() {
        assert!((120..=360).contains(&Chaos::CYCLE.as_secs()));
        let cycle = schedule().take(Chaos::CYCLE.as_secs() as usize);
        let shown: HashSet<_> = cycle.filter_map(|(_, chaos)| chaos).collect();
        assert_eq!(shown.iter().map(|(backend, _)| backend).collect::<HashSet<_>>().len(), 4);
        assert_eq!(shown.iter().map(|(_, behaviour)| behaviour).collect::<HashSet<_>>().len(), 4);
    }

    #[test]
    fn it_begins_well_and_every_misbehaviour_is_followed_by_a_pause() {
        assert_eq!(Chaos::at(Duration::ZERO), None);
        let mut before = None;
        for (at, chaos) in schedule() {
            assert!(before.is_none() || chaos.is_none() || before == chaos, "{at:?}");
            before = chaos;
        }
        assert_eq!(Chaos::at(Chaos::ROUND), None);
        assert_eq!(Chaos::at(Chaos::ROUND + PAUSE), Chaos::at(PAUSE));
    }

    #[test]
    fn what_remains_ends_with_a_change() {
        let mut at = Duration::from_millis(3_500);
        for _ in 0..50 {
            let (now, remaining) = (Chaos::at(at), Chaos::remaining(at));
            assert!(!remaining.is_zero());
            assert_eq!(Chaos::at(at + remaining - Duration::from_nanos(1)), now);
            assert_ne!(Chaos::at(at + remaining), now);
            at += remaining;
        }
    }
}
