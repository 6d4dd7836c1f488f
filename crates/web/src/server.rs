//! The HTTP servers themselves: sockets, threads and time limits. Nothing else names them.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use actix_http::{HttpService, error::DispatchError};
use actix_server::{Server, ServerHandle};
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::{App, HttpServer, dev::AppConfig, web};
use socket2::SockRef;
use tokio::net::TcpStream;

use crate::{
    door::Door,
    internal,
    internal::Internal,
    patience::{Limits, Patient},
    routes,
    state::State,
    ws::{bell::Bell, refusal, upgrade},
};

/// How long requests that are under way may take to end after a stop.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);
/// Answers are ready-made: two threads serve thousands of viewers.
const WORKERS: usize = 2;
/// What the system may hold of an answer for one connection; it doubles it for its own books. Left to itself it would hold
/// megabytes for each that asks and never reads.
const SEND_BUFFER: usize = 128 * 1_024;
/// How many connections may wait for a thread: they are open, and count as little else.
const WAITING_MAX: usize = 128;
/// Threads that make bodies on demand, for each that serves: they are busy all the time, so that more would only take
/// turns, and each that ever was keeps some memory.
const MAKERS: usize = 2;
/// How long the operator's own requests may take to arrive.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// How long somebody is listened to who was answered before he had said everything; otherwise the answer may be lost.
const HEARD_OUT: Duration = Duration::from_secs(1);

/// A server that runs when it is awaited.
pub(crate) struct Listening {
    /// Ends when the server stopped.
    pub(crate) server: Server,
    /// The port it listens on.
    pub(crate) port: u16,
}

impl Listening {
    /// The public server. It is put together by hand: what upgrades a request gets its socket only this way.
    ///
    /// # Errors
    /// When the socket cannot be used.
    pub(crate) fn public(listener: TcpListener, state: State) -> io::Result<Self> {
        let port = listener.local_addr()?.port();
        let address = listener.local_addr()?;
        let (door, limits) = (Door::new(&state.config), Limits::new(state.config.http()));
        let max_connections = state.config.http().max_connections;
        let state = web::Data::new(state);
        let builder = Server::build();
        let stopping = builder.graceful_shutdown_signal();
        let http = move || {
            let base_path = state.config.base_path().clone();
            let data = web::Data::clone(&state);
            let app = App::new().app_data(data).configure(|config| routes::configure(&base_path, config));
            let app = app.into_factory().map_err(|error: actix_web::Error| error.error_response());
            let (stopping, state) = (stopping.clone(), web::Data::clone(&state));
            // This runs once on each thread that serves.
            let bell = Bell::default();
            HttpService::build()
                // Without it a connection that only waits for its next request holds the stop.
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .keep_alive(state.config.http().keep_alive)
                .client_request_timeout(state.config.http().request_within)
                .client_disconnect_timeout(HEARD_OUT)
                .local_addr(address)
                .upgrade(fn_service(move |asked| {
                    upgrade::take_over(asked, web::Data::clone(&state), bell.clone())
                }))
                .h1(map_config(app, |()| AppConfig::default()))
        };
        let service = move || {
            let door = Arc::clone(&door);
            let accept = move |stream: TcpStream| {
                let door = Arc::clone(&door);
                async move {
                    let peer = stream.peer_addr().ok();
                    if let Err(error) = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER) {
                        tracing::debug!(
                            error = &error as &dyn std::error::Error,
                            "a socket keeps its settings"
                        );
                    }
                    match door.enter(peer.map(|peer| peer.ip())) {
                        Ok(seat) => Ok((Patient::new(stream, seat, limits), peer)),
                        Err(error) => {
                            refusal::turn_away(&stream, error);
                            Err(DispatchError::InternalError)
                        }
                    }
                }
            };
            fn_service(accept).and_then(http())
        };
        let server = builder
            .workers(WORKERS)
            .max_concurrent_connections(max_connections.div_ceil(WORKERS) + WAITING_MAX)
            .worker_max_blocking_threads(MAKERS)
            .shutdown_timeout(DRAIN.as_secs())
            .disable_signals()
            .listen("public", listener, service)?
            .run();
        Ok(Self { server, port })
    }

    /// The internal server.
    ///
    /// # Errors
    /// When the socket cannot be used.
    pub(crate) fn internal(listener: TcpListener, internal: Internal) -> io::Result<Self> {
        let port = listener.local_addr()?.port();
        let internal = web::Data::new(internal);
        let app = move || App::new().app_data(internal.clone()).configure(internal::configure);
        let server = HttpServer::new(app)
            .workers(1)
            .worker_max_blocking_threads(1)
            .client_request_timeout(HEAD_WITHIN)
            .shutdown_timeout(DRAIN.as_secs())
            .disable_signals()
            .listen(listener)?
            .run();
        Ok(Self { server, port })
    }

    /// Stops the server from elsewhere.
    pub(crate) fn handle(&self) -> ServerHandle {
        self.server.handle()
    }
}
