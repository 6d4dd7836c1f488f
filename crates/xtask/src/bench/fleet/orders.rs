//! What a fleet can be told, and what it answers.

use serde::{Deserialize, Serialize};

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
