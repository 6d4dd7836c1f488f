//! A connection whose other side has to keep moving: what it sends has to become requests, and what it is sent has to
//! be taken. Otherwise nothing bounds how long half a request, or an answer that nobody reads, is kept: HTTP itself
//! watches only the first head of a connection and those that say nothing.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long either may take. Answers are ready-made, so within it all that was asked is answered, too.
const WITHIN: Duration = Duration::from_secs(10);

/// A connection.
#[derive(Debug)]
pub(crate) struct Patient {
    stream: TcpStream,
    /// Runs while there is something that was sent and not answered.
    unanswered: Option<Pin<Box<Sleep>>>,
    /// Runs while there is something that is not taken.
    untaken: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    /// A connection on which nothing was said yet.
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self { stream, unanswered: None, untaken: None }
    }

    /// The connection, for somebody who watches it in another way.
    pub(crate) fn into_inner(self) -> TcpStream {
        self.stream
    }
}

/// Whether a timer that runs has run out.
fn is_over(timer: &mut Option<Pin<Box<Sleep>>>, context: &mut Context<'_>) -> bool {
    timer.as_mut().is_some_and(|timer| timer.as_mut().poll(context).is_ready())
}

// === impl AsyncRead, AsyncWrite ===

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        match &read {
            Poll::Ready(Ok(())) if buffer.filled().len() > before => {
                self.unanswered.get_or_insert_with(|| Box::pin(sleep(WITHIN)));
            }
            Poll::Pending if is_over(&mut self.unanswered, context) => {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            _ => {}
        }
        read
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if written.is_ready() {
            (self.unanswered, self.untaken) = (None, None);
        } else {
            self.untaken.get_or_insert_with(|| Box::pin(sleep(WITHIN)));
            if is_over(&mut self.untaken, context) {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
