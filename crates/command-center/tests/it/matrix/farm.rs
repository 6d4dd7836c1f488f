//! The backends, of which one is about to fail.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::SystemTime,
};

use simulator::{
    behaviour::Behaviour,
    control_plane, loki,
    loki::numbers::Numbers,
    message::{Answer, Request},
    prometheus,
    server::Server,
    simulator::{Backend, Options, Simulator},
};
use snapshot::section::SourceName;

use super::fault::Fault;
use crate::support::names::Names;

/// The backend that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    Backend(Backend),
    Probe,
}

/// All backends.
pub(super) struct Farm {
    pub(super) victim: Victim,
    simulator: Arc<Simulator>,
    probed: Server,
    /// Where the victim's name leads; `None` where it has none.
    pub(super) names: Option<Names>,
}

/// A victim at another address, for as long as this lives.
pub(super) struct Elsewhere(Server);

impl Victim {
    pub(super) const ALL: [Self; 5] = [
        Self::Backend(Backend::Gateway),
        Self::Backend(Backend::Orchestrator),
        Self::Backend(Backend::Prometheus),
        Self::Backend(Backend::Loki),
        Self::Probe,
    ];

    /// As configurations and documents call it.
    pub(super) fn name(self) -> &'static str {
        self.source().as_str()
    }

    pub(super) fn source(self) -> SourceName {
        match self {
            Self::Backend(Backend::Gateway) => SourceName::Gateway,
            Self::Backend(Backend::Orchestrator) => SourceName::Orchestrator,
            Self::Backend(Backend::Prometheus) => SourceName::Prometheus,
            Self::Backend(Backend::Loki) => SourceName::Loki,
            Self::Probe => SourceName::Probes,
        }
    }

    /// The document that tells of it.
    pub(super) fn document(self) -> &'static str {
        match self {
            Self::Backend(Backend::Gateway) => "build-swarm",
            Self::Backend(Backend::Orchestrator) => "queue",
            Self::Backend(Backend::Prometheus | Backend::Loki) | Self::Probe => "infrastructure",
        }
    }
}

impl Farm {
    pub(super) fn start(victim: Victim, names: Option<Names>) -> Self {
        // Time stands still for the farm, so that nothing but faults changes what is known.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
        let simulator = Simulator::start_with_clock(Options { seed: 3, speed: 1.0 }, move || now).unwrap();
        let probed = Server::start(|_| well()).unwrap();
        Self { victim, simulator: Arc::new(simulator), probed, names }
    }

    /// Where a backend is asked.
    pub(super) fn url(&self, one: Victim) -> String {
        match self.names.as_ref().filter(|_| one == self.victim) {
            Some(names) => format!("http://{}:{}", names.host(), self.address(one).port()),
            None => format!("http://{}", self.address(one)),
        }
    }

    fn address(&self, one: Victim) -> SocketAddr {
        match one {
            Victim::Backend(backend) => {
                self.simulator.url(backend).trim_start_matches("http://").parse().unwrap()
            }
            Victim::Probe => self.probed.address(),
        }
    }

    /// Does it to the victim; `None` where the machine does not allow it.
    pub(super) fn apply(&self, fault: Fault) -> Option<Option<Elsewhere>> {
        match fault {
            Fault::Behaves(behaviour) => self.behave(behaviour),
            Fault::NoSuchName => {
                self.names.as_ref()?.lead_nowhere();
                self.behave(Behaviour::Refuse);
            }
            Fault::Moved => {
                let names = self.names.as_ref()?;
                let address = Ipv4Addr::new(127, 0, 0, 2);
                let place = SocketAddr::from((address, self.address(self.victim).port()));
                let elsewhere = Server::start_on(place, self.answers()).unwrap();
                names.lead_to(address);
                self.behave(Behaviour::Refuse);
                return Some(Some(Elsewhere(elsewhere)));
            }
        }
        Some(None)
    }

    /// The victim behaves again, where it was.
    pub(super) fn restore(&self) {
        if let Some(names) = &self.names {
            names.lead_to(Ipv4Addr::LOCALHOST);
        }
        self.behave(Behaviour::Normal);
    }

    fn behave(&self, behaviour: Behaviour) {
        match self.victim {
            Victim::Backend(backend) => self.simulator.set_behaviour(backend, behaviour),
            Victim::Probe => self.probed.set_behaviour(behaviour),
        }
    }

    /// How many questions the victim was asked.
    pub(super) fn requests(&self) -> u64 {
        match self.victim {
            Victim::Backend(backend) => self.simulator.requests(backend),
            Victim::Probe => self.probed.requests(),
        }
    }

    /// The victim's answers.
    fn answers(&self) -> impl Fn(&Request) -> Answer + Send + Sync + 'static {
        let (simulator, victim) = (Arc::clone(&self.simulator), self.victim);
        move |request| match victim {
            Victim::Backend(backend) => simulator.with_world(|world| match backend {
                Backend::Gateway | Backend::Orchestrator => control_plane::answer(world, request),
                Backend::Prometheus => prometheus::answer(world, request),
                Backend::Loki => loki::answer(world, request, Numbers::Loki),
            }),
            Victim::Probe => well(),
        }
    }
}

impl Elsewhere {
    pub(super) fn requests(&self) -> u64 {
        self.0.requests()
    }
}

fn well() -> Answer {
    Answer::new(200, "text/plain", "well")
}
