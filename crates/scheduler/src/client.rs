//! One HTTP request under its limits.
//!
//! A request has a deadline for the whole of it, a cap on the decompressed body, and a cap on all bodies that come from a
//! backend at a time. It follows no redirect, uses no proxy of the environment, and is never repeated: the next poll is
//! the retry.

mod json;

use std::{borrow::Cow, sync::Arc, time::Duration};

use bytes::Bytes;
use reqwest::{StatusCode, redirect::Policy};
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};
use url::Url;

use crate::{
    config::{Backend, credentials::Credentials},
    error::FetchError,
};

/// The largest body, in bytes after decompression.
pub const BODY_MAX: usize = 8 * 1024 * 1024;
/// The most that all bodies which one backend is sending at a time may have: a poll asks many questions at once.
const BODIES_MAX: usize = 4 * BODY_MAX;

/// Asks one backend.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    timeout: Duration,
    /// What is left of [`BODIES_MAX`].
    room: Arc<Semaphore>,
    /// Answers that need no socket.
    #[cfg(any(test, feature = "testing"))]
    at_hand: Option<crate::testing::Answers>,
}

/// A body, and the room that it takes until it is dropped.
#[derive(Debug, Default)]
struct Body<'a> {
    /// As they came: a body that turns out to be too large was never in one piece.
    pieces: Vec<Bytes>,
    n_bytes: usize,
    room: Option<SemaphorePermit<'a>>,
}

/// The HTTP client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL needs TLS, and no root certificate was found on this machine.
    #[error("the backend's URL needs TLS, but this machine has no root certificates; ca_file may name some")]
    NoRoots,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls(#[source] rustls::Error),
    /// The client library refused.
    #[error("the HTTP client could not be set up")]
    Http(#[source] reqwest::Error),
}

impl Client {
    /// Sets up requests to a backend.
    ///
    /// # Errors
    /// When its URL needs TLS and the machine cannot do it.
    pub fn new(backend: &Backend) -> Result<Self, ClientError> {
        let http = http_builder(backend.url().scheme(), backend.credentials())?
            .connect_timeout(backend.timeout())
            // Longer than any interval but the longest, so that polls share a connection.
            .pool_idle_timeout(Duration::from_secs(90))
            .pool_max_idle_per_host(4)
            .build()
            .map_err(ClientError::Http)?;
        Ok(Self {
            http,
            base: backend.url().clone(),
            timeout: backend.timeout(),
            room: Arc::new(Semaphore::new(BODIES_MAX)),
            #[cfg(any(test, feature = "testing"))]
            at_hand: None,
        })
    }

    /// The same client, answered by these.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn answered_by(self, answers: crate::testing::Answers) -> Self {
        Self { at_hand: Some(answers), ..self }
    }

    /// Fetches and parses a JSON document; `None` when the backend has no such endpoint.
    ///
    /// # Errors
    /// Says how the request failed. Cancellation safe: nothing is kept between calls.
    pub async fn get<T: DeserializeOwned>(&self, path_and_query: &str) -> Result<Option<T>, FetchError> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(answers) = &self.at_hand {
            return answers
                .get(path_and_query)
                .map(|body| json::parse(&body))
                .transpose()
                .map_err(FetchError::Decode);
        }
        let fetched = tokio::time::timeout(self.timeout, self.fetch(path_and_query)).await;
        let Some(body) = fetched.map_err(|_| FetchError::Timeout)?? else { return Ok(None) };
        json::parse(&body.whole()).map(Some).map_err(FetchError::Decode)
    }

    /// Whether an endpoint that says nothing but its status answers with success; a 503 says no.
    ///
    /// # Errors
    /// Says how the request failed. Cancellation safe.
    pub async fn is_ready(&self, path: &str) -> Result<bool, FetchError> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(answers) = &self.at_hand {
            return Ok(answers.get(path).is_some());
        }
        let url = self.base.join(path).map_err(|_| FetchError::Invalid)?;
        let answer = tokio::time::timeout(self.timeout, self.http.get(url).send()).await;
        match answer.map_err(|_| FetchError::Timeout)?.map_err(FetchError::of_head)?.status() {
            StatusCode::SERVICE_UNAVAILABLE => Ok(false),
            status if status.is_success() => Ok(true),
            status if status.is_redirection() => Err(FetchError::Redirect),
            status => Err(FetchError::Status(status.as_u16())),
        }
    }

    async fn fetch(&self, path_and_query: &str) -> Result<Option<Body<'_>>, FetchError> {
        let url = self.base.join(path_and_query.trim_start_matches('/')).map_err(|_| FetchError::Invalid)?;
        let mut response = self.http.get(url).send().await.map_err(FetchError::of_head)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status if status.is_redirection() => return Err(FetchError::Redirect),
            status => return Err(FetchError::Status(status.as_u16())),
        }
        // What is announced to be too large is not even begun.
        if response.content_length().is_some_and(|n_bytes| n_bytes > BODY_MAX as u64) {
            return Err(FetchError::TooLarge);
        }
        let mut body = Body::default();
        while let Some(piece) = response.chunk().await.map_err(FetchError::of_body)? {
            body.add(piece, &self.room)?;
        }
        Ok(Some(body))
    }
}

impl<'a> Body<'a> {
    fn add(&mut self, piece: Bytes, room: &'a Semaphore) -> Result<(), FetchError> {
        self.n_bytes += piece.len();
        let n_more = u32::try_from(piece.len()).ok().filter(|_| self.n_bytes <= BODY_MAX);
        let more =
            n_more.and_then(|n_more| room.try_acquire_many(n_more).ok()).ok_or(FetchError::TooLarge)?;
        match &mut self.room {
            Some(room) => room.merge(more),
            none => *none = Some(more),
        }
        self.pieces.push(piece);
        Ok(())
    }

    fn whole(&self) -> Cow<'_, [u8]> {
        match &self.pieces[..] {
            [piece] => Cow::Borrowed(piece),
            pieces => Cow::Owned(pieces.concat()),
        }
    }
}

/// What every client has in common: no redirects, no proxy of the environment, TLS only where a URL needs it, and
/// credentials with every request.
///
/// # Errors
/// When TLS is needed and the machine cannot do it.
pub fn http_builder(scheme: &str, credentials: &Credentials) -> Result<reqwest::ClientBuilder, ClientError> {
    // The roots are read only when they are needed: a machine without any still watches plain HTTP.
    let tls = match (scheme, credentials.roots()) {
        ("https", Some(roots)) => tls(roots)?,
        ("https", None) => native_tls()?,
        _ => no_tls()?,
    };
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls);
    Ok(builder
        .redirect(Policy::none())
        .no_proxy()
        .user_agent("command-center")
        .default_headers(credentials.headers().clone()))
}

/// TLS for a client that only ever uses plain HTTP: it trusts nobody and reads no certificate store.
///
/// # Errors
/// When the TLS library refuses its own defaults.
pub fn no_tls() -> Result<rustls::ClientConfig, ClientError> {
    tls(rustls::RootCertStore::empty())
}

/// TLS that trusts whom the machine trusts.
///
/// # Errors
/// When the machine has no root certificates, or the TLS library refuses its own defaults.
pub fn native_tls() -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = rustls::RootCertStore::empty();
    let (n_added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if n_added == 0 {
        return Err(ClientError::NoRoots);
    }
    tls(roots)
}

fn tls(roots: rustls::RootCertStore) -> Result<rustls::ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(ClientError::Tls)?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_share_their_room_and_give_it_back() {
        let room = Semaphore::new(10);
        let (mut first, mut second) = (Body::default(), Body::default());
        assert!(first.add(Bytes::from_static(b"123456"), &room).is_ok());
        assert!(second.add(Bytes::from_static(b"abcd"), &room).is_ok());
        assert!(matches!(second.add(Bytes::from_static(b"e"), &room), Err(FetchError::TooLarge)));
        assert_eq!((&*first.whole(), room.available_permits()), (&b"123456"[..], 0));
        drop(first);
        let mut third = Body::default();
        for piece in [&b"e"[..], b"fgh", b""] {
            assert!(third.add(Bytes::from_static(piece), &room).is_ok());
        }
        assert_eq!((&*third.whole(), room.available_permits()), (&b"efgh"[..], 2));
    }

    #[test]
    fn a_body_at_the_cap_fits_and_a_byte_more_does_not() {
        let (room, half) = (Semaphore::new(BODIES_MAX), Bytes::from(vec![b' '; BODY_MAX / 2]));
        let mut body = Body::default();
        assert!(body.add(half.clone(), &room).is_ok() && body.add(half, &room).is_ok());
        assert!(matches!(body.add(Bytes::from_static(b"x"), &room), Err(FetchError::TooLarge)));
    }
}
