//! What is stopped and started by hand beside the farm's machines: stations and services.

use super::World;
use super::journal::Span;
use super::services::SERVICES;
use super::stations;

/// An absence of a station or of a service's instance.
#[derive(Debug, Clone)]
pub(super) struct Outage {
    /// The station's host name, or the instance.
    target: String,
    span: Span,
}

impl World {
    /// The machines that build nothing.
    #[must_use]
    pub fn stations(&self) -> &[stations::Station] {
        &self.stations
    }

    /// Stops a station (by its host name) or an instance of a service until [`World::start`].
    pub fn stop(&mut self, name: &str) -> bool {
        let Some(target) = self.target(name).filter(|target| !self.is_stopped(target)) else { return false };
        self.outages.push(Outage { target, span: Span { from: self.now, until: f64::INFINITY } });
        true
    }

    /// Starts what was stopped; a station comes back with new counters.
    pub fn start(&mut self, name: &str) -> bool {
        let (Some(target), now) = (self.target(name), self.now) else { return false };
        let mut stopped = self.outages.iter_mut().filter(|outage| outage.target == target);
        let Some(outage) = stopped.find(|outage| outage.span.until == f64::INFINITY) else { return false };
        outage.span.until = now;
        true
    }

    /// Takes a station out of the watch: its series are gone, which is not the same as being down.
    pub fn forget_station(&mut self, name: &str) -> bool {
        let before = self.stations.len();
        self.stations.retain(|station| !station.is_called(name));
        self.stations.len() < before
    }

    /// Makes the farm larger by `count` stations, or smaller again; the first stations stay.
    pub fn set_spare_stations(&mut self, count: usize) {
        self.stations.retain(|station| station.number < stations::FIRST);
        self.stations.extend((stations::FIRST..stations::FIRST + count).map(stations::spare));
    }

    /// When `target` was stopped.
    pub(super) fn outages_of(&self, target: &str) -> Vec<Span> {
        self.outages.iter().filter(|outage| outage.target == target).map(|outage| outage.span).collect()
    }

    fn is_stopped(&self, target: &str) -> bool {
        self.outages_of(target).iter().any(|span| span.until == f64::INFINITY)
    }

    fn target(&self, name: &str) -> Option<String> {
        let station = self.stations.iter().find(|station| station.is_called(name));
        let instance = || SERVICES.iter().find(|service| service.instance == name);
        station
            .map(|station| station.host.clone())
            .or_else(|| instance().map(|service| service.instance.to_owned()))
    }
}
