//! What the HTTP library answers by itself: a bare error, after which the connection ends. It passes no route and no
//! middleware; here it gets the headers that every answer has.

use crate::headers::SECURITY;

/// Longer than any head that is not ours; those that are ours say more than this about security alone.
const LONGEST: usize = 256;
/// The end of a head.
const END: &[u8] = b"\r\n\r\n";

/// Where a bare error begins with which some bytes end; nothing if they end otherwise.
pub(crate) fn begin(bytes: &[u8]) -> Option<usize> {
    let lines = bytes.strip_suffix(END)?;
    let from = lines.len().saturating_sub(LONGEST);
    let last = lines.get(from..)?;
    let at = from + last.windows(7).rposition(|begin| begin == b"HTTP/1.")?;
    let head = lines.get(at..)?;
    let is_error = matches!(head.get(8..10), Some(b" 4" | b" 5"));
    let is_one = !head.windows(END.len()).any(|part| part == END);
    (is_error && is_one).then_some(at)
}

/// The same error with the headers of every answer.
pub(crate) fn complete(bare: &[u8]) -> Vec<u8> {
    let lines = bare.strip_suffix(END).unwrap_or(bare);
    let mut whole = lines.to_vec();
    for (name, value) in SECURITY {
        whole.extend_from_slice(format!("\r\n{name}: {value}").as_bytes());
    }
    whole.extend_from_slice(END);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    #[test]
    fn a_bare_error_is_found_behind_other_answers() {
        assert_eq!(begin(BARE.as_bytes()), Some(0));
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        assert_eq!(begin(format!("{ok}{ok}{BARE}").as_bytes()), Some(2 * ok.len()));
        let ours = String::from_utf8(complete(BARE.as_bytes())).unwrap();
        for text in
            [ok, &ours, "", "\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"]
        {
            assert_eq!(begin(text.as_bytes()), None, "{text}");
        }
        assert_eq!(begin(&BARE.as_bytes()[..BARE.len() - 1]), None);
    }

    #[test]
    fn it_gets_what_every_answer_has_and_keeps_what_it_had() {
        let whole = String::from_utf8(complete(BARE.as_bytes())).unwrap();
        assert!(whole.starts_with(BARE.trim_end()) && whole.ends_with("\r\n\r\n"));
        assert!(whole.contains("\r\nx-content-type-options: nosniff\r\n"));
        assert_eq!(whole.matches("\r\n\r\n").count(), 1);
    }
}
