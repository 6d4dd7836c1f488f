//! Commands that end by themselves, and their exit codes.

use std::process::Output;

use crate::support::binary;

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

fn with_config(command: &str, text: &str) -> Output {
    let file = file(text);
    binary::run(&[command, "--config", file.path().to_str().unwrap()])
}

#[test]
fn a_wrong_configuration_lists_every_problem_and_exits_64() {
    let text = "listen = 5\ncolour = 1\n[gateway]\nurl = \"x\"\n";
    for command in ["serve", "check-config", "names", "healthcheck"] {
        let output = with_config(command, text);
        assert_eq!(output.status.code(), Some(64), "{command}");
        let said = stderr(&output);
        for part in ["listen = 5", "colour", "gateway.url"] {
            assert!(said.contains(part), "{command}: {said}");
        }
    }
}

#[test]
fn a_missing_file_exits_64_and_is_named() {
    let output = binary::run(&["check-config", "--config", "no-such-file.toml"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(stderr(&output).contains("no-such-file.toml: there is no such file"));
}

#[test]
fn the_example_is_valid() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/command-center.example.toml");
    let output = binary::run(&["check-config", "--config", example]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn without_any_backend_one_sentence_points_at_the_demo() {
    let output = with_config("serve", "");
    assert_eq!(output.status.code(), Some(64));
    let said = stderr(&output);
    assert!(said.contains("command-center demo"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn names_of_nobody_is_one_sentence_and_exit_1() {
    let output = binary::run(&["names", "--internal-listen", &binary::free_address().to_string()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is the server running"));
}

#[test]
fn check_config_notes_credentials_that_travel_openly() {
    let text = "[loki]\nurl = \"http://192.0.2.1\"\nheaders = { X-Scope-OrgID = \"c4n4ry\" }\n";
    let output = with_config("check-config", text);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("note: loki.url: credentials travel unencrypted"), "{said}");
    assert!(!said.contains("c4n4ry") && !said.contains("192.0.2.1"), "{said}");
}
