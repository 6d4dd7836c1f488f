//! What the operator decides about subscribers, and whom to believe who they are.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;

pub use crate::ws::origin::Origin;

/// The longest time between two heartbeats that subscribers are promised.
pub const HEARTBEAT_MAX: Duration = Duration::from_secs(20);

/// The limits of subscribers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocket {
    /// How many there may be.
    pub max_subscribers: usize,
    /// How many there may be of one IPv4 address or one IPv6 network of 64 bits.
    pub max_per_address: usize,
    /// The time between two heartbeats, at most 20 s.
    pub heartbeat: Duration,
    /// Who takes longer than this to take one frame is spared steps, and if that does not help, sent away.
    pub slow_after: Duration,
    /// Who takes nothing for this long is given up.
    pub stalled_after: Duration,
    /// Pages of other sites that may subscribe.
    pub origins: Vec<Origin>,
}

/// The networks whose proxies are believed who their clients are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// A text that is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network is an address, or one in CIDR form such as 172.16.0.0/12")]
pub struct NetworkError;

impl TrustedProxies {
    /// Reads addresses and networks.
    ///
    /// # Errors
    /// When one of them is neither.
    pub fn parse<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self, NetworkError> {
        let network = |text: &str| {
            let address = || text.parse::<IpAddr>().map(IpNet::from);
            text.parse().or_else(|_| address()).map_err(|_| NetworkError)
        };
        networks.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is that of a trusted proxy.
    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

// === impl WebSocket ===

impl Default for WebSocket {
    /// What a small machine serves without noticing, and more than a household or an office opens.
    fn default() -> Self {
        Self {
            max_subscribers: 10_000,
            max_per_address: 50,
            heartbeat: HEARTBEAT_MAX,
            slow_after: Duration::from_secs(5),
            stalled_after: Duration::from_secs(20),
            origins: Vec::new(),
        }
    }
}
