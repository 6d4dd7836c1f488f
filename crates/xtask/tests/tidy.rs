//! The workspace keeps its own rules.

use xtask::npm::FOLDERS;
use xtask::requirement::REQUIREMENTS;
use xtask::{tidy, workspace};

#[test]
fn the_workspace_is_tidy() {
    let problems = tidy::problems(&workspace::root()).unwrap();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn the_workspace_is_found_and_read() {
    let files = workspace::files(&workspace::root()).unwrap();
    for path in
        ["Cargo.toml", ".ci/run", "README.md", "crates/xtask/src/lib.rs", "crates/xtask/tests/tidy.rs"]
    {
        assert!(files.iter().any(|file| file.path == path), "{path} is not among the files");
    }
}

#[test]
fn every_requirement_is_asked_for_by_a_test() {
    let files = workspace::files(&workspace::root()).unwrap();
    // npm itself is what the folders need, and they are what tests ask for.
    let requirements = REQUIREMENTS.iter().map(|requirement| requirement.name).filter(|name| *name != "npm");
    for name in requirements.chain(FOLDERS.iter().map(|folder| folder.name)) {
        let name = format!("\"{name}\"");
        let is_asked_for =
            files.iter().any(|file| !file.path.starts_with("crates/xtask/src/") && file.text.contains(&name));
        assert!(is_asked_for, "no test looks for {name} in COMMAND_CENTER_MISSING");
    }
}
