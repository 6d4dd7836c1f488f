//! Who is here: how many subscribers in all and of each address, and the end of all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    config::WebSocket,
    peer::{Peer, household},
};

/// A stopped server's subscribers come back within this long.
const RETURN_WITHIN_MS: u64 = 15_000;

/// All subscribers of a server.
#[derive(Debug)]
pub(crate) struct Hub {
    max_subscribers: usize,
    max_per_address: usize,
    crowd: Mutex<Crowd>,
    /// How many there are, for who waits for the last one's end.
    count: watch::Sender<usize>,
    is_closing: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Crowd {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
    /// How many ever joined.
    joined: u64,
    is_closing: bool,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// There are too many subscribers.
    Server,
    /// There are too many of this address.
    Address,
    /// The server is stopping.
    Closing,
}

/// A place among the subscribers; given back when it is dropped, also by a session that panics.
#[derive(Debug)]
pub(crate) struct Place {
    hub: Arc<Hub>,
    address: Option<IpAddr>,
    number: u64,
}

impl Hub {
    /// Nobody is here yet.
    pub(crate) fn new(limits: &WebSocket) -> Arc<Self> {
        Arc::new(Self {
            max_subscribers: limits.max_subscribers,
            max_per_address: limits.max_per_address,
            crowd: Mutex::default(),
            count: watch::Sender::new(0),
            is_closing: watch::Sender::new(false),
        })
    }

    /// Lets somebody in.
    ///
    /// # Errors
    /// When a limit is reached or the server stops.
    pub(crate) fn join(self: &Arc<Self>, peer: Peer) -> Result<Place, Full> {
        let mut crowd = self.crowd();
        if crowd.is_closing {
            return Err(Full::Closing);
        }
        if crowd.total >= self.max_subscribers {
            return Err(Full::Server);
        }
        let address = match peer {
            Peer::Known(address) => Some(household(address)),
            Peer::Shared => None,
        };
        if let Some(address) = address {
            let count = crowd.by_address.entry(address).or_default();
            if *count >= self.max_per_address {
                return Err(Full::Address);
            }
            *count += 1;
        }
        crowd.total += 1;
        crowd.joined = crowd.joined.wrapping_add(1);
        self.count.send_replace(crowd.total);
        Ok(Place { hub: Arc::clone(self), address, number: crowd.joined })
    }

    /// How many are here.
    pub(crate) fn total(&self) -> usize {
        *self.count.borrow()
    }

    /// How many may be here.
    pub(crate) fn max_subscribers(&self) -> usize {
        self.max_subscribers
    }

    /// Nobody is let in from now on, and everybody is told to leave.
    pub(crate) fn close(&self) {
        self.crowd().is_closing = true;
        self.is_closing.send_replace(true);
    }

    /// Becomes true when everybody is to leave.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.is_closing.subscribe()
    }

    /// Waits until nobody is here, or for `patience`; says how many are.
    pub(crate) async fn wait_until_empty(&self, patience: Duration) -> usize {
        let mut count = self.count.subscribe();
        // The sender is our own and lives as long as we do: only time can run out.
        let _ = tokio::time::timeout(patience, count.wait_for(|count| *count == 0)).await;
        self.crowd().total
    }

    /// Counts stay right whatever panicked: nothing is left half done under the lock.
    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// When this subscriber should come back after a stop, in milliseconds: consecutive subscribers are spread evenly,
    /// whichever of them are left.
    pub(crate) fn returns_after_ms(&self) -> u64 {
        spread(self.number)
    }
}

/// Multiples of the golden ratio, as parts of the whole.
fn spread(number: u64) -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let part = number.wrapping_mul(GOLDEN) >> 32;
    (part * (RETURN_WITHIN_MS + 1)) >> 32
}

// === impl Place ===

impl Drop for Place {
    fn drop(&mut self) {
        let mut crowd = self.hub.crowd();
        crowd.total = crowd.total.saturating_sub(1);
        if let Some(address) = self.address
            && let Some(count) = crowd.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                crowd.by_address.remove(&address);
            }
        }
        self.hub.count.send_replace(crowd.total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(max_subscribers: usize, max_per_address: usize) -> Arc<Hub> {
        Hub::new(&WebSocket { max_subscribers, max_per_address, ..WebSocket::default() })
    }

    fn known(address: &str) -> Peer {
        Peer::Known(address.parse().unwrap())
    }

    #[test]
    fn places_are_limited_and_given_back() {
        let hub = hub(3, 2);
        let first = hub.join(known("203.0.113.1")).unwrap();
        let _second = hub.join(known("203.0.113.1")).unwrap();
        assert_eq!(hub.join(known("203.0.113.1")).unwrap_err(), Full::Address);
        let third = hub.join(Peer::Shared).unwrap();
        assert_eq!(hub.join(Peer::Shared).unwrap_err(), Full::Server);
        drop(first);
        let _again = hub.join(known("203.0.113.1")).unwrap();
        drop(third);
        hub.close();
        assert_eq!(hub.join(known("203.0.113.9")).unwrap_err(), Full::Closing);
        assert_eq!(hub.crowd().total, 2);
    }

    #[test]
    fn nothing_is_kept_of_who_left() {
        let hub = hub(10, 2);
        for number in 0..100_u32 {
            hub.join(Peer::Known(std::net::Ipv4Addr::from(0xcb00_7100 + number).into())).unwrap();
        }
        let crowd = hub.crowd();
        assert_eq!((crowd.total, crowd.by_address.len()), (0, 0));
    }

    #[test]
    fn a_network_of_64_bits_is_one_household() {
        let hub = hub(10, 1);
        let _one = hub.join(known("2001:db8:1:2::1")).unwrap();
        assert_eq!(hub.join(known("2001:db8:1:2:ffff::7")).unwrap_err(), Full::Address);
        assert!(hub.join(known("2001:db8:1:3::1")).is_ok());
    }

    #[test]
    fn a_place_is_given_back_by_a_panic_too() {
        let hub = hub(1, 1);
        let place = hub.join(Peer::Shared).unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _place = place;
            panic!("a session broke");
        }));
        assert!(panicked.is_err());
        assert!(hub.join(Peer::Shared).is_ok());
    }

    #[test]
    fn who_comes_back_is_spread_over_15_seconds() {
        for first in [0, 1, 12_345] {
            let mut buckets = [0; 15];
            for number in first..first + 1_500 {
                let after = spread(number);
                assert!(after <= 15_000);
                buckets[usize::try_from(after / 1_001).unwrap().min(14)] += 1;
            }
            assert!(buckets.iter().all(|count| (80..=120).contains(count)), "{buckets:?}");
        }
    }
}
