//! Accounts and samples: what is taken in with polls, published in steps, stored, and named after a restart.

use std::{path::Path, time::Duration};

use identity::{
    config::{Config as Names, Unknown},
    directory::Directory,
    pseudonym::{Key, Pseudonyms},
};
use snapshot::{
    estimate::Scoreboard,
    section::SourceName,
    snapshot::Snapshot,
    uptime::{DayMark, Uptime},
};

use super::builder::{IZAR, World, at, build, name, names, needed, star, status};
use crate::{
    archive::Archive,
    config::infrastructure::{Probe, ProbeTarget, ServiceRule, TcpTarget},
    report::{
        HistoryReport, OrchestratorReport, Reach, Report,
        infrastructure::{HostReport, MetricsReport, ProbeReport, TargetReport},
    },
};

const SOURCES: [SourceName; 3] = [SourceName::Orchestrator, SourceName::Prometheus, SourceName::Probes];
const HOUR: u64 = 3_600;

fn world() -> World {
    under(names(Unknown::Pseudonym, vec![]))
}

fn under(identity: Names) -> World {
    let mut world = World::with(identity, &SOURCES);
    let rule =
        |public: &str, job: &str| ServiceRule { name: name(public), job: job.to_owned(), instance: None };
    world.assembler.watch.services = vec![rule("Mirror", "mirror-job"), rule("Gateway", "gateway-job")];
    world.assembler.watch.probes = vec![Probe {
        name: name("Gateway"),
        host: None,
        target: ProbeTarget::Tcp(TcpTarget::Name("gateway-host".to_owned(), 80)),
        interval: Duration::from_secs(15),
        timeout: Duration::from_secs(5),
        credentials: crate::config::credentials::Credentials::default(),
    }];
    world
}

fn target(job: &str, is_up: bool) -> TargetReport {
    TargetReport { job: job.to_owned(), instance: "10.0.0.9:80".to_owned(), is_probe: false, is_up }
}

/// What is seen in a poll of everything: whether the strange host, the mirror and the gateway are up.
fn poll(world: &mut World, [host, mirror, gateway]: [bool; 3]) -> Snapshot {
    let host = HostReport { is_up: Some(host), ..HostReport::new("strange-host:9100") };
    let targets = vec![target("mirror-job", mirror), target("gateway-job", true)];
    let report = MetricsReport { hosts: vec![host], targets, ..MetricsReport::default() };
    world.assembler.fold(SourceName::Prometheus, Ok(Report::Metrics(Box::new(report))), world.now);
    let report = ProbeReport { probe_idx: 0, is_up: gateway, latency_ms: None };
    world.assembler.fold(SourceName::Probes, Ok(Report::Probe(report)), world.now);
    world.snapshot()
}

/// Polls every 15 s for as long; gives what is published at the end.
fn polled(world: &mut World, seconds: u64, up: [bool; 3]) -> Snapshot {
    (0..seconds / 15).for_each(|_| drop(poll(world.later(15), up)));
    world.snapshot()
}

fn host(snapshot: &Snapshot) -> (String, Uptime) {
    let hosts = &snapshot.availability.get().unwrap().hosts;
    assert_eq!(hosts.len(), 1);
    let (name, uptime) = hosts.first_key_value().unwrap();
    (name.to_string(), *uptime)
}

fn service(snapshot: &Snapshot, service: &str) -> (Option<u16>, u16) {
    day(snapshot.availability.get().unwrap().services[&name(service)])
}

fn source(snapshot: &Snapshot, source: SourceName) -> (Option<u16>, u16) {
    day(snapshot.availability.get().unwrap().sources[&source])
}

/// The last day: hundredths of a percent up, tenths of a percent observed.
fn day(uptime: Uptime) -> (Option<u16>, u16) {
    (uptime.windows[0].up_hundredths, uptime.windows[0].observed_tenths)
}

/// Stores what is due in a directory.
fn store(world: &mut World, directory: &Path) {
    // Whatever was stored last, a minute later it is due again.
    let batch = world.assembler.take_unstored(world.now.later(Duration::from_secs(60)));
    Archive::open(directory, 100).unwrap().0.keep(&batch).unwrap();
}

/// A new process with what was stored, before its first poll.
fn restarted(identity: Names, directory: &Path, last: &World, seconds: u64) -> (World, Snapshot) {
    let restored = Archive::open(directory, 100).unwrap().1;
    let mut world = under(identity.clone());
    let pseudonyms = Pseudonyms::new(Key::new([7; 32]), restored.assignments);
    world.assembler.directory = Directory::new(identity, pseudonyms);
    world.now = last.now;
    world.later(seconds);
    let snapshot = world.assembler.restore(restored.past, restored.last, world.now);
    (world, snapshot)
}

#[test]
fn hosts_services_and_sources_are_accounted_for_what_was_seen_of_them() {
    let mut world = world();
    polled(&mut world, HOUR, [true, true, true]);
    let snapshot = polled(&mut world, HOUR, [false, true, false]);
    // The gateway is measured by a probe, which has the word over Prometheus.
    assert_eq!(day(host(&snapshot).1), (Some(5_010), 83));
    assert_eq!(service(&snapshot, "Gateway"), (Some(5_010), 83));
    assert_eq!(service(&snapshot, "Mirror"), (Some(10_000), 83));
    assert_eq!(source(&snapshot, SourceName::Prometheus), (Some(10_000), 83));
    assert_eq!(source(&snapshot, SourceName::Orchestrator), (None, 0));
    let days = host(&snapshot).1.days;
    assert_eq!((days[29], days[28]), (DayMark::Partly, DayMark::Unobserved));
}

#[test]
fn while_prometheus_is_silent_hosts_are_unobserved_and_it_is_down() {
    let mut world = world();
    polled(&mut world, HOUR, [true, true, true]);
    for _ in 0..240 {
        world.later(15).silence(SourceName::Prometheus);
        world.snapshot();
    }
    let snapshot = polled(&mut world, HOUR, [true, true, true]);
    assert_eq!(day(host(&snapshot).1), (Some(10_000), 83));
    assert_eq!(service(&snapshot, "Mirror"), (Some(10_000), 83));
    let (up, observed) = source(&snapshot, SourceName::Prometheus);
    assert!((6_600..6_700).contains(&up.unwrap()), "{up:?}");
    assert_eq!(observed, 125);
}

#[test]
fn a_share_that_creeps_is_published_in_steps() {
    let mut world = world();
    polled(&mut world, HOUR, [true, true, true]);
    let mut published = world.snapshot().availability;
    let mut n_changes = 0;
    for _ in 0..240 {
        let next = poll(world.later(15), [false, true, true]).availability;
        n_changes += u32::from(!std::sync::Arc::ptr_eq(
            published.content.as_ref().unwrap(),
            next.content.as_ref().unwrap(),
        ));
        published = next;
    }
    assert_eq!(n_changes, 12);
}

#[test]
fn a_restart_shows_what_was_stored_and_its_own_absence_as_unobserved() {
    let directory = tempfile::tempdir().unwrap();
    let mut world = world();
    let before = polled(&mut world, 12 * HOUR, [true, true, true]);
    store(&mut world, directory.path());
    let (mut world, restored) =
        restarted(names(Unknown::Pseudonym, vec![]), directory.path(), &world, 6 * HOUR);
    // Hosts are listed by what was last known.
    assert_eq!(host(&restored).0, host(&before).0);
    assert_eq!(day(host(&restored).1), (Some(10_000), 500));
    assert_eq!(source(&restored, SourceName::Prometheus), (Some(10_000), 500));
    let after = polled(&mut world, 6 * HOUR, [true, true, true]);
    assert_eq!(host(&after).0, host(&before).0);
    assert_eq!(day(host(&after).1), (Some(10_000), 750));
    assert_eq!(service(&after, "Gateway"), (Some(10_000), 750));
}

#[test]
fn whoever_claims_a_pseudonym_has_its_account_before_and_after_the_first_poll() {
    let directory = tempfile::tempdir().unwrap();
    let mut world = world();
    polled(&mut world, 12 * HOUR, [true, true, true]);
    store(&mut world, directory.path());
    let claimed = names(Unknown::Pseudonym, vec![star("Wega", "strange-host")]);
    let (mut world, restored) = restarted(claimed, directory.path(), &world, 60);
    assert_eq!((host(&restored).0.as_str(), day(host(&restored).1)), ("Wega", (Some(10_000), 500)));
    let after = polled(&mut world, HOUR, [true, true, true]);
    assert_eq!((host(&after).0.as_str(), day(host(&after).1)), ("Wega", (Some(10_000), 541)));
    // It is the same account that goes on.
    store(&mut world, directory.path());
    let again = Archive::open(directory.path(), 100).unwrap().1.past.trends;
    assert_eq!(again.ledgers.len(), 4);
}

#[test]
fn after_a_restart_what_was_known_is_there_before_it_is_learned_from() {
    let directory = tempfile::tempdir().unwrap();
    let mut world = world();
    let rows =
        (1..=5).map(|id| build(id, "=dev-libs/nss-3.101", IZAR, "success", i64::from(id) - 90)).collect();
    let history = Some(HistoryReport { rows, reach: Reach::Beginning, n_refused: 0 });
    world.orchestrator(OrchestratorReport { status: Some(status()), queue: None, history });
    let scores = world.snapshot().scores;
    assert_eq!(scores.package.unwrap().builds, 4);
    store(&mut world, directory.path());

    let (mut world, first) = restarted(names(Unknown::Pseudonym, vec![]), directory.path(), &world, 60);
    assert_eq!(first.history.get().unwrap().builds.len(), 5);
    assert_eq!(first.scores, Scoreboard::default());
    assert_eq!(world.assembler.learn_past().scores, scores);
    assert!(!under(names(Unknown::Pseudonym, vec![])).assembler.has_past());
}

#[test]
fn no_name_of_a_host_is_stored() {
    let directory = tempfile::tempdir().unwrap();
    let mut world = world();
    let snapshot = polled(&mut world, HOUR, [true, true, true]);
    store(&mut world, directory.path());
    assert_eq!(host(&snapshot).1.windows[0].observed_tenths, 41);
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(bytes.windows(12).all(|part| part != b"strange-host"));
    }
}

#[test]
fn what_is_old_is_forgotten_by_a_clock_that_ran_for_hours_and_by_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let mut world = world();
    polled(&mut world, HOUR, [true, true, true]);
    store(&mut world, directory.path());
    let days = |directory: &Path| -> usize {
        let ledgers = Archive::open(directory, 100).unwrap().1.past.trends.ledgers;
        ledgers.values().map(|ledger| ledger.days.len()).sum()
    };
    let first = days(directory.path());
    // A year later for five hours: the clock may be wrong.
    let config = || names(Unknown::Pseudonym, vec![]);
    let (mut world, _) = restarted(config(), directory.path(), &world, 365 * 24 * HOUR);
    polled(&mut world, 5 * HOUR, [true, true, true]);
    store(&mut world, directory.path());
    assert_eq!(days(directory.path()), 2 * first);
    polled(&mut world, 2 * HOUR, [true, true, true]);
    store(&mut world, directory.path());
    assert_eq!(days(directory.path()), first);
}

#[test]
fn how_deep_the_queue_was_is_published_and_survives() {
    let directory = tempfile::tempdir().unwrap();
    let mut world = world();
    for n in 0..60 {
        let rows = (0..n % 7).map(|n| needed(&format!("=dev-libs/p{n}-1"))).collect();
        world.later(60).queue(rows);
        world.snapshot();
    }
    let depth = world.snapshot().depth.get().unwrap().clone();
    let pending: Vec<_> = depth.samples.iter().map(|sample| sample.pending).collect();
    assert_eq!((pending, depth.samples[0].at), (vec![6; 6], at(0)));
    store(&mut world, directory.path());
    let (_, restored) = restarted(names(Unknown::Pseudonym, vec![]), directory.path(), &world, 600);
    let samples = &restored.depth.get().unwrap().samples;
    assert_eq!(samples[..6], depth.samples);
}

#[test]
fn a_thousand_hosts_for_a_day_are_accounted_and_stored_small() {
    let directory = tempfile::tempdir().unwrap();
    let mut world = World::with(names(Unknown::Pseudonym, vec![]), &[SourceName::Prometheus]);
    let reports = |n_down: usize| {
        let host = |n: usize| HostReport {
            is_up: Some(n >= n_down),
            ..HostReport::new(&format!("10.9.{}.{}:9100", n / 250, n % 250))
        };
        (0..1_000).map(host).collect::<Vec<_>>()
    };
    for n in 0..48 {
        let report = MetricsReport { hosts: reports(n), ..MetricsReport::default() };
        world.later(29);
        world.assembler.fold(SourceName::Prometheus, Ok(Report::Metrics(Box::new(report))), world.now);
        world.snapshot();
    }
    let snapshot = world.snapshot();
    let hosts = &snapshot.availability.get().unwrap().hosts;
    assert_eq!(hosts.len(), 1_000);
    assert!(hosts.values().all(|uptime| uptime.windows[0].observed_tenths > 0));
    store(&mut world, directory.path());
    let ledgers = Archive::open(directory.path(), 100).unwrap().1.past.trends.ledgers;
    assert_eq!(ledgers.len(), 1_001);
    let size: u64 = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert!(size < 1_500_000, "{size}");
}
