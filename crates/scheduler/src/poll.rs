//! One task a backend: poll at once, then on the interval.
//!
//! A poll that lasts longer than its interval delays the next; polls never overlap and never catch up. The first
//! wait is a little shorter by chance, so that backends that were started together do not stay in step.

use std::time::Duration;

use snapshot::{
    clock::Clock,
    section::{Fault, SourceName},
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use crate::{
    assemble::Message,
    backend::{gateway, instants::Instants, loki, orchestrator, probes::Prober, prometheus},
    client::Client,
    error::FetchError,
    metrics::Metrics,
    report::Report,
};

/// A backend and what must be remembered between two polls of it.
#[derive(Debug)]
pub enum Source {
    /// The gateway.
    Gateway(Client, Instants),
    /// The orchestrator.
    Orchestrator(Client, orchestrator::HistoryCursor, Instants),
    /// Prometheus.
    Prometheus(Client, prometheus::Memory),
    /// Loki.
    Loki(Client, loki::Memory),
    /// One probe of our own.
    Probe(Prober),
}

impl Source {
    /// Which one it is.
    #[must_use]
    pub fn name(&self) -> SourceName {
        match self {
            Self::Gateway(..) => SourceName::Gateway,
            Self::Orchestrator(..) => SourceName::Orchestrator,
            Self::Prometheus(..) => SourceName::Prometheus,
            Self::Loki(..) => SourceName::Loki,
            Self::Probe(_) => SourceName::Probes,
        }
    }

    /// Polls once.
    ///
    /// # Errors
    /// Says why there is no usable answer.
    pub async fn poll(&mut self, clock: &Clock) -> Result<Report, FetchError> {
        match self {
            Self::Gateway(client, instants) => gateway::poll(client, instants, || clock.now()).await,
            Self::Orchestrator(client, cursor, instants) => {
                orchestrator::poll(client, cursor, instants, || clock.now()).await
            }
            Self::Prometheus(client, memory) => prometheus::poll(client, memory, || clock.now()).await,
            Self::Loki(client, memory) => loki::poll(client, memory, || clock.now()).await,
            Self::Probe(prober) => Ok(Report::Probe(prober.check().await)),
        }
    }
}

/// Polls until the assembler is gone. An answer that came so late that the source would be silent by then is none: it
/// may have waited in a buffer while this process was stopped or the machine slept.
pub async fn run(
    mut source: Source,
    every: Duration,
    silent_after: Duration,
    outbox: mpsc::Sender<Message>,
    clock: Clock,
    metrics: Metrics,
) {
    let name = source.name();
    metrics.expect(name);
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_first = true;
    loop {
        ticks.tick().await;
        let began = clock.now();
        let outcome = source.poll(&clock).await;
        if let Err(error) = &outcome {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::debug!(source = name.as_str(), %error, cause, "poll failed");
        }
        let now = clock.now();
        let took = now.uptime.saturating_sub(began.uptime);
        let is_too_late = took > silent_after;
        let outcome = outcome.map_err(|error| error.fault());
        let outcome = if is_too_late { outcome.and(Err(Fault::Timeout)) } else { outcome };
        metrics.polled(name, outcome.as_ref().err().copied(), took);
        let message = Message::Polled { source: name, outcome, now };
        if outbox.send(message).await.is_err() {
            return;
        }
        if std::mem::take(&mut is_first) {
            ticks.reset_after(every.mul_f64(rand::random_range(0.9..1.0)));
        }
    }
}
