//! The real server behind a real nginx that is set up like in the README: what a proxy cuts, hides, packs and keeps must
//! not show.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use http::{HeaderName, HeaderValue};
use rustix::process::Signal;
use serde_json::Value;
use simulator::{
    recording::{self, State},
    server::Server,
};
use socket2::{Domain, Socket, Type};
use tempfile::NamedTempFile;
use tokio_tungstenite::tungstenite::{
    self, Error, HandshakeError, Message, WebSocket, client::IntoClientRequest as _,
    protocol::frame::coding::CloseCode,
};

use crate::support::{
    DEADLINE,
    binary::Running,
    browser::{self, Browser},
    eventually,
    http::{get, get_with},
    is_long,
    nginx::{self, BASE, Nginx},
    stack::{PAGES, PUBLIC},
};

/// After how much silence nginx ends a connection, unless it is told otherwise.
const USUAL: Duration = Duration::from_secs(60);

/// The real server, before a farm in which nothing happens.
struct Site {
    server: Running,
    _backend: Server,
    _config: NamedTempFile,
}

impl Site {
    fn start(websocket: &str) -> Self {
        let backend = recording::serve(State::Paused).unwrap();
        let config = NamedTempFile::new().unwrap();
        let part = |name| {
            format!("[{name}]\nurl = \"{}\"\ninterval = \"1s\"\nstale_after = \"1h\"\n", backend.url())
        };
        let text = format!(
            "base_path = \"{BASE}\"\ntrusted_proxies = [\"127.0.0.1\"]\n{}{}[websocket]\n{websocket}\n",
            part("gateway"),
            part("orchestrator")
        );
        fs::write(config.path(), text).unwrap();
        let server = Running::start(&["serve", "--config", config.path().to_str().unwrap()], &[]);
        Self { server, _backend: backend, _config: config }
    }

    /// An nginx as the README has it, with this patience.
    fn behind(&self, patience: Duration) -> Nginx {
        let time = format!("{}ms", patience.as_millis());
        let settings =
            format!("proxy_read_timeout {time};\nproxy_send_timeout {time};\nsend_timeout {time};\n");
        Nginx::before(self.server.public, &settings, "")
    }
}

/// A connection from one of the addresses that all are this machine.
fn connect(to: SocketAddr, from: u8) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let from = IpAddr::from(Ipv4Addr::new(127, 0, 0, from));
    socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// A subscriber; what comes instead of a socket is a refusal: its status, and when to come back.
fn subscribe(
    nginx: &Nginx,
    from: u8,
    headers: &[(&'static str, &str)],
) -> Result<WebSocket<TcpStream>, (u16, Option<String>)> {
    let mut request = format!("ws://{}{BASE}/ws/queue", nginx.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    match tungstenite::client(request, connect(nginx.address, from)) {
        Ok((socket, _)) => Ok(socket),
        Err(HandshakeError::Failure(Error::Http(answer))) => {
            let retry_after = answer.headers().get("retry-after");
            Err((answer.status().as_u16(), retry_after.map(|value| value.to_str().unwrap().to_owned())))
        }
        Err(error) => panic!("{error}"),
    }
}

/// The type of the next message.
fn next(socket: &mut WebSocket<TcpStream>) -> Result<String, Error> {
    let message = socket.read()?;
    let Message::Text(text) = message else { panic!("{message:?}") };
    let message: Value = serde_json::from_str(&text).unwrap();
    Ok(message["type"].as_str().unwrap().to_owned())
}

/// Stays for a while in which nothing happens, and gives the longest silence.
#[track_caller]
fn stay(socket: &mut WebSocket<TcpStream>, idle: Duration) -> (usize, Duration) {
    assert_eq!(next(socket).unwrap(), "snapshot");
    let begin = Instant::now();
    let (mut heard_at, mut n_heard, mut longest) = (begin, 0, Duration::ZERO);
    while begin.elapsed() < idle {
        let kind = next(socket).unwrap_or_else(|error| panic!("cut after {:?}: {error}", begin.elapsed()));
        assert_eq!(kind, "heartbeat", "something happens");
        longest = longest.max(heard_at.elapsed());
        (heard_at, n_heard) = (Instant::now(), n_heard + 1);
    }
    (n_heard, longest)
}

/// The usual times, each made shorter by twenty: heartbeats of 1 s and a proxy that cuts after 3 s of silence.
#[test]
fn an_idle_subscriber_outlives_the_patience_of_the_proxy() {
    if nginx::is_missing() {
        return;
    }
    let site = Site::start("heartbeat = \"1s\"");
    let patience = USUAL / 20;
    let nginx = site.behind(patience);
    // This one has less patience than there is between two heartbeats, and shows that it does cut.
    let hasty = site.behind(Duration::from_millis(300));
    let mut cut = subscribe(&hasty, 1, &[]).unwrap();
    assert_eq!(next(&mut cut).unwrap(), "snapshot");

    let mut socket = subscribe(&nginx, 1, &[]).unwrap();
    let (n_heard, longest) = stay(&mut socket, 4 * patience);
    assert!(n_heard >= 4 && longest < patience, "{n_heard} heartbeats, {longest:?} of silence");
    let ended = (0..n_heard).find_map(|_| next(&mut cut).err());
    assert!(matches!(ended, Some(Error::Io(_) | Error::Protocol(_))), "{ended:?}");

    site.server.signal(Signal::TERM);
    let end = std::iter::repeat_with(|| socket.read().unwrap()).find(Message::is_close).unwrap();
    let Message::Close(Some(frame)) = end else { panic!("{end}") };
    assert_eq!(frame.code, CloseCode::Away);
    assert!(frame.reason.starts_with("{\"retry_after_ms\":"), "{}", frame.reason);
}

#[test]
fn an_idle_subscriber_stays_for_five_minutes_behind_a_proxy_of_60_seconds() {
    if nginx::is_missing() || !is_long() {
        return;
    }
    let site = Site::start("");
    let nginx = site.behind(USUAL);
    let mut socket = subscribe(&nginx, 1, &[]).unwrap();
    let begin = Instant::now();
    let (n_heard, longest) = stay(&mut socket, 5 * USUAL);
    println!("{n_heard} heartbeats in {:?}, at most {longest:?} apart", begin.elapsed());
    assert!(longest < USUAL);
}

#[test]
fn each_client_of_a_trusted_proxy_has_limits_of_its_own() {
    if nginx::is_missing() {
        return;
    }
    let site = Site::start("max_per_address = 2\nmax_subscribers = 4");
    let nginx = Nginx::before(site.server.public, "", "");
    let _two = [subscribe(&nginx, 2, &[]).unwrap(), subscribe(&nginx, 2, &[]).unwrap()];
    let made_up = "203.0.113.7";
    let forged = ["x-forwarded-for", "cf-connecting-ip", "x-real-ip"].map(|name| [(name, made_up)]);
    for headers in [&[][..], &forged[0], &forged[1], &forged[2]] {
        assert_eq!(subscribe(&nginx, 2, headers).unwrap_err(), (429, Some("60".to_owned())), "{headers:?}");
    }
    let _others = [subscribe(&nginx, 3, &[]).unwrap(), subscribe(&nginx, 4, &[]).unwrap()];
    assert_eq!(subscribe(&nginx, 5, &[]).unwrap_err(), (503, Some("30".to_owned())));
    assert_eq!(get(nginx.address, &format!("{BASE}/")).status, 200);
}

#[test]
fn pages_of_the_proxy_may_subscribe_and_pages_of_others_may_not() {
    if nginx::is_missing() {
        return;
    }
    let site = Site::start("");
    let nginx = Nginx::before(site.server.public, "", "");
    let own = format!("http://{}", nginx.address);
    assert_eq!(next(&mut subscribe(&nginx, 1, &[("origin", &own)]).unwrap()).unwrap(), "snapshot");
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        assert_eq!(subscribe(&nginx, 1, &[("origin", origin)]).unwrap_err(), (403, None), "{origin}");
    }
    assert_eq!(get(nginx.address, &format!("{BASE}/ws/queue")).status, 426);
    // Clients that would rather speak HTTP/2 ask like this; nobody has to follow.
    let asks = [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "")];
    for address in [nginx.address, site.server.public] {
        assert_eq!(get_with(address, &format!("{BASE}/"), &asks).status, 200);
    }
}

/// Everything local that a text names: what is linked to, and what is loaded.
fn addresses(text: &str) -> impl Iterator<Item = String> {
    let parts = ["href=\"", "src=\"", "action=\""].into_iter().flat_map(|name| text.split(name).skip(1));
    let whole = parts.map(|rest| rest.split('"').next().unwrap().replace("&#39;", "'").replace("&amp;", "&"));
    whole.filter(|address| !address.starts_with("https://"))
}

#[test]
fn every_address_under_the_prefix_leads_somewhere() {
    if nginx::is_missing() {
        return;
    }
    let site = Site::start("");
    let nginx = Nginx::before(site.server.public, "", "");
    let begin = PAGES.map(|path| format!("{BASE}{path}"));
    let (mut seen, mut waiting) = (BTreeSet::from(begin.clone()), VecDeque::from(begin));
    let mut types: BTreeMap<String, usize> = BTreeMap::new();
    while let Some(target) = waiting.pop_front() {
        let answer = get_with(nginx.address, &target, &[("Accept-Encoding", "identity")]);
        assert_eq!(answer.status, 200, "{target}");
        let kind = answer.header("content-type").unwrap().to_owned();
        let is_page = kind.starts_with("text/html");
        *types.entry(kind).or_default() += 1;
        // Filters lead to filters without an end: of those only what the pages themselves name.
        if !is_page || target.contains('?') {
            continue;
        }
        let page = answer.text();
        assert!(page.contains(&format!("data-base=\"{BASE}/\"")), "{target}");
        // What a script makes rows from has addresses of nothing yet.
        let shown: String = page
            .split("<template")
            .map(|part| part.split_once("</template>").map_or(part, |(_, after)| after))
            .collect();
        for address in addresses(&shown) {
            let address = address.split('#').next().unwrap();
            let address = match address {
                "" => continue,
                query if query.starts_with('?') => format!("{target}{query}"),
                address => address.to_owned(),
            };
            assert!(address.starts_with(&format!("{BASE}/")), "{address} on {target}");
            if seen.insert(address.clone()) {
                waiting.push_back(address);
            }
        }
    }
    for kind in ["text/html", "text/css", "text/javascript", "image/svg+xml"] {
        assert!(types.keys().any(|found| found.starts_with(kind)), "{kind} in {types:?}");
    }
    assert!(types.values().sum::<usize>() > 30, "{types:?}");

    for name in ["build-swarm", "build-history", "infrastructure", "queue"] {
        assert_eq!(get(nginx.address, &format!("{BASE}{PUBLIC}/{name}")).status, 200);
    }
    let moved = get(nginx.address, BASE);
    assert_eq!(moved.status, 301);
    assert_eq!(moved.header("location"), Some(format!("http://{}{BASE}/", nginx.address).as_str()));
    assert_eq!(get(nginx.address, "/queue").status, 404);
}

#[test]
fn a_page_behind_the_proxy_hears_its_socket() {
    if nginx::is_missing() || browser::is_missing() {
        return;
    }
    let site = Site::start("heartbeat = \"1s\"");
    let nginx = Nginx::before(site.server.public, "", "");
    let browser = Browser::start();
    browser.hold_the_clock();
    browser.open(&format!("http://{}{BASE}/queue", nginx.address));
    browser.wait_for("a socket that is heard", "return sockets[0]?.readyState === 1 && sockets[0].heard > 0");
    let url = browser.run("return sockets[0].url", &[]);
    let expected = format!("ws://{}{BASE}/ws/queue?epoch=", nginx.address);
    assert!(url.as_str().unwrap().starts_with(&expected), "{url}");
}

/// The connections to a port, by the port at their other end, as far as the system remembers them.
fn connections(port: u16) -> BTreeSet<u16> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let ends = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let mut end = || u16::from_str_radix(words.next()?.split_once(':')?.1, 16).ok();
        Some((end()?, end()?))
    };
    let pairs = table.lines().skip(1).filter_map(ends);
    let others = pairs.filter_map(|(one, other)| match (one == port, other == port) {
        (true, false) => Some(other),
        (false, true) => Some(one),
        _ => None,
    });
    others.filter(|other| *other != 0).collect()
}

#[test]
fn connections_are_kept_on_both_sides_of_the_proxy() {
    if nginx::is_missing() {
        return;
    }
    let site = Site::start("");
    let nginx = Nginx::before(site.server.public, "", "");
    let before = connections(site.server.public.port());
    let mut stream = connect(nginx.address, 1);
    for number in 0..40 {
        let request = format!(
            "HEAD {BASE}{PUBLIC}/queue HTTP/1.1\r\nHost: {}\r\nX-Number: {number}\r\n\r\n",
            nginx.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", head.escape_ascii());
    }
    let after = connections(site.server.public.port());
    let new: Vec<&u16> = after.difference(&before).collect();
    assert!(new.len() <= 1, "40 requests took {} connections", new.len());
    assert!(!after.is_empty());
}

#[test]
fn copies_are_revalidated_through_the_proxy_whatever_it_does_to_them() {
    if nginx::is_missing() {
        return;
    }
    let site = Site::start("");
    let target = format!("{BASE}{PUBLIC}/build-swarm");
    let plain = Nginx::before(site.server.public, "", "");
    // Packs by itself, and weakens the tag because of that.
    let packing = Nginx::before(
        site.server.public,
        "gzip on;\ngzip_types application/json;\ngzip_proxied any;\n",
        "proxy_set_header Accept-Encoding \"\";",
    );
    for (nginx, coding, mark) in
        [(&plain, "identity", "\""), (&plain, "br", "\""), (&plain, "gzip", "\""), (&packing, "gzip", "W/\"")]
    {
        let accepts = ("Accept-Encoding", coding);
        // Between the two requests there may have been a newer one.
        let again = eventually("a document that is still the same", || {
            let first = get_with(nginx.address, &target, &[accepts]);
            let tag = first.header("etag").unwrap().to_owned();
            assert!(first.status == 200 && tag.starts_with(mark), "{}", first.head);
            assert_eq!(first.header("content-encoding").unwrap_or("identity"), coding);
            let again = get_with(nginx.address, &target, &[accepts, ("If-None-Match", &tag)]);
            (again.status == 304).then_some(again)
        });
        assert_eq!(again.body, b"");
        assert!(again.header("etag").is_some() && again.header("date").is_some(), "{}", again.head);
        assert!(again.header("cache-control").unwrap().contains("stale-if-error"), "{}", again.head);
    }

    let keeping = Nginx::before(
        site.server.public,
        "proxy_cache_path copies keys_zone=copies:1m;\nproxy_cache copies;\nproxy_cache_revalidate on;\n\
         proxy_ignore_headers Cache-Control;\nproxy_cache_valid 200 1s;\n\
         add_header X-Cache $upstream_cache_status;\n",
        "",
    );
    let first = get(keeping.address, &target);
    assert_eq!((first.status, first.header("x-cache")), (200, Some("MISS")));
    let revalidated = eventually("a copy that is still the newest", || {
        Some(get(keeping.address, &target)).filter(|answer| answer.header("x-cache") == Some("REVALIDATED"))
    });
    let body: Value = serde_json::from_slice(&revalidated.body).unwrap();
    assert_eq!((revalidated.status, &body["status"]), (200, &Value::from("ok")));
    assert_eq!(next(&mut subscribe(&keeping, 1, &[]).unwrap()).unwrap(), "snapshot");
}
