//! JSON as backends really write it.

use serde::de::DeserializeOwned;

/// Parses a document.
///
/// Python writes `NaN` and `Infinity`, which are not JSON. They are read as null: a value that is not a number is a
/// value that is not known. The nesting that is accepted is bounded by the parser.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, serde_json::Error> {
    match serde_json::from_slice(body) {
        Err(error) if error.is_syntax() => match without_nan(body) {
            Some(mended) => serde_json::from_slice(&mended),
            None => Err(error),
        },
        parsed => parsed,
    }
}

/// The document with bare `NaN`, `Infinity` and `-Infinity` replaced by null; `None` if it has none.
fn without_nan(body: &[u8]) -> Option<Vec<u8>> {
    const WORDS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let mut mended = Vec::with_capacity(body.len());
    let mut is_mended = false;
    let mut in_string = false;
    let mut rest = body;
    while let Some((&byte, tail)) = rest.split_first() {
        if !in_string && let Some(word) = WORDS.into_iter().find(|word| rest.starts_with(word)) {
            mended.extend_from_slice(b"null");
            rest = &rest[word.len()..];
            is_mended = true;
            continue;
        }
        if in_string && byte == b'\\' && !tail.is_empty() {
            mended.extend_from_slice(&rest[..2]);
            rest = &rest[2..];
            continue;
        }
        in_string ^= byte == b'"';
        mended.push(byte);
        rest = tail;
    }
    is_mended.then_some(mended)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Option<Value>) {
        assert_eq!(parse::<Value>(body.as_bytes()).ok(), expected);
    }

    #[test]
    fn what_is_not_a_number_is_not_known() {
        check(r#"{"a": NaN, "b": [-Infinity, Infinity, 1]}"#, Some(json!({"a": null, "b": [null, null, 1]})));
    }

    #[test]
    fn texts_keep_their_words() {
        check(r#"["NaN", "a \" Infinity", NaN]"#, Some(json!(["NaN", "a \" Infinity", null])));
    }

    #[test]
    fn other_errors_stay_errors() {
        check("<html>", None);
        check("{\"a\": NaN", None);
        check(&"[".repeat(100_000), None);
        check("", None);
    }
}
