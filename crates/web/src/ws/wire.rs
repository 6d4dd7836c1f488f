//! The socket as the protocol's reader sees it: what is there is read, what is taken is written, nothing waits.

use std::{
    io::{self, IoSlice, Read, Write},
    net::Shutdown,
    time::Duration,
};

use socket2::SockRef;
use tokio::{io::Interest, net::TcpStream};

/// What the system may hold of what was sent; it doubles it for its own books.
const SEND_BUFFER: usize = 16 * 1_024;
/// What was sent and is not acknowledged for this long means that nobody is there. Heartbeats are sent more often.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(60);
/// What is read in one go. Whoever sends more has to wait for the others' turns.
const TURN: usize = 4 * 1_024;

/// A socket.
///
/// Reader and session write to the same socket: the reader its answers to control frames, the session its frames.
/// Neither may write into the middle of the other's frame. While the session is in the middle of one, the reader is
/// told that nothing is taken; it then keeps its answer, and only the newest. The session begins a frame only after
/// the reader's answers are out.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    is_mid_frame: bool,
    turn: usize,
    received: usize,
}

impl Wire {
    /// Takes a socket and bounds what the system holds for it.
    pub(super) fn new(stream: TcpStream) -> Self {
        let socket = SockRef::from(&stream);
        let settings = [
            socket.set_send_buffer_size(SEND_BUFFER),
            socket.set_tcp_nodelay(true),
            socket.set_tcp_user_timeout(Some(ACKNOWLEDGED_WITHIN)),
        ];
        for error in settings.into_iter().filter_map(Result::err) {
            tracing::debug!(error = &error as &dyn std::error::Error, "a socket keeps its settings");
        }
        Self { stream, is_mid_frame: false, turn: 0, received: 0 }
    }

    /// Lets the reader read again.
    pub(super) fn begin_turn(&mut self) {
        self.turn = TURN;
    }

    /// How many bytes were read since the last call.
    pub(super) fn take_received(&mut self) -> usize {
        std::mem::take(&mut self.received)
    }

    /// Whether the session is in the middle of a frame.
    pub(super) fn set_mid_frame(&mut self, is_mid_frame: bool) {
        self.is_mid_frame = is_mid_frame;
    }

    /// Writes a part of a frame of the session.
    pub(super) fn write_frame(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.stream.try_write_vectored(slices)
    }

    /// Waits until there is something to read or, where that is wanted, something can be written. Cancellation safe.
    pub(super) async fn ready(&self, is_write_wanted: bool) -> io::Result<()> {
        let wanted =
            if is_write_wanted { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        self.stream.ready(wanted).await.map(drop)
    }

    /// Waits until something can be written. Cancellation safe.
    pub(super) async fn writable(&self) -> io::Result<()> {
        self.stream.writable().await
    }

    /// The socket itself, at the end.
    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }
}

/// Ends our side of a connection.
pub(super) fn end(stream: &TcpStream) {
    // Who is gone already needs no end.
    let _ = SockRef::from(stream).shutdown(Shutdown::Write);
}

/// Reads and forgets what is still sent, up to its end.
pub(super) async fn drain(stream: &TcpStream, at_most: usize) -> io::Result<()> {
    let (mut bytes, mut drained) = ([0; 512], 0);
    while drained < at_most {
        stream.readable().await?;
        match stream.try_read(&mut bytes) {
            Ok(0) => break,
            Ok(len) => drained += len,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

// === impl Read, Write ===

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let len = bytes.len().min(self.turn);
        if len == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let bytes = bytes.get_mut(..len).unwrap_or_default();
        let received = self.stream.try_read(bytes)?;
        self.turn -= received;
        self.received += received;
        Ok(received)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_mid_frame {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.stream.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
