//! Farms of any size that stand still: what a gateway, an orchestrator, a Prometheus and a Loki answer of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use scheduler::config::{
    Timing,
    draft::{
        NamesDraft, StarDraft,
        watch::{ServiceDraft, WatchDraft},
    },
};
use serde_json::{Value, json};
use simulator::{
    loki::{self, numbers::Numbers},
    message::{Answer, Request},
    prometheus,
    server::Server,
    world::World,
};

use snapshot::clock::Clock;

use crate::support::{
    eventually,
    stack::{Setup, Stack},
};

/// What works of a farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    Healthy,
    /// Every third drone is offline, and Prometheus and Loki have fallen silent.
    PartlyDead,
    /// Everything has fallen silent.
    Dead,
}

/// What a farm is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) health: Health,
    pub(super) n_drones: usize,
    pub(super) n_items: usize,
    pub(super) has_long_names: bool,
}

/// A farm and the site that shows it.
pub(super) struct Farm {
    pub(super) site: Stack,
    _backends: [Server; 3],
}

/// Work that is wanted, in the order of the queue; a number makes each its own.
const PACKAGES: [&str; 8] = [
    "dev-qt/qtbase",
    "llvm-core/llvm",
    "app-office/libreoffice",
    "dev-lang/rust",
    "sys-apps/systemd",
    "media-libs/mesa",
    "kde-plasma/plasma-workspace",
    "net-libs/nodejs",
];
const OUTCOMES: [&str; 7] =
    ["success", "success", "failed", "success", "missing_binary", "upload_failed", "returned"];
/// Those that the first server plays, and the others.
const SOURCES: [&str; 4] = ["gateway", "orchestrator", "prometheus", "loki"];
/// How many machines the simulated Prometheus tells of.
const HOSTS: usize = 9;
const HISTORY: usize = 300;
/// Longer than anybody looks at a farm.
const ONCE: Duration = Duration::from_secs(15 * 60);
/// How long those are silent that are.
const SILENCE: Duration = Duration::from_secs(20 * 60);

impl Farm {
    pub(super) fn start(shape: Shape) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        let control_plane = Server::start(move |request| control_plane(shape, now, request)).unwrap();
        let world = Arc::new(World::new(4, now));
        let watched = Arc::clone(&world);
        let prometheus = Server::start(move |request| {
            many_machines(prometheus::answer(&watched, request), shape.n_drones)
        });
        let loki = Server::start(move |request| loki::answer(&world, request, Numbers::Loki));
        let backends = [control_plane, prometheus.unwrap(), loki.unwrap()];

        // Asked once. Who falls silent is silent since then, and that is long ago.
        let timing = |stale_after| Timing {
            interval: Some(ONCE),
            stale_after: Some(stale_after),
            offline_after: Some(stale_after + Duration::from_secs(60)),
            ..Timing::default()
        };
        let (once, patient) = (timing(ONCE), timing(10 * ONCE));
        let ahead = Arc::new(AtomicU64::new(0));
        let leap = Arc::clone(&ahead);
        let clock = Clock::from_fn(move || {
            Clock::system().now().later(Duration::from_secs(leap.load(Ordering::SeqCst)))
        });
        let url = backends[0].url();
        let is_dead = shape.health == Health::Dead;
        let of_swarm = if is_dead { once } else { patient };
        let of_watchers = if shape.health == Health::Healthy { patient } else { once };
        let setup = Setup {
            prometheus: Some(backends[1].url()),
            loki: Some(backends[2].url()),
            timings: [of_swarm, of_swarm, of_watchers, of_watchers],
            names: names(shape),
            watch: services(shape),
            clock,
            ..Setup::of(&url, &url, of_swarm)
        };
        let farm = Self { site: setup.start().ready(), _backends: backends };
        eventually("an answer of everything", || {
            SOURCES.iter().all(|name| !farm.source(name)["last_seen"].is_null()).then_some(())
        });
        if shape.health != Health::Healthy {
            ahead.store(SILENCE.as_secs(), Ordering::SeqCst);
        }
        let is_silent = |idx: usize| is_dead || shape.health == Health::PartlyDead && idx > 1;
        for (idx, name) in SOURCES.iter().enumerate() {
            let state = if is_silent(idx) { "offline" } else { "online" };
            eventually(&format!("{name} to be {state}"), || {
                (farm.source(name)["state"] == state).then_some(())
            });
        }
        farm
    }

    /// How a source is, as the document says that rests on it.
    fn source(&self, name: &str) -> Value {
        let document =
            if matches!(name, "gateway" | "orchestrator") { "build-swarm" } else { "infrastructure" };
        self.site.document(document)["sources"][name].clone()
    }
}

fn drone(idx: usize) -> String {
    format!("builder-{idx:03}")
}

/// Public names: of the longest kind for some machines, pseudonyms for the others.
fn names(shape: Shape) -> NamesDraft {
    let long = |idx: usize| format!("{:x<36}{idx:03}", "Zubenelgenubi of the Far Side of ");
    let star = |idx| StarDraft { name: Some(long(idx)), aliases: vec![drone(idx)], ..StarDraft::default() };
    let n_long = if shape.has_long_names { shape.n_drones } else { 0 };
    NamesDraft { stars: (0..n_long).map(star).collect(), ..NamesDraft::default() }
}

fn services(shape: Shape) -> WatchDraft {
    let names = if shape.has_long_names {
        ["The exporter of all the nodes wherever", "Incomprehensibilities-and-more-of-those"]
    } else {
        ["Node exporter", "Prometheus"]
    };
    let service = |(name, job): (&str, &str)| ServiceDraft {
        name: Some(name.to_owned()),
        job: Some(job.to_owned()),
        instance: None,
    };
    let services = names.into_iter().zip(["node", "prometheus"]).map(service).collect();
    WatchDraft { services, publish_boot_times: true, ..WatchDraft::default() }
}

fn atom(shape: Shape, idx: usize) -> String {
    let package = PACKAGES[idx % PACKAGES.len()];
    if shape.has_long_names && idx.is_multiple_of(3) {
        let tail = "-with-bindings-for-every-language-there-is".repeat(2);
        return format!("={package}{tail}-{idx}.20261127.9999_p20261127-r17");
    }
    format!("={package}-{idx}.1.2")
}

fn control_plane(shape: Shape, now: f64, request: &Request) -> Answer {
    match request.path.as_str() {
        "/api/v1/nodes" => Answer::json(&nodes(shape, now)),
        "/api/v1/status" => Answer::json(&status(shape, now)),
        "/api/v1/queue" => Answer::json(&queue(shape, now)),
        "/api/v1/history" => Answer::json(&history(shape, now)),
        _ => Answer::not_found(),
    }
}

fn is_online(shape: Shape, idx: usize) -> bool {
    shape.health == Health::Healthy || idx % 3 != 1
}

/// Every second drone that is online builds, if there is something to build.
fn builds(shape: Shape, idx: usize) -> bool {
    shape.n_items > 0 && idx.is_multiple_of(2) && is_online(shape, idx)
}

fn nodes(shape: Shape, now: f64) -> Value {
    let node = |idx: usize| {
        let package = atom(shape, idx);
        let is_busy = builds(shape, idx);
        let since = now - 120.0 - 30.0 * idx as f64;
        let held = json!([{ "package": package, "building_since": since, "elapsed_s": now - since }]);
        json!({
            "id": format!("{idx:08x}-58cc-4372-a567-0e02b2c3d479"),
            "name": drone(idx),
            "ip": format!("10.77.{}.{}", idx / 200, idx % 200 + 1),
            "type": if idx % 5 == 4 { "sweeper" } else { "drone" },
            "cores": 8 + idx % 24,
            "ram_gb": 31.2,
            "status": if is_online(shape, idx) { "online" } else { "offline" },
            "online": is_online(shape, idx),
            "paused": idx % 7 == 3,
            "last_seen": now - if is_online(shape, idx) { 3.0 } else { 7_200.0 },
            "current_task": is_busy.then(|| package.trim_start_matches('=').to_owned()),
            "metrics": { "cpu_percent": 97.0, "ram_percent": 41.5, "load_1m": 112.25 },
            "assigned_packages": if is_busy { json!([package]) } else { json!([]) },
            "build_progress": if is_busy { held } else { json!([]) },
        })
    };
    (0..shape.n_drones).map(node).collect()
}

fn state(shape: Shape, idx: usize) -> &'static str {
    if idx < shape.n_drones && builds(shape, idx) {
        "delegated"
    } else if idx % 50 == 7 {
        "blocked"
    } else if idx % 40 == 9 {
        "received"
    } else {
        "needed"
    }
}

fn queue(shape: Shape, now: f64) -> Value {
    let item = |idx: usize| {
        let state = state(shape, idx);
        let is_out = state == "delegated";
        let remarks = ["Package masked upstream", "Failed on 3 different drones", "manually blocked: x", "?"];
        json!({
            "package": atom(shape, idx),
            "status": state,
            "assigned_to": is_out.then(|| drone(idx)),
            "failures": idx % 4,
            "error_message": (state == "blocked").then(|| remarks[idx / 50 % 4]),
            "assigned_at": is_out.then_some(now - 200.0),
            "completed_at": (state == "received").then_some(now - 100.0),
        })
    };
    (0..shape.n_items).map(item).collect()
}

fn status(shape: Shape, now: f64) -> Value {
    let count = |wanted| (0..shape.n_items).filter(|idx| state(shape, *idx) == wanted).count();
    json!({
        "version": if shape.has_long_names { "12.345.6789-alpha.12+20261127.abcdef" } else { "2.6.0" },
        "paused": false,
        "needed": count("needed"),
        "delegated": count("delegated"),
        "received": count("received"),
        "blocked": count("blocked"),
        "failed": 0,
        "total": shape.n_items,
        "session": (shape.n_items > 0).then(|| json!({
            "id": "s", "name": "x", "status": "active", "started_at": now - 3_600.0,
            "total_packages": shape.n_items,
        })),
        "drones": {},
    })
}

fn history(shape: Shape, now: f64) -> Value {
    let n_builds = if shape.n_items > 0 { HISTORY } else { 0 };
    let build = |idx: usize| {
        json!({
            "id": n_builds - idx,
            "package": atom(shape, idx),
            "drone_id": format!("{:08x}-58cc-4372-a567-0e02b2c3d479", idx % shape.n_drones.max(1)),
            "drone_name": drone(idx % shape.n_drones.max(1)),
            "status": OUTCOMES[idx % OUTCOMES.len()],
            "duration_seconds": 20.0 + (idx * idx % 9_000) as f64,
            "built_at": (now - 60.0 - 900.0 * idx as f64).floor(),
        })
    };
    json!({ "history": (0..n_builds).map(build).collect::<Vec<_>>() })
}

/// The answer with no machine at all, with those that are there, or with each of them many times.
fn many_machines(answer: Answer, n_machines: usize) -> Answer {
    let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) else { return answer };
    let Some(series) = value["data"]["result"].as_array_mut() else { return answer };
    let times = match n_machines {
        0 => 0,
        few if few <= HOSTS => 1,
        many => many.div_ceil(HOSTS),
    };
    let again = |nth: usize, mut series: Value| {
        for label in ["instance", "nodename"] {
            let Some(text) = series["metric"][label].as_str() else { continue };
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            let port = if port.is_empty() { String::new() } else { format!(":{port}") };
            series["metric"][label] = json!(format!("twin-{nth}-of-{}{port}", host.replace('.', "-")));
        }
        series
    };
    let originals = std::mem::take(series);
    if times > 0 {
        series.extend(originals.iter().cloned());
    }
    series.extend((1..times).flat_map(|nth| originals.iter().map(move |one| again(nth, one.clone()))));
    Answer { body: value.to_string().into_bytes(), ..answer }
}
