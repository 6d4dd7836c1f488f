//! The end of the server, as its subscribers see it.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use rustix::process::{Resource, getrlimit, setrlimit};
use snapshot::testing;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};

use super::{
    handshake::check_answer,
    slow::large,
    socket::{PATH, Socket, connect, request},
};
use crate::app::spawn_app;

const SUBSCRIBERS: usize = 1_000;

/// Both ends of every connection are in this process.
fn allow_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// One subscriber: joins, hears the end, and gives what it was told to wait.
async fn subscribe(port: u16, joined: tokio::sync::mpsc::Sender<()>) -> u64 {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut socket, _) = client_async(format!("ws://127.0.0.1:{port}{PATH}"), stream).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Text(_)))));
    joined.send(()).await.unwrap();
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Close(Some(frame)) => {
                assert_eq!(frame.code, CloseCode::Away);
                // The answer goes out; then the server has ended it.
                let _ = socket.flush().await;
                let reason: serde_json::Value = serde_json::from_str(&frame.reason).unwrap();
                return reason["retry_after_ms"].as_u64().unwrap();
            }
            Message::Text(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_thousand_subscribers_are_told_to_come_back_each_at_another_time() {
    allow_open_files();
    let mut app = spawn_app(testing::example());
    let port = app.port;
    // One that does not even read cannot hold the stop.
    let _deaf = Socket::open(port, PATH);
    let clients = tokio::runtime::Runtime::new().unwrap();
    let (joined, mut n_joined) = tokio::sync::mpsc::channel(SUBSCRIBERS);
    let waiting: Vec<_> = (0..SUBSCRIBERS).map(|_| clients.spawn(subscribe(port, joined.clone()))).collect();
    clients.block_on(async {
        for _ in 0..SUBSCRIBERS {
            timeout(Duration::from_secs(60), n_joined.recv()).await.unwrap().unwrap();
        }
    });
    let begin = Instant::now();
    app.stop().unwrap();
    let elapsed = begin.elapsed();
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    let mut seconds = [0; 15];
    for client in waiting {
        let after = clients.block_on(async { timeout(Duration::from_secs(20), client).await });
        let after = after.unwrap().unwrap();
        assert!(after <= 15_000);
        seconds[usize::try_from(after / 1_001).unwrap().min(14)] += 1;
    }
    assert!(seconds.iter().all(|count| (40..=95).contains(count)), "{seconds:?}");
}

/// While subscribers leave, others still hear when to come back.
#[test]
fn who_asks_a_server_that_drains_is_told_to_come_back() {
    let mut app = spawn_app(large(0));
    // Nothing can be said to one that is in the middle of a frame and does not read: it is waited for.
    let _deaf = Socket::open_small(app.port);
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    let waiting = connect(app.port);
    let port = app.port;
    let stopping = std::thread::spawn(move || app.stop());
    assert_eq!(socket.end().0, 1001);
    let asked = request(PATH, &[]);
    for mut stream in [waiting, connect(port)] {
        std::io::Write::write_all(&mut stream, asked.as_bytes()).unwrap();
        let refused = check_answer(stream, &asked, 503, "unavailable");
        assert_eq!(refused.header("retry-after"), Some("5"));
    }
    stopping.join().unwrap().unwrap();
}

#[test]
fn nobody_joins_a_server_that_stops() {
    let mut app = spawn_app(testing::example());
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    let mut waiting = connect(app.port);
    let port = app.port;
    let reader = std::thread::spawn(move || socket.end());
    app.stop().unwrap();
    let (code, reason) = reader.join().unwrap();
    assert_eq!(code, 1001);
    assert!(reason.starts_with(r#"{"retry_after_ms":"#), "{reason}");
    // Nobody listens any more, and nobody answers.
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    let _ = std::io::Write::write_all(&mut waiting, request(PATH, &[]).as_bytes());
    let mut rest = Vec::new();
    let _ = std::io::Read::read_to_end(&mut waiting, &mut rest);
    assert!(!rest.starts_with(b"HTTP/1.1 101"), "{}", rest.escape_ascii());
}
