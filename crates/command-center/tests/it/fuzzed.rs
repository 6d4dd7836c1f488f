//! Everything that is fuzzed, run over its seeds and over some thousand changes of them. Whoever has a nightly toolchain and
//! time finds more: `cargo xtask fuzz`.

#[path = "../../../fuzz/src/lib.rs"]
#[expect(dead_code, unreachable_pub, reason = "targets use it as a crate")]
mod fuzz;

use std::{collections::BTreeSet, path::Path};

use crate::support::is_long;

/// Changes of each reader's seeds.
const CHANGES: usize = 150;
const CHANGES_LONG: usize = 20_000;
/// Longer seeds are cut: what is read of the end is read of the beginning, too.
const SEED_MAX: usize = 3_000;

/// Bytes that mean something to some reader.
const SIGNS: &[u8] = b"{}[]\",:\\0-e./%&=?#@<>\r\n\t \x00\x7f\x80\x81\x88\xff";

/// A sequence of numbers without a pattern, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % n.max(1) as u64).unwrap()
    }

    fn change(&mut self, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        match self.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, SIGNS[self.below(SIGNS.len())]),
            2 => {
                let end = at + self.below(40).min(bytes.len() - at);
                bytes.drain(at..end);
            }
            3 => {
                let end = at + self.below(40).min(bytes.len() - at);
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let other = &others[self.below(others.len())];
                let from = self.below(other.len() + 1);
                bytes.splice(at.., other[from..].iter().copied());
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = SIGNS[self.below(SIGNS.len())];
                }
            }
        }
    }
}

/// The seeds of a reader: files of its own, or what was recorded of a backend.
fn seeds(reader: &str) -> Vec<Vec<u8>> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let list = std::fs::read_to_string(crates.join("fuzz/seeds.txt")).unwrap();
    let mut seeds = Vec::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (name, pattern) = line.split_once(' ').unwrap();
        let (folder, file) = pattern.rsplit_once('/').unwrap();
        if name != reader {
            continue;
        }
        let (beginning, end) = file.split_once('*').unwrap_or((file, ""));
        for entry in std::fs::read_dir(crates.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with(beginning) && name.ends_with(end) {
                seeds.push(std::fs::read(path).unwrap());
            }
        }
    }
    seeds
}

#[test]
fn every_reader_survives_its_seeds_and_changes_of_them() {
    let n_changes = if is_long() { CHANGES_LONG } else { CHANGES };
    for (name, read) in fuzz::READERS {
        let mut seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seed");
        // Whole at first: that is what is understood.
        seeds.iter().for_each(|seed| read(seed));
        seeds.iter_mut().for_each(|seed| seed.truncate(SEED_MAX));
        let mut dice = Dice(7);
        for _ in 0..n_changes {
            let mut bytes = seeds[dice.below(seeds.len())].clone();
            for _ in 0..=dice.below(4) {
                dice.change(&mut bytes, &seeds);
            }
            read(&bytes);
        }
    }
}

/// A reader that nobody fuzzes, or a target that fuzzes nothing.
#[test]
fn every_reader_has_its_target() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fuzz/targets");
    let files = std::fs::read_dir(targets).unwrap().map(|entry| entry.unwrap().file_name());
    let found: BTreeSet<String> =
        files.map(|file| file.to_string_lossy().trim_end_matches(".rs").to_owned()).collect();
    let readers: BTreeSet<String> = fuzz::READERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, readers);
}
