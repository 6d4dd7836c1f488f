//! The client's half of the WebSocket protocol, as far as a counting subscriber needs it.
//!
//! A subscriber of a crate would cost more than the servers that are measured. This one keeps the beginning of a
//! frame only, and allocates nothing for the rest.

/// Text, in the numbers of RFC 6455.
pub(crate) const TEXT: u8 = 1;
/// The end of a connection.
pub(crate) const CLOSE: u8 = 8;

/// The longest header of a frame that is not masked.
const HEADER_MAX: usize = 10;

/// What a reader keeps of its buffer from frame to frame; a first frame is far longer than what follows.
const BUFFER_KEPT: usize = 4 * 1_024;

/// The request that opens a connection to `host`, with a query or without one. The key is a constant: nobody caches
/// these answers.
pub(crate) fn request(host: &str, query: &str) -> String {
    format!(
        "GET /ws/queue{query} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// Where the frames begin in what was answered; `None` while the head is not complete.
pub(crate) fn after_head(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// Whether the server agreed.
pub(crate) fn is_switched(head: &[u8]) -> bool {
    head.starts_with(b"HTTP/1.1 101 ")
}

/// A whole frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    /// [`TEXT`], [`CLOSE`] or another.
    pub(crate) opcode: u8,
    /// Bytes of its payload.
    pub(crate) length: u64,
    /// The payload's beginning, as much as the reader keeps.
    pub(crate) beginning: &'a [u8],
}

/// Finds frames in a stream of bytes, however it is cut.
#[derive(Debug)]
pub(crate) struct FrameReader {
    keep: usize,
    header: Vec<u8>,
    beginning: Vec<u8>,
    /// Of the payload, once the header is complete: all of it, and what is still to come.
    payload: Option<(u64, u64)>,
}

impl FrameReader {
    /// Keeps the first `keep` bytes of each frame.
    pub(crate) fn new(keep: usize) -> Self {
        Self { keep, header: Vec::with_capacity(HEADER_MAX), beginning: Vec::new(), payload: None }
    }

    /// Takes what was received and tells each frame that is complete with it.
    pub(crate) fn feed(&mut self, mut bytes: &[u8], mut tell: impl FnMut(Frame<'_>)) {
        loop {
            let Some((length, left)) = self.payload else {
                let Some((first, rest)) = bytes.split_first() else { return };
                self.header.push(*first);
                bytes = rest;
                self.payload = payload_length(&self.header).map(|length| (length, length));
                // An empty frame is complete without another byte.
                if self.payload != Some((0, 0)) {
                    continue;
                }
                self.end(0, &mut tell);
                continue;
            };
            if bytes.is_empty() {
                return;
            }
            let n_taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            let (taken, rest) = bytes.split_at(n_taken);
            let n_kept = self.keep.saturating_sub(self.beginning.len()).min(n_taken);
            self.beginning.extend_from_slice(&taken[..n_kept]);
            bytes = rest;
            let left = left - n_taken as u64;
            if left == 0 {
                self.end(length, &mut tell);
            } else {
                self.payload = Some((length, left));
            }
        }
    }

    fn end(&mut self, length: u64, tell: &mut impl FnMut(Frame<'_>)) {
        let opcode = self.header.first().map_or(0, |first| first & 0x0f);
        tell(Frame { opcode, length, beginning: &self.beginning });
        self.header.clear();
        self.beginning.clear();
        self.beginning.shrink_to(BUFFER_KEPT);
        self.payload = None;
    }
}

/// The payload's length once the header is complete.
fn payload_length(header: &[u8]) -> Option<u64> {
    match (header.get(1)? & 0x7f, header.get(2..)?) {
        (126, extended) => Some(u64::from(u16::from_be_bytes(extended.try_into().ok()?))),
        (127, extended) => Some(u64::from_be_bytes(extended.try_into().ok()?)),
        (length, _) => Some(u64::from(length)),
    }
}

/// What the beginning of a text frame says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// A whole queue.
    Snapshot {
        /// Its number.
        seq: u64,
    },
    /// The steps after `base`, up to `seq`.
    Delta {
        /// The number that it follows.
        base: u64,
        /// The number that it leads to.
        seq: u64,
    },
    /// Neither: a sign of life.
    Other,
}

/// Reads the kind and the numbers of a frame from its beginning.
pub(crate) fn says(beginning: &[u8]) -> Says {
    let Some(seq) = number(beginning, br#""seq":"#) else { return Says::Other };
    if beginning.starts_with(br#"{"type":"snapshot""#) {
        return Says::Snapshot { seq };
    }
    match number(beginning, br#""base":"#) {
        Some(base) if beginning.starts_with(br#"{"type":"delta""#) => Says::Delta { base, seq },
        _ => Says::Other,
    }
}

fn number(text: &[u8], key: &[u8]) -> Option<u64> {
    let at = text.windows(key.len()).position(|window| window == key)? + key.len();
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit());
    digits.map(|digit| u64::from(digit - b'0')).reduce(|number, digit| number.wrapping_mul(10) + digit)
}

#[cfg(test)]
mod tests {
    use super::{CLOSE, FrameReader, Says, TEXT, after_head, says};

    /// Every frame as (opcode, length, beginning), with the stream cut into pieces of `step` bytes.
    fn read(stream: &[u8], step: usize) -> Vec<(u8, u64, Vec<u8>)> {
        let (mut reader, mut found) = (FrameReader::new(4), Vec::new());
        for piece in stream.chunks(step) {
            reader.feed(piece, |frame| found.push((frame.opcode, frame.length, frame.beginning.to_vec())));
        }
        found
    }

    #[test]
    fn frames_are_found_however_the_stream_is_cut() {
        let mut stream = vec![0x81, 2, b'h', b'i', 0x89, 0];
        stream.extend([0x81, 126, 0x01, 0x00]);
        stream.extend([b'x'; 256]);
        stream.extend([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        stream.extend([b'y'; 65_536]);
        stream.extend([0x88, 2, 3, 232]);
        let expected = [
            (TEXT, 2, b"hi".to_vec()),
            (9, 0, Vec::new()),
            (TEXT, 256, b"xxxx".to_vec()),
            (TEXT, 65_536, b"yyyy".to_vec()),
            (CLOSE, 2, vec![3, 232]),
        ];
        for step in [1, 3, 7, 4_096, stream.len()] {
            assert_eq!(read(&stream, step), expected, "cut every {step} bytes");
        }
    }

    #[test]
    fn frames_say_what_they_are() {
        assert_eq!(says(br#"{"type":"snapshot","protocol":1,"seq":7"#), Says::Snapshot { seq: 7 });
        let delta = br#"{"type":"delta","epoch":"k3v9q2","base":4711,"seq":4713,"hash":"b1668b8d""#;
        assert_eq!(says(delta), Says::Delta { base: 4711, seq: 4713 });
        assert_eq!(says(br#"{"type":"heartbeat","epoch":"k3v9q2","seq":4712"#), Says::Other);
        assert_eq!(says(br#"{"type":"delta""#), Says::Other);
    }

    #[test]
    fn the_head_ends_at_an_empty_line() {
        assert_eq!(after_head(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x81"), Some(36));
        assert_eq!(after_head(b"HTTP/1.1 101 Switching Protocols\r\n\r"), None);
    }
}
