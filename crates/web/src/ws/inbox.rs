//! What a subscriber may send: little. Texts are ignored, and too much of anything ends the session.

use std::time::Duration;

use tokio::time::Instant;

/// The longest message, in one frame or many.
pub(super) const MESSAGE_MAX: usize = 1_024;
/// How long what was sent is remembered.
const WINDOW: Duration = Duration::from_secs(10);
/// Texts in ten seconds.
const TEXTS_MAX: usize = 10;
/// Pings and pongs in ten seconds.
const CONTROLS_MAX: u16 = 50;
/// Bytes in ten seconds: more than all that is allowed above needs, and what bounds the rest, such as a message in
/// endless empty fragments.
const BYTES_MAX: u32 = 32 * 1_024;

/// What was sent lately.
#[derive(Debug)]
pub(super) struct Inbox {
    begun_at: Instant,
    /// When the last texts came, in milliseconds since the session began; the oldest is overwritten.
    texts: [u32; TEXTS_MAX],
    n_texts: usize,
    window: u32,
    controls: u16,
    bytes: u32,
}

/// More came than may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flood;

impl Inbox {
    /// Nothing was sent yet.
    pub(super) fn new(now: Instant) -> Self {
        Self { begun_at: now, texts: [0; TEXTS_MAX], n_texts: 0, window: 0, controls: 0, bytes: 0 }
    }

    /// Notes a text.
    ///
    /// # Errors
    /// When it is one too many.
    pub(super) fn text(&mut self, now: Instant) -> Result<(), Flood> {
        let at = self.millis(now);
        let Some(oldest) = self.texts.get_mut(self.n_texts % TEXTS_MAX) else { return Ok(()) };
        let was_at = std::mem::replace(oldest, at);
        let is_full = self.n_texts >= TEXTS_MAX;
        self.n_texts += 1;
        let is_flood = is_full && u128::from(at.saturating_sub(was_at)) < WINDOW.as_millis();
        if is_flood { Err(Flood) } else { Ok(()) }
    }

    /// Notes a ping or a pong.
    ///
    /// # Errors
    /// When it is one too many.
    pub(super) fn control(&mut self, now: Instant) -> Result<(), Flood> {
        self.turn(now);
        self.controls = self.controls.saturating_add(1);
        if self.controls > CONTROLS_MAX { Err(Flood) } else { Ok(()) }
    }

    /// Notes bytes, whatever they are.
    ///
    /// # Errors
    /// When they are too many.
    pub(super) fn bytes(&mut self, now: Instant, n_bytes: usize) -> Result<(), Flood> {
        self.turn(now);
        self.bytes = self.bytes.saturating_add(u32::try_from(n_bytes).unwrap_or(u32::MAX));
        if self.bytes > BYTES_MAX { Err(Flood) } else { Ok(()) }
    }

    /// Forgets what was counted in another window.
    fn turn(&mut self, now: Instant) {
        let window = self.millis(now) / u32::try_from(WINDOW.as_millis()).unwrap_or(u32::MAX);
        if self.window != window {
            (self.window, self.controls, self.bytes) = (window, 0, 0);
        }
    }

    /// Enough for seven weeks; after that a text is taken as one of the same moment.
    fn millis(&self, now: Instant) -> u32 {
        u32::try_from(now.saturating_duration_since(self.begun_at).as_millis()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_texts_in_any_ten_seconds_are_let_be() {
        let begin = Instant::now();
        let mut inbox = Inbox::new(begin);
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        for seconds in 0..100 {
            assert_eq!(inbox.text(at(seconds)), Ok(()), "one a second, {seconds}");
        }
        let mut inbox = Inbox::new(begin);
        for _ in 0..10 {
            assert_eq!(inbox.text(at(9)), Ok(()));
        }
        assert_eq!(inbox.text(at(18)), Err(Flood), "ten at 9 s and one at 18 s");
        let mut inbox = Inbox::new(begin);
        for seconds in [9, 19, 29] {
            for _ in 0..10 {
                assert_eq!(inbox.text(at(seconds)), Ok(()));
            }
        }
    }

    #[test]
    fn controls_and_bytes_are_bounded_in_each_ten_seconds() {
        let begin = Instant::now();
        let mut inbox = Inbox::new(begin);
        for seconds in [0, 10, 25] {
            let now = begin + Duration::from_secs(seconds);
            for _ in 0..50 {
                assert_eq!(inbox.control(now), Ok(()));
            }
            assert_eq!(inbox.control(now), Err(Flood));
            assert_eq!(inbox.bytes(now, 32 * 1_024), Ok(()));
            assert_eq!(inbox.bytes(now, 1), Err(Flood));
        }
        assert_eq!(inbox.bytes(begin + Duration::from_secs(40), usize::MAX), Err(Flood));
    }

    #[test]
    fn a_session_of_months_goes_on() {
        let begin = Instant::now();
        let mut inbox = Inbox::new(begin);
        let late = begin + Duration::from_secs(60 * 86_400);
        assert_eq!((inbox.text(late), inbox.control(late), inbox.bytes(late, 1)), (Ok(()), Ok(()), Ok(())));
    }
}
