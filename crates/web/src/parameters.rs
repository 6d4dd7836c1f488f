//! Query strings: names and values, decoded, and what is said when one of them cannot be used.

/// The longest query string.
const QUERY_MAX: usize = 4_096;

/// A query that cannot be answered. It never holds anything that the client sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct BadParameter {
    /// The known parameter that is at fault, if it is one.
    pub(crate) parameter: Option<&'static str>,
    /// What is allowed, as a sentence without its final dot.
    pub(crate) message: &'static str,
}

/// How unknown parameters are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Refused: a misspelt filter must not silently be none. An empty value is a value.
    Api,
    /// Ignored, as are empty fields of a form.
    Page,
}

/// One name and its value; `None` where it is not UTF-8.
pub(crate) type Pair = (Option<String>, Option<String>);

/// Takes a query string apart.
///
/// # Errors
/// When it is too long to be looked at.
pub(crate) fn pairs(query: &str) -> Result<impl Iterator<Item = Pair>, BadParameter> {
    if query.len() > QUERY_MAX {
        return Err(BadParameter {
            parameter: None,
            message: "the query must be at most 4096 characters long",
        });
    }
    Ok(query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    }))
}

/// Refuses any parameter.
///
/// # Errors
/// When there is one.
pub(crate) fn none(query: &str) -> Result<(), BadParameter> {
    let unexpected = BadParameter { parameter: None, message: "no parameter is known here" };
    pairs(query)?.next().map_or(Ok(()), |_| Err(unexpected))
}

/// Escapes a value for a query string.
pub(crate) fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Undoes the encoding of forms; a stray `%` stands for itself.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => hex(*high).zip(hex(*low)).map(|(h, l)| (h << 4 | l, after)),
            (b'+', after) => Some((b' ', after)),
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(query: &str) -> Vec<Pair> {
        pairs(query).unwrap().collect()
    }

    #[test]
    fn pairs_are_decoded_as_forms_encode_them() {
        let pair = |name: &str, value: &str| (Some(name.to_owned()), Some(value.to_owned()));
        assert_eq!(
            decoded("a=b&c=d+e%20f&&g&h=%zz%"),
            [pair("a", "b"), pair("c", "d e f"), pair("g", ""), pair("h", "%zz%")]
        );
        assert_eq!(decoded(""), []);
        assert_eq!(decoded("%ff=1&x=%c3%28"), [(None, Some("1".to_owned())), (Some("x".to_owned()), None)]);
        assert!(pairs(&"a".repeat(5_000)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_is_escaped_is_decoded_again(text in "\\PC{0,40}") {
            let query = format!("a={}", escape(&text));
            proptest::prop_assert_eq!(decoded(&query), [(Some("a".to_owned()), Some(text))]);
        }

        #[test]
        fn nothing_panics(text in "[%&=+0-9a-f\u{0}-\u{ff}]{0,60}") {
            let _ = decoded(&text);
        }
    }
}
