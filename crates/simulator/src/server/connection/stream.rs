//! Bodies that are too large to exist: made while they are sent, never held.

use std::io::{self, Write};

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
    let mut answer = Answer::json_text(200, "");
    answer.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    stream.write_all(head(&answer, None).as_bytes()).await?;
    let spaces = vec![b' '; PIECE];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(b"[")?;
    for _ in 0..BODY / PIECE {
        encoder.write_all(&spaces)?;
        encoder.flush()?;
        let chunk = std::mem::take(encoder.get_mut());
        send_chunk(stream, &chunk).await?;
        // Compressing is work: other connections of this thread get their turn.
        tokio::task::yield_now().await;
    }
    encoder.write_all(b"]")?;
    send_chunk(stream, &encoder.finish()?).await?;
    stream.write_all(b"0\r\n\r\n").await
}

async fn send_chunk(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
    stream.write_all(bytes).await?;
    stream.write_all(b"\r\n").await
}
