//! One visitor's connection: requests of HTTP, one after the other, and what is wrong with an answer.

use std::{
    collections::HashMap,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long to wait for anything.
const PATIENCE: Duration = Duration::from_secs(10);
/// Requests on one connection; then it is another.
const REQUESTS_MAX: usize = 50;
/// Copies that a visitor remembers to have.
const COPIES_MAX: usize = 64;
/// What is accepted, in turn.
const CODINGS: [&str; 3] = ["identity", "gzip", "br"];
/// Where documents are.
const DOCUMENTS: &str = "/services/public/";
/// What a document says of itself.
const DOCUMENT_STATES: [&str; 4] = ["ok", "stale", "offline", "unknown"];

/// A visitor.
#[derive(Debug)]
pub(super) struct Browser {
    server: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
    n_requests: usize,
    /// By target and encoding, the tag of the copy that was sent.
    copies: HashMap<(String, &'static str), String>,
    /// Where to go on with the queue.
    queue: Option<String>,
}

/// An answer that is as it should be.
#[derive(Debug)]
pub(super) struct Answer {
    /// 200 or 304.
    pub(super) status: u16,
    /// Bytes of its body.
    pub(super) n_bytes: u64,
    /// From the question to the end of the answer.
    pub(super) elapsed: Duration,
    /// A page that was not compressed.
    pub(super) page: Option<String>,
}

#[derive(Debug, Default)]
struct Head {
    status: u16,
    length: Option<usize>,
    kind: String,
    coding: String,
    tag: Option<String>,
    is_last: bool,
}

impl Browser {
    /// A visitor that has not asked yet.
    pub(super) fn new(server: SocketAddr) -> Self {
        Self { server, connection: None, n_requests: 0, copies: HashMap::new(), queue: None }
    }

    /// Asks for `target`; the error says in a few words what is wrong with the answer.
    pub(super) fn ask(&mut self, target: &str) -> Result<Answer, String> {
        let coding = CODINGS[self.n_requests % CODINGS.len()];
        // Every other time the queue is asked for what is new in it.
        let target = match self.queue.take() {
            Some(query) if target.ends_with("/queue") && target.starts_with("/api/") => {
                format!("{target}?{query}")
            }
            _ => target.to_owned(),
        };
        let copy = (target.clone(), coding);
        let tag = self.copies.get(&copy).cloned();
        let begin = Instant::now();
        let exchanged = self.exchange(&target, coding, tag.as_deref());
        let elapsed = begin.elapsed();
        let (head, body) = match exchanged {
            Ok(answer) => answer,
            Err(error) => {
                self.connection = None;
                return Err(format!("{}: {}", place(&target), error.kind()));
            }
        };
        let problem = |what: &str| Err(format!("{}: {what}", place(&target)));
        match (head.status, &tag) {
            (304, Some(_)) if body.is_empty() => {}
            (200, _) => {}
            (status, _) => return problem(&format!("status {status}")),
        }
        if let Some(tag) = head.tag {
            if self.copies.len() >= COPIES_MAX {
                self.copies.clear();
            }
            self.copies.insert(copy, tag);
        }
        let mut page = None;
        if head.status == 200 && head.coding.is_empty() {
            if head.kind.starts_with("application/json") {
                let Ok(document) = serde_json::from_slice::<Value>(&body) else {
                    return problem("is no JSON");
                };
                // What is there for other software has its forms.
                if target.contains(DOCUMENTS) {
                    let state = document["status"].as_str().unwrap_or_default();
                    if !DOCUMENT_STATES.contains(&state) {
                        return problem("a document without a state");
                    }
                    self.queue = version(&document["data"]).or(self.queue.take());
                }
            } else if head.kind.starts_with("text/html") {
                let Ok(text) = std::str::from_utf8(&body) else { return problem("is no text") };
                if !text.trim_end().ends_with("</html>") {
                    return problem("a page that is cut off");
                }
                page = Some(text.to_owned());
            }
        }
        Ok(Answer { status: head.status, n_bytes: body.len() as u64, elapsed, page })
    }

    fn exchange(&mut self, target: &str, coding: &str, tag: Option<&str>) -> io::Result<(Head, Vec<u8>)> {
        if self.n_requests.is_multiple_of(REQUESTS_MAX) {
            self.connection = None;
        }
        self.n_requests += 1;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => {
                let stream = TcpStream::connect(self.server)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                none.insert(BufReader::new(stream))
            }
        };
        let condition = tag.map(|tag| format!("If-None-Match: {tag}\r\n")).unwrap_or_default();
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: {coding}\r\n{condition}\r\n",
            self.server
        );
        connection.get_mut().write_all(request.as_bytes())?;
        let head = head(connection)?;
        let length = if head.status == 304 { 0 } else { head.length.ok_or(io::ErrorKind::InvalidData)? };
        let mut body = vec![0; length];
        connection.read_exact(&mut body)?;
        if head.is_last {
            self.connection = None;
        }
        Ok((head, body))
    }
}

fn head(connection: &mut BufReader<TcpStream>) -> io::Result<Head> {
    let mut head = Head::default();
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next()?.parse().ok());
    head.status = match status {
        Some(status) => status,
        // A connection that was idle for too long is closed between two requests.
        None if line.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
        None => return Err(io::ErrorKind::InvalidData.into()),
    };
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            return if line == "\r\n" { Ok(head) } else { Err(io::ErrorKind::InvalidData.into()) };
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.length = value.parse().ok(),
            "content-type" => value.clone_into(&mut head.kind),
            "content-encoding" => value.clone_into(&mut head.coding),
            "etag" => head.tag = Some(value.to_owned()),
            "connection" => head.is_last = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
}

/// The query that asks for what comes after this version of the queue.
fn version(data: &Value) -> Option<String> {
    Some(format!("epoch={}&since={}", data["epoch"].as_str()?, data["seq"].as_u64()?))
}

/// A target without what differs from one to the next, so that what goes wrong alike is counted together.
fn place(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let mut parts = path.split('/');
    let first = parts.by_ref().take(2).collect::<Vec<_>>().join("/");
    match first.as_str() {
        "/packages" | "/drones" | "/assets" => first,
        _ => path.to_owned(),
    }
}
