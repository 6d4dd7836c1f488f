//! A process that sees other files in the place of some: a mount namespace of its own, which needs no rights where
//! Linux lets users have one.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Mounts each file or directory over the next one, up to `--`, and becomes the rest.
const SCRIPT: &str =
    r#"while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 125; shift 2; done; shift; exec "$@""#;

/// What is seen, and in the place of what.
pub(crate) type Places = [(PathBuf, PathBuf)];

/// A command that sees these things in their places.
pub(crate) fn command(places: &Places, program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"]);
    command.args(places.iter().flat_map(|(seen, place)| [seen, place])).arg("--").arg(program).args(args);
    command
}

/// Whether this machine allows it; says so past the harness if it does not, for tests are skipped then.
pub(crate) fn is_allowed() -> bool {
    static IS_ALLOWED: OnceLock<bool> = OnceLock::new();
    *IS_ALLOWED.get_or_init(|| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let places = [(file.path().to_path_buf(), PathBuf::from("/etc/hosts"))];
        let is_allowed =
            command(&places, Path::new("true"), &[]).output().is_ok_and(|output| output.status.success());
        if !is_allowed {
            let text = b"skipped: what needs a mount namespace, which this machine does not allow\n";
            std::io::stderr().write_all(text).unwrap();
        }
        is_allowed
    })
}
