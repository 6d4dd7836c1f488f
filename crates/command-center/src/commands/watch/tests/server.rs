//! A server that does what a test says, connection by connection.

use futures_util::SinkExt as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        protocol::CloseFrame,
    },
};

use super::DEADLINE;

/// The contract's own example, and the change of it.
pub(super) const DOCUMENT: &str = include_str!("../../../../../web/tests/api/documents/queue.json");
pub(super) const DELTA: &str = include_str!("../../../../../web/tests/api/documents/queue_delta.json");

/// A listener on loopback.
pub(super) struct Server(TcpListener);

/// One open socket, and the target that it was opened with.
pub(super) struct Peer {
    pub(super) target: String,
    socket: WebSocketStream<TcpStream>,
}

/// The frame that has the queue of the document.
pub(super) fn snapshot() -> Value {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let data = &document["data"];
    json!({
        "type": "snapshot", "protocol": 1, "build": "b51d07", "epoch": data["epoch"], "seq": data["seq"],
        "hash": data["hash"], "server_time": "2026-02-23T14:30:00.412Z", "status": "ok",
        "timestamp": "2026-02-23T14:29:58Z", "sources": {"orchestrator": "online", "gateway": "online"}, "queue": data,
    })
}

pub(super) fn delta() -> Value {
    serde_json::from_str(DELTA).unwrap()
}

pub(super) fn heartbeat(seq: u64, hash: &str, next_ms: u64) -> Value {
    json!({
        "type": "heartbeat", "epoch": "k3v9q2", "seq": seq, "hash": hash, "server_time": "2026-02-23T14:30:22.000Z",
        "status": "ok", "timestamp": "2026-02-23T14:30:03Z", "sources": {"orchestrator": "online", "gateway": "online"},
        "next_ms": next_ms, "build": "b51d07",
    })
}

/// The hash that fits a queue.
pub(super) fn hash(queue: &Value) -> String {
    // The server's own: what is refused tells nothing, so the text of the contract is made here.
    let lists = ["pending", "building", "blocked"].map(|list| {
        let line = |row: &Value| {
            let fields =
                ["id", "state", "drone", "failures", "started_at", "reason"].map(|field| match &row[field] {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                });
            format!("{list}\t{}\n", fields.join("\t"))
        };
        queue[list].as_array().unwrap().iter().map(line).collect::<String>()
    });
    let recent = queue["recent"].as_array().unwrap().iter();
    let recent: String = recent.map(|row| format!("recent\t{}\n", row["id"].as_str().unwrap())).collect();
    format!("{:08x}", snapshot::queue::fnv1a(&(lists.concat() + &recent)))
}

impl Server {
    pub(super) async fn start() -> Self {
        Self(TcpListener::bind(("127.0.0.1", 0)).await.unwrap())
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    async fn accept(&self) -> TcpStream {
        timeout(DEADLINE, self.0.accept()).await.unwrap().unwrap().0
    }

    /// Waits for the next connection, which must be a socket.
    pub(super) async fn socket(&self) -> Peer {
        let mut target = String::new();
        // Refusals are what makes this type large, and there are none.
        #[expect(clippy::result_large_err, reason = "the library's signature")]
        let note = |request: &Request, answer: Response| -> Result<Response, ErrorResponse> {
            target = request.uri().to_string();
            Ok(answer)
        };
        let socket = accept_hdr_async(self.accept().await, note).await.unwrap();
        Peer { target, socket }
    }

    /// Answers the next connection over HTTP; gives what was asked for.
    pub(super) async fn answer(&self, status: &str, headers: &str, body: &str) -> String {
        let mut stream = self.accept().await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(DEADLINE, stream.read_u8()).await.unwrap().unwrap());
        }
        let n_bytes = body.len();
        let answer = format!(
            "HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {n_bytes}\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        let line = String::from_utf8(head).unwrap();
        line.split(' ').nth(1).unwrap().to_owned()
    }

    /// Answers the next connection with the document; gives what was asked for.
    pub(super) async fn document(&self) -> String {
        self.answer("200 OK", "Date: Mon, 23 Feb 2026 14:30:00 GMT\r\n", DOCUMENT).await
    }
}

impl Peer {
    pub(super) async fn say(&mut self, frame: &Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    pub(super) async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame { code: code.into(), reason: reason.to_owned().into() };
        self.socket.send(Message::Close(Some(frame))).await.unwrap();
    }
}
