//! What is expected: how long builds take, when they end, and how often that may change.

use snapshot::{
    delta::diff,
    estimate::Basis,
    fleet::Role,
    history::BuildStatus,
    queue::{Queue, QueueItem},
    snapshot::Snapshot,
};

use super::builder::{CAPELLA, IZAR, NOON, TARN, World, build, handed, needed, node, offline, row, status};
use crate::report::{
    HistoryReport, HistoryRow, Node, OrchestratorReport, QueueRow, Reach, RowStatus, StatusReport,
};

const LLVM: &str = "=llvm-core/llvm-19.1.7";
const NSS: &str = "=dev-libs/nss-3.101";
const RUST: &str = "=dev-lang/rust-1.84.1";
const SECRET: &str = "=acme-tools/rocket-1";

/// A successful build of so many seconds; the id is its place in time.
fn built(id: u32, package: &str, host: &str, seconds: u64) -> HistoryRow {
    HistoryRow {
        duration_ms: Some(seconds * 1_000),
        ..build(id, package, host, "success", i64::from(id) - 5_000)
    }
}

/// What everybody knows: llvm takes 50 minutes, nss two, whoever builds it.
fn past() -> Vec<HistoryRow> {
    let seconds = |id: u32, typical: u64| typical + u64::from(id * 7_919 % 13) * typical / 200;
    let llvm = (0..20).map(|id| (id * 3, LLVM, 3_000));
    let nss = (0..20).map(|id| (id * 3 + 1, NSS, 120));
    let hosts = [IZAR, TARN];
    llvm.chain(nss)
        .map(|(id, package, typical)| built(id, package, hosts[id as usize / 3 % 2], seconds(id, typical)))
        .collect()
}

fn report(history: Vec<HistoryRow>, rows: Vec<QueueRow>) -> OrchestratorReport {
    let history = Some(HistoryReport { rows: history, reach: Reach::Beginning, n_refused: 0 });
    OrchestratorReport { status: Some(status()), queue: Some(rows), history }
}

/// A world in which `past` is known, at noon.
fn world(nodes: Vec<Node>, rows: Vec<QueueRow>) -> World {
    let mut world = World::new();
    world.gateway(nodes).orchestrator(report(past(), rows));
    world
}

fn two() -> Vec<Node> {
    vec![node(IZAR), node(TARN)]
}

/// How many minutes after noon an item is expected to begin and end.
fn minutes(item: &QueueItem) -> (Option<i64>, Option<i64>) {
    let minutes = |at: jiff::Timestamp| (at.as_second() - NOON) / 60;
    (item.expected_start_at.map(minutes), item.expected_finish_at.map(minutes))
}

#[track_caller]
fn check_about(actual: Option<i64>, expected: i64) {
    let actual = actual.unwrap();
    assert!((actual - expected).abs() <= 3, "{actual} is not about {expected}");
}

#[test]
fn what_waits_is_built_in_order_by_whoever_is_free() {
    let nodes = vec![node(IZAR).since(LLVM, -30), node(TARN)];
    let rows = vec![handed(LLVM, IZAR), handed(NSS, IZAR), needed(RUST), needed(NSS), needed(SECRET)];
    let snapshot = world(nodes, rows).snapshot();
    let queue = snapshot.queue.get().unwrap();
    let [llvm, next] = &queue.building[..] else { panic!("{:?}", queue.building) };
    assert_eq!(llvm.expected_start_at, None);
    check_about(minutes(llvm).1, 51);
    check_about(minutes(next).0, 51);
    check_about(minutes(next).1, 53);
    let [rust, nss, secret] = &queue.pending[..] else { panic!("{:?}", queue.pending) };
    check_about(minutes(rust).0, 1);
    assert!(minutes(nss).0 >= minutes(rust).0 && minutes(secret).0 >= minutes(nss).0);
    let basis = |item: &QueueItem| item.estimate.map(|estimate| (estimate.basis, estimate.samples));
    assert_eq!(basis(llvm), Some((Basis::Package, 20)));
    assert_eq!(basis(rust), Some((Basis::Global, 40)));
    assert_eq!(basis(secret), Some((Basis::Global, 40)), "a withheld package is like any");

    let drain = queue.drain.unwrap();
    assert!(drain.low_at <= drain.median_at && drain.median_at <= drain.high_at);
    assert!(drain.median_at >= llvm.expected_finish_at.unwrap());
    let fleet = snapshot.fleet.get().unwrap();
    let izar = fleet.drones.iter().find(|drone| drone.name.as_str() == "Izar").unwrap();
    let task = izar.task.as_ref().unwrap();
    assert_eq!((task.estimate, task.expected_finish_at), (llvm.estimate, llvm.expected_finish_at));
}

/// That nothing which waits is expected, while what is built ends all the same.
#[track_caller]
fn check_endless(mut world: World) {
    let queue = world.listed();
    assert_eq!(queue.drain, None);
    for item in &queue.pending {
        assert_eq!(minutes(item), (None, None), "{}", item.id);
        assert!(item.estimate.is_some(), "{}", item.id);
    }
}

#[test]
fn nothing_is_expected_while_nobody_takes_work() {
    let rows = || vec![needed(RUST), needed(NSS)];
    check_endless(world(vec![offline(IZAR), offline(TARN)], rows()));
    check_endless(world(vec![Node { is_paused: Some(true), ..node(IZAR) }], rows()));
    check_endless(world(vec![Node { role: Some(Role::Sweeper), ..node(CAPELLA) }], rows()));
    let mut nobody = World::new();
    nobody.orchestrator(report(past(), rows()));
    check_endless(nobody);
}

#[test]
fn while_paused_only_what_is_built_ends() {
    let mut world = world(vec![node(IZAR).since(LLVM, -30), node(TARN)], vec![]);
    let paused = |is_paused| StatusReport { is_paused: Some(is_paused), ..status() };
    let rows = || vec![handed(LLVM, IZAR), handed(NSS, IZAR), needed(RUST)];
    let mut queue = |is_paused| {
        let report = OrchestratorReport { status: Some(paused(is_paused)), ..report(past(), rows()) };
        world.later(5).orchestrator(report).listed()
    };
    assert!(queue(false).drain.is_some());
    let held = queue(true);
    assert_eq!((held.drain, minutes(&held.pending[0])), (None, (None, None)));
    check_about(minutes(&held.building[0]).1, 51);
    assert_eq!(minutes(&held.building[1]), (None, None));
    assert!(queue(false).drain.is_some());
}

#[test]
fn the_drain_leaves_out_what_is_held_back_or_failed_everywhere() {
    let failed = |id, host| HistoryRow { status: BuildStatus::Failed, ..built(id, RUST, host, 60) };
    let history = past().into_iter().chain([failed(900, IZAR), failed(901, TARN)]).collect();
    let rows = vec![
        needed(NSS),
        needed(RUST).failed(2),
        row("=dev-libs/nspr-4", RowStatus::Blocked),
        row("=dev-libs/libxml2-2", RowStatus::Failed),
    ];
    let queue = World::new().gateway(two()).orchestrator(report(history, rows)).listed();
    assert_eq!(queue.drain.unwrap().excluded, 3);
    let rust = queue.pending.iter().find(|item| item.failures > 0).unwrap();
    assert_eq!(minutes(rust), (None, None));
    assert!(queue.blocked.iter().all(|item| item.estimate.is_none()));
}

#[test]
fn an_empty_queue_has_no_end_and_a_partial_one_an_unknown_end() {
    assert_eq!(world(two(), vec![]).listed().drain, None);
    let mentioned = StatusReport { mentioned: vec![needed(NSS)], ..status() };
    let partial = OrchestratorReport { status: Some(mentioned), queue: None, ..report(past(), vec![]) };
    let queue = World::new().gateway(two()).orchestrator(partial).listed();
    assert_eq!(queue.drain, None);
    assert!(queue.pending[0].expected_finish_at.is_some());
}

#[test]
fn without_any_build_nothing_is_expected() {
    let queue = World::new().gateway(two()).queue(vec![needed(NSS)]).listed();
    assert_eq!((queue.drain, queue.pending[0].estimate), (None, None));
}

#[test]
fn what_was_promised_of_a_build_stays_and_is_scored() {
    let nodes = vec![node(IZAR).since(NSS, -10), node(TARN)];
    let mut world = world(nodes, vec![handed(NSS, IZAR)]);
    let promised = world.listed().building[0].estimate.unwrap();
    let before = world.snapshot().scores.package.unwrap().builds;
    // Others finish meanwhile and change what is expected of the package.
    let more: Vec<_> = (0..6).map(|id| built(200 + id, NSS, TARN, 700)).collect();
    let history = || past().into_iter().chain(more.clone());
    world.later(60).orchestrator(report(history().collect(), vec![handed(NSS, IZAR), needed(NSS)]));
    let queue = world.listed();
    assert_eq!(queue.building[0].estimate, Some(promised));
    assert_ne!(queue.pending[0].estimate.unwrap().median_seconds, promised.median_seconds);
    let done = built(300, NSS, IZAR, u64::from(promised.median_seconds));
    world.later(60).orchestrator(report(history().chain([done]).collect(), vec![]));
    assert_eq!(world.snapshot().scores.package.unwrap().builds, before + 7);
}

#[test]
fn builds_that_tell_nothing_or_are_told_twice_teach_nothing() {
    let lasting = |id, duration_ms| HistoryRow { duration_ms, ..built(id, NSS, TARN, 1) };
    let odd = [None, Some(0), Some(400), Some(1_000 * 60 * 60 * 24 * 365)];
    let odd = (200..).zip(odd).map(|(id, duration_ms)| lasting(id, duration_ms));
    let failed = HistoryRow { status: BuildStatus::Failed, ..built(300, NSS, TARN, 9_000) };
    let history = past().into_iter().chain(odd).chain([failed]).chain(past()).collect();
    let mut plain = world(two(), vec![needed(NSS)]);
    let mut odd = World::new();
    odd.gateway(two()).orchestrator(report(history, vec![needed(NSS)]));
    let (plain, odd) = (plain.snapshot(), odd.snapshot());
    let estimate = |snapshot: &Snapshot| snapshot.queue.get().unwrap().pending[0].estimate.unwrap();
    assert_eq!(estimate(&odd), estimate(&plain));
    assert_eq!(odd.scores, plain.scores);
    assert_eq!(odd.history.get().unwrap().builds.len(), plain.history.get().unwrap().builds.len() + 5);
}

#[test]
fn a_past_that_changes_is_learned_anew() {
    let mut straight = World::new();
    straight.gateway(two()).orchestrator(report(past(), vec![needed(NSS)]));
    let mut late = World::new();
    let newer = past().into_iter().filter(|row| row.upstream_id.unwrap() % 10 != 7).collect();
    late.gateway(two()).orchestrator(report(newer, vec![needed(NSS)]));
    late.snapshot();
    late.orchestrator(report(past(), vec![needed(NSS)]));
    late.snapshot();
    let estimate = |world: &mut World| world.later(0).listed().pending[0].estimate.unwrap();
    let (straight, late) = (estimate(&mut straight), estimate(&mut late));
    // What was published stays while it is about right.
    assert!(straight.median_seconds.abs_diff(late.median_seconds) <= 12, "{straight:?} {late:?}");
}

/// A farm that builds 400 packages, of which most were built before, and takes 0.7 to 1.4 times as long as ever.
struct Farm {
    world: World,
    drones: Vec<(String, u32, i64)>,
    history: Vec<HistoryRow>,
    n_handed: u32,
    clock: i64,
}

const PACKAGES: u32 = 420;

fn package(n: u32) -> String {
    let category = ["dev-libs", "kde-apps", "dev-lang"][n as usize % 3];
    format!("={category}/p{n}-1")
}

fn seconds(n: u32, luck: u32) -> i64 {
    let typical = 40 + i64::from(n * 7_919 % 600);
    typical * (70 + i64::from((n * 31 + luck * 17) % 70)) / 100
}

impl Farm {
    fn new() -> Self {
        let known = (0..PACKAGES * 2).filter(|n| n % 5 != 0);
        let history = known
            .map(|n| {
                let duration = u64::try_from(seconds(n % PACKAGES, n / PACKAGES)).unwrap();
                built(n, &package(n % PACKAGES), &format!("host-{}", n % 5), duration)
            })
            .collect();
        let mut farm = Self { world: World::new(), drones: vec![], history, n_handed: 5, clock: 0 };
        farm.drones = (0..5).map(|n| (format!("host-{n}"), n, seconds(n, 5))).collect();
        farm
    }

    /// The next build finishes, its drone takes the next package.
    fn finish(&mut self) {
        let (host, package_idx, at) = self.drones.iter_mut().min_by_key(|(_, _, at)| *at).unwrap();
        let began = self.clock.max(0);
        let id = 10_000 + self.n_handed;
        let duration = u64::try_from(seconds(*package_idx, 5)).unwrap();
        self.history.push(HistoryRow {
            finished_at: super::builder::at(*at),
            ..built(id, &package(*package_idx), host, duration)
        });
        self.clock = *at;
        *package_idx = self.n_handed;
        *at += seconds(self.n_handed, 5);
        self.n_handed += 1;
        self.world.later(u64::try_from(self.clock - began).unwrap());
    }

    /// Some seconds pass, unless a build finishes in them.
    fn waits(&mut self, seconds: u32) -> bool {
        let then = self.clock + i64::from(seconds);
        let is_quiet = self.drones.iter().all(|(.., at)| *at > then);
        if is_quiet {
            self.clock = then;
            self.world.later(seconds.into());
        }
        is_quiet
    }

    fn poll(&mut self) -> Queue {
        let began = |n: u32, at: i64| at - seconds(n, 5);
        let nodes = self.drones.iter().map(|(host, n, at)| {
            Node { last_heard: Some(super::builder::at(self.clock)), ..node(host) }
                .since(&package(*n), began(*n, *at))
                .compiling(&package(*n))
        });
        let building = self.drones.iter().map(|(host, n, at)| QueueRow {
            assigned_at: Some(super::builder::at(began(*n, *at) - 1)),
            ..handed(&package(*n), host)
        });
        let rows = building.chain((self.n_handed..PACKAGES).map(|n| needed(&package(n)))).collect();
        let report = report(self.history.clone(), rows);
        self.world.gateway(nodes.collect()).orchestrator(report).listed()
    }
}

#[test]
fn a_finished_build_among_four_hundred_costs_twenty_operations_at_most() {
    let mut farm = Farm::new();
    let mut before = farm.poll();
    for _ in 0..60 {
        farm.finish();
        let (began, mut n_operations) = (farm.clock, 0);
        loop {
            let next = farm.poll();
            n_operations += diff(&before, &next).unwrap().operations.len();
            before = next;
            // While nothing happens, instants that pass give way: a few items and the drain a minute.
            let n_minutes = usize::try_from((farm.clock - began) / 60).unwrap();
            let n_most = 20 + 5 * n_minutes.saturating_sub(1);
            assert!(n_operations <= n_most, "{n_operations} in {} s", farm.clock - began);
            if !farm.waits(5) {
                break;
            }
        }
    }
}

#[test]
fn what_does_not_change_is_not_published_anew() {
    let mut farm = Farm::new();
    farm.poll();
    // What was expected when little was learned may give way yet, a few items at a time.
    let first = farm.poll();
    farm.world.later(5);
    assert_eq!(farm.poll(), first);
}

#[test]
fn an_instant_gives_way_only_when_it_is_wrong_or_past() {
    let mut world = world(two(), vec![needed(LLVM), needed(NSS)]);
    let first = world.listed();
    for _ in 0..10 {
        let next = world
            .later(30)
            .gateway(two())
            .orchestrator(report(past(), vec![needed(LLVM), needed(NSS)]))
            .listed();
        for (old, new) in first.pending.iter().zip(&next.pending) {
            let (Some(old), Some(new)) = (old.expected_finish_at, new.expected_finish_at) else { panic!() };
            let left = old.as_second() - world.now.wall.as_second();
            let is_held = left > 0 && (new.as_second() - old.as_second()).abs() <= 60.max(left / 10);
            assert!(new == old || !is_held || left <= 0, "{old} gave way to {new} at {}", world.now.wall);
            assert!(new > world.now.wall);
        }
    }
}
