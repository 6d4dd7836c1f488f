//! The HTTP servers themselves: sockets, threads and time limits. Nothing else names them.

use std::{future::ready, io, net::TcpListener, time::Duration};

use actix_http::{HttpService, error::DispatchError};
use actix_server::{Server, ServerHandle};
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::{App, HttpServer, dev::AppConfig, web};
use tokio::net::TcpStream;

use crate::{
    internal, internal::Internal, patience::Patient, routes, state::State, ws::bell::Bell, ws::upgrade,
};

/// How long requests that are under way may take to end after a stop.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);
/// Answers are ready-made: two threads serve thousands of viewers.
const WORKERS: usize = 2;
/// A request head that drips in for longer than this is given up.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Longer than the interval in which a page asks again.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

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
                .keep_alive(KEEP_ALIVE)
                .client_request_timeout(HEAD_WITHIN)
                .local_addr(address)
                .upgrade(fn_service(move |asked| {
                    upgrade::take_over(asked, web::Data::clone(&state), bell.clone())
                }))
                .h1(map_config(app, |()| AppConfig::default()))
        };
        let service = move || {
            let accept = |stream: TcpStream| {
                let peer = stream.peer_addr().ok();
                ready(Ok::<_, DispatchError>((Patient::new(stream), peer)))
            };
            fn_service(accept).and_then(http())
        };
        let server = builder
            .workers(WORKERS)
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
