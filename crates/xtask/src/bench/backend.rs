//! Gateway and orchestrator for one server: they say what a [`Farm`] says, and change it when they are told to.
//!
//! The next polls, as many as are ordered, each find one change more. So the number of changes does not depend on
//! when the server polls, and it never polls in vain while it is measured.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use super::{
    error::{BenchError, Context as _},
    farm::Farm,
    machine::{now_ns, wait_for},
};

/// Both backends on one address of their own; they stop when this is dropped.
#[derive(Debug)]
pub(crate) struct Backend {
    address: SocketAddr,
    script: Arc<Script>,
}

#[derive(Debug)]
struct Script {
    farm: Farm,
    is_over: AtomicBool,
    changes: Mutex<Changes>,
}

#[derive(Debug, Default)]
struct Changes {
    n_done: u64,
    n_ordered: u64,
    /// When each of the last order was told, in nanoseconds of the machine's clock.
    told_ns: Vec<u64>,
}

impl Backend {
    /// Starts them on a free port of the loopback.
    pub(crate) fn start(farm: Farm) -> Result<Self, BenchError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("opening the backends' port")?;
        let address = listener.local_addr().during("opening the backends' port")?;
        let script = Arc::new(Script { farm, is_over: AtomicBool::new(false), changes: Mutex::default() });
        let shared = Arc::clone(&script);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&shared);
                // A connection that breaks is the server's to open again.
                thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(Self { address, script })
    }

    /// Where both listen.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Lets the next `n_changes` polls find a change each; gives when each was told, in nanoseconds.
    pub(crate) fn change(&self, n_changes: u64, patience: Duration) -> Result<Vec<u64>, BenchError> {
        {
            let mut changes = self.script.changes();
            changes.n_ordered = n_changes;
            changes.told_ns.clear();
        }
        wait_for("the server's polls", patience, || {
            let changes = self.script.changes();
            let is_done = changes.told_ns.len() as u64 == n_changes;
            Ok(is_done.then(|| changes.told_ns.clone()))
        })
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.script.is_over.store(true, Ordering::Relaxed);
        // Wakes the listener; if it is gone already, so much the better.
        let _ = TcpStream::connect(self.address);
    }
}

impl Script {
    fn changes(&self) -> std::sync::MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers requests of one connection until it ends.
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut writer = stream.try_clone()?;
        let mut lines = BufReader::new(stream).lines();
        while let Some(first) = lines.next() {
            let first = first?;
            // The rest of the head says nothing that matters here, and no request has a body.
            for line in lines.by_ref() {
                if line?.is_empty() {
                    break;
                }
            }
            let target = first.split(' ').nth(1).unwrap_or_default();
            let is_change = target == "/api/v1/queue" && self.take_order();
            let body = self.farm.answer(target, self.changes().n_done);
            let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
            let body = body.unwrap_or_default();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            writer.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
            if is_change {
                self.changes().told_ns.push(now_ns());
            }
        }
        Ok(())
    }

    fn take_order(&self) -> bool {
        let mut changes = self.changes();
        let is_ordered = changes.n_ordered > 0;
        if is_ordered {
            changes.n_ordered -= 1;
            changes.n_done += 1;
        }
        is_ordered
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpStream,
        thread,
        time::Duration,
    };

    use super::{Backend, Farm};

    /// The answer's text; `target` is asked on a connection of its own.
    fn get(backend: &Backend, target: &str) -> String {
        let mut stream = TcpStream::connect(backend.address).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn polls_find_as_many_changes_as_were_ordered() {
        let backend = Backend::start(Farm::new(2)).unwrap();
        assert!(get(&backend, "/api/v1/queue").contains(r#""failures":0"#));
        let told = thread::scope(|scope| {
            let order = scope.spawn(|| backend.change(2, Duration::from_secs(10)).unwrap());
            while !order.is_finished() {
                get(&backend, "/api/v1/queue");
            }
            order.join().unwrap()
        });
        assert_eq!(told.len(), 2);
        assert!(get(&backend, "/api/v1/queue").contains(r#""failures":2"#));
        assert!(get(&backend, "/api/v1/else").starts_with("HTTP/1.1 404"));
    }
}
