//! What a fleet can be told, and what it answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Order {
    /// Connect so many, and read the first frame of each.
    Subscribe {
        /// How many.
        n_subscribers: usize,
    },
    /// Connect so many that read nothing but the answer to their request.
    Stall {
        /// How many.
        n_subscribers: usize,
    },
    /// Wait until every subscriber that reads received so many deltas since the last such order.
    Await {
        /// How many.
        n_deltas: usize,
        /// How long to wait at most.
        patience_ms: u64,
    },
    /// Connect so many that keep the queue, check it, leave and come back.
    Follow {
        /// How many.
        n_followers: usize,
        /// How long each stays at a time.
        stay_ms: u64,
    },
    /// Tell what they saw so far.
    Followed,
    /// Compare what they have with this.
    Compare {
        /// The version of the server.
        version: Version,
        /// The queue in that version.
        queue: Value,
    },
    /// Ask for pages and documents, so many in a second, from now on.
    Visit {
        /// How many.
        per_second: u32,
    },
    /// Tell how that went so far.
    Visited,
}

/// The answer to an order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// All are connected.
    Subscribed {
        /// From the first attempt until the last had its first frame.
        elapsed_ns: u64,
        /// Bytes of a first frame.
        first_frame_bytes: u64,
    },
    /// All are connected, and read nothing.
    Stalled,
    /// What was received.
    Received {
        /// Every delta since the last order to wait, in order.
        deltas: Vec<Arrival>,
        /// Subscribers that were sent away or lost their connection, ever.
        n_lost: usize,
    },
    /// What all followers saw.
    Followed(Seen),
    /// How many followers have what they were compared with.
    Compared(Compared),
    /// Visitors ask from now on.
    Visiting,
    /// How all visits went.
    Visited(Visits),
}

/// A version of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// A run of the server.
    pub(crate) epoch: String,
    /// The number in that run.
    pub(crate) seq: u64,
    /// What its facts hash to, in eight digits.
    pub(crate) hash: String,
}

/// What followers saw.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Connections that were opened.
    pub(crate) n_connections: u64,
    /// Attempts for which this machine was too busy to ask in time.
    pub(crate) n_late: u64,
    /// Whole queues.
    pub(crate) n_snapshots: u64,
    /// Deltas that led from what was kept to what the server says.
    pub(crate) n_deltas: u64,
    /// Signs of life that agreed with what was kept.
    pub(crate) n_heartbeats: u64,
    /// Bytes of all these.
    pub(crate) n_bytes: u64,
    /// What must not happen, and how often it did.
    pub(crate) faults: BTreeMap<String, u64>,
}

/// How many followers have a version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Compared {
    /// How many there are.
    pub(crate) n_followers: usize,
    /// How many of them have this very version, by its hash.
    pub(crate) n_equal: usize,
    /// How many keep all of the queue.
    pub(crate) n_whole: usize,
    /// How many of those have this very queue, by each of its fields.
    pub(crate) n_whole_equal: usize,
}

/// How visits went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Visits {
    /// Answers by their status.
    pub(crate) by_status: BTreeMap<u16, u64>,
    /// Different addresses that were asked for.
    pub(crate) n_targets: usize,
    /// Bytes of all bodies.
    pub(crate) n_bytes: u64,
    /// What must not happen, and how often it did.
    pub(crate) faults: BTreeMap<String, u64>,
    /// From the question to the end of the answer, in microseconds: of the median, of one in a hundred, of the slowest.
    pub(crate) latency_us: [u64; 3],
}

/// One delta, as all subscribers saw it; instants in nanoseconds of the machine's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Arrival {
    /// When the first had it.
    pub(crate) first_ns: u64,
    /// When the last had it.
    pub(crate) last_ns: u64,
    /// How many have it.
    pub(crate) n_subscribers: usize,
    /// Bytes of its frame.
    pub(crate) n_bytes: u64,
}
