//! Readers of names, fed with anything: what is said of each must hold.

use identity::{
    alias::Alias,
    config::Config as Names,
    directory::{Directory, Record},
    guard::LeakGuard,
    name::PublicName,
    package::{Atom, PackageAtom},
    pseudonym::{Key, Pseudonyms},
    version::Version,
};

/// Reads lines of names: each in every way, and all as records of one backend, four lines a record.
pub fn read(text: &str) {
    let lines: Vec<&str> = text.lines().take(64).collect();
    for line in &lines {
        let _ = (Alias::endpoint(line), Alias::endpoint_with_port(line), Version::parse(line));
        let is_plain = line.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
        if let Some(alias) = Alias::parse(line).filter(|_| is_plain) {
            // What the operator is shown means the same when it is pasted.
            assert_eq!(Alias::parse(&alias.reveal()), Some(alias));
        }
        if let Ok(name) = PublicName::new(line) {
            assert!(name.as_str().len() <= 40);
        }
    }
    let records = lines.chunks(4).map(|lines| Record {
        id: lines.first().copied(),
        names: lines.get(1).copied().into_iter().collect(),
        addresses: lines.get(2).copied().into_iter().collect(),
        endpoint: lines.get(3).copied(),
    });
    let records: Vec<Record<'_>> = records.collect();
    let mut directory = Directory::new(Names::default(), Pseudonyms::new(Key::new([7; 32]), []));
    directory.observe(&records, "gateway", 1);
    let guard = directory.guard();
    for line in &lines {
        if let Some(subject) = directory.resolve(line, "orchestrator", 2)
            && let Some(name) = directory.name(subject)
        {
            // A machine is never called in public what it is called inside.
            assert!(!name.same(line), "{line:?}");
        }
        if let Some(atom) = Atom::parse(line)
            && let Some(package) = directory.package(&atom, &guard)
        {
            shown(&package);
        }
    }
}

/// A package that is published has the form of one.
fn shown(package: &PackageAtom) {
    let text = package.as_str();
    assert!(
        text.contains('/') && !text.contains(char::is_whitespace) && !text.contains(['<', '>', '"', '&'])
    );
}

/// Searches a text for a name of the inside, and the same text with the name in it.
pub fn search(name: &str, rest: &str) {
    let guard = LeakGuard::new([name.to_owned()].into_iter(), std::iter::empty());
    let _ = (guard.find(rest), guard.names_in(rest));
    // Between boundaries it is found, whatever stands there else, and in any case.
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
    if is_plain {
        let name = format!("{name}-inside-7");
        let guard = LeakGuard::new([name.clone()].into_iter(), std::iter::empty());
        let planted = format!("{rest} {} {rest}", name.to_uppercase());
        assert!(guard.find(&planted).is_some(), "{planted:?}");
    }
}
