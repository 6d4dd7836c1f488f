//! Who gets a socket, and what everybody else is told.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use snapshot::testing;
use web::config::{AllowedHosts, BasePath, Config};

use super::socket::{KEY, PATH, Socket, connect, request};
use crate::{
    app::{App, spawn_app, spawn_app_at},
    client::{self, Answer},
    manners::readable,
};

fn app() -> App {
    let config = Config::new()
        .with_allowed_hosts(AllowedHosts::parse(["status.example.org"]).unwrap())
        .with_base_path(BasePath::parse("/status").unwrap());
    spawn_app_at(testing::example(), testing::NOW, config)
}

/// A refusal, which must be told like any error and be the last word.
#[track_caller]
pub(crate) fn check(app: &App, request: &str, status: u16, code: &str) -> Answer {
    let mut stream = connect(app.port);
    stream.write_all(request.as_bytes()).unwrap();
    check_answer(stream, request, status, code)
}

#[track_caller]
pub(crate) fn check_answer(mut stream: TcpStream, request: &str, status: u16, code: &str) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let answer = client::parse(&bytes);
    assert_eq!(answer.status, status, "{request}");
    crate::manners::check_security(&answer);
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let length = answer.header("content-length").unwrap().parse::<usize>().unwrap();
    if !request.starts_with("HEAD") {
        assert_eq!(length, answer.body.len());
        assert_eq!(answer.json()["error"]["code"], code, "{request}");
    } else {
        assert_eq!(answer.body, b"");
    }
    answer
}

#[test]
fn every_refusal_is_told_like_an_error_of_http() {
    let app = app();
    let good = request("/status/ws/queue", &[]);
    let with = |from: &str, to: &str| good.replacen(from, to, 1);
    assert!(Socket::try_open(connect(app.port), &good).is_ok());
    for method in ["POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let answer = check(&app, &with("GET", method), 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some("GET"));
    }
    for path in ["/ws/queue", "/status/ws/queue/", "/status/", "/", "/status/api/v1/services/public/queue"] {
        check(&app, &request(path, &[]), 404, "not_found");
    }
    for (path, _) in readable(&app, "/status") {
        check(&app, &request(&path, &[]), 404, "not_found");
    }
    let absolute = with("/status/", "http://status.example.org/status/");
    assert!(Socket::try_open(connect(app.port), &absolute).is_ok());
    let version = "Sec-WebSocket-Version: 13\r\n";
    for wrong in ["Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 13, 8\r\n", "", &version.repeat(2)]
    {
        let answer = check(&app, &with(version, wrong), 426, "upgrade_required");
        assert_eq!(answer.header("sec-websocket-version"), Some("13"));
        assert_eq!(answer.header("upgrade"), Some("websocket"));
    }
    let key = format!("Sec-WebSocket-Key: {KEY}\r\n");
    for wrong in ["Sec-WebSocket-Key: short\r\n", "Sec-WebSocket-Key:\r\n", "", &key.repeat(2)] {
        check(&app, &with(&key, wrong), 400, "bad_handshake");
    }
    check(&app, &with("HTTP/1.1", "HTTP/1.0"), 400, "bad_handshake");
    check(&app, &with("Connection: keep-alive, Upgrade\r\n", "Connection: close\r\n"), 400, "bad_handshake");
    check(&app, &with("Connection: keep-alive, Upgrade\r\n", ""), 400, "bad_handshake");
    check(&app, &(with("Upgrade: ", "Content-Length: 5\r\nUpgrade: ") + "hello"), 400, "bad_handshake");
    check(&app, &(good.clone() + &"x".repeat(2_000)), 400, "bad_handshake");
    for origin in ["https://evil.example", "null", "http://status.example.org.evil.example"] {
        check(&app, &request("/status/ws/queue", &[("Origin", origin)]), 403, "forbidden");
    }
    for origin in ["https://status.example.org", "http://STATUS.example.org"] {
        let request = request("/status/ws/queue", &[("Origin", origin)]);
        assert!(Socket::try_open(connect(app.port), &request).is_ok());
    }
    check(&app, &with("Host: status.example.org", "Host: evil.example"), 421, "misdirected");
    check(
        &app,
        "CONNECT status.example.org:443 HTTP/1.1\r\nHost: status.example.org\r\n\r\n",
        405,
        "method_not_allowed",
    );
    check(&app, &with("GET", "CONNECT"), 405, "method_not_allowed");
    check(&app, "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "misdirected");
}

/// What does not ask for an upgrade, or has a body in chunks, is answered by HTTP.
#[test]
fn a_plain_request_is_told_to_upgrade() {
    let app = spawn_app(testing::example());
    let answer = app.get(PATH);
    assert_eq!((answer.status, answer.header("upgrade")), (426, Some("websocket")));
    assert_eq!(answer.json()["error"]["code"], "upgrade_required");
    crate::manners::check_security(&answer);
    let head = app.send("HEAD", PATH, &[]);
    assert_eq!((head.status, head.body.as_slice()), (426, &b""[..]));
    assert_eq!(app.send("POST", PATH, &[]).header("allow"), Some("GET, HEAD"));
    let other = app.send("GET", PATH, &[("Upgrade", "h2c")]);
    assert_eq!(other.status, 426);
    let chunked = request(PATH, &[("Transfer-Encoding", "chunked")]).replace("keep-alive, Upgrade", "close");
    check(&app, &(chunked + "0\r\n\r\n"), 400, "bad_handshake");
}

#[test]
fn a_socket_answers_the_key_and_carries_what_every_answer_does() {
    let app = spawn_app(testing::example());
    let mut socket = Socket::open(app.port, PATH);
    let head = socket.head.to_ascii_lowercase();
    for line in [
        "upgrade: websocket\r\n",
        "connection: upgrade\r\n",
        // The key and its answer are those of RFC 6455.
        "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n",
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff\r\n",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
    for line in ["content-length", "sec-websocket-extensions", "sec-websocket-protocol", "server:"] {
        assert!(!head.contains(line), "{line} in {head}");
    }
    socket.expect("snapshot", 1);
}

/// First what the requests before it are owed, then the socket; what came too early is not lost.
#[test]
fn a_request_before_it_on_the_connection_is_answered_first() {
    let app = spawn_app(testing::example());
    let mut stream = connect(app.port);
    let page = "GET /api/v1/services/public/queue HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut bytes = format!("{page}{page}{}", request(PATH, &[])).into_bytes();
    bytes.extend(super::socket::frame(super::socket::FINAL | super::socket::PING, b"early"));
    stream.write_all(&bytes).unwrap();
    let mut got = Vec::new();
    let needle = b"\x8a\x05early";
    while !got.windows(needle.len()).any(|window| window == needle) {
        let mut part = [0; 4_096];
        let len = stream.read(&mut part).unwrap();
        assert!(len > 0, "{}", got.escape_ascii());
        got.extend_from_slice(&part[..len]);
    }
    let text: String = got.iter().map(|byte| char::from(*byte)).collect();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2);
    assert!(text.rfind("HTTP/1.1 200 OK") < text.find("HTTP/1.1 101 Switching Protocols"));
}

#[test]
fn a_handshake_that_never_finishes_is_given_up() {
    let app = spawn_app(testing::example());
    let whole = request(PATH, &[]);
    let mut slow: Vec<_> = (0..50).map(|_| connect(app.port)).collect();
    for stream in &mut slow {
        stream.write_all(&whole.as_bytes()[..whole.len() - 2]).unwrap();
    }
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    for mut stream in slow {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", answer.escape_ascii());
    }
}
