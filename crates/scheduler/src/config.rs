//! What is asked, how often, and what counts as silence.

pub mod credentials;
pub mod draft;
pub mod infrastructure;

use std::{path::PathBuf, time::Duration};

use snapshot::{
    section::Limits,
    snapshot::{Announcement, Policy},
};
use url::Url;

use credentials::Credentials;

/// Galaxies, stars and policies, checked; made by [`draft::NamesDraft::check`].
pub type Names = identity::config::Config;

/// Everything that the scheduler must be told.
#[derive(Debug, Clone)]
pub struct Config {
    /// The gateway; `None` = not configured.
    pub gateway: Option<Backend>,
    /// The orchestrator; `None` = not configured.
    pub orchestrator: Option<Backend>,
    /// Prometheus and what is asked of it; `None` = not configured.
    pub prometheus: Option<(Backend, crate::backend::prometheus::Expressions)>,
    /// Loki and what is asked of it; `None` = not configured.
    pub loki: Option<(Backend, crate::backend::loki::LokiQueries)>,
    /// Hosts, services and probes.
    pub watch: infrastructure::Watch,
    /// Names.
    pub identity: Names,
    /// Where things are kept that survive the process; `None` keeps nothing.
    pub data_dir: Option<PathBuf>,
    /// Silence after which a drone is retired.
    pub forget_after: Duration,
    /// Whether the swarm's version is published.
    pub publish_version: bool,
    /// How many builds are kept in memory.
    pub history_keep: usize,
    /// How the swarm is judged.
    pub policy: Policy,
    /// What the operator announces at the start; [`crate::Announcer`] changes it.
    pub announcement: Option<Announcement>,
}

/// What a running scheduler can take over of a configuration; everything else holds from a start on.
#[derive(Debug, Clone)]
pub struct Change {
    /// Names.
    pub identity: Names,
    /// Services that have a public name.
    pub services: Vec<infrastructure::ServiceRule>,
    /// Direct checks.
    pub probes: Vec<infrastructure::Probe>,
    /// What the operator announces.
    pub announcement: Option<Announcement>,
}

/// One backend: where it is and how it is polled.
#[derive(Debug, Clone)]
pub struct Backend {
    url: Url,
    interval: Duration,
    timeout: Duration,
    limits: Limits,
    credentials: Credentials,
}

/// Durations as configured; what is absent has a default that follows from the interval.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// From the start of one poll to that of the next.
    pub interval: Option<Duration>,
    /// For one request as a whole.
    pub timeout: Option<Duration>,
    /// Silence that is stale.
    pub stale_after: Option<Duration>,
    /// Silence that is offline.
    pub offline_after: Option<Duration>,
}

/// Why a backend cannot be polled as configured. The key is the one that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendProblem {
    /// Neither http nor https, or no host.
    #[error("url must be an absolute http:// or https:// URL")]
    Url,
    /// Whoever may see the URL would see the password.
    #[error("url must not contain a user or a password; basic_auth takes them, the password from a file")]
    UrlWithPassword,
    /// Polls would follow each other without pause.
    #[error("interval must be at least 100ms")]
    Interval,
    /// A poll could last longer than its interval.
    #[error("timeout must be more than 0s and less than the interval")]
    Timeout,
    /// Every answer would be stale before the next.
    #[error("stale_after must be at least the interval")]
    StaleAfter,
    /// The order of states would be reversed.
    #[error("offline_after must be more than stale_after")]
    OfflineAfter,
}

/// The longest default timeout.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(5);
/// The shortest default silence that is stale.
pub const STALE_AFTER_MIN: Duration = Duration::from_secs(15);
/// The gateway is polled this often by default.
pub const GATEWAY_INTERVAL: Duration = Duration::from_secs(10);
/// The orchestrator is polled this often by default.
pub const ORCHESTRATOR_INTERVAL: Duration = Duration::from_secs(5);
/// Prometheus is polled this often by default.
pub const PROMETHEUS_INTERVAL: Duration = Duration::from_secs(15);
/// Loki is polled this often by default.
pub const LOKI_INTERVAL: Duration = Duration::from_secs(30);
/// A drone is retired after this silence by default.
pub const FORGET_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// This many builds are kept in memory by default.
pub const HISTORY_KEEP: usize = 20_000;
/// Waiting work is stuck after this time by default.
pub const STUCK_AFTER: Duration = Duration::from_secs(10 * 60);

impl Backend {
    /// Checks how a backend is to be polled; `default_interval` is the backend's own.
    ///
    /// # Errors
    /// Lists everything that is wrong with it.
    pub fn new(url: &str, timing: Timing, default_interval: Duration) -> Result<Self, Vec<BackendProblem>> {
        let mut problems = Vec::new();
        let url = url.parse::<Url>().ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.has_host() && !url.cannot_be_a_base()
        });
        match &url {
            None => problems.push(BackendProblem::Url),
            Some(url) if has_userinfo(url) => problems.push(BackendProblem::UrlWithPassword),
            Some(_) => {}
        }
        let interval = timing.interval.unwrap_or(default_interval);
        if interval < Duration::from_millis(100) {
            problems.push(BackendProblem::Interval);
        }
        let timeout = timing.timeout.unwrap_or_else(|| TIMEOUT_MAX.min(interval.mul_f64(0.8)));
        if timeout.is_zero() || timeout >= interval {
            problems.push(BackendProblem::Timeout);
        }
        let stale_after = timing.stale_after.unwrap_or_else(|| STALE_AFTER_MIN.max(interval * 3));
        if stale_after < interval {
            problems.push(BackendProblem::StaleAfter);
        }
        let offline_after = timing.offline_after.unwrap_or(stale_after * 2);
        if offline_after <= stale_after {
            problems.push(BackendProblem::OfflineAfter);
        }
        match url {
            Some(mut url) if problems.is_empty() => {
                // Joining replaces what follows the last slash, so a path prefix must end with one.
                if !url.path().ends_with('/') {
                    url.set_path(&format!("{}/", url.path()));
                }
                let limits = Limits { stale_after, offline_after };
                Ok(Self { url, interval, timeout, limits, credentials: Credentials::default() })
            }
            _ => Err(problems),
        }
    }

    /// The same backend, asked with these credentials.
    #[must_use]
    pub fn with_credentials(self, credentials: Credentials) -> Self {
        Self { credentials, ..self }
    }

    /// What goes with every request.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The base of its URLs; its path ends with a slash.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// From the start of one poll to that of the next.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// For one request as a whole.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// When its silence begins to matter.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }
}

impl Config {
    /// What a running scheduler can take over.
    #[must_use]
    pub fn change(&self) -> Change {
        Change {
            identity: self.identity.clone(),
            services: self.watch.services.clone(),
            probes: self.watch.probes.clone(),
            announcement: self.announcement.clone(),
        }
    }

    /// Secrets of every backend and probe that the leak guard must search for.
    pub(crate) fn searched_secrets(&self) -> impl Iterator<Item = String> {
        let plain = self.gateway.iter().chain(&self.orchestrator);
        let prometheus = self.prometheus.iter().map(|(backend, _)| backend);
        let loki = self.loki.iter().map(|(backend, _)| backend);
        let of_backends = plain.chain(prometheus).chain(loki).map(Backend::credentials);
        let of_probes = self.watch.probes.iter().map(|probe| &probe.credentials);
        of_backends.chain(of_probes).flat_map(Credentials::searched)
    }
}

/// Whether a URL holds a user or a password.
fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn defaults_follow_from_the_interval() {
        let check = |interval: u64, timeout_ms: u64, stale: u64, offline: u64| {
            let backend = Backend::new(
                "http://gateway:8100",
                Timing::default(),
                SECOND * u32::try_from(interval).unwrap(),
            );
            let backend = backend.unwrap();
            assert_eq!(backend.timeout(), Duration::from_millis(timeout_ms));
            assert_eq!(backend.limits().stale_after.as_secs(), stale);
            assert_eq!(backend.limits().offline_after.as_secs(), offline);
        };
        check(10, 5_000, 30, 60);
        check(5, 4_000, 15, 30);
        check(2, 1_600, 15, 30);
        check(30, 5_000, 90, 180);
    }

    #[test]
    fn a_url_with_a_user_or_a_password_is_refused() {
        for url in ["http://user@p", "http://user:secret@p", "https://:secret@p:9090/x"] {
            let problems = Backend::new(url, Timing::default(), SECOND).unwrap_err();
            assert_eq!(problems, [BackendProblem::UrlWithPassword], "{url}");
        }
    }

    #[test]
    fn every_problem_is_listed() {
        let timing = Timing {
            interval: Some(SECOND),
            timeout: Some(SECOND),
            stale_after: Some(Duration::from_millis(1)),
            offline_after: Some(Duration::from_millis(1)),
        };
        let problems = Backend::new("ftp://x", timing, SECOND).unwrap_err();
        use BackendProblem::{OfflineAfter, StaleAfter, Timeout, Url};
        assert_eq!(problems, [Url, Timeout, StaleAfter, OfflineAfter]);
    }
}
