//! `cargo xtask test`: every test, after installing by apt and npm what they need.
//!
//! What cannot be installed is named to the tests, which then skip themselves, and said last. With `CI` set such
//! a skip is a failure.

use std::process::Command;

use xtask::npm::{FOLDERS, Folder, INSTALL};
use xtask::requirement::{MISSING_VARIABLE, REQUIREMENTS, Requirement, is_on_path, missing};
use xtask::workspace;

use crate::process::{Failure, can_install, cargo, is_ci, run as run_command};

/// Set for tests when those that take minutes are wanted too.
const LONG_VARIABLE: &str = "COMMAND_CENTER_LONG";

/// Installs what is missing if possible, runs the tests whose name contains one of `filter` (all if empty).
///
/// # Errors
/// When a test fails; with `CI` set also when one had to be skipped.
pub(crate) fn run(long: bool, filter: &[String]) -> Result<(), Failure> {
    if !is_on_path("cc") {
        return Err(Failure::Missing("no C compiler (`cc`; Debian: gcc and libc6-dev)".to_owned()));
    }
    if !is_on_path("make") {
        return Err(Failure::Missing("no `make` (Debian: make)".to_owned()));
    }
    install(&missing(REQUIREMENTS, is_on_path));
    let missing = missing(REQUIREMENTS, is_on_path);
    let empty: Vec<&Folder> = FOLDERS.iter().filter(|folder| !fill(folder)).collect();
    let names =
        missing.iter().map(|requirement| requirement.name).chain(empty.iter().map(|folder| folder.name));
    let names: Vec<&str> = names.collect();

    let mut tests = cargo(&["test", "--workspace"]);
    if !filter.is_empty() {
        tests.arg("--").args(filter);
    }
    tests.env(MISSING_VARIABLE, names.join(","));
    if long {
        tests.env(LONG_VARIABLE, "1");
    }
    let result = run_command(&mut tests);
    report(&missing, &empty);
    result?;
    if is_ci() && !names.is_empty() {
        return Err(Failure::Missing("tests were skipped, and on a CI machine that is a failure".to_owned()));
    }
    Ok(())
}

/// Tries to install the packages, one by one so that an unknown one does not hinder the others; what that did
/// not bring is looked up again by the caller.
fn install(missing: &[&Requirement]) {
    if missing.is_empty() || !can_install() {
        return;
    }
    let mut results = vec![run_command(Command::new("apt-get").args(["update", "--quiet"]))];
    for requirement in missing {
        println!("installing {}", requirement.package);
        let mut install = Command::new("apt-get");
        install.args(["install", "--yes", "--quiet", "--no-install-recommends", requirement.package]);
        results.push(run_command(install.env("DEBIAN_FRONTEND", "noninteractive")));
    }
    for failure in results.into_iter().filter_map(Result::err) {
        println!("cannot install: {failure}");
    }
}

/// Has npm install a folder that does not hold what its lock file says; gives whether it does then.
fn fill(folder: &Folder) -> bool {
    let root = workspace::root();
    if folder.is_installed(&root) {
        return true;
    }
    if !is_on_path("npm") {
        return false;
    }
    println!("installing {}", folder.path);
    let installed = run_command(Command::new("npm").args(INSTALL).current_dir(folder.directory(&root)));
    let remembered = installed.and_then(|()| {
        let unwritable = |error| Failure::Missing(format!("cannot be remembered: {error}"));
        folder.remember(&root).map_err(unwritable)
    });
    remembered.map_err(|failure| println!("cannot install: {failure}")).is_ok()
}

fn report(missing: &[&Requirement], empty: &[&Folder]) {
    for Folder { path, needed_by, .. } in empty {
        println!("SKIPPED: {needed_by}, for want of what npm installs (npm ci in {path})");
    }
    for Requirement { name, package, needed_by, .. } in missing {
        println!("SKIPPED: {needed_by}, for want of {name} (Debian: apt-get install {package})");
    }
}
