//! The end of the real binary, as a thousand subscribers see it.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

use crate::support::{DEADLINE, binary::Running};

const SUBSCRIBERS: usize = 1_000;

/// What `docker stop` waits before it kills.
const BOUND: Duration = Duration::from_secs(10);

fn subscribe(running: &Running) -> TcpStream {
    let mut stream = TcpStream::connect(running.public).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(
        stream,
        "GET /ws/queue HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        running.public
    )
    .unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    stream
}

/// Reads to the end of the connection and gives what the last frame said.
fn end(mut stream: TcpStream) -> u64 {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let begin = b"\x03\xe9{\"retry_after_ms\":";
    let at = bytes.windows(begin.len()).rposition(|window| window == begin).unwrap();
    let number = std::str::from_utf8(&bytes[at + begin.len()..]).unwrap();
    number.strip_suffix('}').unwrap().parse().unwrap()
}

#[test]
fn sigterm_tells_a_thousand_subscribers_when_to_come_back_and_exits_0() {
    let demo = Running::start(&["demo"], &[]);
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).unwrap();
    let sockets: Vec<TcpStream> = (0..SUBSCRIBERS).map(|_| subscribe(&demo)).collect();
    let begin = Instant::now();
    demo.signal(Signal::TERM);
    let reader = std::thread::spawn(move || sockets.into_iter().map(end).collect::<Vec<u64>>());
    let (status, log) = demo.end();
    let elapsed = begin.elapsed();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(elapsed < BOUND, "{elapsed:?}");
    let mut after = reader.join().unwrap();
    after.sort_unstable();
    assert!(after.iter().all(|ms| *ms <= 15_000));
    after.dedup();
    assert!(after.len() > SUBSCRIBERS * 9 / 10, "only {} different times", after.len());
}
