//! A real nginx before the real server, set up as the README tells operators to.

use std::{fs, net::SocketAddr};

use tempfile::TempDir;

use super::{
    binary::free_address,
    program::{self, Program},
};

/// The path under which the README's recipe shows the site.
pub(crate) const BASE: &str = "/status";

const README: &str = include_str!("../../../../../README.md");

/// A line of the recipe's `location`, after which a test may have its own.
const LOCATION: &str = "proxy_http_version 1.1;";

/// A running nginx; it ends when it is dropped.
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    _program: Program,
    _directory: TempDir,
}

/// Whether the tests were told that the program is not there.
pub(crate) fn is_missing() -> bool {
    program::is_missing(&["nginx"])
}

impl Nginx {
    /// Starts one before a server that answers under [`BASE`], with more settings for all of it and for the location.
    pub(crate) fn before(server: SocketAddr, settings: &str, location: &str) -> Self {
        let (address, directory) = (free_address(), TempDir::new().unwrap());
        let recipe = recipe()
            .replace("listen 80;", &format!("listen {address};"))
            .replace("127.0.0.1:5000", &server.to_string())
            .replace(LOCATION, &format!("{LOCATION}\n{location}"));
        let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {name};\n"))
            .concat();
        // One process: nothing is left when it is killed.
        let config = format!(
            "daemon off;\nmaster_process off;\npid pid;\nevents {{}}\n\
             http {{\naccess_log off;\n{places}{settings}\n{recipe}}}\n"
        );
        let file = directory.path().join("nginx.conf");
        fs::write(&file, config).unwrap();
        let at = |path: &std::path::Path| path.display().to_string();
        let (prefix, log) = (at(directory.path()), at(&directory.path().join("error.log")));
        let args = ["-p".to_owned(), prefix, "-e".to_owned(), log, "-c".to_owned(), at(&file)];
        let program = Program::start("nginx", &args, address, &format!("{BASE}/"));
        Self { address, _program: program, _directory: directory }
    }
}

/// What the README says, checked for what is put into it.
fn recipe() -> String {
    let recipe = README.split_once("```nginx\n").unwrap().1.split_once("```").unwrap().0;
    for part in ["listen 80;", "127.0.0.1:5000", LOCATION, &format!("location {BASE}/ {{")] {
        assert_eq!(recipe.matches(part).count(), 1, "{part}");
    }
    recipe.to_owned()
}
