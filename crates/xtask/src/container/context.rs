//! What a build of the image gets to see: every source that it copies is there, and all that cargo needs is copied.

use std::sync::LazyLock;

use regex::Regex;

use super::DOCKERFILE;
use super::dockerfile::Instruction;
use crate::tidy::at;
use crate::workspace::SourceFile;

/// What a crate takes from outside the crates while it is built.
static OUTSIDE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"CARGO_MANIFEST_DIR/\.\./\.\./([a-z-]+)").ok());

/// A member that the workspace's manifest leaves out.
static EXCLUDED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?m)^exclude = \[(.*)\]"#).ok());

/// Which paths a `.dockerignore` leaves out. The last pattern that fits decides.
#[derive(Debug)]
pub struct Ignored(Vec<(bool, Regex)>);

impl Ignored {
    /// Reads the patterns; what is no pattern fits nothing.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let patterns = lines.filter_map(|line| {
            let (is_ignored, pattern) =
                line.strip_prefix('!').map_or((true, line), |pattern| (false, pattern));
            Some((is_ignored, expression(pattern)?))
        });
        Self(patterns.collect())
    }

    /// Whether the path is left out: a pattern that fits a directory fits all that is in it.
    pub fn is_ignored(&self, path: &str) -> bool {
        let last = self.0.iter().rev().find(|(_, pattern)| pattern.is_match(path));
        last.is_some_and(|(is_ignored, _)| *is_ignored)
    }
}

/// The pattern as an expression for paths and for what is below them.
fn expression(pattern: &str) -> Option<Regex> {
    let pattern = pattern.trim_matches('/');
    let escaped = regex::escape(pattern);
    let expression = escaped.replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*").replace(r"\?", "[^/]");
    Regex::new(&format!("^{expression}(?:/.*)?$")).ok()
}

/// Every rule of this module that is broken; `paths` are all files that exist.
pub fn problems(
    instructions: &[Instruction],
    ignore: &str,
    paths: &[String],
    sources: &[SourceFile],
) -> Vec<String> {
    let ignored = Ignored::parse(ignore);
    let seen: Vec<&str> = paths.iter().map(String::as_str).filter(|path| !ignored.is_ignored(path)).collect();
    let is_below = |path: &str, directory: &str| {
        path == directory || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut found = Vec::new();
    let copies = |one: &&Instruction| one.keyword == "COPY" && one.flag("from").is_none();
    for one in instructions.iter().filter(copies) {
        let words = one.words();
        for source in words.iter().take(words.len().saturating_sub(1)) {
            if !seen.iter().any(|path| is_below(path, source)) {
                found.push(at(
                    DOCKERFILE,
                    one.line,
                    format!("copies `{source}`, of which the build sees nothing"),
                ));
            }
        }
    }
    let built = instructions.iter().position(|one| one.arguments.contains("cargo build"));
    let before = &instructions[..built.unwrap_or(0)];
    let copied: Vec<&str> = before.iter().filter(copies).flat_map(Instruction::words).collect();
    let workspace =
        sources.iter().find(|file| file.path == "Cargo.toml").map_or("", |file| file.text.as_str());
    let excluded = EXCLUDED.iter().find_map(|pattern| pattern.captures(workspace)?.get(1));
    let excluded: Vec<&str> = excluded.map_or("", |list| list.as_str()).split([',', '"', ' ']).collect();
    let is_member =
        |path: &&String| !path.rsplit_once('/').is_some_and(|(folder, _)| excluded.contains(&folder));
    let manifests = paths.iter().filter(is_member).filter(|path| {
        path.as_str() == "Cargo.toml"
            || path.as_str() == "Cargo.lock"
            || (path.starts_with("crates/") && path.ends_with("/Cargo.toml"))
    });
    for manifest in manifests.filter(|manifest| !copied.contains(&manifest.as_str())) {
        found.push(at(DOCKERFILE, 1, format!("`{manifest}` is not in the layer of the dependencies")));
    }
    // How cargo builds is as much a part of the layer as what it builds.
    let is_of_layer = |word: &str| word.ends_with('/') || word.contains("Cargo.") || word == ".cargo";
    for word in copied.iter().filter(|word| !is_of_layer(word)) {
        found.push(at(
            DOCKERFILE,
            1,
            format!("`{word}` would build the dependencies anew whenever it changes"),
        ));
    }
    let later: Vec<&str> = instructions.iter().filter(copies).flat_map(Instruction::words).collect();
    for source in sources.iter().filter(|file| !file.path.contains("/tests/") && file.path.ends_with(".rs")) {
        for outside in OUTSIDE.iter().flat_map(|pattern| pattern.captures_iter(&source.text)) {
            let folder = outside.get(1).map_or("", |folder| folder.as_str());
            if !later.contains(&folder) {
                found.push(at(
                    &source.path,
                    1,
                    format!("needs `{folder}`, which the image's build does not see"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Ignored, problems};
    use crate::container::dockerfile::parse;
    use crate::workspace::SourceFile;

    #[test]
    fn the_last_pattern_that_fits_decides() {
        let ignored = Ignored::parse("# all\n*\n!crates\n!Cargo.*\n**/target\n**/.env\n");
        for (path, expected) in [
            ("README.md", true),
            ("docker/.env", true),
            ("crates/web/src/lib.rs", false),
            ("crates/web/target/debug/x", true),
            ("crates/.env", true),
            ("crates/web/.envelope.rs", false),
            ("Cargo.lock", false),
        ] {
            assert_eq!(ignored.is_ignored(path), expected, "{path}");
        }
    }

    #[track_caller]
    fn check(dockerfile: &str, ignore: &str, expected: &[&str]) {
        let paths = [
            "Cargo.toml",
            "Cargo.lock",
            ".cargo/config.toml",
            "crates/a/Cargo.toml",
            "crates/a/src/lib.rs",
            "crates/apart/Cargo.toml",
            "assets/x.css",
        ];
        let sources = [
            SourceFile::new("Cargo.toml", "[workspace]\nexclude = [\"crates/apart\"]\n"),
            SourceFile::new("crates/a/src/lib.rs", "$CARGO_MANIFEST_DIR/../../assets"),
        ];
        let found = problems(&parse(dockerfile), ignore, &paths.map(str::to_owned), &sources);
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found:#?}");
        }
    }

    #[test]
    fn what_is_not_copied_or_not_there_is_found() {
        let good = "FROM a:1\nCOPY .cargo .cargo\nCOPY Cargo.toml Cargo.lock ./\nCOPY crates/a/Cargo.toml crates/a/\nRUN cargo build\n\
                    COPY assets assets\nCOPY crates crates\n";
        check(good, "*\n!.cargo\n!crates\n!assets\n!Cargo.*\n", &[]);
        check(good, "crates/*/src\nassets\n", &["copies `assets`"]);
        check(&good.replace("COPY assets assets\n", ""), "", &["needs `assets`"]);
        let forgotten = good.replace("COPY crates/a/Cargo.toml crates/a/\n", "");
        check(&forgotten, "", &["`crates/a/Cargo.toml` is not in the layer"]);
        check(&good.replace("RUN cargo", "COPY crates crates\nRUN cargo"), "", &["anew", "anew"]);
        check(&good.replace("crates crates", "crates docs crates"), "", &["copies `docs`"]);
    }
}
