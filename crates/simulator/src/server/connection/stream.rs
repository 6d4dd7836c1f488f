//! Bodies that are too large to exist: made while they are sent, never held.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

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

/// Sends 1 GiB of white space between the brackets of an empty array, compressed a thousandfold.
pub(super) async fn gzip_bomb(stream: &mut TcpStream) -> io::Result<()> {
    let made = Made::default();
    bomb(stream, "gzip", GzEncoder::new(made.clone(), Compression::fast()), made).await
}

/// The same by brotli, which needs next to nothing for it.
pub(super) async fn brotli_bomb(stream: &mut TcpStream) -> io::Result<()> {
    let made = Made::default();
    bomb(stream, "br", CompressorWriter::new(made.clone(), PIECE, BROTLI_QUALITY, BROTLI_WINDOW), made).await
}

async fn bomb(stream: &mut TcpStream, encoding: &str, mut encoder: impl Write, made: Made) -> io::Result<()> {
    let mut answer = Answer::json_text(200, "");
    answer.headers.push(("content-encoding".to_owned(), encoding.to_owned()));
    stream.write_all(head(&answer, None).as_bytes()).await?;
    let spaces = vec![b' '; PIECE];
    encoder.write_all(b"[")?;
    for _ in 0..BODY / PIECE {
        encoder.write_all(&spaces)?;
        encoder.flush()?;
        send_chunk(stream, &made.take()).await?;
        // Compressing is work: other connections of this thread get their turn.
        tokio::task::yield_now().await;
    }
    encoder.write_all(b"]")?;
    // The end is made when the encoder goes.
    drop(encoder);
    send_chunk(stream, &made.take()).await?;
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
