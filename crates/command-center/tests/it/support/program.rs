//! Programs of others, as child processes on loopback.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{eventually, http};

/// Whether the tests were told that one of these is not there, as `cargo xtask test` does.
pub(crate) fn is_missing(names: &[&str]) -> bool {
    let missing = env::var("COMMAND_CENTER_MISSING").unwrap_or_default();
    missing.split(',').any(|name| names.contains(&name))
}

/// A running program; it is killed when this is dropped.
pub(crate) struct Program(Child);

impl Program {
    /// Starts a program and waits until it answers `path`.
    #[track_caller]
    pub(crate) fn start(program: &str, args: &[String], address: SocketAddr, path: &str) -> Self {
        let mut command = Command::new(find(program));
        command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut running = Self(child);
        eventually(&format!("{program} answers"), || {
            let ended = running.0.try_wait().unwrap();
            assert!(ended.is_none(), "{program} ended by itself: {ended:?}");
            http::request(address, "GET", path).ok().filter(|answer| answer.status == 200)
        });
        running
    }
}

/// Where a program is. Debian keeps servers where the `PATH` of ordinary users does not lead.
fn find(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = places.find_map(|place| Some(place.join(program)).filter(|file| file.is_file()));
    found.unwrap_or_else(|| Path::new(program).to_owned())
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
