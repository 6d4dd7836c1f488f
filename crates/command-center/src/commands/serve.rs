//! `serve`: the scheduler and the site, side by side, until a signal or a failure.

mod reload;

use std::{convert::Infallible, net::TcpListener, pin::pin, time::Duration};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use scheduler::{Announcer, Scheduler};
use snapshot::clock::Clock;
use tokio::{sync::watch, task::JoinHandle};
use web::{
    backstage::Backstage,
    config::{Config as WebConfig, Http},
    startup::Application,
};

pub(super) use reload::Reload;

use super::{Failure, metrics::Watched};
use crate::{
    cli::ServeArgs,
    config::{self, Settings},
    signals::{Asked, Signals},
};

/// Files that are open for other reasons than viewers: backends, archive, log, internal listener, and connections that
/// wait to be let in.
const FILES_RESERVED: usize = 512;

/// What blocking work may take after the end: the archive needs less to store the last second.
const LINGER: Duration = Duration::from_secs(2);

pub(super) fn run(args: &ServeArgs) -> Result<(), Failure> {
    let settings = read(args)?;
    let reload = Reload::new(args, &settings);
    run_to_the_end(until_signalled(settings, Some(reload), |_| std::future::pending()))
}

/// Runs everything. What blocks a thread and cannot be told to stop is not waited for long: the system's look-up of a name
/// may last much longer than an orderly end.
pub(super) fn run_to_the_end(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = runtime()?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LINGER);
    done
}

/// File, environment and arguments, as they are now.
fn read(args: &ServeArgs) -> Result<Settings, Failure> {
    let mut settings = config::load(args.config.config.as_deref())?;
    settings.listen = args.listen.unwrap_or(settings.listen);
    settings.internal_listen = args.internal_listen.unwrap_or(settings.internal_listen);
    if let Some(directory) = &args.data_dir {
        settings.scheduler.data_dir = Some(directory.clone());
    }
    if settings.has_backend() { Ok(settings) } else { Err(Failure::NothingToWatch) }
}

/// A runtime of several threads, so that rendering never delays a poll.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::Runtime(format!("no async runtime: {error}")))
}

/// Runs until SIGTERM or SIGINT, then drains. SIGHUP reads the configuration again; where there is none it ends the
/// process, too.
///
/// `beside` runs at the same time and may change what is announced.
///
/// Both sides get the same order to stop. A side that ends without it has failed, and takes the process with it, so
/// that the supervisor starts it anew.
pub(super) async fn until_signalled<F: Future<Output = Infallible>>(
    settings: Settings,
    mut reload: Option<Reload>,
    beside: impl FnOnce(Announcer) -> F,
) -> Result<(), Failure> {
    let web = fitting(settings.web, allow_open_files());
    let mut signals = Signals::new().map_err(Failure::runtime)?;
    for note in settings.notes.iter() {
        tracing::warn!("{note}");
    }
    let listener = bind("listen", settings.listen)?;
    let internal = bind("internal_listen", settings.internal_listen)?;
    let clock = Clock::system();
    let scheduler = Scheduler::new(&settings.scheduler, clock.clone())
        .map_err(|error| Failure::Runtime(described(&error)))?;
    let watched = Watched::default();
    let backstage = backstage(&scheduler, watched.clone());
    let mut beside = pin!(beside(scheduler.announcer()));
    let reconfigurer = scheduler.reconfigurer();
    let reader = scheduler.reader();
    let application = Application::build(web, listener, Some(internal), reader, clock.clone(), backstage)
        .map_err(|error| Failure::Runtime(described(&error)))?;
    watched.fill(&scheduler, &application, clock);
    tracing::info!(port = application.port(), internal_port = application.internal_port(), "listening");

    let (order, stop) = watch::channel(false);
    let mut polling = tokio::spawn(scheduler.run(stop.clone()));
    let mut serving = tokio::spawn(application.run_until_stopped(stop));
    loop {
        tokio::select! {
            asked = signals.next() => match (asked, &mut reload) {
                (Asked::Reload, Some(reload)) => reload.run(&reconfigurer).await,
                (Asked::Reload, None) => break tracing::info!(signal = "SIGHUP", "stopping"),
                (Asked::Stop(signal), _) => break tracing::info!(signal, "stopping"),
            },
            ended = &mut polling => return Err(unexpected("scheduler", ended)),
            ended = &mut serving => return Err(unexpected("web server", ended)),
            never = &mut beside => match never {},
        }
    }
    // Both still run, so somebody listens.
    let _ = order.send(true);
    finish("web server", serving).await?;
    finish("scheduler", polling).await?;
    tracing::info!("stopped");
    Ok(())
}

/// A connection is an open file, and what is allowed at first is often far fewer than what may be asked for. Says how
/// many there may be; nothing if there is no limit.
fn allow_open_files() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return limit.current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "no more files may be open than before"
            );
            limit.current
        }
    }
}

/// As many connections as there may be open files, less those that are needed for everything else: viewers must not
/// keep us from asking the backends.
fn fitting(web: WebConfig, files: Option<u64>) -> WebConfig {
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    let allowed = files.saturating_sub(FILES_RESERVED).max(1);
    let wanted = web.http().max_connections;
    if wanted <= allowed {
        return web;
    }
    tracing::warn!(allowed, wanted, "fewer connections than http.max_connections: too few files may be open");
    let http = Http { max_connections: allowed, ..web.http().clone() };
    web.with_http(http)
}

fn bind(key: &str, address: std::net::SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .map_err(|error| Failure::Runtime(format!("cannot listen on {address} ({key}): {error}")))
}

/// The operator's list and what can be watched, as the internal listener passes them on.
fn backstage(scheduler: &Scheduler, watched: Watched) -> Backstage {
    let desk = scheduler.names_desk();
    Backstage::new(move || {
        let desk = desk.clone();
        async move { serde_json::to_vec(&desk.ask().await?).ok() }
    })
    .with_metrics(move || watched.text())
}

type Ended<E> = Result<Result<(), E>, tokio::task::JoinError>;

/// A side ended although nobody asked it to.
fn unexpected<E: std::error::Error>(side: &str, ended: Ended<E>) -> Failure {
    match ended {
        Ok(Ok(())) => Failure::Runtime(format!("the {side} ended by itself")),
        Ok(Err(error)) => Failure::Runtime(format!("the {side} failed: {}", described(&error))),
        Err(_) => Failure::Runtime(format!("the {side} panicked")),
    }
}

async fn finish<E: std::error::Error>(side: &str, handle: JoinHandle<Result<(), E>>) -> Result<(), Failure> {
    match handle.await {
        Ok(Ok(())) => Ok(()),
        ended => Err(unexpected(side, ended)),
    }
}

/// An error with its causes.
fn described(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text.push_str(&format!(": {current}"));
        cause = current.source();
    }
    text
}
