//! Shell scripts are what `ShellCheck` finds nothing in.

use std::env;
use std::process::Command;

use xtask::workspace;

#[test]
fn shellcheck_finds_nothing() {
    let missing = env::var("COMMAND_CENTER_MISSING").unwrap_or_default();
    if missing.split(',').any(|name| name == "shellcheck") {
        return;
    }
    let root = workspace::root();
    let begins = |path: &String| {
        std::fs::read(root.join(path)).is_ok_and(|bytes| bytes.starts_with(b"#!/usr/bin/env bash"))
    };
    let scripts: Vec<String> = workspace::paths(&root).unwrap().into_iter().filter(begins).collect();
    for script in [".ci/run", "deploy.sh", "crates/command-center/tests/it/deploy/docker"] {
        assert!(scripts.iter().any(|found| found == script), "{script} is not among {scripts:?}");
    }
    let output =
        Command::new("shellcheck").args(["--format", "gcc"]).args(&scripts).current_dir(&root).output();
    let output = output.unwrap();
    assert!(output.status.success(), "\n{}", String::from_utf8(output.stdout).unwrap());
}
