//! A stand-in for the socket of the queue: passes everything on to the real server except for upgrades, which it answers
//! as the test says.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::mpsc as channel,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{Request, Response},
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::DEADLINE;

/// A relay in front of a server.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    sockets: mpsc::Receiver<Socket>,
    is_refusing: Arc<AtomicBool>,
    _runtime: Runtime,
}

/// A socket that a page opened.
pub(crate) struct Socket {
    /// What it asked for.
    pub(crate) target: String,
    out: channel::Sender<Message>,
}

impl Relay {
    pub(crate) fn before(server: SocketAddr) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, sockets) = mpsc::channel();
        let is_refusing = Arc::new(AtomicBool::new(false));
        let refuses = Arc::clone(&is_refusing);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, server, Arc::clone(&refuses), sender.clone()));
            }
        });
        Self { address, sockets, is_refusing, _runtime: runtime }
    }

    /// Whether sockets are refused from now on, as proxies do that know no upgrades.
    pub(crate) fn refuse_sockets(&self, is_refusing: bool) {
        self.is_refusing.store(is_refusing, Ordering::Relaxed);
    }

    /// The next socket that a page opens.
    #[track_caller]
    pub(crate) fn socket(&self) -> Socket {
        self.sockets.recv_timeout(DEADLINE).unwrap()
    }
}

impl Socket {
    pub(crate) fn send(&self, frame: &Value) {
        self.out.blocking_send(Message::text(frame.to_string())).unwrap();
    }

    pub(crate) fn close(&self, reason: &str) {
        let frame = CloseFrame { code: CloseCode::Away, reason: reason.to_owned().into() };
        self.out.blocking_send(Message::Close(Some(frame))).unwrap();
    }
}

async fn serve(
    mut stream: TcpStream,
    server: SocketAddr,
    is_refusing: Arc<AtomicBool>,
    sockets: mpsc::Sender<Socket>,
) {
    let mut head = [0; 14];
    while stream.peek(&mut head).await.is_ok_and(|n| n > 0 && n < head.len()) {
        tokio::task::yield_now().await;
    }
    if head != *b"GET /ws/queue?" && head != *b"GET /ws/queue " {
        if let Ok(mut upstream) = TcpStream::connect(server).await {
            // Either side may go away.
            let _ = copy_bidirectional(&mut stream, &mut upstream).await;
        }
        return;
    }
    if is_refusing.load(Ordering::Relaxed) {
        return;
    }
    let mut target = String::new();
    #[expect(clippy::result_large_err, reason = "the callback's type is the library's")]
    let look = |request: &Request, response: Response| {
        target = request.uri().to_string();
        Ok(response)
    };
    let Ok(mut socket) = accept_hdr_async(stream, look).await else { return };
    let (out, mut frames) = channel::channel(64);
    if sockets.send(Socket { target, out }).is_err() {
        return;
    }
    loop {
        tokio::select! {
            frame = frames.recv() => match frame {
                Some(frame) => if socket.send(frame).await.is_err() { return },
                None => return,
            },
            heard = socket.next() => if !matches!(heard, Some(Ok(_))) { return },
        }
    }
}
