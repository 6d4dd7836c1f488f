//! Builds the application and runs it until it is told to stop.

use std::{io, net::TcpListener, sync::Arc, time::Duration};

use prometheus_client::registry::Registry;
use snapshot::{
    clock::Clock,
    snapshot::Snapshot,
    store::{Publisher, Reader, hand_over},
};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::{
    assets::{Assets, AssetsError},
    backstage::Backstage,
    config::Config,
    internal::{Internal, PROBES},
    metrics::Metrics,
    openapi,
    pages::{Pages, PagesError},
    published::Published,
    renderer::{RenderError, Renderer},
    routes::ROUTES,
    server::{DRAIN, Listening},
    state::{EncodedAssets, State},
    ws::hub::Hub,
};

/// How long subscribers may take to leave after a stop.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// The public side, ready to run.
pub struct Application {
    public: Listening,
    internal: Option<Listening>,
    renderer: Arc<Renderer>,
    published: Reader<Published>,
    publisher: Publisher<Published>,
    ring: Arc<Notify>,
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
}

/// Why the application cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// A socket cannot be used.
    #[error("a socket cannot be listened on")]
    Socket(#[from] io::Error),
    /// The assets are broken.
    #[error("the assets cannot be served")]
    Assets(#[from] AssetsError),
    /// A template is broken.
    #[error("the pages cannot be rendered")]
    Pages(#[from] PagesError),
    /// What is known cannot be shown.
    #[error("the first documents and pages cannot be rendered")]
    Render(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why the application ended without being told to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A server failed or ended.
    #[error("a server ended")]
    Server(#[source] Option<io::Error>),
    /// The renderer failed, panicked or ended.
    #[error("the renderer ended")]
    Renderer(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

/// What ended, and how.
enum Ended {
    Server(io::Result<()>),
    Renderer(Result<(), RenderError>),
}

impl Application {
    /// Renders the first documents and pages and takes the sockets; nothing is answered yet.
    ///
    /// # Errors
    /// When a template or an asset is broken, or a socket cannot be used.
    pub fn build(
        config: Config,
        listener: TcpListener,
        internal: Option<TcpListener>,
        snapshots: Reader<Snapshot>,
        clock: Clock,
        backstage: Backstage,
    ) -> Result<Self, StartupError> {
        let broken = |error| StartupError::Render(Box::new(error));
        let assets = Assets::load()?;
        let pages = Arc::new(Pages::new(config.address(), &assets)?);
        let metrics = Arc::new(Metrics::new());
        let renderer = Renderer::new(assets.build(), Arc::clone(&pages), clock.clone(), snapshots)
            .counting_in(Arc::clone(&metrics));
        let assets = EncodedAssets::new(&assets).map_err(|error| broken(RenderError::Encode(error)))?;
        let (publisher, published) = hand_over(renderer.first().map_err(broken)?);
        let ring = Arc::new(Notify::new());
        let hub = Hub::new(config.websocket());
        let description =
            openapi::encoded(&config.address()).map_err(|error| broken(RenderError::Encode(error)))?;
        let state = State {
            hub: Arc::clone(&hub),
            metrics: Arc::clone(&metrics),
            config: Arc::new(config),
            pages,
            description: Arc::new(description),
            assets: Arc::new(assets),
            published: published.clone(),
            clock,
            ring: Arc::clone(&ring),
        };
        let probes = Internal::new(published.clone(), backstage);
        Ok(Self {
            public: Listening::public(listener, state)?,
            internal: internal.map(|listener| Listening::internal(listener, probes)).transpose()?,
            renderer: Arc::new(renderer),
            published,
            publisher,
            ring,
            hub,
            metrics,
        })
    }

    /// The patterns of every public route, below the base path.
    pub fn public_routes() -> impl Iterator<Item = &'static str> {
        ROUTES.into_iter().map(|(pattern, _)| pattern)
    }

    /// The paths of everything that the internal listener answers.
    pub fn internal_routes() -> impl Iterator<Item = &'static str> {
        PROBES.into_iter().map(|(path, _)| path)
    }

    /// The port of the public side.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.public.port
    }

    /// The port of the internal side, if there is one.
    #[must_use]
    pub fn internal_port(&self) -> Option<u16> {
        self.internal.as_ref().map(|internal| internal.port)
    }

    /// Makes what it counts part of a registry.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.metrics.register(registry, Arc::clone(&self.hub));
    }

    /// Answers requests until `shutdown` becomes true or its sender is gone; then subscribers have five seconds to
    /// leave, and after them requests under way five seconds to end.
    ///
    /// Dropping the future stops everything at once.
    ///
    /// # Errors
    /// When a server or the renderer ends by itself.
    pub async fn run_until_stopped(self, mut shutdown: watch::Receiver<bool>) -> Result<(), RunError> {
        let (stop_renderer, is_renderer_stopped) = watch::channel(false);
        let servers = [Some(self.public), self.internal].into_iter().flatten();
        let mut handles = Vec::new();
        let mut tasks = JoinSet::new();
        for listening in servers {
            handles.push(listening.handle());
            tasks.spawn(async { Ended::Server(listening.server.await) });
        }
        let renderer = self.renderer.run(self.published, self.publisher, self.ring, is_renderer_stopped);
        tasks.spawn(async { Ended::Renderer(renderer.await) });

        let ended = tokio::select! {
            ended = tasks.join_next() => Some(ended),
            _ = shutdown.wait_for(|is_stopped| *is_stopped) => None,
        };
        let is_graceful = ended.is_none();
        // Sessions are no requests: when the server stops they would be torn off without a word.
        if is_graceful {
            self.hub.close();
            let left = self.hub.wait_until_empty(LEAVE_WITHIN).await;
            if left > 0 {
                tracing::warn!(left, "subscribers did not leave in time and are cut off");
            }
        }
        // The renderer lives as long as requests do: they may need it.
        let stopping = handles.iter().map(|handle| handle.stop(is_graceful));
        let stopped = async {
            for stopping in stopping.collect::<Vec<_>>() {
                stopping.await;
            }
        };
        if tokio::time::timeout(DRAIN, stopped).await.is_err() {
            tracing::warn!("requests under way did not end in time and are cut off");
        }
        // It may have ended already.
        let _ = stop_renderer.send(true);
        ended.map_or(Ok(()), |ended| Err(RunError::of(ended)))
    }
}

impl RunError {
    fn of(ended: Option<Result<Ended, tokio::task::JoinError>>) -> Self {
        match ended {
            Some(Ok(Ended::Server(result))) => Self::Server(result.err()),
            Some(Ok(Ended::Renderer(result))) => Self::Renderer(result.err().map(Into::into)),
            Some(Err(error)) => Self::Renderer(Some(error.into())),
            None => Self::Server(None),
        }
    }
}
