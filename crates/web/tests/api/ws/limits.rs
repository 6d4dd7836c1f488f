//! How many there may be, in all and of one address.

use snapshot::testing;
use web::config::{Config, TrustedProxies, WebSocket};

use super::{
    handshake::check,
    socket::{PATH, Socket, connect, request},
};
use crate::{
    app::{App, spawn_app_at},
    client::Answer,
};

fn app(max_subscribers: usize, max_per_address: usize, trusted: &[&str]) -> App {
    let limits = WebSocket { max_subscribers, max_per_address, ..WebSocket::default() };
    let trusted = TrustedProxies::parse(trusted.iter().copied()).unwrap();
    let config = Config::new().with_websocket(limits).with_trusted_proxies(trusted);
    spawn_app_at(testing::example(), testing::NOW, config)
}

fn join(app: &App, headers: &[(&str, &str)]) -> Result<Socket, Answer> {
    Socket::try_open(connect(app.port), &request(PATH, headers))
}

/// Asks until there is a place again.
fn join_at_last(app: &App, headers: &[(&str, &str)]) -> Socket {
    let begin = std::time::Instant::now();
    loop {
        match join(app, headers) {
            Ok(socket) => return socket,
            Err(_) => assert!(begin.elapsed().as_secs() < 20, "no place is given back"),
        }
    }
}

#[test]
fn the_total_is_limited_and_places_are_given_back() {
    let app = app(3, 1, &[]);
    // Loopback may be a tunnel: no limit for one address.
    let mut sockets: Vec<Socket> = (0..3).map(|_| join(&app, &[]).unwrap()).collect();
    let refused = check(&app, &request(PATH, &[]), 503, "unavailable");
    assert_eq!(refused.header("retry-after"), Some("30"));
    sockets.pop();
    sockets.push(join_at_last(&app, &[]));
    for socket in &mut sockets {
        socket.expect("snapshot", 1);
    }
    assert_eq!(app.get("/").status, 200);
}

#[test]
fn of_one_address_a_trusted_proxy_lets_in_as_many_as_are_allowed() {
    let app = app(100, 2, &["127.0.0.0/8"]);
    let forwarded = [("X-Forwarded-For", "6.6.6.6, 198.51.100.1, 127.0.0.9")];
    let same = [("CF-Connecting-IP", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.5")];
    let first = join(&app, &forwarded).unwrap();
    let _second = join(&app, &same).unwrap();
    for headers in [&forwarded[..], &same] {
        let refused = check(&app, &request(PATH, headers), 429, "too_many_requests");
        assert_eq!(refused.header("retry-after"), Some("60"));
        assert!(!refused.everything().contains("198.51.100.1"));
    }
    let _other = join(&app, &[("X-Forwarded-For", "203.0.113.5")]).unwrap();
    let _unknown: Vec<Socket> = (0..3).map(|_| join(&app, &[]).unwrap()).collect();
    drop(first);
    join_at_last(&app, &forwarded);
}

#[test]
fn headers_of_others_are_not_believed() {
    let app = app(100, 1, &["10.0.0.0/8"]);
    let headers = [("CF-Connecting-IP", "198.51.100.1"), ("X-Forwarded-For", "198.51.100.1")];
    let _sockets: Vec<Socket> = (0..5).map(|_| join(&app, &headers).unwrap()).collect();
}
