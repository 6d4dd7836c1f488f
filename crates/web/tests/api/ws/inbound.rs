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
    let table: [(&str, Vec<u8>, u16); 24] = [
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
        ("an unmasked end", vec![FINAL | CLOSE, 2, 0x03, 0xe8], 1002),
        ("a request of HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), 1002),
        ("a length with its sign set", [&[FINAL | TEXT, 0xff][..], &[0xff; 8], &[0; 4]].concat(), 1009),
        (
            "fragments and pings without end",
            [frame(TEXT, b""), [frame(FINAL | PING, b""), frame(0, b"")].concat().repeat(100)].concat(),
            1008,
        ),
        ("fragments of nothing but a byte", [frame(TEXT, b"a"), frame(0, b"a").repeat(2_000)].concat(), 1009),
        ("a ping in fragments", frame(PING, b"x"), 1002),
        ("a ping too long", frame(FINAL | PING, &[b'a'; 126]), 1002),
        ("nothing to continue", frame(FINAL, b"x"), 1002),
        ("a text in a text", [frame(TEXT, b"a"), frame(FINAL | TEXT, b"b")].concat(), 1002),
        ("half a code in a close", frame(FINAL | CLOSE, b"\x03"), 1002),
    ];
    let reserved = [0x40, 0x20, 0x10, 0x70].into_iter().flat_map(|bits| {
        [TEXT, 0, CLOSE, PING, PONG].map(|kind| ("reserved bits", frame(FINAL | bits | kind, b"x"), 1002))
    });
    let unknown = (0x3..=0x7).chain(0xb..=0xf).flat_map(|kind| {
        [kind, FINAL | kind].map(|first| ("an unknown kind of frame", frame(first, b""), 1002))
    });
    for (name, bytes, code) in table.into_iter().chain(reserved).chain(unknown) {
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
    let fine = [1_000, 1_001, 1_011, 3_000, 4_000, 4_999].map(|code| (code, code));
    // Codes that may only be told to oneself, or by nobody.
    let wrong =
        [0, 1, 999, 1_004, 1_005, 1_006, 1_015, 1_016, 2_999, 5_000, 65_535].map(|code| (code, 1_002));
    for (sent, answered) in fine.into_iter().chain(wrong) {
        let mut socket = Socket::open(app.port, PATH);
        let sent: u16 = sent;
        socket.send(FINAL | CLOSE, &[&sent.to_be_bytes()[..], b"bye"].concat());
        assert_eq!(socket.end().0, answered, "{sent}");
    }
    let mut socket = Socket::open(app.port, PATH);
    socket.expect("snapshot", 1);
    socket.send(FINAL | CLOSE, b"");
    assert_eq!(socket.read().unwrap(), Frame { opcode: CLOSE, payload: Vec::new() });
}
