//! HTTP as nobody honest speaks it: what cannot be understood in one way only is refused, and what is slow is ended.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use snapshot::testing;
use web::config::{Config, Http};

use crate::{
    app::{App, PUBLIC, spawn_app, spawn_app_at},
    client::{self, Answer},
    ws::socket::{PATH, Socket, connect, request},
};

/// Longer than anybody is waited for, whatever else the machine does.
const GIVEN_UP: Duration = Duration::from_secs(20);

/// An application that waits for nobody for longer than a second.
fn hasty_app(max_connections: usize) -> App {
    let second = Duration::from_secs(1);
    let http = Http {
        max_connections,
        request_within: second,
        stalled_after: second,
        keep_alive: 2 * second,
        ..Http::default()
    };
    spawn_app_at(testing::example(), testing::NOW, Config::new().with_http(http))
}

/// Everything up to the end of a connection; a reset may take some of it.
#[track_caller]
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(GIVEN_UP)).unwrap();
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_ne!(error.kind(), io::ErrorKind::WouldBlock, "it is kept");
    }
    bytes
}

/// A header's name and value.
type Header<'a> = (&'a str, &'a str);

/// The statuses of all answers to some bytes, after which the client says nothing more.
#[track_caller]
fn statuses(app: &App, bytes: &[u8]) -> Vec<u16> {
    let mut stream = connect(app.port);
    // The server may end it while it is still being sent.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let text = rest(&mut stream).escape_ascii().to_string();
    text.split("HTTP/1.").skip(1).map(|answer| answer[2..5].parse().unwrap()).collect()
}

#[test]
fn what_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_answered() {
    let app = spawn_app(testing::example());
    let after = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let post = |headers: &str, body: &str| format!("POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n{body}");
    let get = |headers: &str| format!("GET / HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let table = [
        ("length and chunks", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
        ("chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\n")),
        ("two lengths", post("Content-Length: 0\r\nContent-Length: 44\r\n", "")),
        ("two equal lengths", post("Content-Length: 0\r\nContent-Length: 0\r\n", "")),
        ("a list of lengths", post("Content-Length: 0, 0\r\n", "")),
        ("a length with a sign", post("Content-Length: +0\r\n", "")),
        ("a negative length", post("Content-Length: -1\r\n", "")),
        ("a length in hex", post("Content-Length: 0x10\r\n", "")),
        ("a length beyond all numbers", post("Content-Length: 99999999999999999999\r\n", "")),
        ("two encodings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n")),
        ("an unknown encoding", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")),
        ("a list of encodings", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")),
        ("a space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
        ("a folded header", get("X-A: b\r\n Content-Length: 44\r\n")),
        ("a folded encoding", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")),
        ("a bare return in a value", get("X-A: b\rContent-Length: 44\r\n")),
        ("a zero in a value", get("X-A: b\0c\r\n")),
        ("a name with a zero", get("X\0A: b\r\n")),
        ("two hosts", get("Host: y\r\n")),
        ("no host", "GET / HTTP/1.1\r\n\r\n".to_owned()),
        ("a space in the target", "GET / x HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        ("a target without a slash", "GET nowhere/x HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        ("chunks of HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned()),
        ("another version", "GET / HTTP/2.7\r\nHost: x\r\n\r\n".to_owned()),
    ];
    for (name, bytes) in table {
        assert_eq!(statuses(&app, format!("{bytes}{after}").as_bytes()), [400], "{name}");
    }
    let many = get(&"X-A: b\r\n".repeat(97)) + after;
    assert_eq!(statuses(&app, many.as_bytes()), [431]);
    // These are answered before their bodies are known to be broken; nothing in the body is a request.
    for (name, body) in [
        ("a chunk's size that is no number", "zz\r\nabc\r\n"),
        ("a chunk's size beyond all numbers", "fffffffffffffffff1\r\nabc\r\n"),
        ("a chunk that is longer than it says", "1\r\nabc\r\n"),
        ("a chunk without its end of line", "3\r\nabcdef"),
        ("a size with a bare end of line", "3\nabc\r\n0\r\n\r\n"),
    ] {
        let bytes = post("Transfer-Encoding: chunked\r\n", body) + after;
        let found = statuses(&app, bytes.as_bytes());
        assert!(matches!(found[..], [405] | [405, 400] | [400]), "{name}: {found:?}");
    }
    assert_eq!(app.get("/").status, 200);
}

#[test]
fn a_body_that_is_well_formed_ends_where_it_says() {
    let app = spawn_app(testing::example());
    let after = "GET /api/nowhere HTTP/1.1\r\nHost: x\r\n\r\n";
    for (name, body) in [
        ("chunks", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
        ("chunks with extensions", "Transfer-Encoding: chunked\r\n\r\n3;a=\"b\";c\r\nabc\r\n0\r\n\r\n"),
        ("an empty body", "Content-Length: 0\r\n\r\n"),
    ] {
        let bytes = format!("POST / HTTP/1.1\r\nHost: x\r\n{body}{after}");
        assert_eq!(statuses(&app, bytes.as_bytes()), [405, 404], "{name}");
    }
    // What was not read to its end ends the connection: what follows may be its rest.
    let unread = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{after}");
    assert_eq!(statuses(&app, unread.as_bytes()), [405]);
}

/// Whoever sends a long body hears that it is not wanted, although the server reads none of it.
#[test]
fn a_long_body_does_not_drown_the_answer() {
    let app = spawn_app(testing::example());
    for _ in 0..5 {
        let mut stream = connect(app.port);
        let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&vec![b'a'; 300_000]).unwrap();
        assert_eq!(client::parse(&rest(&mut stream)).status, 405);
    }
}

#[test]
fn paths_lead_nowhere_but_where_they_say() {
    let app = spawn_app(testing::example());
    let long = format!("/{}", "a/".repeat(30_000));
    for path in [
        "/../etc/passwd",
        "/assets/../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%252e%252e%252fetc%252fpasswd",
        "/assets/x/..%5c..%5cwindows",
        "/assets//etc/passwd",
        "/assets/x/%00app.css",
        "/assets/x/app.css%00",
        "/%2fqueue",
        "/queue%2f",
        "/queue%00",
        "/queue;a=b",
        "/QUEUE",
        "/%71ueue/",
        "//queue",
        "/./queue",
        "/x/../queue",
        "/packages/dev-libs%2fopenssl/x%2fy",
        "/packages/%ff/%fe",
        "/packages/../../etc",
        "/drones/%2e%2e%2f",
        "/drones/%3Cscript%3E",
        "/api/v1/services/public/drones/%0d%0aSet-Cookie:%20a=b",
        "/api/v1/services/public/packages/a/%E2%80%AE",
        &long,
    ] {
        let answer = app.get(path);
        assert_eq!(answer.status, 404, "{}", &path[..path.len().min(80)]);
        crate::manners::check_security(&answer);
        assert!(!answer.everything().contains("root:"), "{path}");
        assert_eq!(answer.header("set-cookie"), None);
    }
    // An address in full names a host like the header does.
    assert_eq!(app.get("http://evil.example/").status, 200);
    assert_eq!(app.get("http://evil.example/nowhere").status, 404);
    assert_eq!(app.send("OPTIONS", "*", &[]).status, 404);
}

#[test]
fn absurd_queries_are_judged_and_never_repeated() {
    let app = spawn_app(testing::example());
    let history = format!("{PUBLIC}/build-history");
    let many = "drone=a&".repeat(5_000);
    let long = "a".repeat(60_000);
    for query in [
        "%",
        "%zz",
        "%ff=%fe",
        "a=%00",
        "page=99999999999999999999999",
        "page=-1",
        "page=1e3",
        "page=%31%00",
        "per_page=0",
        "per_page=201",
        "from=9999999999-01-01",
        "from=-1",
        "from=2026-13-45",
        "sort=%27%20OR%201=1--",
        "order=asc&order=desc",
        "as_of=../../x",
        "&&&&=&=&",
        "=",
        "package=%3Cscript%3Ealert(1)%3C/script%3E",
        &format!("package={long}"),
        &format!("{long}=1"),
    ] {
        let answer = app.get(&format!("{history}?{query}"));
        let shown = &query[..query.len().min(60)];
        assert!(matches!(answer.status, 200 | 400), "{shown}: {}", answer.status);
        crate::manners::check_security(&answer);
        let text = answer.everything();
        assert!(!text.contains("<script") && !text.contains("aaaaaaaa"), "{shown}");
        assert!(matches!(app.get(&format!("/history?{query}")).status, 200 | 400), "{shown}");
    }
    let answer = app.get(&format!("{history}?{many}"));
    assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
}

#[test]
fn a_host_decides_nothing_but_whether_it_is_served() {
    let app = spawn_app(testing::example());
    let usual = app.get("/").body;
    for host in ["evil.example", "evil.example:1", "127.0.0.1", "[::1]:80", "a@b", "x\"><script>", "%00", ""]
    {
        let answer = app.send("GET", "/", &[("Host", host), ("X-Forwarded-Host", "evil.example")]);
        assert!(matches!(answer.status, 200 | 400), "{host}: {}", answer.status);
        assert!(answer.status == 400 || answer.body == usual, "{host}");
    }
    let hosts = web::config::AllowedHosts::parse(["status.example.org"]).unwrap();
    let strict = spawn_app_at(testing::example(), testing::NOW, Config::new().with_allowed_hosts(hosts));
    for (target, host, status) in [
        ("/", "status.example.org.evil.example", 421),
        ("/", "evil.example#status.example.org", 421),
        ("/", "status.example.org@evil.example", 421),
        ("http://evil.example/", "status.example.org", 421),
        ("http://status.example.org/", "evil.example", 200),
    ] {
        assert_eq!(strict.send("GET", target, &[("Host", host)]).status, status, "{target} {host}");
    }
    // HTTP/1.0 needs no host, and names none that is served.
    assert_eq!(statuses(&strict, b"GET / HTTP/1.0\r\n\r\n"), [421]);
}

#[test]
fn http_1_0_is_answered_and_ended_unless_it_asks_to_stay() {
    let app = spawn_app(testing::example());
    let asked = |headers: &str| format!("GET /robots.txt HTTP/1.0\r\n{headers}\r\n");
    for headers in ["", "Connection: close\r\n", "Host: x\r\n"] {
        let mut stream = connect(app.port);
        stream.write_all(asked(headers).as_bytes()).unwrap();
        let text = String::from_utf8(rest(&mut stream)).unwrap();
        assert_eq!(text.matches("User-agent").count(), 1, "{headers:?}");
        assert!(!text.to_ascii_lowercase().contains("transfer-encoding"));
    }
    let mut kept = connect(app.port);
    for _ in 0..3 {
        kept.write_all(asked("Connection: keep-alive\r\n").as_bytes()).unwrap();
        let mut text = Vec::new();
        while !text.ends_with(b"Disallow: /ws/\n") {
            let mut byte = [0];
            kept.read_exact(&mut byte).unwrap();
            text.push(byte[0]);
        }
    }
}

#[test]
fn what_is_asked_in_one_go_is_answered_in_its_order() {
    let app = spawn_app(testing::example());
    let paths = ["/robots.txt", "/nowhere", "/api/nowhere", "/", "/queue", "/api/v1/services/public/queue"];
    let asked = |n: usize| {
        let all = paths.iter().cycle().take(n);
        all.map(|path| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")).collect::<String>()
    };
    let expected: Vec<u16> = paths.map(|path| app.get(path).status).to_vec();
    let n = 200;
    let mut stream = connect(app.port);
    let mut reading = stream.try_clone().unwrap();
    let reader = std::thread::spawn(move || rest(&mut reading));
    stream.write_all(asked(n).as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let text = String::from_utf8(reader.join().unwrap()).unwrap();
    let found: Vec<u16> =
        text.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap()).collect();
    assert_eq!(found, expected.iter().copied().cycle().take(n).collect::<Vec<_>>());
}

#[test]
fn ranges_are_not_served_and_conditions_are_the_standards() {
    let app = spawn_app(testing::example());
    for path in ["/", "/queue", "/api/v1/services/public/queue", "/robots.txt"] {
        let whole = app.get(path);
        for range in ["bytes=0-0", "bytes=-1", "bytes=0-,0-,0-,0-", "bytes=99999999-", "x"] {
            let answer = app.send("GET", path, &[("Range", range), ("If-Range", "\"x\"")]);
            assert_eq!((answer.status, &answer.body), (200, &whole.body), "{path} {range}");
            assert_eq!(answer.header("content-range"), None);
        }
        let Some(tag) = whole.header("etag") else { continue };
        let cases: [(&str, &[Header<'_>], u16); 8] = [
            ("a tag", &[("If-None-Match", tag)], 304),
            ("a tag in a second line", &[("If-None-Match", "\"x\""), ("If-None-Match", tag)], 304),
            ("anything", &[("If-None-Match", "*")], 304),
            ("another tag", &[("If-None-Match", "\"x\"")], 200),
            // There are no dates to compare with, and a tag would win over them.
            ("a date", &[("If-Modified-Since", "Sat, 01 Jan 2050 00:00:00 GMT")], 200),
            (
                "another tag and a date",
                &[("If-None-Match", "\"x\""), ("If-Modified-Since", "Sat, 01 Jan 2050 00:00:00 GMT")],
                200,
            ),
            ("no date at all", &[("If-Modified-Since", "yesterday")], 200),
            ("a tag that is none", &[("If-None-Match", "W/\"")], 200),
        ];
        for (name, headers, status) in cases {
            for method in ["GET", "HEAD"] {
                let answer = app.send(method, path, headers);
                assert_eq!(answer.status, status, "{method} {path}: {name}");
                assert_eq!(answer.header("etag"), Some(tag), "{method} {path}: {name}");
            }
        }
        assert_eq!(app.send("POST", path, &[("If-None-Match", "*")]).status, 405);
    }
}

/// Sends bytes one by one until the server ends the connection, and says how long that took.
#[track_caller]
fn drip(stream: &mut TcpStream, bytes: &[u8]) -> Duration {
    let begin = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    for byte in bytes.iter().cycle() {
        match stream.read(&mut [0; 4_096]) {
            Ok(0) => break,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => break,
            Ok(_) | Err(_) => {}
        }
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        assert!(begin.elapsed() < GIVEN_UP, "it drips for ever");
    }
    begin.elapsed()
}

#[test]
fn no_request_may_drip_in_neither_its_head_nor_its_body() {
    let app = hasty_app(100);
    let plain = "GET /robots.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    let half = "GET / HTTP/1.1\r\nHost: x\r\nX-A: ";
    let chunks = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let length = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    let cases = [
        ("the first head", "", half, "a"),
        ("a later head", plain, half, "a"),
        ("empty lines", "", "", "\r\n"),
        ("empty lines later", plain, "", "\r\n"),
        ("a body", plain, length, "a"),
        ("chunks", "", chunks, "1\r\na\r\n"),
        ("a body that was invited", "", &length.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"), "a"),
    ];
    for (name, before, begun, drips) in cases {
        let mut stream = connect(app.port);
        stream.write_all(before.as_bytes()).unwrap();
        if !before.is_empty() {
            stream.read_exact(&mut [0; 12]).unwrap();
        }
        stream.write_all(begun.as_bytes()).unwrap();
        let took = drip(&mut stream, drips.as_bytes());
        assert!(took < Duration::from_secs(8), "{name}: {took:?}");
        assert_eq!(app.get("/robots.txt").status, 200);
    }
}

#[test]
fn a_body_that_never_ends_is_ended_while_it_comes() {
    let app = hasty_app(100);
    let begin = Instant::now();
    let mut stream = connect(app.port);
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    let chunk = format!("4000\r\n{}\r\n", "a".repeat(0x4000));
    stream.set_write_timeout(Some(GIVEN_UP)).unwrap();
    while stream.write_all(chunk.as_bytes()).is_ok() {
        assert!(begin.elapsed() < GIVEN_UP, "it is read for ever");
    }
    assert_eq!(app.get("/robots.txt").status, 200);
}

#[test]
fn idle_connections_end_and_a_silent_one_is_told_why() {
    let app = hasty_app(100);
    let mut silent = connect(app.port);
    let mut kept = connect(app.port);
    kept.write_all(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let text = String::from_utf8(rest(&mut silent)).unwrap();
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    crate::manners::check_security(&client::parse(text.as_bytes()));
    assert_eq!(String::from_utf8(rest(&mut kept)).unwrap().matches("HTTP/1.1 200").count(), 1);
}

/// The clients hold on to far more connections than there may be; who asks is answered all the same.
#[test]
fn when_all_places_are_taken_those_that_only_wait_make_room() {
    let http = Http { max_connections: 64, ..Http::default() };
    let app = spawn_app_at(testing::example(), testing::NOW, Config::new().with_http(http));
    let mut subscriber = Socket::open(app.port, PATH);
    subscriber.expect("snapshot", 1);
    let mut idle: Vec<TcpStream> = Vec::new();
    for turn in 0..300 {
        let mut stream = connect(app.port);
        // Some say nothing, some half a request.
        if turn % 2 == 0 {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x").unwrap();
        }
        idle.push(stream);
        if turn % 10 == 0 {
            assert_eq!(app.get("/robots.txt").status, 200, "after {turn}");
        }
    }
    let begin = Instant::now();
    let mut n_open = 0;
    for stream in &mut idle {
        stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        let is_open =
            matches!(stream.read(&mut [0]), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        n_open += usize::from(is_open);
    }
    assert!(n_open <= 64, "{n_open} are open");
    assert!(begin.elapsed() < GIVEN_UP);
    subscriber.send(crate::ws::socket::FINAL | crate::ws::socket::PING, b"here");
    while subscriber.read().unwrap().payload != b"here" {}
}

#[test]
fn when_subscribers_have_every_place_others_are_told_so() {
    let http = Http { max_connections: 2, ..Http::default() };
    let app = spawn_app_at(testing::example(), testing::NOW, Config::new().with_http(http));
    let mut sockets: Vec<Socket> = (0..2).map(|_| Socket::open(app.port, PATH)).collect();
    for socket in &mut sockets {
        socket.expect("snapshot", 1);
    }
    let mut refused = connect(app.port);
    let answer: Answer = client::parse(&rest(&mut refused));
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    assert_eq!(answer.json()["error"]["code"], "unavailable");
    crate::manners::check_security(&answer);
    drop(sockets.pop());
    let begin = Instant::now();
    while Socket::try_open(connect(app.port), &request(PATH, &[])).is_err() {
        assert!(begin.elapsed() < GIVEN_UP, "the place is not given back");
    }
}
