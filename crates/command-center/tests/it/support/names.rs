//! Names that lead where a test wants them to, for one process: it sees another table of hosts.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

use super::namespace;

/// Where the system looks names up, and where it is said that it looks there only.
const PLACES: [&str; 2] = ["/etc/hosts", "/etc/nsswitch.conf"];

/// A table of one name.
pub(crate) struct Names {
    directory: tempfile::TempDir,
}

impl Names {
    /// Lets the name lead to an address; `None` where that is not allowed.
    pub(crate) fn start(address: Ipv4Addr) -> Option<Self> {
        if !namespace::is_allowed() {
            return None;
        }
        let names = Self { directory: tempfile::tempdir().unwrap() };
        names.lead_to(address);
        fs::write(names.file("nsswitch.conf"), "hosts: files\n").unwrap();
        Some(names)
    }

    /// The name.
    pub(crate) fn host(&self) -> &'static str {
        "backend.example"
    }

    /// What the process must see.
    pub(crate) fn places(&self) -> Vec<(PathBuf, PathBuf)> {
        let places = PLACES.iter().map(PathBuf::from).filter(|place| place.is_file());
        places.map(|place| (self.file(&place), place)).collect()
    }

    pub(crate) fn lead_to(&self, address: Ipv4Addr) {
        self.write(&format!("{address} {}\n", self.host()));
    }

    pub(crate) fn lead_nowhere(&self) {
        self.write("127.0.0.1 somebody-else.example\n");
    }

    /// The same file as before with other words, for that is what the process sees.
    fn write(&self, table: &str) {
        fs::write(self.file("hosts"), table).unwrap();
    }

    fn file(&self, place: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(place.as_ref().file_name().unwrap())
    }
}
