//! No sentence is longer than 140 characters.

use super::*;
use crate::{
    fleet::{Drone, Fleet},
    notice::{Beside, notices},
    queue::ItemState,
    testing::{name, package},
};

const LONGEST: usize = 140;

/// Two hundred drones with the longest names, the longest packages, and large counts.
fn stretch(snapshot: &mut Snapshot) {
    let long_name = |n: usize| name(&format!("{:m<37}{n:03}", "Star"));
    let long_package = package(&format!("dev-haskell/{}-1.2.3", "a".repeat(46)));
    edit(&mut snapshot.fleet, |fleet| {
        let drones = fleet.drones.iter().cycle().take(200).enumerate();
        let drones = drones.map(|(n, drone)| Drone { name: long_name(n), ..drone.clone() }).collect();
        *fleet = Fleet { drones };
    });
    edit(&mut snapshot.queue, |queue| {
        for item in queue.building.iter_mut().chain(&mut queue.blocked) {
            item.package = Some(long_package.clone());
            item.drone = Some(long_name(999));
        }
        let first = queue.building.first().cloned();
        for (state, n) in [(ItemState::Building, 1), (ItemState::Stalled, 2)] {
            queue.building.extend(first.iter().cycle().take(n).cloned().map(|mut item| {
                item.state = state;
                item.started_at = Some(at("2026-02-20T00:00:00Z"));
                item
            }));
        }
        let counts = &mut queue.counts;
        for count in [&mut counts.pending, &mut counts.building, &mut counts.blocked, &mut counts.failed] {
            if *count > Some(0) {
                *count = Some(1_234_567);
            }
        }
    });
}

#[test]
fn the_longest_names_and_counts_still_fit() {
    // On another year's day every instant is named with its date.
    let other_year = at("2027-12-31T23:59:59Z");
    for code in ALL {
        let mut snapshot = world(code);
        stretch(&mut snapshot);
        let now = now(NOW);
        let verdict = verdict(&snapshot, now);
        assert_eq!(verdict.code, code);
        let notices = notices(&snapshot, &SourceName::ALL, Beside::Nothing, now);
        let notices = notices.into_iter().map(|notice| notice.text);
        for sentence in [verdict.text].into_iter().chain(verdict.notes).chain(notices) {
            let plain = sentence.plain(other_year);
            assert!(plain.chars().count() <= LONGEST, "{} characters: {plain}", plain.chars().count());
        }
    }
}
