//! Sections: what was last known, and the facts from which its freshness follows.
//!
//! Nothing here stores a state. A reader computes it from the observation and its own clock, so that a dead poller
//! turns its section old by itself.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::{MOMENT, Now, add, elapsed};

/// One part of the snapshot: its last good content and when that last changed.
#[derive(Debug)]
pub struct Section<T> {
    /// The last good content; `None` when nothing was ever known.
    pub content: Option<Arc<T>>,
    /// When the content last became another.
    pub changed_at: Option<Timestamp>,
}

/// The backends, and the probes that stand beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SourceName {
    /// Knows the drones.
    Gateway,
    /// Knows the queue and what became of it.
    Orchestrator,
    /// Knows the machines.
    Prometheus,
    /// Knows how much is logged.
    Loki,
    /// Knows what answers.
    Probes,
}

/// What is known about the attempts to ask one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When this process began to ask.
    pub started_at: Timestamp,
    /// The last good answer.
    pub last_seen: Option<Seen>,
    /// The end of the last attempt, good or bad.
    pub checked_at: Option<Timestamp>,
    /// Why the last attempt failed.
    pub fault: Option<Fault>,
    /// Since when `fault` is what it is.
    pub fault_since: Option<Timestamp>,
    /// The first good answer after the source was last not online.
    pub online_since: Option<Timestamp>,
    /// The leak guard holds back what the source last said.
    pub withheld: bool,
    /// When silence begins to matter.
    pub limits: Limits,
}

/// The instant of a good answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// By the calendar.
    pub at: Timestamp,
    /// By the monotonic clock; `None` for what an earlier process saw.
    pub uptime: Option<Duration>,
}

/// How long a source may be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longer than this is stale.
    pub stale_after: Duration,
    /// Longer than this is offline.
    pub offline_after: Duration,
}

/// Why an attempt failed: a closed set, without any text of the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// No whole answer in time.
    Timeout,
    /// Nobody listens there.
    Refused,
    /// No way there, or no such host.
    Unreachable,
    /// The encrypted connection could not be made.
    Tls,
    /// An answer other than success.
    BadStatus,
    /// An answer that points elsewhere.
    Redirect,
    /// More than the cap.
    TooLarge,
    /// Cut short, or not in the expected form.
    BadBody,
    /// In the expected form, but impossible.
    Invalid,
}

/// Freshness of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceState {
    /// Heard of recently.
    Online,
    /// Silent for longer than usual.
    Stale,
    /// Silent for long.
    Offline,
    /// Never heard of.
    Unknown,
}

impl<T> Section<T> {
    /// A section of which nothing was ever known.
    #[must_use]
    pub const fn empty() -> Self {
        Self { content: None, changed_at: None }
    }

    /// The content, if there is any.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.content.as_deref()
    }
}

impl<T: PartialEq> Section<T> {
    /// Puts new content in; equal content keeps its place in memory and its time. Tells whether it changed.
    pub fn replace(&mut self, content: T, at: Timestamp) -> bool {
        if self.content.as_deref() == Some(&content) {
            return false;
        }
        self.content = Some(Arc::new(content));
        self.changed_at = Some(at);
        true
    }
}

// === impl Section ===

impl<T> Clone for Section<T> {
    fn clone(&self) -> Self {
        Self { content: self.content.clone(), changed_at: self.changed_at }
    }
}

impl<T> Default for Section<T> {
    fn default() -> Self {
        Self::empty()
    }
}

impl SourceName {
    /// All sources.
    pub const ALL: [Self; 5] =
        [Self::Gateway, Self::Orchestrator, Self::Prometheus, Self::Loki, Self::Probes];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Orchestrator => "orchestrator",
            Self::Prometheus => "prometheus",
            Self::Loki => "loki",
            Self::Probes => "probes",
        }
    }

    /// The word that begins a sentence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Gateway => "Gateway",
            Self::Orchestrator => "Orchestrator",
            Self::Prometheus => "Prometheus",
            Self::Loki => "Loki",
            Self::Probes => "Probes",
        }
    }
}

impl Observation {
    /// A source that was not asked yet.
    #[must_use]
    pub fn new(started_at: Timestamp, limits: Limits) -> Self {
        Self {
            started_at,
            last_seen: None,
            checked_at: None,
            fault: None,
            fault_since: None,
            online_since: None,
            withheld: false,
            limits,
        }
    }

    /// Notes a good answer that came at `now`.
    pub fn succeed(&mut self, now: Now) {
        if self.last_seen.is_none() || self.is_late(now) {
            self.online_since = Some(now.wall);
        }
        self.last_seen = Some(Seen { at: now.wall, uptime: Some(now.uptime) });
        self.checked_at = Some(now.wall);
        self.set_fault(None, now.wall);
    }

    /// Notes an attempt that failed at `now`.
    pub fn fail(&mut self, fault: Fault, now: Now) {
        self.checked_at = Some(now.wall);
        self.set_fault(Some(fault), now.wall);
    }

    /// How long ago the last good answer was; `None` without one.
    ///
    /// What an earlier process saw in what is now the future was seen nobody knows when.
    #[must_use]
    pub fn age(&self, now: Now) -> Option<Duration> {
        let seen = self.last_seen?;
        Some(match seen.uptime {
            Some(uptime) => now.uptime.saturating_sub(uptime),
            None if seen.at > now.wall => Duration::MAX,
            None => elapsed(seen.at, now.wall),
        })
    }

    /// The freshness at `now`.
    #[must_use]
    pub fn state(&self, now: Now) -> SourceState {
        let Some(age) = self.age(now) else { return SourceState::Unknown };
        if age > self.limits.offline_after {
            SourceState::Offline
        } else if age > self.limits.stale_after || self.withheld {
            SourceState::Stale
        } else {
            SourceState::Online
        }
    }

    /// Since when the source is in its state.
    #[must_use]
    pub fn since(&self, now: Now) -> Timestamp {
        let seen = self.last_seen.map_or(self.started_at, |seen| seen.at);
        let since = match self.state(now) {
            SourceState::Unknown => self.started_at,
            SourceState::Stale if self.is_late(now) => add(seen, self.limits.stale_after),
            SourceState::Offline => add(seen, self.limits.offline_after),
            // What is only withheld still answers; `last_seen` would be another instant at each poll.
            SourceState::Online | SourceState::Stale => self.online_since.unwrap_or(self.started_at),
        };
        // What was restored may have been seen in what is now the future.
        if since > now.wall { self.started_at } else { since }
    }

    /// Whether it has been silent for longer than usual; withholding alone does not make a source late.
    #[must_use]
    pub fn is_late(&self, now: Now) -> bool {
        self.age(now) > Some(self.limits.stale_after)
    }

    /// Whether any attempt ended, good or bad.
    #[must_use]
    pub fn is_tried(&self) -> bool {
        self.checked_at.is_some()
    }

    /// How long from `now` until the state changes if nothing is heard; `None` if it never does.
    #[must_use]
    pub fn changes_in(&self, now: Now) -> Option<Duration> {
        let age = self.age(now)?;
        if age == Duration::MAX {
            return self.last_seen.map(|seen| elapsed(now.wall, seen.at));
        }
        let next =
            [self.limits.stale_after, self.limits.offline_after].into_iter().find(|limit| age <= *limit)?;
        Some(next - age + MOMENT)
    }

    fn set_fault(&mut self, fault: Option<Fault>, at: Timestamp) {
        if self.fault != fault {
            self.fault = fault;
            self.fault_since = Some(at);
        }
    }
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 9] = [
        Self::Timeout,
        Self::Refused,
        Self::Unreachable,
        Self::Tls,
        Self::BadStatus,
        Self::Redirect,
        Self::TooLarge,
        Self::BadBody,
        Self::Invalid,
    ];

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::BadStatus => "bad_status",
            Self::Redirect => "redirect",
            Self::TooLarge => "too_large",
            Self::BadBody => "bad_body",
            Self::Invalid => "invalid",
        }
    }

    /// The words on pages, continuing "the source ...".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Timeout => "did not answer in time",
            Self::Refused => "refused the connection",
            Self::Unreachable => "cannot be reached",
            Self::Tls => "TLS failed",
            Self::BadStatus => "answered with an error",
            Self::Redirect => "redirected elsewhere",
            Self::TooLarge => "answer too large",
            Self::BadBody => "answer not understood",
            Self::Invalid => "answer not plausible",
        }
    }
}

impl SourceState {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Stale => "stale",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { stale_after: Duration::from_secs(15), offline_after: Duration::from_secs(30) };

    fn at(second: u64) -> Now {
        let wall = Timestamp::from_second(1_700_000_000 + i64::try_from(second).unwrap()).unwrap();
        Now { wall, uptime: Duration::from_secs(second) }
    }

    fn seen_at(second: u64) -> Observation {
        let mut observation = Observation::new(at(0).wall, LIMITS);
        observation.succeed(at(second));
        observation
    }

    #[track_caller]
    fn check(observation: &Observation, second: u64, state: SourceState, since: u64) {
        assert_eq!(observation.state(at(second)), state);
        assert_eq!(observation.since(at(second)), at(since).wall);
    }

    #[test]
    fn silence_alone_makes_a_source_stale_and_then_offline() {
        check(&Observation::new(at(0).wall, LIMITS), 500, SourceState::Unknown, 0);
        let observation = seen_at(100);
        check(&observation, 115, SourceState::Online, 100);
        check(&observation, 116, SourceState::Stale, 115);
        check(&observation, 130, SourceState::Stale, 115);
        check(&observation, 131, SourceState::Offline, 130);
    }

    #[test]
    fn one_failed_attempt_changes_nothing_but_the_fault() {
        let mut observation = seen_at(100);
        observation.fail(Fault::Refused, at(105));
        check(&observation, 105, SourceState::Online, 100);
        assert_eq!((observation.fault, observation.fault_since), (Some(Fault::Refused), Some(at(105).wall)));
        observation.fail(Fault::Refused, at(110));
        assert_eq!(observation.fault_since, Some(at(105).wall));
    }

    #[test]
    fn one_good_answer_heals_and_begins_a_new_online_time() {
        let mut observation = seen_at(100);
        observation.succeed(at(110));
        check(&observation, 110, SourceState::Online, 100);
        observation.fail(Fault::Timeout, at(150));
        observation.succeed(at(160));
        check(&observation, 160, SourceState::Online, 160);
        assert_eq!(observation.fault, None);
    }

    #[test]
    fn a_stepped_wall_clock_does_not_change_the_age() {
        let observation = seen_at(100);
        let stepped = Now { wall: at(90_000).wall, uptime: at(101).uptime };
        assert_eq!(observation.state(stepped), SourceState::Online);
        let stepped_back = Now { wall: at(0).wall, uptime: at(140).uptime };
        assert_eq!(observation.state(stepped_back), SourceState::Offline);
    }

    #[test]
    fn what_was_restored_is_aged_by_the_calendar() {
        let mut observation = seen_at(100);
        observation.last_seen = Some(Seen { at: at(100).wall, uptime: None });
        assert_eq!(observation.state(at(110)), SourceState::Online);
        assert_eq!(observation.state(at(200)), SourceState::Offline);
    }

    #[test]
    fn what_was_restored_from_the_future_is_offline_until_then() {
        let mut observation = seen_at(100);
        observation.last_seen = Some(Seen { at: at(100).wall, uptime: None });
        check(&observation, 50, SourceState::Offline, 0);
        assert_eq!(observation.changes_in(at(50)), Some(Duration::from_secs(50)));
        assert_eq!(observation.state(at(100)), SourceState::Online);
    }

    #[test]
    fn withheld_content_is_stale_at_best() {
        let mut observation = seen_at(100);
        observation.withheld = true;
        check(&observation, 101, SourceState::Stale, 100);
        check(&observation, 120, SourceState::Stale, 115);
        check(&observation, 200, SourceState::Offline, 130);
        observation.succeed(at(110));
        check(&observation, 111, SourceState::Stale, 100);
        assert!(!observation.is_late(at(101)) && observation.is_late(at(126)));
    }

    #[test]
    fn the_next_change_of_state_is_foretold() {
        let observation = seen_at(100);
        for second in [100, 110, 120] {
            let now = at(second);
            let before = observation.state(now);
            let step = observation.changes_in(now).unwrap();
            assert_eq!(observation.state(now.later(step - MOMENT)), before);
            assert_ne!(observation.state(now.later(step)), before);
        }
        assert_eq!(observation.changes_in(at(200)), None);
    }

    #[test]
    fn every_fault_has_its_words() {
        let table = [
            ("timeout", "did not answer in time"),
            ("refused", "refused the connection"),
            ("unreachable", "cannot be reached"),
            ("tls", "TLS failed"),
            ("bad_status", "answered with an error"),
            ("redirect", "redirected elsewhere"),
            ("too_large", "answer too large"),
            ("bad_body", "answer not understood"),
            ("invalid", "answer not plausible"),
        ];
        assert_eq!(Fault::ALL.map(|fault| (fault.as_str(), fault.words())), table);
    }

    #[test]
    fn equal_content_keeps_its_place_and_its_time() {
        let mut section = Section::empty();
        assert!(section.replace(vec![1], at(1).wall));
        let place = section.content.clone().unwrap();
        assert!(!section.replace(vec![1], at(2).wall));
        assert!(Arc::ptr_eq(&place, section.content.as_ref().unwrap()));
        assert_eq!(section.changed_at, Some(at(1).wall));
        assert!(section.replace(vec![2], at(3).wall));
    }
}
