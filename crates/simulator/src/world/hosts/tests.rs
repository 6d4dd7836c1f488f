//! The hosts over time.

use std::collections::HashSet;

use super::*;
use crate::world::HOUR;
use crate::world::machines::GALAXIES;

const START: f64 = 1_795_431_300.0;

fn host(world: &World, nodename: &str) -> Host {
    world.hosts().into_iter().find(|host| host.nodename() == nodename).unwrap()
}

#[test]
fn every_machine_of_the_farm_and_every_station_is_a_host() {
    let mut world = World::new(1, START);
    let hosts = world.hosts();
    assert_eq!(hosts.len(), 9);
    let numbers: HashSet<usize> = hosts.iter().map(|host| host.number).collect();
    let instances: HashSet<&str> = hosts.iter().map(|host| host.instance.as_str()).collect();
    assert_eq!((numbers.len(), instances.len()), (9, 9));
    assert!(hosts.iter().any(|host| host.instance.starts_with(&host.address)));
    assert!(hosts.iter().any(|host| host.instance.starts_with(&host.host)));
    for station in world.stations() {
        assert!(GALAXIES.iter().any(|galaxy| galaxy.name == station.galaxy));
    }
    world.remove("tau-host");
    assert!(world.hosts().iter().all(|host| host.nodename() != "tau-host"));
}

#[test]
fn counters_never_run_backwards_while_a_host_is_up() {
    let mut world = World::new(3, START);
    for step in 0..400 {
        world.advance_to(START + f64::from(step) * 90.0);
        let now = world.now();
        for host in world.hosts().iter().filter(|host| host.up(now) && host.up(now - 60.0)) {
            if host.booted_at(now) > now - 60.0 {
                continue;
            }
            let (before, after) = (host.core_seconds(0, now - 60.0), host.core_seconds(0, now));
            for ((mode, before), (_, after)) in before.into_iter().zip(after) {
                assert!((-1e-6..=60.001).contains(&(after - before)), "{} {mode}", host.host);
            }
            let pairs = host.traffic(now - 60.0).into_iter().zip(host.traffic(now));
            for (before, after) in pairs {
                assert!(after.received >= before.received && after.transmitted >= before.transmitted);
            }
        }
    }
}

#[test]
fn the_past_does_not_change_when_time_goes_on() {
    let mut world = World::new(5, START);
    let at = START - 1_000.0;
    let idle = |world: &World| -> Vec<f64> {
        world.hosts().iter().map(|host| (host.idle_seconds(at) * 1e3).round()).collect()
    };
    let before = idle(&world);
    world.advance_to(START + 6.0 * HOUR);
    assert_eq!(idle(&world), before);
}

#[test]
fn a_drone_is_busy_while_it_builds_and_a_station_in_its_hours() {
    let world = World::new(1, START);
    for node in world.nodes().filter(|node| node.online()) {
        let host = host(&world, node.machine.short_host());
        assert_eq!(host.cpu_share(START) > 0.5, node.job.is_some(), "{}", host.host);
        assert!((0.0..0.99).contains(&host.cpu_share(START)));
    }
    let services = host(&world, "altair-link");
    let midnight = START - START.rem_euclid(DAY);
    let average = |hour: f64| {
        let from = midnight - DAY + hour * HOUR;
        1.0 - (services.idle_seconds(from + HOUR) - services.idle_seconds(from)) / HOUR
    };
    assert!(average(18.5) > average(6.5) + 0.2);
}

#[test]
fn a_day_has_idle_and_busy_hours() {
    let world = World::new(2, START);
    let drone = host(&world, "drone-izar-host");
    let shares: Vec<f64> = (0..48).map(|step| drone.cpu_share(START - f64::from(step) * 1_800.0)).collect();
    assert!(shares.iter().any(|share| *share < 0.1) && shares.iter().any(|share| *share > 0.8));
}

#[test]
fn a_machine_that_was_away_was_switched_off() {
    let mut world = World::new(8, START);
    let name = "dr-meridian-host";
    let booted_at = host(&world, name).booted_at(START);
    world.silence(name);
    world.advance_to(START + 600.0);
    let away = host(&world, name);
    assert!(!away.up(START + 600.0) && away.up(START - 10.0));
    assert!(away.away_since(START + 600.0).is_some_and(|since| since <= START));
    world.bring_back(name);
    world.advance_to(START + 700.0);
    let back = host(&world, name);
    assert!(back.up(START + 700.0) && !back.up(START + 300.0));
    assert_eq!(back.booted_at(START + 700.0), START + 600.0);
    assert_eq!(back.booted_at(START - 10.0), booted_at);
    assert!(back.idle_seconds(START + 700.0) <= 101.0);
}

#[test]
fn stations_and_services_stop_and_start_by_hand() {
    let mut world = World::new(8, START);
    assert!(world.stop("vault-nas") && !world.stop("vault-nas"));
    assert!(!host(&world, "vault-nas").up(START));
    let works = |world: &World, instance: &str| {
        let services = world.services();
        services.iter().find(|watched| watched.service.instance == instance).unwrap().works(world.now())
    };
    assert!(!works(&world, "vault-nas.internal.lan:8096"), "it runs there");
    assert!(works(&world, "argus-watch.internal.lan:9090"));
    assert!(world.stop("argus-watch.internal.lan:9090"));
    assert!(!works(&world, "argus-watch.internal.lan:9090"));
    world.advance_to(START + 60.0);
    assert!(world.start("vault-nas.internal.lan") && !world.start("vault-nas"));
    assert!(works(&world, "vault-nas.internal.lan:8096"));
    assert!(world.forget_station("vault-nas") && !world.forget_station("vault-nas"));
    assert!(!world.stop("nobody") && !world.start("nobody"));
}

#[test]
fn the_farm_can_be_made_large() {
    let mut world = World::new(8, START);
    world.set_spare_stations(1_000);
    let instances: HashSet<String> = world.hosts().into_iter().map(|host| host.instance).collect();
    assert_eq!(instances.len(), 1_009);
    let internal = world.internal_strings();
    assert!(internal.iter().any(|name| name == "rack-unit-0999.internal.lan"));
    world.set_spare_stations(0);
    assert_eq!(world.hosts().len(), 9);
}

#[test]
fn loads_follow_the_work_and_the_shorter_ones_first() {
    let mut world = World::new(1, START);
    let name = world.nodes().find(|node| node.job.is_some()).unwrap().machine.short_host();
    world.finish_everything();
    let idle_from = world.now();
    world.advance_to(idle_from + 120.0);
    let drone = host(&world, name);
    let at = idle_from + 120.0;
    assert!(drone.load(at, 60.0) < drone.load(at, 900.0));
    assert!(drone.load(idle_from - 1.0, 900.0) > 0.5);
}

#[test]
fn disks_are_never_fuller_than_full() {
    for seed in 0..5 {
        let world = World::new(seed, START);
        for host in world.hosts() {
            for day in 0..4 {
                for disk in host.disks(START - f64::from(day) * 50_000.0) {
                    assert!(disk.available >= 0.0 && disk.available <= disk.free && disk.free <= disk.size);
                    assert!((0.0..=1.0).contains(&disk.used_share()), "{disk:?}");
                    assert_eq!(disk.size % 4_096.0, 0.0);
                }
            }
        }
        let mounts = |name: &str| host(&world, name).disks(START);
        let tau = mounts("tau-host");
        let same: Vec<_> = tau.iter().filter(|disk| disk.device == "/dev/mapper/vg0-home").collect();
        assert_eq!(same.len(), 2);
        assert_eq!((same[0].size, same[0].free), (same[1].size, same[1].free));
        assert!(tau.iter().any(super::disks::Disk::is_pseudo));
        assert!(mounts("vault-nas").iter().any(|disk| disk.used_share() > 0.95));
    }
}

#[test]
fn memory_grows_while_a_build_lasts_and_always_leaves_some() {
    let world = World::new(1, START);
    for host in world.hosts() {
        for step in 0..200 {
            let available = host.memory_available(START - f64::from(step) * 700.0);
            assert!(available > 0.0 && available < host.memory_bytes);
        }
    }
    let storage = host(&world, "vault-nas");
    assert!(storage.memory_available(START) / storage.memory_bytes < 0.13);
}
