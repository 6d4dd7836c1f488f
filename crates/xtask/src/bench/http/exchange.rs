//! One request and its whole answer, byte by byte.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::bench::error::{BenchError, Context as _};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Names in lower case and values, in their order.
    pub(crate) headers: Vec<(String, String)>,
    /// What follows the head.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, whose name is given in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

/// Asks on a connection of its own.
pub(crate) fn get(server: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Answer, BenchError> {
    let mut stream = TcpStream::connect(server).during("connecting")?;
    stream.set_read_timeout(Some(PATIENCE)).during("connecting")?;
    let mut request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).during("asking")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).during("reading an answer")?;
    parse(&bytes).ok_or_else(|| BenchError::Unexpected(format!("no answer to {path} that can be read")))
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers = lines.map(header).collect::<Option<_>>()?;
    Some(Answer { status, headers, body: bytes.get(end + 4..)?.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer = parse(b"HTTP/1.1 200 OK\r\nETag: \"a:b\"\r\nVary: x\r\n\r\nbody").unwrap();
        assert_eq!((answer.status, &*answer.body), (200, &b"body"[..]));
        assert_eq!(answer.header("etag"), Some("\"a:b\""));
        assert_eq!(answer.header("date"), None);
        assert!(parse(b"HTTP/1.1 200 OK\r\n").is_none());
    }
}
