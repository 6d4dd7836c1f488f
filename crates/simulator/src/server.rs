//! A scripted HTTP/1.1 server that can misbehave on purpose.
//!
//! It listens on loopback, on a thread with a runtime of its own: it starts and stops synchronously, inside or
//! outside any runtime, and a test that pauses its clock does not pause the server. Dropping it closes the
//! listener and every open connection before `drop` returns.
//!
//! - `listener`: accepts, refuses and takes the port back.
//! - `connection`: reads requests and sends answers, right or wrong ones.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::behaviour::Behaviour;
use crate::message::{Answer, Request};

mod connection;
mod listener;

/// What answers the requests.
type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// A running server; it stops when it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    orders: watch::Sender<Order>,
    /// Tells that the listener obeyed an order; the lock also makes orders one at a time.
    obeyed: Mutex<mpsc::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the connections know of the server.
struct Shared {
    handler: Box<Handler>,
    address: SocketAddr,
    requests: AtomicU64,
}

/// What the server's thread is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Behave(Behaviour),
    Stop,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no socket or thread can be had.
    pub fn start(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_on(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), handler)
    }

    /// Starts a server on the loopback `address`, so that a killed backend can come back where it was.
    ///
    /// # Errors
    /// When `address` is not a loopback one or not free, or when no socket or thread can be had.
    pub fn start_on(
        address: SocketAddr,
        handler: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the simulator listens on loopback only",
            ));
        }
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { handler: Box::new(handler), address, requests: AtomicU64::new(0) });
        let (orders, listen_to) = watch::channel(Order::Behave(Behaviour::Normal));
        let (report, obeyed) = mpsc::channel();
        let (started, ready) = mpsc::channel();
        let thread = std::thread::Builder::new().name(format!("simulator-{}", address.port())).spawn({
            let shared = Arc::clone(&shared);
            // The runtime is born and dies on its own thread, for within another runtime it could not be
            // dropped. Its end drops every connection's task and with it its socket.
            move || {
                let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime,
                    Err(error) => return drop(started.send(Err(error))),
                };
                runtime.block_on(async {
                    match TcpListener::from_std(listener) {
                        Ok(listener) => {
                            started.send(Ok(())).ok();
                            listener::run(listener, shared, listen_to, report).await;
                        }
                        Err(error) => drop(started.send(Err(error))),
                    }
                });
            }
        })?;
        ready.recv().map_err(io::Error::other)??;
        Ok(Self { address, shared, orders, obeyed: Mutex::new(obeyed), thread: Some(thread) })
    }

    /// The address it listens on, or listened on while it refuses.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many complete requests have arrived, answered or not.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// How the server behaves now.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        match *self.orders.borrow() {
            Order::Behave(behaviour) => behaviour,
            Order::Stop => Behaviour::Refuse,
        }
    }

    /// Changes the behaviour, for requests that arrive from now on.
    ///
    /// Answers that are held back (`Stall`, `StallBody`, `Drip`, `Huge`, `GzipBomb`) end with a closed
    /// connection. When this returns after `Refuse`, connecting is refused; after leaving it, connecting works,
    /// unless someone else took the port meanwhile: then the server goes on refusing.
    pub fn set_behaviour(&self, behaviour: Behaviour) {
        let obeyed = self.obeyed.lock().unwrap_or_else(PoisonError::into_inner);
        if self.orders.send(Order::Behave(behaviour)).is_ok() {
            // An error means that the thread has ended, and a server without a thread refuses whatever it is told.
            obeyed.recv().ok();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.orders.send(Order::Stop).ok();
        if let Some(thread) = self.thread.take() {
            // A panic of the handler was already reported by the panic hook.
            thread.join().ok();
        }
    }
}

#[cfg(test)]
mod tests;
