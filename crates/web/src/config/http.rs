//! What the operator decides about connections.

use std::time::Duration;

/// The limits of connections. Subscribers are connections, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// How many there may be.
    pub max_connections: usize,
    /// How many there may be of one IPv4 address or one IPv6 network of 64 bits.
    pub max_per_address: usize,
    /// How long a request may take, from its first byte until it is answered: the first of a connection, and each later.
    pub request_within: Duration,
    /// Who takes nothing of an answer for this long is given up.
    pub stalled_after: Duration,
    /// How long a connection may wait for its next request.
    pub keep_alive: Duration,
}

// === impl Http ===

impl Default for Http {
    /// Room for all subscribers and half as many others; more of one address than a household or an office opens.
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            max_per_address: 128,
            request_within: Duration::from_secs(10),
            stalled_after: Duration::from_secs(10),
            // Longer than the interval in which a page asks again.
            keep_alive: Duration::from_secs(20),
        }
    }
}
