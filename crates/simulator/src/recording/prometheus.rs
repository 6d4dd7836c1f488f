//! What a real Prometheus answered, one document a name.
//!
//! Prometheus 2.42 with `node_exporter` 1.5, and a hundred hosts whose past was written by hand; errors and odd
//! values included.

use std::io;

use crate::message::Answer;
use crate::server::Server;

/// What the recordings contain and must never be published.
pub const INTERNAL_STRINGS: [&str; 6] =
    ["127.0.0.1:39911", "127.0.0.1:56815", "host-003:9100", "host-042", "6.18.44-fc-v669", "/dev/vda"];

macro_rules! recorded {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../contract/prometheus/", $name, ".json")))),*]
    };
}

/// The answers, by name.
static ANSWERS: [(&str, &str); 26] = recorded! {
    "alerts" "bad_query" "boot_time" "cpu_100hosts" "cpu_pct" "empty" "exec_error" "fs_raw" "fs_used_pct"
    "inf_vec" "load" "mem_used_pct" "nan" "net_rx" "no_query" "notfound" "query_timeout" "range_cpu"
    "range_too_many" "scalar" "string" "uname" "uname_100hosts" "up" "up_100hosts" "uptime"
};

/// The names of the recorded answers.
pub fn names() -> impl Iterator<Item = &'static str> {
    ANSWERS.iter().map(|(name, _)| *name)
}

/// The answer that was recorded as `name`, with its status.
#[must_use]
pub fn answer(name: &str) -> Option<Answer> {
    let (_, text) = ANSWERS.iter().find(|(known, _)| *known == name)?;
    let status = match name {
        "bad_query" | "no_query" | "range_too_many" => 400,
        "exec_error" => 422,
        "query_timeout" => 503,
        "notfound" => return Some(Answer::new(404, "text/plain; charset=utf-8", *text)),
        _ => 200,
    };
    Some(Answer::json_text(status, *text))
}

/// A server that gives the answer `name` to every request.
///
/// # Errors
/// When there is no such answer, or no socket or thread can be had.
pub fn serve(name: &str) -> io::Result<Server> {
    super::serve_answer(answer(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str) -> String {
        String::from_utf8(answer(name).unwrap().body).unwrap()
    }

    #[test]
    fn successes_say_so_and_errors_have_their_status() {
        for name in names() {
            let answer = answer(name).unwrap();
            if answer.content_type != "application/json" {
                assert_eq!(answer.status, 404, "{name}");
                continue;
            }
            let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            let expected = if answer.status == 200 { "success" } else { "error" };
            assert_eq!(document["status"], expected, "{name}");
        }
        assert!(answer("nothing").is_none() && serve("nothing").is_err());
    }

    #[test]
    fn every_internal_string_was_recorded() {
        for word in INTERNAL_STRINGS {
            assert!(names().any(|name| text(name).contains(word)), "{word}");
        }
    }
}
