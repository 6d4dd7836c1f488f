//! Another configuration while everything goes on: what is renamed, what is kept, what is gone at once.

use std::time::Duration;

use identity::config::{Config as Names, Unknown};
use snapshot::{
    infrastructure::{Reachability, Service},
    section::{Limits, SourceName},
    snapshot::{Announcement, Level, Snapshot},
};

use super::builder::{
    CAPELLA, IZAR, TARN, World, at, build, handed, name, names, needed, node, offline, star,
};
use crate::{
    assemble::Reconfiguration,
    config::{
        Change,
        credentials::Credentials,
        infrastructure::{Probe, ProbeTarget, TcpTarget},
    },
    report::{Report, infrastructure::ProbeReport},
};

const LIMITS: Limits =
    Limits { stale_after: Duration::from_secs(30), offline_after: Duration::from_secs(60) };

fn identity(stars: &[(&str, &str)], hidden: &[&str]) -> Names {
    let stars = stars.iter().map(|(public, alias)| star(public, alias)).collect();
    let hidden = hidden.iter().map(|it| identity::package::PackagePattern::parse(it).unwrap()).collect();
    Names::new(Unknown::Pseudonym, vec![], hidden, vec![], stars).unwrap()
}

fn reconfigure(world: &mut World, identity: Names, probes: &[&str]) -> Snapshot {
    let change = Change {
        identity,
        services: vec![],
        probes: probes.iter().map(|public| probe(public)).collect(),
        announcement: None,
    };
    let reconfiguration = Reconfiguration { change, secrets: vec![], limits: LIMITS };
    world.assembler.reconfigure(reconfiguration, world.now);
    world.snapshot()
}

fn probe(public: &str) -> Probe {
    Probe {
        name: name(public),
        host: None,
        target: ProbeTarget::Tcp(TcpTarget::parse("127.0.0.1:9").unwrap()),
        interval: Duration::from_secs(30),
        timeout: Duration::from_secs(5),
        credentials: Credentials::default(),
    }
}

fn drones(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.fleet.get().unwrap().drones.iter().map(|drone| drone.name.as_str()).collect()
}

fn probed(snapshot: &Snapshot) -> Vec<(&str, Reachability)> {
    let services = snapshot.probes.get().map_or(&[][..], |probes| &probes.services);
    services.iter().map(|service: &Service| (service.name.as_str(), service.state)).collect()
}

#[test]
fn a_renamed_machine_is_the_same_machine_with_its_times_and_its_past() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR).about("=dev-libs/nss-1", -40), offline(TARN)]);
    world.builds(vec![build(1, "=dev-libs/nspr-1", TARN, "success", -50)]);
    let before = world.queue(vec![handed("=dev-libs/nss-1", IZAR)]).snapshot();
    world.later(600);
    let after = reconfigure(&mut world, identity(&[("Vega", IZAR), ("Izar", TARN)], &[]), &[]);
    assert_eq!(drones(&before), ["Izar", "Tarn"]);
    assert_eq!(drones(&after), ["Izar", "Vega"]);
    let [was, is] = [(&before, "Izar"), (&after, "Vega")].map(|(snapshot, public)| {
        let drones = &snapshot.fleet.get().unwrap().drones;
        drones.iter().find(|drone| drone.name.as_str() == public).unwrap().clone()
    });
    assert_eq!((was.state, was.state_since), (is.state, is.state_since));
    let item = &after.queue.get().unwrap().building[0];
    assert_eq!(item.drone, Some(name("Vega")));
    assert_eq!(item.started_at, before.queue.get().unwrap().building[0].started_at);
    assert_eq!(item.started_at, Some(at(-40)));
    assert_eq!(after.history.get().unwrap().builds[0].drone, Some(name("Izar")));
    assert!(after.activity.get().is_none_or(|it| it.events.is_empty()), "{:?}", after.activity);
    // Nothing is renamed twice.
    let again = world.later(5).queue(vec![handed("=dev-libs/nss-1", IZAR)]).snapshot();
    assert_eq!(drones(&again), ["Izar", "Vega"]);
}

#[test]
fn what_was_noted_of_machines_follows_their_names_once() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR), node(TARN)]).snapshot();
    world.later(10).gateway(vec![offline(IZAR), node(TARN)]).snapshot();
    let swapped = || identity(&[("Tarn", IZAR), ("Izar", TARN)], &[]);
    let left = |snapshot: &Snapshot| format!("{:?}", snapshot.activity.get().unwrap().events[0].what);
    let first = left(&reconfigure(&mut world, swapped(), &[]));
    assert!(first.contains("Left") && first.contains("Tarn"), "{first}");
    assert_eq!(left(&world.later(5).snapshot()), first);
}

#[test]
fn a_name_that_is_given_up_is_gone_at_once_and_an_unnamed_machine_is_dropped_if_so_wanted() {
    let mut world = World::new();
    world.gateway(vec![node(IZAR), node(CAPELLA)]).queue(vec![handed("=dev-libs/nss-1", IZAR)]).snapshot();
    let given_up = reconfigure(&mut world, identity(&[("Capella", CAPELLA)], &[]), &[]);
    assert!(drones(&given_up).contains(&"Capella"));
    assert_eq!(drones(&given_up).len(), 2);
    assert!(!format!("{given_up:?}").contains("\"Izar\""));
    let dropping = Names::new(Unknown::Drop, vec![], vec![], vec![], vec![star("Capella", CAPELLA)]).unwrap();
    let dropped = reconfigure(&mut world, dropping, &[]);
    assert_eq!(drones(&dropped), ["Capella"]);
    assert_eq!(dropped.queue.get().unwrap().building[0].drone, None);
}

#[test]
fn what_becomes_internal_or_hidden_is_withheld_without_another_poll() {
    let mut world = World::new();
    let packages = |snapshot: &Snapshot| -> Vec<Option<String>> {
        let pending = snapshot.queue.get().unwrap().pending.iter();
        pending.map(|item| item.package.as_ref().map(ToString::to_string)).collect()
    };
    let rows = vec![needed("=app-misc/basement-nas-sync-1.0"), needed("=dev-libs/nss-1")];
    world.builds(vec![build(1, "=dev-libs/nss-1", IZAR, "success", -50)]);
    let before = world.queue(rows).snapshot();
    assert!(packages(&before).iter().all(Option::is_some));
    let claimed = reconfigure(&mut world, identity(&[("Izar", IZAR), ("Vega", "basement-nas")], &[]), &[]);
    assert_eq!(packages(&claimed), [None, Some("dev-libs/nss-1".to_owned())]);
    let hidden = reconfigure(&mut world, identity(&[("Izar", IZAR)], &["dev-libs/*"]), &[]);
    assert_eq!(packages(&hidden), [Some("app-misc/basement-nas-sync-1.0".to_owned()), None]);
    assert_eq!(hidden.history.get().unwrap().builds[0].package, None);
}

#[test]
fn probes_come_stay_and_go() {
    let mut world = World::new();
    let found = |world: &mut World, probe_idx: usize, is_up: bool| {
        let report = ProbeReport { probe_idx, is_up, latency_ms: None };
        world.assembler.fold(SourceName::Probes, Ok(Report::Probe(report)), world.now);
        world.snapshot()
    };
    let names = || names(Unknown::Pseudonym, vec![]);
    assert!(world.snapshot().sources.get(SourceName::Probes).is_none());
    let added = reconfigure(&mut world, names(), &["Mail", "Shop"]);
    assert_eq!(probed(&added), [("Mail", Reachability::Unknown), ("Shop", Reachability::Unknown)]);
    assert!(!added.sources.get(SourceName::Probes).unwrap().is_tried());
    found(&mut world, 0, true);
    found(&mut world, 1, false);
    // The first one is gone and the second one is the first: what was found is the service's, not the place's.
    let moved = reconfigure(&mut world, names(), &["Shop", "Wiki"]);
    assert_eq!(probed(&moved), [("Shop", Reachability::Down), ("Wiki", Reachability::Unknown)]);
    assert!(moved.sources.get(SourceName::Probes).unwrap().is_tried());
    assert_eq!(probed(&found(&mut world, 0, true))[0], ("Shop", Reachability::Up));
    let removed = reconfigure(&mut world, names(), &[]);
    assert!(removed.sources.get(SourceName::Probes).is_none() && removed.probes.get().is_none());
}

#[test]
fn an_announcement_comes_keeps_its_age_and_goes() {
    let mut world = World::new();
    let announce = |world: &mut World, text: Option<&str>| {
        let announcement = text.map(|text| Announcement {
            text: text.to_owned(),
            level: Level::Note,
            from: None,
            until: None,
        });
        let identity = names(Unknown::Pseudonym, vec![]);
        let change = Change { identity, services: vec![], probes: vec![], announcement };
        let reconfiguration =
            Reconfiguration { change, secrets: vec!["c0rrecthorse".to_owned()], limits: LIMITS };
        world.assembler.reconfigure(reconfiguration, world.now);
        world.snapshot().announcement
    };
    assert_eq!(announce(&mut world, Some("Move on Sunday.")).unwrap().from, Some(at(0)));
    world.later(60);
    assert_eq!(announce(&mut world, Some("Move on Sunday.")).unwrap().from, Some(at(0)));
    assert_eq!(announce(&mut world, None), None);
    assert_eq!(announce(&mut world, Some("It is c0rrecthorse")), None, "a secret of a probe is searched for");
}
