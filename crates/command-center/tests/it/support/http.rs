//! A client that hides nothing: raw requests over a socket, whole answers.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;

use super::DEADLINE;

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and header lines.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Opens a connection and sends a request that ends it.
pub(crate) fn send(address: SocketAddr, method: &str, target: &str) -> io::Result<TcpStream> {
    send_with(address, method, target, &[])
}

/// The same, with more headers.
fn send_with(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\n{more}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

/// Reads the answer to the end of the connection.
pub(crate) fn receive(mut stream: TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let split = split.ok_or_else(|| io::Error::other("no end of head"))?;
    let head = String::from_utf8(bytes[..split].to_vec()).map_err(io::Error::other)?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("no status"))?;
    Ok(Answer { status, head, body: bytes.split_off(split + 4) })
}

/// Sends and receives.
pub(crate) fn request(address: SocketAddr, method: &str, target: &str) -> io::Result<Answer> {
    receive(send(address, method, target)?)
}

/// Gets something that must be there.
#[track_caller]
pub(crate) fn get(address: SocketAddr, target: &str) -> Answer {
    request(address, "GET", target).unwrap_or_else(|error| panic!("GET {target}: {error}"))
}

/// The same, asked with more headers.
#[track_caller]
pub(crate) fn get_with(address: SocketAddr, target: &str, headers: &[(&str, &str)]) -> Answer {
    let answer = send_with(address, "GET", target, headers).and_then(receive);
    answer.unwrap_or_else(|error| panic!("GET {target}: {error}"))
}

/// Gets a document; it must be 200 and JSON.
#[track_caller]
pub(crate) fn get_json(address: SocketAddr, target: &str) -> Value {
    let answer = get(address, target);
    assert_eq!(answer.status, 200, "{target}");
    serde_json::from_slice(&answer.body).unwrap()
}

impl Answer {
    /// The value of a header that is there at most once.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.split("\r\n").filter_map(|line| line.split_once(": "));
        let mut values = lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let first = values.next();
        assert_eq!(values.next(), None, "{name} twice");
        first
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}
