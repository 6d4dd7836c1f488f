//! Packages that are built in several versions, and the oldest Rust that all packages build with.
//!
//! A second version is more to build and more to trust, so each has its reason here; one without is refused, and so is a
//! reason that nothing needs any more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use cargo_metadata::{MetadataCommand, semver::Version};

use super::GraphError;

/// Why some packages are there in several versions.
pub const SEVERAL: &[(&str, &[&str])] = &[
    ("actix-http 3 speaks the types of http 0.2, and everything newer those of 1", &["http"]),
    ("ring 0.17 asks getrandom 0.2, and ahash under lightningcss 0.3", &["getrandom"]),
    (
        "webdriver, by which fantoccini drives a browser in tests, is a generation behind",
        &[
            "base64",
            "cookie",
            "icu_collections",
            "icu_provider",
            "icu_segmenter",
            "icu_segmenter_data",
            "litemap",
            "synstructure",
            "thiserror",
            "thiserror-impl",
            "tinystr",
            "writeable",
            "yoke",
            "yoke-derive",
            "zerovec",
            "zerovec-derive",
        ],
    ),
    (
        "lightningcss and oxc run while building, and take different generations of the same packages",
        &[
            "convert_case",
            "itertools",
            "phf",
            "phf_generator",
            "phf_macros",
            "phf_shared",
            "rand",
            "rand_core",
        ],
    ),
    ("procedural macros run while building, and move from one syn to the next one by one", &["syn"]),
];

/// The packages that `tree`, lines that begin with a name and a version, has in several versions.
pub fn several(tree: &str) -> BTreeSet<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    versions.into_iter().filter(|(_, all)| all.len() > 1).map(|(name, _)| name.to_owned()).collect()
}

/// Everything that is built for the workspace at `root` and its tests, a package a line.
///
/// # Errors
/// When `cargo tree` fails.
pub fn tree(root: &Path) -> Result<String, GraphError> {
    let arguments = ["tree", "--workspace", "--edges", "normal,build,dev", "--prefix", "none"];
    let output = Command::new("cargo").args(arguments).current_dir(root).output();
    let output = output.ok().filter(|output| output.status.success()).ok_or(GraphError::Tree)?;
    String::from_utf8(output.stdout).map_err(|_| GraphError::Tree)
}

/// The Rust that the workspace at `root` states, and the newest that any of its packages wants.
///
/// # Errors
/// When `cargo metadata` fails.
pub fn rust_versions(root: &Path) -> Result<(Option<Version>, Option<Version>), GraphError> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).exec()?;
    let stated =
        metadata.workspace_packages().into_iter().filter_map(|package| package.rust_version.clone()).min();
    let wanted = metadata.packages.iter().filter_map(|package| package.rust_version.clone()).max();
    Ok((stated, wanted))
}
