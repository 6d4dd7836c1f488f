//! What a subscriber is sent: one frame at a time, by a cursor into bytes that all subscribers share.

use std::io::{self, IoSlice};

use tokio::time::Instant;

use crate::live::frame::Frame;

/// The frame that is being written, and how far it is.
#[derive(Debug)]
pub(super) struct Outbox {
    frame: Option<Frame>,
    written: usize,
    begun_at: Instant,
    /// When the system last took something.
    progress_at: Instant,
}

/// How writing went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Everything was taken by the system.
    All,
    /// The other side has to read first.
    Part,
}

impl Outbox {
    /// Nothing is being written.
    pub(super) fn new(now: Instant) -> Self {
        Self { frame: None, written: 0, begun_at: now, progress_at: now }
    }

    /// Begins a frame. The one before must have been written.
    pub(super) fn begin(&mut self, frame: Frame, now: Instant) {
        debug_assert!(self.frame.is_none(), "a frame is cut off");
        *self = Self { frame: Some(frame), written: 0, begun_at: now, progress_at: now };
    }

    /// Whether everything was written.
    pub(super) fn is_empty(&self) -> bool {
        self.frame.is_none()
    }

    /// Whether the other side has a part of a frame, so that nothing else may be written.
    pub(super) fn is_mid_frame(&self) -> bool {
        self.frame.is_some() && self.written > 0
    }

    /// When the frame was begun.
    pub(super) fn begun_at(&self) -> Instant {
        self.begun_at
    }

    /// When the system last took something of it.
    pub(super) fn progress_at(&self) -> Instant {
        self.progress_at
    }

    /// Writes as much as is taken.
    ///
    /// # Errors
    /// When the connection is broken.
    pub(super) fn write(
        &mut self,
        now: Instant,
        mut write: impl FnMut(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<Written> {
        while let Some(frame) = &self.frame {
            let head = frame.head.get(self.written..).unwrap_or_default();
            let tail = frame.tail.get(self.written.saturating_sub(frame.head.len())..).unwrap_or_default();
            if head.is_empty() && tail.is_empty() {
                self.frame = None;
                break;
            }
            match write(&[IoSlice::new(head), IoSlice::new(tail)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(len) => {
                    self.written += len;
                    self.progress_at = now;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Written::Part),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Written::All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_written_whole_whatever_the_pieces() {
        for piece in 1..12 {
            let now = Instant::now();
            let mut outbox = Outbox::new(now);
            outbox.begin(Frame { head: b"hello ".as_slice().into(), tail: b"world".as_slice().into() }, now);
            let (mut wire, mut is_blocked) = (Vec::new(), false);
            let mut turns = 0;
            loop {
                let written = outbox.write(now, |slices| {
                    is_blocked = !is_blocked;
                    if !is_blocked {
                        return Err(io::ErrorKind::WouldBlock.into());
                    }
                    let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).take(piece).collect();
                    wire.extend_from_slice(&bytes);
                    Ok(bytes.len())
                });
                turns += 1;
                if written.unwrap() == Written::All {
                    break;
                }
                assert!(outbox.is_mid_frame());
            }
            assert_eq!(wire, b"hello world");
            assert!(outbox.is_empty() && !outbox.is_mid_frame());
            assert!(turns >= 11 / piece, "{turns}");
        }
    }

    #[test]
    fn a_connection_that_takes_nothing_is_broken() {
        let now = Instant::now();
        let mut outbox = Outbox::new(now);
        outbox.begin(Frame { head: b"x".as_slice().into(), tail: Default::default() }, now);
        assert_eq!(outbox.write(now, |_| Ok(0)).unwrap_err().kind(), io::ErrorKind::WriteZero);
    }
}
