//! What holds of every estimate, and what was learned from a few logs.

use proptest::prelude::*;
use snapshot::{
    estimate::{Basis, Estimate},
    testing::{name, package},
};

use super::{
    DURATION_MAX_SECONDS, Estimator,
    schedule::{Job, Outlook, Plan, Running, Worker},
    score::Scorer,
};

/// A small world: categories that exist, packages and versions by number.
fn text(pick: u8) -> String {
    let category = ["dev-libs", "dev-lang", "kde-apps", "sys-devel"][usize::from(pick % 4)];
    format!("{category}/p{}-{}", char::from(b'a' + pick / 4 % 8), pick / 32 + 1)
}

fn estimate(estimator: &Estimator, text: &str) -> Estimate {
    estimator.forecast(Some(&package(text)), None).unwrap().estimate()
}

fn is_sound(estimate: &Estimate) -> bool {
    1 <= estimate.low_seconds
        && estimate.low_seconds <= estimate.median_seconds
        && estimate.median_seconds <= estimate.high_seconds
        && estimate.high_seconds <= DURATION_MAX_SECONDS
        && estimate.samples > 0
}

/// A log of builds of one package after another: every package has its own duration, every build its scatter.
fn scattered(n_builds: u32) -> impl Iterator<Item = (String, u32)> {
    (0..n_builds).map(|idx| {
        let pick = u8::try_from((idx * 37 + idx / 7) % 32).unwrap();
        let scatter = f64::from((idx * 7919) % 101) / 100.0 - 0.5;
        let seconds = (f64::from(pick % 9) * 0.5 + 4.0 + scatter).exp();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let seconds = seconds as u32;
        (text(pick), seconds)
    })
}

fn any_log() -> impl Strategy<Value = Vec<(u8, Option<u8>, u32)>> {
    let seconds =
        prop_oneof![Just(0), Just(1), 1..600_u32, 1..DURATION_MAX_SECONDS, Just(u32::MAX), Just(4_000)];
    prop::collection::vec((any::<u8>(), prop::option::of(0..4_u8), seconds), 0..120)
}

fn learned(log: &[(u8, Option<u8>, u32)]) -> Estimator {
    let mut estimator = Estimator::new();
    for (pick, drone, seconds) in log {
        let drone = drone.map(|drone| name(["Izar", "Tarn", "Vega", "Mira"][usize::from(drone)]));
        estimator.learn((pick % 16 != 15).then(|| package(&text(*pick))).as_ref(), drone.as_ref(), *seconds);
    }
    estimator
}

proptest! {
    #[test]
    fn every_estimate_is_sound_whatever_was_learned(log in any_log(), pick in any::<u8>()) {
        let estimator = learned(&log);
        let counted = log.iter().any(|(_, _, seconds)| (1..=DURATION_MAX_SECONDS).contains(seconds));
        for package in [Some(package(&text(pick))), Some(package("games-arcade/other-1")), None] {
            for drone in [None, Some(name("Izar")), Some(name("Deneb"))] {
                let forecast = estimator.forecast(package.as_ref(), drone.as_ref());
                prop_assert_eq!(forecast.is_some(), counted);
                prop_assert!(forecast.is_none_or(|forecast| is_sound(&forecast.estimate())));
            }
        }
        prop_assert!((0.0..1.0).contains(&estimator.common_error()));
    }

    #[test]
    fn equal_logs_teach_the_same(log in any_log(), pick in any::<u8>()) {
        let of = |estimator: Estimator| estimator.forecast(Some(&package(&text(pick))), Some(&name("Tarn")));
        prop_assert_eq!(of(learned(&log)), of(learned(&log)));
    }

    #[test]
    fn what_does_not_count_teaches_nothing(log in any_log(), pick in any::<u8>()) {
        let counts = |(_, _, seconds): &(u8, Option<u8>, u32)| (1..=DURATION_MAX_SECONDS).contains(seconds);
        let counted: Vec<_> = log.iter().copied().filter(counts).collect();
        let of = |estimator: Estimator| estimator.forecast(Some(&package(&text(pick))), None);
        prop_assert_eq!(of(learned(&log)), of(learned(&counted)));
    }

    #[test]
    fn less_work_is_done_no_later(plan in any_plan(), leave_out in any::<prop::sample::Index>()) {
        let all = plan.outlook();
        let mut less = plan;
        if !less.waiting.is_empty() {
            // The last in line stands in nobody's way; whoever takes another out may change who builds what.
            less.waiting.truncate(leave_out.index(less.waiting.len()));
        }
        if let (Some(all), Some(less)) = (all.drain, less.outlook().drain) {
            prop_assert!(less.median <= all.median && less.high <= all.high && less.low <= all.low);
        }
    }

    #[test]
    fn an_outlook_is_sound(plan in any_plan()) {
        let outlook = plan.outlook();
        let n_waiting = if plan.workers.is_empty() { 0 } else { plan.waiting.len() };
        prop_assert_eq!(outlook.waiting.len(), n_waiting);
        let spans = outlook.workers.iter().flatten().chain(&outlook.finishing).chain(&outlook.waiting);
        for span in spans {
            prop_assert!(span.start.is_finite() && span.finish.is_finite());
            prop_assert!(0.0 <= span.start && span.start <= span.finish);
        }
        if let Some(drain) = outlook.drain {
            prop_assert!(0.0 < drain.low && drain.low <= drain.median && drain.median <= drain.high);
            prop_assert!(drain.high.is_finite());
        }
        let again = plan.outlook();
        prop_assert_eq!(outlook.waiting, again.waiting);
        prop_assert_eq!(outlook.drain, again.drain);
    }

    #[test]
    fn the_order_of_equal_drones_does_not_matter(plan in any_plan()) {
        let mut turned = plan.clone();
        turned.workers.iter_mut().for_each(|worker| worker.slowness = 0.3);
        let mut straight = turned.clone();
        turned.workers.reverse();
        straight.finishing.clear();
        turned.finishing.clear();
        prop_assert_eq!(straight.outlook().waiting, turned.outlook().waiting);
        prop_assert_eq!(straight.outlook().drain, turned.outlook().drain);
    }
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let estimator = learned(&(0..100).map(|n| (n, None, u32::from(n) * 20 + 1)).collect::<Vec<_>>());
    let job = any::<(u8, u64)>().prop_map(move |(pick, key)| {
        let forecast = estimator.forecast(Some(&package(&text(pick))), None).unwrap();
        Job { key, forecast }
    });
    let running = (job.clone(), prop::option::of(0.0..1e8_f64))
        .prop_map(|(job, elapsed_seconds)| Running { job, elapsed_seconds });
    let worker = (
        -1.0..1.0_f64,
        prop::collection::vec(running.clone(), 0..2),
        prop::collection::vec(job.clone(), 0..3),
    )
        .prop_map(|(slowness, running, next)| Worker { slowness, running, next });
    let workers = prop::collection::vec(worker, 0..5);
    (workers, prop::collection::vec(running, 0..2), prop::collection::vec(job, 0..40))
        .prop_map(|(workers, finishing, waiting)| Plan { workers, finishing, waiting, common_error: 0.1 })
}

#[test]
fn the_basis_is_the_firmest_that_was_seen() {
    let mut estimator = Estimator::new();
    assert_eq!(estimator.forecast(Some(&package("dev-lang/rust-1.84.1")), None), None);
    estimator.learn(Some(&package("dev-lang/rust-1.83.0")), None, 3_000);
    estimator.learn(Some(&package("dev-libs/nss-3.1")), None, 100);
    let basis = |text: &str| (estimate(&estimator, text).basis, estimate(&estimator, text).samples);
    assert_eq!(basis("dev-lang/rust-1.84.1"), (Basis::Package, 1));
    assert_eq!(basis("dev-lang/go-1.22"), (Basis::Category, 1));
    assert_eq!(basis("kde-apps/kate-24.1"), (Basis::Global, 2));
    assert_eq!(estimator.forecast(None, None).unwrap().estimate().basis, Basis::Global);
}

#[test]
fn one_odd_build_moves_little_and_a_lasting_change_is_learned() {
    let mut estimator = Estimator::new();
    for (text, seconds) in scattered(400) {
        estimator.learn(Some(&package(&text)), None, seconds);
    }
    let rust = package("dev-lang/rust-1.84.1");
    for seconds in [1_000, 1_050, 980, 1_020] {
        estimator.learn(Some(&rust), None, seconds);
    }
    estimator.learn(Some(&rust), None, 30_000);
    let odd = estimate(&estimator, rust.as_str()).median_seconds;
    assert!((900..1_600).contains(&odd), "{odd}");
    for seconds in [3_000, 3_100, 2_900, 3_050, 2_950, 3_000] {
        estimator.learn(Some(&rust), None, seconds);
    }
    let lasting = estimate(&estimator, rust.as_str()).median_seconds;
    assert!((2_300..3_300).contains(&lasting), "{lasting}");
}

#[test]
fn a_slow_drone_is_known_as_slow_and_does_not_make_packages_long() {
    let mut estimator = Estimator::new();
    let (fast, slow) = (name("Izar"), name("Tarn"));
    for (idx, (text, seconds)) in scattered(600).enumerate() {
        let (drone, factor) = if idx % 4 == 0 { (&slow, 3) } else { (&fast, 1) };
        estimator.learn(Some(&package(&text)), Some(drone), seconds * factor);
    }
    let on = |drone| {
        let forecast = estimator.forecast(Some(&package(&text(5))), drone);
        f64::from(forecast.unwrap().estimate().median_seconds)
    };
    let ratio = on(Some(&slow)) / on(Some(&fast));
    assert!((2.2..3.8).contains(&ratio), "{ratio}");
    assert_eq!(on(Some(&name("Deneb"))), on(None), "an unknown drone is like any");
}

#[test]
fn ranges_hold_eight_of_ten() {
    let mut estimator = Estimator::new();
    let mut n_inside = 0;
    let mut scorer = Scorer::default();
    for (idx, (text, seconds)) in scattered(900).enumerate() {
        if idx >= 100 {
            let promise = estimate(&estimator, &text);
            n_inside += u32::from(promise.outcome(seconds).is_eq());
            scorer.add(&promise, seconds);
        }
        estimator.learn(Some(&package(&text)), None, seconds);
    }
    assert!((600..=680).contains(&n_inside), "{n_inside} of 800");
    let score = scorer.board().package.unwrap();
    assert_eq!(score.builds, 800);
    assert_eq!(score.inside_percent, (n_inside + 4) / 8);
    assert!((10..60).contains(&score.typical_error_percent), "{score:?}");
    assert_eq!(scorer.board().global, None);
}

/// A job that takes about so long.
fn job(key: u64, seconds: u32) -> Job {
    let mut estimator = Estimator::new();
    let package = package("dev-lang/rust-1.84.1");
    for _ in 0..400 {
        estimator.learn(Some(&package), None, seconds);
    }
    Job { key, forecast: estimator.forecast(Some(&package), None).unwrap() }
}

#[track_caller]
fn check_about(actual: f64, expected: f64) {
    assert!((actual / expected - 1.0).abs() < 0.05, "{actual} is not about {expected}");
}

#[test]
fn whoever_is_free_first_takes_the_next() {
    let busy = Running { job: job(1, 1_000), elapsed_seconds: Some(400.0) };
    let plan = Plan {
        workers: vec![
            Worker { running: vec![busy], next: vec![job(2, 100)], ..Worker::default() },
            Worker { slowness: 2.0_f64.ln(), ..Worker::default() },
        ],
        waiting: vec![job(3, 250), job(4, 300), job(5, 100)],
        finishing: Vec::new(),
        common_error: 0.0,
    };
    let Outlook { workers, waiting, drain, .. } = plan.outlook();
    check_about(workers[0][0].finish, 600.0);
    check_about(workers[0][1].start, 600.0);
    check_about(workers[0][1].finish, 700.0);
    check_about(waiting[0].finish, 500.0);
    check_about(waiting[1].start, 500.0);
    check_about(waiting[1].finish, 1_100.0);
    check_about(waiting[2].start, 700.0);
    check_about(drain.unwrap().median, 1_100.0);
}

#[test]
fn without_drones_running_builds_end_and_nothing_else_does() {
    let running = Running { job: job(1, 1_000), elapsed_seconds: Some(400.0) };
    let plan =
        Plan { finishing: vec![running], waiting: vec![job(2, 100)], common_error: 0.0, workers: Vec::new() };
    let outlook = plan.outlook();
    check_about(outlook.finishing[0].finish, 600.0);
    assert!(outlook.waiting.is_empty() && outlook.drain.is_none());
}

#[test]
fn a_build_past_its_time_is_expected_to_end_ever_later() {
    let left = |elapsed: f64| {
        let running = Running { job: job(1, 1_000), elapsed_seconds: Some(elapsed) };
        let plan = Plan { finishing: vec![running], ..Plan::default() };
        plan.outlook().finishing[0].finish
    };
    assert!(left(1_500.0) >= 1.0);
    assert!(left(20_000.0) > left(1_500.0));
}
