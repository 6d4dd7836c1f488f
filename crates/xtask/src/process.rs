//! Running other programs, and what is known of the machine that they run on.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use xtask::{requirement, workspace};

use crate::bench::error::BenchError;

/// Why a command of this tool fails: one sentence for the terminal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A program ended with a failure of its own, which it has explained.
    #[error("`{0}`")]
    Program(String),
    /// A program could not be started at all.
    #[error("`{program}` cannot be started: {source}")]
    Start {
        /// What was called.
        program: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Rules are broken; they have been listed.
    #[error("broken rules: {0}")]
    Untidy(usize),
    /// A measurement has no result.
    #[error("no result: {0}")]
    Bench(#[from] BenchError),
    /// Something that has to be there is missing.
    #[error("{0}")]
    Missing(String),
}

/// Whether this is a continuous integration machine, where a skip is a failure.
pub(crate) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// The cargo that runs this tool, to be called in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace::root());
    command
}

/// Where cargo puts what it builds.
pub(crate) fn target_directory() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    workspace::root().join(target.unwrap_or_else(|| "target".into()))
}

/// Runs `command` with its output going to the terminal.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::Program(line(command))),
        Err(source) => Err(Failure::Start { program: line(command), source }),
    }
}

/// Whether `command` can be started and succeeds; its output is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Whether packages can be installed: Debian's tool is there and this is root.
pub(crate) fn can_install() -> bool {
    requirement::is_on_path("apt-get") && is_root()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.display().to_string()).collect::<Vec<_>>().join(" ")
}
