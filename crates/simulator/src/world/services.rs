//! The services that are watched: some that a configuration would name, some that are nobody's business.

use super::dice::Dice;
use super::journal::Timeline;
use super::{HOUR, MINUTE, World};

/// How a service is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Watch {
    /// It is scraped: `up` tells.
    Scrape,
    /// It is probed from outside: `probe_success` tells, and `up` only tells that the prober lives.
    Probe,
}

/// One instance of a service; nothing but `name` may be published.
#[derive(Debug, PartialEq)]
pub struct Service {
    /// A name that may be published, for a configuration that lists the service.
    pub name: Option<&'static str>,
    /// The label `job` of its series.
    pub job: &'static str,
    /// The label `instance` of its series.
    pub instance: &'static str,
    /// How it is watched.
    pub watch: Watch,
    /// The station that it runs on.
    host: &'static str,
    /// How often it fails by itself and for how long, in seconds; never if the first is infinite.
    fails_every: f64,
    fails_for: f64,
}

/// The services' internal names, as far as no public word contains them.
pub(crate) const INTERNAL_FRAGMENTS: [&str; 12] = [
    "vaultwarden",
    "baby-monitor",
    "jellyfin-family",
    "blackbox-http",
    "blackbox-icmp",
    "binhost-rsyncd",
    "10.42.0.77",
    "192.168.20.1",
    "https://vaultwarden.internal.lan/alive",
    "https://binhost.internal.lan/Packages",
    "http://altair-link.internal.lan:8090/healthz",
    "argus-watch.internal.lan:8081",
];

const SERVICES_HOST: &str = "altair-link.internal.lan";
const STORAGE_HOST: &str = "vault-nas.internal.lan";
const MONITOR_HOST: &str = "argus-watch.internal.lan";

/// Every instance that is watched.
pub static SERVICES: [Service; 12] = [
    steady(Some("Gateway"), "gateway", "altair-link.internal.lan:8090", SERVICES_HOST),
    steady(Some("Orchestrator"), "orchestrator", "altair-link.internal.lan:8100", SERVICES_HOST),
    steady(Some("Prometheus"), "prometheus", "argus-watch.internal.lan:9090", MONITOR_HOST),
    steady(Some("Loki"), "loki", "argus-watch.internal.lan:3100", MONITOR_HOST),
    steady(Some("Package mirror"), "binhost-rsyncd", "vault-nas.internal.lan:8081", STORAGE_HOST),
    Service {
        fails_every: 3.0 * HOUR,
        fails_for: 25.0 * MINUTE,
        ..steady(Some("Package mirror"), "binhost-rsyncd", "argus-watch.internal.lan:8081", MONITOR_HOST)
    },
    steady(None, "vaultwarden", "altair-link.internal.lan:8222", SERVICES_HOST),
    Service {
        fails_every: 5.0 * HOUR,
        fails_for: 12.0 * MINUTE,
        ..steady(None, "baby-monitor", "10.42.0.77:8554", "")
    },
    steady(None, "jellyfin-family", "vault-nas.internal.lan:8096", STORAGE_HOST),
    probed(Some("Gateway"), "blackbox-http", "http://altair-link.internal.lan:8090/healthz", SERVICES_HOST),
    Service {
        fails_every: 7.0 * HOUR,
        fails_for: 9.0 * MINUTE,
        ..probed(None, "blackbox-http", "https://vaultwarden.internal.lan/alive", SERVICES_HOST)
    },
    probed(None, "blackbox-icmp", "192.168.20.1", ""),
];

const fn steady(
    name: Option<&'static str>,
    job: &'static str,
    instance: &'static str,
    host: &'static str,
) -> Service {
    let (fails_every, fails_for) = (f64::INFINITY, 0.0);
    Service { name, job, instance, watch: Watch::Scrape, host, fails_every, fails_for }
}

const fn probed(
    name: Option<&'static str>,
    job: &'static str,
    instance: &'static str,
    host: &'static str,
) -> Service {
    Service { watch: Watch::Probe, ..steady(name, job, instance, host) }
}

/// A service with its past.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The service itself.
    pub service: &'static Service,
    begun_at: f64,
    away: Timeline,
    /// How often and for how long it fails, at the world's speed, and when in that rhythm.
    every: f64,
    lasts: f64,
    offset: f64,
    seed: u64,
}

impl Watched {
    /// Whether it works at `unix`.
    #[must_use]
    pub fn works(&self, unix: f64) -> bool {
        unix >= self.begun_at && self.fails_since(unix).is_none()
    }

    /// Since when it fails, if it does.
    #[must_use]
    pub fn fails_since(&self, unix: f64) -> Option<f64> {
        let into = (unix + self.offset).rem_euclid(self.every);
        let by_itself = (self.every.is_finite() && into < self.lasts).then_some(unix - into);
        let stopped = self.away.at(unix).map(|span| span.from);
        [by_itself, stopped].into_iter().flatten().reduce(f64::min)
    }

    /// How long a probe takes that is made at `unix`, in seconds.
    #[must_use]
    pub fn probe_duration(&self, unix: f64) -> f64 {
        let mut dice = Dice::new(self.seed ^ (unix / 15.0).floor() as u64);
        if self.works(unix) { dice.log_normal(0.012, 0.4) } else { 9.5 }
    }
}

impl World {
    /// Every watched instance, in an order that never changes.
    #[must_use]
    pub fn services(&self) -> Vec<Watched> {
        let watched = |(index, service): (usize, &'static Service)| {
            let seed = self.seed ^ (index as u64 + 7).wrapping_mul(0xd134_2543_de82_ef95);
            let mut away = self.outages_of(service.instance);
            away.extend(self.outages_of(service.host));
            let every = self.scaled(service.fails_every);
            Watched {
                service,
                begun_at: self.begun_at,
                away: Timeline::new(away),
                every,
                lasts: self.scaled(service.fails_for),
                offset: if every.is_finite() { Dice::new(seed).between(0.0, every) } else { 0.0 },
                seed,
            }
        };
        SERVICES.iter().enumerate().map(watched).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: f64 = 1_795_431_300.0;

    #[test]
    fn a_service_that_fails_by_itself_does_so_for_its_time_and_comes_back() {
        let world = World::with_speed(4, START, 10.0);
        let services = world.services();
        let baby = services.iter().find(|watched| watched.service.job == "baby-monitor").unwrap();
        let down = (0..1_800).filter(|second| !baby.works(START - f64::from(*second))).count();
        assert!((71..=73).contains(&down), "12 minutes in 5 hours, ten times faster: {down}");
        let since = (0..1_800).find_map(|second| baby.fails_since(START - f64::from(second))).unwrap();
        assert!(baby.works(since - 1.0) && !baby.works(since + 1.0));
    }

    #[test]
    fn what_has_no_failures_always_works() {
        let world = World::new(4, START);
        let services = world.services();
        let gateway = services.iter().find(|watched| watched.service.job == "gateway").unwrap();
        assert!((0..5_000).all(|minute| {
            let at = START - f64::from(minute) * 60.0;
            gateway.works(at) == (at >= world.begun_at())
        }));
        assert!((0.0..1.0).contains(&gateway.probe_duration(START)));
    }

    #[test]
    fn every_label_is_unique_and_listed_as_internal_if_it_is_not_a_public_word() {
        let internal = World::new(4, START).internal_strings();
        for (index, service) in SERVICES.iter().enumerate() {
            assert!(SERVICES[..index].iter().all(|other| other.instance != service.instance));
            assert!(internal.iter().any(|name| service.instance.contains(name.as_str())), "{service:?}");
            let is_public = service.name.is_some_and(|name| name.eq_ignore_ascii_case(service.job));
            assert!(is_public || internal.iter().any(|name| name == service.job), "{}", service.job);
        }
    }
}
