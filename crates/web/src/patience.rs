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
    time::{Instant, Sleep, sleep},
};

use crate::{config::Http, door::Seat, last_word};

/// HTTP ends the first head that is late with a word, and has this long for it.
const LAST_WORD: Duration = Duration::from_secs(1);
/// All that is written at once may take this many times the time in which some of it must be taken.
const ANSWER_PATIENCE: u32 = 6;

/// A connection.
#[derive(Debug)]
pub(crate) struct Patient {
    stream: TcpStream,
    seat: Seat,
    limits: Limits,
    /// Runs while there is something that was sent and not answered.
    unanswered: Option<Pin<Box<Sleep>>>,
    /// Runs while there is something that is not taken, anew whenever some of it is.
    untaken: Option<Pin<Box<Sleep>>>,
    /// Since when there was always something that was not taken.
    behind_since: Option<Instant>,
    /// What HTTP answers by itself at the end, completed, and how much of it is written.
    last_word: Option<(Vec<u8>, usize)>,
}

/// How long what may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// From the first byte of a request until it is answered.
    answered_within: Duration,
    /// Until some of an answer is taken.
    stalled_after: Duration,
}

impl Limits {
    /// Those that the operator decided on.
    pub(crate) fn new(http: &Http) -> Self {
        Self { answered_within: http.request_within + LAST_WORD, stalled_after: http.stalled_after }
    }
}

impl Patient {
    /// A connection on which nothing was said yet.
    pub(crate) const fn new(stream: TcpStream, seat: Seat, limits: Limits) -> Self {
        Self { stream, seat, limits, unanswered: None, untaken: None, behind_since: None, last_word: None }
    }

    /// The connection and its place, for somebody who watches it in another way.
    pub(crate) fn into_parts(self) -> (TcpStream, Seat) {
        (self.stream, self.seat)
    }

    /// Writes the whole of what HTTP answers by itself, with what every answer has; then all of `bare` is written.
    fn poll_last_word(&mut self, context: &mut Context<'_>, bare: &[u8]) -> Poll<io::Result<usize>> {
        let (word, written) = self.last_word.get_or_insert_with(|| (last_word::complete(bare), 0));
        while let Some(rest) = word.get(*written..).filter(|rest| !rest.is_empty()) {
            match Pin::new(&mut self.stream).poll_write(context, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(len)) => *written += len,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        self.last_word = None;
        Poll::Ready(Ok(bare.len()))
    }

    /// Whether a request that was begun is late.
    fn is_unanswered(&mut self, context: &mut Context<'_>) -> bool {
        is_over(&mut self.unanswered, context)
    }

    /// Whether the other side takes too little of what it is sent.
    fn is_stalled(&mut self, context: &mut Context<'_>) -> bool {
        let whole = self.limits.stalled_after * ANSWER_PATIENCE;
        let is_endless = self.behind_since.is_some_and(|since| since.elapsed() > whole);
        is_endless || is_over(&mut self.untaken, context)
    }
}

/// Whether a timer that runs has run out.
fn is_over(timer: &mut Option<Pin<Box<Sleep>>>, context: &mut Context<'_>) -> bool {
    timer.as_mut().is_some_and(|timer| timer.as_mut().poll(context).is_ready())
}

fn too_late<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
}

// === impl AsyncRead, AsyncWrite ===

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.seat.must_leave(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(&read, Poll::Ready(Ok(()))) && buffer.filled().len() > before {
            let within = self.limits.answered_within;
            self.unanswered.get_or_insert_with(|| Box::pin(sleep(within)));
        }
        // What never ends is late even while more of it is there.
        let may_be_late = !matches!(&read, Poll::Ready(Err(_)));
        if may_be_late && self.is_unanswered(context) { too_late() } else { read }
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = match last_word::begin(bytes) {
            None => Pin::new(&mut self.stream).poll_write(context, bytes),
            Some(0) => self.poll_last_word(context, bytes),
            // First what stands before it.
            Some(at) => Pin::new(&mut self.stream).poll_write(context, bytes.get(..at).unwrap_or_default()),
        };
        if written.is_ready() {
            self.seat.serve();
            (self.unanswered, self.untaken) = (None, None);
        } else {
            let within = self.limits.stalled_after;
            self.untaken.get_or_insert_with(|| Box::pin(sleep(within)));
            self.behind_since.get_or_insert_with(Instant::now);
            if self.seat.must_leave(context) {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
        }
        if self.is_stalled(context) { too_late() } else { written }
    }

    /// Everything that was to be written is.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.behind_since = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
