//! Reading a table by its keys, collecting what is wrong.

use std::{
    collections::BTreeSet,
    fmt::Display,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use toml::{Table, Value};

use super::Problem;

/// A table of the file, and the keys of it that were asked for.
#[derive(Debug)]
pub(super) struct Keys<'p> {
    place: String,
    /// The tables above, such as `identity.stars[2]`.
    prefix: String,
    table: Table,
    asked: BTreeSet<&'static str>,
    problems: &'p mut Vec<Problem>,
}

impl<'p> Keys<'p> {
    pub(super) fn new(place: &str, table: Table, problems: &'p mut Vec<Problem>) -> Self {
        Self { place: place.to_owned(), prefix: String::new(), table, asked: BTreeSet::new(), problems }
    }

    /// Notes a problem with a key.
    pub(super) fn complain(&mut self, key: &str, allowed: impl Into<String>) {
        let given = self.find(key).map(shown);
        let key = self.path(key);
        self.problems.push(Problem::new(&self.place, &key, given, allowed));
    }

    /// Notes a problem with a key whose value may be a secret, or that of a key below it.
    pub(super) fn complain_discreetly(&mut self, key: &str, allowed: impl Into<String>) {
        let key = self.path(key);
        self.problems.push(Problem::new(&self.place, &key, None, allowed));
    }

    /// Any value, if it has the right form.
    pub(super) fn get<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        self.asked.insert(key);
        let value = self.table.get(key)?;
        let read = read(value);
        if read.is_none() {
            self.complain(key, format!("must be {allowed}"));
        }
        read
    }

    /// Like [`Keys::get`], for a value that may be a secret, written at the wrong place.
    pub(super) fn get_discreetly<T>(
        &mut self,
        key: &'static str,
        allowed: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        self.asked.insert(key);
        let read = read(self.table.get(key)?);
        if read.is_none() {
            self.complain_discreetly(key, format!("must be {allowed}"));
        }
        read
    }

    /// A text that is read by a function which says what is wrong with it.
    pub(super) fn parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.complain(key, error.to_string());
                None
            }
        }
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        self.get(key, "a text in quotes", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.get(key, "true or false", Value::as_bool)
    }

    pub(super) fn count(&mut self, key: &'static str, at_least: usize, at_most: usize) -> Option<usize> {
        self.get(key, &format!("a whole number from {at_least} to {at_most}"), |value| {
            let count = usize::try_from(value.as_integer()?).ok()?;
            (at_least..=at_most).contains(&count).then_some(count)
        })
    }

    pub(super) fn duration(&mut self, key: &'static str) -> Option<Duration> {
        self.get(key, "a duration such as \"500ms\", \"10s\" or \"7d\"", |value| {
            humantime::parse_duration(value.as_str()?).ok()
        })
    }

    pub(super) fn instant(&mut self, key: &'static str) -> Option<Timestamp> {
        self.get(key, "an instant such as 2026-02-23T14:30:00Z", |value| match value {
            Value::Datetime(at) => at.to_string().parse().ok(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Vec<String> {
        let read = |value: &Value| -> Option<Vec<String>> {
            value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
        };
        self.get(key, "a list of texts", read).unwrap_or_default()
    }

    /// A table below this one; an empty one when it is absent.
    pub(super) fn section<T>(&mut self, key: &'static str, read: impl FnOnce(&mut Keys<'_>) -> T) -> T {
        let table = self.get(key, "a table", |value| value.as_table().cloned());
        let prefix = self.path(key);
        self.below(prefix, table.unwrap_or_default(), read)
    }

    /// A table below this one that may hold secrets; `None` when it is absent.
    pub(super) fn section_discreetly<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Keys<'_>) -> T,
    ) -> Option<T> {
        let table = self.get_discreetly(key, "a table", |value| value.as_table().cloned())?;
        let prefix = self.path(key);
        Some(self.below(prefix, table, read))
    }

    /// Every table of a list of tables.
    pub(super) fn sections<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Keys<'_>) -> T,
    ) -> Vec<T> {
        let of_tables = |value: &Value| -> Option<Vec<Table>> {
            value.as_array()?.iter().map(|table| table.as_table().cloned()).collect()
        };
        let tables = self.get(key, "a list of tables", of_tables).unwrap_or_default();
        let prefix = self.path(key);
        let tables = tables.into_iter().enumerate();
        tables.map(|(idx, table)| self.below(format!("{prefix}[{idx}]"), table, &mut read)).collect()
    }

    /// A file that the configuration names: relative to the directory of the configuration's own.
    pub(super) fn beside(&self, file: &str) -> PathBuf {
        Path::new(&self.place).parent().unwrap_or_else(|| Path::new("")).join(file)
    }

    /// Whether the table has anything in it.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Complains about every key that nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.keys().filter(|key| !self.asked.contains(key.as_str())) {
            let known: Vec<&str> = self.asked.iter().copied().collect();
            let path = join(&self.prefix, key);
            let allowed = format!("there is no such key; known here: {}", known.join(", "));
            self.problems.push(Problem::new(&self.place, &path, None, allowed));
        }
    }

    fn below<T>(&mut self, prefix: String, table: Table, read: impl FnOnce(&mut Keys<'_>) -> T) -> T {
        let mut keys = Keys {
            place: self.place.clone(),
            prefix,
            table,
            asked: BTreeSet::new(),
            problems: self.problems,
        };
        let value = read(&mut keys);
        keys.finish();
        value
    }

    /// The value at a key, or at a path such as `stars[2].name`.
    fn find(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split(['.', '[', ']']).filter(|part| !part.is_empty());
        let first = self.table.get(parts.next()?);
        parts.fold(first, |value, part| match part.parse::<usize>() {
            Ok(idx) => value?.get(idx),
            Err(_) => value?.get(part),
        })
    }

    /// A key with the tables above it, such as `gateway.interval`.
    pub(super) fn path(&self, key: &str) -> String {
        join(&self.prefix, key)
    }
}

fn join(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}

/// A value as it is shown in a complaint: neither the password of a URL nor what a table holds.
fn shown(value: &Value) -> String {
    match value {
        Value::Table(_) => "{…}".to_owned(),
        Value::Array(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        _ => {
            let text = value.to_string();
            match (text.find("://"), text.rfind('@')) {
                (Some(scheme), Some(at)) if scheme < at => format!("{}://…{}", &text[..scheme], &text[at..]),
                (None, Some(at)) => format!("\"…{}", &text[at..]),
                _ => text,
            }
        }
    }
}
