//! One subscriber: told everything that it does not know yet, in order, and nothing twice.

use std::{pin::pin, time::Duration, vec};

use actix_web::web::Data;
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::ProtocolError,
    protocol::{Role, WebSocket, WebSocketConfig, frame::coding::CloseCode},
};

use super::{
    bell::Ear,
    farewell::{End, farewell},
    handshake::Resume,
    hub::Place,
    inbox::{Flood, Inbox, MESSAGE_MAX},
    outbox::{Outbox, Written},
    wire::Wire,
};
use crate::{
    door::Seat,
    live::{Standing, frame::Frame},
    published::Published,
    state::State,
};

/// What the reader keeps for each subscriber, and reads at a time. Clients have next to nothing to say: more would be
/// kept for nothing, and cleared for every frame.
const READ_BUFFER: usize = 64;
/// What the reader may keep of answers to control frames while they cannot be written; a close frame has 127 bytes.
const ANSWERS_MAX: usize = 256;
/// When to look again after a value that had expired and was not replaced.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A frame that takes this many times the time in which some of it must be taken is given up.
const FRAME_PATIENCE: u32 = 3;

/// One subscriber.
#[derive(Debug)]
pub(super) struct Session {
    socket: WebSocket<Wire>,
    inbox: Inbox,
    outbox: Outbox,
    state: Data<State>,
    news: Ear,
    is_closing: watch::Receiver<bool>,
    place: Place,
    /// Held for as long as the connection is.
    _seat: Seat,
    knows: Knows,
    pace: Pace,
    /// The missed deltas of a resume.
    missed: vec::IntoIter<Frame>,
    heartbeat_at: Instant,
    /// Since when the other side has to read before anything can be written.
    blocked_since: Option<Instant>,
    /// What was said about the sources last.
    told: Option<Standing>,
}

/// What the client has.
#[derive(Debug)]
enum Knows {
    /// What it says it has.
    Claimed(Option<Box<Resume>>),
    /// What we sent it: the version after the last frame that was begun.
    Sent(u64),
}

/// How fast the client takes what it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As fast as it comes.
    Keeping,
    /// The last frame took too long: the next one is to spare it steps.
    Slow,
    /// The frame that is being written spares it steps.
    Spared,
}

/// How the protocol is spoken with subscribers.
pub(crate) fn protocol() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(ANSWERS_MAX)
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX))
}

impl Session {
    /// A session on an upgraded socket; `early` is what came with the request.
    ///
    /// It listens for `news` since before any value is read.
    pub(super) fn new(
        stream: TcpStream,
        early: &[u8],
        resume: Option<Resume>,
        state: Data<State>,
        news: Ear,
        (place, seat): (Place, Seat),
    ) -> Box<Self> {
        let now = Instant::now();
        let wire = Wire::new(stream);
        let socket = WebSocket::from_partially_read(wire, early.to_vec(), Role::Server, Some(protocol()));
        Box::new(Self {
            socket,
            inbox: Inbox::new(now),
            outbox: Outbox::new(now),
            news,
            is_closing: state.hub.closing(),
            state,
            place,
            _seat: seat,
            knows: Knows::Claimed(resume.map(Box::new)),
            pace: Pace::Keeping,
            missed: Vec::new().into_iter(),
            heartbeat_at: now,
            blocked_since: None,
            told: None,
        })
    }

    /// Serves the subscriber until one side ends it.
    ///
    /// In a box: the future would hold a session twice, as what it was given and as what it works with.
    pub(super) async fn run(mut self: Box<Self>) {
        let end = self.serve().await;
        tracing::debug!(?end, "a subscriber leaves");
        let Self { socket, outbox, place, state, .. } = *self;
        state.metrics.ended(end.why());
        drop(state);
        Box::pin(farewell(socket, outbox, end)).await;
        drop(place);
    }

    async fn serve(&mut self) -> End {
        // Kept from turn to turn, since few frames move the deadline.
        let mut alarm = pin!(sleep_until(self.deadline()));
        let mut is_readable = true;
        loop {
            if *self.is_closing.borrow_and_update() {
                return End::Say {
                    code: CloseCode::Away,
                    retry_after_ms: Some(self.place.returns_after_ms()),
                };
            }
            if is_readable && let Err(end) = self.read() {
                return end;
            }
            let is_blocked = match self.write().await {
                Ok(is_blocked) => is_blocked,
                Err(end) => return end,
            };
            let since = self.blocked_since.unwrap_or_else(Instant::now);
            self.blocked_since = is_blocked.then_some(since);
            let deadline = self.deadline();
            if alarm.deadline() != deadline {
                alarm.as_mut().reset(deadline);
            }
            is_readable = false;
            tokio::select! {
                ready = self.socket.get_ref().ready(is_blocked) => match ready {
                    Ok(()) => is_readable = true,
                    Err(_) => return End::Gone,
                },
                changed = self.news.changed(), if !is_blocked => if changed.is_err() { return End::Gone },
                // The hub outlives its subscribers, each of which has a place there.
                _ = self.is_closing.changed() => {}
                () = &mut alarm => if is_blocked { return End::Gone },
            }
        }
    }

    /// Reads what is there. Nothing of it is ever answered but control frames.
    fn read(&mut self) -> Result<(), End> {
        self.socket.get_mut().begin_turn();
        loop {
            let message = self.socket.read();
            let now = Instant::now();
            let n_bytes = self.socket.get_mut().take_received();
            self.inbox.bytes(now, n_bytes)?;
            match message {
                Ok(Message::Text(_)) => self.inbox.text(now)?,
                Ok(Message::Ping(_) | Message::Pong(_)) => self.inbox.control(now)?,
                Ok(Message::Binary(_)) => return Err(End::code(CloseCode::Unsupported)),
                Ok(Message::Close(_)) => return Err(End::Closed),
                // Raw frames are never read.
                Ok(Message::Frame(_)) => {}
                Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(End::of(&error)),
            }
        }
    }

    /// Writes all there is to tell, or as much of it as is taken; says whether something is left.
    async fn write(&mut self) -> Result<bool, End> {
        loop {
            if self.outbox.is_empty() {
                if !self.flush_answers()? {
                    return Ok(true);
                }
                let Some(frame) = self.next().await else { return Ok(false) };
                self.state.metrics.frames.inc();
                self.outbox.begin(frame, Instant::now());
            }
            let (now, wire) = (Instant::now(), self.socket.get_ref());
            let written = self.outbox.write(now, |slices| wire.write_frame(slices)).map_err(|_| End::Gone)?;
            self.socket.get_mut().set_mid_frame(self.outbox.is_mid_frame());
            if written == Written::Part {
                return Ok(true);
            }
            self.keep_pace()?;
        }
    }

    /// Whether no answer to a control frame is left to be written.
    fn flush_answers(&mut self) -> Result<bool, End> {
        match self.socket.flush() {
            Ok(()) => Ok(true),
            Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(End::of(&error)),
        }
    }

    /// Judges the frame that was written. Who was spared steps and still is slow has to come back later.
    fn keep_pace(&mut self) -> Result<(), End> {
        let is_slow = self.outbox.begun_at().elapsed() > self.state.config.websocket().slow_after;
        self.pace = match (is_slow, self.pace) {
            (false, Pace::Slow) => Pace::Slow,
            (false, _) => Pace::Keeping,
            (true, Pace::Spared) => {
                let retry_after_ms = Some(self.place.returns_after_ms());
                return Err(End::Say { code: CloseCode::Again, retry_after_ms });
            }
            (true, _) => Pace::Slow,
        };
        Ok(())
    }

    /// What is to be told next, if anything. A value that has expired is replaced first.
    async fn next(&mut self) -> Option<Frame> {
        if let Some(frame) = self.missed.next() {
            return Some(frame);
        }
        let mut published = self.state.published.load();
        if !self.has_news(&published) {
            return None;
        }
        if published.valid_until.is_over(self.state.clock.now()) {
            published = Box::pin(self.state.current()).await;
        }
        self.compose(&published)
    }

    fn has_news(&self, published: &Published) -> bool {
        let live = &published.live;
        let is_new = !matches!(self.knows, Knows::Sent(seq) if seq >= live.seq());
        is_new || self.is_late() || self.told.as_ref() != Some(live.standing())
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.heartbeat_at
    }

    /// The way from what the client has to what is published; where there is none left, a sign of life if one is due.
    fn compose(&mut self, published: &Published) -> Option<Frame> {
        let live = &published.live;
        if let Knows::Sent(seq) = self.knows
            && self.pace == Pace::Keeping
            && let Some(frame) = live.newest_step(seq)
        {
            self.knows = Knows::Sent(live.seq());
            return Some(frame);
        }
        let claimed = match &mut self.knows {
            Knows::Claimed(resume) => resume.take().and_then(|has| live.resume(&has.epoch, has.since)),
            Knows::Sent(seq) if *seq >= live.seq() => return self.heartbeat(published),
            Knows::Sent(seq) => live.conflated(*seq).map(|frame| vec![frame]),
        };
        if self.pace == Pace::Slow {
            self.pace = Pace::Spared;
        }
        let is_resume = matches!(self.knows, Knows::Claimed(_));
        self.knows = Knows::Sent(live.seq());
        let Some(frames) = claimed else {
            self.has_told(live.standing().clone());
            return Some(live.snapshot(self.state.clock.now().wall));
        };
        if is_resume {
            // At once after the deltas that it missed, also when there are none.
            self.heartbeat_at = Instant::now();
        }
        self.missed = frames.into_iter();
        self.missed.next().or_else(|| self.heartbeat(published))
    }

    /// A sign of life, if one is due. What is not true any more is not told: silence says that something is wrong.
    fn heartbeat(&mut self, published: &Published) -> Option<Frame> {
        let (live, now) = (&published.live, self.state.clock.now());
        let is_due = self.is_late() || self.told.as_ref() != Some(live.standing());
        if !is_due {
            return None;
        }
        if published.valid_until.is_over(now) {
            self.heartbeat_at = Instant::now() + LOOK_AGAIN;
            return None;
        }
        self.has_told(live.standing().clone());
        Some(live.heartbeat(now.wall, self.state.config.websocket().heartbeat))
    }

    fn has_told(&mut self, standing: Standing) {
        self.told = Some(standing);
        self.heartbeat_at = Instant::now() + self.state.config.websocket().heartbeat;
    }

    /// When there is something to do although nothing happens.
    fn deadline(&self) -> Instant {
        let Some(since) = self.blocked_since else { return self.heartbeat_at };
        let patience = self.state.config.websocket().stalled_after;
        if self.outbox.is_empty() {
            return since + patience;
        }
        (self.outbox.progress_at() + patience).min(self.outbox.begun_at() + patience * FRAME_PATIENCE)
    }
}

impl End {
    fn of(error: &Error) -> Self {
        match error {
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Gone,
            Error::Protocol(_) => Self::code(CloseCode::Protocol),
            Error::Capacity(_) => Self::code(CloseCode::Size),
            Error::Utf8(_) => Self::code(CloseCode::Invalid),
            Error::ConnectionClosed => Self::Closed,
            _ => Self::Gone,
        }
    }
}

// === impl End ===

impl From<Flood> for End {
    fn from(Flood: Flood) -> Self {
        Self::code(CloseCode::Policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<F: Future>(_: impl Fn(Box<Session>) -> F) -> usize {
        size_of::<F>()
    }

    /// What is kept for hours must not grow by accident.
    #[test]
    fn a_session_is_small() {
        let size = size(Session::run) + size_of::<Session>();
        assert!(size <= 1_536, "{size}");
    }
}
