//! Rules for Rust files: length, module documents, forbidden words, and who may see the environment.

use super::at;
use crate::workspace::SourceFile;

/// The most lines that a file may have before its tests.
const MAX_LINES: usize = 400;

/// The only file that may name the snapshot's swap.
const SWAP_OWNER: &str = "crates/snapshot/src/store.rs";

/// The crates that may read the process's environment: the binary and this one.
const ENVIRONMENT_OWNERS: [&str; 2] = ["crates/command-center/", "crates/xtask/"];

/// Ways of testing that hide more than they show. Split, so that this file may stand under its own rule.
const NEVER: [(&str, &str); 3] = [
    (concat!("#[", "ignore"), "a test that is not run is no test"),
    (concat!("should_", "panic"), "assert on a result instead"),
    (concat!("inner", "HTML"), "set text, or clone a template"),
];

/// Waiting for time instead of for an event.
const SLEEPS: [&str; 2] = [concat!("thread::", "sleep"), concat!("time::", "sleep")];

/// Every rule of this module that `file` breaks; nothing for files that are not Rust.
pub fn problems(file: &SourceFile) -> Vec<String> {
    if !file.path.ends_with(".rs") {
        return Vec::new();
    }
    let mut found = Vec::new();
    if is_source(&file.path) {
        found.extend(too_long(file));
        found.extend(undocumented(file));
    }
    found.extend(forbidden_words(file));
    found.extend(foreign_ground(file));
    found
}

fn is_source(path: &str) -> bool {
    path.starts_with("crates/") && path.contains("/src/")
}

/// Whether the whole file is only compiled for tests.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// The numbered lines before the file's tests.
fn product(file: &SourceFile) -> impl Iterator<Item = (usize, &str)> {
    let lines = if is_test(&file.path) { "" } else { file.text.as_str() };
    numbered(lines).take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(idx, line)| (idx + 1, line))
}

fn too_long(file: &SourceFile) -> Option<String> {
    let n_lines = product(file).count();
    (n_lines > MAX_LINES)
        .then(|| at(&file.path, MAX_LINES + 1, format!("{n_lines} lines, at most {MAX_LINES}")))
}

fn undocumented(file: &SourceFile) -> Option<String> {
    let begins_well = file.text.lines().next().is_some_and(|line| line.starts_with("//!"));
    (!begins_well).then(|| at(&file.path, 1, "must begin with a `//!` that says what the module owns"))
}

fn forbidden_words(file: &SourceFile) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in numbered(&file.text) {
        for (word, reason) in NEVER {
            if line.contains(word) {
                found.push(at(&file.path, number, format!("`{word}`: {reason}")));
            }
        }
        let sleeps = SLEEPS.iter().any(|sleep| line.contains(sleep))
            || (line.contains("time::{") && line.contains("sleep"));
        if is_test(&file.path) && sleeps {
            found.push(at(&file.path, number, "tests wait for events, with a deadline; they never sleep"));
        }
    }
    found
}

/// What a file may not name because it belongs to another.
fn foreign_ground(file: &SourceFile) -> Vec<String> {
    if !is_source(&file.path) {
        return Vec::new();
    }
    let swap = concat!("arc_", "swap");
    let environment = ["std::env", "env::var", "env::args"];
    let may_see_environment = ENVIRONMENT_OWNERS.iter().any(|owner| file.path.starts_with(owner));
    let mut found = Vec::new();
    for (number, line) in numbered(&file.text) {
        if line.contains(swap) && file.path != SWAP_OWNER {
            found.push(at(&file.path, number, format!("only {SWAP_OWNER} names `{swap}`")));
        }
    }
    for (number, line) in product(file) {
        if !may_see_environment && environment.iter().any(|word| line.contains(word)) {
            found.push(at(&file.path, number, "only the binary reads the environment; take a value instead"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::problems;
    use crate::workspace::SourceFile;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found = problems(&SourceFile::new(path, text));
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (problem, part) in found.iter().zip(expected) {
            assert!(problem.starts_with(path) && problem.contains(part), "{problem:?} should say {part:?}");
        }
    }

    #[test]
    fn a_good_file_has_no_problem() {
        check("crates/web/src/a.rs", "//! Good.\nfn a() {}\n", &[]);
        check("README.md", "thread::sleep", &[]);
    }

    #[test]
    fn a_file_may_have_400_lines_before_its_tests() {
        let body = "fn a() {}\n".repeat(399);
        check("crates/web/src/a.rs", &format!("//! A.\n{body}"), &[]);
        check("crates/web/src/a.rs", &format!("//! A.\n{body}{body}"), &["799 lines"]);
        check("crates/web/src/a.rs", &format!("//! A.\n{body}#[cfg(test)]\n{body}"), &[]);
        check("crates/web/src/a/tests.rs", &format!("//! A.\n{body}{body}"), &[]);
        check("crates/web/tests/a.rs", &format!("{body}{body}"), &[]);
    }

    #[test]
    fn every_module_says_what_it_is() {
        check("crates/web/src/a.rs", "use std::fmt;\n", &["must begin"]);
        check("crates/web/src/a.rs", "", &["must begin"]);
        check("crates/web/tests/a.rs", "use std::fmt;\n", &[]);
    }

    #[test]
    fn tests_neither_hide_nor_sleep() {
        for word in [concat!("#[", "ignore]"), concat!("#[should_", "panic]"), concat!("x.inner", "HTML")] {
            check("crates/web/tests/a.rs", word, &["`"]);
        }
        for line in [
            concat!("std::thread::", "sleep(d)"),
            concat!("tokio::time::", "sleep(d).await"),
            concat!("use tokio::time::{", "sleep, timeout};"),
        ] {
            check("crates/web/tests/a.rs", line, &["never sleep"]);
            check("crates/web/src/a.rs", &format!("//! A.\n{line}"), &[]);
        }
    }

    #[test]
    fn one_file_owns_the_swap() {
        let text = concat!("//! A.\nuse arc_", "swap::ArcSwap;\n");
        check("crates/snapshot/src/store.rs", text, &[]);
        check("crates/web/src/a.rs", text, &["store.rs"]);
    }

    #[test]
    fn only_the_binary_reads_the_environment() {
        let text = "//! A.\nlet a = std::env::var(\"A\");\n";
        check("crates/command-center/src/a.rs", text, &[]);
        check("crates/scheduler/src/a.rs", text, &["only the binary"]);
        check("crates/scheduler/src/a.rs", "//! A.\n#[cfg(test)]\nuse std::env;\n", &[]);
        check("crates/scheduler/tests/a.rs", text, &[]);
        check("crates/scheduler/src/a.rs", "//! A.\nlet a = env!(\"A\");\n", &[]);
    }
}
