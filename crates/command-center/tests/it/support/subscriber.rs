//! A subscriber of the queue that shows every frame.

use std::{
    net::{SocketAddr, TcpStream},
    time::Instant,
};

use serde_json::Value;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use super::DEADLINE;

/// A connection; it ends when it is dropped.
pub(crate) struct Subscriber(WebSocket<TcpStream>);

impl Subscriber {
    #[track_caller]
    pub(crate) fn join(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        Self(client(format!("ws://{address}/ws/queue"), stream).unwrap().0)
    }

    /// The next frame.
    #[track_caller]
    pub(crate) fn frame(&mut self) -> Value {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
                Message::Close(close) => panic!("the subscriber was lost: {close:?}"),
                _ => {}
            }
        }
    }

    /// The next frame that is as wanted; others come in any case, so there is a deadline.
    #[track_caller]
    pub(crate) fn until(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + DEADLINE;
        loop {
            let frame = self.frame();
            if is_wanted(&frame) {
                return frame;
            }
            assert!(Instant::now() < end, "still waiting; the last frame: {frame}");
        }
    }
}
