//! Ids, statuses and sums of finished builds.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::testing::{at, build, package};

fn id(atom: &str, finished: &str, status: &str, milliseconds: Option<u64>, copy: u32) -> BuildId {
    BuildId::of(Some(&package(atom)), at(finished), status, milliseconds, copy)
}

#[test]
fn digits_of_ids_are_those_of_their_alphabet() {
    assert!((0..=u8::MAX).all(|byte| is_crockford(byte) == CROCKFORD.contains(&byte)));
}

#[test]
fn the_same_facts_give_the_same_id_and_other_facts_another() {
    let (vim, finished) = ("app-editors/vim-9.1", "2026-02-23T13:51:38Z");
    let one = id(vim, finished, "success", Some(171_200), 0);
    assert_eq!(one, id(vim, finished, "success", Some(171_200), 0));
    let ids = [
        one,
        id("app-editors/vim-9.2", finished, "success", Some(171_200), 0),
        id(vim, "2026-02-23T13:51:39Z", "success", Some(171_200), 0),
        id(vim, finished, "failed", Some(171_200), 0),
        id(vim, finished, "success", Some(171_201), 0),
        id(vim, finished, "success", None, 0),
        id(vim, finished, "success", Some(171_200), 1),
        id(vim, finished, "success", Some(171_200), 2),
        BuildId::of(None, at(finished), "success", Some(171_200), 0),
    ];
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn ids_never_change() {
    // Feeds would announce every build anew.
    let one = id("app-editors/vim-9.1", "2026-02-23T13:51:38Z", "success", Some(171_200), 0);
    assert_eq!(one.as_str(), "b1sqyh6yjybts");
}

#[test]
fn only_what_looks_like_an_id_is_read() {
    assert_eq!(BuildId::parse("7f3k2m9q4c1x0").unwrap().as_str(), "7f3k2m9q4c1x0");
    for bad in ["", "7f3k2m9q4c1x", "7f3k2m9q4c1x00", "7F3K2M9Q4C1X0", "7f3k2m9q4c1xi", "7f3k2m9q4c1é"] {
        assert_eq!(BuildId::parse(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn an_id_is_thirteen_digits_of_crockford(status in "\\PC{0,20}", ms in any::<Option<u64>>(), copy in 0..9_u32) {
        let id = id("app-editors/vim-9.1", "2026-02-23T13:51:38Z", &status, ms, copy);
        prop_assert_eq!(id.as_str().len(), 13);
        prop_assert!(id.as_str().bytes().all(|digit| CROCKFORD.contains(&digit)));
        prop_assert_eq!(BuildId::parse(id.as_str()), Some(id));
    }
}

#[test]
fn every_word_of_the_orchestrator_has_a_status() {
    use BuildStatus::{Failed, Masked, MissingBinary, Returned, Success, UploadFailed};
    let table = [
        ("success", Success, Known::Yes, CountsAs::Success, "Built"),
        ("failed", Failed, Known::Yes, CountsAs::Failure, "Failed"),
        ("missing_binary", MissingBinary, Known::Yes, CountsAs::Failure, "Built, but the package is missing"),
        ("masked", Masked, Known::Yes, CountsAs::Failure, "Masked by Portage"),
        ("upload_failed", UploadFailed, Known::Yes, CountsAs::Uncounted, "Built, upload failed"),
        ("returned", Returned, Known::Yes, CountsAs::Uncounted, "Handed back"),
        ("unknown", Failed, Known::No, CountsAs::Failure, "Failed"),
        ("timeout", Failed, Known::No, CountsAs::Failure, "Failed"),
        ("", Failed, Known::No, CountsAs::Failure, "Failed"),
        ("Success", Failed, Known::No, CountsAs::Failure, "Failed"),
    ];
    for (text, status, known, counts_as, words) in table {
        assert_eq!(BuildStatus::of_upstream(text), (status, known), "{text:?}");
        assert_eq!((status.counts_as(), status.words()), (counts_as, words));
        assert_eq!(BuildStatus::parse(status.as_str()), Some(status));
    }
    assert_eq!(BuildStatus::parse("unknown"), None);
}

const NOW: &str = "2026-02-23T14:30:00Z";

fn day(complete_from: Option<&str>, gaps: &[(&str, &str)], seen: &str) -> LastDay {
    let builds = [
        build("app-editors/vim-9.1", "Izar", BuildStatus::Success, "2026-02-23T14:00:00Z"),
        build("app-editors/vim-9.1", "", BuildStatus::Masked, "2026-02-23T13:00:00Z"),
        build("app-editors/vim-9.1", "Izar", BuildStatus::Returned, "2026-02-22T14:30:01Z"),
        build("app-editors/vim-9.1", "Izar", BuildStatus::Success, "2026-02-22T14:30:00Z"),
    ];
    let gaps = gaps.iter().map(|(from, to)| Gap { from: at(from), to: at(to) }).collect();
    let history = History { builds: builds.into(), complete_from: complete_from.map(at), gaps };
    history.last_day(at(seen), at(NOW))
}

#[test]
fn the_last_day_sums_up_what_finished_in_it() {
    let expected =
        LastDay { success: 1, failure: 1, uncounted: 1, build_seconds: 360, coverage_percent: 100 };
    assert_eq!(day(Some("2026-01-01T00:00:00Z"), &[], NOW), expected);
    let empty = History::default().last_day(at(NOW), at(NOW));
    assert_eq!((empty.success, empty.build_seconds, empty.coverage_percent), (0, 0, 0));
}

#[test]
fn coverage_is_the_part_of_the_day_that_was_observed() {
    let long_ago = Some("2026-01-01T00:00:00Z");
    let check = |complete_from, gaps: &[_], seen, expected| {
        assert_eq!(day(complete_from, gaps, seen).coverage_percent, expected, "{complete_from:?} {gaps:?}");
    };
    check(None, &[], NOW, 0);
    check(long_ago, &[], NOW, 100);
    // Recording began half a day ago, or the source has been silent for as long.
    check(Some("2026-02-23T02:30:00Z"), &[], NOW, 50);
    check(long_ago, &[], "2026-02-23T02:30:00Z", 50);
    check(long_ago, &[], "2026-02-20T00:00:00Z", 0);
    // Six hours were lost; a gap counts as far as it lies in the observed part.
    check(long_ago, &[("2026-02-23T02:30:00Z", "2026-02-23T08:30:00Z")], NOW, 75);
    check(long_ago, &[("2026-02-22T08:30:00Z", "2026-02-22T20:30:00Z")], NOW, 75);
    check(long_ago, &[("2026-02-20T08:30:00Z", "2026-02-21T20:30:00Z")], NOW, 100);
    check(Some("2026-02-23T02:30:00Z"), &[("2026-02-22T20:30:00Z", "2026-02-23T02:30:00Z")], NOW, 50);
    check(long_ago, &[("2026-02-23T02:30:00Z", "2026-02-23T14:00:00Z")], "2026-02-23T08:30:00Z", 50);
}

#[test]
fn shares_are_rounded_half_up_and_stay_between_0_and_100() {
    let table = [(0.0, 0), (0.004, 0), (0.005, 1), (0.994, 99), (0.996, 100), (1.5, 100), (-1.0, 0)];
    for (share, expected) in table {
        assert_eq!(percent(share), expected, "{share}");
    }
}

#[test]
fn a_streak_ends_at_the_first_success_or_a_day_ago() {
    let streak = |builds: Vec<Arc<Build>>| {
        let history = History { builds, ..History::default() };
        let FailingStreak { n_builds, n_drones, n_packages } = history.failing_streak(at(NOW));
        (n_builds, n_drones, n_packages)
    };
    let build = |atom: &str, drone: &str, status, time: &str| {
        build(atom, drone, status, &format!("2026-02-{time}:00Z"))
    };
    use BuildStatus::{Failed, Returned, Success};
    assert_eq!(streak(vec![]), (0, 0, 0));
    let builds = vec![
        build("app-editors/vim-9.1", "Izar", Failed, "23T14:00"),
        build("app-editors/vim-9.2", "Meridian", Failed, "23T13:00"),
        build("net-misc/curl-8.12.1", "Tarn", Returned, "23T12:00"),
        build("net-misc/curl-8.12.1", "", Failed, "23T11:00"),
        build("net-misc/curl-8.12.1", "Izar", Success, "23T10:00"),
        build("net-misc/curl-8.12.1", "Izar", Failed, "23T09:00"),
    ];
    assert_eq!(streak(builds.clone()), (3, 2, 2));
    assert_eq!(streak(builds[4..].to_vec()), (0, 0, 0));
    let old = vec![
        build("app-editors/vim-9.1", "Izar", Failed, "22T14:31"),
        build("app-editors/vim-9.1", "Izar", Failed, "22T14:30"),
    ];
    assert_eq!(streak(old), (1, 1, 1));
}
