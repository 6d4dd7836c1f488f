//! The frames that our server sends to one subscriber, so that the other server can send the same bytes.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::mpsc,
    thread,
    time::Duration,
};

use super::{
    Programs,
    error::{BenchError, Context as _},
    frame::{FrameReader, Says, TEXT, after_head, is_switched, request, says},
    machine::Cores,
    server::Server,
};

/// How often the recorded server polls: often, but so that no poll of a long queue is given up.
const INTERVAL: Duration = Duration::from_millis(200);
/// How long to wait for one frame.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was recorded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Recorded {
    /// Bytes of the first frame.
    pub(crate) snapshot_bytes: usize,
    /// Bytes of the last delta; the first says a little more, that a package is tried again.
    pub(crate) delta_bytes: usize,
}

/// Writes the first frame of a queue of `n_rows` and the `n_deltas` that follow to `file`, one a line.
pub(crate) fn record(
    programs: &Programs,
    cores: &Cores,
    n_rows: usize,
    n_deltas: usize,
    file: &Path,
) -> Result<Recorded, BenchError> {
    let mut server = Server::ours(programs, cores, n_rows, INTERVAL)?;
    let stream = connect(server.address())?;
    let (sender, frames) = mpsc::sync_channel(n_deltas + 1);
    // Ends with the connection, or when nobody wants its frames any more.
    thread::spawn(move || listen(stream, &sender));

    let mut lines = vec![next(&frames)?];
    for _ in 0..n_deltas {
        server.publish(1)?;
        lines.push(next(&frames)?);
    }
    let is_delta = |line: &String| matches!(says(line.as_bytes()), Says::Delta { .. });
    if !matches!(says(lines[0].as_bytes()), Says::Snapshot { .. }) || !lines[1..].iter().all(is_delta) {
        return Err(BenchError::Unexpected("the server sent other frames than expected".to_owned()));
    }
    fs::write(file, lines.join("\n")).during("writing the recording")?;
    let delta_bytes = lines.last().map_or(0, String::len);
    Ok(Recorded { snapshot_bytes: lines[0].len(), delta_bytes })
}

fn next(frames: &mpsc::Receiver<String>) -> Result<String, BenchError> {
    frames.recv_timeout(PATIENCE).map_err(|_| BenchError::Late("a frame to record"))
}

fn connect(server: SocketAddr) -> Result<TcpStream, BenchError> {
    let mut stream = TcpStream::connect(server).during("subscribing")?;
    stream.write_all(request(&server.to_string(), "").as_bytes()).during("subscribing")?;
    Ok(stream)
}

/// Sends on every frame that is no heartbeat.
fn listen(mut stream: TcpStream, sender: &mpsc::SyncSender<String>) -> Result<(), BenchError> {
    let mut answer = Vec::new();
    let mut chunk = [0; 16 * 1_024];
    let at = loop {
        let n_read = stream.read(&mut chunk).during("subscribing")?;
        answer.extend_from_slice(&chunk[..n_read]);
        match after_head(&answer) {
            Some(at) if is_switched(&answer) => break at,
            None if n_read > 0 => {}
            _ => return Err(BenchError::Unexpected("the server does not switch protocols".to_owned())),
        }
    };
    let mut reader = FrameReader::new(usize::MAX);
    let mut bytes = answer.split_off(at);
    loop {
        let mut is_wanted = true;
        reader.feed(&bytes, |frame| {
            if frame.opcode == TEXT && says(frame.beginning) != Says::Other {
                let text = String::from_utf8(frame.beginning.to_vec());
                is_wanted &= text.is_ok_and(|text| sender.send(text).is_ok());
            }
        });
        let n_read = stream.read(&mut chunk).during("recording")?;
        if n_read == 0 || !is_wanted {
            return Ok(());
        }
        bytes = chunk[..n_read].to_vec();
    }
}
