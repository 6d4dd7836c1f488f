//! What is said of hosts, disks and alerts, as notes and as notices.

use super::*;
use crate::{
    fleet::DroneState,
    infrastructure::{Alerts, DiskName},
    notice::{Beside, notices},
    snapshot::Snapshot,
    testing::{
        NOW, disk, drone, edit, example, example_infrastructure, host, many_hosts, now, orchestrator_dead,
        set_drones, set_hosts, set_states, silence,
    },
    verdict::verdict,
};

fn notes(snapshot: &Snapshot) -> Vec<String> {
    let now = now(NOW);
    verdict(snapshot, now).notes.iter().map(|note| note.plain(now.wall)).collect()
}

/// Codes, texts and times of day of the notices on a page about machines.
fn noticed(snapshot: &Snapshot, beside: Beside) -> Vec<(&'static str, String, String)> {
    let now = now(NOW);
    let told = |notice: crate::notice::Notice| {
        (notice.code.as_str(), notice.text.plain(now.wall), notice.since.to_string())
    };
    notices(snapshot, &SourceName::ALL, beside, now).into_iter().map(told).collect()
}

#[track_caller]
fn check_noticed(snapshot: &Snapshot, beside: Beside, expected: &[(&str, &str, &str)]) {
    let owned = |(code, text, since): &(&'static str, String, String)| {
        (code.to_string(), text.clone(), since.clone())
    };
    let told: Vec<_> = noticed(snapshot, beside).iter().map(owned).collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(code, text, since)| (code.to_string(), text.to_string(), since.to_string()))
        .collect();
    assert_eq!(told, expected);
}

/// All drones at work, and these hosts.
fn with_hosts(hosts: Vec<Host>) -> Snapshot {
    let mut snapshot = example_infrastructure();
    set_states(&mut snapshot, &[("Tarn", DroneState::Idle)]);
    set_hosts(&mut snapshot, hosts);
    snapshot
}

fn full_host(host_name: &str, percents: &[u8]) -> Host {
    let disks = percents.iter().map(|percent| disk(DiskName::Standard("var"), *percent)).collect();
    Host { disks, ..host(host_name, Reachability::Up) }
}

fn fire(snapshot: &mut Snapshot, severity: Severity, count: u32) {
    edit(&mut snapshot.metrics, |metrics| {
        metrics.alerts = Some(vec![Alerts { severity, count, oldest_since: None }]);
    });
}

#[test]
fn the_example_has_the_documented_notes_and_notice() {
    let snapshot = example_infrastructure();
    assert_eq!(notes(&snapshot), ["Tarn is offline since 03:12 UTC."]);
    let full = ("disk_full", "Disk var on Altair-Link is 91 % full.", "2026-02-22T22:10:00Z");
    check_noticed(&snapshot, Beside::Nothing, &[full]);
    check_noticed(&snapshot, Beside::Verdict, &[full]);
}

#[test]
fn a_host_that_is_down_is_named_once() {
    let down = |name: &str| host(name, Reachability::Down);
    let text = "Altair-Link is down since 06:00 UTC.";
    let snapshot = with_hosts(vec![down("Altair-Link")]);
    assert_eq!(notes(&snapshot), [text]);
    check_noticed(&snapshot, Beside::Nothing, &[("host_down", text, "2026-02-23T06:00:00Z")]);
    check_noticed(&snapshot, Beside::Verdict, &[]);
    let snapshot = with_hosts(vec![down("Altair-Link"), host("Deneb", Reachability::Unknown), down("Vega")]);
    assert_eq!(notes(&snapshot), ["2 hosts are down: Altair-Link, Vega."]);
    let many = with_hosts((0..1_000).map(|n| down(&format!("Star {n}"))).collect());
    let note = notes(&many).remove(0);
    assert!(note.starts_with("1000 hosts are down: Star 0, Star 1, ") && note.ends_with(" more."), "{note}");
}

#[test]
fn a_host_whose_drone_is_named_offline_or_may_sleep_is_not_named_again() {
    let hosts = || vec![host("Tarn", Reachability::Down)];
    let with = |state, change: fn(&mut crate::fleet::Drone)| {
        let mut snapshot = with_hosts(hosts());
        let mut tarn = drone("Tarn", state);
        change(&mut tarn);
        set_drones(&mut snapshot, vec![drone("Izar", DroneState::Building), tarn]);
        notes(&snapshot)
    };
    let down = "Tarn is down since 06:00 UTC.";
    assert_eq!(with(DroneState::Offline, |_| {}), ["Tarn is offline since 06:00 UTC."]);
    assert!(with(DroneState::Offline, |tarn| tarn.optional = true).is_empty());
    assert_eq!(with(DroneState::Offline, |tarn| tarn.role = crate::fleet::Role::Sweeper), [down]);
    // The swarm hears of it, Prometheus does not.
    assert_eq!(with(DroneState::Idle, |_| {}), [down]);
}

#[test]
fn a_disk_is_a_notice_when_it_is_high_and_a_note_when_it_is_critical() {
    let text = |percent: u8| format!("Disk var on Vega is {percent} % full.");
    for (percent, is_noticed, is_noted) in
        [(84, false, false), (85, true, false), (94, true, false), (95, true, true), (100, true, true)]
    {
        let snapshot = with_hosts(vec![full_host("Vega", &[12, percent])]);
        let told: Vec<_> = noticed(&snapshot, Beside::Nothing).into_iter().map(|(_, text, _)| text).collect();
        assert_eq!(told == [text(percent)], is_noticed, "{percent}: {told:?}");
        assert_eq!(notes(&snapshot) == [text(percent)], is_noted, "{percent}");
        // What the verdict notes is not repeated beside it.
        assert_eq!(noticed(&snapshot, Beside::Verdict).is_empty(), is_noted || !is_noticed, "{percent}");
    }
}

#[test]
fn several_full_disks_share_a_sentence() {
    let hosts = vec![full_host("Altair-Link", &[90, 96]), full_host("Vega", &[99, 99])];
    let snapshot = with_hosts(hosts);
    assert_eq!(notes(&snapshot), ["3 disks are nearly full, var on Vega most of all (99 %)."]);
    let text = "4 disks are getting full, var on Vega most of all (99 %).";
    check_noticed(&snapshot, Beside::Nothing, &[("disk_full", text, "2026-02-22T22:10:00Z")]);
    // The worst of them are noted.
    check_noticed(&snapshot, Beside::Verdict, &[]);
}

#[test]
fn a_disk_of_which_nobody_saw_since_when_is_full_since_metrics_are_seen() {
    let mut snapshot = with_hosts(vec![full_host("Vega", &[91])]);
    edit(&mut snapshot.metrics, |metrics| metrics.hosts[0].disks[0].full_since = None);
    let text = "Disk var on Vega is 91 % full.";
    check_noticed(&snapshot, Beside::Nothing, &[("disk_full", text, "2026-02-23T06:02:12Z")]);
}

#[test]
fn only_critical_alerts_are_worth_a_note() {
    let firing = |severity, count| {
        let mut snapshot = with_hosts(Vec::new());
        fire(&mut snapshot, severity, count);
        notes(&snapshot)
    };
    assert_eq!(firing(Severity::Critical, 1), ["1 critical alert is firing."]);
    assert_eq!(firing(Severity::Critical, 12), ["12 critical alerts are firing."]);
    assert!(firing(Severity::Critical, 0).is_empty() && firing(Severity::Warning, 3).is_empty());
    let mut untold = with_hosts(Vec::new());
    edit(&mut untold.metrics, |metrics| metrics.alerts = None);
    assert!(notes(&untold).is_empty());
}

/// A world in which all there is to say would be said.
fn troubled() -> Snapshot {
    let mut snapshot = with_hosts(vec![host("Deneb", Reachability::Down), full_host("Vega", &[99])]);
    fire(&mut snapshot, Severity::Critical, 2);
    snapshot
}

#[test]
fn the_machines_come_after_the_drones_and_in_their_order() {
    let mut snapshot = troubled();
    let [down, full, alerts] =
        ["Deneb is down since 06:00 UTC.", "Disk var on Vega is 99 % full.", "2 critical alerts are firing."];
    assert_eq!(notes(&snapshot), [down, full, alerts]);
    set_states(&mut snapshot, &[("Tarn", DroneState::Offline)]);
    let offline = &notes(&snapshot)[0];
    assert!(offline.starts_with("Tarn is offline"), "{offline}");
    assert_eq!(notes(&snapshot)[1..], [down, full]);
    // There was no room for the third: nothing else tells of it, but a notice of what is noted is not needed.
    check_noticed(&snapshot, Beside::Verdict, &[]);
}

#[test]
fn what_prometheus_said_long_ago_is_not_said_to_be_so() {
    for (seen, state) in
        [("2026-02-23T14:29:00Z", SourceState::Stale), ("2026-02-23T14:02:00Z", SourceState::Offline)]
    {
        let mut snapshot = troubled();
        silence(&mut snapshot, SourceName::Prometheus, seen);
        assert_eq!(snapshot.source_state(SourceName::Prometheus, now(NOW)), Some(state));
        let time = &seen[11..16];
        assert_eq!(notes(&snapshot), [format!("Metrics are old: Prometheus silent since {time} UTC.")]);
        let told = noticed(&snapshot, Beside::Nothing);
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].0, told[0].1.clone()),
            ("source_stale", format!("Prometheus silent since {time} UTC."))
        );
        // The verdict says so already.
        check_noticed(&snapshot, Beside::Verdict, &[]);
    }
}

#[test]
fn what_the_guard_holds_back_is_not_said() {
    let mut snapshot = troubled();
    snapshot.sources.get_mut(SourceName::Prometheus).unwrap().withheld = true;
    assert!(notes(&snapshot).is_empty());
    assert_eq!(noticed(&snapshot, Beside::Nothing).len(), 1);
}

#[test]
fn without_prometheus_nothing_is_missed() {
    assert_eq!(notes(&example()), ["Tarn is offline since 03:12 UTC."]);
    let mut unheard = troubled();
    unheard.sources.get_mut(SourceName::Prometheus).unwrap().last_seen = None;
    assert!(notes(&unheard).is_empty());
}

#[test]
fn beside_a_verdict_on_the_past_nothing_is_said_of_the_machines() {
    let mut dead = troubled();
    dead.sources.insert(
        SourceName::Orchestrator,
        orchestrator_dead().sources.get(SourceName::Orchestrator).unwrap().clone(),
    );
    assert_eq!(notes(&dead), ["4 of 4 drones still report in."]);
    check_noticed(&dead, Beside::Verdict, &[]);
    // The page about the machines rests on metrics, and those are fresh.
    let codes: Vec<_> = noticed(&dead, Beside::Nothing).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["source_stale", "host_down", "disk_full"]);
    let mut restored = troubled();
    restored.marks.polled = false;
    check_noticed(&restored, Beside::Nothing, &[]);
}

#[test]
fn many_machines_still_make_few_notices() {
    let snapshot = with_hosts(many_hosts(1_000));
    let told = noticed(&snapshot, Beside::Nothing);
    assert_eq!(told.iter().map(|(code, ..)| *code).collect::<Vec<_>>(), ["host_down", "disk_full"]);
}

#[test]
fn the_longest_names_still_fit_a_sentence() {
    let other_year = crate::testing::at("2027-12-31T23:59:59Z");
    let longest = |n: usize| format!("{:m<37}{n:03}", "Star");
    let disks = |n: usize| {
        let disk = disk(DiskName::Label(crate::testing::name(&longest(0))), 100);
        std::iter::repeat_n(disk, n).collect()
    };
    let full = |n_disks| Host { disks: disks(n_disks), ..host(&longest(1), Reachability::Up) };
    let down = |n| host(&longest(n), Reachability::Down);
    for hosts in
        [vec![full(1), down(2)], (0..500).map(|_| full(16)).chain((0..500).map(down)).collect::<Vec<_>>()]
    {
        let mut snapshot = with_hosts(hosts);
        fire(&mut snapshot, Severity::Critical, u32::MAX);
        let now = now(NOW);
        let noticed = notices(&snapshot, &SourceName::ALL, Beside::Nothing, now).into_iter();
        let sentences: Vec<_> =
            noticed.map(|notice| notice.text).chain(verdict(&snapshot, now).notes).collect();
        assert_eq!(sentences.len(), 5);
        for sentence in sentences {
            let plain = sentence.plain(other_year);
            assert!(plain.chars().count() <= 140, "{} characters: {plain}", plain.chars().count());
        }
    }
}
