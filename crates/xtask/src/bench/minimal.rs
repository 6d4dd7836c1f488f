//! What the live queue is compared with: a broadcast over WebSocket as one writes it with tokio-tungstenite.
//!
//! A task a subscriber, one broadcast channel, whole messages into the sink. It knows nothing of queues: it sends
//! recorded frames, the first to everyone who comes, the next whenever its standard input says so. Who missed messages
//! is sent the newer ones, as the channel's documentation suggests. One default of the crate is changed in its favour:
//! the read buffer, which is cleared for every frame, has 4 KiB instead of 128.

use std::{fs, io, net::Ipv4Addr, path::Path};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::broadcast::{self, error::RecvError},
};
use tokio_tungstenite::{
    accept_async_with_config,
    tungstenite::{Error, Message, Utf8Bytes, protocol::WebSocketConfig},
};

use super::error::{BenchError, Context as _};

/// Messages that a subscriber may be behind.
const CAPACITY: usize = 64;
/// What is kept of what a subscriber sends.
const READ_BUFFER: usize = 4 * 1_024;

/// Serves the frames recorded in `recording` until its standard input ends; prints its port first.
pub(crate) fn serve(recording: &Path) -> Result<(), BenchError> {
    let text = fs::read_to_string(recording).during("reading the recording")?;
    let mut frames = text.lines().map(|line| Message::Text(Utf8Bytes::from(line)));
    let first = frames.next().ok_or_else(|| BenchError::Unexpected("nothing was recorded".to_owned()))?;
    let frames: Vec<Message> = frames.collect();

    let runtime = Runtime::new().during("starting the runtime")?;
    let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).during("listening")?;
    println!("{}", listener.local_addr().during("listening")?);
    let (sender, _) = broadcast::channel(CAPACITY);
    runtime.spawn(accept(listener, first, sender.clone()));
    for (line, frame) in io::stdin().lines().zip(frames) {
        line.during("reading orders")?;
        // Without subscribers there is nobody to tell.
        let _ = sender.send(frame);
    }
    Ok(())
}

async fn accept(listener: TcpListener, first: Message, sender: broadcast::Sender<Message>) {
    loop {
        // Failures are of one connection, or pass.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (first, receiver) = (first.clone(), sender.subscribe());
        tokio::spawn(async move {
            // Its end is the same whichever way it comes.
            let _ = subscriber(stream, first, receiver).await;
        });
    }
}

async fn subscriber(
    stream: TcpStream,
    first: Message,
    mut receiver: broadcast::Receiver<Message>,
) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let mut socket = accept_async_with_config(stream, Some(config)).await?;
    socket.send(first).await?;
    loop {
        tokio::select! {
            frame = receiver.recv() => match frame {
                Ok(frame) => socket.send(frame).await?,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return socket.close(None).await,
            },
            message = socket.next() => match message {
                Some(message) => drop(message?),
                None => return Ok(()),
            },
        }
    }
}
