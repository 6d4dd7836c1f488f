//! Stands between a proxy and the server, passes everything on and counts the answers.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A relay that looks on.
pub(crate) struct Witness {
    pub(crate) address: SocketAddr,
    /// The status of every answer.
    seen: Arc<Mutex<Vec<u16>>>,
}

impl Witness {
    /// Listens; whoever connects is connected to the server, if that is there.
    pub(crate) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::default();
        let notes = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(upstream) = TcpStream::connect(server) else { continue };
                let (from, to) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
                thread::spawn(move || pass(from, to, |_| ()));
                let notes = Arc::clone(&notes);
                thread::spawn(move || pass(upstream, client, |bytes| note(bytes, &notes)));
            }
        });
        Self { address, seen }
    }

    /// How many answers of this status there were.
    pub(crate) fn answers(&self, status: u16) -> usize {
        self.seen.lock().unwrap().iter().filter(|seen| **seen == status).count()
    }
}

/// The server writes the head of an answer at once.
fn note(bytes: &[u8], seen: &Mutex<Vec<u16>>) {
    let status = bytes.strip_prefix(b"HTTP/1.1 ").and_then(|rest| std::str::from_utf8(rest.get(..3)?).ok());
    seen.lock().unwrap().extend(status.and_then(|status| status.parse::<u16>().ok()));
}

fn pass(mut from: TcpStream, mut to: TcpStream, look: impl Fn(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(n_bytes @ 1..) = from.read(&mut buffer) {
        look(&buffer[..n_bytes]);
        if to.write_all(&buffer[..n_bytes]).is_err() {
            break;
        }
    }
    // Either side may have gone already.
    let _ = to.shutdown(Shutdown::Both);
}
