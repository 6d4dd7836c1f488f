//! Subscribers that keep the queue, check every frame against it, and leave and come back for as long as the fleet
//! lives.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    super::frame::{CLOSE, FrameReader, TEXT},
    keeper::{Fault, Heard, Keeper},
    orders::{Compared, Seen, Version},
    subscribers::{HANDSHAKES_MAX, PATIENCE, handshake, read},
};

/// One in so many keeps all of every row; the others keep what is hashed.
const WHOLE_ONE_IN: usize = 100;
/// One in so many returns says nothing of what it has.
const ANEW_ONE_IN: usize = 4;
/// How long to wait after something went wrong.
const RETRY: Duration = Duration::from_secs(1);
/// The end of a connection as a client says it, under a mask of zeroes.
const GOODBYE: [u8; 8] = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8];

/// All followers of a fleet, and what they saw.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    keepers: Mutex<Vec<Arc<Mutex<Keeper>>>>,
    seen: Mutex<Seen>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Crowd {
    /// Adds followers of `server`, each of which leaves after `stay` and comes back at once; must be called in a
    /// runtime.
    pub(super) fn follow(self: &Arc<Self>, server: SocketAddr, n_followers: usize, stay: Duration) {
        let permits = Arc::new(Semaphore::new(HANDSHAKES_MAX));
        for number in 0..n_followers {
            let keeper = Arc::new(Mutex::new(Keeper::new(number % WHOLE_ONE_IN == 0)));
            locked(&self.keepers).push(Arc::clone(&keeper));
            let (crowd, permits) = (Arc::clone(self), Arc::clone(&permits));
            let follower = Follower { server, crowd, permits, keeper, number };
            // They leave one after the other, not all at once.
            let share = f64::from(u32::try_from(number).unwrap_or(u32::MAX)) / n_followers as f64;
            tokio::spawn(follower.live(stay + stay.mul_f64(share), stay));
        }
    }

    /// Whether everybody has a queue.
    pub(super) fn is_settled(&self) -> bool {
        locked(&self.keepers).iter().all(|keeper| locked(keeper).version().is_some())
    }

    /// What was seen so far.
    pub(super) fn seen(&self) -> Seen {
        locked(&self.seen).clone()
    }

    /// How many have this version of the queue, and how many of those that keep all of it have this queue.
    pub(super) fn compare(&self, version: &Version, queue: &Value) -> Compared {
        let mut compared = Compared::default();
        for keeper in locked(&self.keepers).iter() {
            let keeper = locked(keeper);
            compared.n_followers += 1;
            compared.n_equal += usize::from(keeper.version() == Some(version));
            if let Some(whole) = keeper.whole() {
                compared.n_whole += 1;
                compared.n_whole_equal += usize::from(whole == *queue);
            }
        }
        compared
    }

    fn heard(&self, heard: Heard, n_bytes: u64) {
        let mut seen = locked(&self.seen);
        seen.n_bytes += n_bytes;
        match heard {
            Heard::Snapshot => seen.n_snapshots += 1,
            Heard::Delta => seen.n_deltas += 1,
            Heard::Heartbeat => seen.n_heartbeats += 1,
        }
    }

    fn fault(&self, fault: &Fault) {
        let mut seen = locked(&self.seen);
        if *fault == Fault::Late {
            seen.n_late += 1;
        } else {
            *seen.faults.entry(fault.to_string()).or_default() += 1;
        }
    }
}

struct Follower {
    server: SocketAddr,
    crowd: Arc<Crowd>,
    permits: Arc<Semaphore>,
    keeper: Arc<Mutex<Keeper>>,
    number: usize,
}

impl Follower {
    async fn live(self, first_stay: Duration, stay: Duration) {
        let mut stays = std::iter::once(first_stay).chain(std::iter::repeat(stay));
        for n_returns in 0.. {
            if (self.number + n_returns).is_multiple_of(ANEW_ONE_IN) {
                locked(&self.keeper).forget();
            }
            let until = Instant::now() + stays.next().unwrap_or(stay);
            if let Err(fault) = self.connection(until).await {
                self.crowd.fault(&fault);
                locked(&self.keeper).forget();
                sleep(RETRY).await;
            }
        }
    }

    /// One connection, until it is time to leave.
    async fn connection(&self, until: Instant) -> Result<(), Fault> {
        let query =
            locked(&self.keeper).version().map(|has| format!("?epoch={}&since={}", has.epoch, has.seq));
        let permit = self.permits.acquire().await;
        let refused = |error: io::Error| match error.kind() {
            io::ErrorKind::TimedOut => Fault::Late,
            _ => Fault::Refused(error.to_string()),
        };
        let socket = TcpSocket::new_v4().map_err(refused)?;
        let joined = timeout(PATIENCE, handshake(self.server, socket, &query.unwrap_or_default())).await;
        let (stream, early) = joined.map_err(|_| Fault::Silence)?.map_err(refused)?;
        drop(permit);
        locked(&self.crowd.seen).n_connections += 1;
        let mut reader = FrameReader::new(usize::MAX);
        self.receive(&mut reader, &early)?;
        drop(early);
        let mut heard_at = Instant::now();
        loop {
            // Nobody leaves before it has a queue.
            let (has_queue, silence) = {
                let keeper = locked(&self.keeper);
                (keeper.version().is_some(), keeper.silence())
            };
            let (now, silent_at) = (Instant::now(), heard_at + silence);
            if has_queue && now >= until {
                self.leave(&stream);
                return Ok(());
            }
            if now >= silent_at {
                return Err(Fault::Silence);
            }
            let next = if has_queue { until.min(silent_at) } else { silent_at };
            let Ok(ready) = timeout_at(next, stream.readable()).await else { continue };
            ready.map_err(|_| Fault::Lost)?;
            if let Some(received) =
                read(&stream, |bytes| self.receive(&mut reader, bytes)).map_err(|_| Fault::Lost)?
            {
                received?;
                heard_at = Instant::now();
            }
        }
    }

    /// Every other one says that it goes.
    fn leave(&self, stream: &TcpStream) {
        if self.number.is_multiple_of(2) {
            // A server that does not take it has gone itself.
            let _ = stream.try_write(&GOODBYE);
        }
    }

    fn receive(&self, reader: &mut FrameReader, bytes: &[u8]) -> Result<(), Fault> {
        let mut result = Ok(());
        reader.feed(bytes, |frame| {
            if result.is_err() {
                return;
            }
            result = match frame.opcode {
                TEXT => locked(&self.keeper)
                    .hear(frame.beginning)
                    .map(|heard| self.crowd.heard(heard, frame.length)),
                CLOSE => Err(Fault::SentAway),
                _ => Err(Fault::Unexpected),
            };
        });
        result
    }
}
