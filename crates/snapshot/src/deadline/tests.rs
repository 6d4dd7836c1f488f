//! Between two deadlines nothing changes, whatever is known.

use std::sync::{Arc, LazyLock};

use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::{
    control::{Session, SessionState},
    history::BuildStatus,
    infrastructure::{DiskName, Host, Reachability},
    notice::{self, Beside, Notice},
    section::{Observation, Seen, SourceName, SourceState},
    situation::Situation,
    snapshot::{Announcement, Level, Sources},
    status::{self, DocumentStatus, SwarmStatus},
    testing::{
        NOW, at, build, clocks, default_limits, disk, drone, edit, example, example_infrastructure,
        finish_all, host, limits, now, pause, pending, set_builds, set_drones, set_hosts, set_items,
    },
    verdict::{self, VerdictCode},
};

#[test]
fn midnight_is_always_ahead() {
    for (instant, expected) in [
        ("2026-02-23T00:00:00Z", "2026-02-24T00:00:00Z"),
        ("2026-02-23T11:00:00Z", "2026-02-24T00:00:00Z"),
        ("2026-02-23T23:59:59Z", "2026-02-24T00:00:00Z"),
    ] {
        assert_eq!(next_midnight(at(instant)), at(expected), "{instant}");
    }
}

#[test]
fn the_example_next_changes_when_the_orchestrator_would_be_late() {
    assert_eq!(next(&example(), now(NOW)), Duration::from_secs(13) + MOMENT);
}

#[track_caller]
fn check_turned<T: PartialEq>(snapshot: &Snapshot, judge: impl Fn(Now) -> T, expected: &str) {
    assert_eq!(turned_at(snapshot, now(NOW), judge), at(expected));
}

#[test]
fn only_deadlines_since_the_mark_tell_when_an_answer_turned() {
    let mut snapshot = example();
    let until = at("2026-02-23T14:00:00Z");
    set_drones(&mut snapshot, vec![drone("Izar", DroneState::Grounded { until })]);
    let is_over = |now: Now| now.wall >= until;
    snapshot.marks.at = Some(at("2026-02-23T13:59:00Z"));
    check_turned(&snapshot, is_over, "2026-02-23T14:00:00Z");
    // It was marked after that, so something else changed it: news.
    snapshot.marks.at = Some(at("2026-02-23T14:00:01Z"));
    check_turned(&snapshot, is_over, NOW);
}

#[test]
fn the_fifth_build_that_counts_ends_a_row_of_failures() {
    let mut snapshot = example();
    let failed = ["14:31", "14:40", "14:41", "14:42", "14:43"].map(|time| (time, BuildStatus::Failed));
    let returned = ("14:50", BuildStatus::Returned);
    let builds = failed.into_iter().chain([returned, returned]).enumerate();
    let builds = builds.map(|(n, (time, status))| {
        let atom = if n == 0 { "app-editors/vim-9.1" } else { "net-misc/curl-8.12.1" };
        build(atom, "Izar", status, &format!("2026-02-22T{time}:00Z"))
    });
    set_builds(&mut snapshot, builds.collect());
    for source in [SourceName::Gateway, SourceName::Orchestrator] {
        snapshot.sources.get_mut(source).unwrap().limits = limits(900, 900);
    }
    assert_eq!(verdict::code(&snapshot, now(NOW)), VerdictCode::Failing);
    assert_eq!(next(&snapshot, now(NOW)), Duration::from_secs(60));
    assert_eq!(verdict::code(&snapshot, now("2026-02-23T14:31:00Z")), VerdictCode::BuildingShort);
}

/// Everything that is computed from a snapshot and a clock.
type Meaning = (SwarmStatus, VerdictCode, Vec<SourceState>, DocumentStatus, Vec<Notice>, Vec<String>);

fn meaning(snapshot: &Snapshot, now: Now) -> Meaning {
    let sources: Vec<SourceName> = snapshot.sources.iter().map(|(name, _)| name).collect();
    let verdict = verdict::verdict(snapshot, now);
    (
        status::swarm_status(&Situation::of(snapshot, now)),
        verdict.code,
        snapshot.sources.iter().map(|(_, source)| source.state(now)).collect(),
        status::document_status(snapshot, &sources, now),
        notice::notices(snapshot, &sources, Beside::Nothing, now),
        verdict.notes.iter().map(|note| note.plain(now.wall)).collect(),
    )
}

/// Milliseconds before, or after, [`NOW`].
fn instant(milliseconds: i64) -> Timestamp {
    at(NOW) + jiff::SignedDuration::from_millis(milliseconds)
}

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

fn observation(source: SourceName) -> impl Strategy<Value = Observation> {
    let seen = option::weighted(0.9, (-300 * SECOND..60 * SECOND, any::<bool>()));
    (seen, any::<bool>()).prop_map(move |(seen, withheld)| {
        let last_seen = seen.map(|(ago, is_restored)| {
            let seen = if is_restored { ago } else { ago.min(0) };
            let Now { wall, uptime } = clocks(instant(seen));
            Seen { at: wall, uptime: (!is_restored).then_some(uptime) }
        });
        let limits = default_limits(source);
        Observation { last_seen, withheld, ..Observation::new(instant(-300 * SECOND), limits) }
    })
}

/// Sources that are silent at any time, or answer all the time.
fn sources() -> impl Strategy<Value = Sources> {
    let healthy = |source: &Observation| {
        let Now { wall, uptime } = clocks(instant(0));
        let last_seen = Some(Seen { at: wall, uptime: Some(uptime) });
        Observation { last_seen, withheld: false, limits: limits(90_000, 100_000), ..source.clone() }
    };
    let one = |name| option::weighted(0.8, observation(name));
    let all = SourceName::ALL.map(one);
    (all, any::<bool>()).prop_map(move |(observations, is_healthy)| {
        let mut sources = Sources::default();
        for (name, observation) in SourceName::ALL.into_iter().zip(observations) {
            if let Some(observation) = observation {
                let observation = if is_healthy { healthy(&observation) } else { observation };
                sources.insert(name, observation);
            }
        }
        sources
    })
}

fn state() -> impl Strategy<Value = DroneState> {
    prop_oneof![
        Just(DroneState::Offline),
        Just(DroneState::Paused),
        (-HOUR..HOUR).prop_map(|until| DroneState::Grounded { until: instant(until) }),
        Just(DroneState::Building),
        Just(DroneState::Idle),
        Just(DroneState::Unknown),
    ]
}

/// Builds around a day old, or recent.
fn builds() -> impl Strategy<Value = Vec<Arc<crate::history::Build>>> {
    let ago = prop_oneof![-HOUR..0, -25 * HOUR..-23 * HOUR];
    let status = prop_oneof![
        4 => Just(BuildStatus::Failed),
        1 => Just(BuildStatus::Success),
        1 => Just(BuildStatus::Returned),
    ];
    let atom = prop_oneof![Just("app-editors/vim-9.1"), Just("net-misc/curl-8.12.1")];
    vec((ago, status, atom), 0..9).prop_map(|builds| {
        let one = |(ago, status, atom)| build(atom, "Izar", status, &instant(ago).to_string());
        builds.into_iter().map(one).collect()
    })
}

fn announcement() -> impl Strategy<Value = Option<Arc<Announcement>>> {
    let edge = || option::of((-HOUR..HOUR).prop_map(instant));
    option::of((edge(), edge()).prop_map(|(from, until)| {
        Arc::new(Announcement { text: "Maintenance.".to_owned(), level: Level::Note, from, until })
    }))
}

prop_compose! {
    fn snapshots()(
        sources in sources(),
        states in vec(state(), 0..6),
        builds in builds(),
        announcement in announcement(),
        is_paused in prop::bool::weighted(0.2),
        is_polled in prop::bool::weighted(0.9),
        work in 0..3_usize,
        machines in vec((any::<bool>(), 0..=100_u8), 0..3),
        ready_since in option::of((-HOUR..0).prop_map(instant)),
        session_end in option::of((-13 * HOUR..0).prop_map(instant)),
        gap_end in option::of((-25 * HOUR..0).prop_map(instant)),
        started in (-2 * HOUR..0).prop_map(instant),
    ) -> Snapshot {
        static EXAMPLE: LazyLock<Snapshot> = LazyLock::new(example_infrastructure);
        let mut snapshot = Snapshot { sources, announcement, ..EXAMPLE.clone() };
        let drones = states.iter().enumerate().map(|(n, state)| drone(&format!("Star {n}"), *state));
        set_drones(&mut snapshot, drones.collect());
        set_builds(&mut snapshot, builds);
        let machines = machines.iter().enumerate().map(|(n, (is_up, percent))| {
            let state = if *is_up { Reachability::Up } else { Reachability::Down };
            let disks = vec![disk(DiskName::Root, *percent)];
            Host { disks, ..host(&format!("Star {n}"), state) }
        });
        set_hosts(&mut snapshot, machines.collect());
        match work {
            0 => finish_all(&mut snapshot),
            1 => set_items(&mut snapshot, vec![pending("dev-qt/qtbase-6.8.2")], vec![], vec![]),
            _ => edit(&mut snapshot.queue, |queue| {
                for item in &mut queue.building {
                    item.started_at = Some(started);
                }
            }),
        }
        if is_paused {
            pause(&mut snapshot, NOW);
        }
        edit(&mut snapshot.control, |control| {
            let state = SessionState::Completed;
            control.session = control.session.zip(session_end).map(|(session, finished_at)| {
                Session { state, finished_at: Some(finished_at), ..session }
            });
        });
        edit(&mut snapshot.history, |history| {
            history.gaps = gap_end.map(|to| crate::history::Gap { from: to - jiff::SignedDuration::from_hours(1), to }).into_iter().collect();
        });
        snapshot.marks = crate::snapshot::Marks { ready_since, polled: is_polled, ..Default::default() };
        snapshot
    }
}

/// Marks the snapshot as its writer does when it publishes.
fn mark(snapshot: &mut Snapshot, now: Now) {
    let status = status::swarm_status(&Situation::of(snapshot, now));
    let code = verdict::code(snapshot, now);
    snapshot.marks.status = Some((status, now.wall));
    snapshot.marks.verdict = Some((code, now.wall));
    snapshot.marks.at = Some(now.wall);
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_deadline(
        snapshot in snapshots(),
        ms in 0..2 * HOUR,
        part in 0.0..1.0_f64,
    ) {
        let now = clocks(instant(ms));
        let step = next(&snapshot, now);
        prop_assert!(step > Duration::ZERO);
        let before = meaning(&snapshot, now);
        for part in [part, 1.0] {
            let later = now.later(step.mul_f64(part).saturating_sub(MOMENT));
            prop_assert_eq!(&meaning(&snapshot, later), &before, "after {:?} of {:?}", later, step);
        }
    }

    #[test]
    fn since_is_when_the_answer_last_turned(mut snapshot in snapshots(), ms in 0..30 * HOUR) {
        let begin = clocks(instant(0));
        let end = clocks(instant(ms));
        mark(&mut snapshot, begin);
        let judge = |now| (status::swarm_status(&Situation::of(&snapshot, now)), verdict::code(&snapshot, now));
        let (mut status_turned, mut code_turned) = (begin.wall, begin.wall);
        let mut at = begin;
        let mut is = judge(at);
        loop {
            at = at.later(next(&snapshot, at));
            if at.wall > end.wall {
                break;
            }
            let was = std::mem::replace(&mut is, judge(at));
            if was.0 != is.0 {
                status_turned = at.wall;
            }
            if was.1 != is.1 {
                code_turned = at.wall;
            }
        }
        // A limit is passed a moment after it is reached.
        let agrees = |since: Timestamp, turned| elapsed(since, turned) <= MOMENT && since <= turned;
        if let Some(since) = status::swarm_status_since(&snapshot, is.0, end)
            && snapshot.marks.status.is_none_or(|(marked, _)| marked != is.0)
        {
            prop_assert!(agrees(since, status_turned), "{:?}: {since}, not {status_turned}", is.0);
        }
        if snapshot.marks.verdict.is_none_or(|(marked, _)| marked != is.1) {
            let since = turned_at(&snapshot, end, |now| verdict::code(&snapshot, now));
            prop_assert!(agrees(since, code_turned), "{:?}: {since}, not {code_turned}", is.1);
        }
    }
}
