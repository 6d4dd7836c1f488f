//! How a session ends: with a code where the other side can still hear it, and never with bytes unread.

use std::{fmt::Write as _, time::Duration};

use actix_web::web::Bytes;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::protocol::{WebSocket, frame::coding::CloseCode};

use super::{
    outbox::{Outbox, Written},
    wire::{self, Wire},
};
use crate::{live::frame::Frame, metrics::Leaving};

/// How long the other side has to take the rest of a frame and the end.
const SAID_WITHIN: Duration = Duration::from_secs(2);
/// How long it then has to end its side.
const HEARD_WITHIN: Duration = Duration::from_secs(1);
/// What is still read of it meanwhile. Closing on bytes that nobody read would make the system take back what it has
/// not delivered yet, and that is the close frame.
const DRAINED: usize = 64 * 1_024;

/// Why a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody is there.
    Gone,
    /// The other side said so; the answer is the reader's.
    Closed,
    /// We say so.
    Say {
        /// The code.
        code: CloseCode,
        /// When to come back, in milliseconds.
        retry_after_ms: Option<u64>,
    },
}

impl End {
    /// Why, for those who count.
    pub(super) const fn why(self) -> Leaving {
        match self {
            Self::Gone => Leaving::Gone,
            Self::Closed => Leaving::Closed,
            Self::Say { code, .. } => Leaving::of_code(code),
        }
    }

    /// An end with a code and without a reason.
    pub(super) const fn code(code: CloseCode) -> Self {
        Self::Say { code, retry_after_ms: None }
    }
}

/// Ends a session.
pub(super) async fn farewell(mut socket: WebSocket<Wire>, mut outbox: Outbox, end: End) {
    if end == End::Gone {
        return;
    }
    let said_by = Instant::now() + SAID_WITHIN;
    let said = async {
        if outbox.is_mid_frame() {
            write(socket.get_ref(), &mut outbox).await?;
        }
        socket.get_mut().set_mid_frame(false);
        // A pong that is half out, or the answer to a close frame. It errs when all is said.
        while let Err(tokio_tungstenite::tungstenite::Error::Io(error)) = socket.flush() {
            if error.kind() != std::io::ErrorKind::WouldBlock {
                return Err(error);
            }
            socket.get_ref().writable().await?;
        }
        if let End::Say { code, retry_after_ms } = end {
            let now = Instant::now();
            outbox = Outbox::new(now);
            outbox.begin(close_frame(code, retry_after_ms), now);
            write(socket.get_ref(), &mut outbox).await?;
        }
        Ok(())
    };
    if !matches!(timeout_at(said_by, said).await, Ok(Ok(()))) {
        return;
    }
    let stream = socket.get_ref().stream();
    wire::end(stream);
    let heard_by = Instant::now() + HEARD_WITHIN;
    // Whether it answered makes no difference any more.
    let _ = timeout_at(heard_by, wire::drain(stream, DRAINED)).await;
}

async fn write(wire: &Wire, outbox: &mut Outbox) -> std::io::Result<()> {
    while outbox.write(Instant::now(), |slices| wire.write_frame(slices))? == Written::Part {
        wire.writable().await?;
    }
    Ok(())
}

fn close_frame(code: CloseCode, retry_after_ms: Option<u64>) -> Frame {
    const CLOSE: u8 = 0x88;
    let mut reason = String::new();
    if let Some(retry_after_ms) = retry_after_ms {
        // Writing to a string does not fail.
        let _ = write!(reason, r#"{{"retry_after_ms":{retry_after_ms}}}"#);
    }
    // At most 39 bytes: always the short form.
    let len = u8::try_from(2 + reason.len()).unwrap_or(2);
    let frame = [&[CLOSE, len], u16::from(code).to_be_bytes().as_slice(), reason.as_bytes()].concat();
    Frame::whole(Bytes::from(frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_frames_are_as_the_protocol_says() {
        let frame = close_frame(CloseCode::Protocol, None);
        assert_eq!((&frame.head[..], frame.tail.len()), (&[0x88, 2, 0x03, 0xea][..], 0));
        let frame = close_frame(CloseCode::Away, Some(15_000));
        assert_eq!(&frame.head[..4], [0x88, 26, 0x03, 0xe9]);
        assert_eq!(&frame.head[4..], br#"{"retry_after_ms":15000}"#);
    }
}
