//! Programs that tests need beyond the Rust toolchain and a C compiler.
//!
//! One line in [`REQUIREMENTS`] is all it takes to add one. `cargo xtask test` installs what is missing if it
//! can, names to the tests what is still missing in [`MISSING_VARIABLE`], and says last what was skipped.

use std::env;
use std::path::PathBuf;

/// The environment variable in which tests find the names of missing requirements, separated by commas.
///
/// A test that needs a program looks here first and returns early when it is named. Without the variable (a
/// plain `cargo test`) it runs, and fails with the program's name if that is absent.
pub const MISSING_VARIABLE: &str = "COMMAND_CENTER_MISSING";

/// Everything that tests of this workspace need, sorted by name.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement { name: "chromium", package: "chromium", probe: "chromium", needed_by: "page tests" },
    Requirement {
        name: "chromium-driver",
        package: "chromium-driver",
        probe: "chromedriver",
        needed_by: "page tests",
    },
    Requirement {
        name: "faketime",
        package: "faketime",
        probe: "faketime",
        needed_by: "tests of a calendar that is set",
    },
    Requirement { name: "nginx", package: "nginx", probe: "nginx", needed_by: "tests behind a real nginx" },
    Requirement { name: "npm", package: "npm", probe: "npm", needed_by: "installing what tests run by Node" },
    Requirement {
        name: "openssh-client",
        package: "openssh-client",
        probe: "ssh",
        needed_by: "tests of deploy.sh",
    },
    Requirement {
        name: "openssh-server",
        package: "openssh-server",
        probe: "sshd",
        needed_by: "tests of deploy.sh",
    },
    Requirement {
        name: "prometheus",
        package: "prometheus",
        probe: "prometheus",
        needed_by: "tests with a real Prometheus",
    },
    Requirement {
        name: "prometheus-node-exporter",
        package: "prometheus-node-exporter",
        probe: "prometheus-node-exporter",
        needed_by: "tests with a real Prometheus",
    },
    Requirement { name: "rsync", package: "rsync", probe: "rsync", needed_by: "tests of deploy.sh" },
    Requirement {
        name: "shellcheck",
        package: "shellcheck",
        probe: "shellcheck",
        needed_by: "the check of shell scripts",
    },
    Requirement {
        name: "virtualenv",
        package: "virtualenv",
        probe: "virtualenv",
        needed_by: "tests of the API's description",
    },
];

/// A program that some tests need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// What tests call it in [`MISSING_VARIABLE`].
    pub name: &'static str,
    /// The Debian package that brings it.
    pub package: &'static str,
    /// The program on the `PATH` that shows its presence.
    pub probe: &'static str,
    /// Which tests are skipped without it, in words.
    pub needed_by: &'static str,
}

/// Those requirements whose program `is_installed` does not know, in order.
pub fn missing(requirements: &[Requirement], is_installed: impl Fn(&str) -> bool) -> Vec<&Requirement> {
    requirements.iter().filter(|requirement| !is_installed(requirement.probe)).collect()
}

/// Whether `program` is an ordinary file in a directory of the `PATH`, or where Debian keeps servers: the `PATH` of
/// ordinary users does not lead there.
pub fn is_on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut directories = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    directories.any(|directory| directory.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::{REQUIREMENTS, Requirement, is_on_path, missing};

    const TWO: [Requirement; 2] = [
        Requirement { name: "chromium", package: "chromium", probe: "chromium", needed_by: "page tests" },
        Requirement {
            name: "metrics",
            package: "prometheus",
            probe: "prometheus",
            needed_by: "metrics tests",
        },
    ];

    #[test]
    fn what_is_installed_is_not_missing() {
        assert_eq!(missing(&TWO, |_| true), [&TWO[0]; 0]);
        assert_eq!(missing(&TWO, |program| program == "chromium"), [&TWO[1]]);
        assert_eq!(missing(&TWO, |_| false), [&TWO[0], &TWO[1]]);
    }

    #[test]
    fn the_path_is_searched() {
        assert!(is_on_path("sh"));
        assert!(!is_on_path("a-program-that-nobody-has"));
    }

    #[test]
    fn the_requirements_are_sorted_and_unique() {
        for pair in REQUIREMENTS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} before {}", pair[0].name, pair[1].name);
        }
    }
}
