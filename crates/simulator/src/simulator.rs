//! The world behind one listener a backend.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::behaviour::Behaviour;
use crate::control_plane;
use crate::message::{Answer, Request};
use crate::server::Server;
use crate::world::World;
use crate::world::machines::{GALAXIES, Galaxy, MACHINES, Machine};

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
}

impl Backend {
    /// Every backend.
    pub const ALL: [Self; 2] = [Self::Gateway, Self::Orchestrator];

    /// What the backend answers; another backend is another arm.
    fn answer(self, world: &World, request: &Request) -> Answer {
        match self {
            Self::Gateway | Self::Orchestrator => control_plane::answer(world, request),
        }
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
        let serve = |backend: Backend| {
            let (world, clock) = (Arc::clone(&world), Arc::clone(&clock));
            Server::start(move |request| {
                let mut world = lock(&world);
                world.advance_to(clock());
                backend.answer(&world, request)
            })
        };
        let servers = Backend::ALL.into_iter().map(serve).collect::<io::Result<_>>()?;
        Ok(Self { world, clock, servers })
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

    /// Every machine that the world ever knew, with its internal names.
    #[must_use]
    pub fn machines(&self) -> &'static [Machine] {
        &MACHINES
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
        }
    }
}

/// A handler that panicked has been reported; the world it left is as good as any.
fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

fn system_time() -> f64 {
    // A clock before 1970 is as wrong as any other answer.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |elapsed| elapsed.as_secs_f64())
}
