//! Rules over the text of the workspace that no compiler checks.
//!
//! Each rule is a pure function of files, so that a test can show it a bad one. [`problems`] runs them all.
//!
//! - [`rust`] sources and tests
//! - [`markup`] templates and assets
//! - [`documents`] READMEs and the CI script

pub mod documents;
pub mod markup;
pub mod rust;

use std::io;
use std::path::Path;

use crate::workspace;

/// Everything under `root` that breaks a rule, one sentence each, sorted by place.
///
/// # Errors
/// When the workspace's files cannot be read.
pub fn problems(root: &Path) -> io::Result<Vec<String>> {
    let files = workspace::files(root)?;
    let paths = workspace::paths(root)?;
    let mut found = Vec::new();
    for file in &files {
        found.extend(rust::problems(file));
        found.extend(markup::problems(file));
    }
    found.extend(documents::problems(&files, &paths));
    found.sort();
    Ok(found)
}

/// `path:line: problem`, the form that editors can jump to. `line` counts from 1.
pub(crate) fn at(path: &str, line: usize, problem: impl std::fmt::Display) -> String {
    format!("{path}:{line}: {problem}")
}
