//! What badges say of the documented worlds, and that they can be read.

use snapshot::{
    section::Section,
    testing::{self, edit},
};

use super::*;

fn said(name: BadgeName, snapshot: &Snapshot, now: &str) -> Option<(String, Level)> {
    Badge::of(name, snapshot, testing::now(now)).map(|badge| (badge.message, badge.level))
}

#[track_caller]
fn check(name: BadgeName, snapshot: &Snapshot, expected: Option<(&str, Level)>) {
    let expected = expected.map(|(message, level)| (message.to_owned(), level));
    assert_eq!(said(name, snapshot, testing::NOW), expected, "{name:?}");
}

#[test]
fn badges_say_how_things_are() {
    let farm = testing::example_infrastructure();
    check(BadgeName::Status, &farm, Some(("2 building", Level::Note)));
    check(BadgeName::Queue, &farm, Some(("2 building, 9 waiting", Level::Ok)));
    check(BadgeName::Drones, &farm, Some(("3/4 online", Level::Note)));
    check(BadgeName::Builds, &farm, Some(("139 built, 3 failed", Level::Ok)));
    check(BadgeName::Hosts, &farm, Some(("1/2 up", Level::Warning)));
    check(BadgeName::Services, &farm, Some(("2/3 up", Level::Note)));
    let swarm = testing::example();
    check(BadgeName::Hosts, &swarm, None);
    check(BadgeName::Services, &swarm, None);
}

#[test]
fn what_is_old_says_as_of_when_and_what_is_unknown_says_so() {
    let dead = testing::orchestrator_dead();
    check(BadgeName::Status, &dead, Some(("silent since 14:02 UTC", Level::Critical)));
    check(BadgeName::Queue, &dead, Some(("2 building, 9 waiting, as of 14:02 UTC", Level::Unknown)));
    check(BadgeName::Drones, &dead, Some(("3/4 online", Level::Note)));
    let queue = said(BadgeName::Queue, &dead, "2026-02-24T00:00:01Z");
    assert_eq!(queue.unwrap().0, "2 building, 9 waiting, as of 23 Feb 14:02 UTC");
    let started = testing::started();
    check(BadgeName::Status, &started, Some(("starting", Level::Unknown)));
    for name in [BadgeName::Queue, BadgeName::Drones, BadgeName::Builds] {
        check(name, &started, Some(("unknown", Level::Unknown)));
    }
}

#[test]
fn a_drone_has_a_badge_that_grows_old_with_its_source() {
    let farm = testing::example();
    let of = |name: &str, now: &str| {
        let drones = &farm.fleet.get().unwrap().drones;
        let drone = drones.iter().find(|drone| drone.name.same(name)).unwrap();
        Badge::of_drone(drone, &farm, testing::now(now)).message
    };
    assert_eq!(of("Izar", testing::NOW), "building llvm-core/llvm-19.1.7");
    assert_eq!(of("Capella", testing::NOW), "idle");
    assert_eq!(of("Tarn", testing::NOW), "offline since 03:12 UTC");
    assert_eq!(of("Capella", "2026-02-23T14:31:00Z"), "idle, as of 14:29 UTC");
}

#[test]
fn an_empty_queue_is_empty() {
    let mut farm = testing::example();
    edit(&mut farm.queue, |queue| {
        let counts = &mut queue.counts;
        (counts.pending, counts.building, counts.assigned) = (Some(0), Some(0), Some(0));
        queue.building.clear();
        queue.pending.clear();
    });
    check(BadgeName::Queue, &farm, Some(("empty", Level::Ok)));
    farm.queue = Section::empty();
    check(BadgeName::Queue, &farm, Some(("unknown", Level::Unknown)));
}

/// The contrast of white with a colour, as WCAG counts it.
fn contrast(color: &str) -> f64 {
    let channel = |idx: usize| {
        let value = f64::from(u8::from_str_radix(&color[idx..idx + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    1.05 / (luminance + 0.05)
}

#[test]
fn white_letters_can_be_read_on_every_colour() {
    for level in [Level::Ok, Level::Note, Level::Warning, Level::Critical, Level::Unknown] {
        assert!(contrast(color(level)) >= 4.5, "{level:?}");
    }
    assert!(contrast("#373e47") >= 4.5);
}
