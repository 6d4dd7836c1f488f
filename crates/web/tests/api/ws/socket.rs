//! The smallest WebSocket client: one frame at a time, as it is on the wire.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;
use socket2::{Domain, Socket as RawSocket, Type};

use crate::client::{self, Answer};

pub(crate) const PATH: &str = "/ws/queue";
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xa;
pub(crate) const CLOSE: u8 = 0x8;
/// The last frame of a message.
pub(crate) const FINAL: u8 = 0x80;
const DEADLINE: Duration = Duration::from_secs(20);

/// An upgraded connection.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    pub(crate) head: String,
}

/// A frame as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

/// The request of a client that does everything right, with more headers.
pub(crate) fn request(target: &str, more: &[(&str, &str)]) -> String {
    let mut request = format!(
        "GET {target} HTTP/1.1\r\nHost: status.example.org\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
    );
    for (name, value) in more {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request + "\r\n"
}

pub(crate) fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

/// A connection that takes little before it is read.
pub(crate) fn connect_small(port: u16) -> TcpStream {
    let raw = RawSocket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    raw.set_recv_buffer_size(2_048).unwrap();
    raw.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into()).unwrap();
    let stream = TcpStream::from(raw);
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
}

impl Socket {
    pub(crate) fn open(port: u16, target: &str) -> Self {
        Self::try_open(connect(port), &request(target, &[])).unwrap()
    }

    /// A socket that takes little before it is read.
    pub(crate) fn open_small(port: u16) -> Self {
        Self::try_open(connect_small(port), &request(PATH, &[])).unwrap()
    }

    /// Sends a request; what comes instead of a socket is an answer.
    pub(crate) fn try_open(mut stream: TcpStream, request: &str) -> Result<Self, Answer> {
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        if head.starts_with(b"HTTP/1.1 101 ") {
            return Ok(Self { stream, head: String::from_utf8(head).unwrap() });
        }
        stream.read_to_end(&mut head).unwrap();
        Err(client::parse(&head))
    }

    pub(crate) fn read(&mut self) -> io::Result<Frame> {
        let mut head = [0; 2];
        self.stream.read_exact(&mut head)?;
        assert_eq!(head[0] & 0xf0, FINAL, "whole frames, nothing reserved");
        assert_eq!(head[1] & 0x80, 0, "servers do not mask");
        let len = match head[1] {
            126 => {
                let mut len = [0; 2];
                self.stream.read_exact(&mut len)?;
                usize::from(u16::from_be_bytes(len))
            }
            127 => {
                let mut len = [0; 8];
                self.stream.read_exact(&mut len)?;
                usize::try_from(u64::from_be_bytes(len)).unwrap()
            }
            short => usize::from(short),
        };
        let mut payload = vec![0; len];
        self.stream.read_exact(&mut payload)?;
        Ok(Frame { opcode: head[0] & 0x0f, payload })
    }

    /// The next message.
    pub(crate) fn json(&mut self) -> Value {
        let frame = self.read().unwrap();
        assert_eq!(frame.opcode, TEXT, "{:?}", frame.payload.escape_ascii().to_string());
        serde_json::from_slice(&frame.payload).unwrap()
    }

    /// The next message, which must be of this type and version.
    #[track_caller]
    pub(crate) fn expect(&mut self, kind: &str, seq: u64) -> Value {
        let message = self.json();
        assert_eq!((message["type"].as_str(), message["seq"].as_u64()), (Some(kind), Some(seq)));
        message
    }

    /// The same, after any heartbeats: a machine that is busy elsewhere may take as long as these need.
    #[track_caller]
    pub(crate) fn expect_change(&mut self, kind: &str, seq: u64) -> Value {
        loop {
            let message = self.json();
            if message["type"] != "heartbeat" {
                assert_eq!((message["type"].as_str(), message["seq"].as_u64()), (Some(kind), Some(seq)));
                return message;
            }
        }
    }

    /// The code and the reason with which the server ends it; after them nothing comes.
    #[track_caller]
    pub(crate) fn end(&mut self) -> (u16, String) {
        loop {
            let frame = self.read().unwrap();
            if frame.opcode == CLOSE {
                let mut rest = Vec::new();
                self.stream.read_to_end(&mut rest).unwrap();
                assert_eq!(rest, b"", "something after the end");
                let (code, reason) = frame.payload.split_at(2);
                let reason = String::from_utf8(reason.to_vec()).unwrap();
                return (u16::from_be_bytes(code.try_into().unwrap()), reason);
            }
        }
    }

    /// Sends a frame: its first byte, and a payload that is masked as it must be.
    pub(crate) fn send(&mut self, first: u8, payload: &[u8]) {
        self.try_send(first, payload).unwrap();
    }

    pub(crate) fn try_send(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        self.stream.write_all(&frame(first, payload))
    }
}

/// A frame of a client.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match u8::try_from(payload.len()) {
        Ok(short @ ..126) => bytes.push(0x80 | short),
        _ => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().enumerate().map(|(idx, byte)| byte ^ mask[idx % 4]));
    bytes
}
