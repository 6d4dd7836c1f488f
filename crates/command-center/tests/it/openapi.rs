//! The description of the API, against the API: a program that knows nothing else asks everything that it describes.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

use crate::support::{
    binary::{self, Running},
    http,
    program::is_missing,
};

/// What asks: a package of Python's.
const PACKAGE: &str = "schemathesis==4.32.5";
/// What is judged: every answer, and not what is asked. Whether a query makes sense is for the server to say.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
     response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance";

/// Where the package is, below the target directory: it is installed once.
fn environment() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_command-center"));
    binary.parent().and_then(Path::parent).unwrap().join(PACKAGE.replace("==", "-"))
}

#[track_caller]
fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = format!(
        "{}{}",
        std::str::from_utf8(&output.stdout).unwrap_or_default(),
        std::str::from_utf8(&output.stderr).unwrap_or_default()
    );
    assert!(output.status.success(), "{command:?}\n{said}");
    output
}

/// The program, installed if it is not there yet.
fn schemathesis() -> PathBuf {
    let environment = environment();
    let installed = environment.join("installed");
    if !installed.is_file() {
        succeed(Command::new("virtualenv").args(["--quiet", "--clear"]).arg(&environment));
        let pip = environment.join("bin/pip");
        succeed(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]));
        std::fs::write(installed, "").unwrap();
    }
    environment.join("bin/schemathesis")
}

#[test]
fn the_command_prints_what_is_served() {
    let printed = binary::run(&["openapi"]);
    assert!(printed.status.success());
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let running = Running::start(&["demo"], &[]);
    assert_eq!(http::get_json(running.public, "/api/openapi.json"), printed);
    assert_eq!(printed["openapi"], "3.1.0");
}

#[test]
fn every_answer_is_one_that_is_described() {
    if is_missing(&["virtualenv"]) {
        return;
    }
    let schemathesis = schemathesis();
    let running = Running::start(&["demo"], &[]);
    let address = format!("http://{}/api/openapi.json", running.public);
    // Names of things that are there, so that more than "not found" is seen.
    let configuration = tempfile::tempdir().unwrap();
    let names = names(&running);
    std::fs::write(configuration.path().join("schemathesis.toml"), names).unwrap();
    let mut command = Command::new(schemathesis);
    command
        .current_dir(configuration.path())
        .env("NO_COLOR", "1")
        .args(["run", &address, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "25", "--seed", "1", "--no-shrink"])
        .args(["--continue-on-failure", "--request-timeout", "10", "--warnings", "off"]);
    succeed(&mut command);
}

/// Parameters of paths for half of what is asked.
fn names(running: &Running) -> String {
    let swarm = http::get_json(running.public, "/api/v1/services/public/build-swarm");
    let drone = swarm["data"]["drones"][0]["name"].as_str().unwrap().to_owned();
    let history = http::get_json(running.public, "/api/v1/services/public/build-history");
    let builds = history["data"]["builds"].as_array().unwrap();
    let package = builds.iter().find_map(|build| build["package"].as_str()).unwrap();
    let (category, rest) = package.split_once('/').unwrap();
    let end =
        rest.match_indices('-').find(|(at, _)| rest[at + 1..].starts_with(|c: char| c.is_ascii_digit()));
    let name = end.map_or(rest, |(at, _)| &rest[..at]);
    let table = |id: &str, values: &str| {
        format!("[[operations]]\ninclude-operation-id = \"{id}\"\nparameters = {{ {values} }}\n")
    };
    table("DroneDocument", &format!("\"path.name\" = {drone:?}"))
        + &table("PackageDocument", &format!("\"path.category\" = {category:?}, \"path.name\" = {name:?}"))
        + &table("BadgePicture", "\"path.name\" = \"queue\"")
        + &table("BadgeData", &format!("\"path.name\" = {drone:?}"))
}
