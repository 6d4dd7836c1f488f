//! The connection against a scripted server, and what is shown of the contract's example.

mod server;
mod shown;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use snapshot::clock::Clock;
use tokio::sync::mpsc;

use super::{
    connection::{Channel, Connection, News, Patience},
    target::Target,
};
use server::{Server, delta, heartbeat, snapshot};

/// Long enough for a busy machine; nothing waits this long when all is well.
const DEADLINE: Duration = Duration::from_secs(30);

/// Everything soon.
const HURRY: Patience = Patience {
    answer: Duration::from_secs(5),
    silence: Duration::from_secs(5),
    retry_min: Duration::from_millis(1),
    retry_max: Duration::from_millis(20),
    poll: Duration::from_millis(50),
    socket_while_polling: Duration::from_millis(200),
};

/// A server and what its client tells.
struct Scene {
    server: Server,
    news: mpsc::Receiver<News>,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start().await;
        let target = Target::parse(&server.url()).unwrap();
        let connection = Connection::new(target, Clock::system(), HURRY).unwrap();
        let (sender, news) = mpsc::channel(4);
        tokio::spawn(connection.run(sender));
        Self { server, news }
    }

    async fn next(&mut self) -> News {
        tokio::time::timeout(DEADLINE, self.news.recv()).await.unwrap().unwrap()
    }

    /// The next version that is told of.
    async fn version(&mut self) -> u64 {
        match self.next().await {
            News::Queue { mirror, by: Channel::Socket, .. } => mirror.resume().unwrap().since,
            other => panic!("{other:?}"),
        }
    }

    async fn lost(&mut self) -> String {
        match self.next().await {
            News::Lost { why } => why,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_socket_that_is_lost_is_resumed_from_the_last_version() {
    let mut scene = Scene::new().await;
    let mut peer = scene.server.socket().await;
    assert_eq!(peer.target, "/ws/queue");
    peer.say(&snapshot()).await;
    assert_eq!(scene.version().await, 4711);
    peer.say(&delta()).await;
    assert_eq!(scene.version().await, 4712);
    drop(peer);
    assert_eq!(scene.lost().await, "broke the connection off");
    let mut peer = scene.server.socket().await;
    assert_eq!(peer.target, "/ws/queue?epoch=k3v9q2&since=4712");
    peer.say(&heartbeat(4712, "b1668b8d", 20_000)).await;
    assert_eq!(scene.version().await, 4712);
}

#[tokio::test]
async fn what_does_not_fit_is_asked_for_again_as_a_whole() {
    let gap = with(with(delta(), "base", 4712), "seq", 4713);
    let frames: [(Value, &str); 6] = [
        (gap, "the queue is at 4711, the change begins at 4712"),
        (with(delta(), "hash", "00000000"), "the queue differs from the server's"),
        (heartbeat(4711, "00000000", 20_000), "the queue differs from the server's"),
        (heartbeat(4712, "4c7ece55", 20_000), "the queue is at 4711, the server at 4712"),
        (with(delta(), "epoch", "another1"), "the server was started anew"),
        (json!("garbage"), "a text that is no JSON object"),
    ];
    for (frame, why) in frames {
        let mut scene = Scene::new().await;
        let mut peer = scene.server.socket().await;
        peer.say(&snapshot()).await;
        assert_eq!(scene.version().await, 4711);
        peer.say(&frame).await;
        assert_eq!(scene.lost().await, format!("sent what does not fit: {why}"));
        let mut peer = scene.server.socket().await;
        assert_eq!(peer.target, "/ws/queue", "{why}");
        peer.say(&snapshot()).await;
        assert_eq!(scene.version().await, 4711);
    }
}

#[tokio::test]
async fn silence_of_twice_the_promise_is_the_end() {
    let mut scene = Scene::new().await;
    let mut peer = scene.server.socket().await;
    peer.say(&snapshot()).await;
    peer.say(&heartbeat(4711, "4c7ece55", 150)).await;
    assert_eq!((scene.version().await, scene.version().await), (4711, 4711));
    let begin = Instant::now();
    assert_eq!(scene.lost().await, "fell silent");
    assert!(begin.elapsed() >= Duration::from_millis(250), "{:?}", begin.elapsed());
    assert_eq!(scene.server.socket().await.target, "/ws/queue?epoch=k3v9q2&since=4711");
}

#[tokio::test]
async fn a_server_that_closes_says_how_long_to_stay_away() {
    let mut scene = Scene::new().await;
    let mut peer = scene.server.socket().await;
    peer.say(&snapshot()).await;
    assert_eq!(scene.version().await, 4711);
    peer.close(1001, r#"{"retry_after_ms":600}"#).await;
    assert_eq!(scene.lost().await, "closed the connection");
    let begin = Instant::now();
    let peer = scene.server.socket().await;
    assert!(begin.elapsed() >= Duration::from_millis(550), "{:?}", begin.elapsed());
    assert_eq!(peer.target, "/ws/queue?epoch=k3v9q2&since=4711");
}

#[tokio::test]
async fn a_refusal_with_retry_after_is_obeyed() {
    let mut scene = Scene::new().await;
    scene.server.answer("503 Service Unavailable", "Retry-After: 1\r\n", "").await;
    assert_eq!(scene.lost().await, "answered with 503");
    let begin = Instant::now();
    let _peer = scene.server.socket().await;
    assert!(begin.elapsed() >= Duration::from_millis(900), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_protocol_of_the_future_and_a_proxy_without_sockets_are_polled() {
    let mut scene = Scene::new().await;
    let mut peer = scene.server.socket().await;
    peer.say(&with(snapshot(), "protocol", 2)).await;
    assert_eq!(scene.server.document().await, "/api/v1/services/public/queue");
    assert!(matches!(scene.next().await, News::Queue { by: Channel::Polling, .. }));
    // The next poll goes on from there.
    assert_eq!(scene.server.document().await, "/api/v1/services/public/queue?epoch=k3v9q2&since=4711");

    let mut scene = Scene::new().await;
    for _ in 0..3 {
        scene.server.answer("400 Bad Request", "", "").await;
    }
    assert_eq!(
        (scene.lost().await, scene.lost().await),
        ("answered with 400".into(), "answered with 400".into())
    );
    scene.server.document().await;
    let News::Queue { mirror, by: Channel::Polling, .. } = scene.next().await else { panic!() };
    assert_eq!(mirror.server_time(), Some("2026-02-23T14:30:00Z".parse().unwrap()));
}

#[tokio::test]
async fn frames_of_unknown_kinds_keep_the_socket() {
    let mut scene = Scene::new().await;
    let mut peer = scene.server.socket().await;
    peer.say(&snapshot()).await;
    peer.say(&json!({"type": "postcard"})).await;
    peer.say(&delta()).await;
    assert_eq!((scene.version().await, scene.version().await), (4711, 4712));
}

fn with(mut frame: Value, key: &str, value: impl Into<Value>) -> Value {
    frame[key] = value.into();
    frame
}
