//! The hash, the sums and the words of the queue.

use super::*;
use crate::testing::{at, blocked, building, empty_queue, example, pending};

fn example_queue() -> Queue {
    example().queue.get().unwrap().clone()
}

#[test]
fn the_hash_is_the_documented_one() {
    assert_eq!(format!("{:08x}", example_queue().hash()), "4c7ece55");
    assert_eq!(format!("{:08x}", empty_queue().hash()), "811c9dc5");
}

#[test]
fn only_facts_are_hashed() {
    let queue = example_queue();
    let same = |change: fn(&mut Queue)| {
        let mut changed = queue.clone();
        change(&mut changed);
        changed.hash() == queue.hash()
    };
    assert!(same(|it| it.drain = None));
    assert!(same(|it| it.counts = Counts::default()));
    assert!(same(|it| it.pending[0].estimate = None));
    assert!(same(|it| it.pending[0].expected_start_at = None));
    assert!(same(|it| it.building[0].assigned_at = None));
    assert!(same(|it| it.building[0].started_at = Some(at("2026-02-23T13:52:04.9Z"))));
    assert!(!same(|it| it.building[0].started_at = None));
    assert!(!same(|it| it.pending[0].failures = 1));
    assert!(!same(|it| it.pending[0].reason = None));
    assert!(!same(|it| it.building[0].drone = None));
    assert!(!same(|it| it.pending.swap(0, 1)));
    assert!(!same(|it| it.recent.swap(0, 1)));
}

#[test]
fn what_is_built_and_what_waits_are_all_that_was_handed_out_or_queued() {
    let figures = |queue: &Queue| (queue.n_building(), queue.n_waiting(), queue.n_held_back());
    assert_eq!(figures(&example_queue()), (2, 9, 1));
    assert_eq!(figures(&empty_queue()), (0, 0, 0));
    let mut stalled = example_queue();
    stalled.building[0].state = ItemState::Stalled;
    assert_eq!(figures(&stalled), (1, 10, 1));
    // Counts without lists: from another answer, or of what is cut.
    let counts = Counts { pending: Some(2_500), building: Some(3), blocked: Some(600), ..Counts::default() };
    assert_eq!(figures(&Queue { counts, ..empty_queue() }), (3, 2_500, 600));
    assert_eq!(figures(&Queue { counts: Counts::default(), ..empty_queue() }), (0, 0, 0));
}

#[test]
fn every_reason_has_its_words() {
    let waiting = pending("app-editors/vim-9.1");
    let failed = |failures| QueueItem { failures, ..pending("app-editors/vim-9.1") };
    let held = building("app-editors/vim-9.1", "Izar", "2026-02-23T13:52:04Z");
    let given_up = blocked("app-editors/vim-9.1", Reason::Masked);
    let table = [
        (Reason::InLine, &waiting, "in_line", "6 ahead of it"),
        (Reason::Retry, &failed(1), "retry", "Failed once, will be tried again"),
        (Reason::Retry, &failed(2), "retry", "Failed twice, will be tried again"),
        (Reason::Retry, &failed(3), "retry", "Failed 3 times, will be tried again"),
        (Reason::Paused, &waiting, "paused", "The swarm is paused"),
        (Reason::NoDroneOnline, &waiting, "no_drone_online", "No drone is online"),
        (Reason::NoDroneAble, &waiting, "no_drone_able", "Every drone is paused or grounded"),
        (
            Reason::FailedOnEveryAbleDrone,
            &waiting,
            "failed_on_every_able_drone",
            "Every drone that could build it has failed it",
        ),
        (Reason::DroneBusy, &held, "drone_busy", "Next on Izar"),
        (Reason::DroneBusy, &waiting, "drone_busy", "Next on its drone"),
        (Reason::DroneOffline, &held, "drone_offline", "Izar went offline; will be handed to another"),
        (
            Reason::DroneOffline,
            &waiting,
            "drone_offline",
            "Its drone went offline; will be handed to another",
        ),
        (Reason::Masked, &given_up, "masked", "Masked by Portage"),
        (Reason::FailedOnSeveralDrones, &given_up, "failed_on_several_drones", "Failed on several drones"),
        (Reason::FailedRepeatedly, &given_up, "failed_repeatedly", "Failed again and again"),
        (Reason::HeldByOperator, &given_up, "held_by_operator", "Held by the operator"),
        (Reason::Unspecified, &given_up, "unspecified", "Reason not published"),
    ];
    for (reason, item, word, words) in table {
        assert_eq!((reason.as_str(), reason.words(item, 7).as_str()), (word, words));
    }
}
