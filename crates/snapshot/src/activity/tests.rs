//! What is told of the difference of two snapshots.

use super::*;
use crate::testing;

const NOW: &str = testing::NOW;

fn events(previous: &Snapshot, next: &Snapshot) -> Vec<(String, What)> {
    let activity = Activity::default().after(previous, next, testing::at(NOW));
    activity.events.into_iter().map(|event| (event.at.to_string(), event.what)).collect()
}

fn changed(change: impl FnOnce(&mut Snapshot)) -> Vec<(String, What)> {
    let previous = testing::example();
    let mut next = previous.clone();
    change(&mut next);
    events(&previous, &next)
}

fn set_state(snapshot: &mut Snapshot, name: &str, state: DroneState) {
    testing::edit(&mut snapshot.fleet, |fleet| {
        let drone = fleet.drones.iter_mut().find(|drone| drone.name.same(name)).unwrap();
        (drone.state, drone.state_since) = (state, testing::at("2026-02-23T14:20:00Z"));
        drone.offline_since = (state == DroneState::Offline).then(|| testing::at("2026-02-23T14:18:00Z"));
    });
}

#[test]
fn nothing_happens_between_equal_snapshots_and_at_the_first_answer() {
    assert_eq!(changed(|_| {}), []);
    assert_eq!(events(&testing::started(), &testing::example()), []);
}

#[test]
fn a_drone_leaves_when_it_was_last_heard_and_returns() {
    let left = changed(|next| set_state(next, "Izar", DroneState::Offline));
    assert_eq!(left, [("2026-02-23T14:18:00Z".to_owned(), What::Left(testing::name("Izar")))]);
    let returned = changed(|next| set_state(next, "Tarn", DroneState::Idle));
    assert_eq!(returned, [("2026-02-23T14:20:00Z".to_owned(), What::Returned(testing::name("Tarn")))]);
    assert_eq!(changed(|next| set_state(next, "Izar", DroneState::Idle)), []);
    assert_eq!(changed(|next| testing::set_drones(next, Vec::new())), []);
}

#[test]
fn the_swarm_pauses_and_resumes() {
    let pause = |snapshot: &mut Snapshot| testing::pause(snapshot, "2026-02-23T14:25:00Z");
    assert_eq!(changed(pause), [("2026-02-23T14:25:00Z".to_owned(), What::Paused)]);
    let mut paused = testing::example();
    pause(&mut paused);
    assert_eq!(events(&paused, &testing::example()), [("2026-02-23T14:29:58Z".to_owned(), What::Resumed)]);
}

#[test]
fn a_package_is_blocked_once_and_not_by_a_list_that_was_cut() {
    let block = |snapshot: &mut Snapshot| {
        testing::edit(&mut snapshot.queue, |queue| {
            queue.blocked.push(testing::blocked("dev-libs/nss-3.108", Reason::Masked));
        });
    };
    let what =
        What::Blocked { package: Some(testing::package("dev-libs/nss-3.108")), reason: Some(Reason::Masked) };
    assert_eq!(changed(block), [("2026-02-23T14:29:58Z".to_owned(), what)]);
    let mut previous = testing::example();
    testing::edit(&mut previous.queue, |queue| queue.truncated.blocked = 1);
    let mut next = previous.clone();
    block(&mut next);
    assert_eq!(events(&previous, &next), []);
}

#[test]
fn only_a_day_and_a_hundred_events_are_kept() {
    let event = |minutes: i64| Event {
        at: testing::at(NOW) - jiff::SignedDuration::from_mins(minutes),
        what: What::Resumed,
    };
    let activity = Activity { events: (0..300).map(|n| event(n * 10)).collect(), outages: Vec::new() };
    let example = testing::example();
    let kept = activity.after(&example, &example, testing::at(NOW));
    assert_eq!(kept.events.len(), EVENTS_MAX);
    let old = Activity { events: vec![event(24 * 60), event(24 * 60 - 1)], outages: Vec::new() };
    assert_eq!(old.after(&example, &example, testing::at(NOW)).events, [event(24 * 60 - 1)]);
    let ahead = Activity { events: vec![event(-5)], outages: Vec::new() };
    assert_eq!(ahead.after(&example, &example, testing::at(NOW)).events, [event(0)]);
}

#[test]
fn builds_and_events_are_told_together_the_newest_first() {
    let mut snapshot = testing::example();
    let event = Event { at: testing::at("2026-02-23T13:51:00Z"), what: What::Paused };
    snapshot
        .activity
        .replace(Activity { events: vec![event.clone()], outages: Vec::new() }, testing::at(NOW));
    let told: Vec<_> = feed(&snapshot, testing::at(NOW)).collect();
    assert_eq!(told[1], Happening::Other(&event));
    assert!(told.windows(2).all(|pair| pair[0].at() >= pair[1].at()));
    assert_eq!(told.len(), EVENTS_MAX);
    assert_eq!(feed(&snapshot, testing::at("2026-02-28T00:00:00Z")).count(), 0);
}
