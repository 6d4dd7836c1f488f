//! What goes on, what is over, and that both begin at the same instant.

use std::time::Duration;

use super::*;
use crate::{
    activity::Activity,
    section::Fault,
    testing::{self, at, name},
};

fn set_drone(snapshot: &mut Snapshot, of: &str, state: DroneState, since: &str) {
    testing::edit(&mut snapshot.fleet, |fleet| {
        let drone = fleet.drones.iter_mut().find(|drone| drone.name.same(of)).unwrap();
        (drone.state, drone.state_since) = (state, at(since));
        drone.offline_since = (state == DroneState::Offline).then(|| at(since));
    });
}

#[test]
fn a_drone_is_out_from_when_it_was_last_heard_until_it_returns() {
    let down = testing::example();
    let tarn = Outage { subject: Subject::Drone(name("Tarn")), from: at("2026-02-23T03:12:40Z"), to: None };
    assert_eq!(ongoing(&down, testing::now(testing::NOW)), std::slice::from_ref(&tarn));
    let mut up = down.clone();
    set_drone(&mut up, "Tarn", DroneState::Idle, "2026-02-23T14:20:00Z");
    assert_eq!(ongoing(&up, testing::now(testing::NOW)), []);
    let over = Outage { to: Some(at("2026-02-23T14:20:00Z")), ..tarn };
    assert_eq!(ended(&down, &up), [over]);
    assert_eq!(ended(&down, &down), []);
    assert_eq!(ended(&up, &down), []);
}

#[test]
fn a_drone_that_may_sleep_is_never_out() {
    let mut down = testing::example();
    testing::edit(&mut down.fleet, |fleet| fleet.drones.iter_mut().for_each(|drone| drone.optional = true));
    assert_eq!(ongoing(&down, testing::now(testing::NOW)), []);
    let mut up = down.clone();
    set_drone(&mut up, "Tarn", DroneState::Idle, "2026-02-23T14:20:00Z");
    assert_eq!(ended(&down, &up), []);
}

#[test]
fn hosts_and_services_are_out_while_they_are_down() {
    let down = {
        let mut snapshot = testing::example_infrastructure();
        testing::edit(&mut snapshot.metrics, |metrics| {
            let loki = metrics.services.iter_mut().find(|service| service.name.same("Loki")).unwrap();
            (loki.state, loki.state_since) = (Reachability::Down, at("2026-02-23T14:00:00Z"));
        });
        snapshot
    };
    let kinds = |outages: Vec<Outage>| -> Vec<(&'static str, String)> {
        outages.iter().map(|outage| (outage.subject.kind(), outage.subject.name().to_owned())).collect()
    };
    let mut going = kinds(ongoing(&down, testing::now(testing::NOW)));
    going.retain(|(kind, _)| *kind != "drone");
    assert_eq!(going, [("host", "Tarn".to_owned()), ("service", "Loki".to_owned())]);
    let mut up = down.clone();
    testing::edit(&mut up.metrics, |metrics| {
        for host in &mut metrics.hosts {
            (host.state, host.state_since) = (Reachability::Up, at("2026-02-23T14:29:00Z"));
        }
        for service in &mut metrics.services {
            (service.state, service.state_since) = (Reachability::Up, at("2026-02-23T14:29:00Z"));
        }
    });
    let over = ended(&down, &up);
    assert_eq!(kinds(over.clone()), going);
    assert!(over.iter().all(|outage| outage.to == Some(at("2026-02-23T14:29:00Z"))));
    // A host that vanished from the answer is not known to be up.
    testing::edit(&mut up.metrics, |metrics| {
        metrics.hosts.iter_mut().for_each(|host| host.state = Reachability::Unknown);
        metrics.services.clear();
    });
    assert_eq!(ended(&down, &up), []);
}

/// The orchestrator was last heard at 14:29:58; it is offline after 30 s.
fn heard_again(seconds_later: u64, is_tried: bool) -> Vec<Outage> {
    let mut previous = testing::example();
    let later = testing::now("2026-02-23T14:29:58Z").later(Duration::from_secs(seconds_later));
    let orchestrator = previous.sources.get_mut(SourceName::Orchestrator).unwrap();
    if is_tried {
        orchestrator.fail(Fault::Refused, testing::now(testing::NOW));
    } else {
        orchestrator.checked_at = None;
    }
    let mut next = previous.clone();
    next.sources.get_mut(SourceName::Orchestrator).unwrap().succeed(later);
    ended(&previous, &next)
}

#[test]
fn a_source_was_out_when_it_was_asked_in_vain_for_long() {
    assert_eq!(heard_again(29, true), []);
    let outage = Outage {
        subject: Subject::Source(SourceName::Orchestrator),
        from: at("2026-02-23T14:29:58Z"),
        to: Some(at("2026-02-23T14:30:58Z")),
    };
    assert_eq!(heard_again(60, true), [outage]);
    assert_eq!(heard_again(60, false), []);
}

#[test]
fn what_is_over_is_kept_for_thirty_days() {
    let outage = |to: &str| Outage {
        subject: Subject::Drone(name("Tarn")),
        from: at("2026-01-01T00:00:00Z"),
        to: Some(at(to)),
    };
    let mut outages =
        vec![outage("2026-01-24T14:30:00Z"), outage("2026-01-24T14:30:01Z"), outage("2026-02-01T00:00:00Z")];
    keep(&mut outages, at(testing::NOW));
    assert_eq!(outages, [outage("2026-02-01T00:00:00Z"), outage("2026-01-24T14:30:01Z")]);
    let mut many = vec![outage("2026-02-01T00:00:00Z"); 300];
    keep(&mut many, at(testing::NOW));
    assert_eq!(many.len(), OUTAGES_MAX);
}

#[test]
fn what_earlier_versions_stored_has_no_outages() {
    let stored: Activity = serde_json::from_str(r#"{"events":[]}"#).unwrap();
    assert_eq!(stored, Activity::default());
}
