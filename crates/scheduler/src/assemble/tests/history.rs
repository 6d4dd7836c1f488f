//! Finished builds: each once, in order, none lost without a word.

use std::collections::HashSet;

use identity::config::Unknown;
use jiff::Timestamp;
use snapshot::{
    history::{BuildStatus, Gap, History},
    section::SourceName,
};

use super::builder::{IZAR, TARN, World, at, build, names, node};
use crate::report::{HistoryRow, Reach};

const NSS: &str = "=dev-libs/nss-3.101";

fn history(world: &mut World) -> History {
    world.snapshot().history.get().unwrap().clone()
}

fn ids(history: &History) -> Vec<String> {
    history.builds.iter().map(|build| build.id.as_str().to_owned()).collect()
}

#[test]
fn a_build_that_is_told_again_counts_once() {
    let mut world = World::new();
    let rows = || vec![build(2, NSS, IZAR, "success", -10), build(1, NSS, TARN, "failed", -20)];
    let first = history(world.builds(rows()));
    assert_eq!(first.builds.len(), 2);
    assert_eq!(history(world.builds(rows())), first);
    let drones: Vec<_> = first.builds.iter().map(|build| build.drone.clone().unwrap()).collect();
    assert_eq!(drones.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["Izar", "Tarn"]);
}

#[test]
fn a_row_that_later_says_otherwise_is_refused() {
    let mut world = World::new();
    world.builds(vec![build(1, NSS, IZAR, "success", -10)]);
    let other = HistoryRow { duration_ms: Some(1), ..build(1, NSS, IZAR, "failed", -10) };
    let builds = history(world.builds(vec![other])).builds;
    assert_eq!(builds.len(), 1);
    assert_eq!((builds[0].status, builds[0].duration_seconds), (BuildStatus::Success, Some(90)));
}

#[test]
fn builds_of_one_second_stand_in_the_order_of_their_ids() {
    let mut world = World::new();
    let rows = [9, 10, 100, 8].map(|id| HistoryRow {
        duration_ms: Some(u64::from(id) * 1_000),
        ..build(id, NSS, IZAR, "success", -10)
    });
    let durations: Vec<_> =
        history(world.builds(rows.into())).builds.iter().map(|b| b.duration_seconds.unwrap()).collect();
    assert_eq!(durations, [100, 10, 9, 8]);
}

#[test]
fn ids_that_begin_again_at_one_are_other_builds() {
    let mut world = World::new();
    world.builds(vec![build(2, NSS, IZAR, "success", -20), build(1, NSS, IZAR, "success", -30)]);
    let history = history(world.later(60).builds(vec![build(1, NSS, IZAR, "success", 30)]));
    assert_eq!(history.builds.len(), 3);
    assert_eq!(history.gaps, []);
}

#[test]
fn what_the_backend_deletes_is_kept_and_is_no_gap() {
    let mut world = World::new();
    world.builds((1..=9).map(|id| build(id, NSS, IZAR, "failed", i64::from(id))).collect());
    let history = history(world.later(60).builds(vec![build(3, NSS, IZAR, "failed", 3)]));
    assert_eq!((history.builds.len(), history.gaps.len()), (9, 0));
}

#[test]
fn equal_builds_have_different_ids_that_stay_when_more_arrive() {
    let mut world = World::new();
    let equal = |id| build(id, NSS, IZAR, "success", -10);
    let two = ids(&history(world.builds(vec![equal(5), equal(4)])));
    assert_ne!(two[0], two[1]);
    let three = ids(&history(world.builds(vec![equal(6), equal(5), equal(4)])));
    assert_eq!(three[1..], two);
    assert_eq!(three.iter().collect::<HashSet<_>>().len(), 3);
}

#[test]
fn a_public_id_rests_on_public_facts_alone() {
    let table =
        |id: u32, host: &str| ids(&history(World::new().builds(vec![build(id, NSS, host, "success", -10)])));
    assert_eq!(table(1, IZAR), table(77, TARN));
    assert_eq!(table(1, IZAR)[0].len(), 13);
}

#[test]
fn a_gap_is_recorded_between_what_was_known_and_what_came() {
    let mut world = World::new();
    world.builds(vec![build(1, NSS, IZAR, "success", -100)]);
    world.later(60).reaching(
        Reach::Short,
        vec![build(900, NSS, IZAR, "success", 50), build(899, NSS, IZAR, "success", 40)],
    );
    let history = history(&mut world);
    assert_eq!(history.gaps, [Gap { from: at(-100), to: at(40) }]);
    assert_eq!((history.builds.len(), history.complete_from), (3, Some(Timestamp::MIN)));
}

#[test]
fn the_first_answer_says_from_when_on_nothing_is_missing() {
    let rows = || vec![build(2, NSS, IZAR, "success", -10), build(1, NSS, IZAR, "success", -20)];
    let complete_from = |reach| history(World::new().reaching(reach, rows())).complete_from;
    assert_eq!(complete_from(Reach::Beginning), Some(Timestamp::MIN));
    assert_eq!(complete_from(Reach::Known), Some(at(-20)));
    let empty = history(World::new().builds(vec![]));
    assert_eq!((empty.builds.len(), empty.complete_from), (0, Some(Timestamp::MIN)));
}

#[test]
fn only_the_newest_builds_are_kept_and_the_oldest_says_so() {
    let both = [SourceName::Gateway, SourceName::Orchestrator];
    let mut world = World::keeping(3, names(Unknown::Pseudonym, vec![]), &both);
    let rows = || (1..=5).map(|id| build(id, NSS, IZAR, "success", i64::from(id))).collect();
    let first = history(world.later(60).builds(rows()));
    assert_eq!((first.builds.len(), first.complete_from), (3, Some(at(3))));
    assert_eq!(history(world.builds(rows())), first);
}

#[test]
fn the_words_of_the_backend_become_six() {
    let rows: Vec<_> = [
        ("success", BuildStatus::Success),
        ("failed", BuildStatus::Failed),
        ("missing_binary", BuildStatus::MissingBinary),
        ("upload_failed", BuildStatus::UploadFailed),
        ("masked", BuildStatus::Masked),
        ("returned", BuildStatus::Returned),
        ("timeout", BuildStatus::Failed),
        ("failed on izar-host (10.42.0.203)", BuildStatus::Failed),
    ]
    .into();
    for (text, expected) in rows {
        let history = history(World::new().builds(vec![build(1, NSS, IZAR, text, -10)]));
        assert_eq!(history.builds[0].status, expected, "{text}");
    }
}

#[test]
fn a_drone_that_was_removed_keeps_its_name_in_the_past() {
    let mut world = World::new();
    world.gateway(vec![node("old-laptop")]).builds(vec![build(1, NSS, "old-laptop", "success", -50)]);
    let before = history(&mut world).builds[0].drone.clone().unwrap();
    // Its record is gone: the rows name it by the beginning of its id.
    let prefix: String = node("old-laptop").names.id.unwrap().chars().take(12).collect();
    let row = HistoryRow { drone_name: Some(prefix), ..build(2, NSS, "old-laptop", "success", -40) };
    let after = history(world.gateway(vec![]).builds(vec![row]));
    assert!(after.builds.iter().all(|build| build.drone.as_ref() == Some(&before)));
}

#[test]
fn the_newest_fifty_are_in_the_queue() {
    let mut world = World::new();
    world.builds((1..=60).map(|id| build(id, NSS, IZAR, "success", i64::from(id) - 100)).collect());
    let snapshot = world.queue(vec![]).snapshot();
    let recent: Vec<_> = snapshot.queue.get().unwrap().recent.iter().map(|build| build.finished_at).collect();
    assert_eq!((recent.len(), recent[0], recent[49]), (50, at(-40), at(-89)));
}
