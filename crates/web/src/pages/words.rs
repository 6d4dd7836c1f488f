//! Values as pages write them: numbers, packages, sentences. `None` is "not known" and is shown as "–".

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use snapshot::sentence::{Piece, Sentence};

use super::time::Instant;

/// Where packages have their pages.
const PACKAGES: &str = "/packages/";
/// Where drones have theirs.
const DRONES: &str = "/drones/";

/// A package in the parts that are set apart for the eye. Together they are the package's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Package {
    /// The category with its slash: `llvm-core/`.
    pub(super) category: String,
    /// The name: `llvm`.
    pub(super) name: String,
    /// The version with its hyphen, `-19.1.7`, or nothing.
    pub(super) version: String,
    /// Its page, below the base path.
    pub(super) path: String,
}

/// A drone by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct DroneName {
    /// Its public name.
    pub(super) name: String,
    /// Its page, below the base path.
    pub(super) path: String,
}

/// A piece of a sentence: words, or an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct PieceView {
    /// The words; empty where there is an instant.
    pub(super) text: String,
    /// The page of what the words name, below the base path.
    pub(super) path: Option<String>,
    /// The instant.
    pub(super) time: Option<Instant>,
}

/// A sentence, piece by piece.
pub(super) type SentenceView = Vec<PieceView>;

impl Package {
    pub(super) fn of(category: &str, name: &str, version: Option<&str>) -> Self {
        Self {
            category: format!("{category}/"),
            name: name.to_owned(),
            version: version.map(|version| format!("-{version}")).unwrap_or_default(),
            path: format!("{PACKAGES}{}/{}", segment(category), segment(name)),
        }
    }

    /// What becomes the path of a package when its category, a slash and its name are added.
    pub(super) fn pattern() -> Self {
        Self { category: String::new(), path: PACKAGES.to_owned(), ..Self::of("", "", None) }
    }
}

impl DroneName {
    pub(super) fn of(name: &str) -> Self {
        Self { name: name.to_owned(), path: format!("{DRONES}{}", segment(name)) }
    }
}

/// Escapes a part of a path as `encodeURIComponent` does, which scripts use for the same.
fn segment(text: &str) -> String {
    const ESCAPED: AsciiSet = NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'!')
        .remove(b'~')
        .remove(b'*')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')');
    utf8_percent_encode(text, &ESCAPED).to_string()
}

/// The view of a package that may be withheld.
///
/// A macro, because this crate sees packages through the snapshot alone and does not name their type.
macro_rules! package {
    ($package:expr) => {
        $package.as_ref().map(|package| {
            $crate::pages::words::Package::of(package.category(), package.name(), package.version())
        })
    };
}
pub(super) use package;

/// The view of a drone that may not be known.
macro_rules! drone {
    ($name:expr) => {
        $name.as_ref().map(|name| $crate::pages::words::DroneName::of(name.as_str()))
    };
}
pub(super) use drone;

/// The pieces of a sentence that is read on the day of `now`.
pub(super) fn sentence(sentence: &Sentence, now: Timestamp) -> SentenceView {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => PieceView { text: text.to_string(), path: None, time: None },
        Piece::Drone(name) => {
            let DroneName { name, path } = DroneName::of(name.as_str());
            PieceView { text: name, path: Some(path), time: None }
        }
        Piece::Package { package, text } => {
            let path = Package::of(package.category(), package.name(), None).path;
            PieceView { text: text.clone(), path: Some(path), time: None }
        }
        Piece::Time(at) => {
            PieceView { text: String::new(), path: None, time: Some(Instant::minute(*at, now)) }
        }
    };
    sentence.pieces().iter().map(piece).collect()
}

/// A number; from five digits on with separators.
pub(super) fn number(n: impl Into<u64>) -> String {
    let digits = n.into().to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut text = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number that may not be known.
pub(super) fn maybe_number(n: Option<u32>) -> Option<String> {
    n.map(number)
}

/// The size of a disk, in the units in which disks are sold: "250 GB", "1.5 TB".
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut tenths = bytes / 100;
    let mut unit = UNITS[0];
    for next in &UNITS[1..] {
        if tenths < 9_995 {
            break;
        }
        tenths = (tenths + 500) / 1_000;
        unit = next;
    }
    match (tenths / 10, tenths % 10) {
        (whole, 1..) if whole < 10 => format!("{whole}.{} {unit}", tenths % 10),
        (whole, tenth) => format!("{} {unit}", if tenth < 5 { whole } else { whole + 1 }),
    }
}

/// Names the place of something on a page. A name has no underscore, so that no two share a place.
///
/// Kind and name are not joined by a hyphen: farms call their machines `drone-izar`, and a place must not read like
/// an internal name.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    format!("{kind}_{}", name.replace(' ', "_"))
}

/// A length that fits a counter.
pub(super) fn length<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use snapshot::testing;

    use super::*;

    #[test]
    fn the_parts_of_a_package_are_its_text() {
        for text in ["llvm-core/llvm-19.1.7", "app-office/libreoffice-25.2.0.3", "dev-qt/qtbase"] {
            let Package { category, name, version, .. } = package!(Some(testing::package(text))).unwrap();
            assert_eq!(format!("{category}{name}{version}"), text);
        }
    }

    #[test]
    fn every_character_of_a_name_has_its_place_in_a_path() {
        let path = |text| package!(Some(testing::package(text))).unwrap().path;
        assert_eq!(path("x11-libs/gtk+-3.24.43"), "/packages/x11-libs/gtk%2B");
        assert_eq!(path("dev-libs/openssl"), "/packages/dev-libs/openssl");
        assert_eq!(DroneName::of("Kepler 22-b's").path, "/drones/Kepler%2022-b's");
        assert_eq!(DroneName::of("Pökkö").path, "/drones/P%C3%B6kk%C3%B6");
    }

    #[test]
    fn sizes_have_the_unit_that_reads_best() {
        let expectations = [
            (250_000_000_000, "250 GB"),
            (1_000_000_000_000, "1 TB"),
            (1_500_000_000_000, "1.5 TB"),
            (999_600_000, "1 GB"),
            (15_960_000_000, "16 GB"),
            (512, "0.5 kB"),
            (u64::MAX, "18 EB"),
        ];
        for (bytes, expected) in expectations {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn a_place_has_no_blank() {
        assert_eq!(anchor("host", "Kepler 22-b"), "host_Kepler_22-b");
    }

    #[test]
    fn long_numbers_are_grouped() {
        let expectations = [(0_u32, "0"), (1_873, "1873"), (20_000, "20,000"), (1_234_567, "1,234,567")];
        for (n, expected) in expectations {
            assert_eq!(number(n), expected);
        }
    }
}
