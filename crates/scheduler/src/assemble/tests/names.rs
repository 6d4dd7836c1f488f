//! Names: what is withheld, from when on, and what the leak guard does when something slips through.

use identity::config::Unknown;
use snapshot::{
    notice::{Beside, NoticeCode, notices},
    queue::Queue,
    section::{SourceName, SourceState},
};

use super::builder::{IZAR, TARN, World, build, handed, names, needed, node, star, status};
use crate::report::{NodeNames, OrchestratorReport, QueueRow, StatusReport};

const BOTH: [SourceName; 2] = [SourceName::Gateway, SourceName::Orchestrator];

fn packages(queue: &Queue) -> Vec<Option<&str>> {
    let items = queue.pending.iter().chain(&queue.building);
    items.map(|item| item.package.as_ref().map(|package| package.as_str())).collect()
}

fn ids(queue: &Queue) -> Vec<&str> {
    queue.pending.iter().chain(&queue.building).map(|item| &*item.id).collect()
}

#[test]
fn packages_are_withheld_by_category_pattern_alias_and_grammar() {
    let mut world = World::with(names(Unknown::Pseudonym, vec![star("Vega", "altair-link")]), &BOTH);
    let rows = [
        "=dev-libs/openssl-3.4.1",
        "=our-tools/hammer-1.0",
        "=local-overlay/hammer-1.0",
        "=acme-tools/hammer-1.0",
        "=app-misc/our-secret-1.0",
        "=app-misc/altair-link-sync-1.0",
        "=app-misc/sync-altair-link-1.0",
        "=dev-libs/openssl-3.4.1-altair",
        "=dev-libs/openssl-10.42.0.199",
        "not a package at all",
    ];
    let queue = world.queue(rows.into_iter().map(needed).collect()).listed();
    let shown: Vec<_> = packages(&queue).into_iter().flatten().collect();
    assert_eq!(shown, ["dev-libs/openssl-3.4.1", "our-tools/hammer-1.0"]);
    assert_eq!(ids(&queue)[2..4], ["withheld~1", "withheld~2"]);
    assert_eq!(queue.counts.pending, Some(10));
}

#[test]
fn a_withheld_package_keeps_its_id_when_another_leaves() {
    let mut world = World::new();
    let rows = |texts: &[&str]| texts.iter().map(|text| needed(text)).collect::<Vec<_>>();
    world.queue(rows(&["=x-y/a-1", "=x-y/b-1", "=x-y/c-1"])).listed();
    let queue = world.queue(rows(&["=x-y/c-1", "=x-y/d-1", "=x-y/b-1"])).listed();
    assert_eq!(ids(&queue), ["withheld~3", "withheld~1", "withheld~2"]);
}

#[test]
fn a_package_is_withheld_in_the_very_snapshot_whose_rows_first_name_the_host() {
    // Row one has the package, row two the host: whoever clears as he reads has let it through.
    let queue = World::new()
        .queue(vec![needed("=app-misc/basement-nas-sync-1.0"), handed("=dev-libs/nss-1", "basement-nas")])
        .listed();
    assert_eq!(packages(&queue), [None, Some("dev-libs/nss-1")]);
}

#[test]
fn a_host_that_only_the_history_names_is_withheld_in_history_and_queue() {
    let mut world = World::new();
    let mut rows = vec![build(1, "=app-misc/basement-nas-sync-1.0", IZAR, "success", -50)];
    rows.push(build(2, "=dev-libs/nss-1", "basement-nas", "success", -40));
    let report = OrchestratorReport {
        queue: Some(vec![needed("=app-misc/basement-nas-sync-1.0")]),
        status: Some(status()),
        history: Some(crate::report::HistoryReport { rows, ..Default::default() }),
    };
    let snapshot = world.orchestrator(report).snapshot();
    let history = snapshot.history.get().unwrap();
    assert_eq!(history.builds[1].package, None);
    assert!(history.builds[0].package.is_some());
    assert_eq!(packages(snapshot.queue.get().unwrap()), [None]);
}

#[test]
fn a_host_that_is_first_named_later_is_withheld_everywhere_from_then_on() {
    let mut world = World::new();
    let package = "=app-misc/basement-nas-sync-1.0";
    world.builds(vec![build(1, package, IZAR, "success", -50)]).queue(vec![needed(package)]);
    let before = world.snapshot();
    assert!(before.history.get().unwrap().builds[0].package.is_some());
    let after = world.gateway(vec![node("basement-nas")]).snapshot();
    assert_eq!(after.history.get().unwrap().builds[0].package, None);
    assert_eq!(packages(after.queue.get().unwrap()), [None]);
}

#[test]
fn addresses_and_ids_of_machines_that_are_no_drones_are_known_to_the_guard_too() {
    let mut world = World::new();
    let other = NodeNames {
        id: None,
        names: vec!["control-plane".to_owned()],
        addresses: vec!["203.0.113.9".to_owned()],
    };
    let report = crate::report::GatewayReport { nodes: vec![], others: vec![other] };
    world.assembler.fold(SourceName::Gateway, Ok(crate::report::Report::Gateway(report)), world.now);
    let queue =
        world.queue(vec![needed("=dev-libs/a-203.0.113.9"), needed("=app-misc/control-plane-1")]).listed();
    assert_eq!(packages(&queue), [None, None]);
}

#[test]
fn a_version_that_contains_an_internal_name_is_held_back_and_the_source_says_so() {
    let mut world = World::new();
    let said = |version: &str| OrchestratorReport {
        status: Some(StatusReport { version: Some(version.to_owned()), ..status() }),
        ..OrchestratorReport::default()
    };
    let snapshot = world.gateway(vec![node(IZAR)]).orchestrator(said("2.6.0-izar-host")).snapshot();
    assert_eq!(snapshot.control.get().unwrap().version, None);
    assert_eq!(snapshot.source_state(SourceName::Orchestrator, world.now), Some(SourceState::Stale));
    assert_eq!(snapshot.source_state(SourceName::Gateway, world.now), Some(SourceState::Online));
    let codes = notices(&snapshot, &BOTH, Beside::Nothing, world.now).into_iter().map(|notice| notice.code);
    assert!(codes.collect::<Vec<_>>().contains(&NoticeCode::Withheld));
    // What is clean again is shown again.
    let snapshot = world.orchestrator(said("2.6.0")).snapshot();
    assert_eq!(snapshot.control.get().unwrap().version.as_ref().unwrap().as_str(), "2.6.0");
    assert_eq!(snapshot.source_state(SourceName::Orchestrator, world.now), Some(SourceState::Online));
}

#[test]
fn what_is_no_version_is_not_published() {
    for version in ["", "latest", "10.42.0.199", "1.0 on izar-host", "../../etc/passwd"] {
        let status = StatusReport { version: Some(version.to_owned()), ..status() };
        let report = OrchestratorReport { status: Some(status), ..OrchestratorReport::default() };
        let snapshot = World::new().orchestrator(report).snapshot();
        assert_eq!(snapshot.control.get().unwrap().version, None, "{version}");
    }
}

#[test]
fn an_address_that_all_drones_share_makes_them_no_less_than_they_are() {
    let sharing = |host: &str| {
        let mut node = node(host);
        node.names.addresses.push("fd7a:115c:a1e0::7".to_owned());
        node
    };
    let hosts = ["a-host", "b-host", "c-host", "d-host", "e-host"];
    let snapshot = World::new().gateway(hosts.map(sharing).into()).snapshot();
    let mut shown: Vec<_> =
        snapshot.fleet.get().unwrap().drones.iter().map(|drone| drone.name.clone()).collect();
    shown.dedup();
    assert_eq!(shown.len(), 5);
}

#[test]
fn the_beginning_of_an_id_leads_to_its_machine_and_an_unknown_one_nowhere() {
    let mut world = World::new();
    let prefix: String = node(IZAR).names.id.unwrap().chars().take(12).collect();
    world.gateway(vec![node(IZAR), node(TARN)]);
    let queue = world
        .queue(vec![handed("=dev-libs/nss-1", &prefix), handed("=dev-libs/nspr-1", "ffffffff-fff1")])
        .listed();
    let drones: Vec<_> =
        queue.building.iter().map(|item| item.drone.as_ref().map(|name| name.as_str())).collect();
    assert_eq!(drones, [Some("Izar"), None]);
}

#[test]
fn an_unclaimed_machine_has_one_pseudonym_in_fleet_queue_and_history() {
    let mut world = World::new();
    world.gateway(vec![node("strange-host")]).queue(vec![handed("=dev-libs/nss-1", "Strange-Host")]);
    let snapshot = world.builds(vec![build(1, "=dev-libs/nspr-1", "strange-host", "success", -5)]).snapshot();
    let listed = &snapshot.fleet.get().unwrap().drones[0].name;
    assert_ne!(listed.as_str(), "strange-host");
    assert_eq!(snapshot.history.get().unwrap().builds[0].drone.as_ref(), Some(listed));
    let queue = world.queue(vec![handed("=dev-libs/nss-1", "Strange-Host")]).listed();
    assert_eq!(queue.building[0].drone.as_ref(), Some(listed));
}

#[test]
fn the_same_answers_again_move_no_name() {
    let mut world = World::new();
    let rows = || -> Vec<QueueRow> { vec![handed("=dev-libs/nss-1", "b-host"), needed("=dev-libs/nspr-1")] };
    let past = || vec![build(1, "=dev-libs/nss-1", "a-host", "success", -50)];
    world.gateway(vec![node("b-host")]).builds(past()).queue(rows());
    let first = world.snapshot();
    for _ in 0..3 {
        world.later(5).gateway(vec![node("b-host")]).builds(past()).queue(rows());
        let again = world.snapshot();
        let same = |a: &std::sync::Arc<_>, b: &std::sync::Arc<_>| std::sync::Arc::ptr_eq(a, b);
        assert!(same(first.history.content.as_ref().unwrap(), again.history.content.as_ref().unwrap()));
        assert_eq!(first.fleet.get(), again.fleet.get());
    }
}
