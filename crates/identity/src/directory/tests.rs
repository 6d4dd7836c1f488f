//! The directory, tried with friendly and hostile names.

use super::*;
use crate::{config::Galaxy, pseudonym::Key};

pub(super) fn name(text: &str) -> PublicName {
    PublicName::new(text).unwrap()
}

pub(super) fn star(public: &str, aliases: &[&str]) -> Star {
    let aliases = aliases.iter().map(|a| Alias::parse(a).unwrap()).collect();
    Star { name: name(public), aliases, galaxy: None, role: None, optional: false }
}

pub(super) fn directory(unknown: Unknown, stars: Vec<Star>) -> Directory {
    let galaxies = vec![Galaxy { name: name("Milky Way"), networks: vec!["10.42.0.0/24".parse().unwrap()] }];
    let config = Config::new(unknown, vec!["acme-tools".to_owned()], vec![], galaxies, stars).unwrap();
    Directory::new(config, Pseudonyms::new(Key::new([3; 32]), []))
}

fn record<'a>(id: &'a str, name: &'a str, address: &'a str) -> Record<'a> {
    Record { id: Some(id), names: vec![name], addresses: vec![address], endpoint: None }
}

const ID_A: &str = "00000001-aaaa-bbbb-cccc-000000000001";
const ID_B: &str = "00000002-aaaa-bbbb-cccc-000000000002";

#[test]
fn one_record_ties_its_identifiers_together() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let machine = directory.observe(&[record(ID_A, "drone-izar", "10.42.0.203")], "gateway", 1)[0].unwrap();
    for reference in ["Drone-Izar", "drone-izar.internal.lan", "10.42.0.203:9100", ID_A, "00000001-aaa"] {
        assert_eq!(directory.resolve(reference, "orchestrator", 2), Some(machine), "{reference}");
    }
    assert_eq!(directory.galaxy(machine), Some(name("Milky Way")));
}

#[test]
fn an_alias_on_two_records_joins_nothing_and_is_reported() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let overlay = "fd7a:115c:a1e0::7";
    let records = [
        Record { addresses: vec!["10.42.0.1", overlay], ..record(ID_A, "a-host", "") },
        Record { addresses: vec!["10.42.0.2", overlay], ..record(ID_B, "b-host", "") },
    ];
    let machines = directory.observe(&records, "gateway", 1);
    assert_ne!(machines[0], machines[1]);
    assert_eq!(directory.resolve(overlay, "prometheus", 1), None);
    let ambiguous: Vec<_> =
        directory.report().into_iter().filter(|e| e.status == NameStatus::Ambiguous).collect();
    assert_eq!(ambiguous.len(), 2);
    assert_eq!(ambiguous[0].internal, overlay);
}

#[test]
fn a_record_that_is_listed_twice_is_one() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let a = || record(ID_A, "a-host", "10.42.0.1");
    let moved = Record { addresses: vec!["10.42.0.9"], ..a() };
    let machines = directory.observe(&[a(), a(), moved], "gateway", 1);
    assert!(machines[0].is_some());
    assert!(machines.iter().all(|machine| *machine == machines[0]));
    assert!(directory.report().iter().all(|entry| entry.status != NameStatus::Ambiguous));
}

#[test]
fn an_address_that_moves_does_not_merge_two_machines() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let first = directory.observe(
        &[record(ID_A, "a-host", "10.42.0.1"), record(ID_B, "b-host", "10.42.0.2")],
        "gateway",
        1,
    );
    let second = directory.observe(&[record(ID_B, "b-host", "10.42.0.1")], "gateway", 2);
    assert_eq!(second[0], first[1]);
    assert_eq!(directory.resolve("10.42.0.1", "gateway", 2), first[1]);
    assert_eq!(directory.resolve("a-host", "gateway", 2), first[0]);
}

#[test]
fn a_name_seen_before_its_record_keeps_its_pseudonym() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let early = directory.resolve("drone-izar", "orchestrator", 1).unwrap();
    let pseudonym = directory.name(early).unwrap();
    let machine = directory.observe(&[record(ID_A, "drone-izar", "10.42.0.203")], "gateway", 2)[0].unwrap();
    assert_eq!(directory.name(machine), Some(pseudonym));
}

#[test]
fn a_star_claims_whatever_has_one_of_its_aliases() {
    let mut directory = directory(Unknown::Pseudonym, vec![star("Izar", &["10.42.0.203"])]);
    let early = directory.resolve("drone-izar", "orchestrator", 1).unwrap();
    assert_ne!(directory.name(early), Some(name("Izar")));
    directory.observe(&[record(ID_A, "drone-izar", "10.42.0.203")], "gateway", 2);
    let machine = directory.resolve("drone-izar", "orchestrator", 3).unwrap();
    assert_eq!(directory.name(machine), Some(name("Izar")));
}

#[test]
fn a_star_may_be_known_by_the_beginning_of_an_id() {
    let mut directory = directory(Unknown::Pseudonym, vec![star("Izar", &["00000001-aaa"])]);
    let machine = directory.observe(&[record(ID_A, "drone-izar", "10.42.0.203")], "gateway", 1)[0].unwrap();
    assert_eq!(directory.name(machine), Some(name("Izar")));
}

#[test]
fn the_beginning_of_an_unknown_id_is_nobody() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    assert_eq!(directory.resolve("00000009-aaa", "orchestrator", 1), None);
}

#[test]
fn dropped_machines_have_no_name() {
    let mut directory = directory(Unknown::Drop, vec![star("Izar", &["drone-izar"])]);
    let stranger = directory.resolve("drone-tarn", "gateway", 1).unwrap();
    assert_eq!(directory.name(stranger), None);
    let known = directory.resolve("drone-izar", "gateway", 1).unwrap();
    assert_eq!(directory.name(known), Some(name("Izar")));
}

#[test]
fn a_pseudonym_is_never_an_observed_name_or_an_alias() {
    let mut directory = directory(Unknown::Pseudonym, vec![star("Izar", &["vega"])]);
    for star in crate::stars::STARS.iter().skip(1) {
        directory.resolve(star, "gateway", 1);
    }
    let machine = directory.resolve("some-host", "gateway", 1).unwrap();
    let given = directory.name(machine).unwrap();
    let first = crate::stars::STARS[0];
    assert!(given.same(first) || given.as_str().ends_with(" 2"), "{given}");
}

#[test]
fn claiming_a_pseudonym_renames_it_and_forgets_nothing_else() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let records = [record(ID_A, "a-host", "10.42.0.1"), record(ID_B, "b-host", "10.42.0.2")];
    let machines = directory.observe(&records, "gateway", 1);
    let names: Vec<_> = machines.iter().map(|id| directory.name(id.unwrap()).unwrap()).collect();
    let config =
        Config::new(Unknown::Pseudonym, vec![], vec![], vec![], vec![star("Izar", &["a-host"])]).unwrap();
    let moved = directory.reconfigure(config);
    let a = directory.resolve(ID_A, "gateway", 2).unwrap();
    let b = directory.resolve(ID_B, "gateway", 2).unwrap();
    assert_eq!(directory.name(a), Some(name("Izar")));
    assert_eq!(directory.name(b), Some(names[1].clone()));
    assert_eq!(moved.machine(machines[0].unwrap()), Some(a));
    assert_eq!(moved.machine(machines[1].unwrap()), Some(b));
    assert_eq!(moved.name(&names[0]), Some(Some(&name("Izar"))));
    assert_eq!(moved.name(&names[1]), Some(Some(&names[1])));
    assert_eq!(moved.name(&name("Izar")), None, "nobody had it before");
}

#[test]
fn stars_that_exchange_their_names_are_followed() {
    let stars = |a: &str, b: &str| vec![star(a, &["a-host"]), star(b, &["b-host"])];
    let mut directory = directory(Unknown::Pseudonym, stars("Izar", "Tarn"));
    directory.observe(
        &[record(ID_A, "a-host", "10.42.0.1"), record(ID_B, "b-host", "10.42.0.2")],
        "gateway",
        1,
    );
    let swapped = Config::new(Unknown::Pseudonym, vec![], vec![], vec![], stars("Tarn", "Izar")).unwrap();
    let moved = directory.reconfigure(swapped);
    assert_eq!(moved.name(&name("Izar")), Some(Some(&name("Tarn"))));
    assert_eq!(moved.name(&name("Tarn")), Some(Some(&name("Izar"))));
}

#[test]
fn a_star_that_is_given_up_gets_a_pseudonym_and_one_that_is_dropped_has_none() {
    for (unknown, is_named) in [(Unknown::Pseudonym, true), (Unknown::Drop, false)] {
        let mut directory = directory(Unknown::Pseudonym, vec![star("Izar", &["a-host"])]);
        directory.observe(&[record(ID_A, "a-host", "10.42.0.1")], "gateway", 1);
        let moved = directory.reconfigure(Config::new(unknown, vec![], vec![], vec![], vec![]).unwrap());
        let became = moved.name(&name("Izar")).unwrap();
        assert_eq!(became.is_some(), is_named);
        assert_ne!(became, Some(&name("Izar")));
        // It is as internal as before.
        assert!(directory.guard().find("on a-host").is_some());
    }
}

#[test]
fn two_machines_that_one_star_claims_are_one_and_keep_what_was_seen_of_each() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let a = directory.resolve("a-host", "gateway", 5).unwrap();
    let b = directory.resolve("10.42.0.2.example", "prometheus", 7).unwrap();
    let names = [a, b].map(|machine| directory.name(machine).unwrap());
    let claimed = vec![star("Izar", &["a-host", "10.42.0.2.example"])];
    let moved =
        directory.reconfigure(Config::new(Unknown::Pseudonym, vec![], vec![], vec![], claimed).unwrap());
    assert_eq!(moved.machine(a), moved.machine(b));
    for old in &names {
        assert_eq!(moved.name(old), Some(Some(&name("Izar"))));
    }
    let seen: Vec<_> = directory.report().into_iter().map(|entry| (entry.origin, entry.first_seen)).collect();
    assert_eq!(seen, [("gateway", 5), ("prometheus", 7)]);
}

#[test]
fn a_row_about_the_past_ties_an_unknown_id_to_its_name() {
    let mut directory = directory(Unknown::Pseudonym, vec![star("Izar", &["drone-izar"])]);
    directory.tie(ID_A, "drone-izar", "orchestrator", 1);
    directory.tie(ID_B, "drone-tarn", "orchestrator", 1);
    let izar = directory.resolve("00000001-aaa", "orchestrator", 2).unwrap();
    assert_eq!(directory.name(izar), Some(name("Izar")));
    let tarn = directory.resolve("drone-tarn", "orchestrator", 2);
    assert_eq!(directory.resolve("00000002-aaa", "orchestrator", 2), tarn);
}

#[test]
fn a_star_that_is_known_by_its_id_alone_gets_the_name_beside_it() {
    let mut directory = directory(Unknown::Pseudonym, vec![star("Izar", &["00000001-aaa"])]);
    directory.tie(ID_A, "drone-izar", "orchestrator", 1);
    let generation = directory.generation();
    directory.tie(ID_A, "drone-izar", "orchestrator", 2);
    assert_eq!(directory.generation(), generation);
    let machine = directory.resolve("drone-izar", "orchestrator", 2).unwrap();
    assert_eq!(directory.name(machine), Some(name("Izar")));
}

#[test]
fn two_ids_that_had_one_name_do_not_take_it_from_each_other() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let current = directory.observe(&[record(ID_A, "drone-izar", "10.42.0.203")], "gateway", 1)[0].unwrap();
    directory.tie(ID_B, "drone-izar", "orchestrator", 1);
    let generation = directory.generation();
    for at in 2..5 {
        directory.tie(ID_B, "drone-izar", "orchestrator", at);
        directory.tie(ID_A, "drone-izar", "orchestrator", at);
    }
    assert_eq!(directory.generation(), generation);
    assert_eq!(directory.resolve("drone-izar", "orchestrator", 5), Some(current));
    assert_ne!(directory.resolve(ID_B, "orchestrator", 5), Some(current));
}

#[test]
fn a_name_in_an_old_row_is_not_older_than_it_was() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    directory.resolve("drone-izar", "gateway", 100);
    directory.resolve("drone-izar", "gateway", 50);
    assert_eq!(directory.report()[0].last_seen, 100);
}

#[test]
fn an_id_is_found_by_its_beginning_and_a_beginning_by_its_id() {
    let mut directory = directory(Unknown::Pseudonym, vec![star("Izar", &["00000001-aaaa"])]);
    let b = directory.observe(&[record(ID_B, "drone-tarn", "10.42.0.2")], "gateway", 1)[0].unwrap();
    assert_eq!(directory.resolve("00000002-aaaa", "gateway", 1), Some(b));
    assert_eq!(directory.resolve("00000002-aaab", "gateway", 1), None);
    let a = directory.resolve(ID_A, "gateway", 1).unwrap();
    assert_eq!(directory.name(a), Some(name("Izar")));
    // What could be either of two is neither.
    directory.observe(&[record("00000002-aaaa-bbbb-cccc-0000000000ff", "x-host", "10.42.0.3")], "gateway", 1);
    assert_eq!(directory.resolve("00000002-aaaa", "gateway", 1), None);
}

#[test]
fn a_pseudonym_that_a_merge_gave_up_is_free_again_and_the_kept_one_is_not() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    let by_name = directory.resolve("drone-izar", "orchestrator", 1).unwrap();
    let by_id =
        directory.observe(&[Record { id: Some(ID_A), ..Record::default() }], "gateway", 1)[0].unwrap();
    let [first, second] = [by_name, by_id].map(|machine| directory.name(machine).unwrap());
    assert_ne!(first, second);
    let joined = directory.observe(&[record(ID_A, "drone-izar", "10.42.0.203")], "gateway", 2)[0].unwrap();
    let kept = directory.name(joined).unwrap();
    assert!(kept == first || kept == second);
    let guard = directory.guard();
    assert!(guard.find(kept.as_str()).is_none());
    for n in 0..400 {
        let machine = directory.resolve(&format!("host-{n}"), "gateway", 3).unwrap();
        assert_ne!(directory.name(machine), Some(kept.clone()));
    }
}

#[test]
fn packages_are_withheld_by_category_pattern_and_name() {
    let mut directory = directory(Unknown::Pseudonym, vec![]);
    directory.observe(&[record(ID_A, "altair-link", "10.42.0.1")], "gateway", 1);
    let guard = directory.guard();
    let check = |text: &str, passes: bool| {
        let atom = Atom::parse(text).unwrap();
        assert_eq!(directory.package(&atom, &guard).is_some(), passes, "{text}");
    };
    check("=dev-libs/openssl-3.4.1", true);
    check("=acme-tools/hammer-1", true);
    check("=local-overlay/altair-secrets-1.2", false);
    check("=app-misc/altair-link-secrets-1.2", false);
    check("=app-misc/xaltair-links-1.2", true);
}

#[test]
fn the_guard_keeps_to_its_bound_and_forgets_the_oldest() {
    let mut directory = directory(Unknown::Drop, vec![]);
    for n in 0..OBSERVED_MAX + 10 {
        directory.note_text(&format!("instance-{n}"), i64::try_from(n).unwrap());
    }
    assert!(directory.observed.len() <= OBSERVED_MAX);
    let guard = directory.guard();
    assert!(guard.find(&format!("instance-{}", OBSERVED_MAX + 9)).is_some());
    assert!(guard.find("instance-0").is_none());
}

proptest::proptest! {
    #[test]
    fn public_names_never_equal_an_internal_one(
        hosts in proptest::collection::vec("[a-zA-Z0-9.:/@-]{1,24}|Vega|sirius|Deneb|\\PC{1,12}", 1..40)
    ) {
        let mut directory = directory(Unknown::Pseudonym, vec![]);
        let mut given = std::collections::HashMap::new();
        let machines: Vec<_> = hosts.iter().filter_map(|host| directory.resolve(host, "gateway", 1)).collect();
        for machine in machines {
            let name = directory.name(machine).unwrap();
            proptest::prop_assert!(!hosts.iter().any(|host| name.same(host)));
            let owner = *given.entry(name.folded()).or_insert(machine);
            proptest::prop_assert_eq!(owner, machine);
        }
    }
}

#[test]
fn secrets_are_searched_for_and_shown_nowhere() {
    let secret = "Tr0ub4dor&3+x/y==";
    let mut directory =
        directory(Unknown::Pseudonym, vec![]).with_secrets(vec![secret.to_owned(), "building".to_owned()]);
    directory.reconfigure(Config::default());
    let guard = directory.guard();
    for text in [secret.to_owned(), secret.to_uppercase(), format!("a {secret}, b")] {
        assert_eq!(guard.find(&text), Some(crate::guard::Hit::Name), "{text}");
    }
    assert_eq!(guard.find("building"), None, "a common word is in everything");
    assert!(!format!("{directory:?} {guard:?}").to_lowercase().contains("tr0ub4dor"));
    assert!(directory.report().is_empty());
}
