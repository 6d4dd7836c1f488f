//! Every behaviour over a real socket, with a client that understands as little as possible.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::*;

/// Nothing in these tests takes longer unless it is broken.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long silence is listened to.
const SILENCE: Duration = Duration::from_millis(150);

fn start() -> Server {
    Server::start(|request| match request.path.as_str() {
        "/rows" => Answer::json(&json!([{"n": 1, "name": "tau"}, {"limit": request.query_value("limit")}])),
        "/echo" => Answer::new(200, "text/plain", request.body.clone()),
        _ => Answer::not_found(),
    })
    .unwrap()
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect_timeout(&server.address(), DEADLINE).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

fn ask(stream: &mut TcpStream, path: &str) {
    write!(stream, "GET {path} HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
}

/// The head of the next answer, with the empty line.
fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "closed within the head");
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn length(head: &str) -> usize {
    let field = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    field.unwrap().parse().unwrap()
}

fn read_answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let head = read_head(stream);
    let mut body = vec![0; length(&head)];
    stream.read_exact(&mut body).unwrap();
    (head, body)
}

/// The pieces of a chunked body, as an endless reader.
struct Chunks {
    stream: TcpStream,
    left: usize,
}

impl Read for Chunks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let mut line = Vec::new();
            let mut byte = [0];
            while !line.ends_with(b"\r\n") || line == b"\r\n" {
                line.truncate(if line == b"\r\n" { 0 } else { line.len() });
                self.stream.read_exact(&mut byte)?;
                line.push(byte[0]);
            }
            let text = String::from_utf8(line).unwrap();
            self.left = usize::from_str_radix(text.trim(), 16).unwrap();
        }
        let end = self.left.min(into.len());
        let n = self.stream.read(&mut into[..end])?;
        self.left -= n;
        Ok(n)
    }
}

#[track_caller]
fn assert_silent(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(SILENCE)).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
}

#[track_caller]
fn assert_closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    if let Err(error) = stream.read_to_end(&mut rest) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}

#[track_caller]
fn assert_refused(address: SocketAddr) {
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

fn answer_of(behaviour: Behaviour) -> (String, Vec<u8>) {
    let server = start();
    server.set_behaviour(behaviour);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    read_answer(&mut stream)
}

#[test]
fn a_connection_serves_several_requests_and_counts_them() {
    let server = start();
    let mut stream = connect(&server);
    for n in 1..=3 {
        ask(&mut stream, "/rows?limit=7");
        let (head, body) = read_answer(&mut stream);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let value: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(value[1]["limit"], "7");
        assert_eq!(server.requests(), n);
    }
    ask(&mut stream, "/nowhere");
    assert!(read_answer(&mut stream).0.starts_with("HTTP/1.1 404 "));
}

#[test]
fn pipelined_requests_and_bodies_are_told_apart() {
    let server = start();
    let mut stream = connect(&server);
    let post = "POST /echo HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello";
    write!(stream, "{post}{post}").unwrap();
    assert_eq!(read_answer(&mut stream).1, b"hello");
    assert_eq!(read_answer(&mut stream).1, b"hello");
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_client_that_asks_for_it_is_disconnected_after_the_answer() {
    let server = start();
    let mut stream = connect(&server);
    write!(stream, "GET /rows HTTP/1.1\r\nConnection: Close\r\n\r\n").unwrap();
    read_answer(&mut stream);
    assert_closed(&mut stream);
}

#[test]
fn nonsense_ends_the_connection_and_is_no_request() {
    let server = start();
    let mut stream = connect(&server);
    stream.write_all(b"\x16\x03\x01 hello\r\n\r\n").unwrap();
    assert_closed(&mut stream);
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_dropped_server_refuses_and_its_connections_are_closed() {
    let server = start();
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    read_answer(&mut stream);
    let address = server.address();
    drop(server);
    assert_refused(address);
    assert_closed(&mut stream);
}

#[test]
fn a_killed_server_comes_back_at_the_same_address() {
    let server = start();
    let address = server.address();
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    read_answer(&mut stream);
    drop(server);
    let server = Server::start_on(address, |_| Answer::not_found()).unwrap();
    assert_eq!(server.address(), address);
    let mut stream = connect(&server);
    ask(&mut stream, "/");
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn it_starts_fails_and_stops_inside_a_runtime() {
    let server = start();
    let taken = Server::start_on(server.address(), |_| Answer::not_found());
    assert_eq!(taken.err().unwrap().kind(), ErrorKind::AddrInUse);
    let address = server.address();
    drop(server);
    assert_refused(address);
}

#[test]
fn only_loopback_is_listened_on() {
    let error = Server::start_on(SocketAddr::from(([0, 0, 0, 0], 0)), |_| Answer::not_found()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_refusing_server_closes_what_is_open_and_listens_again_on_the_same_port() {
    let server = start();
    let url = server.url();
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    read_answer(&mut stream);
    for _ in 0..3 {
        server.set_behaviour(Behaviour::Refuse);
        assert_refused(server.address());
        server.set_behaviour(Behaviour::Normal);
        let mut again = connect(&server);
        ask(&mut again, "/rows");
        assert!(read_answer(&mut again).0.starts_with("HTTP/1.1 200 "));
    }
    assert_closed(&mut stream);
    assert_eq!(server.url(), url);
    assert_eq!(server.behaviour(), Behaviour::Normal);
}

#[test]
fn a_server_that_takes_no_connection_refuses_none_and_takes_them_again() {
    let server = start();
    let mut open = connect(&server);
    for _ in 0..2 {
        server.set_behaviour(Behaviour::StallConnect);
        let error = TcpStream::connect_timeout(&server.address(), SILENCE).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(server.requests(), 0);
    }
    assert_closed(&mut open);
    server.set_behaviour(Behaviour::Normal);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    assert!(read_answer(&mut stream).0.starts_with("HTTP/1.1 200 "));
}

#[test]
fn hanging_up_comes_before_the_answer_or_behind_it() {
    let server = start();
    for (behaviour, is_answered) in [(Behaviour::HangUp, false), (Behaviour::CloseIdle, true)] {
        server.set_behaviour(behaviour);
        let mut stream = connect(&server);
        ask(&mut stream, "/rows");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.contains("tau"), is_answered, "{answer}");
        assert!(!answer.contains("connection: close"), "it was not said before");
    }
}

#[test]
fn lengths_and_encodings_may_be_wrong() {
    let (head, _) = answer_of(Behaviour::WrongLength);
    assert_eq!(head.matches("content-length: ").count(), 2, "{head}");
    let (head, body) = answer_of(Behaviour::WrongEncoding);
    assert!(head.contains("content-encoding: gzip"), "{head}");
    assert!(body.starts_with(b"[{"));
}

#[test]
fn an_oddity_is_sent_as_it_is() {
    let (head, body) = answer_of(Behaviour::Odd(crate::oddity::Oddity::Emptied));
    assert!(head.contains("200 OK"), "{head}");
    assert_eq!(body, b"[]");
}

#[test]
fn a_stalled_request_is_counted_never_answered_and_ends_with_the_behaviour() {
    let server = start();
    server.set_behaviour(Behaviour::Stall);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    assert_silent(&mut stream);
    assert_eq!(server.requests(), 1);
    server.set_behaviour(Behaviour::Normal);
    assert_closed(&mut stream);
}

#[test]
fn a_stalled_body_sends_its_head_only() {
    let server = start();
    server.set_behaviour(Behaviour::StallBody);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    assert!(length(&read_head(&mut stream)) > 10);
    assert_silent(&mut stream);
}

#[test]
fn a_dripping_body_comes_slowly_and_claims_to_be_long() {
    let server = start();
    server.set_behaviour(Behaviour::Drip);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    assert!(length(&read_head(&mut stream)) > 1_000_000);
    let begun = Instant::now();
    let mut bytes = [0; 3];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(bytes, *b"[{\"");
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
}

#[test]
fn a_cut_body_ends_early() {
    let server = start();
    server.set_behaviour(Behaviour::Cut);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    let claimed = length(&read_head(&mut stream));
    let mut body = Vec::new();
    stream.read_to_end(&mut body).unwrap();
    assert_eq!(body.len(), claimed / 2);
}

#[test]
fn an_error_status_carries_internal_names() {
    let (head, body) = answer_of(Behaviour::Status(503));
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    let text = String::from_utf8(body).unwrap();
    for internal in crate::behaviour::INTERNAL_STRINGS {
        assert!(text.contains(internal), "{internal}");
    }
}

#[test]
fn bodies_that_are_no_json_come_with_a_200() {
    let (head, body) = answer_of(Behaviour::Html);
    assert!(head.contains("200 OK") && head.contains("text/html"), "{head}");
    assert!(body.starts_with(b"<!DOCTYPE html>"));
    let (head, body) = answer_of(Behaviour::Garbage);
    assert!(head.contains("200 OK") && head.contains("application/json"), "{head}");
    assert!(serde_json::from_slice::<Value>(&body).is_err());
}

#[test]
fn wrong_types_keep_the_outer_shape() {
    let (_, body) = answer_of(Behaviour::WrongTypes);
    let value: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(value, json!([{"n": "1", "name": 3}, {"limit": true}]));
}

#[test]
fn empty_and_null_bodies_come_with_a_200() {
    assert_eq!(answer_of(Behaviour::Empty).1, b"");
    assert_eq!(answer_of(Behaviour::Null).1, b"null");
}

#[test]
fn deep_nesting_is_balanced() {
    let (_, body) = answer_of(Behaviour::DeepNesting);
    assert_eq!(body.iter().filter(|byte| **byte == b'[').count(), crate::behaviour::NESTING_DEPTH);
    assert_eq!(body.iter().filter(|byte| **byte == b']').count(), crate::behaviour::NESTING_DEPTH);
}

#[test]
fn a_huge_body_starts_like_the_right_one_and_goes_on() {
    let server = start();
    server.set_behaviour(Behaviour::Huge);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    assert!(read_head(&mut stream).contains("transfer-encoding: chunked"));
    let mut body = Vec::new();
    Chunks { stream, left: 0 }.take(9 << 20).read_to_end(&mut body).unwrap();
    assert_eq!(body.len(), 9 << 20);
    assert!(body.starts_with(br#"[{"package":"#));
}

#[test]
fn a_gzip_bomb_is_small_on_the_wire() {
    let server = start();
    server.set_behaviour(Behaviour::GzipBomb);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    assert!(read_head(&mut stream).contains("content-encoding: gzip"));
    let mut packed = Vec::new();
    Chunks { stream, left: 0 }.take(64 << 10).read_to_end(&mut packed).unwrap();
    let mut inflated = Vec::new();
    let end = GzDecoder::new(packed.as_slice()).take(9 << 20).read_to_end(&mut inflated);
    assert!(end.is_ok(), "{end:?}");
    assert_eq!(inflated.len(), 9 << 20);
    assert_eq!(inflated[0], b'[');
}

#[test]
fn a_brotli_bomb_is_smaller_still() {
    let server = start();
    server.set_behaviour(Behaviour::BrotliBomb);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows");
    assert!(read_head(&mut stream).contains("content-encoding: br"));
    let packed = Chunks { stream, left: 0 }.take(2 << 10);
    let mut inflated = Vec::new();
    brotli::Decompressor::new(packed, 1 << 10).take(9 << 20).read_to_end(&mut inflated).unwrap();
    assert_eq!(inflated.len(), 9 << 20);
    assert_eq!(inflated[0], b'[');
}

#[test]
fn a_redirect_leads_to_the_right_answer() {
    let server = start();
    server.set_behaviour(Behaviour::Redirect);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows?limit=7");
    let (head, body) = read_answer(&mut stream);
    assert!(head.starts_with("HTTP/1.1 302 ") && body.is_empty(), "{head}");
    let location = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    let path = location.strip_prefix(&server.url()).unwrap();
    ask(&mut stream, path);
    let value: Value = serde_json::from_slice(&read_answer(&mut stream).1).unwrap();
    assert_eq!(value[1]["limit"], "7");
}

#[test]
fn a_redirect_keeps_a_query_that_must_be_encoded() {
    let server = start();
    server.set_behaviour(Behaviour::Redirect);
    let mut stream = connect(&server);
    ask(&mut stream, "/rows?query=up%7Bjob%3D%22a%20b%22%7D%0D%0Ax%3A%20y");
    let (head, _) = read_answer(&mut stream);
    let location = head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
    assert!(location.ends_with("/rows?query=up%7Bjob%3D%22a%20b%22%7D%0D%0Ax%3A%20y"), "{location}");
}

#[test]
fn every_misbehaviour_ends_with_the_server() {
    for behaviour in Behaviour::MISBEHAVIOURS {
        let server = start();
        server.set_behaviour(behaviour);
        let patience = if behaviour == Behaviour::StallConnect { SILENCE } else { DEADLINE };
        let stream = TcpStream::connect_timeout(&server.address(), patience);
        let takes_none = matches!(behaviour, Behaviour::Refuse | Behaviour::StallConnect);
        assert_eq!(stream.is_err(), takes_none, "{behaviour:?}");
        if let Ok(mut stream) = stream {
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
            ask(&mut stream, "/rows");
            let waited = Instant::now();
            while server.requests() == 0 {
                assert!(waited.elapsed() < DEADLINE, "{behaviour:?}");
                // Until the next look the machine belongs to what is waited for.
                std::thread::park_timeout(Duration::from_millis(1));
            }
        }
        let address = server.address();
        drop(server);
        assert_refused(address);
    }
}
