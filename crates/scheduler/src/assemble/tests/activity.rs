//! What is noted of the difference between polls.

use identity::config::Unknown;
use snapshot::{activity::What, queue::Reason, section::SourceName};

use super::builder::{CAPELLA, IZAR, World, handed, names, node, offline, row, status};
use crate::report::{OrchestratorReport, Remark, RowStatus, StatusReport};

fn told(world: &mut World) -> Vec<What> {
    let snapshot = world.snapshot();
    snapshot
        .activity
        .get()
        .map(|it| it.events.iter().map(|event| event.what.clone()).collect())
        .unwrap_or_default()
}

fn paused(is_paused: bool) -> OrchestratorReport {
    let status = StatusReport { is_paused: Some(is_paused), ..status() };
    OrchestratorReport { status: Some(status), queue: Some(vec![]), history: None }
}

#[test]
fn drones_leave_and_return_and_the_swarm_pauses() {
    let mut world = World::new();
    let name = super::builder::name;
    assert_eq!(told(world.orchestrator(paused(false)).gateway(vec![node(IZAR), node(CAPELLA)])), []);
    assert_eq!(told(world.later(10).gateway(vec![offline(IZAR), node(CAPELLA)])), [What::Left(name("Izar"))]);
    assert_eq!(told(world.later(10).orchestrator(paused(true)))[0], What::Paused);
    world.later(10).gateway(vec![node(IZAR), node(CAPELLA)]);
    assert_eq!(told(&mut world)[0], What::Returned(name("Izar")));
    let all = [What::Resumed, What::Returned(name("Izar")), What::Paused, What::Left(name("Izar"))];
    assert_eq!(told(world.later(10).orchestrator(paused(false))), all);
    // Another poll without news tells nothing, and a day later all of it is gone.
    assert_eq!(told(world.later(10).orchestrator(paused(false))), all);
    assert_eq!(told(world.later(86_400).orchestrator(paused(false))), []);
}

#[test]
fn a_package_that_is_blocked_is_told_and_withheld_as_soon_as_its_name_is_internal() {
    let mut world =
        World::with(names(Unknown::Pseudonym, Vec::new()), &[SourceName::Gateway, SourceName::Orchestrator]);
    let blocked = |text| row(text, RowStatus::Blocked).remarked(Remark::Masked);
    let both = || vec![blocked("=app-misc/basement-nas-sync-1.0"), blocked("=dev-libs/nss-1")];
    assert_eq!(told(world.queue(vec![])), []);
    let packages = |world: &mut World| -> Vec<Option<String>> {
        let package = |what| match what {
            What::Blocked { package, reason: Some(Reason::Masked) } => package.map(|it| it.to_string()),
            other => panic!("{other:?}"),
        };
        told(world).into_iter().map(package).collect()
    };
    let mut shown = packages(world.later(10).queue(both()));
    shown.sort();
    assert_eq!(shown, [Some("app-misc/basement-nas-sync-1.0".to_owned()), Some("dev-libs/nss-1".to_owned())]);
    let mut rows = both();
    rows.push(handed("=dev-libs/glib-2", "basement-nas"));
    let mut shown = packages(world.later(10).queue(rows));
    shown.sort();
    assert_eq!(shown, [None, Some("dev-libs/nss-1".to_owned())]);
}
