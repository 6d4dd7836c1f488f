//! The connections of a fleet: those that read, and those that do not.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::{TcpSocket, TcpStream},
    runtime::Runtime,
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};

use super::{
    super::{
        error::{BenchError, Context as _},
        frame::{CLOSE, FrameReader, Says, TEXT, after_head, is_switched, request, says},
        machine::now_ns,
    },
    orders::Answer,
    tally::Tally,
};

/// Handshakes at a time; a herd would measure the kernel's queue of connections.
pub(super) const HANDSHAKES_MAX: usize = 128;
/// How long a handshake and the first frame may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// The beginning of a frame in which its kind and numbers stand.
const BEGINNING: usize = 192;
/// What is read at a time.
const CHUNK: usize = 16 * 1_024;
/// What a server says that waited too long for a request.
const TOO_LATE: &str = " 408 ";
/// Who takes so long to ask is late by its own fault: the machine is too busy.
const LATE_NS: u64 = 2_000_000_000;
/// The least that the kernel receives for who does not read.
const STALLED_RECEIVE_BUFFER: u32 = 4_096;

/// Connects `n_subscribers` and waits until each has its first frame; they read on in the background.
pub(super) async fn subscribe(
    server: SocketAddr,
    n_subscribers: usize,
    tally: &Arc<Tally>,
) -> Result<Answer, BenchError> {
    let begin = now_ns();
    let permits = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let mut joining = JoinSet::new();
    for _ in 0..n_subscribers {
        let permits = Arc::clone(&permits);
        let tally = Arc::clone(tally);
        joining.spawn(async move {
            let _permit = permits.acquire_owned().await;
            timeout(PATIENCE, join(server, tally)).await?
        });
    }
    let mut first_frame_bytes = 0;
    while let Some(joined) = joining.join_next().await {
        first_frame_bytes = joined.during("a subscriber's task")?.during("subscribing")?;
    }
    Ok(Answer::Subscribed { elapsed_ns: now_ns() - begin, first_frame_bytes })
}

/// Connects `n_subscribers` that stay and read nothing.
pub(super) async fn stall(
    server: SocketAddr,
    n_subscribers: usize,
    runtime: &Runtime,
) -> Result<Answer, BenchError> {
    let mut stalled = Vec::new();
    for _ in 0..n_subscribers {
        let socket = TcpSocket::new_v4().during("opening a socket")?;
        socket.set_recv_buffer_size(STALLED_RECEIVE_BUFFER).during("narrowing a socket")?;
        let (stream, _early) = handshake(server, socket, "").await.during("subscribing")?;
        stalled.push(stream);
    }
    // Held until the process ends.
    runtime.spawn(async move {
        std::future::pending::<()>().await;
        drop(stalled);
    });
    Ok(Answer::Stalled)
}

/// Connects one, reads its first frame and leaves a task behind that reads the others; gives the first one's length.
async fn join(server: SocketAddr, tally: Arc<Tally>) -> io::Result<u64> {
    let (stream, early) = handshake(server, TcpSocket::new_v4()?, "").await?;
    let reader = FrameReader::new(BEGINNING);
    let mut subscriber = Subscriber { reader, tally, first: None, known: None };
    subscriber.receive(&early)?;
    drop(early);
    while subscriber.first.is_none() {
        subscriber.read(&stream).await?;
    }
    let length = subscriber.first.unwrap_or_default();
    subscriber.tally.join();
    tokio::spawn(async move {
        while subscriber.read(&stream).await.is_ok() {}
        subscriber.tally.lose();
    });
    Ok(length)
}

/// Asks for the WebSocket, with a query or without one; gives also what came after the answer's head. It has timed out if
/// this side was too late to ask.
pub(super) async fn handshake(
    server: SocketAddr,
    socket: TcpSocket,
    query: &str,
) -> io::Result<(TcpStream, Vec<u8>)> {
    let begin = now_ns();
    let stream = socket.connect(server).await?;
    stream.set_nodelay(true)?;
    stream.writable().await?;
    let request = request(&server.to_string(), query);
    // A fresh socket takes this much at once.
    if stream.try_write(request.as_bytes())? != request.len() {
        return Err(io::ErrorKind::WriteZero.into());
    }
    let asked_after_ns = now_ns() - begin;
    let mut answer = Vec::new();
    loop {
        stream.readable().await?;
        let mut chunk = [0; 1_024];
        match stream.try_read(&mut chunk) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n_read) => answer.extend_from_slice(&chunk[..n_read]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if let Some(at) = after_head(&answer) {
            if !is_switched(&answer) {
                let status =
                    String::from_utf8(answer.into_iter().take_while(|byte| *byte != b'\r').collect());
                let status = status.unwrap_or_default();
                return Err(if status.contains(TOO_LATE) && asked_after_ns > LATE_NS {
                    io::ErrorKind::TimedOut.into()
                } else {
                    io::Error::other(status)
                });
            }
            return Ok((stream, answer.split_off(at)));
        }
    }
}

/// Takes what is there, if anything. The buffer lives no longer than this call, so that thousands need only one.
pub(super) fn read<T>(stream: &TcpStream, take: impl FnOnce(&[u8]) -> T) -> io::Result<Option<T>> {
    let mut chunk = [0; CHUNK];
    match stream.try_read(&mut chunk) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(n_read) => Ok(Some(take(&chunk[..n_read]))),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

#[derive(Debug)]
struct Subscriber {
    reader: FrameReader,
    tally: Arc<Tally>,
    /// Bytes of the first frame, once it was received.
    first: Option<u64>,
    /// The number that its last delta led to.
    known: Option<u64>,
}

impl Subscriber {
    /// Waits for bytes and takes what is there.
    async fn read(&mut self, stream: &TcpStream) -> io::Result<()> {
        stream.readable().await?;
        read(stream, |bytes| self.receive(bytes))?.unwrap_or(Ok(()))
    }

    fn receive(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Self { reader, tally, first, known } = self;
        let mut is_closed = false;
        reader.feed(bytes, |frame| match (frame.opcode, says(frame.beginning)) {
            (TEXT, Says::Snapshot { .. }) if first.is_none() => *first = Some(frame.length),
            (TEXT, Says::Snapshot { seq }) => {
                // Instead of steps, which the server may do for who is slow.
                if let Some(base) = known.replace(seq) {
                    tally.delta(base, seq, frame.length, now_ns());
                }
            }
            (TEXT, Says::Delta { base, seq }) => {
                tally.delta(known.replace(seq).unwrap_or(base), seq, frame.length, now_ns());
            }
            (opcode, _) => is_closed |= opcode == CLOSE,
        });
        if is_closed { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}
