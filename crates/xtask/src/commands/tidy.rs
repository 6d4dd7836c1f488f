//! `cargo xtask tidy`: the rules over text, the container and dependencies, without building anything.

use xtask::{architecture, container, tidy, workspace};

use crate::process::Failure;

/// Prints every broken rule.
///
/// # Errors
/// When a rule is broken, or the workspace cannot be read.
pub(crate) fn run() -> Result<(), Failure> {
    let root = workspace::root();
    let unreadable = |error: &dyn std::error::Error| Failure::Missing(format!("cannot judge: {error}"));
    let mut problems = tidy::problems(&root).map_err(|error| unreadable(&error))?;
    problems.extend(container::problems(&root).map_err(|error| unreadable(&error))?);
    let graph = architecture::graph(&root, &[]).map_err(|error| unreadable(&error))?;
    problems.extend(architecture::violations(&graph));
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::Untidy(problems.len())) }
}
