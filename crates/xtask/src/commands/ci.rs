//! `cargo xtask ci`: every check and every test, the cheap ones first.

use std::process::Command;

use super::{bench, deny, eta, soak, test, tidy};
use crate::process::{Failure, cargo, is_ci, run as run_command, succeeds};
use crate::step::{Outcome, Steps};
use xtask::workspace;

/// The steps in their order; `--except` takes these names.
pub(crate) const STEPS: [&str; 11] =
    ["lock", "fmt", "tidy", "clippy", "doc", "deny", "msrv", "test", "eta", "bench", "soak"];

/// Runs every step but those in `except`, until one fails, and prints how they went.
///
/// # Errors
/// The first step's failure.
pub(crate) fn run(except: &[String]) -> Result<(), Failure> {
    let mut steps = Steps::default();
    let wanted = STEPS.into_iter().filter(|name| !except.iter().any(|excepted| excepted == name));
    let result = wanted.into_iter().try_for_each(|name| steps.run(name, || step(name)));
    steps.print();
    result
}

fn step(name: &str) -> Result<Outcome, Failure> {
    match name {
        "lock" => {
            // Its answer is of no interest, its complaint about an outdated lock file is.
            let arguments = ["metadata", "--locked", "--format-version", "1"];
            run_command(cargo(&arguments).stdout(std::process::Stdio::null())).map(|()| Outcome::Passed)
        }
        "fmt" => component("fmt", &["fmt", "--all", "--check"]),
        "clippy" => {
            component("clippy", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])
        }
        "doc" => {
            let arguments = ["doc", "--workspace", "--no-deps", "--document-private-items"];
            run_command(cargo(&arguments).env("RUSTDOCFLAGS", "-D warnings")).map(|()| Outcome::Passed)
        }
        "deny" => deny::run(),
        "msrv" => oldest_rust(),
        "eta" => eta::smoke().map(|()| Outcome::Passed),
        "bench" => bench::smoke().map(|()| Outcome::Passed),
        "soak" => soak::smoke().map(|()| Outcome::Passed),
        "tidy" => tidy::run().map(|()| Outcome::Passed),
        _ => test::run(false, &[]).map(|()| Outcome::Passed),
    }
}

/// Whether the workspace builds with the oldest Rust that it states, where that is installed.
fn oldest_rust() -> Result<Outcome, Failure> {
    let version = env!("CARGO_PKG_RUST_VERSION");
    // A toolchain is called by its minor release, or by the patch of it that was installed.
    let names = [version.to_owned(), format!("{version}.0")];
    let with = |name: &String, arguments: &[&str]| {
        let mut command = Command::new("rustup");
        command.args(["run", name, "cargo"]).args(arguments).current_dir(workspace::root());
        command
    };
    match names.iter().find(|name| succeeds(&mut with(name, &["--version"]))) {
        Some(name) => {
            run_command(&mut with(name, &["check", "--workspace", "--locked"])).map(|()| Outcome::Passed)
        }
        None => Ok(Outcome::Skipped(format!(
            "Rust {version} is not installed (`rustup toolchain install {version}`)"
        ))),
    }
}

/// A part of the toolchain that a minimal installation lacks.
fn component(name: &str, arguments: &[&str]) -> Result<Outcome, Failure> {
    if succeeds(&mut cargo(&[name, "--version"])) {
        return run_command(&mut cargo(arguments)).map(|()| Outcome::Passed);
    }
    let reason = format!("this Rust installation has no cargo {name}");
    if is_ci() { Err(Failure::Missing(reason)) } else { Ok(Outcome::Skipped(reason)) }
}
