//! One connection: requests in, answers out, right or wrong ones.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::{Order, Shared};
use crate::behaviour::{Behaviour, ERROR_BODY, GARBAGE_BODY, HTML_BODY, NESTING_DEPTH, change_scalar_types};
use crate::message::{Answer, Request, encode, parse_query};

mod stream;

/// The largest request, head and body together.
const REQUEST_LIMIT: usize = 1 << 20;
/// The most header fields of a request.
const HEADER_LIMIT: usize = 100;
/// The pause between two bytes of [`Behaviour::Drip`].
const DRIP_PAUSE: Duration = Duration::from_millis(200);
/// What [`Behaviour::Drip`] claims beyond the real body, in bytes: two days' worth of dripping.
const DRIP_SURPLUS: usize = 1 << 20;
/// Where [`Behaviour::Redirect`] points: this prefix before the path that was asked for.
const ELSEWHERE: &str = "/elsewhere";

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    KeepOpen,
    Close,
}

/// Serves one connection until either side closes it.
pub(super) async fn serve(mut stream: TcpStream, shared: Arc<Shared>, mut orders: watch::Receiver<Order>) {
    // An error is the client's doing (gone, or talking nonsense): the connection ends either way.
    talk(&mut stream, &shared, &mut orders).await.ok();
}

async fn talk(
    stream: &mut TcpStream,
    shared: &Shared,
    orders: &mut watch::Receiver<Order>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::new();
    while let Some(request) = read_request(stream, &mut buffer).await? {
        shared.requests.fetch_add(1, Ordering::SeqCst);
        let Order::Behave(behaviour) = *orders.borrow_and_update() else { return Ok(()) };
        let keep_open =
            !request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        // A held answer ends when the client leaves or the behaviour changes, whichever comes first.
        let after = tokio::select! {
            after = answer(stream, shared, &request, behaviour) => after?,
            _ = orders.changed(), if holds_back(behaviour) => After::Close,
        };
        if after == After::Close || !keep_open {
            stream.shutdown().await?;
            return Ok(());
        }
    }
    Ok(())
}

fn holds_back(behaviour: Behaviour) -> bool {
    use Behaviour::{BrotliBomb, Drip, GzipBomb, Huge, Stall, StallBody};
    matches!(behaviour, Stall | StallBody | Drip | Huge | GzipBomb | BrotliBomb)
}

/// Answers one request as `behaviour` has it.
async fn answer(
    stream: &mut TcpStream,
    shared: &Shared,
    request: &Request,
    behaviour: Behaviour,
) -> io::Result<After> {
    match behaviour {
        Behaviour::Refuse | Behaviour::StallConnect | Behaviour::HangUp => return Ok(After::Close),
        Behaviour::Stall => return wait_for_the_client_to_leave(stream).await,
        _ => {}
    }
    let right = right_answer(shared, request);
    match behaviour {
        Behaviour::Stall | Behaviour::Refuse | Behaviour::StallConnect | Behaviour::HangUp => {}
        Behaviour::Normal => return send(stream, &right).await,
        Behaviour::CloseIdle => drop(send(stream, &right).await?),
        Behaviour::Odd(oddity) => return send(stream, &oddity.applied(right)).await,
        Behaviour::WrongLength => {
            // Two bytes too few in one, and the right number in the other.
            let length = right.body.len().saturating_sub(2);
            return send(stream, &with_header(right, "content-length", length.to_string())).await;
        }
        Behaviour::WrongEncoding => {
            return send(stream, &with_header(right, "content-encoding", "gzip".to_owned())).await;
        }
        Behaviour::StallBody => {
            let length = right.body.len().max(1);
            stream.write_all(head(&right, Some(length)).as_bytes()).await?;
            return wait_for_the_client_to_leave(stream).await;
        }
        Behaviour::Drip => {
            stream.write_all(head(&right, Some(right.body.len() + DRIP_SURPLUS)).as_bytes()).await?;
            for byte in right.body.iter().copied().chain(std::iter::repeat_n(b' ', DRIP_SURPLUS)) {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(DRIP_PAUSE).await;
            }
        }
        Behaviour::Cut => {
            let claimed = right.body.len().max(2);
            stream.write_all(head(&right, Some(claimed)).as_bytes()).await?;
            let half = right.body.get(..right.body.len() / 2).unwrap_or_default();
            stream.write_all(half).await?;
        }
        Behaviour::Status(status) => return send(stream, &Answer::json_text(status, ERROR_BODY)).await,
        Behaviour::Html => {
            return send(stream, &Answer::new(200, "text/html; charset=utf-8", HTML_BODY)).await;
        }
        Behaviour::Garbage => return send(stream, &Answer::json_text(200, GARBAGE_BODY)).await,
        Behaviour::WrongTypes => return send(stream, &with_wrong_types(right)).await,
        Behaviour::Huge => stream::huge(stream).await?,
        Behaviour::GzipBomb => stream::gzip_bomb(stream).await?,
        Behaviour::BrotliBomb => stream::brotli_bomb(stream).await?,
        Behaviour::Redirect if request.path.starts_with(ELSEWHERE) => return send(stream, &right).await,
        Behaviour::Redirect => return send(stream, &redirect(shared, request)).await,
        Behaviour::Empty => return send(stream, &Answer::json_text(200, "")).await,
        Behaviour::Null => return send(stream, &Answer::json_text(200, "null")).await,
        Behaviour::DeepNesting => {
            let body = ["[".repeat(NESTING_DEPTH), "]".repeat(NESTING_DEPTH)].concat();
            return send(stream, &Answer::json_text(200, body)).await;
        }
    }
    Ok(After::Close)
}

fn right_answer(shared: &Shared, request: &Request) -> Answer {
    match request.path.strip_prefix(ELSEWHERE) {
        Some(path) => (shared.handler)(&Request { path: path.to_owned(), ..request.clone() }),
        None => (shared.handler)(request),
    }
}

fn with_header(mut answer: Answer, name: &str, value: String) -> Answer {
    answer.headers.push((name.to_owned(), value));
    answer
}

fn with_wrong_types(mut right: Answer) -> Answer {
    if let Ok(mut value) = serde_json::from_slice(&right.body) {
        change_scalar_types(&mut value);
        right.body = value.to_string().into_bytes();
    }
    right
}

fn redirect(shared: &Shared, request: &Request) -> Answer {
    let pair = |(key, value): &(String, String)| format!("{}={}", encode(key), encode(value));
    let query: Vec<String> = request.query.iter().map(pair).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let location = format!("http://{}{ELSEWHERE}{}{mark}{}", shared.address, request.path, query.join("&"));
    let mut answer = Answer::new(302, "text/plain", "");
    answer.headers.push(("location".to_owned(), location));
    answer
}

async fn send(stream: &mut TcpStream, answer: &Answer) -> io::Result<After> {
    let mut bytes = head(answer, Some(answer.body.len())).into_bytes();
    bytes.extend_from_slice(&answer.body);
    stream.write_all(&bytes).await?;
    Ok(After::KeepOpen)
}

/// The head of an answer; without a length the body is chunked.
fn head(answer: &Answer, length: Option<usize>) -> String {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    head.push_str(&format!("content-type: {}\r\n", answer.content_type));
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    match length {
        Some(length) => head.push_str(&format!("content-length: {length}\r\n\r\n")),
        None => head.push_str("transfer-encoding: chunked\r\n\r\n"),
    }
    head
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        422 => "Unprocessable Entity",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Scripted",
    }
}

async fn wait_for_the_client_to_leave(stream: &mut TcpStream) -> io::Result<After> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(After::Close)
}

/// Reads one request with its body; `None` when the client closed between two requests.
async fn read_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Request>> {
    loop {
        if let Some((request, used)) = parse(buffer)? {
            buffer.drain(..used);
            return Ok(Some(request));
        }
        if buffer.len() > REQUEST_LIMIT {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the request is too large"));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// One request and the bytes that it took; `None` while it is incomplete.
fn parse(buffer: &[u8]) -> io::Result<Option<(Request, usize)>> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let mut fields = [httparse::EMPTY_HEADER; HEADER_LIMIT];
    let mut parsed = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(head) =
        parsed.parse(buffer).map_err(|error| invalid(error.to_string()))?
    else {
        return Ok(None);
    };
    let mut headers = Vec::with_capacity(parsed.headers.len());
    for field in parsed.headers.iter() {
        let value = std::str::from_utf8(field.value).map_err(|error| invalid(error.to_string()))?;
        headers.push((field.name.to_ascii_lowercase(), value.to_owned()));
    }
    let target = parsed.path.unwrap_or("/");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: parsed.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        query: parse_query(query),
        headers,
        body: Vec::new(),
    };
    let length = match request.header("content-length") {
        Some(text) => text.parse().map_err(|_| invalid("the length is no number".to_owned()))?,
        None => 0_usize,
    };
    let Some(end) = head.checked_add(length).filter(|end| *end <= REQUEST_LIMIT) else {
        return Err(invalid("the request is too large".to_owned()));
    };
    let Some(body) = buffer.get(head..end) else { return Ok(None) };
    request.body = body.to_vec();
    Ok(Some((request, end)))
}
