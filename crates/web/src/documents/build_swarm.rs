//! The data of `build-swarm`: the swarm at a glance.

use serde::Serialize;
use snapshot::{
    clock::{Now, add},
    control,
    estimate::{self, Scoreboard},
    fleet::{self, DroneCounts, DroneState},
    history::{DAY, LastDay},
    section::{SourceName, SourceState},
    situation::Situation,
    snapshot::Snapshot,
    status, verdict,
};
use utoipa::ToSchema;

use super::{
    form::{Hundredths, Instant, Tenths},
    item::{Counts, Drain, Estimate},
};
use crate::moment::Moment;

/// The view.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BuildSwarm<'a> {
    swarm: Swarm<'a>,
    queue: Counts,
    drain: Option<Drain>,
    session: Option<Session>,
    last_24h: Last24h,
    estimates: Estimates,
    drones: Vec<Drone<'a>>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Swarm<'a> {
    version: Option<&'a str>,
    #[schema(schema_with = crate::openapi::words::swarm_status)]
    status: &'static str,
    status_since: Option<Instant>,
    #[schema(schema_with = crate::openapi::words::maybe_source_state)]
    orchestrator: Option<&'static str>,
    paused: Option<bool>,
    drones: Drones,
    verdict: Verdict,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = DroneCounts)]
struct Drones {
    total: Option<u32>,
    online: Option<u32>,
    building: Option<u32>,
    offline: Option<u32>,
    idle: Option<u32>,
    paused: Option<u32>,
    grounded: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Verdict {
    #[schema(schema_with = crate::openapi::words::level)]
    level: &'static str,
    #[schema(schema_with = crate::openapi::words::verdict_code)]
    code: &'static str,
    text: String,
    notes: Vec<String>,
    since: Instant,
}

#[derive(Debug, Serialize, ToSchema)]
struct Session {
    #[schema(schema_with = crate::openapi::words::session_state)]
    state: &'static str,
    started_at: Option<Instant>,
    finished_at: Option<Instant>,
    total: Option<u32>,
    completed: Option<u32>,
    failed: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Last24h {
    success: Option<u32>,
    failure: Option<u32>,
    uncounted: Option<u32>,
    build_seconds: Option<u64>,
    coverage_percent: u8,
}

/// What became of what was promised, by what the promises were learned from.
#[derive(Debug, Serialize, ToSchema)]
struct Estimates {
    package: Option<Score>,
    category: Option<Score>,
    global: Option<Score>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Score {
    builds: u32,
    typical_factor: Hundredths,
    inside_percent: u32,
}

/// One drone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Drone<'a> {
    name: &'a str,
    #[schema(schema_with = crate::openapi::words::role)]
    role: &'static str,
    galaxy: Option<&'a str>,
    #[schema(schema_with = crate::openapi::words::drone_state)]
    state: &'static str,
    state_since: Instant,
    until: Option<Instant>,
    offline_since: Option<Instant>,
    cores: Option<u32>,
    memory_gib: Option<u32>,
    cpu_percent: Option<u8>,
    memory_percent: Option<u8>,
    load_1m: Option<Tenths>,
    task: Option<Task<'a>>,
    assigned: u32,
}

#[derive(Debug, Serialize, ToSchema)]
struct Task<'a> {
    package: Option<&'a str>,
    compiling: Option<&'a str>,
    started_at: Option<Instant>,
    estimate: Option<Estimate>,
    expected_finish_at: Option<Instant>,
}

impl<'a> BuildSwarm<'a> {
    /// The view.
    pub(crate) fn of(moment: &Moment<'a>) -> Self {
        let Moment { snapshot, now, .. } = *moment;
        let queue = snapshot.queue.get();
        let session = snapshot.control.get().and_then(|control| control.session.as_ref());
        Self {
            swarm: Swarm::of(snapshot, now),
            queue: queue.map(|queue| Counts::of(&queue.counts)).unwrap_or_default(),
            drain: queue.and_then(|queue| queue.drain.as_ref()).map(Drain::of),
            session: session.filter(|session| is_news(session, now)).map(Session::of),
            last_24h: Last24h::of(last_day(snapshot, now)),
            estimates: Estimates::of(&snapshot.scores),
            drones: snapshot.fleet.get().into_iter().flat_map(|fleet| &fleet.drones).map(Drone::of).collect(),
        }
    }
}

/// Whether a session goes on, or ended less than a day ago.
fn is_news(session: &control::Session, now: Now) -> bool {
    session.finished_at.is_none_or(|finished_at| add(finished_at, DAY) > now.wall)
}

fn last_day(snapshot: &Snapshot, now: Now) -> Option<LastDay> {
    let seen = snapshot.sources.get(SourceName::Orchestrator)?.last_seen?.at;
    Some(snapshot.history.get()?.last_day(seen, now.wall))
}

impl Estimates {
    fn of(scores: &Scoreboard) -> Self {
        let Scoreboard { package, category, global } = *scores;
        Self {
            package: package.map(Score::of),
            category: category.map(Score::of),
            global: global.map(Score::of),
        }
    }
}

impl Score {
    fn of(score: estimate::Score) -> Self {
        Self {
            builds: score.builds,
            typical_factor: Hundredths(score.typical_error_percent.saturating_add(100)),
            inside_percent: score.inside_percent,
        }
    }
}

impl<'a> Swarm<'a> {
    fn of(snapshot: &'a Snapshot, now: Now) -> Self {
        let control = snapshot.control.get();
        let status = status::swarm_status(&Situation::of(snapshot, now));
        Self {
            version: control.and_then(|control| control.version.as_ref()).map(|version| version.as_str()),
            status: status.as_str(),
            status_since: status::swarm_status_since(snapshot, status, now).map(Instant),
            orchestrator: snapshot.source_state(SourceName::Orchestrator, now).map(SourceState::as_str),
            paused: control.and_then(|control| control.paused),
            drones: snapshot.fleet.get().map(|fleet| Drones::of(fleet.counts())).unwrap_or_default(),
            verdict: Verdict::of(&verdict::verdict(snapshot, now), now),
        }
    }
}

impl Drones {
    fn of(counts: DroneCounts) -> Self {
        let DroneCounts { total, online, building, offline, idle, paused, grounded } = counts;
        Self {
            total: Some(total),
            online: Some(online),
            building: Some(building),
            offline: Some(offline),
            idle: Some(idle),
            paused: Some(paused),
            grounded: Some(grounded),
        }
    }
}

impl Verdict {
    fn of(verdict: &verdict::Verdict, now: Now) -> Self {
        Self {
            level: verdict.level.as_str(),
            code: verdict.code.as_str(),
            text: verdict.text.plain(now.wall),
            notes: verdict.notes.iter().map(|note| note.plain(now.wall)).collect(),
            since: Instant(verdict.since),
        }
    }
}

impl Session {
    fn of(session: &control::Session) -> Self {
        Self {
            state: session.state.as_str(),
            started_at: session.started_at.map(Instant),
            finished_at: session.finished_at.map(Instant),
            total: session.total,
            completed: session.completed,
            failed: session.failed,
        }
    }
}

impl Last24h {
    fn of(day: Option<LastDay>) -> Self {
        Self {
            success: day.map(|day| day.success),
            failure: day.map(|day| day.failure),
            uncounted: day.map(|day| day.uncounted),
            build_seconds: day.map(|day| day.build_seconds),
            coverage_percent: day.map_or(0, |day| day.coverage_percent),
        }
    }
}

impl<'a> Drone<'a> {
    /// The view.
    pub(super) fn of(drone: &'a fleet::Drone) -> Self {
        let until = match drone.state {
            DroneState::Grounded { until } => Some(Instant(until)),
            _ => None,
        };
        Self {
            name: drone.name.as_str(),
            role: drone.role.as_str(),
            galaxy: drone.galaxy.as_ref().map(|name| name.as_str()),
            state: drone.state.as_str(),
            state_since: Instant(drone.state_since),
            until,
            offline_since: drone.offline_since.map(Instant),
            cores: drone.cores,
            memory_gib: drone.memory_gib,
            cpu_percent: drone.cpu_percent,
            memory_percent: drone.memory_percent,
            load_1m: drone.load_1m_tenths.map(Tenths),
            task: drone.task.as_ref().map(Task::of),
            assigned: drone.assigned,
        }
    }
}

impl<'a> Task<'a> {
    fn of(task: &'a fleet::Task) -> Self {
        Self {
            package: task.package.as_ref().map(|package| package.as_str()),
            compiling: task.compiling.as_ref().map(|package| package.as_str()),
            started_at: task.started_at.map(Instant),
            estimate: task.estimate.as_ref().map(Estimate::of),
            expected_finish_at: task.expected_finish_at.map(Instant),
        }
    }
}
