//! Who may have a socket: a pure judgement of a request's head.

use actix_http::RequestHead;
use actix_web::http::{
    Method, Version,
    header::{self, HeaderMap, HeaderName},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::{PATH, origin};
use crate::{config::Config, error::WebError, parameters};

/// The one version of the protocol.
pub(crate) const VERSION: &str = "13";

/// A request that may be upgraded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// The answer to its key.
    pub(super) accept: String,
    /// What it says it has.
    pub(super) resume: Option<Resume>,
}

/// The version of the queue that a client says it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resume {
    /// The run of a server that sent it.
    pub(super) epoch: String,
    /// Its number there.
    pub(super) since: u64,
}

impl Handshake {
    /// Judges a request.
    ///
    /// # Errors
    /// Why it may not be upgraded.
    pub(crate) fn check(head: &RequestHead, config: &Config) -> Result<Self, WebError> {
        let headers = &head.headers;
        let host = host(head);
        if !config.allowed_hosts().allow(host) {
            return Err(WebError::Misdirected);
        }
        if head.method != Method::GET {
            return Err(WebError::MethodNotAllowed);
        }
        if head.uri.path().strip_prefix(config.base_path().as_str()) != Some(PATH) {
            return Err(WebError::NotFound);
        }
        check_upgrade(head)?;
        if single(headers, header::SEC_WEBSOCKET_VERSION) != Some(VERSION) {
            return Err(WebError::UpgradeRequired);
        }
        let key = single(headers, header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key));
        let key = key.ok_or(WebError::BadHandshake)?;
        if !origin::is_allowed(headers, host, config) {
            return Err(WebError::ForeignOrigin);
        }
        let accept = derive_accept_key(key.as_bytes());
        Ok(Self { accept, resume: Resume::parse(head.uri.query().unwrap_or_default()) })
    }
}

/// The host that a request is for.
fn host(head: &RequestHead) -> &str {
    let header = || head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    head.uri.authority().map(|authority| authority.as_str()).or_else(header).unwrap_or_default()
}

/// Checks what makes a request one that can be upgraded at all.
///
/// # Errors
/// What is wrong or missing.
pub(crate) fn check_upgrade(head: &RequestHead) -> Result<(), WebError> {
    let headers = &head.headers;
    if !has_token(headers, &header::UPGRADE, "websocket") {
        return Err(WebError::UpgradeRequired);
    }
    let length = headers.get(header::CONTENT_LENGTH).map(|length| length.as_bytes());
    let has_body = headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|len| len != b"0");
    let is_plain = head.version == Version::HTTP_11 && !has_body;
    if is_plain && has_token(headers, &header::CONNECTION, "upgrade") {
        Ok(())
    } else {
        Err(WebError::BadHandshake)
    }
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// The value of a header that is there exactly once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name);
    let line = lines.next()?.to_str().ok()?.trim();
    if lines.next().is_none() { Some(line) } else { None }
}

/// Whether a text is 16 bytes in Base64.
fn is_key(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let digits = text.strip_suffix("==").unwrap_or_default();
    digits.len() == 22 && digits.bytes().all(is_digit) && digits.ends_with(['A', 'Q', 'g', 'w'])
}

impl Resume {
    /// Reads `epoch` and `since`. Whatever cannot be used is met like nothing: the whole queue is sent.
    fn parse(query: &str) -> Option<Self> {
        let (mut epoch, mut since) = (None, None);
        for (name, value) in parameters::pairs(query).ok()? {
            match name.as_deref() {
                Some("epoch") => epoch = value,
                Some("since") => since = value.and_then(|value| value.parse().ok()),
                _ => {}
            }
        }
        epoch.filter(|epoch| epoch.len() <= 64).zip(since).map(|(epoch, since)| Self { epoch, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_16_bytes_in_base64() {
        for key in ["dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA=="] {
            assert!(is_key(key), "{key}");
        }
        for key in [
            "",
            "==",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZR==",
            "dGhlIHNhbXBsZSBub25jZ-==",
            "AA==",
        ] {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn what_cannot_be_resumed_is_nothing() {
        let resume = |epoch: &str, since| Some(Resume { epoch: epoch.to_owned(), since });
        assert_eq!(Resume::parse("epoch=k3v9q2&since=4711"), resume("k3v9q2", 4711));
        assert_eq!(Resume::parse("since=0&x=y&epoch=a%62"), resume("ab", 0));
        let long = format!("epoch={}&since=1", "a".repeat(65));
        for query in
            ["", "epoch=a", "since=1", "epoch=a&since=-1", "epoch=a&since=x", "epoch=%ff&since=1", &long]
        {
            assert_eq!(Resume::parse(query), None, "{query}");
        }
    }
}
