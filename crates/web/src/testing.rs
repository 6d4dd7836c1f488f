//! The site without a socket: snapshots in, answers out, in the thread that asks.
//!
//! Beside it are the readers of what clients send, one by one. All of it is for tests that try many thousand things.
//! Everything here panics where a test cannot go on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

use std::{
    io::{self, Read, Write},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_codec::Decoder as _;
use actix_http::{ServiceConfig, h1};
use actix_web::{App, body::to_bytes, http::Method, test, web};
use bytes::{Bytes, BytesMut};
use snapshot::{
    clock::{Clock, Now},
    snapshot::Snapshot,
    store::{Publisher, hand_over},
};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::{WebSocket, protocol::Role};

use crate::{
    assets::Assets,
    config::Config,
    history::HistoryQuery,
    metrics::Metrics,
    openapi,
    pages::Pages,
    parameters::{self, Strictness},
    peer::Peer,
    published::Published,
    renderer::Renderer,
    routes,
    state::{EncodedAssets, State},
    ws::{handshake, hub::Hub, session},
};

/// A site that shows what it is told to.
#[derive(Debug)]
pub struct Site {
    renderer: Renderer,
    state: State,
    publisher: Publisher<Published>,
    snapshots: Publisher<Snapshot>,
    now: Arc<Mutex<Now>>,
    runtime: tokio::runtime::Runtime,
}

/// An answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers, one a line.
    pub head: String,
    /// Its body, as it is without compression.
    pub body: Vec<u8>,
}

impl Site {
    /// A site that shows this, at this instant.
    #[must_use]
    pub fn new(config: Config, snapshot: Snapshot, now: Now) -> Self {
        let assets = Assets::load().unwrap();
        let pages = Arc::new(Pages::new(config.address(), &assets).unwrap());
        let now = Arc::new(Mutex::new(now));
        let hands = Arc::clone(&now);
        let clock = Clock::from_fn(move || *hands.lock().unwrap_or_else(PoisonError::into_inner));
        let (snapshots, reader) = hand_over(snapshot);
        let renderer = Renderer::new(assets.build(), Arc::clone(&pages), clock.clone(), reader);
        let (publisher, published) = hand_over(renderer.first().unwrap());
        let state = State {
            hub: Hub::new(config.websocket()),
            metrics: Arc::new(Metrics::new()),
            description: Arc::new(openapi::encoded(&config.address()).unwrap()),
            config: Arc::new(config),
            pages,
            assets: Arc::new(EncodedAssets::new(&assets).unwrap()),
            published,
            clock,
            ring: Arc::new(Notify::new()),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { renderer, state, publisher, snapshots, now, runtime }
    }

    /// Shows this from now on.
    pub fn show(&self, snapshot: Snapshot, now: Now) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
        self.snapshots.publish(snapshot);
        let previous = self.state.published.load();
        self.publisher.publish(self.renderer.render(Some(&previous)).unwrap());
    }

    /// Asks for these, one after the other: methods and targets.
    #[must_use]
    pub fn ask(&self, requests: &[(String, String)]) -> Vec<Answer> {
        self.runtime.block_on(async {
            let state = web::Data::new(self.state.clone());
            let base_path = self.state.config.base_path().clone();
            let app = App::new().app_data(state).configure(|config| routes::configure(&base_path, config));
            let service = test::init_service(app).await;
            let mut answers = Vec::new();
            for (method, target) in requests {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let request = test::TestRequest::with_uri(target).method(method).to_request();
                let response = test::call_service(&service, request).await;
                let status = response.status().as_u16();
                let headers = response.headers().iter();
                let line = |(name, value): (_, &actix_web::http::header::HeaderValue)| {
                    format!("{name}: {}\n", value.as_bytes().escape_ascii())
                };
                let head = headers.map(line).collect();
                let body = to_bytes(response.into_body()).await.unwrap_or_default().to_vec();
                answers.push(Answer { status, head, body });
            }
            answers
        })
    }

    /// What subscribers are sent now: the whole queue, a sign of life, and the last steps, each as it is on the wire.
    #[must_use]
    pub fn frames(&self) -> Vec<Vec<u8>> {
        let published = self.state.published.load();
        let (live, wall) = (&published.live, self.state.clock.now().wall);
        let mut frames = vec![live.snapshot(wall), live.heartbeat(wall, Duration::from_secs(20))];
        if let Some(before) = live.seq().checked_sub(1) {
            frames.extend(live.resume(live.epoch().as_str(), before).unwrap_or_default());
            frames.extend(live.conflated(live.seq().saturating_sub(3)));
        }
        frames.into_iter().map(|frame| [&frame.head[..], &frame.tail].concat()).collect()
    }
}

/// Reads a query string in every way that there is.
pub fn read_query(text: &str) {
    let _ = parameters::none(text);
    for strictness in [Strictness::Api, Strictness::Page] {
        if let Ok(query) = HistoryQuery::parse(text, strictness) {
            // What was understood is written into links, and must be understood there again.
            assert!(query.page >= 1 && (1..=200).contains(&query.per_page));
        }
    }
    let escaped = parameters::escape(text);
    let pair = format!("a={escaped}");
    if let Ok(pairs) = parameters::pairs(&pair) {
        let read: Vec<_> = pairs.collect();
        assert_eq!(read, [(Some("a".to_owned()), Some(text.to_owned()))]);
    }
}

thread_local! {
    /// HTTP's own settings come with a clock, which is a task.
    static HTTP: ServiceConfig = {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let tasks = tokio::task::LocalSet::new();
        tasks.block_on(&runtime, async { ServiceConfig::default() })
    };
}

/// Reads requests as they come from a socket, and judges each as one for an upgrade.
pub fn read_requests(bytes: &[u8]) {
    let (mut codec, mut buffer) = (HTTP.with(|http| h1::Codec::new(http.clone())), BytesMut::from(bytes));
    let config = Config::new();
    let socket: Option<IpAddr> = Some([127, 0, 0, 1].into());
    while let Ok(Some(message)) = codec.decode(&mut buffer) {
        if let h1::Message::Item(request) = message {
            let _ = handshake::Handshake::check(request.head(), &config);
            let _ = Peer::of(socket, &request.head().headers, config.trusted_proxies());
        }
    }
}

/// Reads what a subscriber sends, and what its session would make of it.
pub fn read_frames(bytes: &[u8]) {
    let wire = Sent { bytes: Bytes::copy_from_slice(bytes) };
    let mut socket = WebSocket::from_raw_socket(wire, Role::Server, Some(session::protocol()));
    // A message needs a byte at least.
    for _ in 0..=bytes.len() {
        if socket.read().is_err() {
            break;
        }
        let _ = socket.flush();
    }
}

/// All that a client ever sends.
struct Sent {
    bytes: Bytes,
}

// === impl Read, Write ===

impl Read for Sent {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let len = into.len().min(self.bytes.len());
        into[..len].copy_from_slice(&self.bytes.split_to(len));
        Ok(len)
    }
}

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
