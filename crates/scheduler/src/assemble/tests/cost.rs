//! Large answers: what is kept for each row must be found without looking at all the others.
//!
//! Nothing here is timed. Were any of it quadratic, the suite would stand still for minutes.

use std::collections::HashSet;

use super::builder::{IZAR, World, build, handed, needed, node, offline};
use crate::report::{HistoryRow, QueueRow};

#[test]
fn ten_thousand_withheld_rows_have_ten_thousand_ids_and_keep_them() {
    let rows = || (0..10_000).map(|n| needed(&format!("=x-y/p{n}-1"))).collect::<Vec<_>>();
    let mut world = World::new();
    let ids = |world: &mut World, rows: Vec<QueueRow>| {
        world.queue(rows).items().into_iter().map(|(id, ..)| id).collect::<Vec<_>>()
    };
    let first = ids(&mut world, rows());
    assert_eq!(first.iter().collect::<HashSet<_>>().len(), first.len());
    assert_eq!(ids(&mut world, rows()), first);
}

#[test]
fn ten_thousand_rows_of_one_package_are_numbered() {
    let rows = || vec![needed("=dev-libs/nss-1").failed(1); 10_000];
    let mut world = World::new();
    world.queue(rows()).snapshot();
    let items = world.queue(rows()).items();
    assert_eq!(items.last().unwrap().0, "dev-libs/nss-1~2000");
}

#[test]
fn a_thousand_drones_hold_ten_thousand_items_and_built_twenty_thousand() {
    let host = |n: usize| format!("host-{}", n % 1_000);
    let nodes = (0..1_000).map(|n| {
        let package = format!("=dev-libs/p{n}-1");
        if n % 3 == 0 { offline(&host(n)) } else { node(&host(n)).since(&package, -30).compiling(&package) }
    });
    let rows = (0..10_000).map(|n| handed(&format!("=dev-libs/p{n}-1"), &host(n)));
    let past =
        (0..20_000_u32).map(|n| build(n, "=dev-libs/nss-1", &host(n as usize), "success", -i64::from(n)));
    let mut world = World::new();
    world.gateway(nodes.collect()).builds(past.collect::<Vec<HistoryRow>>()).queue(rows.collect());
    let snapshot = world.snapshot();
    assert_eq!(snapshot.fleet.get().unwrap().drones.len(), 1_000);
    assert_eq!(snapshot.queue.get().unwrap().building.len(), 10_000);
    assert_eq!(snapshot.history.get().unwrap().builds.len(), 20_000);
}

#[test]
fn a_drone_that_holds_ten_thousand_items_is_no_burden() {
    let packages = (0..10_000).map(|n| format!("=dev-libs/p{n}-1"));
    let rows: Vec<_> = packages.clone().map(|package| handed(&package, IZAR)).collect();
    let busy = packages.fold(node(IZAR), |node, package| node.since(&package, -30));
    let queue = World::new().gateway(vec![busy]).queue(rows).listed();
    assert!(queue.building.iter().all(|item| item.started_at.is_some()));
}
