//! A log of builds.

use std::{fmt, fs, path::Path};

use identity::{
    config::{Config, Unknown},
    directory::Directory,
    package::{Atom, PackageAtom},
    pseudonym::{Key, Pseudonyms},
};

/// The builds of a log that took any time, in the order in which they finished.
pub(crate) struct Log {
    pub(crate) builds: Vec<Build>,
}

/// One of them.
pub(crate) struct Build {
    finished_at: f64,
    pub(crate) package: PackageAtom,
    pub(crate) seconds: f64,
}

/// Why a log is none.
#[derive(Debug)]
pub(crate) enum LogError {
    Unreadable(std::io::Error),
    Line(usize),
    Names,
}

impl Log {
    pub(crate) fn read(file: &Path) -> Result<Self, LogError> {
        let text = fs::read_to_string(file).map_err(LogError::Unreadable)?;
        let mut rows = Vec::new();
        for (idx, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            match parse(line) {
                Some(row) => rows.push(row),
                // The heading.
                None if idx == 0 => {}
                None => return Err(LogError::Line(idx + 1)),
            }
        }
        // A log of any machine is welcome, whatever categories its overlays have.
        let categories =
            rows.iter().filter_map(|(_, package, _)| Some(package.split_once('/')?.0.to_owned()));
        let config =
            Config::new(Unknown::Pseudonym, categories.collect(), Vec::new(), Vec::new(), Vec::new())
                .map_err(|_| LogError::Names)?;
        let directory = Directory::new(config, Pseudonyms::new(Key::new([0; 32]), []));
        let guard = directory.guard();
        let clear = |text: &str| Atom::parse(text).and_then(|atom| directory.package(&atom, &guard));
        let mut builds: Vec<Build> = rows
            .into_iter()
            .filter(|(_, _, seconds)| *seconds > 0.0)
            .filter_map(|(finished_at, package, seconds)| {
                Some(Build { finished_at, package: clear(package)?, seconds })
            })
            .collect();
        builds.sort_by(|a, b| a.finished_at.total_cmp(&b.finished_at));
        Ok(Self { builds })
    }
}

impl Build {
    /// As they are learned: rounded half up.
    pub(crate) fn whole_seconds(&self) -> u32 {
        // A build of more than a hundred years is not believed anyway.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let whole = self.seconds.round() as u32;
        whole
    }
}

fn parse(line: &str) -> Option<(f64, &str, f64)> {
    let mut fields = line.split(',').map(str::trim);
    let row = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?.parse().ok()?);
    fields.next().is_none().then_some(row)
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "{error}"),
            Self::Line(number) => {
                write!(f, "line {number} is not `finished_at_unix_seconds,package,duration_seconds`")
            }
            Self::Names => write!(f, "its categories cannot be used together"),
        }
    }
}
