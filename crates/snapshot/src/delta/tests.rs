//! The laws of deltas, over queues of every kind.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    estimate::Drain,
    history::{BuildId, BuildStatus},
    queue::Reason,
    testing::{at, blocked, build, building, empty_queue, example, example_next, pending, random_queue},
};

/// Checks the laws for two queues and gives the way from one to the other.
#[track_caller]
fn check(previous: &Queue, next: &Queue) -> Delta {
    let delta = diff(previous, next).unwrap();
    let mut applied = previous.clone();
    assert_eq!(delta.apply(&mut applied), Ok(()), "{delta:#?}");
    assert_eq!(&applied, next, "{delta:#?}");
    assert_eq!(delta.is_empty(), previous == next, "{delta:#?}");
    for queue in [previous, next] {
        assert!(diff(queue, queue).unwrap().is_empty());
    }
    delta
}

fn waiting(n: usize) -> Vec<QueueItem> {
    (0..n).map(|n| pending(&format!("dev-libs/p-{n}"))).collect()
}

fn n_moves(delta: &Delta) -> usize {
    let is_move = |operation: &&Operation| matches!(operation, Operation::Item(Edit::Move { .. }));
    delta.operations.iter().filter(is_move).count()
}

#[test]
fn the_documented_change_takes_the_documented_operations() {
    let (previous, next) = (example().queue.get().unwrap().clone(), example_next());
    let delta = check(&previous, &next);
    // The expected hash was computed by other means.
    assert_eq!(format!("{:08x} {:08x}", previous.hash(), next.hash()), "4c7ece55 2f4f71d8");
    let words: Vec<_> = delta.operations.iter().map(describe).collect();
    let expected = [
        "remove building www-client/firefox-135.0.1",
        "add pending app-editors/vim-9.1.1122 before -",
        "move pending pending dev-util/maturin-1.8.2 before app-office/libreoffice-25.2.0.3 (2)",
        "move pending building dev-qt/qtbase-6.8.2 before - (4)",
        "change building dev-lang/rust-1.84.1 (5)",
        "remove 2n4r7y3j8p5ga",
        "add 9d6s0e5k1v7hf before 7f3k2m9q4c1x0",
        "meta (1)",
    ];
    assert_eq!(words, expected);
    assert_eq!(delta.counts, Some(next.counts));
}

fn describe(operation: &Operation) -> String {
    match operation {
        Operation::Item(Edit::Add { list, before, row }) => {
            format!("add {} {} before {}", list.as_str(), row.id, before.as_deref().unwrap_or("-"))
        }
        Operation::Item(Edit::Remove { list, id }) => format!("remove {} {id}", list.as_str()),
        Operation::Item(Edit::Change { list, id, set }) => {
            format!("change {} {id} ({})", list.as_str(), set.len())
        }
        Operation::Item(Edit::Move { from, to, id, before, set }) => {
            let before = before.as_deref().unwrap_or("-");
            format!("move {} {} {id} before {before} ({})", from.as_str(), to.as_str(), set.len())
        }
        Operation::Build(Edit::Add { before, row, .. }) => {
            format!("add {} before {}", row.id.as_str(), before.as_ref().map_or("-", BuildId::as_str))
        }
        Operation::Build(Edit::Remove { id, .. }) => format!("remove {}", id.as_str()),
        Operation::Build(edit) => format!("{edit:?}"),
        Operation::Meta(set) => format!("meta ({})", set.len()),
    }
}

#[test]
fn a_finished_build_among_four_hundred_takes_few_operations() {
    let minute =
        |minute: usize| Some(at(&format!("2026-02-23T{:02}:{:02}:00Z", 15 + minute / 60, minute % 60)));
    let finished =
        |n: usize| build(&format!("dev-libs/p-{n}"), "Izar", BuildStatus::Success, "2026-02-23T14:00:00Z");
    let mut previous = Queue {
        pending: waiting(400),
        building: ["Izar", "Meridian", "Tarn"]
            .map(|drone| {
                building(&format!("dev-libs/{}-1", drone.to_lowercase()), drone, "2026-02-23T14:20:00Z")
            })
            .into(),
        recent: (0..50).map(finished).collect(),
        ..empty_queue()
    };
    for (n, item) in previous.pending.iter_mut().enumerate() {
        (item.expected_start_at, item.expected_finish_at) = (minute(n), minute(n + 1));
    }
    let mut next = previous.clone();
    next.building.remove(1);
    let mut first = next.pending.remove(0);
    first = QueueItem {
        expected_finish_at: first.expected_finish_at,
        ..building(&first.id, "Meridian", "2026-02-23T14:30:00Z")
    };
    next.building.push(first);
    next.recent.pop();
    next.recent
        .insert(0, build("dev-libs/meridian-1", "Meridian", BuildStatus::Success, "2026-02-23T14:30:00Z"));
    for item in &mut next.pending[..6] {
        (item.expected_start_at, item.expected_finish_at) = (minute(7), minute(8));
    }
    next.counts.completed = Some(1);
    next.drain = Some(Drain {
        median_at: at("2026-02-23T20:00:00Z"),
        low_at: at("2026-02-23T19:00:00Z"),
        high_at: at("2026-02-23T21:00:00Z"),
        excluded: 0,
    });
    let delta = check(&previous, &next);
    assert_eq!((delta.operations.len(), n_moves(&delta)), (11, 1));
}

#[test]
fn no_more_rows_are_moved_than_must_be() {
    #[track_caller]
    fn check_moves(shuffle: impl FnOnce(&mut Vec<QueueItem>), expected: usize) {
        let previous = Queue { pending: waiting(100), ..empty_queue() };
        let mut next = previous.clone();
        shuffle(&mut next.pending);
        let delta = check(&previous, &next);
        assert_eq!((n_moves(&delta), delta.operations.len()), (expected, expected));
    }
    check_moves(|_| (), 0);
    check_moves(|items| items.rotate_left(1), 1);
    check_moves(|items| items.rotate_right(1), 1);
    check_moves(|items| items.swap(20, 80), 2);
    check_moves(|items| items.swap(0, 99), 2);
    check_moves(|items| items.rotate_left(50), 50);
    check_moves(|items| items.reverse(), 99);
}

#[test]
fn rows_keep_their_identity_across_lists() {
    let previous = Queue {
        pending: waiting(2),
        building: vec![building("dev-libs/a-1", "Izar", "2026-02-23T14:20:00Z")],
        blocked: vec![blocked("dev-libs/b-1", Reason::Masked)],
        ..empty_queue()
    };
    let retry = QueueItem { failures: 1, reason: Some(Reason::Retry), ..pending("dev-libs/a-1") };
    let mut swapped = previous.clone();
    swapped.pending = vec![retry, pending("dev-libs/b-1")];
    (swapped.building, swapped.blocked) =
        (vec![building("dev-libs/p-1", "Izar", "2026-02-23T14:30:00Z")], waiting(1));
    for (from, to) in [(&previous, &swapped), (&swapped, &previous)] {
        let delta = check(from, to);
        assert_eq!((n_moves(&delta), delta.operations.len()), (4, 4));
    }
}

#[test]
fn two_rows_of_one_id_cannot_be_told_apart() {
    let once = Queue { pending: waiting(2), ..empty_queue() };
    let in_one_list = Queue { pending: [waiting(2), waiting(1)].concat(), ..empty_queue() };
    let in_two_lists = Queue { blocked: waiting(1), ..once.clone() };
    let mut recent = example().queue.get().unwrap().clone();
    recent.recent.push(Arc::clone(&recent.recent[0]));
    for twice in [in_one_list, in_two_lists, recent] {
        assert_eq!(diff(&once, &twice), None);
        assert_eq!(diff(&twice, &once), None);
        assert_eq!(diff(&twice, &twice), None);
    }
    // An item and a build are of different kinds, whatever their ids.
    let mut kinds = example().queue.get().unwrap().clone();
    kinds.pending[0].id = kinds.recent[0].id.as_str().into();
    assert_eq!(check(&empty_queue(), &kinds).operations.len(), 8 + 3 + 1 + 3 + 1);
}

#[test]
fn what_does_not_begin_here_changes_nothing() {
    let (previous, next) = (example().queue.get().unwrap().clone(), example_next());
    let delta = diff(&previous, &next).unwrap();
    let mut other = next.clone();
    assert_eq!(delta.apply(&mut other), Err(ApplyError::Missing));
    assert_eq!(other, next);

    let edit = |edit| Delta { operations: vec![Operation::Item(edit)], counts: None };
    let (list, id) = (ItemList::Pending, previous.pending[0].id.clone());
    let wrong = [
        (edit(Edit::Add { list, before: None, row: previous.pending[0].clone() }), ApplyError::Twice),
        (
            edit(Edit::Add { list, before: Some("x".into()), row: pending("dev-libs/a-1") }),
            ApplyError::Missing,
        ),
        (edit(Edit::Remove { list: ItemList::Blocked, id: id.clone() }), ApplyError::Missing),
        (edit(Edit::Change { list, id: "x".into(), set: Vec::new() }), ApplyError::Missing),
        (
            edit(Edit::Move { from: list, to: list, id: id.clone(), before: Some(id), set: Vec::new() }),
            ApplyError::Missing,
        ),
    ];
    for (delta, error) in wrong {
        let mut queue = previous.clone();
        assert_eq!(delta.apply(&mut queue), Err(error), "{delta:?}");
        assert_eq!(queue, previous);
    }
}

proptest! {
    #[test]
    fn whoever_applies_the_delta_has_the_next_queue(previous in any::<u64>(), next in any::<u64>()) {
        let (previous, next) = (random_queue(previous), random_queue(next));
        check(&previous, &next);
        check(&next, &previous);
        check(&previous, &empty_queue());
        check(&empty_queue(), &next);
    }

    #[test]
    fn any_order_becomes_any_other(
        old in Just((0..60_usize).collect::<Vec<_>>()).prop_shuffle(),
        new in Just((0..60_usize).collect::<Vec<_>>()).prop_shuffle(),
        cuts in vec(0..=60_usize, 4),
    ) {
        let items = waiting(60);
        let queue = |order: &[usize], a: usize, b: usize| {
            let list = |places: &[usize]| places.iter().map(|place| items[*place].clone()).collect();
            let (a, b) = (a.min(b), a.max(b));
            Queue { pending: list(&order[..a]), building: list(&order[a..b]), blocked: list(&order[b..]), ..empty_queue() }
        };
        let delta = check(&queue(&old, cuts[0], cuts[1]), &queue(&new, cuts[2], cuts[3]));
        prop_assert!(delta.operations.len() < 60 + 3);
        prop_assert_eq!(delta.operations.len(), n_moves(&delta));
    }

    #[test]
    fn deltas_of_other_queues_never_panic(a in any::<u64>(), b in any::<u64>(), c in any::<u64>()) {
        let [a, b, mut c] = [a, b, c].map(random_queue);
        let untouched = c.clone();
        if diff(&a, &b).unwrap().apply(&mut c).is_err() {
            prop_assert_eq!(c, untouched);
        }
    }
}
