//! The HTTP servers themselves: sockets, threads and time limits. Nothing else names them.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    web,
};

use crate::{internal, internal::Internal, routes, state::State};

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
    /// The public server.
    ///
    /// # Errors
    /// When the socket cannot be used.
    pub(crate) fn public(listener: TcpListener, state: State) -> io::Result<Self> {
        let port = listener.local_addr()?.port();
        let base_path = state.config.base_path().clone();
        let state = web::Data::new(state);
        let app = move || {
            App::new().app_data(state.clone()).configure(|config| routes::configure(&base_path, config))
        };
        let server = HttpServer::new(app)
            .workers(WORKERS)
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_WITHIN)
            .shutdown_timeout(DRAIN.as_secs())
            .disable_signals()
            .listen(listener)?
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
