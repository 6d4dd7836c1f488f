//! Rules for documents: what they name exists, and the README's two commands are the ones that work.

use std::sync::LazyLock;

use regex::Regex;

use super::at;
use crate::workspace::SourceFile;

/// The commands of the README's first screen: one shows the site, one runs every test.
pub const COMMANDS: [&str; 2] = ["cargo run --release -- demo", "cargo xtask test"];

/// How many lines a reader sees without scrolling; the first heading may end them sooner.
const FIRST_SCREEN: usize = 40;

/// A file named in backticks: no blank, no placeholder, and an ending that files here have.
static FILE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"`([A-Za-z0-9_./-]+\.(?:rs|md|toml|html|css|js|sh|json|csv|svg|xml|sqlite))`").ok()
});

/// Every rule of this module that the documents among `files` break; `paths` are all files that exist.
pub fn problems(files: &[SourceFile], paths: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        match file.path.as_str() {
            "crates/README.md" => found.extend(missing_files(file, paths)),
            "README.md" => found.extend(other_commands(file)),
            ".ci/run" => found.extend(other_test(file)),
            _ => {}
        }
    }
    for required in ["README.md", ".ci/run"] {
        if !files.iter().any(|file| file.path == required) {
            found.push(at(required, 1, "is missing"));
        }
    }
    found
}

/// A path counts from the root, or from any directory: `store.rs` and `snapshot/src/store.rs` are both found.
fn missing_files(file: &SourceFile, paths: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (idx, line) in file.text.lines().enumerate() {
        for named in FILE.iter().flat_map(|pattern| pattern.captures_iter(line)) {
            let name = named.get(1).map_or("", |name| name.as_str());
            let ending = format!("/{name}");
            if !paths.iter().any(|path| path == name || path.ends_with(&ending)) {
                found.push(at(&file.path, idx + 1, format!("names `{name}`, which does not exist")));
            }
        }
    }
    found
}

fn other_commands(file: &SourceFile) -> Option<String> {
    let mut commands = Vec::new();
    let mut is_fenced = false;
    for line in file.text.lines().take(FIRST_SCREEN).take_while(|line| !line.starts_with("## ")) {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if is_fenced && !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            commands.push(line.split(" #").next().unwrap_or(line).trim());
        }
    }
    (commands != COMMANDS).then(|| {
        at(&file.path, 1, format!("the first screen has the commands {commands:?}, not {COMMANDS:?}"))
    })
}

fn other_test(file: &SourceFile) -> Option<String> {
    let command = COMMANDS[1];
    let calls_it = file.text.lines().any(|line| line.trim() == command);
    (!calls_it).then(|| at(&file.path, 1, format!("must call `{command}`, as the README tells everybody to")))
}

#[cfg(test)]
mod tests {
    use super::problems;
    use crate::workspace::SourceFile;

    const README: &str = "# A\n```sh\ncargo run --release -- demo\n```\ntext\n```sh\ncargo xtask test\n```\n";
    const CI: &str = "#!/usr/bin/env bash\ncargo xtask test\n";

    fn problems_of(readme: &str, ci: &str, map: &str) -> Vec<String> {
        let files = [
            SourceFile::new("README.md", readme),
            SourceFile::new(".ci/run", ci),
            SourceFile::new("crates/README.md", map),
        ];
        let paths = ["crates/snapshot/src/store.rs".to_owned(), "Cargo.toml".to_owned()];
        problems(&files, &paths)
    }

    #[test]
    fn good_documents_have_no_problem() {
        let map = "`store.rs`, `snapshot/src/store.rs`, `Cargo.toml`, `Section<T>`, `command-center names`";
        assert_eq!(problems_of(README, CI, map), [""; 0]);
    }

    #[test]
    fn the_readme_has_exactly_two_commands_on_its_first_screen() {
        let third = format!("{README}```\nmake install\n```\n");
        assert_eq!(problems_of(&third, CI, "").len(), 1);
        assert_eq!(problems_of("# A\n", CI, "").len(), 1);
        let below_a_heading = format!("{README}## Operations\n```\nmake install\n```\n");
        assert_eq!(problems_of(&below_a_heading, CI, "").len(), 0);
        let far_below = format!("{README}{}```\ncurl localhost\n```\n", "\n".repeat(40));
        assert_eq!(problems_of(&far_below, CI, "").len(), 0);
    }

    #[test]
    fn ci_calls_the_readmes_test_command() {
        assert_eq!(problems_of(README, "cargo test\n", "").len(), 1);
    }

    #[test]
    fn the_code_map_names_only_files_that_exist() {
        let found = problems_of(README, CI, "ok\n`web/src/gone.rs`\n");
        assert_eq!(found, ["crates/README.md:2: names `web/src/gone.rs`, which does not exist"]);
    }

    #[test]
    fn the_readme_and_the_ci_script_must_be_there() {
        assert_eq!(problems(&[], &[]).len(), 2);
    }
}
