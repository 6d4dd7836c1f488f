//! A calendar that a test sets, for one process. The monotonic clock goes on as it does.

use std::{fs, path::PathBuf};

/// Where a process reads how far its calendar is off.
pub(crate) struct FakeTime {
    library: PathBuf,
    directory: tempfile::TempDir,
}

impl FakeTime {
    /// The calendar is right at first.
    pub(crate) fn start() -> Self {
        let libraries = format!("/usr/lib/{}-linux-gnu/faketime", std::env::consts::ARCH);
        let library = PathBuf::from(libraries).join("libfaketimeMT.so.1");
        assert!(library.is_file(), "faketime: {} is missing", library.display());
        let time = Self { library, directory: tempfile::tempdir().unwrap() };
        time.set("+0");
        time
    }

    /// Sets it off by so much, such as `+2h` or `-3d`.
    pub(crate) fn set(&self, offset: &str) {
        let aside = self.directory.path().join("offset.new");
        fs::write(&aside, format!("{offset}\n")).unwrap();
        fs::rename(&aside, self.file()).unwrap();
    }

    /// What the process needs in its environment.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let value = |text: &str| text.to_owned();
        vec![
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", value("1")),
            ("FAKETIME_DONT_FAKE_MONOTONIC", value("1")),
            ("DONT_FAKE_MONOTONIC", value("1")),
            ("NO_FAKE_STAT", value("1")),
        ]
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("offset")
    }
}
