//! The fields of frames and documents, each checked where it is read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use snapshot::{section::SourceState, status::DocumentStatus};

use super::{MirrorError, TEXT_MAX};

/// The longest word: an epoch, a build, the name of a source.
const WORD_MAX: usize = 64;

/// The most sources that are kept.
const SOURCES_MAX: usize = 32;

/// The largest whole number that every client can count to.
const SEQ_MAX: u64 = (1 << 53) - 1;

/// One version of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) epoch: String,
    pub(super) seq: u64,
    pub(super) hash: u32,
}

/// The fields of one object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

/// A text as a JSON object.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, MirrorError> {
    if text.len() > TEXT_MAX {
        return Err(MirrorError::TooLarge);
    }
    serde_json::from_str(text).map_err(|_| MirrorError::NotJson)
}

impl<'a> Fields<'a> {
    pub(super) fn text(&self, key: &'static str) -> Result<&'a str, MirrorError> {
        self.read(key, Value::as_str)
    }

    pub(super) fn number(&self, key: &'static str) -> Result<u64, MirrorError> {
        self.read(key, Value::as_u64)
    }

    pub(super) fn list(&self, key: &'static str) -> Result<&'a [Value], MirrorError> {
        self.read(key, |value| value.as_array().map(Vec::as_slice))
    }

    pub(super) fn object(&self, key: &'static str) -> Result<&'a Map<String, Value>, MirrorError> {
        self.read(key, Value::as_object)
    }

    pub(super) fn seq(&self, key: &'static str) -> Result<u64, MirrorError> {
        self.read(key, |value| value.as_u64().filter(|seq| *seq <= SEQ_MAX))
    }

    pub(super) fn instant(&self, key: &'static str) -> Result<Timestamp, MirrorError> {
        self.read(key, |value| value.as_str()?.parse().ok())
    }

    pub(super) fn instant_or_null(&self, key: &'static str) -> Result<Option<Timestamp>, MirrorError> {
        self.read(
            key,
            |value| if value.is_null() { Some(None) } else { value.as_str()?.parse().ok().map(Some) },
        )
    }

    pub(super) fn version(&self) -> Result<Version, MirrorError> {
        let epoch = self.read("epoch", word)?.to_owned();
        Ok(Version { epoch, seq: self.seq("seq")?, hash: self.read("hash", hash)? })
    }

    pub(super) fn status(&self) -> Result<DocumentStatus, MirrorError> {
        Ok(match self.text("status")? {
            "ok" => DocumentStatus::Ok,
            "stale" => DocumentStatus::Stale,
            "offline" => DocumentStatus::Offline,
            _ => DocumentStatus::Unknown,
        })
    }

    /// Frames have a word a source, documents an object with the word as its `state`.
    pub(super) fn sources(&self) -> Result<BTreeMap<String, SourceState>, MirrorError> {
        let sources = self.object("sources")?;
        if sources.len() > SOURCES_MAX || sources.keys().any(|name| name.len() > WORD_MAX) {
            return Err(MirrorError::Malformed("sources"));
        }
        let state = |value: &Value| {
            Some(match value.as_str().or_else(|| value.get("state")?.as_str())? {
                "online" => SourceState::Online,
                "stale" => SourceState::Stale,
                "offline" => SourceState::Offline,
                _ => SourceState::Unknown,
            })
        };
        let read = |(name, value): (&String, &Value)| Some((name.clone(), state(value)?));
        sources.iter().map(read).collect::<Option<_>>().ok_or(MirrorError::Malformed("sources"))
    }

    pub(super) fn build(&self) -> Result<Option<String>, MirrorError> {
        match self.0.get("build") {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.read("build", word).map(|build| Some(build.to_owned())),
        }
    }

    fn read<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<T, MirrorError> {
        self.0.get(key).and_then(read).ok_or(MirrorError::Malformed(key))
    }
}

fn word(value: &Value) -> Option<&str> {
    value.as_str().filter(|word| (1..=WORD_MAX).contains(&word.len()))
}

/// Eight hexadecimal digits in lower case.
fn hash(value: &Value) -> Option<u32> {
    let digits = value.as_str().filter(|text| text.len() == 8)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if digits.bytes().all(is_digit) { u32::from_str_radix(digits, 16).ok() } else { None }
}
