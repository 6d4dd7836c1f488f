//! Bodies that are too large to exist: made while they are sent, never held.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::head;
use crate::message::Answer;

/// How much the bodies come to once they are read, in bytes.
const BODY: usize = 1 << 30;
/// What is made at a time, in bytes.
const PIECE: usize = 1 << 20;
/// The least work for what compresses as well at any quality.
const BROTLI_QUALITY: u32 = 1;
/// The usual window, as a power of two.
const BROTLI_WINDOW: u32 = 22;
/// The rows that [`huge`] repeats: they parse, so a reader must stop by counting.
const ROW: &str = r#"{"package":"=app-misc/endless-1.0","status":"needed","assigned_to":null,"failures":0,"error_message":"","assigned_at":null,"completed_at":null},"#;

/// Sends 1 GiB of JSON rows, chunked.
pub(super) async fn huge(stream: &mut TcpStream) -> io::Result<()> {
    let answer = Answer::json_text(200, "");
    stream.write_all(head(&answer, None).as_bytes()).await?;
    let rows = ROW.repeat(PIECE / ROW.len());
    send_chunk(stream, b"[").await?;
    for _ in 0..BODY / rows.len() {
        send_chunk(stream, rows.as_bytes()).await?;
    }
    send_chunk(stream, b"{}]").await?;
    stream.write_all(b"0\r\n\r\n").await
}

/// Sends 1 GiB of white space after the bracket of an array, compressed a thousandfold.
pub(super) async fn gzip_bomb(stream: &mut TcpStream) -> io::Result<()> {
    static PIECES: OnceLock<Pieces> = OnceLock::new();
    let pieces = || {
        let made = Made::default();
        pieces(GzEncoder::new(made.clone(), Compression::fast()), &made)
    };
    bomb(stream, "gzip", PIECES.get_or_init(pieces)).await
}

/// The same by brotli, which needs next to nothing for it.
pub(super) async fn brotli_bomb(stream: &mut TcpStream) -> io::Result<()> {
    static PIECES: OnceLock<Pieces> = OnceLock::new();
    let pieces = || {
        let made = Made::default();
        pieces(CompressorWriter::new(made.clone(), PIECE, BROTLI_QUALITY, BROTLI_WINDOW), &made)
    };
    bomb(stream, "br", PIECES.get_or_init(pieces)).await
}

/// The first pieces of a bomb. From the last one on all are alike, for what is before them is.
type Pieces = [Vec<u8>; 3];

/// Compressing is work, so it is done once.
fn pieces(mut encoder: impl Write, made: &Made) -> Pieces {
    let spaces = vec![b' '; PIECE];
    let mut piece = |begin: &[u8]| {
        // What is written to is memory, so nothing fails.
        encoder
            .write_all(begin)
            .and_then(|()| encoder.write_all(&spaces))
            .and_then(|()| encoder.flush())
            .ok();
        made.take()
    };
    [piece(b"["), piece(b""), piece(b"")]
}

/// Nobody reads it to its end, which is missing.
async fn bomb(stream: &mut TcpStream, encoding: &str, [first, second, others]: &Pieces) -> io::Result<()> {
    let mut answer = Answer::json_text(200, "");
    answer.headers.push(("content-encoding".to_owned(), encoding.to_owned()));
    stream.write_all(head(&answer, None).as_bytes()).await?;
    send_chunk(stream, first).await?;
    send_chunk(stream, second).await?;
    for _ in 2..BODY / PIECE {
        send_chunk(stream, others).await?;
    }
    stream.write_all(b"0\r\n\r\n").await
}

/// What an encoder made and nobody sent yet.
#[derive(Debug, Clone, Default)]
struct Made(Arc<Mutex<Vec<u8>>>);

impl Made {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn send_chunk(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
    stream.write_all(bytes).await?;
    stream.write_all(b"\r\n").await
}
