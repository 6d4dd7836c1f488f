//! Programs of npm that tests run: folders with a manifest of exact versions and a lock file.
//!
//! One line in [`FOLDERS`] is all it takes to add one. `cargo xtask test` installs what the lock file says into the
//! folder's `node_modules`, without running scripts of packages, and names to the tests what it could not install.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Every such folder, sorted by name.
pub const FOLDERS: &[Folder] = &[
    Folder {
        name: "npm-browser",
        path: "crates/command-center/tests/browser",
        needed_by: "tests of every page",
    },
    Folder {
        name: "npm-proxies",
        path: "crates/command-center/tests/npm/proxies",
        needed_by: "tests of the README's recipes for proxies",
    },
];

/// What `npm` is told: exactly what is locked, nothing that packages would run, nothing asked that is not needed.
pub const INSTALL: [&str; 5] = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

/// The file of a package's versions, beside its manifest.
const LOCK: &str = "package-lock.json";

/// A folder that npm fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folder {
    /// What tests call it in [`MISSING_VARIABLE`](crate::requirement::MISSING_VARIABLE).
    pub name: &'static str,
    /// Where it is, from the workspace's root.
    pub path: &'static str,
    /// Which tests are skipped without it, in words.
    pub needed_by: &'static str,
}

impl Folder {
    /// The folder itself.
    pub fn directory(&self, root: &Path) -> PathBuf {
        root.join(self.path)
    }

    /// Whether it holds what its lock file says: what was installed last was installed whole, and by this lock file.
    pub fn is_installed(&self, root: &Path) -> bool {
        let [locked, installed] = self.locks(root).map(fs::read);
        matches!((locked, installed), (Ok(locked), Ok(installed)) if locked == installed)
    }

    /// Remembers that it was installed whole.
    ///
    /// # Errors
    /// When the lock file cannot be copied.
    pub fn remember(&self, root: &Path) -> io::Result<()> {
        let [locked, installed] = self.locks(root);
        fs::copy(locked, installed).map(|_| ())
    }

    /// The lock file, and its copy beside what was installed by it.
    fn locks(&self, root: &Path) -> [PathBuf; 2] {
        let directory = self.directory(root);
        [directory.join(LOCK), directory.join("node_modules/.installed.json")]
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FOLDERS, Folder};
    use crate::workspace;

    #[test]
    fn what_was_installed_by_another_lock_file_is_not_installed() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder { name: "npm-it", path: "it", needed_by: "this" };
        fs::create_dir_all(folder.directory(root.path()).join("node_modules")).unwrap();
        let lock = folder.directory(root.path()).join("package-lock.json");
        assert!(!folder.is_installed(root.path()));
        fs::write(&lock, "{}").unwrap();
        assert!(!folder.is_installed(root.path()));
        folder.remember(root.path()).unwrap();
        assert!(folder.is_installed(root.path()));
        fs::write(&lock, "{\"lockfileVersion\": 3}").unwrap();
        assert!(!folder.is_installed(root.path()));
    }

    #[test]
    fn every_folder_has_exact_versions_that_are_locked() {
        for pair in FOLDERS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} before {}", pair[0].name, pair[1].name);
        }
        for folder in FOLDERS {
            let read = |name: &str| {
                let text = fs::read_to_string(folder.directory(&workspace::root()).join(name)).unwrap();
                serde_json::from_str::<serde_json::Value>(&text).unwrap()
            };
            let (manifest, lock) = (read("package.json"), read("package-lock.json"));
            for kind in ["dependencies", "optionalDependencies"] {
                for (name, version) in manifest[kind].as_object().into_iter().flatten() {
                    let locked = &lock["packages"][format!("node_modules/{name}")]["version"];
                    assert_eq!(locked, version, "{name} of {}", folder.name);
                }
            }
            // Where a package comes from is the registry's business of whoever installs it.
            let packages = lock["packages"].as_object().unwrap().values();
            for package in packages {
                assert_eq!(package.get("resolved"), None, "{}: {package}", folder.name);
            }
        }
    }
}
