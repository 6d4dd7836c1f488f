//! The whole configuration, checked.

use std::{collections::BTreeMap, net::SocketAddr};

use scheduler::config::{
    Config as SchedulerConfig, FORGET_AFTER, GATEWAY_INTERVAL, HISTORY_KEEP, ORCHESTRATOR_INTERVAL,
    STUCK_AFTER,
};
use snapshot::snapshot::Policy;
use web::config::{AllowedHosts, BasePath, Config as WebConfig, PublicUrl, TrustedProxies};

use super::{
    backends, http, identity, infrastructure, keys::Keys, notes::Notes, notice, source::Source, websocket,
};

/// Where the public site listens by default.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5000);
/// Where the internal listener is by default.
const INTERNAL_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5001);

/// Everything that the operator decided.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The public listener.
    pub(crate) listen: SocketAddr,
    /// The internal listener.
    pub(crate) internal_listen: SocketAddr,
    /// The backends' side.
    pub(crate) scheduler: SchedulerConfig,
    /// The browsers' side.
    pub(crate) web: WebConfig,
    /// What deserves a second look.
    pub(crate) notes: Notes,
    /// From what all of this was read.
    pub(crate) source: Source,
}

impl Settings {
    /// Reads every key; `None` when something is wrong, which the keys then know.
    pub(super) fn read(keys: &mut Keys<'_>) -> Option<Self> {
        let address = "an address such as \"127.0.0.1:5000\"";
        let listen = keys.get("listen", address, |value| value.as_str()?.parse().ok());
        let internal_listen = keys.get("internal_listen", address, |value| value.as_str()?.parse().ok());
        let data_dir = keys.text("data_dir").filter(|directory| !directory.is_empty());
        let base_path = keys.parsed("base_path", BasePath::parse);
        let public_url = keys.parsed("public_url", PublicUrl::parse);
        let hosts =
            keys.get("allowed_hosts", "a list of host names without scheme, port and path", |value| {
                let hosts: Option<Vec<&str>> = value.as_array()?.iter().map(toml::Value::as_str).collect();
                AllowedHosts::parse(hosts?).ok()
            });
        let mut notes = Notes::default();
        let proxies = "a list of addresses and networks such as \"172.16.0.0/12\"";
        let trusted_proxies = keys.get("trusted_proxies", proxies, |value| {
            let networks: Option<Vec<&str>> = value.as_array()?.iter().map(toml::Value::as_str).collect();
            TrustedProxies::parse(networks?).ok()
        });
        let http = keys.section("http", http::read);
        let websocket = keys.section("websocket", websocket::read);
        let mut forget_after = None;
        let gateway = keys.section("gateway", |keys| {
            forget_after = keys.duration("forget_after");
            backends::read(keys, &mut notes, GATEWAY_INTERVAL)
        });
        let orchestrator =
            keys.section("orchestrator", |keys| backends::read(keys, &mut notes, ORCHESTRATOR_INTERVAL));
        let mut disks = BTreeMap::new();
        let prometheus =
            keys.section("prometheus", |keys| infrastructure::prometheus(keys, &mut notes, &mut disks));
        let loki = keys.section("loki", |keys| infrastructure::loki(keys, &mut notes));
        let identity = keys.section("identity", identity::read);
        let announcement = keys.section("notice", |keys| notice::read(keys, identity.as_ref()));
        let (publish_version, publish_boot_times) =
            keys.section("publish", |keys| (keys.flag("swarm_version"), keys.flag("boot_times")));
        let watch = infrastructure::watch(keys, &mut notes, disks, publish_boot_times.unwrap_or(true));
        let stuck_after = keys.section("dashboard", |keys| keys.duration("stuck_after"));
        let keep = keys.section("history", |keys| keys.count("keep", 100, 1_000_000));
        Some(Self {
            listen: listen.unwrap_or(LISTEN),
            internal_listen: internal_listen.unwrap_or(INTERNAL_LISTEN),
            scheduler: SchedulerConfig {
                gateway,
                orchestrator,
                prometheus,
                loki,
                watch: watch?,
                identity: identity?,
                data_dir: data_dir.map(Into::into),
                forget_after: forget_after.unwrap_or(FORGET_AFTER),
                publish_version: publish_version.unwrap_or(true),
                history_keep: keep.unwrap_or(HISTORY_KEEP),
                policy: Policy { stuck_after: stuck_after.unwrap_or(STUCK_AFTER), demo: false },
                announcement,
            },
            web: WebConfig::new()
                .with_base_path(base_path.unwrap_or_default())
                .with_public_url(public_url)
                .with_allowed_hosts(hosts.unwrap_or_default())
                .with_trusted_proxies(trusted_proxies.unwrap_or_default())
                .with_http(http)
                .with_websocket(websocket),
            notes,
            source: Source::default(),
        })
    }

    /// Whether there is anything to watch.
    pub(crate) fn has_backend(&self) -> bool {
        let scheduler = &self.scheduler;
        scheduler.gateway.is_some()
            || scheduler.orchestrator.is_some()
            || scheduler.prometheus.is_some()
            || scheduler.loki.is_some()
            || !scheduler.watch.probes.is_empty()
    }
}
