//! Credentials: read from their files, so that no secret stands in the configuration.
//!
//! A complaint names the key and never the value: a token that was pasted where its file belongs is a secret too.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use scheduler::config::{
    credentials::{Credentials, Secret},
    draft::credentials::{BasicAuthDraft, CredentialsDraft},
};
use toml::Value;

use super::{keys::Keys, notes::Notes};

/// The largest secret, in bytes; servers refuse longer headers.
const SECRET_MAX: usize = 4 * 1024;
/// The largest file of certificates, in bytes; those of a whole machine take a quarter of it.
const CA_MAX: usize = 1024 * 1024;

/// Reads what a backend is shown; `None` when something is wrong, which the keys then know.
pub(super) fn read(keys: &mut Keys<'_>, notes: &mut Notes) -> Option<Credentials> {
    let bearer_token = secret(keys, notes, "bearer_token_file");
    let basic_auth = keys.section_discreetly("basic_auth", |keys| {
        let username =
            keys.get_discreetly("username", "a text in quotes", |value| value.as_str().map(Secret::new));
        let password = secret(keys, notes, "password_file");
        if password.is_none() {
            keys.complain_discreetly("password_file", "is missing");
        }
        BasicAuthDraft { username, password: password.unwrap_or_default() }
    });
    let headers = headers(keys, notes);
    let ca = path(keys, "ca_file").and_then(|file| match bytes(&keys.beside(&file), CA_MAX) {
        Ok(pem) => Some(pem),
        Err(why) => {
            keys.complain_discreetly("ca_file", why);
            None
        }
    });
    let draft = CredentialsDraft { bearer_token, basic_auth, headers, ca };
    match draft.check() {
        Ok(credentials) => Some(credentials),
        Err(problems) => {
            for problem in problems {
                keys.complain_discreetly(&problem.key, problem.allowed);
            }
            None
        }
    }
}

/// Headers by name; each value is a text, or a table that names its file.
fn headers(keys: &mut Keys<'_>, notes: &mut Notes) -> Vec<(String, Secret)> {
    let table = keys
        .get_discreetly("headers", "a table of header names and values", |value| value.as_table().cloned());
    let mut headers = Vec::new();
    for (name, value) in table.unwrap_or_default() {
        let key = format!("headers.{name}");
        let value = match &value {
            Value::String(text) => Some(Secret::new(text)),
            Value::Table(table) if table.len() == 1 => {
                let file = table.get("file").and_then(Value::as_str);
                file.map(|file| of_file(keys, notes, &key, file))
            }
            _ => None,
        };
        match value {
            Some(value) => headers.push((name, value)),
            // Not a name but a whole line, which must not be shown; the check says so.
            None if name.contains([':', ' ']) => headers.push((name, Secret::default())),
            None => keys.complain_discreetly(&key, "must be a text in quotes, or { file = \"…\" }"),
        }
    }
    headers
}

/// The content of the file that a key names; `None` when the key is absent.
fn secret(keys: &mut Keys<'_>, notes: &mut Notes, key: &'static str) -> Option<Secret> {
    let file = path(keys, key)?;
    Some(of_file(keys, notes, key, &file))
}

fn path(keys: &mut Keys<'_>, key: &'static str) -> Option<String> {
    keys.get_discreetly(key, "the path of a file, in quotes", |value| value.as_str().map(str::to_owned))
}

/// What stands in a file; an empty secret after a complaint, so that further problems are found.
fn of_file(keys: &mut Keys<'_>, notes: &mut Notes, key: &str, file: &str) -> Secret {
    let path = keys.beside(file);
    match bytes(&path, SECRET_MAX).and_then(|bytes| line(&bytes)) {
        Ok(secret) => {
            if is_open(&path) {
                notes.push(&keys.path(key), "the file can be read by every user of this machine");
            }
            secret
        }
        Err(why) => {
            keys.complain_discreetly(key, why);
            Secret::default()
        }
    }
}

/// The one line of a secret's file, without white space around it.
fn line(bytes: &[u8]) -> Result<Secret, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the file is not UTF-8")?.trim();
    match text {
        "" => Err("the file is empty".to_owned()),
        text if text.contains(char::is_control) => {
            Err("the file must hold one line, without control characters".to_owned())
        }
        text => Ok(Secret::new(text)),
    }
}

fn bytes(path: &Path, at_most: usize) -> Result<Vec<u8>, String> {
    let why = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "the file may not be read".to_owned(),
        _ => "the file could not be read".to_owned(),
    };
    // Opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(why)?.is_file() {
        return Err("must be a file".to_owned());
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(at_most).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(why)?.take(limit).read_to_end(&mut bytes).map_err(why)?;
    if bytes.len() > at_most {
        return Err(format!("the file is larger than {at_most} bytes"));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}
