//! The configuration: a TOML file, four environment variables and a few flags, checked as a whole.
//!
//! The file is read by key and not by type, so that every problem in it is found at once, each with its key, its
//! value and what is allowed there.

mod backends;
mod credentials;
mod http;
mod identity;
mod infrastructure;
mod keys;
mod notes;
mod notice;
mod problem;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod websocket;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use keys::Keys;
pub(crate) use problem::{ConfigError, Problem};
pub(crate) use settings::Settings;
pub(crate) use source::Source;

/// The file that is read when none is named, if it exists.
const DEFAULT_FILE: &str = "/etc/command-center/config.toml";

/// The environment variables that override the file, and the table whose `url` each of them is.
const URL_VARIABLES: [(&str, &str); 4] = [
    ("GATEWAY_URL", "gateway"),
    ("ORCHESTRATOR_URL", "orchestrator"),
    ("PROMETHEUS_URL", "prometheus"),
    ("LOKI_URL", "loki"),
];

/// Reads file and environment.
///
/// # Errors
/// Lists every problem.
pub(crate) fn load(file: Option<&Path>) -> Result<Settings, ConfigError> {
    let named = file.map(Path::to_path_buf);
    let default = || Some(PathBuf::from(DEFAULT_FILE)).filter(|file| file.exists());
    let file = named.or_else(default);
    let text = match &file {
        Some(file) => read(file)?,
        None => String::new(),
    };
    let place = file.as_ref().map_or("built-in defaults".to_owned(), |file| file.display().to_string());
    let urls = URL_VARIABLES.map(|(variable, table)| {
        let value = env::var(variable).ok().filter(|value| !value.trim().is_empty());
        (variable, table, value)
    });
    parse(&place, &text, &urls)
}

/// Checks a file's text together with the variables' values.
pub(crate) fn parse(
    place: &str,
    text: &str,
    urls: &[(&'static str, &'static str, Option<String>)],
) -> Result<Settings, ConfigError> {
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        ConfigError::one(Problem::syntax(
            place,
            error.message(),
            error.span().map(|span| line(text, span.start)),
        ))
    })?;
    let mut problems = Vec::new();
    for (variable, key, value) in urls {
        let Some(value) = value else { continue };
        let section = table.entry(*key).or_insert_with(|| toml::Table::new().into());
        if let Some(section) = section.as_table_mut() {
            section.insert("url".to_owned(), value.trim().into());
            problems.push(Problem::origin(variable, key));
        }
    }
    let origins = std::mem::take(&mut problems);
    let source = Source::new(table.clone());
    let mut keys = Keys::new(place, table, &mut problems);
    let settings = Settings::read(&mut keys);
    keys.finish();
    match settings {
        Some(settings) if problems.is_empty() => Ok(Settings { source, ..settings }),
        _ => Err(ConfigError::new(problem::attribute(problems, &origins))),
    }
}

fn read(file: &Path) -> Result<String, ConfigError> {
    fs::read_to_string(file).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file",
            io::ErrorKind::PermissionDenied => "it may not be read",
            io::ErrorKind::InvalidData => "it is not UTF-8",
            _ => "it could not be read",
        };
        ConfigError::one(Problem::syntax(&file.display().to_string(), why, None))
    })
}

fn line(text: &str, offset: usize) -> usize {
    text.get(..offset).map_or(1, |before| before.matches('\n').count() + 1)
}
