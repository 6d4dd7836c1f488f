//! The orchestrator's own state: version, pause and session.

use identity::version::Version;
use jiff::Timestamp;
use snapshot::{
    clock::{Now, whole_second},
    control::{Control, Session, SessionState},
    queue::{Queue, Scope},
};

use crate::report::{SessionReport, StatusReport};

/// Makes the public part of a status.
///
/// `before` is what was published last: a pause is dated by when it was first seen, and a session that the
/// orchestrator no longer mentions has ended.
pub(super) fn control(
    status: &StatusReport,
    publish_version: bool,
    queue: Option<&Queue>,
    before: Option<&Control>,
    now: Now,
) -> Control {
    let seen = whole_second(now.wall);
    let since_before =
        before.filter(|before| before.paused == Some(true)).and_then(|before| before.paused_since);
    let is_paused = status.is_paused == Some(true);
    let last = before.and_then(|before| before.session);
    Control {
        version: status.version.as_deref().filter(|_| publish_version).and_then(Version::parse),
        paused: status.is_paused,
        paused_since: is_paused.then(|| since_before.unwrap_or(seen)),
        session: match status.session {
            Some(session) if session.state.is_some() => of_report(session, queue),
            _ => last.map(|last| ended(last, seen)),
        },
    }
}

/// A session as the orchestrator states it; `None` for a state that is not documented.
fn of_report(session: SessionReport, queue: Option<&Queue>) -> Option<Session> {
    let state = session.state?;
    let counted = queue.filter(|queue| queue.scope == Scope::Session).and_then(|queue| queue.counts.total);
    Some(Session {
        state,
        started_at: session.started_at,
        finished_at: session.finished_at,
        total: session.total.max(counted),
        completed: session.completed,
        failed: session.failed,
    })
}

/// A session that is no longer mentioned: done if all of it was dealt with, given up otherwise.
fn ended(session: Session, seen: Timestamp) -> Session {
    if session.state != SessionState::Active {
        return session;
    }
    let dealt_with = session.completed.unwrap_or(0) + session.failed.unwrap_or(0);
    let is_done = session.total.is_some_and(|total| dealt_with >= total);
    Session {
        state: if is_done { SessionState::Completed } else { SessionState::Aborted },
        finished_at: Some(session.finished_at.unwrap_or(seen)),
        ..session
    }
}
