//! The answers of a connection that HTTP handed over: a socket, or the error that HTTP would have given.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    time::SystemTime,
};

use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody as _},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue, HttpDate},
    },
};

use socket2::SockRef;
use tokio::net::TcpStream;

use super::wire;
use crate::{
    error::{Audience, WebError},
    headers,
};

/// The whole error, ready to be written. It ends the connection.
pub(crate) fn refusal(error: WebError, with_body: bool) -> Vec<u8> {
    let mut response: HttpResponse<BoxBody> = error.answer(Audience::Program);
    headers::secure(response.headers_mut());
    if error == WebError::MethodNotAllowed {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
    }
    // Of an upgrade that failed nothing else can follow.
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    let (response, body) = response.into_parts();
    // Errors are texts in memory; one that is not would be an empty body with its length.
    let body = body.try_into_bytes().unwrap_or_default();
    let mut bytes = head(response.status(), response.headers());
    let _ = write!(bytes, "content-length: {}\r\n\r\n", body.len());
    let mut bytes = bytes.into_bytes();
    if with_body {
        bytes.extend_from_slice(&body);
    }
    bytes
}

/// Tells somebody who was not asked for anything yet why nothing is answered. Whoever does not take that at once does
/// not hear it: those who are too many are given nothing to hold on to.
pub(crate) fn turn_away(stream: &TcpStream, error: WebError) {
    // The runtime does not know yet what the socket is ready for; the system does.
    let socket = SockRef::from(stream);
    let _ = (&*socket).write(&refusal(error, true));
    wire::end(stream);
    // Closing on unread bytes would make the system take back the answer.
    let _ = (&*socket).read(&mut [0; 4_096]);
}

/// The answer after which the connection is a socket.
pub(super) fn welcome(accept: &str) -> Vec<u8> {
    let mut headers = HeaderMap::new();
    headers::secure(&mut headers);
    let mut bytes = head(StatusCode::SWITCHING_PROTOCOLS, &headers);
    let _ =
        write!(bytes, "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n");
    bytes.into_bytes()
}

/// Status and headers, without the empty line. Writing to a string does not fail.
fn head(status: StatusCode, headers: &HeaderMap) -> String {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_str());
    let _ = write!(head, "date: {}\r\n", HttpDate::from(SystemTime::now()));
    for (name, value) in headers {
        // All values are our own and visible.
        let _ = write!(head, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    head
}
