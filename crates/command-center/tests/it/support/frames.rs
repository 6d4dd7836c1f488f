//! A subscriber that keeps everything it is sent.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use super::DEADLINE;

/// A subscriber of the queue.
pub(crate) struct Subscriber {
    socket: WebSocket<TcpStream>,
    /// What was said, each with what it is.
    pub(crate) heard: Vec<(String, String)>,
}

impl Subscriber {
    /// Joins, with a query.
    pub(crate) fn join(public: SocketAddr, query: &str) -> Self {
        let stream = TcpStream::connect(public).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let (socket, response) =
            tungstenite::client(format!("ws://{public}/ws/queue{query}"), stream).unwrap();
        Self { socket, heard: vec![("upgrade".to_owned(), format!("{:?}", response.headers()))] }
    }

    /// Listens until a frame of this kind comes; `close` is one.
    #[track_caller]
    pub(crate) fn hear(&mut self, kind: &str) -> Value {
        let mut kinds = BTreeMap::new();
        loop {
            let (found, text) = match self.socket.read() {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    (frame["type"].as_str().unwrap_or("unknown").to_owned(), text.to_string())
                }
                Ok(Message::Close(reason)) => ("close".to_owned(), format!("{reason:?}")),
                Ok(other) => (format!("{other:?}"), String::new()),
                Err(error) => panic!("no {kind} but {kinds:?}: {error}"),
            };
            *kinds.entry(found.clone()).or_insert(0) += 1;
            let is_wanted = found == kind;
            let frame = serde_json::from_str(&text).unwrap_or_default();
            self.heard.push((found, text));
            if is_wanted {
                return frame;
            }
        }
    }
}
