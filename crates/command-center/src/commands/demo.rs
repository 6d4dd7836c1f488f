//! `demo`: a simulated farm on loopback, watched by the production code.

mod chaos;

use std::time::Duration;

use scheduler::backend::{loki::LokiQueries, prometheus::Expressions};
use scheduler::config::{
    Backend, Config, FORGET_AFTER, HISTORY_KEEP, Names, STALE_AFTER_MIN, STUCK_AFTER, Timing,
    draft::{
        GalaxyDraft, NamesDraft, StarDraft,
        watch::{ProbeDraft, ServiceDraft, WatchDraft},
    },
    infrastructure::Watch,
};
use simulator::simulator::{Backend as Simulated, Options, Simulator};
use snapshot::snapshot::Policy;

use super::{Failure, print, serve};
use crate::{cli::DemoArgs, config::Settings};

/// Short, so that something happens for who looks on.
const INTERVAL: Duration = Duration::from_secs(2);

/// A probe is a sight by itself: often enough to see it change.
const PROBE_INTERVAL: Duration = Duration::from_secs(10);

pub(super) fn run(args: &DemoArgs) -> Result<(), Failure> {
    let options = Options { seed: args.seed, speed: args.speed };
    let simulator = Simulator::start(options)
        .map_err(|error| Failure::Runtime(format!("the simulated farm cannot start: {error}")))?;
    let pace = args.chaos.unwrap_or(1.0);
    let settings = Settings {
        listen: args.listen,
        internal_listen: args.internal_listen,
        scheduler: Config {
            gateway: Some(backend(&simulator, Simulated::Gateway, pace)?),
            orchestrator: Some(backend(&simulator, Simulated::Orchestrator, pace)?),
            prometheus: Some((backend(&simulator, Simulated::Prometheus, pace)?, Expressions::default())),
            loki: Some((backend(&simulator, Simulated::Loki, pace)?, LokiQueries::default())),
            watch: watch(&simulator)?,
            identity: names(&simulator)?,
            data_dir: None,
            forget_after: FORGET_AFTER,
            publish_version: true,
            history_keep: HISTORY_KEEP,
            policy: Policy { stuck_after: STUCK_AFTER, demo: true },
            announcement: None,
        },
        web: web::config::Config::new(),
        notes: Default::default(),
        source: Default::default(),
    };
    print(&format!("A simulated farm at {} times the speed: http://{}/", args.speed, args.listen));
    let breaking = |announcer| async {
        match args.chaos {
            Some(pace) => chaos::run(&simulator, pace, announcer).await,
            None => std::future::pending().await,
        }
    };
    let done = serve::run_to_the_end(serve::until_signalled(settings, None, breaking));
    drop(simulator);
    done
}

/// How a backend is polled. Where it breaks faster, it is asked more often and missed sooner.
fn backend(simulator: &Simulator, simulated: Simulated, pace: f64) -> Result<Backend, Failure> {
    let faster = |duration: Duration| Some(duration.div_f64(pace));
    let timing = Timing {
        interval: faster(INTERVAL),
        stale_after: faster(STALE_AFTER_MIN),
        offline_after: faster(STALE_AFTER_MIN * 2),
        ..Timing::default()
    };
    Backend::new(&simulator.url(simulated), timing, INTERVAL)
        .map_err(|problems| Failure::Runtime(format!("{problems:?}")))
}

/// The operator's part: most machines are claimed by a star, the others show what a pseudonym is.
fn names(simulator: &Simulator) -> Result<Names, Failure> {
    let owned = |text: &&str| (*text).to_owned();
    let galaxies = simulator.galaxies().iter().map(|galaxy| GalaxyDraft {
        name: Some(galaxy.name.to_owned()),
        networks: galaxy.networks.iter().map(owned).collect(),
    });
    let stars = simulator.machines().iter().filter_map(|machine| {
        let aliases = [machine.host, machine.address, machine.id].iter().map(owned).collect();
        Some(StarDraft { name: Some(machine.star?.to_owned()), aliases, ..StarDraft::default() })
    });
    let stations = simulator.stations().into_iter().filter_map(|station| {
        let aliases = vec![station.host.to_string(), station.address.to_string()];
        let name = Some(station.star.as_ref()?.to_string());
        Some(StarDraft {
            name,
            aliases,
            role: Some(station.purpose.word().to_owned()),
            ..StarDraft::default()
        })
    });
    let stars = stars.chain(stations);
    let draft = NamesDraft { galaxies: galaxies.collect(), stars: stars.collect(), ..NamesDraft::default() };
    draft.check().map_err(|problems| Failure::Runtime(format!("{problems:?}")))
}

/// The services that the operator named; the farm has others, which are not published.
fn watch(simulator: &Simulator) -> Result<Watch, Failure> {
    let services = simulator.services().iter().filter_map(|service| {
        let name = service.name?.to_owned();
        Some(ServiceDraft { name: Some(name), job: Some(service.job.to_owned()), instance: None })
    });
    let probe = |name: &str, simulated: Simulated| ProbeDraft {
        name: Some(name.to_owned()),
        http: Some(format!("{}/-/ready", simulator.url(simulated))),
        interval: Some(PROBE_INTERVAL),
        ..ProbeDraft::default()
    };
    let mut services: Vec<ServiceDraft> = services.collect();
    services.dedup_by(|a, b| a.name == b.name);
    let draft = WatchDraft {
        services,
        probes: vec![probe("Metrics store", Simulated::Prometheus)],
        publish_boot_times: true,
        ..WatchDraft::default()
    };
    draft.check().map_err(|problems| Failure::Runtime(format!("{problems:?}")))
}
