//! What is watched around the swarm, and what of it has a public name.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use identity::{alias::Alias, name::PublicName};
use url::Url;

use super::credentials::Credentials;
use crate::report::infrastructure::TargetReport;

/// Mount points that have a label of the operator's.
pub type DiskLabels = BTreeMap<String, PublicName>;

/// A probe is asked this often by default.
pub const PROBE_INTERVAL: Duration = Duration::from_secs(30);

/// What is watched around the swarm.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Services that have a public name.
    pub services: Vec<ServiceRule>,
    /// Direct checks.
    pub probes: Vec<Probe>,
    /// Mount points that have a label.
    pub disks: DiskLabels,
    /// Whether it is said when machines started.
    pub publish_boot_times: bool,
}

/// A service that the operator named, and what it is called inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRule {
    /// Its public name.
    pub name: PublicName,
    /// Prometheus' `job`, and Loki's `service_name`.
    pub job: String,
    /// One instance of the job; by default all of them.
    pub instance: Option<Alias>,
}

/// A direct check of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The service's public name.
    pub name: PublicName,
    /// The public name of the host that it runs on.
    pub host: Option<PublicName>,
    /// What is asked.
    pub target: ProbeTarget,
    /// From one check to the next.
    pub interval: Duration,
    /// For one check.
    pub timeout: Duration,
    /// What goes with every request.
    pub credentials: Credentials,
}

/// What a probe asks.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeTarget {
    /// A URL that must answer with a status below 400. Redirects are not followed, bodies are not read.
    Http(Url),
    /// A host and port that must take a connection.
    Tcp(TcpTarget),
}

/// Where a connection is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TcpTarget {
    /// An address.
    Address(SocketAddr),
    /// A name, resolved at each check.
    Name(String, u16),
}

impl ServiceRule {
    /// Whether the operator meant this target.
    #[must_use]
    pub fn matches(&self, target: &TargetReport) -> bool {
        let is_instance = |wanted: &Alias| Alias::parse(&target.instance).as_ref() == Some(wanted);
        self.job == target.job && self.instance.as_ref().is_none_or(is_instance)
    }
}

impl TcpTarget {
    /// Reads `host:port`, `10.0.0.1:22` or `[fd00::1]:22`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::Address(address));
        }
        let (host, port) = text.rsplit_once(':')?;
        let is_name =
            !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
        let port = port.parse().ok().filter(|port| *port > 0)?;
        is_name.then(|| Self::Name(host.to_owned(), port))
    }
}
