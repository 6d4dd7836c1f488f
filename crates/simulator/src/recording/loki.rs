//! What a real Loki answered, one document a name; its index has each answer's status and content type.
//!
//! A Grafana Loki after 3.8. Errors are plain text, and every document ends with statistics.

use std::io;
use std::sync::LazyLock;

use serde_json::Value;

use crate::message::Answer;
use crate::server::Server;

/// What the recordings contain and must never be published.
pub const INTERNAL_STRINGS: [&str; 5] = ["web-1", "db-1", "gz-1", "sm-1", "GET /x/39"];

macro_rules! recorded {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../contract/loki/", $name, ".json")))),*]
    };
}

/// The answers, by name.
static ANSWERS: [(&str, &str); 20] = recorded! {
    "buildinfo" "notfound" "q_instant_log" "q_instant_metric" "q_vector" "qr_backward" "qr_bad_direction"
    "qr_bad_syntax" "qr_empty" "qr_empty_matcher" "qr_end_before_start" "qr_err_total" "qr_limit0"
    "qr_limit_big" "qr_match_all" "qr_missing_query" "qr_rate" "qr_too_long_range" "ready" "volume"
};

/// The request, the status and the content type of every answer that was ever recorded.
static INDEX: LazyLock<Value> =
    LazyLock::new(|| super::parse(include_str!("../../contract/loki/_index.json")));

static STATISTICS: LazyLock<Value> = LazyLock::new(|| {
    let recorded = answer("q_instant_metric").map(|answer| answer.body).unwrap_or_default();
    let document: Value = serde_json::from_slice(&recorded).unwrap_or_default();
    document.pointer("/data/stats").cloned().unwrap_or_default()
});

/// The names of the recorded answers.
pub fn names() -> impl Iterator<Item = &'static str> {
    ANSWERS.iter().map(|(name, _)| *name)
}

/// The answer that was recorded as `name`, with its status and content type.
#[must_use]
pub fn answer(name: &str) -> Option<Answer> {
    let (_, text) = ANSWERS.iter().find(|(known, _)| *known == name)?;
    let row = row(name)?;
    let status = row.get("status").and_then(Value::as_u64)?;
    let content_type = row.get("content_type").and_then(Value::as_str)?;
    Some(Answer::new(u16::try_from(status).ok()?, content_type, *text))
}

/// The path and query that the answer `name` was recorded for.
#[must_use]
pub fn request(name: &str) -> Option<&'static str> {
    row(name)?.get("path").and_then(Value::as_str)
}

/// A server that gives the answer `name` to every request.
///
/// # Errors
/// When there is no such answer, or no socket or thread can be had.
pub fn serve(name: &str) -> io::Result<Server> {
    super::serve_answer(answer(name))
}

/// The statistics that were recorded at the end of an answer.
pub(crate) fn statistics() -> Value {
    STATISTICS.clone()
}

fn row(name: &str) -> Option<&'static Value> {
    INDEX.as_array()?.iter().find(|row| row.get("name").and_then(Value::as_str) == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_the_status_and_the_type_of_the_index() {
        for name in names() {
            let answer = answer(name).unwrap();
            let document = serde_json::from_slice::<Value>(&answer.body);
            assert_eq!(answer.content_type.starts_with("application/json"), document.is_ok(), "{name}");
            assert_eq!(answer.status == 200, document.is_ok() || name == "ready", "{name}");
            assert!(request(name).unwrap().starts_with('/'));
        }
        assert!(answer("nothing").is_none() && serve("nothing").is_err());
    }

    #[test]
    fn the_statistics_are_the_recorded_ones() {
        assert_eq!(statistics()["summary"]["totalEntriesReturned"], 4);
    }

    #[test]
    fn every_internal_string_was_recorded() {
        let texts: Vec<&str> = ANSWERS.iter().map(|(_, text)| *text).collect();
        for word in INTERNAL_STRINGS {
            assert!(texts.iter().any(|text| text.contains(word)), "{word}");
        }
    }
}
