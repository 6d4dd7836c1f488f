//! Whatever a client sends ends at most its own session.

use snapshot::testing;

use super::socket::{CLOSE, FINAL, Frame, PATH, PING, PONG, Socket, TEXT, frame};
use crate::app::spawn_app;

fn texts(n: usize, text: &[u8]) -> Vec<u8> {
    frame(FINAL | TEXT, text).repeat(n)
}

#[test]
fn every_bad_input_has_its_code_and_hurts_nobody_else() {
    let app = spawn_app(testing::example());
    let mut other = Socket::open(app.port, PATH);
    other.expect("snapshot", 1);
    let long = vec![b'a'; 1_025];
    let half = vec![b'a'; 600];
    let table: [(&str, Vec<u8>, u16); 22] = [
        ("binary", frame(FINAL | 0x2, b"x"), 1003),
        ("binary in fragments", [frame(0x2, b"x"), frame(FINAL, b"y")].concat(), 1003),
        ("over 1 KiB", frame(FINAL | TEXT, &long), 1009),
        ("announces 8 EiB", [&[FINAL | TEXT, 0xff, 0x7f][..], &[0xff; 7], &[0; 4]].concat(), 1009),
        ("fragments over 1 KiB", [frame(TEXT, &half), frame(FINAL, &half)].concat(), 1009),
        ("fragments without end", [frame(TEXT, b"a"), frame(0, &half), frame(0, &half)].concat(), 1009),
        ("empty fragments without end", [frame(TEXT, b""), frame(0, b"").repeat(8_000)].concat(), 1008),
        ("eleven texts", texts(11, b"x"), 1008),
        ("pings without end", frame(FINAL | PING, b"x").repeat(200), 1008),
        ("pongs without end", frame(FINAL | PONG, b"").repeat(200), 1008),
        ("bad UTF-8", frame(FINAL | TEXT, b"\xff\xfe"), 1007),
        ("bad UTF-8 in fragments", [frame(TEXT, b"\xc3"), frame(FINAL, b"\x28")].concat(), 1007),
        ("bad UTF-8 in a close", frame(FINAL | CLOSE, b"\x03\xe8\xff"), 1007),
        ("unmasked", vec![FINAL | TEXT, 1, b'x'], 1002),
        ("reserved bit", frame(FINAL | 0x40 | TEXT, b"x"), 1002),
        ("unknown data", frame(FINAL | 0x3, b"x"), 1002),
        ("unknown control", frame(FINAL | 0xb, b"x"), 1002),
        ("a ping in fragments", frame(PING, b"x"), 1002),
        ("a ping too long", frame(FINAL | PING, &[b'a'; 126]), 1002),
        ("nothing to continue", frame(FINAL, b"x"), 1002),
        ("a text in a text", [frame(TEXT, b"a"), frame(FINAL | TEXT, b"b")].concat(), 1002),
        ("half a code in a close", frame(FINAL | CLOSE, b"\x03"), 1002),
    ];
    for (name, bytes, code) in table {
        let mut socket = Socket::open(app.port, PATH);
        socket.expect("snapshot", 1);
        // The server may end it while it is still being sent.
        let _ = std::io::Write::write_all(&mut socket.stream, &bytes);
        assert_eq!(socket.end(), (code, String::new()), "{name}");
    }
    other.send(FINAL | PING, b"still here");
    assert_eq!(other.read().unwrap(), Frame { opcode: PONG, payload: b"still here".to_vec() });
    assert_eq!(app.get("/").status, 200);
}

#[test]
fn a_few_texts_are_ignored_and_pings_are_answered() {
    let app = spawn_app(testing::example());
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    for _ in 0..9 {
        socket.send(FINAL | TEXT, &[b'a'; 1_024]);
    }
    socket.send(TEXT, b"in");
    socket.send(FINAL | PING, b"between fragments");
    socket.send(FINAL, b"two");
    assert_eq!(socket.read().unwrap(), Frame { opcode: PONG, payload: b"between fragments".to_vec() });
    socket.send(FINAL | PONG, b"unasked");
    socket.send(FINAL | PING, &[b'p'; 125]);
    assert_eq!(socket.read().unwrap(), Frame { opcode: PONG, payload: vec![b'p'; 125] });
}

#[test]
fn a_close_is_answered_and_the_connection_ended() {
    let app = spawn_app(testing::example());
    for (sent, answered) in [(&b"\x03\xe8bye"[..], 1000), (b"\x0f\xa0", 4000), (b"\x03\xed", 1002)] {
        let mut socket = Socket::open(app.port, PATH);
        socket.send(FINAL | CLOSE, sent);
        assert_eq!(socket.end().0, answered);
    }
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    socket.send(FINAL | CLOSE, b"");
    assert_eq!(socket.read().unwrap(), Frame { opcode: CLOSE, payload: Vec::new() });
}
