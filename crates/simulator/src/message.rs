//! Requests and answers, as a handler sees them.

use serde_json::Value;

/// One complete request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path, still percent-encoded, without the query.
    pub path: String,
    /// The query's pairs in their order, decoded.
    pub query: Vec<(String, String)>,
    /// The header fields in their order; the names are lower case.
    pub headers: Vec<(String, String)>,
    /// The body, empty for nearly every `GET`.
    pub body: Vec<u8>,
}

impl Request {
    /// A `GET` of `path_and_query` without header fields.
    #[must_use]
    pub fn get(path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        Self {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: parse_query(query),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The first value of the query's `name`.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<&str> {
        value_of(&self.query, name)
    }

    /// The first value of the header field `name`, which must be given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        value_of(&self.headers, name)
    }
}

fn value_of<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// What a handler answers; length and connection handling are the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The value of `content-type`.
    pub content_type: String,
    /// Further header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer with a body of any type.
    #[must_use]
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: content_type.to_owned(), headers: Vec::new(), body: body.into() }
    }

    /// A 200 with a JSON document.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::json_text(200, value.to_string())
    }

    /// JSON that is already text.
    #[must_use]
    pub fn json_text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// The control plane's 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::json_text(404, r#"{"error":"Not found"}"#)
    }
}

/// Splits and decodes a query string; what cannot be decoded stays as it is.
#[must_use]
pub fn parse_query(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

/// Percent-encodes everything in `text` that might mean something within a query.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_split_and_decoded() {
        let request = Request::get("/api/v1/query?query=up%7Bjob%3D%22node%22%7D&step=60&a+b=c&flag&bad=%zz");
        assert_eq!(request.path, "/api/v1/query");
        assert_eq!(request.query_value("query"), Some(r#"up{job="node"}"#));
        assert_eq!(request.query_value("step"), Some("60"));
        assert_eq!(request.query_value("a b"), Some("c"));
        assert_eq!(request.query_value("flag"), Some(""));
        assert_eq!(request.query_value("bad"), Some("%zz"));
        assert_eq!(request.query_value("absent"), None);
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for text in ["", "up{job=~\"a|b+c\"} & 100 %", "ü\r\nx: y"] {
            assert_eq!(parse_query(&format!("q={}", encode(text))), [("q".to_owned(), text.to_owned())]);
        }
        assert!(!encode("a b&c=d\n").contains([' ', '&', '=', '\n']));
    }

    #[test]
    fn text_that_decodes_to_no_utf8_stays_as_it_is() {
        assert_eq!(parse_query("a=%ff"), [("a".to_owned(), "%ff".to_owned())]);
    }
}
