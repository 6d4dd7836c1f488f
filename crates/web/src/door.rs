//! Who may connect: how many in all and of each address, and who makes room when there is none.
//!
//! Whoever holds connections open and says nothing would else shut all others out. So when every seat is taken, those
//! that were served longest ago leave. Somebody who asks is served long before it comes to that; somebody who only
//! waits is the first to go, and loses what a connection costs.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Context,
};

use actix_web::http::header::HeaderMap;
use futures_util::task::AtomicWaker;

use crate::{
    config::{Config, TrustedProxies},
    error::WebError,
    peer::{Peer, household},
};

/// One part in this many leaves when there is no room. Looking for them is dear, so that it has to last for a while.
const LEAVING: usize = 16;

/// All connections of a server.
#[derive(Debug)]
pub(crate) struct Door {
    max_connections: usize,
    max_per_address: usize,
    trusted: TrustedProxies,
    /// How often anybody was served or came.
    turns: AtomicU64,
    crowd: Mutex<Crowd>,
}

#[derive(Debug, Default)]
struct Crowd {
    /// Those that were not told to leave.
    chairs: HashMap<u64, Arc<Chair>>,
    by_address: HashMap<IpAddr, usize>,
    /// How many ever came.
    came: u64,
}

/// What is known of one connection, for who looks for room.
#[derive(Debug)]
struct Chair {
    /// The turn at which it was served last.
    served_at: AtomicU64,
    /// Whether it is a subscriber, who waits by profession and is limited elsewhere.
    stays: AtomicBool,
    must_leave: AtomicBool,
    waker: AtomicWaker,
}

/// A place for one connection; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    door: Arc<Door>,
    chair: Arc<Chair>,
    address: Option<IpAddr>,
    number: u64,
}

impl Door {
    /// Nobody is here yet.
    pub(crate) fn new(config: &Config) -> Arc<Self> {
        Arc::new(Self {
            max_connections: config.http().max_connections,
            max_per_address: config.http().max_per_address,
            trusted: config.trusted_proxies().clone(),
            turns: AtomicU64::new(0),
            crowd: Mutex::default(),
        })
    }

    /// Lets a connection in.
    ///
    /// # Errors
    /// When there are too many of its address, or too many in all and none that could leave.
    pub(crate) fn enter(self: &Arc<Self>, socket: Option<IpAddr>) -> Result<Seat, WebError> {
        // Nothing was said yet: who is behind a proxy does not show. Proxies are not limited, and neither is who may be one.
        let address = match Peer::of(socket, &HeaderMap::new(), &self.trusted) {
            Peer::Known(address) => Some(household(address)),
            Peer::Shared => None,
        };
        let mut crowd = self.crowd();
        let n_same = address.and_then(|address| crowd.by_address.get(&address)).copied().unwrap_or(0);
        if n_same >= self.max_per_address {
            return Err(WebError::TooManyOfAddress);
        }
        if crowd.chairs.len() >= self.max_connections && !crowd.make_room() {
            return Err(WebError::TooManyConnections);
        }
        let chair = Arc::new(Chair {
            served_at: AtomicU64::new(self.turn()),
            stays: AtomicBool::new(false),
            must_leave: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        crowd.came = crowd.came.wrapping_add(1);
        let number = crowd.came;
        crowd.chairs.insert(number, Arc::clone(&chair));
        if let Some(address) = address {
            *crowd.by_address.entry(address).or_default() += 1;
        }
        Ok(Seat { door: Arc::clone(self), chair, address, number })
    }

    fn turn(&self) -> u64 {
        self.turns.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts stay right whatever panicked: nothing is left half done under the lock.
    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crowd {
    /// Tells those to leave that were served longest ago; says whether there are any.
    fn make_room(&mut self) -> bool {
        let waits = |chair: &Chair| !chair.stays.load(Ordering::Relaxed);
        let waiting = self.chairs.iter().filter(|(_, chair)| waits(chair));
        let mut waiting: Vec<(u64, u64)> =
            waiting.map(|(number, chair)| (chair.served_at.load(Ordering::Relaxed), *number)).collect();
        let n_leaving = waiting.len().div_ceil(LEAVING);
        if let Some(last) = n_leaving.checked_sub(1) {
            waiting.select_nth_unstable(last);
        }
        for (_, number) in waiting.iter().take(n_leaving) {
            if let Some(chair) = self.chairs.remove(number) {
                chair.must_leave.store(true, Ordering::Release);
                chair.waker.wake();
            }
        }
        n_leaving > 0
    }
}

impl Seat {
    /// Notes that something was sent to this connection.
    pub(crate) fn serve(&self) {
        self.chair.served_at.store(self.door.turn(), Ordering::Relaxed);
    }

    /// This connection waits by profession from now on, and is not to leave for it.
    pub(crate) fn stay(&self) {
        self.chair.stays.store(true, Ordering::Relaxed);
    }

    /// Whether this connection has to make room; if not, the task is woken when it has to.
    pub(crate) fn must_leave(&self, context: &Context<'_>) -> bool {
        self.chair.waker.register(context.waker());
        self.chair.must_leave.load(Ordering::Acquire)
    }
}

// === impl Seat ===

impl Drop for Seat {
    fn drop(&mut self) {
        let mut crowd = self.door.crowd();
        crowd.chairs.remove(&self.number);
        if let Some(address) = self.address
            && let Some(count) = crowd.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                crowd.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::config::Http;

    fn door(max_connections: usize, max_per_address: usize) -> Arc<Door> {
        let trusted = TrustedProxies::parse(["198.51.100.0/24"]).unwrap();
        let http = Http { max_connections, max_per_address, ..Http::default() };
        Door::new(&Config::new().with_http(http).with_trusted_proxies(trusted))
    }

    fn enter(door: &Arc<Door>, address: &str) -> Result<Seat, WebError> {
        door.enter(Some(address.parse().unwrap()))
    }

    fn must_leave(seat: &Seat) -> bool {
        seat.must_leave(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn of_one_address_there_are_only_so_many_and_seats_are_given_back() {
        let door = door(100, 2);
        let first = enter(&door, "203.0.113.1").unwrap();
        let _second = enter(&door, "::ffff:203.0.113.1").unwrap();
        assert_eq!(enter(&door, "203.0.113.1").unwrap_err(), WebError::TooManyOfAddress);
        let _other = enter(&door, "203.0.113.2").unwrap();
        drop(first);
        let _again = enter(&door, "203.0.113.1").unwrap();
        let _network = [enter(&door, "2001:db8::1").unwrap(), enter(&door, "2001:db8::2").unwrap()];
        assert_eq!(enter(&door, "2001:db8::3").unwrap_err(), WebError::TooManyOfAddress);
    }

    #[test]
    fn a_proxy_and_who_may_be_one_are_not_limited() {
        let door = door(100, 1);
        for address in ["127.0.0.1", "10.0.0.1", "100.64.0.1", "198.51.100.7", "::1", "fd00::1"] {
            let _seats: Vec<Seat> = (0..5).map(|_| enter(&door, address).unwrap()).collect();
        }
        let crowd = door.crowd();
        assert_eq!((crowd.chairs.len(), crowd.by_address.len()), (0, 0));
    }

    #[test]
    fn who_was_served_longest_ago_makes_room() {
        let door = door(32, 1);
        let seats: Vec<Seat> = (0..32).map(|_| enter(&door, "127.0.0.1").unwrap()).collect();
        seats[0].serve();
        seats[1].stay();
        let newcomer = enter(&door, "127.0.0.1").unwrap();
        let leaving: Vec<usize> = (0..32).filter(|idx| must_leave(&seats[*idx])).collect();
        assert_eq!(leaving, [2, 3]);
        assert!(!must_leave(&newcomer));
        // The second seat that became free is still there.
        let _another = enter(&door, "127.0.0.1").unwrap();
        assert_eq!(seats.iter().filter(|seat| must_leave(seat)).count(), 2);
    }

    #[test]
    fn those_that_stay_make_no_room() {
        let door = door(2, 1);
        let seats = [enter(&door, "127.0.0.1").unwrap(), enter(&door, "127.0.0.1").unwrap()];
        seats.iter().for_each(Seat::stay);
        assert_eq!(enter(&door, "127.0.0.1").unwrap_err(), WebError::TooManyConnections);
        assert!(!seats.iter().any(must_leave));
        drop(seats);
        enter(&door, "127.0.0.1").unwrap();
    }

    #[test]
    fn who_is_told_to_leave_is_woken() {
        let door = door(1, 1);
        let seat = enter(&door, "127.0.0.1").unwrap();
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&woken));
        assert!(!seat.must_leave(&Context::from_waker(&waker)));
        let _newcomer = enter(&door, "127.0.0.1").unwrap();
        assert!(woken.0.load(Ordering::SeqCst) && must_leave(&seat));
    }

    struct Woken(AtomicBool);

    impl std::task::Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}
