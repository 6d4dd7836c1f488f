//! From a configuration to what is polled.

use std::time::Duration;

use snapshot::section::Limits;

use crate::{
    archive::Restored,
    backend::{instants::Instants, loki, orchestrator::HistoryCursor, probes::Prober, prometheus},
    client::{Client, ClientError},
    config::{Backend, Config, STALE_AFTER_MIN, infrastructure::Probe},
    poll::Source,
};

/// Something that is polled.
#[derive(Debug)]
pub(super) struct Polled {
    pub(super) source: Source,
    pub(super) every: Duration,
    pub(super) limits: Limits,
}

impl Polled {
    fn of(source: Source, backend: &Backend) -> Self {
        Self { source, every: backend.interval(), limits: backend.limits() }
    }
}

/// Everything that is configured, ready to be polled.
pub(super) fn sources(config: &Config, kept: &Restored) -> Result<Vec<Polled>, ClientError> {
    let mut sources = Vec::new();
    if let Some(backend) = &config.gateway {
        let source = Source::Gateway(Client::new(backend)?, Instants::default());
        sources.push(Polled::of(source, backend));
    }
    if let Some(backend) = &config.orchestrator {
        let known = kept.past.builds.iter().map(|build| (build.key, build.finished_at.as_second()));
        let (cursor, instants) = (HistoryCursor::following(kept.key.clone(), known), Instants::default());
        sources.push(Polled::of(Source::Orchestrator(Client::new(backend)?, cursor, instants), backend));
    }
    if let Some((backend, expressions)) = &config.prometheus {
        let source = Source::Prometheus(Client::new(backend)?, prometheus::Memory::new(expressions.clone()));
        sources.push(Polled::of(source, backend));
    }
    if let Some((backend, queries)) = &config.loki {
        let source = Source::Loki(Client::new(backend)?, loki::Memory::new(queries.clone()));
        sources.push(Polled::of(source, backend));
    }
    sources.extend(probes(&config.watch.probes)?);
    Ok(sources)
}

/// The probes, ready to be polled.
pub(super) fn probes(probes: &[Probe]) -> Result<Vec<Polled>, ClientError> {
    let limits = limits(probes);
    let polled = probes.iter().enumerate().map(|(probe_idx, probe)| {
        Ok(Polled { source: Source::Probe(Prober::new(probe_idx, probe)?), every: probe.interval, limits })
    });
    polled.collect()
}

/// When the silence of all probes begins to matter: any that ran proves that probing goes on.
pub(super) fn limits(probes: &[Probe]) -> Limits {
    let slowest = probes.iter().map(|probe| probe.interval).max().unwrap_or_default();
    let stale_after = STALE_AFTER_MIN.max(slowest * 3);
    Limits { stale_after, offline_after: stale_after * 2 }
}
