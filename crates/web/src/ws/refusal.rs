//! The answers of a connection that HTTP handed over: a socket, or the error that HTTP would have given.

use std::{fmt::Write as _, time::SystemTime};

use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody as _},
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue, HttpDate},
    },
};

use crate::{
    error::{Audience, WebError},
    headers,
};

/// The whole error, ready to be written. It ends the connection.
pub(super) fn refusal(error: WebError, with_body: bool) -> Vec<u8> {
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
