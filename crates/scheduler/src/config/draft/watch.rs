//! Services, probes and disks as the operator wrote them.

use std::{collections::BTreeMap, time::Duration};

use identity::alias::Alias;

use super::{NamesProblem, Problems};
use crate::config::{
    credentials::Credentials,
    has_userinfo,
    infrastructure::{PROBE_INTERVAL, Probe, ProbeTarget, ServiceRule, TcpTarget, Watch},
};

/// Services, probes and disks as texts.
#[derive(Debug, Clone, Default)]
pub struct WatchDraft {
    /// The services.
    pub services: Vec<ServiceDraft>,
    /// The probes.
    pub probes: Vec<ProbeDraft>,
    /// Labels by mount point.
    pub disks: BTreeMap<String, String>,
    /// Whether it is said when machines started.
    pub publish_boot_times: bool,
}

/// A service as the operator wrote it.
#[derive(Debug, Clone, Default)]
pub struct ServiceDraft {
    /// Its public name; it must be there.
    pub name: Option<String>,
    /// Prometheus' `job` and Loki's `service_name`; it must be there.
    pub job: Option<String>,
    /// One instance of the job.
    pub instance: Option<String>,
}

/// A probe as the operator wrote it: either `http` or `tcp`.
#[derive(Debug, Clone, Default)]
pub struct ProbeDraft {
    /// The service's public name; it must be there.
    pub name: Option<String>,
    /// The public name of its host.
    pub host: Option<String>,
    /// A URL.
    pub http: Option<String>,
    /// A host and a port.
    pub tcp: Option<String>,
    /// From one check to the next.
    pub interval: Option<Duration>,
    /// For one check.
    pub timeout: Option<Duration>,
    /// What goes with every request; only for `http`.
    pub credentials: Credentials,
}

impl WatchDraft {
    /// Checks everything. Keys of problems begin with `services`, `probes` or `disks`.
    ///
    /// # Errors
    /// Lists every problem.
    pub fn check(&self) -> Result<Watch, Vec<NamesProblem>> {
        let mut problems = Problems::default();
        let services = self.services.iter().enumerate();
        let services =
            services.filter_map(|(idx, draft)| draft.check(&format!("services[{idx}]"), &mut problems));
        let services = services.collect();
        let probes = self.probes.iter().enumerate();
        let probes = probes.filter_map(|(idx, draft)| draft.check(&format!("probes[{idx}]"), &mut problems));
        let probes = probes.collect();
        let labels = self.disks.iter();
        let disks = labels
            .filter_map(|(mount, label)| {
                Some((mount.clone(), problems.name(&format!("disks.{mount}"), label)?))
            })
            .collect();
        let watch = Watch { services, probes, disks, publish_boot_times: self.publish_boot_times };
        if problems.0.is_empty() { Ok(watch) } else { Err(problems.0) }
    }
}

impl ServiceDraft {
    fn check(&self, key: &str, problems: &mut Problems) -> Option<ServiceRule> {
        let name = problems.required(&format!("{key}.name"), self.name.as_deref());
        let job = self.job.clone().filter(|job| !job.is_empty());
        if job.is_none() {
            problems.note::<()>(&format!("{key}.match"), "must name a job, as in { job = \"node\" }");
        }
        let instance = self.instance.as_deref().and_then(Alias::parse);
        Some(ServiceRule { name: name?, job: job?, instance })
    }
}

impl ProbeDraft {
    fn check(&self, key: &str, problems: &mut Problems) -> Option<Probe> {
        let name = problems.required(&format!("{key}.name"), self.name.as_deref());
        let host = self.host.as_deref().and_then(|host| problems.name(&format!("{key}.host"), host));
        let target = match (&self.http, &self.tcp) {
            (Some(http), None) => {
                let url = http.parse::<url::Url>().ok();
                if url.as_ref().is_some_and(has_userinfo) {
                    let allowed = "must not contain a user or a password; basic_auth takes them";
                    problems.note::<()>(&format!("{key}.http"), allowed);
                }
                url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
                    .map(ProbeTarget::Http)
                    .or_else(|| {
                        problems.note(&format!("{key}.http"), "must be an absolute http:// or https:// URL")
                    })
            }
            (None, Some(tcp)) => TcpTarget::parse(tcp)
                .map(ProbeTarget::Tcp)
                .or_else(|| problems.note(&format!("{key}.tcp"), "must be host:port")),
            _ => problems.note(key, "must have either http or tcp"),
        };
        if self.tcp.is_some() && self.credentials != Credentials::default() {
            problems.note::<()>(&format!("{key}.tcp"), "takes no credentials");
        }
        let interval = self.interval.unwrap_or(PROBE_INTERVAL);
        let timeout = self.timeout.unwrap_or_else(|| Duration::from_secs(5).min(interval.mul_f64(0.8)));
        if interval < Duration::from_millis(100) {
            problems.note::<()>(&format!("{key}.interval"), "must be at least 100ms");
        }
        if timeout.is_zero() || timeout >= interval {
            let allowed = "must be more than 0s and less than the interval";
            problems.note::<()>(&format!("{key}.timeout"), allowed);
        }
        Some(Probe {
            name: name?,
            host,
            target: target?,
            interval,
            timeout,
            credentials: self.credentials.clone(),
        })
    }
}
