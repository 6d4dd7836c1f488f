//! The notes beside a verdict.

use super::*;
use crate::{
    queue::{ItemState, QueueItem},
    testing::{drone, package, set_drones},
};

#[track_caller]
fn check(snapshot: &Snapshot, notes: &[&str]) {
    assert_eq!(say(snapshot).notes, notes);
}

fn ground(snapshot: &mut Snapshot, drone: &str) {
    let until = at("2026-02-23T15:00:00Z");
    set_states(snapshot, &[(drone, DroneState::Grounded { until })]);
}

/// The build that Izar has been at since 13:52 should have been done by then.
fn overdue(snapshot: &mut Snapshot) {
    edit(&mut snapshot.queue, |queue| {
        queue.building[0].estimate.as_mut().unwrap().high_seconds = 1_800;
    });
}

fn interrupt(snapshot: &mut Snapshot) {
    edit(&mut snapshot.queue, |queue| {
        queue.building[1].state = ItemState::Stalled;
        queue.building[1].reason = Some(Reason::DroneOffline);
    });
}

fn block(snapshot: &mut Snapshot, items: Vec<QueueItem>) {
    edit(&mut snapshot.queue, |queue| {
        queue.counts.blocked = u32::try_from(items.len()).ok();
        queue.blocked = items;
    });
}

fn block_after_failures(snapshot: &mut Snapshot) {
    let failed = |drone| build("media-libs/mesa-24.3.4", drone, BuildStatus::Failed, "2026-02-23T10:00:00Z");
    let earlier = [failed("Izar"), failed("Izar"), failed("Meridian")];
    edit(&mut snapshot.history, |history| history.builds.extend(earlier));
    block(snapshot, vec![blocked("media-libs/mesa-24.3.4", Reason::FailedOnSeveralDrones)]);
}

#[test]
fn there_are_at_most_three_and_they_have_an_order() {
    let all = |it: &mut Snapshot| {
        ground(it, "Meridian");
        overdue(it);
        interrupt(it);
        block_after_failures(it);
    };
    let mut snapshot = changed(all);
    let [grounded, late, interrupted, failed] = [
        "Meridian is grounded until 15:00 UTC after repeated failures.",
        "llvm-core/llvm-19.1.7 on Izar is overdue.",
        "www-client/firefox-135.0.1 was interrupted: Meridian went offline.",
        "media-libs/mesa-24.3.4 failed on 2 drones.",
    ];
    check(&snapshot, &["Tarn is offline since 03:12 UTC.", grounded, late]);
    set_states(&mut snapshot, &[("Tarn", DroneState::Idle)]);
    check(&snapshot, &[grounded, late, interrupted]);
    set_states(&mut snapshot, &[("Meridian", DroneState::Idle)]);
    check(&snapshot, &[late, interrupted, failed]);
    let items = ATOMS.into_iter().take(2).map(|atom| blocked(atom, Reason::Masked)).collect();
    block(&mut snapshot, items);
    check(&snapshot, &[late, interrupted, "2 packages are blocked."]);
}

#[test]
fn several_missing_drones_share_a_note() {
    let snapshot = changed(|it| {
        let drones = ["Meridian", "Sirius", "Procyon", "Izar", "Vega"];
        let drones = drones.map(|name| {
            let state = if name < "N" { DroneState::Offline } else { DroneState::Building };
            drone(name, state)
        });
        set_drones(it, drones.into());
    });
    check(&snapshot, &["2 drones are offline: Meridian, Izar."]);
    let many = changed(|it| {
        let drones = (0..200).map(|n| {
            let state = if n < 90 { DroneState::Offline } else { DroneState::Building };
            drone(&format!("Star {n}"), state)
        });
        set_drones(it, drones.collect());
    });
    let note = &say(&many).notes[0];
    assert!(note.starts_with("90 drones are offline: Star 0, Star 1, "), "{note}");
    assert!(note.ends_with(", Star 10 and 79 more."), "{note}");
}

#[test]
fn drones_that_may_sleep_are_not_missed() {
    let snapshot = changed(|it| {
        set_states(it, &[("Capella", DroneState::Offline)]);
        edit(&mut it.fleet, |fleet| fleet.drones[3].optional = true);
    });
    check(&snapshot, &[]);
    assert_eq!(say(&snapshot).code, VerdictCode::Building);
}

#[test]
fn a_verdict_is_not_repeated_in_a_note() {
    check(&deserted(9), &[]);
    check(&deserted(0), &[]);
    check(&world(VerdictCode::IdleBlocked), &[]);
}

#[test]
fn one_package_is_blocked_in_the_singular() {
    let snapshot = changed(|it| block(it, vec![blocked("media-libs/mesa-24.3.4", Reason::Masked)]));
    check(&snapshot, &["Tarn is offline since 03:12 UTC.", "1 package is blocked."]);
}

#[test]
fn a_build_that_is_not_heard_of_does_not_become_overdue() {
    let high_seconds = |seconds: u32| {
        changed(|it| {
            set_states(it, &[("Tarn", DroneState::Idle)]);
            overdue(it);
            edit(&mut it.queue, |queue| {
                queue.building[0].estimate.as_mut().unwrap().high_seconds = seconds;
            });
        })
    };
    // Between 13:52:04 and 14:30:00 are 2,276 s.
    check(&high_seconds(2_276), &[]);
    check(&high_seconds(2_275), &["llvm-core/llvm-19.1.7 on Izar is overdue."]);
    let mut frozen = high_seconds(2_270);
    silence(&mut frozen, SourceName::Orchestrator, "2026-02-23T14:29:40Z");
    check(&frozen, &[]);
}

#[test]
fn beside_the_past_nothing_is_said_in_the_present_tense() {
    let disturb = |it: &mut Snapshot| {
        ground(it, "Meridian");
        overdue(it);
        interrupt(it);
        block_after_failures(it);
    };
    for code in ALL.into_iter().filter(|code| code.is_past()) {
        let mut snapshot = world(code);
        disturb_known(&mut snapshot, disturb);
        assert_eq!(say(&snapshot).code, code);
        let expected: &[&str] = match code {
            VerdictCode::OrchestratorSilent => &["3 of 4 drones still report in."],
            _ => &[],
        };
        check(&snapshot, expected);
    }
}

fn disturb_known(snapshot: &mut Snapshot, disturb: impl Fn(&mut Snapshot)) {
    if snapshot.queue.get().is_some() {
        disturb(snapshot);
    }
}

#[test]
fn only_a_gateway_that_answers_says_who_still_reports() {
    let mut snapshot = orchestrator_dead();
    let offline = ["Capella", "Meridian"].map(|name| (name, DroneState::Offline));
    set_states(&mut snapshot, &offline);
    check(&snapshot, &["1 of 4 drones still reports in."]);
    silence(&mut snapshot, SourceName::Gateway, "2026-02-23T14:29:20Z");
    check(&snapshot, &[]);
}

#[test]
fn a_withheld_package_has_no_note() {
    let snapshot = changed(|it| {
        set_states(it, &[("Tarn", DroneState::Idle)]);
        overdue(it);
        interrupt(it);
        edit(&mut it.queue, |queue| {
            for item in &mut queue.building {
                item.package = None;
            }
        });
    });
    check(&snapshot, &[]);
}

#[test]
fn a_package_too_long_for_a_sentence_loses_its_version_first() {
    let note = |atom: &str| {
        let snapshot = changed(|it| {
            set_states(it, &[("Tarn", DroneState::Idle)]);
            overdue(it);
            edit(&mut it.queue, |queue| queue.building[0].package = Some(package(atom)));
        });
        say(&snapshot).notes.remove(0)
    };
    let qualified = format!("dev-haskell/{}", "a".repeat(50));
    assert_eq!(note(&format!("{qualified}-1.2.3.4")), format!("{qualified} on Izar is overdue."));
    let name = "a".repeat(60);
    assert_eq!(note(&format!("dev-haskell/{name}-1")), format!("{name} on Izar is overdue."));
    let longer = "a".repeat(80);
    assert_eq!(note(&format!("dev-haskell/{longer}-1")), "A package on Izar is overdue.");
}
