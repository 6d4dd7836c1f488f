//! Hosts: since when they are what they are, and what becomes of a name that a machine no longer has.

use identity::config::{Config as Names, Unknown};
use snapshot::{
    infrastructure::{Host, Reachability},
    section::SourceName,
};

use super::builder::{IZAR, World, at, handed, name, names, node, star, status};
use crate::report::{
    OrchestratorReport, Report,
    infrastructure::{DiskReport, HostReport, MetricsReport},
};

fn world() -> World {
    let sources = [SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus];
    World::with(names(Unknown::Pseudonym, vec![]), &sources)
}

fn up(host: &str) -> HostReport {
    HostReport { is_up: Some(true), booted_at: Some(at(-86_400)), ..HostReport::new(&format!("{host}:9100")) }
}

/// Prometheus lists these hosts; gives what is published then.
fn listed(world: &mut World, hosts: Vec<HostReport>) -> Vec<Host> {
    let report = MetricsReport { hosts, ..MetricsReport::default() };
    world.assembler.fold(SourceName::Prometheus, Ok(Report::Metrics(Box::new(report))), world.now);
    published(world)
}

fn published(world: &mut World) -> Vec<Host> {
    world.snapshot().metrics.get().unwrap().hosts.clone()
}

fn reconfigure(world: &mut World, config: Names) {
    world.assembler.directory.reconfigure(config);
}

#[test]
fn a_host_is_up_since_it_was_first_seen_up_whenever_it_started() {
    let mut world = world();
    let first = listed(world.later(60), vec![up(IZAR)]);
    assert_eq!((first[0].state, first[0].state_since), (Reachability::Up, at(60)));
    let later = listed(world.later(60), vec![up(IZAR)]);
    assert_eq!(later[0].state_since, at(60));
    let down = listed(world.later(60), vec![HostReport { is_up: Some(false), ..up(IZAR) }]);
    assert_eq!((down[0].state, down[0].state_since), (Reachability::Down, at(180)));
}

#[test]
fn a_host_that_is_claimed_is_not_listed_under_its_old_name_too() {
    let mut world = world();
    let before = listed(&mut world, vec![up("strange-host"), up("other-host")]);
    assert!(before.len() == 2 && before.iter().all(|host| host.name.as_str() != "Vela"));
    reconfigure(&mut world, names(Unknown::Pseudonym, vec![star("Vela", "strange-host")]));
    let after = listed(world.later(15), vec![up("strange-host"), up("other-host")]);
    assert_eq!(after.len(), 2, "{after:?}");
    assert!(after.iter().any(|host| host.name.as_str() == "Vela"));
    assert!(after.iter().all(|host| host.state == Reachability::Up));
}

#[test]
fn a_host_whose_two_names_turn_out_to_be_one_machine_is_listed_once() {
    let mut world = world();
    let hosts = || vec![up("first-name"), up("second-name")];
    assert_eq!(listed(&mut world, hosts()).len(), 2);
    let mut both = node("first-name");
    both.names.names.push("second-name".to_owned());
    world.later(5).gateway(vec![both]);
    assert_eq!(published(&mut world).len(), 1);
    let still = listed(world.later(15), hosts());
    assert_eq!((still.len(), still[0].state), (1, Reachability::Up));
}

#[test]
fn a_host_that_is_no_longer_scraped_is_unknown_for_a_day() {
    let mut world = world();
    listed(&mut world, vec![up(IZAR), up("other-host")]);
    let gone = listed(world.later(15), vec![up(IZAR)]);
    assert_eq!(gone.iter().filter(|host| host.state == Reachability::Unknown).count(), 1);
    assert_eq!(listed(world.later(86_400), vec![up(IZAR)]).len(), 2);
    assert_eq!(listed(world.later(15), vec![up(IZAR)]).len(), 1);
}

#[test]
fn a_label_that_names_a_machine_takes_its_disk_with_it_and_nothing_else() {
    let mut world = world();
    let label = |mount: &str, label: &str| (mount.to_owned(), name(label));
    world.assembler.watch.disks = [label("/srv/a", "Vault"), label("/srv/b", "Strange-Host")].into();
    let disk = |mount: &str| DiskReport {
        device: mount.to_owned(),
        mount: mount.to_owned(),
        total_bytes: 100,
        available_bytes: Some(50),
    };
    let disks = vec![disk("/"), disk("/srv/a"), disk("/srv/b")];
    let hosts = listed(&mut world, vec![HostReport { disks, ..up(IZAR) }, up("strange-host")]);
    let izar = hosts.iter().find(|host| host.name.as_str() == "Izar").unwrap();
    let names: Vec<String> = izar.disks.iter().map(|disk| disk.name.to_string()).collect();
    assert_eq!(names, ["root", "Vault"]);
}

#[test]
fn a_name_was_last_seen_when_its_report_was_given_however_often_it_is_resolved() {
    let mut world = world();
    let mut drones = vec![node("only-there")];
    drones[0].names.id = None;
    let status = crate::report::StatusReport {
        drones,
        grounded: vec![("held-back".to_owned(), at(9_000))],
        ..status()
    };
    let report = OrchestratorReport {
        status: Some(status),
        queue: Some(vec![handed("=dev-libs/nss-1", "in-the-queue")]),
        history: None,
    };
    world.gateway(vec![node(IZAR)]).later(100).orchestrator(report).snapshot();
    // Both fall silent; something else goes on being published.
    for _ in 0..3 {
        let silent = world.later(100).silence(SourceName::Gateway).silence(SourceName::Orchestrator);
        silent.snapshot();
        listed(&mut world, vec![]);
    }
    let entries = world.assembler.directory().report();
    let last_seen = |internal: &str, origin: &str| {
        let entry = entries.iter().find(|entry| entry.internal == internal && entry.origin == origin);
        entry.map(|entry| entry.last_seen)
    };
    let second = |seconds: i64| Some(at(seconds).as_second());
    assert_eq!(last_seen(IZAR, "gateway"), second(0));
    for name in ["only-there", "held-back", "in-the-queue"] {
        assert_eq!(last_seen(name, "orchestrator"), second(100), "{name}");
        assert_eq!(last_seen(name, "gateway"), None, "the gateway never spoke of {name}");
    }
}

/// A target that says who it is while it is up.
fn target(instance: &str, nodename: Option<&str>) -> HostReport {
    HostReport {
        nodename: nodename.map(str::to_owned),
        is_up: Some(nodename.is_some()),
        ..HostReport::new(instance)
    }
}

#[test]
fn hosts_that_share_an_address_or_even_a_node_name_are_all_listed_and_keep_their_names() {
    for nodes in [["vega-host", "b-host"], ["b-host", "b-host"]] {
        let star = star("Vega", "vega-host");
        let mut world = World::with(names(Unknown::Pseudonym, vec![star]), &[SourceName::Prometheus]);
        let both =
            || vec![target("127.0.0.1:9100", Some(nodes[0])), target("127.0.0.1:9101", Some(nodes[1]))];
        let first = listed(world.later(15), both());
        assert_eq!(first.len(), 2);
        assert_eq!(first.iter().any(|host| host.name.as_str() == "Vega"), nodes[0] == "vega-host");
        let n_names = world.assembler.directory().report().len();
        assert_eq!(listed(world.later(15), both()), first);
        assert_eq!(world.assembler.directory().report().len(), n_names);

        // The exporter that is down does not say who it is.
        let half = vec![target("127.0.0.1:9100", Some(nodes[0])), target("127.0.0.1:9101", None)];
        let half = listed(world.later(15), half);
        let names = |hosts: &[Host]| hosts.iter().map(|host| host.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&half), names(&first));
        let mut states: Vec<_> = half.iter().map(|host| host.state).collect();
        states.sort_by_key(|state| *state == Reachability::Down);
        assert_eq!(states, [Reachability::Up, Reachability::Down]);
    }
}
