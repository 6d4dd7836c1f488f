//! Machines that share what identifies machines.

use super::super::tests::{directory, name, star};
use super::*;
use crate::{
    config::{Star, Unknown},
    directory::{NameKind, NameStatus},
};

const ID_A: &str = "00000001-aaaa-bbbb-cccc-000000000001";
const ID_B: &str = "00000002-aaaa-bbbb-cccc-000000000002";

/// A target of Prometheus, with the name of the node if it answers.
fn target<'a>(instance: &'a str, node: Option<&'a str>) -> Record<'a> {
    Record {
        id: None,
        names: node.into_iter().collect(),
        addresses: vec![instance],
        endpoint: Some(instance),
    }
}

fn see(directory: &mut Directory, records: &[Record<'_>]) -> Vec<Option<SubjectId>> {
    let machines = directory.observe(records, "prometheus", 1);
    let found: Vec<_> = records.iter().map(|record| directory.whose(record)).collect();
    assert_eq!(found, machines, "what was taken in is found again");
    machines
}

/// How much the directory holds.
fn size(directory: &Directory) -> [usize; 5] {
    let sightings = directory.subjects.iter().chain([&directory.unplaced]).map(|s| s.sightings.len());
    [
        directory.subjects.len(),
        directory.subjects.iter().map(|subject| subject.keys.len()).sum(),
        sightings.sum(),
        directory.ambiguous.len(),
        directory.observed.len(),
    ]
}

#[test]
fn exporters_that_share_address_and_node_name_are_two_by_their_ports() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let records = [target("127.0.0.1:9100", Some("farm")), target("127.0.0.1:9101", Some("farm"))];
    let machines = see(&mut directory, &records);
    let names: Vec<_> = machines.iter().map(|id| directory.name(id.unwrap()).unwrap()).collect();
    assert_ne!(names[0], names[1]);
    let before = size(&directory);
    for _ in 0..10 {
        assert_eq!(see(&mut directory, &records), machines);
    }
    assert_eq!(size(&directory), before);
}

#[test]
fn exporters_that_share_an_address_are_told_apart_by_their_node_names_even_when_they_are_down() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let up = [target("10.42.0.1:9100", Some("izar")), target("10.42.0.1:9101", Some("tarn"))];
    let machines = see(&mut directory, &up);
    assert_ne!(machines[0], machines[1]);
    assert_eq!(directory.resolve("tarn", "gateway", 1), machines[1], "the node name joins");
    let half = [target("10.42.0.1:9100", Some("izar")), target("10.42.0.1:9101", None)];
    assert_eq!(see(&mut directory, &half), machines);
    assert_eq!(directory.galaxy(machines[1].unwrap()), Some(name("Milky Way")), "the network is shared too");
}

#[test]
fn an_exporter_that_was_down_at_first_keeps_its_name_when_it_says_who_it_is() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let down = see(&mut directory, &[target("10.42.0.1:9100", None), target("10.42.0.1:9101", None)]);
    let names: Vec<_> = down.iter().map(|id| directory.name(id.unwrap())).collect();
    let up = [target("10.42.0.1:9100", Some("izar")), target("10.42.0.1:9101", Some("tarn"))];
    let up = see(&mut directory, &up);
    assert_eq!(up.iter().map(|id| directory.name(id.unwrap())).collect::<Vec<_>>(), names);
}

#[test]
fn a_port_behind_which_another_node_answers_leads_to_the_other_node() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let first = [target("10.42.0.1:1", Some("izar")), target("10.42.0.1:2", Some("tarn"))];
    let first = see(&mut directory, &first);
    let second = [target("10.42.0.1:1", Some("vega-host")), target("10.42.0.1:2", Some("tarn"))];
    let second = see(&mut directory, &second);
    assert!(second[0] != first[0] && second[1] == first[1]);
    assert_eq!(directory.resolve("izar", "gateway", 1), first[0], "who was there before is who it was");
}

#[test]
fn what_shares_a_drones_names_is_never_joined_with_the_drone() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let drone = Record { id: Some(ID_A), names: vec!["izar"], addresses: vec!["10.42.0.1"], endpoint: None };
    let drones = directory.observe(&[drone], "gateway", 1);
    let one = see(&mut directory, &[target("10.42.0.1:1", Some("izar")), target("10.42.0.1:2", None)]);
    assert_eq!(one[0], drones[0], "its node name is its own");
    let both = [target("10.42.0.1:1", Some("izar")), target("10.42.0.1:2", Some("izar"))];
    for records in [&both[..], &[target("10.42.0.1:1", None), target("10.42.0.1:2", None)]] {
        let machines = see(&mut directory, records);
        assert!(!machines.contains(&drones[0]) && machines[0] != machines[1], "{machines:?}");
    }
    assert_eq!(directory.resolve(ID_A, "gateway", 1), drones[0]);
}

#[test]
fn a_star_may_claim_a_port_of_a_shared_address() {
    let claim = |public, text: &str| Star {
        aliases: vec![Alias::endpoint_with_port(text).unwrap()],
        ..star(public, &[])
    };
    let stars = vec![claim("Izar", "127.0.0.1:9100"), claim("Tarn", "127.0.0.1:9101")];
    let mut directory = directory(Unknown::Drop, stars);
    for node in [Some("farm"), None] {
        let machines = see(&mut directory, &[target("127.0.0.1:9100", node), target("127.0.0.1:9101", node)]);
        let names: Vec<_> = machines.iter().map(|id| directory.name(id.unwrap())).collect();
        assert_eq!(names, [Some(name("Izar")), Some(name("Tarn"))]);
    }
}

#[test]
fn records_that_nothing_tells_apart_are_nobody_and_are_reported_once() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let twin = || Record { names: vec!["twin"], ..Record::default() };
    for _ in 0..3 {
        assert_eq!(see(&mut directory, &[twin(), twin()]), [None, None]);
    }
    assert!(directory.subjects.is_empty());
    let report = directory.report();
    assert_eq!(report.len(), 1);
    assert_eq!((report[0].kind, report[0].status), (NameKind::Machines, NameStatus::Ambiguous));
}

#[test]
fn a_record_without_an_id_never_makes_one_of_two_machines_that_have_ids() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let drones = [(ID_A, "izar", "10.42.0.1"), (ID_B, "tarn", "10.42.0.2")];
    let drones = drones.map(|(id, name, address)| Record {
        id: Some(id),
        names: vec![name],
        addresses: vec![address],
        endpoint: None,
    });
    let [izar, tarn] = [0, 1].map(|n| directory.observe(&drones, "gateway", 1)[n]);
    assert_eq!(
        see(&mut directory, &[target("10.42.0.2:9100", Some("izar"))]),
        [izar],
        "the name is stronger"
    );
    assert_eq!(directory.resolve("10.42.0.2", "gateway", 1), tarn);
    assert_eq!(directory.observe(&drones, "gateway", 1), [izar, tarn]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// A record out of few words, so that records share what they can.
    #[derive(Debug, Clone)]
    struct Words {
        id: Option<&'static str>,
        names: Vec<&'static str>,
        address: Option<&'static str>,
        endpoint: Option<&'static str>,
    }

    impl Words {
        fn record(&self) -> Record<'_> {
            Record {
                id: self.id,
                names: self.names.clone(),
                addresses: self.address.into_iter().chain(self.endpoint).collect(),
                endpoint: self.endpoint,
            }
        }
    }

    fn words() -> impl Strategy<Value = Words> {
        let id = proptest::option::weighted(0.3, prop::sample::select(vec![ID_A, ID_B, "00000001-aaa"]));
        let names = prop::sample::select(vec!["izar", "izar.lan", "tarn", "sirius", "00000001-aaa"]);
        let names = prop::collection::vec(names, 0..3);
        let address = proptest::option::of(prop::sample::select(vec!["10.42.0.1", "10.42.0.2", "fd7a::7"]));
        let endpoint =
            prop::sample::select(vec!["10.42.0.1:1", "10.42.0.1:2", "10.42.0.2:1", "izar:1", "izar:2"]);
        let endpoint = proptest::option::of(endpoint);
        (id, names, address, endpoint).prop_map(|(id, names, address, endpoint)| Words {
            id,
            names,
            address,
            endpoint,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn a_report_makes_at_most_a_machine_a_record_and_none_when_it_is_repeated(
            reports in prop::collection::vec(prop::collection::vec(words(), 0..6), 1..4)
        ) {
            let stars = vec![star("Deneb", &["tarn"])];
            let mut directory = directory(Unknown::Pseudonym, stars);
            for report in &reports {
                let records: Vec<Record<'_>> = report.iter().map(Words::record).collect();
                let n_before = directory.subjects.len();
                directory.observe(&records, "prometheus", 1);
                prop_assert!(directory.subjects.len() <= n_before + records.len());
                // A later record of the report may have taught what an earlier one could not know.
                directory.observe(&records, "prometheus", 1);
                let before = (size(&directory), directory.generation());
                let machines = directory.observe(&records, "prometheus", 2);
                prop_assert_eq!((size(&directory), directory.generation()), before);
                for (record, machine) in records.iter().zip(machines) {
                    prop_assert!(machine.is_none() || directory.whose(record).is_some());
                }
            }
        }
    }
}
