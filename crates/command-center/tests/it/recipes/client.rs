//! A client that knows where an answer ends: these servers keep a connection although they are asked not to.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;

use crate::support::http;

/// The status of an answer, and its body.
#[track_caller]
pub(crate) fn get(proxy: SocketAddr, name: &str) -> (u16, Vec<u8>) {
    let mut answer = BufReader::new(http::send(proxy, "GET", &format!("/status/{name}")).unwrap());
    let line = |answer: &mut BufReader<TcpStream>| {
        let mut line = String::new();
        answer.read_line(&mut line).unwrap();
        line.trim_end().to_ascii_lowercase()
    };
    let status = line(&mut answer).split(' ').nth(1).unwrap().parse().unwrap();
    let (mut body, mut length, mut is_chunked) = (Vec::new(), 0, false);
    loop {
        let header = line(&mut answer);
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("transfer-encoding", value)) => is_chunked = value == "chunked",
            Some(_) => {}
            None => break,
        }
    }
    if is_chunked {
        length = usize::from_str_radix(&line(&mut answer), 16).unwrap();
    }
    while length > 0 {
        let begin = body.len();
        body.resize(begin + length, 0);
        answer.read_exact(&mut body[begin..]).unwrap();
        length = 0;
        if is_chunked {
            assert_eq!(line(&mut answer), "");
            length = usize::from_str_radix(&line(&mut answer), 16).unwrap();
        }
    }
    (status, body)
}

/// Asks a proxy for a document, which must be there.
#[track_caller]
pub(crate) fn document(proxy: SocketAddr, name: &str) -> Value {
    let (status, body) = get(proxy, name);
    assert_eq!(status, 200, "{name}");
    serde_json::from_slice(&body).unwrap()
}
