//! Connections that are no honest requests: they end, hold nothing, and others do not notice.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use snapshot::testing;
use socket2::SockRef;
use web::config::{Config, WebSocket};

use super::{
    live::publish_and_wait_for,
    slow::large,
    socket::{FINAL, Frame, PATH, PING, PONG, Socket, TEXT, connect, frame, request},
};
use crate::app::{App, spawn_app, spawn_app_at};

const PLAIN: &str = "GET /api/v1/services/public/queue HTTP/1.1\r\nHost: x\r\n\r\n";

/// Longer than anybody is waited for, whatever else the machine does.
const GIVEN_UP: Duration = Duration::from_secs(30);

/// Somebody else, who must not notice anything.
struct Bystander(Socket);

impl Bystander {
    fn of(app: &App) -> Self {
        let mut socket = Socket::open(app.port, PATH);
        socket.expect("snapshot", 1);
        Self(socket)
    }

    #[track_caller]
    fn check(mut self, app: &App) {
        self.0.send(FINAL | PING, b"still here");
        while self.0.read().unwrap() != (Frame { opcode: PONG, payload: b"still here".to_vec() }) {}
        assert_eq!(app.get("/").status, 200);
        Socket::open(app.port, PATH).expect("snapshot", 1);
    }
}

/// An application with room for one subscriber.
fn app_for_one(snapshot: snapshot::snapshot::Snapshot) -> App {
    let websocket = WebSocket { max_subscribers: 1, ..WebSocket::default() };
    spawn_app_at(snapshot, testing::NOW, Config::new().with_websocket(websocket))
}

/// Asks until the only place is free, and takes it.
#[track_caller]
fn join_at_last(app: &App) -> Socket {
    let begin = Instant::now();
    loop {
        if let Ok(mut socket) = Socket::try_open(connect(app.port), &request(PATH, &[])) {
            socket.expect("snapshot", 1);
            return socket;
        }
        assert!(begin.elapsed() < GIVEN_UP, "the place is not given back");
    }
}

/// Everything up to the end of a connection, however it ends.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(GIVEN_UP)).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => bytes,
        Err(error) => {
            assert_ne!(error.kind(), io::ErrorKind::WouldBlock, "it is kept");
            bytes
        }
    }
}

#[test]
fn what_is_no_request_is_answered_shortly_and_ended() {
    let app = spawn_app(testing::example());
    let bystander = Bystander::of(&app);
    let asked = request(PATH, &[]);
    let with = |from: &str, to: &str| asked.replacen(from, to, 1).into_bytes();
    let many: String = (0..200).map(|number| format!("X-{number}: x\r\n")).collect();
    let table: [(&str, Vec<u8>, &[u16]); 14] = [
        ("TLS", [&[0x16, 3, 1, 2, 0, 1, 0][..], &[0; 600]].concat(), &[400]),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), &[400]),
        ("HTTP/0.9", b"GET /ws/queue\r\n\r\n".to_vec(), &[400]),
        ("HTTP/3.0", with("HTTP/1.1", "HTTP/3.0"), &[400]),
        ("zeroes", vec![0; 2_000], &[400]),
        ("a frame without a handshake", frame(FINAL | TEXT, b"hello"), &[400]),
        ("no host", with("Host: status.example.org\r\n", ""), &[400]),
        ("two hosts", with("Host: ", "Host: evil.example\r\nHost: "), &[400]),
        ("two lengths", with("Upgrade: ", "Content-Length: 0\r\nContent-Length: 0\r\nUpgrade: "), &[400]),
        ("a folded header", with("Upgrade: websocket", "Upgrade:\r\n websocket"), &[400]),
        ("a name with a space", with("Upgrade: websocket", "Upgrade : websocket"), &[400]),
        ("a bare end of line in a value", with("Upgrade: websocket", "Upgrade: web\rsocket"), &[400]),
        ("many headers", with("\r\n\r\n", &format!("\r\n{many}\r\n")), &[400, 431]),
        ("a head without end", [&asked.as_bytes()[..20], &vec![b'a'; 1 << 20]].concat(), &[400, 414, 431]),
    ];
    for (name, bytes, statuses) in table {
        let mut stream = connect(app.port);
        // The server may end it while it is still being sent.
        let _ = stream.write_all(&bytes);
        let answer = rest(&mut stream);
        // A reset may take the answer with it.
        let text = String::from_utf8(answer).unwrap();
        let is_expected = statuses.iter().any(|status| text.starts_with(&format!("HTTP/1.1 {status} ")));
        assert!(is_expected || text.is_empty() && bytes.len() > 100_000, "{name}: {text:?}");
        assert_eq!(text.matches("HTTP/1.1 ").count(), usize::from(is_expected), "{name}: {text:?}");
    }
    bystander.check(&app);
}

#[test]
fn what_follows_a_refusal_is_not_answered() {
    let app = spawn_app(testing::example());
    let bystander = Bystander::of(&app);
    let connect_request = "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n".to_owned();
    let others = [
        request("/", &[]),
        request(PATH, &[("Origin", "https://evil.example")]),
        request(PATH, &[]).replacen("GET", "POST", 1),
        request(PATH, &[]).replacen("HTTP/1.1", "HTTP/1.0", 1),
        connect_request,
    ];
    for refused in others {
        for after in [PLAIN.to_owned(), request(PATH, &[])] {
            let mut stream = connect(app.port);
            stream.write_all(format!("{PLAIN}{refused}{after}{after}").as_bytes()).unwrap();
            let text = String::from_utf8(rest(&mut stream)).unwrap();
            let statuses: Vec<&str> = text.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
            assert!(statuses.len() == 2 && statuses[0] == "200" && statuses[1] >= "400", "{statuses:?}");
            assert!(text.ends_with("}}"), "something after the end");
        }
    }
    bystander.check(&app);
}

/// Who goes away without a word, in whatever way, holds no place.
#[test]
fn who_vanishes_gives_the_place_back() {
    let app = app_for_one(testing::example());
    let ways: [fn(&mut Socket); 3] = [
        |socket| socket.stream.shutdown(Shutdown::Write).unwrap(),
        |socket| {
            SockRef::from(&socket.stream).set_linger(Some(Duration::ZERO)).unwrap();
            socket.stream = connect(socket.stream.peer_addr().unwrap().port());
        },
        |socket| {
            socket.stream.write_all(&frame(TEXT, b"half")[..7]).unwrap();
            socket.stream.shutdown(Shutdown::Write).unwrap();
        },
    ];
    let mut socket = join_at_last(&app);
    for vanish in ways {
        vanish(&mut socket);
        socket = join_at_last(&app);
    }
    assert!(Socket::try_open(connect(app.port), &request(PATH, &[])).is_err());
    drop(socket);
}

#[test]
fn who_sends_half_a_frame_still_hears_everything() {
    let app = spawn_app(testing::example());
    for half in [&frame(FINAL | TEXT, b"hello")[..1], &frame(FINAL | PING, &[b'a'; 100])[..60]] {
        let mut socket = Socket::open(app.port, PATH);
        let first = socket.json()["seq"].as_u64().unwrap();
        socket.stream.write_all(half).unwrap();
        let version = u32::try_from(first).unwrap() + 1;
        let seq = publish_and_wait_for(&app, large(version), version);
        socket.expect_change("delta", seq);
    }
}

/// HTTP itself watches only the first head of a connection.
#[test]
fn no_request_of_a_connection_may_take_for_ever() {
    let app = spawn_app(testing::example());
    let bystander = Bystander::of(&app);
    let whole = request(PATH, &[]);
    let half = &whole[..whole.len() - 2];
    let begin = Instant::now();
    let mut first = connect(app.port);
    first.write_all(half.as_bytes()).unwrap();
    // The second comes after the first was answered, or with it.
    let mut second = connect(app.port);
    second.write_all(PLAIN.as_bytes()).unwrap();
    second.read_exact(&mut [0; 12]).unwrap();
    second.write_all(half.as_bytes()).unwrap();
    let mut with_it = connect(app.port);
    with_it.write_all(format!("{PLAIN}{half}").as_bytes()).unwrap();
    // One that is never done, a byte at a time.
    let mut dripping = connect(app.port);
    dripping.write_all(PLAIN.as_bytes()).unwrap();
    dripping.read_exact(&mut [0; 12]).unwrap();
    dripping.write_all(half.as_bytes()).unwrap();
    dripping.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    loop {
        let mut bytes = [0; 4_096];
        match dripping.read(&mut bytes) {
            Ok(0) => break,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => break,
            Ok(_) | Err(_) => {}
        }
        assert!(begin.elapsed() < GIVEN_UP, "a head that drips is kept");
        if dripping.write_all(b"a").is_err() {
            break;
        }
    }
    assert!(rest(&mut first).starts_with(b"HTTP/1.1 408 "));
    for stream in [&mut second, &mut with_it] {
        let text = String::from_utf8(rest(stream)).unwrap();
        assert!(!text.contains(" 101 "), "{text}");
    }
    bystander.check(&app);
}

/// Whether the server's end of a connection is as it was opened, as the system's table says.
fn is_established(server: u16, client: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let ends = format!("0100007F:{server:04X} 0100007F:{client:04X} 01 ");
    table.contains(&ends)
}

/// Neither answers that nobody reads nor a subscriber behind them hold anything for long.
#[test]
fn who_asks_and_never_reads_is_given_up() {
    let websocket =
        WebSocket { max_subscribers: 1, stalled_after: Duration::from_secs(6), ..WebSocket::default() };
    let config = Config::new().with_websocket(websocket);
    let app = spawn_app_at(large(0), testing::NOW, config);
    let begin = Instant::now();
    // More than all buffers on the way hold.
    let mut plain = connect(app.port);
    plain.write_all(PLAIN.repeat(200).as_bytes()).unwrap();
    let mut upgraded = connect(app.port);
    upgraded.write_all(format!("{PLAIN}{}", request(PATH, &[])).as_bytes()).unwrap();
    let clients = [&upgraded, &plain].map(|stream| stream.local_addr().unwrap().port());
    assert!(clients.iter().all(|client| is_established(app.port, *client)));
    for client in clients {
        while is_established(app.port, client) {
            assert!(begin.elapsed() < GIVEN_UP, "answers that nobody reads are kept");
            // Until the next look the machine belongs to the server.
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
    join_at_last(&app);
    assert_eq!(app.get("/").status, 200);
}
