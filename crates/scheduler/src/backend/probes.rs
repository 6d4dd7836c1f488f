//! Direct checks: an HTTP status, or a connection.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::{
    client::{ClientError, http_builder},
    config::infrastructure::{Probe, ProbeTarget, TcpTarget},
    report::infrastructure::ProbeReport,
};

/// Makes checks of one service.
#[derive(Debug)]
pub struct Prober {
    probe_idx: usize,
    check: Check,
    timeout: Duration,
}

#[derive(Debug)]
enum Check {
    Http(reqwest::Client, url::Url),
    Tcp(TcpTarget),
}

impl Prober {
    /// Prepares the checks of the probe at this place of the configuration.
    ///
    /// # Errors
    /// When its URL needs TLS and the machine cannot do it.
    pub fn new(probe_idx: usize, probe: &Probe) -> Result<Self, ClientError> {
        let check = match &probe.target {
            ProbeTarget::Http(url) => {
                // A connection that is kept open would not notice that the service stopped to listen.
                let builder = http_builder(url.scheme(), &probe.credentials)?.pool_max_idle_per_host(0);
                Check::Http(builder.build().map_err(ClientError::Http)?, url.clone())
            }
            ProbeTarget::Tcp(target) => Check::Tcp(target.clone()),
        };
        Ok(Self { probe_idx, check, timeout: probe.timeout })
    }

    /// Checks once. A service that does not answer is a finding, not a failure.
    pub async fn check(&self) -> ProbeReport {
        let started = Instant::now();
        let is_up = tokio::time::timeout(self.timeout, self.answers()).await.unwrap_or(false);
        let latency_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        ProbeReport { probe_idx: self.probe_idx, is_up, latency_ms: is_up.then_some(latency_ms) }
    }

    async fn answers(&self) -> bool {
        match &self.check {
            Check::Http(client, url) => {
                // The body is not read: its head is the answer.
                client.get(url.clone()).send().await.is_ok_and(|answer| answer.status().as_u16() < 400)
            }
            Check::Tcp(TcpTarget::Address(address)) => TcpStream::connect(address).await.is_ok(),
            Check::Tcp(TcpTarget::Name(host, port)) => {
                TcpStream::connect((host.as_str(), *port)).await.is_ok()
            }
        }
    }
}
