//! A log of builds.

use std::{collections::HashSet, fmt, fs, path::Path};

use identity::{
    config::{Config, Unknown},
    directory::Directory,
    package::{Atom, PackageAtom},
    pseudonym::{Key, Pseudonyms},
};
use scheduler::estimate::DURATION_MAX_SECONDS;

/// From this instant on no build can have finished, in Unix seconds: the year 2100.
const FINISHED_BEFORE: f64 = 4_102_444_800.0;

/// The builds of a log that took any time, in the order in which they finished.
pub(crate) struct Log {
    pub(crate) builds: Vec<Build>,
    /// Lines that are no builds, or the same as one before.
    pub(crate) n_refused: usize,
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
    Empty,
    Names,
}

impl Log {
    /// Reads the builds of a file and leaves out what is none, but for the heading without a word.
    pub(crate) fn read(file: &Path) -> Result<Self, LogError> {
        let bytes = fs::read(file).map_err(LogError::Unreadable)?;
        let lines: Vec<&[u8]> =
            bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).collect();
        let mut seen = HashSet::new();
        let rows: Vec<_> =
            lines.iter().filter_map(|line| parse(line)).filter(|(_, line)| seen.insert(*line)).collect();
        // A log of any machine is welcome, whatever categories its overlays have.
        let categories = rows.iter().filter_map(|(row, _)| Some(row.package.split_once('/')?.0.to_owned()));
        let config =
            Config::new(Unknown::Pseudonym, categories.collect(), Vec::new(), Vec::new(), Vec::new())
                .map_err(|_| LogError::Names)?;
        let directory = Directory::new(config, Pseudonyms::new(Key::new([0; 32]), []));
        let guard = directory.guard();
        let clear = |text: &str| Atom::parse(text).and_then(|atom| directory.package(&atom, &guard));
        let mut builds: Vec<Build> = rows
            .into_iter()
            .filter_map(|(Row { finished_at, package, seconds }, _)| {
                Some(Build { finished_at, package: clear(package)?, seconds })
            })
            .collect();
        if builds.is_empty() {
            return Err(LogError::Empty);
        }
        builds.sort_by(|a, b| a.finished_at.total_cmp(&b.finished_at));
        let has_heading = lines.first().is_some_and(|line| !line[0].is_ascii_digit());
        let n_refused = lines.len() - builds.len() - usize::from(has_heading);
        Ok(Self { builds, n_refused })
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

/// A line that can be a build.
struct Row<'a> {
    finished_at: f64,
    package: &'a str,
    seconds: f64,
}

/// The build of a line, if it is one, and the line without what surrounds it.
fn parse(line: &[u8]) -> Option<(Row<'_>, &str)> {
    let line = str::from_utf8(line).ok()?.trim();
    let mut fields = line.split(',').map(str::trim);
    let row = Row {
        finished_at: fields.next()?.parse().ok()?,
        package: fields.next()?,
        seconds: fields.next()?.parse().ok()?,
    };
    let is_possible = (0.0..FINISHED_BEFORE).contains(&row.finished_at)
        && row.seconds > 0.0
        && row.seconds <= f64::from(DURATION_MAX_SECONDS);
    (fields.next().is_none() && is_possible).then_some((row, line))
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "{error}"),
            Self::Empty => write!(f, "has no line `finished_at_unix_seconds,package,duration_seconds`"),
            Self::Names => write!(f, "its categories cannot be used together"),
        }
    }
}
