//! Starts a fleet and gives it orders.

use std::{cmp::Ordering, net::SocketAddr, time::Duration};

use serde_json::Value;

use super::{
    super::{
        Programs,
        child::Conversation,
        error::{BenchError, Context as _},
    },
    orders::{Answer, Arrival, Compared, Order, Seen, Version, Visits},
};

/// How long all subscribers together may take for one delta, beyond its time.
const PATIENCE: Duration = Duration::from_secs(20);

/// A fleet of subscribers of one server.
#[derive(Debug)]
pub(crate) struct Fleet(Conversation);

/// How a fleet connected.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joined {
    /// From the first attempt until the last had its first frame.
    pub(crate) elapsed: Duration,
    /// Bytes of a first frame.
    pub(crate) first_frame_bytes: u64,
}

impl Fleet {
    /// A fleet without subscribers.
    pub(crate) fn start(programs: &Programs, server: SocketAddr) -> Result<Self, BenchError> {
        Conversation::start(&programs.xtask, &["bench-fleet", &server.to_string()]).map(Self)
    }

    /// Connects `n_subscribers` that read.
    pub(crate) fn subscribe(&mut self, n_subscribers: usize) -> Result<Joined, BenchError> {
        match self.ask(&Order::Subscribe { n_subscribers })? {
            Answer::Subscribed { elapsed_ns, first_frame_bytes } => {
                Ok(Joined { elapsed: Duration::from_nanos(elapsed_ns), first_frame_bytes })
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Connects `n_subscribers` that do not read.
    pub(crate) fn stall(&mut self, n_subscribers: usize) -> Result<(), BenchError> {
        match self.ask(&Order::Stall { n_subscribers })? {
            Answer::Stalled => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Waits until all of `n_subscribers` have the `n_deltas` deltas since the last call, and gives each.
    pub(crate) fn received(
        &mut self,
        n_subscribers: usize,
        n_deltas: usize,
    ) -> Result<Vec<Arrival>, BenchError> {
        let patience_ms = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let answer = self.ask(&Order::Await { n_deltas, patience_ms })?;
        let Answer::Received { deltas, n_lost } = answer else { return Err(unexpected(&answer)) };
        if n_lost > 0 {
            return Err(BenchError::Unexpected(format!("{n_lost} subscribers were lost")));
        }
        let counts: Vec<_> = deltas.iter().map(|delta| delta.n_subscribers).collect();
        let what = || {
            format!("{n_deltas} deltas to {n_subscribers} subscribers were expected, received: {counts:?}")
        };
        if counts.iter().any(|count| *count != n_subscribers) {
            return Err(BenchError::Unexpected(what()));
        }
        // A poll that a busy machine is too late for is given up, and the next one finds both changes.
        match deltas.len().cmp(&n_deltas) {
            Ordering::Equal => Ok(deltas),
            Ordering::Less => Err(BenchError::Disturbed(what())),
            Ordering::Greater => Err(BenchError::Unexpected(what())),
        }
    }

    /// Connects `n_followers` that keep the queue; each stays for `stay` at a time. Gives what they saw until all had
    /// a queue, or the time for that was over.
    pub(crate) fn follow(&mut self, n_followers: usize, stay: Duration) -> Result<Seen, BenchError> {
        let stay_ms = u64::try_from(stay.as_millis()).unwrap_or(u64::MAX);
        self.ask_followers(&Order::Follow { n_followers, stay_ms })
    }

    /// What followers saw so far.
    pub(crate) fn followed(&mut self) -> Result<Seen, BenchError> {
        self.ask_followers(&Order::Followed)
    }

    /// How many followers have this version of the queue, and this queue.
    pub(crate) fn compare(&mut self, version: Version, queue: Value) -> Result<Compared, BenchError> {
        match self.ask(&Order::Compare { version, queue })? {
            Answer::Compared(compared) => Ok(compared),
            other => Err(unexpected(&other)),
        }
    }

    /// Lets visitors ask for pages and documents, `per_second` in all, from now on.
    pub(crate) fn visit(&mut self, per_second: u32) -> Result<(), BenchError> {
        match self.ask(&Order::Visit { per_second })? {
            Answer::Visiting => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// How visits went so far.
    pub(crate) fn visited(&mut self) -> Result<Visits, BenchError> {
        match self.ask(&Order::Visited)? {
            Answer::Visited(visits) => Ok(visits),
            other => Err(unexpected(&other)),
        }
    }

    fn ask_followers(&mut self, order: &Order) -> Result<Seen, BenchError> {
        match self.ask(order)? {
            Answer::Followed(seen) => Ok(seen),
            other => Err(unexpected(&other)),
        }
    }

    fn ask(&mut self, order: &Order) -> Result<Answer, BenchError> {
        self.0.say(&serde_json::to_string(order).during("giving an order")?)?;
        serde_json::from_str(&self.0.hear()?).during("reading an answer")
    }
}

fn unexpected(answer: &Answer) -> BenchError {
    BenchError::Unexpected(format!("a fleet answered {answer:?}"))
}
