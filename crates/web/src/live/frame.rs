//! Bytes on a WebSocket. What a server sends is not masked, and so one frame serves every subscriber.

use bytes::{BufMut, Bytes, BytesMut};

/// The longest header of a frame that is sent.
const HEADER_MAX: usize = 10;
/// The first byte of a text message that is one frame.
const FINAL_TEXT: u8 = 0x81;

/// One text message in one frame, ready to be written: first the head, then the tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The header, and the payload or its beginning.
    pub(crate) head: Bytes,
    /// The rest of the payload; may be empty.
    pub(crate) tail: Bytes,
}

impl Frame {
    /// A text message of two parts.
    pub(crate) fn text(head: &str, tail: Bytes) -> Self {
        Self { head: framed(head.as_bytes(), tail.len()), tail }
    }

    /// A message that was framed before.
    pub(crate) fn whole(head: Bytes) -> Self {
        Self { head, tail: Bytes::new() }
    }
}

/// The header of a text message, followed by the first part of its payload.
pub(super) fn framed(payload: &[u8], n_more: usize) -> Bytes {
    let mut bytes = BytesMut::with_capacity(HEADER_MAX + payload.len());
    bytes.put_u8(FINAL_TEXT);
    let len = payload.len() + n_more;
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short @ ..126), _) => bytes.put_u8(short),
        (_, Ok(medium)) => {
            bytes.put_u8(126);
            bytes.put_u16(medium);
        }
        _ => {
            bytes.put_u8(127);
            // No length in memory is longer than 64 bits.
            bytes.put_u64(len as u64);
        }
    }
    bytes.put_slice(payload);
    bytes.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_the_protocol_says() {
        let table: [(usize, &[u8]); 6] = [
            (0, &[0x81, 0]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
            (700_000, &[0x81, 127, 0, 0, 0, 0, 0, 0x0a, 0xae, 0x60]),
        ];
        for (len, header) in table {
            let payload = "a".repeat(len);
            let (head, tail) = payload.split_at(len / 3);
            let frame = Frame::text(head, tail.to_owned().into());
            assert!([&frame.head[..], &frame.tail[..]].concat() == [header, payload.as_bytes()].concat());
            assert!(framed(payload.as_bytes(), 0) == [header, payload.as_bytes()].concat());
        }
    }
}
