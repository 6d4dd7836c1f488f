//! Where the workspace is, and the text files that it holds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Directories that are not part of the source, wherever they are.
const SKIPPED: [&str; 4] = [".git", "target", "node_modules", "data"];

/// Kinds of files that the rules read.
const READ: [&str; 10] = ["rs", "html", "xml", "svg", "js", "css", "md", "toml", "sh", "txt"];

/// One text file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Path from the workspace's root, with `/` between its parts.
    pub path: String,
    /// The whole content.
    pub text: String,
}

impl SourceFile {
    /// A file that need not exist, for tests of rules.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// The directory of the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.ancestors().nth(2).unwrap_or(manifest).to_path_buf()
}

/// Every text file under `root` that the rules read, sorted by path.
///
/// # Errors
/// When a directory or a file of a known kind cannot be read as UTF-8 text.
pub fn files(root: &Path) -> io::Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if !SKIPPED.contains(&name) {
                    directories.push(path);
                }
            } else if is_read(&path, root) {
                let text = fs::read_to_string(&path)
                    .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
                found.push(SourceFile { path: relative(&path, root), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The path of every file under `root`, whatever its kind, sorted.
///
/// # Errors
/// When a directory cannot be listed.
pub fn paths(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() && !SKIPPED.contains(&name) {
                directories.push(path);
            } else if path.is_file() {
                found.push(relative(&path, root));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_read(path: &Path, root: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    READ.contains(&extension) || path.parent() == Some(&root.join(".ci"))
}

fn relative(path: &Path, root: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    relative.iter().filter_map(|part| part.to_str()).collect::<Vec<_>>().join("/")
}
