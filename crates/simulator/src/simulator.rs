//! The world behind one listener a backend.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::behaviour::Behaviour;
use crate::chaos::Chaos;
use crate::loki::numbers::Numbers;
use crate::message::{Answer, Request};
use crate::server::Server;
use crate::world::World;
use crate::world::logs::{LOG_SERVICES, LogService};
use crate::world::machines::{GALAXIES, Galaxy, MACHINES, Machine};
use crate::world::services::{SERVICES, Service};
use crate::world::stations::Station;
use crate::{control_plane, exporter, loki, prometheus};

/// What can be chosen about a simulator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The same seed and the same instants give the same answers.
    pub seed: u64,
    /// How many times faster than a real swarm everything happens; see [`World::with_speed`].
    pub speed: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, speed: 1.0 }
    }
}

/// A backend that the simulator plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// Knows the machines.
    Gateway,
    /// Knows the queue.
    Orchestrator,
    /// Knows the hosts and the services.
    Prometheus,
    /// Knows how much is logged.
    Loki,
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 4] = [Self::Gateway, Self::Orchestrator, Self::Prometheus, Self::Loki];

    /// What the backend answers; another backend is another arm.
    fn answer(self, world: &World, request: &Request, numbers: Numbers) -> Answer {
        match self {
            Self::Gateway | Self::Orchestrator => control_plane::answer(world, request),
            Self::Prometheus => prometheus::answer(world, request),
            Self::Loki => loki::answer(world, request, numbers),
        }
    }
}

/// The backend within a sentence.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gateway => "the gateway",
            Self::Orchestrator => "the orchestrator",
            Self::Prometheus => "Prometheus",
            Self::Loki => "Loki",
        })
    }
}

/// Where the time comes from, in seconds since 1970.
type Clock = Arc<dyn Fn() -> f64 + Send + Sync>;

/// A running simulator; it stops when it is dropped.
pub struct Simulator {
    world: Arc<Mutex<World>>,
    clock: Clock,
    /// One server for each of [`Backend::ALL`], in its order.
    servers: Vec<Server>,
    /// What a real Prometheus can scrape; it always behaves.
    exporters: Server,
    numbers: Arc<Mutex<Numbers>>,
}

impl Simulator {
    /// Starts every backend on a free loopback port, with a world that keeps the system's time.
    ///
    /// # Errors
    /// When the speed is not positive and finite, or no socket or thread can be had.
    pub fn start(options: Options) -> io::Result<Self> {
        Self::start_with_clock(options, system_time)
    }

    /// The same with another source of time, in seconds since 1970; it starts at the clock's first answer.
    ///
    /// # Errors
    /// When the speed is not positive and finite, or no socket or thread can be had.
    pub fn start_with_clock(
        options: Options,
        clock: impl Fn() -> f64 + Send + Sync + 'static,
    ) -> io::Result<Self> {
        if !(options.speed.is_finite() && options.speed > 0.0) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the speed must be positive and finite"));
        }
        let clock: Clock = Arc::new(clock);
        let world = Arc::new(Mutex::new(World::with_speed(options.seed, clock(), options.speed)));
        let numbers = Arc::new(Mutex::new(Numbers::Loki));
        let servers = Backend::ALL.into_iter().map(|backend| {
            let numbers = Arc::clone(&numbers);
            serve(&world, &clock, move |world, request| backend.answer(world, request, *lock(&numbers)))
        });
        let servers = servers.collect::<io::Result<_>>()?;
        let exporters = serve(&world, &clock, exporter::answer)?;
        Ok(Self { world, clock, servers, exporters, numbers })
    }

    /// The base URL of `backend`, without a slash at its end.
    #[must_use]
    pub fn url(&self, backend: Backend) -> String {
        self.server(backend).url()
    }

    /// Changes how `backend` behaves; see [`Server::set_behaviour`].
    pub fn set_behaviour(&self, backend: Backend, behaviour: Behaviour) {
        self.server(backend).set_behaviour(behaviour);
    }

    /// How `backend` behaves.
    #[must_use]
    pub fn behaviour(&self, backend: Backend) -> Behaviour {
        self.server(backend).behaviour()
    }

    /// How many complete requests have reached `backend`.
    #[must_use]
    pub fn requests(&self, backend: Backend) -> u64 {
        self.server(backend).requests()
    }

    /// Brings the world up to the present and lets `act` look at it or change it.
    ///
    /// No backend answers meanwhile, so `act` must not wait for one.
    pub fn with_world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = lock(&self.world);
        world.advance_to((self.clock)());
        act(&mut world)
    }

    /// Makes the backends behave as the schedule has it `elapsed` after its start; tells what it has.
    ///
    /// Whatever was set by hand before is overruled; a behaviour that is right already is left alone.
    pub fn apply_chaos(&self, elapsed: Duration) -> Option<(Backend, Behaviour)> {
        let chaos = Chaos::at(elapsed);
        for backend in Backend::ALL {
            let wanted = chaos.filter(|(one, _)| *one == backend).map_or(Behaviour::Normal, |(_, how)| how);
            if self.behaviour(backend) != wanted {
                self.set_behaviour(backend, wanted);
            }
        }
        chaos
    }

    /// Chooses how Loki writes numbers, from its next answer on.
    pub fn set_loki_numbers(&self, numbers: Numbers) {
        *lock(&self.numbers) = numbers;
    }

    /// The base URL under which each host's and each service's metrics can be scraped.
    #[must_use]
    pub fn exporter_url(&self) -> String {
        self.exporters.url()
    }

    /// Jobs for a real Prometheus; see [`exporter::scrape_jobs`].
    #[must_use]
    pub fn scrape_jobs(&self) -> String {
        self.with_world(|world| exporter::scrape_jobs(world, &self.exporters.address().to_string()))
    }

    /// Every machine that the world ever knew, with its internal names.
    #[must_use]
    pub fn machines(&self) -> &'static [Machine] {
        &MACHINES
    }

    /// The machines that build nothing, with their internal names.
    #[must_use]
    pub fn stations(&self) -> Vec<Station> {
        lock(&self.world).stations().to_vec()
    }

    /// Every instance of a service that Prometheus watches.
    #[must_use]
    pub fn services(&self) -> &'static [Service] {
        &SERVICES
    }

    /// Every service that Loki counts the lines of.
    #[must_use]
    pub fn log_services(&self) -> &'static [LogService] {
        &LOG_SERVICES
    }

    /// The networks that the machines stand in.
    #[must_use]
    pub fn galaxies(&self) -> &'static [Galaxy] {
        &GALAXIES
    }

    /// Every string that must never become public; ask at the end, for sessions are named as they begin.
    #[must_use]
    pub fn internal_strings(&self) -> Vec<String> {
        let mut strings = lock(&self.world).internal_strings();
        strings.extend(crate::behaviour::INTERNAL_STRINGS.map(str::to_owned));
        strings.sort_unstable();
        strings.dedup();
        strings
    }

    fn server(&self, backend: Backend) -> &Server {
        match backend {
            Backend::Gateway => &self.servers[0],
            Backend::Orchestrator => &self.servers[1],
            Backend::Prometheus => &self.servers[2],
            Backend::Loki => &self.servers[3],
        }
    }
}

/// A server whose answers show the world at the instant of each request.
fn serve(
    world: &Arc<Mutex<World>>,
    clock: &Clock,
    answer: impl Fn(&World, &Request) -> Answer + Send + Sync + 'static,
) -> io::Result<Server> {
    let (world, clock) = (Arc::clone(world), Arc::clone(clock));
    Server::start(move |request| {
        let mut world = lock(&world);
        world.advance_to(clock());
        answer(&world, request)
    })
}

/// A handler that panicked has been reported; what it left is as good as any.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn system_time() -> f64 {
    // A clock before 1970 is as wrong as any other answer.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |elapsed| elapsed.as_secs_f64())
}
