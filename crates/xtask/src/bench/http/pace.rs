//! Requests at a fixed rate, whether or not the last one is answered: how long each takes from when it was due.
//!
//! A client that waits for an answer before it asks again asks less when a server is slow, and so hides that it is.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::Builder,
    time::{Instant, sleep_until},
};

use crate::bench::error::{BenchError, Context as _};

/// Larger than any answer that is asked for.
const BUFFER: usize = 1 << 20;

/// What is asked, of whom, and how often.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Who is asked.
    pub(crate) server: SocketAddr,
    /// The whole request.
    pub(crate) request: String,
    /// Over how many connections.
    pub(crate) n_connections: usize,
    /// Requests a second in all.
    pub(crate) per_second: f64,
    /// For how long.
    pub(crate) duration: Duration,
}

/// How long answers took, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Delays {
    /// Half took no longer.
    pub(crate) p50_ms: f64,
    /// All but one of a hundred took no longer.
    pub(crate) p99_ms: f64,
}

impl Pace {
    /// Asks, and says how long answers took from the instants at which they were due.
    pub(crate) fn run(&self) -> Result<Delays, BenchError> {
        let runtime = Builder::new_current_thread().enable_all().build().during("starting the runtime")?;
        let mut delays = runtime.block_on(self.ask())?;
        delays.sort_by(f64::total_cmp);
        let at = |share: usize| delays.get(delays.len().saturating_sub(1) * share / 100).copied();
        match (at(50), at(99)) {
            (Some(p50_ms), Some(p99_ms)) => Ok(Delays { p50_ms, p99_ms }),
            _ => Err(BenchError::Unexpected("no request was answered".to_owned())),
        }
    }

    async fn ask(&self) -> Result<Vec<f64>, BenchError> {
        let n_requests = (self.per_second * self.duration.as_secs_f64()) as u64;
        let begin = Instant::now() + Duration::from_millis(100);
        let next = Arc::new(AtomicU64::new(0));
        let mut clients = Vec::new();
        for _ in 0..self.n_connections {
            let (pace, next) = (self.clone(), Arc::clone(&next));
            clients.push(tokio::spawn(async move { pace.client(&next, begin, n_requests).await }));
        }
        let mut delays = Vec::new();
        for client in clients {
            let found = client.await.map_err(|error| BenchError::Unexpected(error.to_string()))?;
            delays.extend(found.during("asking at a fixed rate")?);
        }
        Ok(delays)
    }

    /// Takes the next request that is due, and waits for its answer.
    async fn client(&self, next: &AtomicU64, begin: Instant, n_requests: u64) -> std::io::Result<Vec<f64>> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        let (mut buffer, mut delays) = (vec![0; BUFFER], Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= n_requests {
                return Ok(delays);
            }
            let due = begin + Duration::from_secs_f64(number as f64 / self.per_second);
            sleep_until(due).await;
            stream.write_all(self.request.as_bytes()).await?;
            read_answer(&mut stream, &mut buffer).await?;
            delays.push(due.elapsed().as_secs_f64() * 1e3);
        }
    }
}

/// Reads one answer, which is all that comes.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> std::io::Result<()> {
    let mut n_read = 0;
    let mut n_wanted = None;
    while n_wanted != Some(n_read) {
        let n_more = stream.read(buffer.get_mut(n_read..).unwrap_or_default()).await?;
        if n_more == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        n_read += n_more;
        if n_wanted.is_none() {
            n_wanted = buffer.get(..n_read).and_then(length);
        }
    }
    Ok(())
}

/// How long an answer is by its own word, once its head is there; an answer without a length has no body.
fn length(answer: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let n_head = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let mut lines = answer.get(..n_head)?.split(|byte| *byte == b'\n');
    let n_body = lines.find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        let text = name.eq_ignore_ascii_case(NAME).then_some(value.trim_ascii())?;
        std::str::from_utf8(text).ok()?.parse::<usize>().ok()
    });
    Some(n_head + n_body.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn an_answer_says_how_long_it_is() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbo";
        assert_eq!(length(answer), Some(answer.len() + 2));
        assert_eq!(length(b"HTTP/1.1 304 Not Modified\r\n\r\n"), Some(29));
        assert_eq!(length(&answer[..30]), None);
    }
}
