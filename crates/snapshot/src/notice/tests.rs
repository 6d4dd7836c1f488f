//! Notices, and what the verdict beside them says already.

use std::sync::Arc;

use super::*;
use crate::{
    history::Gap,
    snapshot::Announcement,
    testing::{
        NOW, at, edit, example, finish_all, now, orchestrator_dead, pending, set_items, silence, started,
    },
    trend::{Depth, DepthHistory},
};

const SWARM: [SourceName; 2] = [SourceName::Orchestrator, SourceName::Gateway];

fn seen(snapshot: &Snapshot, beside: Beside) -> Vec<(NoticeCode, Level, String, String)> {
    let now = now(NOW);
    let seen =
        |notice: Notice| (notice.code, notice.level, notice.text.plain(now.wall), notice.since.to_string());
    notices(snapshot, &SWARM, beside, now).into_iter().map(seen).collect()
}

#[track_caller]
fn check(snapshot: &Snapshot, beside: Beside, expected: &[(NoticeCode, Level, &str, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(code, level, text, since)| (*code, *level, (*text).to_owned(), format!("2026-02-23T{since}Z")))
        .collect();
    assert_eq!(seen(snapshot, beside), expected);
}

fn changed(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut snapshot = example();
    change(&mut snapshot);
    snapshot
}

const ORCHESTRATOR: (NoticeCode, Level, &str, &str) =
    (NoticeCode::SourceStale, Level::Warning, "Orchestrator silent since 14:02 UTC.", "14:02:37");
const GATEWAY: (NoticeCode, Level, &str, &str) =
    (NoticeCode::SourceStale, Level::Warning, "Gateway silent since 14:02 UTC.", "14:03:07");

#[test]
fn a_healthy_page_has_none() {
    for beside in [Beside::Verdict, Beside::Nothing] {
        check(&example(), beside, &[]);
        check(&started(), beside, &[]);
    }
}

#[test]
fn the_operator_comes_first_and_only_in_time() {
    let announced = |from: Option<&str>, until: Option<&str>| {
        changed(|it| {
            it.policy.demo = true;
            it.announcement = Some(Arc::new(Announcement {
                text: "New disks on Sunday.".to_owned(),
                level: Level::Note,
                from: from.map(at),
                until: until.map(at),
            }));
        })
    };
    let text = "Demonstration: a simulated farm. Nothing here is real.";
    let demo = (NoticeCode::Demo, Level::Note, text, "06:02:08");
    let operator = |since| (NoticeCode::Operator, Level::Note, "New disks on Sunday.", since);
    let check = |snapshot: &Snapshot, expected: &[_]| check(snapshot, Beside::Verdict, expected);
    check(&announced(None, None), &[operator("06:02:08"), demo]);
    check(&announced(Some(NOW), Some("2026-02-23T14:30:01Z")), &[operator("14:30:00"), demo]);
    check(&announced(Some("2026-02-23T14:30:01Z"), None), &[demo]);
    check(&announced(None, Some(NOW)), &[demo]);
}

#[test]
fn what_the_guard_holds_back_is_said_once() {
    let text = "Part of this page is held back by the leak guard.";
    let withheld = changed(|it| {
        for source in SWARM {
            it.sources.get_mut(source).unwrap().withheld = true;
        }
    });
    let expected = (NoticeCode::Withheld, Level::Warning, text, "06:02:11");
    // That makes the sources stale, but not silent; the verdict is another.
    check(&withheld, Beside::Nothing, &[expected]);
    check(&withheld, Beside::Verdict, &[expected]);
}

#[test]
fn a_silent_source_is_named_unless_the_verdict_does() {
    let late = changed(|it| silence(it, SourceName::Gateway, "2026-02-23T14:29:20Z"));
    let text = "Gateway silent since 14:29 UTC.";
    let stale = (NoticeCode::SourceStale, Level::Warning, text, "14:29:50");
    check(&late, Beside::Nothing, &[stale]);
    check(&late, Beside::Verdict, &[stale]);
    let gone = changed(|it| silence(it, SourceName::Gateway, "2026-02-23T14:02:07Z"));
    check(&gone, Beside::Nothing, &[GATEWAY]);
    check(&gone, Beside::Verdict, &[]);
    let dead = orchestrator_dead();
    let since = (ORCHESTRATOR.0, ORCHESTRATOR.1, ORCHESTRATOR.2, "14:03:07");
    check(&dead, Beside::Nothing, &[since]);
    check(&dead, Beside::Verdict, &[]);
    let blind = changed(|it| {
        for source in SWARM {
            silence(it, source, "2026-02-23T14:02:07Z");
        }
    });
    check(&blind, Beside::Nothing, &[ORCHESTRATOR, GATEWAY]);
    check(&blind, Beside::Verdict, &[]);
    // The verdict on a paused swarm says nothing of a late orchestrator.
    let mut paused = changed(|it| silence(it, SourceName::Orchestrator, "2026-02-23T14:29:40Z"));
    check(&paused, Beside::Verdict, &[]);
    crate::testing::pause(&mut paused, "2026-02-23T14:00:00Z");
    let text = "Orchestrator silent since 14:29 UTC.";
    let stale = (NoticeCode::SourceStale, Level::Warning, text, "14:29:55");
    check(&paused, Beside::Verdict, &[stale]);
}

#[test]
fn a_source_of_another_page_is_not_named() {
    let snapshot = changed(|it| silence(it, SourceName::Gateway, "2026-02-23T14:02:07Z"));
    assert_eq!(notices(&snapshot, &[SourceName::Orchestrator], Beside::Nothing, now(NOW)), []);
}

#[test]
fn that_nothing_finishes_is_said_where_no_verdict_says_it() {
    let mut stuck = changed(|it| {
        finish_all(it);
        set_items(it, vec![pending("dev-qt/qtbase-6.8.2")], Vec::new(), Vec::new());
        it.marks.ready_since = Some(at("2026-02-23T14:00:00Z"));
    });
    let text = "No build has finished since 13:51 UTC.";
    check(&stuck, Beside::Nothing, &[(NoticeCode::NoCompletion, Level::Warning, text, "14:10:00")]);
    check(&stuck, Beside::Verdict, &[]);
    // Of an orchestrator that is silent nobody knows what it finished.
    silence(&mut stuck, SourceName::Orchestrator, "2026-02-23T14:02:07Z");
    check(&stuck, Beside::Nothing, &[ORCHESTRATOR]);
}

#[test]
fn a_pause_is_said_where_no_verdict_says_it() {
    let mut paused = changed(|it| crate::testing::pause(it, "2026-02-23T14:00:00Z"));
    let text = "The swarm is paused since 14:00 UTC.";
    check(&paused, Beside::Nothing, &[(NoticeCode::Paused, Level::Note, text, "14:00:00")]);
    check(&paused, Beside::Verdict, &[]);
    silence(&mut paused, SourceName::Orchestrator, "2026-02-23T14:02:07Z");
    check(&paused, Beside::Nothing, &[ORCHESTRATOR]);
}

#[test]
fn a_queue_that_grows_is_said_while_it_grows() {
    let grown = |pending: &[(&str, u32)]| {
        changed(|it| {
            let sample = |(time, pending): &(&str, u32)| Depth {
                at: at(&format!("2026-02-23T{time}:00Z")),
                pending: *pending,
                building: 0,
                blocked: 0,
            };
            let samples = pending.iter().map(sample).collect();
            it.depth.content = Some(Arc::new(DepthHistory { samples }));
        })
    };
    let told = |from, to, since: &str| {
        let text = format!("The queue grew from {from} to {to} since {} UTC.", &since[..5]);
        vec![(NoticeCode::BacklogGrowing, Level::Note, text, since.to_owned())]
    };
    for (samples, expected) in [
        (&[("10:00", 40), ("11:00", 30), ("12:00", 30), ("14:20", 80)][..], told(30, 80, "12:00:00")),
        (&[("10:00", 30), ("14:20", 79)], Vec::new()),
        (&[("10:00", 60), ("14:20", 119)], Vec::new()),
        (&[("10:00", 60), ("14:20", 120)], told(60, 120, "10:00:00")),
        // A tenth of the most is done again.
        (&[("10:00", 30), ("13:00", 100), ("14:20", 90)], told(30, 90, "10:00:00")),
        (&[("10:00", 30), ("13:00", 100), ("14:20", 89)], Vec::new()),
        // That was six hours ago.
        (&[("08:29", 30), ("08:40", 100), ("14:20", 100)], Vec::new()),
        (&[("08:31", 30), ("08:40", 100), ("14:20", 100)], told(30, 100, "08:31:00")),
        (&[], Vec::new()),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|(code, level, text, since): &(_, _, String, String)| {
                (*code, *level, text.as_str(), since.as_str())
            })
            .collect();
        for beside in [Beside::Verdict, Beside::Nothing] {
            check(&grown(samples), beside, &expected);
        }
    }
}

#[test]
fn lost_builds_are_news_for_a_day() {
    let lost = |from: &str, to: &str| {
        changed(|it| {
            let gap = Gap { from: at(from), to: at(to) };
            edit(&mut it.history, |history| history.gaps = vec![gap]);
        })
    };
    let text = "Builds between 05:00 UTC and 06:00 UTC were not recorded.";
    let notice = (NoticeCode::HistoryGap, Level::Note, text, "06:00:00");
    check(&lost("2026-02-23T05:00:00Z", "2026-02-23T06:00:00Z"), Beside::Verdict, &[notice]);
    check(&lost("2026-02-22T05:00:00Z", "2026-02-22T14:30:00Z"), Beside::Verdict, &[]);
}

#[test]
fn beside_the_past_no_notice_speaks_of_the_present() {
    for snapshot in [started(), orchestrator_dead()] {
        for (.., text, _) in seen(&snapshot, Beside::Nothing) {
            assert!(!text.contains(" is ") && !text.contains(" are "), "{text}");
        }
    }
}
