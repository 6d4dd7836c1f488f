//! How a request to a backend can fail.

use std::{error::Error, io};

use snapshot::section::Fault;

/// Why a backend gave no usable answer. The sources are for logs at debug level; only the [`Fault`] is published.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No whole answer in time.
    #[error("no whole answer in time")]
    Timeout,
    /// The connection was refused.
    #[error("connection refused")]
    Refused,
    /// No way there, or no such host.
    #[error("unreachable")]
    Unreachable(#[source] reqwest::Error),
    /// The encrypted connection could not be made.
    #[error("no encrypted connection")]
    Tls(#[source] reqwest::Error),
    /// Neither success nor a redirect.
    #[error("status {0}")]
    Status(u16),
    /// A redirect, which is never followed.
    #[error("redirect")]
    Redirect,
    /// More bytes than the cap, after decompression.
    #[error("more than the cap")]
    TooLarge,
    /// Cut short, be it before its first byte, or wrongly encoded.
    #[error("body cut short or wrongly encoded")]
    Body(#[source] reqwest::Error),
    /// Not JSON of the expected form.
    #[error("not the expected JSON")]
    Decode(#[source] serde_json::Error),
    /// The expected form, but impossible.
    #[error("not plausible")]
    Invalid,
}

impl FetchError {
    /// What the public may know of it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Timeout => Fault::Timeout,
            Self::Refused => Fault::Refused,
            Self::Unreachable(_) => Fault::Unreachable,
            Self::Tls(_) => Fault::Tls,
            Self::Status(_) => Fault::BadStatus,
            Self::Redirect => Fault::Redirect,
            Self::TooLarge => Fault::TooLarge,
            Self::Body(_) | Self::Decode(_) => Fault::BadBody,
            Self::Invalid => Fault::Invalid,
        }
    }

    /// Sorts a failure before the answer's head arrived.
    pub(crate) fn of_head(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        let is_handshake = error.is_connect() && error.url().is_some_and(|url| url.scheme() == "https");
        let error = error.without_url();
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(current) = cause {
            if current.is::<rustls::Error>() {
                return Self::Tls(error);
            }
            match current.downcast_ref::<io::Error>().map(io::Error::kind) {
                Some(io::ErrorKind::ConnectionRefused) => return Self::Refused,
                Some(io::ErrorKind::TimedOut) => return Self::Timeout,
                // Before there is a connection, nothing but the handshake can break.
                Some(
                    io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe,
                ) if is_handshake => return Self::Tls(error),
                _ => {}
            }
            // An I/O error hides what it wraps behind `get_ref`, not `source`.
            let inner = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            cause = inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| current.source());
        }
        if error.is_connect() { Self::Unreachable(error) } else { Self::Body(error) }
    }

    /// Sorts a failure within the body.
    pub(crate) fn of_body(error: reqwest::Error) -> Self {
        if error.is_timeout() { Self::Timeout } else { Self::Body(error.without_url()) }
    }
}
