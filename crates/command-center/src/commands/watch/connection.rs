//! Keeps the mirror up to date, for ever: the socket, again after every loss, and polling where there is none.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use scheduler::client::ClientError;
use snapshot::clock::{Clock, Now};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};
use web::mirror::{Heard, Mirror, MirrorError, Remedy};

use super::{
    document::Asker,
    socket::{Dialer, Refusal, Socket},
    target::Target,
};

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a connection or an answer.
    pub(super) answer: Duration,
    /// For the first frame, and between frames before a heartbeat said how long.
    pub(super) silence: Duration,
    /// Before the next try: at least this, at most `retry_max`, at random.
    pub(super) retry_min: Duration,
    pub(super) retry_max: Duration,
    /// Between polls.
    pub(super) poll: Duration,
    /// Between tries of the socket while polling.
    pub(super) socket_while_polling: Duration,
}

/// After so many failures in a row the document is polled.
const FAILURES_BEFORE_POLLING: u32 = 3;

/// The longest that a server may tell a client to stay away or to bear its silence.
const OBEDIENCE: Duration = Duration::from_secs(300);

/// The shortest silence that counts as one.
const SILENCE_MIN: Duration = Duration::from_millis(200);

/// What happened.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// The queue, as of this reading of the clock.
    Queue { mirror: Arc<Mirror>, received: Now, by: Channel },
    /// There is no contact any more; it will be sought again.
    Lost { why: String },
}

/// How the queue came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Channel {
    Socket,
    Polling,
}

/// One server's queue.
pub(super) struct Connection {
    target: Target,
    dialer: Dialer,
    asker: Asker,
    clock: Clock,
    patience: Patience,
    mirror: Mirror,
}

/// How a socket ended.
struct End {
    why: String,
    retry_after: Option<Duration>,
    /// Whether the queue came over it, and nothing was wrong with it.
    was_good: bool,
    /// Whether its frames are not understood.
    is_foreign: bool,
}

/// Nobody wants to hear any more.
struct Unheard;

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(10),
            silence: Duration::from_secs(40),
            retry_min: Duration::from_secs(1),
            retry_max: Duration::from_secs(30),
            poll: Duration::from_secs(15),
            socket_while_polling: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// Full jitter: at random up to a limit that doubles with every failure.
    fn before_retry(&self, failures: u32) -> Duration {
        let ceiling = self.retry_min.saturating_mul(2_u32.saturating_pow(failures.clamp(1, 16)));
        rand::random_range(self.retry_min..=ceiling.min(self.retry_max).max(self.retry_min))
    }
}

impl Connection {
    pub(super) fn new(target: Target, clock: Clock, patience: Patience) -> Result<Self, ClientError> {
        let dialer = Dialer::new(&target.socket(None))?;
        let asker = Asker::new(&target.document(None), patience.answer)?;
        Ok(Self { target, dialer, asker, clock, patience, mirror: Mirror::new() })
    }

    pub(super) fn name(&self) -> String {
        self.target.name()
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Follows the queue until nobody listens any more.
    pub(super) async fn run(mut self, news: mpsc::Sender<News>) {
        let mut failures = 0;
        loop {
            let end = match self.session(&news).await {
                Ok(end) => end,
                Err(Unheard) => return,
            };
            failures = if end.was_good { 0 } else { failures + 1 };
            let polls = end.is_foreign || failures >= FAILURES_BEFORE_POLLING;
            let pause = end.retry_after.map(|pause| pause.min(OBEDIENCE));
            let done = if polls && pause.is_none() {
                self.poll_until(Instant::now() + self.patience.socket_while_polling, end.why, &news).await
            } else {
                let pause = pause.unwrap_or_else(|| self.patience.before_retry(failures));
                let sent = news.send(News::Lost { why: end.why }).await;
                sleep_until(Instant::now() + pause).await;
                sent.map_err(|_| Unheard)
            };
            if done.is_err() {
                return;
            }
        }
    }

    /// Asks for the document once.
    ///
    /// # Errors
    /// Says why in words of ours.
    pub(super) async fn poll(&mut self) -> Result<News, String> {
        let answer = self.asker.ask(self.target.document(self.mirror.resume())).await?;
        self.mirror.receive_document(&answer.text, answer.date).map_err(|error| unfit(&error))?;
        Ok(self.queue(Channel::Polling))
    }

    async fn poll_until(
        &mut self,
        end: Instant,
        why: String,
        news: &mpsc::Sender<News>,
    ) -> Result<(), Unheard> {
        while Instant::now() < end {
            let polled = self.poll().await;
            let next = polled.unwrap_or_else(|_| News::Lost { why: why.clone() });
            news.send(next).await.map_err(|_| Unheard)?;
            sleep_until(end.min(Instant::now() + self.patience.poll)).await;
        }
        Ok(())
    }

    /// One socket, from its opening to its end.
    async fn session(&mut self, news: &mpsc::Sender<News>) -> Result<End, Unheard> {
        let url = self.target.socket(self.mirror.resume());
        let dialled = timeout(self.patience.answer, self.dialer.dial(&url)).await;
        match dialled.unwrap_or_else(|_| Err(Refusal::new("did not answer in time"))) {
            Ok(socket) => self.listen(socket, news).await,
            Err(Refusal { why, retry_after }) => {
                Ok(End { why, retry_after, was_good: false, is_foreign: false })
            }
        }
    }

    async fn listen(&mut self, mut socket: Socket, news: &mpsc::Sender<News>) -> Result<End, Unheard> {
        let mut was_good = false;
        let mut heard_at = self.clock.now().uptime;
        let end = |why: &str, was_good| {
            Ok(End { why: why.to_owned(), retry_after: None, was_good, is_foreign: false })
        };
        loop {
            let limit = self
                .mirror
                .next()
                .map_or(self.patience.silence, |next| next.saturating_mul(2).clamp(SILENCE_MIN, OBEDIENCE));
            // Short waits: only the clock that counts sleep knows how long it was silent.
            let message = match timeout(limit.min(SILENCE_MIN * 5), socket.next()).await {
                Ok(message) => message,
                Err(_) if self.clock.now().uptime.saturating_sub(heard_at) < limit => continue,
                Err(_) => return end("fell silent", was_good),
            };
            if self.clock.now().uptime.saturating_sub(heard_at) > limit.saturating_mul(2) {
                // The machine slept; what was in the pipe is from before.
                return end("was not heard for long", was_good);
            }
            match message {
                Some(Ok(Message::Text(text))) => match self.mirror.receive(&text) {
                    Ok(heard) => {
                        heard_at = self.clock.now().uptime;
                        if heard != Heard::Unknown {
                            was_good = true;
                            news.send(self.queue(Channel::Socket)).await.map_err(|_| Unheard)?;
                        }
                    }
                    Err(error) => {
                        // A server that is already gone does not answer.
                        let _ = timeout(SILENCE_MIN, socket.close(None)).await;
                        let is_foreign = error.remedy() == Remedy::Poll;
                        return Ok(End {
                            why: unfit(&error),
                            retry_after: None,
                            was_good: false,
                            is_foreign,
                        });
                    }
                },
                Some(Ok(Message::Close(frame))) => {
                    let retry_after = frame.as_ref().and_then(retry_after);
                    return Ok(End { retry_after, ..end("closed the connection", was_good)? });
                }
                Some(Ok(Message::Binary(_))) => return end("sent what is no text", false),
                Some(Ok(_)) => {}
                Some(Err(_)) => return end("broke the connection off", was_good),
                None => return end("closed the connection", was_good),
            }
        }
    }

    fn queue(&self, by: Channel) -> News {
        News::Queue { mirror: Arc::new(self.mirror.clone()), received: self.clock.now(), by }
    }
}

fn unfit(error: &MirrorError) -> String {
    format!("sent what does not fit: {error}")
}

/// What the server asks for when it closes: `{"retry_after_ms": n}`.
fn retry_after(frame: &CloseFrame) -> Option<Duration> {
    let reason: serde_json::Value = serde_json::from_str(&frame.reason).ok()?;
    reason.get("retry_after_ms")?.as_u64().map(Duration::from_millis)
}
