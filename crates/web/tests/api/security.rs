//! What browsers are told to forbid, held against the rules by which Mozilla's HTTP Observatory grades a site.
//!
//! Its one rule that is not here is `Strict-Transport-Security`: we speak no TLS, and the header means nothing, and is not
//! allowed, without it. Who ends TLS in front of us sends it.

use std::{
    io::Write,
    net::{Shutdown, TcpStream},
};

use snapshot::testing;

use crate::{
    app::{App, PUBLIC, spawn_app},
    client::{self, Answer},
    manners::readable,
    ws::socket::{PATH, Socket, connect, request},
};

/// The directives of the policy, each with its sources.
fn policy(answer: &Answer) -> Vec<(&str, Vec<&str>)> {
    let policy = answer.header("content-security-policy").unwrap_or_default();
    let directives = policy.split(';').map(str::split_whitespace);
    directives.filter_map(|mut words| Some((words.next()?, words.collect()))).collect()
}

/// What a directive allows; those that are absent, and fetch something, allow what the default does.
fn sources<'a>(answer: &'a Answer, directive: &str) -> Option<Vec<&'a str>> {
    let policy = policy(answer);
    let find =
        |name: &str| policy.iter().find(|(found, _)| *found == name).map(|(_, sources)| sources.clone());
    let falls_back = directive.ends_with("-src");
    find(directive).or_else(|| find("default-src").filter(|_| falls_back))
}

fn allows_nothing(answer: &Answer, directive: &str) -> bool {
    sources(answer, directive).is_some_and(|sources| sources == ["'none'"])
}

fn is_self_or_nothing(answer: &Answer, directive: &str) -> bool {
    sources(answer, directive).is_some_and(|sources| sources == ["'none'"] || sources == ["'self'"])
}

type Rule = (&'static str, fn(&Answer) -> bool);

/// Each rule, and when it is met in its best form.
const RULES: [Rule; 14] = [
    ("content-security-policy: is there, once", |answer| !policy(answer).is_empty()),
    ("content-security-policy: everything that is not allowed is forbidden", |answer| {
        allows_nothing(answer, "default-src")
    }),
    ("content-security-policy: no inline code, no eval, no wildcard, no plain http, no data", |answer| {
        let weak =
            ["'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'", "*", "http:", "https:", "data:", "blob:"];
        policy(answer).iter().all(|(_, sources)| !sources.iter().any(|source| weak.contains(source)))
    }),
    ("content-security-policy: no plugins", |answer| allows_nothing(answer, "object-src")),
    ("content-security-policy: scripts and styles are our own", |answer| {
        ["script-src", "style-src", "img-src", "connect-src", "font-src"]
            .iter()
            .all(|directive| is_self_or_nothing(answer, directive))
    }),
    ("content-security-policy: base-uri is restricted", |answer| is_self_or_nothing(answer, "base-uri")),
    ("content-security-policy: form-action is restricted", |answer| {
        is_self_or_nothing(answer, "form-action")
    }),
    ("content-security-policy: frame-ancestors is restricted", |answer| {
        allows_nothing(answer, "frame-ancestors")
    }),
    ("x-frame-options: DENY, for browsers without frame-ancestors", |answer| {
        answer.header("x-frame-options") == Some("DENY")
    }),
    ("x-content-type-options: nosniff", |answer| answer.header("x-content-type-options") == Some("nosniff")),
    ("referrer-policy: a private one", |answer| {
        matches!(answer.header("referrer-policy"), Some("no-referrer" | "same-origin" | "strict-origin"))
    }),
    ("cross-origin-resource-sharing: nobody", |answer| {
        answer.header("access-control-allow-origin").is_none()
    }),
    ("cookies: none", |answer| answer.header("set-cookie").is_none()),
    ("nothing tells which software and version answers", |answer| {
        let banners = ["server", "x-powered-by", "via", "x-aspnet-version", "x-generator"];
        let everything = answer.everything().to_ascii_lowercase();
        let head = everything.split('\n').next().unwrap_or_default();
        banners.iter().all(|name| answer.header(name).is_none())
            && ["actix", "tokio", "rust"].iter().all(|word| !head.contains(word))
    }),
];

#[track_caller]
fn check(name: &str, answer: &Answer) {
    for (rule, is_met) in RULES {
        assert!(is_met(answer), "{name} breaks {rule:?}: {:?}", answer.everything().lines().next());
    }
    // Badges are there to be shown elsewhere, and nothing else is.
    let is_lent = name.contains("/badge/") && name.contains(".svg");
    let policy = if is_lent { "cross-origin" } else { "same-origin" };
    assert_eq!(answer.header("cross-origin-resource-policy"), Some(policy), "{name}");
}

/// What a raw request is answered, to its end.
fn raw(app: &App, bytes: &[u8]) -> Answer {
    let mut stream: TcpStream = connect(app.port);
    stream.write_all(bytes).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut answer).unwrap();
    client::parse(&answer)
}

#[test]
fn every_answer_meets_every_rule() {
    let app = spawn_app(testing::example());
    for (path, _) in readable(&app, "") {
        for (method, headers) in [
            ("GET", &[][..]),
            ("HEAD", &[]),
            ("GET", &[("Accept-Encoding", "br")]),
            ("GET", &[("If-None-Match", "*")]),
            ("POST", &[]),
            ("GET", &[("Origin", "https://evil.example")]),
        ] {
            check(&format!("{method} {path} {headers:?}"), &app.send(method, &path, headers));
        }
    }
    for path in [
        "/packages/dev-libs/openssl",
        "/drones/Izar",
        &format!("{PUBLIC}/packages/dev-libs/openssl"),
        &format!("{PUBLIC}/drones/Izar"),
        "/nowhere",
        "/api/nowhere",
        "/ws/nowhere",
        PATH,
        "/robots.txt",
        "/history?page=x",
        &format!("{PUBLIC}/build-history?page=x"),
        &format!("{PUBLIC}/queue?epoch=x&since=1"),
    ] {
        check(path, &app.get(path));
    }
}

#[test]
fn what_leaves_http_meets_every_rule_too() {
    let app = spawn_app(testing::example());
    for asked in [
        request("/nowhere", &[]),
        request(PATH, &[("Origin", "https://evil.example")]),
        request(PATH, &[]).replacen("GET", "POST", 1),
        request(PATH, &[]).replacen("13", "12", 1),
    ] {
        check(&asked, &raw(&app, asked.as_bytes()));
    }
    let socket = Socket::open(app.port, PATH);
    check("the upgrade", &client::parse(format!("{}\r\n\r\n", socket.head.trim_end()).as_bytes()));
}

/// What the HTTP library answers by itself has no content, and the same headers.
#[test]
fn what_is_no_request_meets_every_rule_too() {
    let app = spawn_app(testing::example());
    let many = "X-A: b\r\n".repeat(20_000);
    for (bytes, status) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"), 431),
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n".to_owned(), 400),
        ("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n".to_owned(), 400),
    ] {
        let mut stream = connect(app.port);
        // The server may end it while it is still being sent.
        let _ = stream.write_all(bytes.as_bytes());
        let mut answer = Vec::new();
        let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
        if answer.is_empty() && bytes.len() > 100_000 {
            continue;
        }
        let last = answer.windows(7).rposition(|begin| begin == b"HTTP/1.").unwrap();
        let answer = client::parse(&answer[last..]);
        assert_eq!((answer.status, answer.body.len()), (status, 0));
        check(&format!("{status}"), &answer);
    }
}
