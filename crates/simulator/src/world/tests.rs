//! The world as a whole.

use std::collections::HashSet;

use super::machines::{GALAXIES, MACHINES, Role};
use super::packages::CATALOGUE;
use super::state::{BuildStatus, ItemState, Presence};
use super::*;

const START: f64 = 1_795_431_300.0;

fn is_blocked(state: &ItemState) -> bool {
    matches!(state, ItemState::Blocked { .. })
}

fn needed(world: &World) -> usize {
    world.count(|state| *state == ItemState::Needed)
}

fn jobs(world: &World) -> usize {
    world.nodes().filter(|node| node.presence == Presence::Online && node.job.is_some()).count()
}

/// What must hold at every instant.
#[track_caller]
fn assert_consistent(world: &World) {
    let mut held: Vec<usize> = world.nodes.iter().flat_map(|node| node.held.iter().copied()).collect();
    held.sort_unstable();
    let delegated: Vec<usize> =
        (0..world.items.len()).filter(|item| world.items[*item].state == ItemState::Delegated).collect();
    assert_eq!(held, delegated, "what is delegated is held, once");
    for node in &world.nodes {
        for item in &node.held {
            assert_eq!(world.items[*item].assigned_to, Some(node.index));
            assert!(world.items[*item].assigned_at.is_some_and(|at| at <= world.now));
        }
        if let Some(job) = &node.job {
            assert_eq!(node.held.first(), Some(&job.item), "the first item is built first");
            assert!(job.started_at <= world.now);
        }
        assert!(node.held.len() <= node.machine.holds());
        assert!(node.last_seen(world.now) <= world.now);
    }
    for (index, item) in world.items.iter().enumerate() {
        assert_eq!(world.open.contains(&index), item.state != ItemState::Received);
        assert_eq!(item.completed_at.is_some(), item.state == ItemState::Received);
        assert!(item.completed_at.is_none_or(|at| at <= world.now));
    }
    let newest = world.builds.last().unwrap();
    assert!(newest.built_at <= world.now);
}

#[test]
fn the_same_seed_leads_to_the_same_world_however_it_is_stepped() {
    let mut in_one_step = World::new(11, START);
    let mut in_many = World::new(11, START);
    in_one_step.advance_to(START + 20.0 * HOUR);
    let mut now = START;
    while now < START + 20.0 * HOUR {
        now += 97.3;
        in_many.advance_to(now.min(START + 20.0 * HOUR));
    }
    assert_eq!(format!("{in_one_step:?}"), format!("{in_many:?}"));
    assert_ne!(format!("{in_one_step:?}"), format!("{:?}", World::new(12, START)));
}

#[test]
fn an_instant_in_the_past_changes_nothing() {
    let mut world = World::new(3, START);
    let before = format!("{world:?}");
    world.advance_to(START - 100.0);
    assert_eq!(format!("{world:?}"), before);
}

#[test]
fn every_world_starts_in_full_swing() {
    for seed in 0..12 {
        for speed in [1.0, 20.0, 300.0] {
            let world = World::with_speed(seed, START, speed);
            let label = format!("seed {seed}, speed {speed}");
            assert_consistent(&world);
            assert_eq!(world.now(), START, "{label}");
            assert_eq!(world.nodes().count(), 6, "{label}");
            assert_eq!(world.nodes().filter(|node| !node.online()).count(), 1, "{label}");
            assert!((3..=5).contains(&jobs(&world)), "{label}: {} builds", jobs(&world));
            assert!((30..=62).contains(&needed(&world)), "{label}: {} waiting", needed(&world));
            let blocked = world.count(is_blocked);
            assert!((1..=2).contains(&blocked), "{label}: {blocked} blocked");
            assert!((250..2_000).contains(&world.builds().len()), "{label}: {}", world.builds().len());
            assert!(world.active_session().is_some() && !world.paused(), "{label}");
            assert!(world.builds()[0].built_at < START - 48.0 * HOUR, "{label}");
        }
    }
}

#[test]
fn a_retired_machine_left_rows_with_the_start_of_its_id() {
    for seed in 0..10 {
        let world = World::new(seed, START);
        let retired = MACHINES.iter().find(|machine| machine.retired).unwrap();
        assert!(world.nodes().all(|node| node.machine != retired));
        let names: HashSet<&str> = world.builds().iter().map(|build| build.drone_name).collect();
        assert!(names.contains(retired.id_prefix()), "seed {seed}");
    }
}

#[test]
fn two_days_show_everything_that_can_happen() {
    for seed in [1, 2, 3] {
        let mut world = World::new(seed, START);
        let old = world.builds().len();
        let sessions = world.sessions().len();
        let (mut paused, mut offline, mut silent, mut grounded, mut dependency) = (0, 0, 0, 0, 0);
        let (mut empty, mut refilled, mut retried, mut swept) = (false, false, false, false);
        let mut now = START;
        while now < START + 48.0 * HOUR {
            now += 30.0;
            world.advance_to(now);
            assert_consistent(&world);
            paused += usize::from(world.paused());
            for node in world.nodes() {
                offline += usize::from(!node.online());
                silent += usize::from(matches!(node.presence, Presence::Silent { .. }));
                let health = node.health.as_ref();
                grounded += usize::from(health.is_some_and(|health| health.grounded_until.is_some()));
                let other = node.job.as_ref().is_some_and(|job| {
                    node.current_task(world.items(), now) != Some(world.item(job.item).package.as_str())
                });
                dependency += usize::from(other);
                swept |= node.machine.role == Role::Sweeper && node.job.is_some();
            }
            let open = needed(&world) + world.count(|state| *state == ItemState::Delegated);
            empty |= open == 0;
            refilled |= empty && open > 20;
            retried |= world.items().iter().any(|item| {
                let swept = item.assigned_to.is_some_and(|machine| MACHINES[machine].role == Role::Sweeper);
                let open = matches!(item.state, ItemState::Needed | ItemState::Delegated);
                open && !swept && item.error_message.starts_with("Failed on")
            });
        }
        let seen: HashSet<BuildStatus> = world.builds()[old..].iter().map(|build| build.status).collect();
        for status in BuildStatus::ALL {
            assert!(seen.contains(&status), "seed {seed}: no build {}", status.word());
        }
        assert!(paused > 0 && offline > 0 && silent > 0, "seed {seed}: {paused} {offline} {silent}");
        assert!(dependency > 0 && grounded > 0, "seed {seed}: {dependency} {grounded}");
        assert!(empty && refilled && retried && swept, "seed {seed}: {empty} {refilled} {retried} {swept}");
        assert!(world.sessions().len() > sessions + 3, "seed {seed}");
    }
}

#[test]
fn a_months_worth_of_work_never_gets_stuck() {
    let mut world = World::with_speed(5, START, 500.0);
    let sessions = world.sessions().len();
    world.advance_to(START + 30.0 * 24.0 * HOUR / 500.0);
    assert_consistent(&world);
    assert!(world.sessions().len() > sessions + 50, "{}", world.sessions().len());
}

#[test]
fn at_speed_x_durations_shrink_and_instants_stay_in_the_past() {
    let median = |world: &World| {
        let mut seconds: Vec<f64> = world
            .builds()
            .iter()
            .filter(|build| build.status == BuildStatus::Success)
            .map(|build| build.duration)
            .collect();
        seconds.sort_unstable_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    };
    let real = median(&World::new(4, START));
    let fast = median(&World::with_speed(4, START, 20.0));
    assert!((60.0..400.0).contains(&real), "{real}");
    assert!((10.0..40.0).contains(&(real / fast)), "{real} {fast}");
}

#[test]
fn a_silent_machine_is_a_ghost_for_75_seconds() {
    let mut world = World::new(6, START);
    let node = world.nodes().find(|node| node.held.len() > 1).unwrap();
    let (host, index, held) = (node.machine.host, node.index, node.held.clone());
    let task = node.current_task(world.items(), START).unwrap().to_owned();
    assert!(world.silence(host));
    assert!(!world.silence(host), "it is silent already");
    world.advance_to(START + 50.0);
    assert!(world.nodes[index].online() && world.nodes[index].held == held);
    world.advance_to(START + 65.0);
    assert!(!world.nodes[index].online() && world.nodes[index].held == held);
    world.advance_to(START + 76.0);
    let node = &world.nodes[index];
    assert!(node.held.is_empty() && node.last_seen(world.now) <= START);
    assert_eq!(node.current_task(&world.items, world.now), Some(task.as_str()));
    assert!(world.bring_back(host));
    assert_consistent(&world);
    assert!(world.nodes[index].job.is_some(), "it is given work at once");
}

#[test]
fn the_verbs_do_what_they_say() {
    let mut world = World::new(8, START);
    let name = "dr-meridian-host";
    assert!(world.take_offline(name) && !world.take_offline(name));
    assert!(world.nodes().any(|node| node.machine.short_host() == name && !node.online()));
    assert!(world.bring_back(name) && !world.bring_back(name));
    assert!(world.ground(name));
    assert!(world.nodes().any(|node| node.machine.short_host() == name && !node.able(START)));
    assert!(world.pause() && !world.pause());
    assert!(world.nodes().filter(|node| node.online()).all(|node| node.held.len() <= 1));
    assert!(world.resume() && !world.resume());
    assert!(!world.take_offline("nobody") && !world.remove("nobody") && !world.ground("nobody"));

    let builds = world.builds().len();
    let package = world.finish_one().unwrap();
    let build = world.builds().last().unwrap();
    assert_eq!((build.package.as_str(), build.status), (package.as_str(), BuildStatus::Success));
    world.end_one(BuildStatus::MissingBinary).unwrap();
    assert_eq!(world.builds().last().unwrap().status, BuildStatus::MissingBinary);
    assert_eq!(world.builds().len(), builds + 2);

    assert!(world.remove(name) && !world.remove(name));
    let index = MACHINES.iter().position(|machine| machine.short_host() == name).unwrap();
    assert_eq!(world.drone_name(index), MACHINES[index].id_prefix());
    let before = needed(&world);
    world.add_work(5);
    assert!(needed(&world) > before);
    assert_consistent(&world);
    world.finish_everything();
    assert!(world.active_session().is_none() && needed(&world) == 0 && jobs(&world) == 0);
    assert_consistent(&world);
    world.add_work(5);
    assert!(world.active_session().is_some() && jobs(&world) > 0);
}

#[test]
fn no_sequence_of_verbs_breaks_the_world() {
    let mut dice = Dice::new(77);
    for seed in 0..6 {
        let mut world = World::new(seed, START);
        for _ in 0..300 {
            world.advance_to(world.now() + dice.between(0.0, 400.0));
            let name = MACHINES[dice.below(MACHINES.len())].host;
            match dice.below(12) {
                0 => drop(world.pause()),
                1..=2 => drop(world.resume()),
                3 => drop(world.silence(name)),
                4 => drop(world.take_offline(name)),
                5..=6 => drop(world.bring_back(name)),
                7 => drop(world.ground(name)),
                8 => drop(world.end_one(BuildStatus::ALL[dice.below(BuildStatus::ALL.len())])),
                9 => world.add_work(dice.below(10)),
                10 if dice.chance(0.1) => drop(world.remove(name)),
                11 if dice.chance(0.1) => world.finish_everything(),
                _ => {}
            }
            assert_consistent(&world);
        }
    }
}

#[test]
fn every_error_text_names_something_internal() {
    let world = World::new(9, START);
    let internal = world.internal_strings();
    for build in world.builds() {
        assert_eq!(build.error_message.is_none(), build.status == BuildStatus::Success);
        if let Some(text) = &build.error_message {
            assert!(internal.iter().any(|name| text.contains(name.as_str())), "{text}");
        }
    }
    assert!(world.sessions().iter().all(|session| internal.contains(&session.name)));
}

#[test]
fn the_machines_stand_in_two_galaxies_and_have_names_of_their_own() {
    assert_eq!(MACHINES.iter().filter(|m| m.role == Role::Drone && !m.retired).count(), 5);
    assert_eq!(MACHINES.iter().filter(|m| m.role == Role::Sweeper).count(), 1);
    let names: HashSet<&str> =
        MACHINES.iter().flat_map(|m| [m.host, m.address, m.id, m.id_prefix()]).collect();
    assert_eq!(names.len(), MACHINES.len() * 4);
    for machine in &MACHINES {
        assert!(GALAXIES.iter().any(|galaxy| galaxy.name == machine.galaxy));
        assert_eq!((machine.id.len(), machine.id_prefix().len()), (36, 12));
    }
}

#[test]
fn no_package_of_the_catalogue_is_internal() {
    let internal = World::new(1, START).internal_strings();
    for package in &CATALOGUE {
        let atom = package.atom(1);
        assert!(internal.iter().all(|name| !atom.contains(name.as_str())), "{atom}");
    }
}
