//! The ways in which a backend can misbehave.
//!
//! Only the choice and the forged bodies live here; how they travel is [`crate::server`]'s, and what is odd within a
//! right answer is [`crate::oddity`]'s.

use std::fmt;

use serde_json::Value;

use crate::oddity::Oddity;

/// What a server does with a complete request, or with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Behaviour {
    /// Answers as the handler says.
    #[default]
    Normal,
    /// Nobody listens: connections are refused, open ones are closed. Leaving it listens on the same port again.
    Refuse,
    /// Takes no connection: those that try wait in vain, open ones are closed.
    StallConnect,
    /// Takes a question and closes the connection without a word.
    HangUp,
    /// Answers rightly and closes each connection behind the answer, without having said that it would.
    CloseIdle,
    /// Accepts and reads, and never answers.
    Stall,
    /// Sends the head and none of the body.
    StallBody,
    /// Sends the body a byte at a time, and more of it than any timeout has patience for.
    Drip,
    /// Sends half of the body and closes.
    Cut,
    /// Names two lengths that contradict each other.
    WrongLength,
    /// Claims a compression in which the body is not.
    WrongEncoding,
    /// An error status; its body names hosts and addresses, as real ones do.
    Status(u16),
    /// A 200 with an HTML error page of a proxy in between.
    Html,
    /// A 200 that claims JSON and is none.
    Garbage,
    /// The handler's JSON, in which every scalar has another type.
    WrongTypes,
    /// A body of 1 GiB that starts like the right one.
    Huge,
    /// A few hundred kilobytes of gzip that inflate to 1 GiB.
    GzipBomb,
    /// The same, compressed by brotli: a few kilobytes.
    BrotliBomb,
    /// A 302 to another loopback URL, where the right answer waits for whoever follows.
    Redirect,
    /// A 200 without a body.
    Empty,
    /// A 200 with `null`.
    Null,
    /// Well-formed JSON, 100,000 arrays deep.
    DeepNesting,
    /// An answer in which something is odd, and which may be right all the same.
    Odd(Oddity),
}

impl Behaviour {
    /// Every way to give no usable answer; `Status` stands with 500, 503, 404 and 401.
    pub const MISBEHAVIOURS: [Self; 23] = [
        Self::Refuse,
        Self::StallConnect,
        Self::HangUp,
        Self::Stall,
        Self::StallBody,
        Self::Drip,
        Self::Cut,
        Self::WrongLength,
        Self::WrongEncoding,
        Self::Status(500),
        Self::Status(503),
        Self::Status(404),
        Self::Status(401),
        Self::Html,
        Self::Garbage,
        Self::WrongTypes,
        Self::Huge,
        Self::GzipBomb,
        Self::BrotliBomb,
        Self::Redirect,
        Self::Empty,
        Self::Null,
        Self::DeepNesting,
    ];
}

/// What a server does, as the words after its name.
impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "answers as it should",
            Self::Refuse => "refuses every connection",
            Self::StallConnect => "takes no connection and refuses none",
            Self::HangUp => "takes questions and hangs up",
            Self::CloseIdle => "hangs up after each answer",
            Self::Stall => "takes questions and never answers",
            Self::StallBody => "begins its answers and never goes on",
            Self::Drip => "answers one byte at a time",
            Self::Cut => "breaks off in the middle of its answers",
            Self::WrongLength => "answers with two lengths",
            Self::WrongEncoding => "answers in another compression than it says",
            Self::Status(status) => return write!(f, "answers with the error status {status}"),
            Self::Html => "answers with the error page of a proxy",
            Self::Garbage => "answers with garbage",
            Self::WrongTypes => "answers with values of the wrong types",
            Self::Huge => "answers with a gigabyte",
            Self::GzipBomb => "answers with a gigabyte, compressed to almost nothing",
            Self::BrotliBomb => "answers with a gigabyte, compressed to nearly nothing",
            Self::Redirect => "sends everybody elsewhere",
            Self::Empty => "answers with nothing at all",
            Self::Null => "answers with an empty value",
            Self::DeepNesting => "answers with 100,000 lists within each other",
            Self::Odd(oddity) => return write!(f, "answers with {oddity}"),
        })
    }
}

/// The body of [`Behaviour::Status`].
pub const ERROR_BODY: &str = r#"{"error":"Internal server error","detail":"GET http://gateway.internal.lan:8090/api/v1/nodes via 10.42.0.7: database is locked: /var/lib/build-swarm/swarm.db"}"#;

/// The body of [`Behaviour::Html`].
pub const HTML_BODY: &str = "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad \
     Gateway</h1><p>upstream gateway.internal.lan (10.42.0.7) timed out</p></body></html>\n";

/// The body of [`Behaviour::Garbage`]: a promising start, then bytes that are not even text.
pub const GARBAGE_BODY: &[u8] = b"{\"needed\": 12, \"packages\": [\xff\xfe\x00\xc3\x28, }} \x1b[31mpanic";

/// The internal names in the bodies above: none of them may ever be published.
pub const INTERNAL_STRINGS: [&str; 4] =
    ["gateway.internal.lan", "10.42.0.7", "/var/lib/build-swarm", "swarm.db"];

/// How deep [`Behaviour::DeepNesting`] goes.
pub const NESTING_DEPTH: usize = 100_000;

/// Gives every scalar in `value` another JSON type; arrays, objects and keys stay.
pub fn change_scalar_types(value: &mut Value) {
    match value {
        Value::Null => *value = Value::Bool(true),
        Value::Bool(flag) => *value = Value::String(flag.to_string()),
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::String(text) => *value = Value::from(text.len()),
        Value::Array(items) => items.iter_mut().for_each(change_scalar_types),
        Value::Object(fields) => fields.values_mut().for_each(change_scalar_types),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn wrong_types_keep_the_shape_and_change_every_scalar() {
        let mut value = json!([{"a": 1, "b": "two", "c": null, "d": false, "e": [1.5], "f": {}}]);
        change_scalar_types(&mut value);
        assert_eq!(value, json!([{"a": "1", "b": 3, "c": true, "d": "false", "e": ["1.5"], "f": {}}]));
    }
}
