//! Licences, banned crates and sources, by cargo-deny and without a network.
//!
//! Its fourth check, security advisories, needs a database from the network and is not part of this.

use std::path::PathBuf;
use std::process::Command;

use crate::process::{Failure, cargo, is_ci, run as run_command, succeeds, target_directory};
use crate::step::Outcome;
use xtask::workspace;

const CHECK: [&str; 5] = ["--offline", "check", "bans", "licenses", "sources"];

/// The release that `.deny.toml` is written for.
const VERSION: &str = "^0.20";

/// Checks with the tool that is installed. On a CI machine without one, builds it once into the target
/// directory, which takes minutes; elsewhere the check is skipped by name.
///
/// # Errors
/// When the check finds something.
pub(crate) fn run() -> Result<Outcome, Failure> {
    let ours = tools().join("bin/cargo-deny");
    if succeeds(&mut cargo(&["deny", "--version"])) {
        return run_command(cargo(&["deny"]).args(CHECK)).map(|()| Outcome::Passed);
    }
    if !ours.is_file() {
        if !is_ci() {
            return Ok(Outcome::Skipped(format!(
                "cargo-deny is not installed (`cargo install cargo-deny --locked --version '{VERSION}'`)"
            )));
        }
        println!("cargo-deny is not installed; building it once, which takes some minutes");
        let root = tools().display().to_string();
        let arguments = ["install", "cargo-deny", "--locked", "--version", VERSION, "--root", &root];
        if let Err(failure) = run_command(&mut cargo(&arguments)) {
            return Ok(Outcome::Skipped(format!("cargo-deny can neither be found nor built: {failure}")));
        }
    }
    let mut check = Command::new(ours);
    run_command(check.args(CHECK).current_dir(workspace::root())).map(|()| Outcome::Passed)
}

/// Where tools of our own are kept: beside what cargo builds, so that cleaning removes them.
fn tools() -> PathBuf {
    target_directory().join("tools")
}
