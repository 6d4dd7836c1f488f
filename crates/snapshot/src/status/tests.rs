//! The status of the swarm, and that of documents.

use super::*;
use crate::{
    fleet::{DroneState, Role},
    history::BuildStatus,
    section::Observation,
    snapshot::{Snapshot, Sources},
    testing::{
        NOW, at, build, default_limits, drone, edit, example, finish_all, hear, now, online,
        orchestrator_dead, pause, pending, set_builds, set_drones, set_items, set_states, silence, started,
    },
};

fn status(snapshot: &Snapshot, instant: &str) -> SwarmStatus {
    swarm_status(&Situation::of(snapshot, now(instant)))
}

/// What the example's status becomes by a change.
#[track_caller]
fn check(expected: SwarmStatus, change: impl FnOnce(&mut Snapshot)) {
    let mut snapshot = example();
    change(&mut snapshot);
    assert_eq!(status(&snapshot, NOW), expected);
}

fn set_fleet(snapshot: &mut Snapshot, states: &[DroneState]) {
    let drones = states.iter().enumerate().map(|(n, state)| drone(&format!("Star {n}"), *state));
    set_drones(snapshot, drones.collect());
}

fn fail_all(snapshot: &mut Snapshot) {
    set_states(snapshot, &["Capella", "Izar", "Meridian"].map(|drone| (drone, DroneState::Offline)));
}

const OFFLINE: DroneState = DroneState::Offline;
const IDLE: DroneState = DroneState::Idle;
const PAUSED: DroneState = DroneState::Paused;

#[test]
fn unknown_while_nothing_was_ever_known_of_the_orchestrator() {
    assert_eq!(status(&started(), NOW), SwarmStatus::Unknown);
    check(SwarmStatus::Unknown, |it| {
        it.sources.get_mut(SourceName::Orchestrator).unwrap().last_seen = None;
    });
    check(SwarmStatus::Unknown, |it| it.sources = Sources::default());
}

#[test]
fn offline_when_the_orchestrator_is_or_every_drone() {
    assert_eq!(status(&orchestrator_dead(), NOW), SwarmStatus::Offline);
    check(SwarmStatus::Offline, fail_all);
    check(SwarmStatus::Offline, |it| {
        fail_all(it);
        finish_all(it);
    });
    check(SwarmStatus::Offline, |it| {
        fail_all(it);
        pause(it, NOW);
    });
    // Paused and grounded drones are online, and so is a sweeper; without drones nobody is missing.
    check(SwarmStatus::Degraded, |it| set_fleet(it, &[OFFLINE, PAUSED]));
    check(SwarmStatus::Degraded, |it| set_states(it, &[("Izar", OFFLINE), ("Meridian", OFFLINE)]));
    check(SwarmStatus::Active, |it| set_fleet(it, &[]));
    check(SwarmStatus::Active, |it| set_fleet(it, &[DroneState::Unknown]));
}

#[test]
fn paused_before_degraded() {
    check(SwarmStatus::Paused, |it| pause(it, NOW));
    check(SwarmStatus::Paused, |it| {
        pause(it, NOW);
        silence(it, SourceName::Orchestrator, "2026-02-23T14:29:40Z");
        silence(it, SourceName::Gateway, "2026-02-23T14:20:00Z");
        set_fleet(it, &[OFFLINE, OFFLINE, IDLE]);
    });
    check(SwarmStatus::Offline, |it| {
        pause(it, NOW);
        silence(it, SourceName::Orchestrator, "2026-02-23T14:29:29Z");
    });
}

#[test]
fn degraded_by_silence() {
    check(SwarmStatus::Active, |it| silence(it, SourceName::Orchestrator, "2026-02-23T14:29:45Z"));
    check(SwarmStatus::Degraded, |it| silence(it, SourceName::Orchestrator, "2026-02-23T14:29:44Z"));
    check(SwarmStatus::Degraded, |it| silence(it, SourceName::Orchestrator, "2026-02-23T14:29:30Z"));
    // A stale gateway is no news yet.
    check(SwarmStatus::Active, |it| silence(it, SourceName::Gateway, "2026-02-23T14:29:00Z"));
    check(SwarmStatus::Degraded, |it| silence(it, SourceName::Gateway, "2026-02-23T14:28:59Z"));
    check(SwarmStatus::Active, |it| {
        let orchestrator = it.sources.get(SourceName::Orchestrator).cloned().unwrap();
        it.sources = Sources::default();
        it.sources.insert(SourceName::Orchestrator, orchestrator);
    });
}

#[test]
fn degraded_when_fewer_than_half_of_the_expected_drones_are_able() {
    let until = at("2026-02-23T15:00:00Z");
    let grounded = DroneState::Grounded { until };
    let building = DroneState::Building;
    check(SwarmStatus::Active, |it| set_fleet(it, &[building, IDLE, OFFLINE, OFFLINE]));
    check(SwarmStatus::Degraded, |it| set_fleet(it, &[building, IDLE, OFFLINE, OFFLINE, OFFLINE]));
    check(SwarmStatus::Degraded, |it| set_fleet(it, &[building, PAUSED, grounded]));
    // Sweepers, optional drones and those never seen are neither expected nor able.
    check(SwarmStatus::Active, |it| {
        set_fleet(it, &[building, OFFLINE, OFFLINE, OFFLINE, DroneState::Unknown]);
        edit(&mut it.fleet, |fleet| {
            fleet.drones[1].role = Role::Sweeper;
            fleet.drones[2].optional = true;
        });
    });
    check(SwarmStatus::Degraded, |it| {
        set_fleet(it, &[IDLE, IDLE, OFFLINE]);
        edit(&mut it.fleet, |fleet| {
            fleet.drones[0].role = Role::Sweeper;
            fleet.drones[1].optional = true;
        });
    });
}

#[test]
fn degraded_when_work_waits_in_vain() {
    let ready_since = |text: &'static str| {
        move |it: &mut Snapshot| {
            finish_all(it);
            set_items(it, vec![pending("dev-qt/qtbase-6.8.2")], Vec::new(), Vec::new());
            it.marks.ready_since = Some(at(text));
        }
    };
    check(SwarmStatus::Degraded, ready_since("2026-02-23T14:20:00Z"));
    check(SwarmStatus::Active, ready_since("2026-02-23T14:20:01Z"));
    check(SwarmStatus::Active, |it| {
        ready_since("2026-02-23T14:00:00Z")(it);
        let finished = "2026-02-23T14:20:01Z";
        set_builds(it, vec![build("dev-db/sqlite-3.49.1", "Izar", BuildStatus::Returned, finished)]);
    });
}

#[test]
fn degraded_when_everything_fails() {
    let outcomes = |outcomes: &'static [(&'static str, BuildStatus)], last: &'static str| {
        move |it: &mut Snapshot| {
            let n_outcomes = outcomes.len();
            let builds = outcomes.iter().enumerate().map(|(n, (atom, status))| {
                let finished = if n + 1 == n_outcomes { last } else { "2026-02-23T14:00:00Z" };
                build(atom, "Izar", *status, finished)
            });
            set_builds(it, builds.collect());
        }
    };
    const VIM: &str = "app-editors/vim-9.1";
    const CURL: &str = "net-misc/curl-8.12.1";
    use BuildStatus::{Failed, Masked, MissingBinary, Returned, Success, UploadFailed};
    let recent = "2026-02-22T14:30:01Z";
    let five = &[(VIM, Failed), (VIM, Masked), (VIM, MissingBinary), (VIM, Failed), (CURL, Failed)];
    check(SwarmStatus::Degraded, outcomes(five, recent));
    check(SwarmStatus::Active, outcomes(five, "2026-02-22T14:30:00Z"));
    check(SwarmStatus::Active, outcomes(&five[1..], recent));
    // Builds that do not count neither break the row nor lengthen it.
    let uncounted = &[
        (VIM, Returned),
        (VIM, Failed),
        (VIM, UploadFailed),
        (VIM, Failed),
        (VIM, Failed),
        (VIM, Failed),
        (CURL, Failed),
    ];
    check(SwarmStatus::Degraded, outcomes(uncounted, recent));
    check(SwarmStatus::Active, outcomes(&uncounted[..6], recent));
    let broken =
        &[(VIM, Success), (VIM, Failed), (VIM, Failed), (VIM, Failed), (CURL, Failed), (VIM, Failed)];
    check(SwarmStatus::Active, outcomes(broken, recent));
    // One package that fails again and again is its own trouble, another version of it included.
    const NEWER: &str = "app-editors/vim-9.2";
    let one = &[(VIM, Failed), (NEWER, Failed), (VIM, Failed), (VIM, Failed), (VIM, Failed), (CURL, Failed)];
    check(SwarmStatus::Active, outcomes(one, recent));
}

#[test]
fn active_while_anything_waits_or_is_built() {
    check(SwarmStatus::Active, |_| {});
    check(SwarmStatus::Active, |it| {
        set_items(it, vec![pending("dev-qt/qtbase-6.8.2")], Vec::new(), Vec::new());
    });
    check(SwarmStatus::Active, |it| {
        edit(&mut it.queue, |queue| {
            queue.counts.pending = Some(0);
            queue.pending.clear();
        });
    });
}

#[test]
fn idle_otherwise_whatever_is_blocked() {
    check(SwarmStatus::Idle, finish_all);
    check(SwarmStatus::Idle, |it| {
        finish_all(it);
        edit(&mut it.queue, |queue| queue.counts.blocked = Some(3));
    });
}

#[track_caller]
fn check_since(snapshot: &Snapshot, instant: &str, expected: Option<&str>) {
    let since = swarm_status_since(snapshot, status(snapshot, instant), now(instant));
    assert_eq!(since, expected.map(at), "{instant}");
}

#[test]
fn a_status_holds_since_the_mark_or_since_the_deadline_that_brought_it() {
    check_since(&started(), NOW, None);
    check_since(&orchestrator_dead(), NOW, Some("2026-02-23T14:03:07Z"));
    // Nobody writes any more: the orchestrator was last heard at 14:29:58, the gateway at 14:29:54.
    let left_alone = example();
    check_since(&left_alone, NOW, Some("2026-02-23T05:40:03Z"));
    for late in ["2026-02-23T14:30:14Z", "2026-02-23T14:30:28Z"] {
        check_since(&left_alone, late, Some("2026-02-23T14:30:13Z"));
    }
    // That the gateway is silent too, 14:30:54, does not begin it anew.
    for gone in ["2026-02-23T14:30:29Z", "2026-02-23T14:32:00Z", "2026-02-24T14:32:00Z"] {
        check_since(&left_alone, gone, Some("2026-02-23T14:30:28Z"));
    }
}

#[test]
fn what_news_changed_holds_since_now() {
    let mut snapshot = example();
    finish_all(&mut snapshot);
    // An announcement that began meanwhile changed nothing.
    snapshot.announcement = Some(std::sync::Arc::new(crate::snapshot::Announcement {
        text: "Maintenance.".to_owned(),
        level: crate::snapshot::Level::Note,
        from: Some(at("2026-02-23T14:29:59Z")),
        until: None,
    }));
    check_since(&snapshot, NOW, Some(NOW));
}

#[derive(Debug, Clone, Copy)]
enum Seen {
    Never,
    Fresh,
    Late,
    Gone,
    Withheld,
}

fn observe(source: SourceName, seen: Seen) -> Observation {
    let last = match seen {
        Seen::Never => return Observation::new(at(NOW), default_limits(source)),
        Seen::Fresh | Seen::Withheld => "2026-02-23T14:29:58Z",
        Seen::Late => "2026-02-23T14:28:50Z",
        Seen::Gone => "2026-02-23T14:00:00Z",
    };
    let withheld = matches!(seen, Seen::Withheld);
    Observation { withheld, ..online(last, last, crate::testing::limits(60, 120)) }
}

#[test]
fn a_document_is_as_fresh_as_its_sources() {
    use DocumentStatus::{Offline, Ok, Stale, Unknown};
    let table = [
        (None, None, Unknown),
        (Some(Seen::Never), None, Unknown),
        (Some(Seen::Never), Some(Seen::Fresh), Unknown),
        (Some(Seen::Gone), Some(Seen::Fresh), Offline),
        (Some(Seen::Gone), Some(Seen::Never), Offline),
        (Some(Seen::Late), None, Stale),
        (Some(Seen::Late), Some(Seen::Fresh), Stale),
        (Some(Seen::Withheld), None, Stale),
        (Some(Seen::Fresh), Some(Seen::Never), Stale),
        (Some(Seen::Fresh), Some(Seen::Late), Stale),
        (Some(Seen::Fresh), Some(Seen::Gone), Stale),
        (Some(Seen::Fresh), Some(Seen::Withheld), Stale),
        (Some(Seen::Fresh), Some(Seen::Fresh), Ok),
        (Some(Seen::Fresh), None, Ok),
        // Without a primary source the next one stands in.
        (None, Some(Seen::Fresh), Ok),
        (None, Some(Seen::Gone), Offline),
    ];
    let names = [SourceName::Prometheus, SourceName::Loki];
    for (primary, secondary, expected) in table {
        let mut snapshot = started();
        for (name, seen) in names.into_iter().zip([primary, secondary]) {
            if let Some(seen) = seen {
                snapshot.sources.insert(name, observe(name, seen));
            }
        }
        assert_eq!(document_status(&snapshot, &names, now(NOW)), expected, "{primary:?}, {secondary:?}");
    }
}

#[test]
fn sources_of_other_documents_do_not_count() {
    let mut snapshot = example();
    silence(&mut snapshot, SourceName::Gateway, "2026-02-23T14:00:00Z");
    assert_eq!(document_status(&snapshot, &[SourceName::Orchestrator], now(NOW)), DocumentStatus::Ok);
    hear(&mut snapshot, SourceName::Gateway, NOW);
    let both = [SourceName::Orchestrator, SourceName::Gateway];
    assert_eq!(document_status(&snapshot, &both, now(NOW)), DocumentStatus::Ok);
}
