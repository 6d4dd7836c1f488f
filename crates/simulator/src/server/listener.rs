//! The listening socket: accepts, refuses, stalls and takes its port back.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Order, Shared, connection};
use crate::behaviour::Behaviour;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A connection that takes longer on loopback will never come about.
const HOPELESS: Duration = Duration::from_millis(200);
/// How many connections fill the shortest queue of any system.
const FILLING_MAX: usize = 32;

/// The port's owner: a bound socket that does not listen refuses connections and keeps the port.
enum Door {
    Open(TcpListener),
    Closed(Option<TcpSocket>),
    /// Its queue is full of these connections, which nobody accepts: further ones wait.
    Blocked {
        listener: TcpListener,
        _filling: Vec<TcpStream>,
    },
}

/// A socket that holds `address` and does not listen yet.
fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Accepts until told to stop; reports every order that it has obeyed.
pub(super) async fn run(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut orders: watch::Receiver<Order>,
    obeyed: mpsc::Sender<()>,
) {
    let address = shared.address;
    let mut door = Door::Open(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            change = orders.changed() => {
                let order = *orders.borrow_and_update();
                match (change, order) {
                    (Err(_), _) | (_, Order::Stop) => return,
                    (Ok(()), Order::Behave(Behaviour::Refuse)) => {
                        door = close(door, address);
                        connections.shutdown().await;
                    }
                    (Ok(()), Order::Behave(Behaviour::StallConnect)) => {
                        door = block(close(door, address), address).await;
                        connections.shutdown().await;
                    }
                    (Ok(()), Order::Behave(_)) => door = open(door, address),
                }
                obeyed.send(()).ok();
            }
            accepted = accept(&door) => {
                if let Ok(stream) = accepted {
                    connections.spawn(connection::serve(stream, Arc::clone(&shared), orders.clone()));
                } else {
                    tokio::task::yield_now().await;
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accept(door: &Door) -> io::Result<tokio::net::TcpStream> {
    match door {
        Door::Open(listener) => Ok(listener.accept().await?.0),
        Door::Closed(_) | Door::Blocked { .. } => std::future::pending().await,
    }
}

fn close(door: Door, address: SocketAddr) -> Door {
    match door {
        Door::Open(listener) | Door::Blocked { listener, .. } => {
            drop(listener);
            Door::Closed(reserve(address).ok())
        }
        closed @ Door::Closed(_) => closed,
    }
}

fn open(door: Door, address: SocketAddr) -> Door {
    match door {
        open @ Door::Open(_) => open,
        door => match close(door, address) {
            Door::Closed(held) => listen(held, address, BACKLOG).map_or(Door::Closed(None), Door::Open),
            door => door,
        },
    }
}

fn listen(held: Option<TcpSocket>, address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    held.map_or_else(|| reserve(address), Ok)?.listen(backlog)
}

/// Listens with the shortest queue and fills it.
async fn block(door: Door, address: SocketAddr) -> Door {
    let Door::Closed(held) = door else { return door };
    let Ok(listener) = listen(held, address, 1) else { return Door::Closed(None) };
    let mut filling = Vec::new();
    while filling.len() < FILLING_MAX {
        match tokio::time::timeout(HOPELESS, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => filling.push(stream),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    Door::Blocked { listener, _filling: filling }
}
