//! What is wrong with a configuration, said so that it can be mended.

use std::fmt;

/// Everything that is wrong with a configuration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ConfigError(Vec<Problem>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The file, or the environment variable.
    place: String,
    /// The key with its tables, such as `gateway.interval`; empty for the file as a whole.
    key: String,
    /// The value that stands there.
    given: Option<String>,
    /// What may stand there, or what is wrong.
    allowed: String,
}

impl ConfigError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    pub(crate) fn one(problem: Problem) -> Self {
        Self(vec![problem])
    }

    /// The tables in which something is wrong, sorted: no more than may stand in a log.
    pub(crate) fn tables(&self) -> Vec<&str> {
        let tables = self.0.iter().filter_map(|problem| problem.key.split(['.', '[']).next());
        let tables: std::collections::BTreeSet<&str> = tables.filter(|table| !table.is_empty()).collect();
        tables.into_iter().collect()
    }

    #[cfg(test)]
    pub(crate) fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl Problem {
    pub(crate) fn new(place: &str, key: &str, given: Option<String>, allowed: impl Into<String>) -> Self {
        Self { place: place.to_owned(), key: key.to_owned(), given, allowed: allowed.into() }
    }

    /// The file as a whole cannot be read.
    pub(crate) fn syntax(place: &str, why: &str, line: Option<usize>) -> Self {
        let place = line.map_or_else(|| place.to_owned(), |line| format!("{place}:{line}"));
        Self { place, key: String::new(), given: None, allowed: why.to_owned() }
    }

    /// A mark that a table's `url` came from an environment variable.
    pub(super) fn origin(variable: &str, table: &str) -> Self {
        Self::new(variable, &format!("{table}.url"), None, "")
    }
}

/// Names the environment variable as the place of a problem with the value that came from it.
pub(super) fn attribute(mut problems: Vec<Problem>, origins: &[Problem]) -> Vec<Problem> {
    for problem in &mut problems {
        if let Some(origin) = origins.iter().find(|origin| origin.key == problem.key) {
            problem.place.clone_from(&origin.place);
        }
    }
    problems
}

// === impl ConfigError ===

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, problem) in self.0.iter().enumerate() {
            if idx > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, key, given, allowed } = self;
        match given {
            _ if key.is_empty() => write!(f, "{place}: {allowed}"),
            Some(given) => write!(f, "{place}: {key} = {given}: {allowed}"),
            None => write!(f, "{place}: {key}: {allowed}"),
        }
    }
}
