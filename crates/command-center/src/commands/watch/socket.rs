//! Opens the WebSocket: name, TCP, TLS where the URL asks for it, handshake; and words for how that fails.

use std::{io, sync::Arc, time::Duration};

use scheduler::client::{self, ClientError};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, http, protocol::WebSocketConfig},
};
use url::{Host, Url};
use web::mirror::TEXT_MAX;

/// A stream of bytes, with or without TLS.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}

/// An open socket.
pub(super) type Socket = WebSocketStream<Box<dyn Bytes>>;

/// Opens sockets.
pub(super) struct Dialer {
    /// `None`: the server's URL needs none.
    tls: Option<TlsConnector>,
}

/// No socket: why, in words of ours that go on from "the server", and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) why: String,
    pub(super) retry_after: Option<Duration>,
}

impl Dialer {
    /// Prepares for URLs like this one.
    pub(super) fn new(url: &Url) -> Result<Self, ClientError> {
        let is_tls = url.scheme() == "wss";
        let connector = || client::native_tls().map(|config| TlsConnector::from(Arc::new(config)));
        Ok(Self { tls: is_tls.then(connector).transpose()? })
    }

    /// Opens a socket.
    pub(super) async fn dial(&self, url: &Url) -> Result<Socket, Refusal> {
        let (host, port) = (url.host(), url.port_or_known_default());
        let (Some(host), Some(port)) = (host, port) else { return Err(Refusal::new("has no address")) };
        let tcp = match &host {
            Host::Domain(name) => TcpStream::connect((*name, port)).await,
            Host::Ipv4(address) => TcpStream::connect((*address, port)).await,
            Host::Ipv6(address) => TcpStream::connect((*address, port)).await,
        };
        let tcp = tcp.map_err(|error| Refusal::new(unconnected(&error)))?;
        let stream: Box<dyn Bytes> = match &self.tls {
            None => Box::new(tcp),
            Some(tls) => Box::new(
                tls.connect(server_name(&host)?, tcp)
                    .await
                    .map_err(|_| Refusal::new("cannot be trusted (TLS failed)"))?,
            ),
        };
        let config =
            WebSocketConfig::default().max_message_size(Some(TEXT_MAX)).max_frame_size(Some(TEXT_MAX));
        let opened = tokio_tungstenite::client_async_with_config(url.as_str(), stream, Some(config)).await;
        opened.map(|(socket, _)| socket).map_err(|error| Refusal::of(&error))
    }
}

impl Refusal {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), retry_after: None }
    }

    fn of(error: &Error) -> Self {
        match error {
            Error::Http(answer) => Self {
                why: format!("answered with {}", answer.status().as_u16()),
                retry_after: retry_after(answer.headers()),
            },
            _ => Self::new("does not speak WebSocket"),
        }
    }
}

/// Only the form in seconds; the server writes no other.
fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    headers.get("retry-after")?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

fn unconnected(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused the connection",
        io::ErrorKind::TimedOut => "did not answer in time",
        _ => "cannot be reached",
    }
}

fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, Refusal> {
    match host {
        Host::Domain(name) => {
            ServerName::try_from((*name).to_owned()).map_err(|_| Refusal::new("has no name that TLS knows"))
        }
        Host::Ipv4(address) => Ok(ServerName::IpAddress((*address).into())),
        Host::Ipv6(address) => Ok(ServerName::IpAddress((*address).into())),
    }
}
