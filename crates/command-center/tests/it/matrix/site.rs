//! Who watches the backends: a stack in this process, or the binary.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use scheduler::config::{
    Timing,
    draft::watch::{ProbeDraft, ServiceDraft, WatchDraft},
};
use serde_json::Value;
use simulator::simulator::Backend;
use snapshot::{clock::Clock, section::SourceState};

use super::{
    farm::{Farm, Victim},
    fault::Kind,
};
use crate::support::{
    binary::Running,
    eventually, http,
    names::Names,
    stack::{PUBLIC, Setup, Stack},
};

/// How often the others are asked, and how long they may be silent: on a busy machine, long.
const OTHERS: [Duration; 3] =
    [Duration::from_millis(2_000), Duration::from_millis(1_950), Duration::from_secs(60)];
/// Nothing is silent for so long.
const FOREVER: Duration = Duration::from_secs(3_600);

/// The watcher and the backends.
pub(super) struct Site {
    kind: Kind,
    watcher: Watcher,
    pub(super) farm: Farm,
}

enum Watcher {
    Stack(Stack),
    Binary(Running, #[expect(dead_code, reason = "the binary may read it")] tempfile::NamedTempFile),
}

/// What is known of a source.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) fault: Option<String>,
    pub(super) is_online: bool,
    /// When it was heard last, and when it was asked last.
    pub(super) last_seen: Option<String>,
    pub(super) checked_at: Option<String>,
}

impl Site {
    pub(super) fn start(victim: Victim, kind: Kind) -> Self {
        match kind {
            Kind::Within => {
                let farm = Farm::start(victim, None);
                let stack = stack(&farm);
                Self { kind, watcher: Watcher::Stack(stack), farm }
            }
            Kind::Outside => {
                let farm = Farm::start(victim, Names::start(Ipv4Addr::LOCALHOST));
                let config = tempfile::NamedTempFile::new().unwrap();
                fs::write(config.path(), configuration(&farm)).unwrap();
                let args = ["serve", "--config", config.path().to_str().unwrap()];
                let running = match &farm.names {
                    Some(names) => Running::start_seeing(&names.places(), &args),
                    None => Running::start(&args, &[]),
                };
                Self { kind, watcher: Watcher::Binary(running, config), farm }
            }
        }
    }

    /// Whether what the scheduler publishes can be seen at once.
    pub(super) fn is_within(&self) -> bool {
        self.kind == Kind::Within
    }

    pub(super) fn interval(&self) -> Duration {
        self.kind.interval(self.farm.victim)
    }

    pub(super) fn timeout(&self) -> Duration {
        self.kind.timeout(self.farm.victim)
    }

    pub(super) fn address(&self) -> SocketAddr {
        match &self.watcher {
            Watcher::Stack(stack) => stack.public,
            Watcher::Binary(running, _) => running.public,
        }
    }

    #[track_caller]
    pub(super) fn document(&self, name: &str) -> Value {
        http::get_json(self.address(), &format!("{PUBLIC}/{name}"))
    }

    /// What is known of a source: at once where that can be had, and otherwise as the document tells it.
    #[track_caller]
    pub(super) fn seen(&self, one: Victim) -> Seen {
        match &self.watcher {
            Watcher::Stack(stack) => {
                let snapshot = stack.snapshots.load();
                let source = snapshot.sources.get(one.source()).unwrap();
                Seen {
                    fault: source.fault.map(|fault| fault.as_str().to_owned()),
                    is_online: source.state(Clock::system().now()) == SourceState::Online,
                    last_seen: source.last_seen.map(|seen| seen.at.to_string()),
                    checked_at: source.checked_at.map(|at| at.to_string()),
                }
            }
            Watcher::Binary(..) => {
                let source = self.document(one.document())["sources"][one.name()].clone();
                let text = |key: &str| source[key].as_str().map(str::to_owned);
                Seen {
                    fault: text("fault"),
                    is_online: source["state"] == "online",
                    last_seen: text("last_seen"),
                    checked_at: text("checked_at"),
                }
            }
        }
    }

    /// The resident memory of the binary, in bytes, once it does not shrink any more.
    pub(super) fn resident(&self) -> Option<u64> {
        let Watcher::Binary(running, _) = &self.watcher else { return None };
        let read = || {
            let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
        };
        let mut least = read();
        let mut n_same = 0;
        eventually("memory that does not shrink", || {
            let now = read();
            n_same = if now < least { 0 } else { n_same + 1 };
            least = least.min(now);
            (n_same > 100).then_some(())
        });
        Some(least)
    }
}

/// Interval, timeout, and the silence that is stale.
fn spans(farm: &Farm, one: Victim, kind: Kind) -> [Duration; 3] {
    if one == farm.victim { [kind.interval(one), kind.timeout(one), kind.interval(one) * 2] } else { OTHERS }
}

fn stack(farm: &Farm) -> Stack {
    let timing = |one| {
        let [interval, timeout, stale_after] = spans(farm, one, Kind::Within);
        let offline_after = Some(FOREVER);
        Timing {
            interval: Some(interval),
            timeout: Some(timeout),
            stale_after: Some(stale_after),
            offline_after,
        }
    };
    let url = |backend| Some(farm.url(Victim::Backend(backend)));
    let [interval, timeout, _] = spans(farm, Victim::Probe, Kind::Within);
    let probe = ProbeDraft {
        name: Some("Shop".to_owned()),
        http: Some(farm.url(Victim::Probe)),
        interval: Some(interval),
        timeout: Some(timeout),
        ..ProbeDraft::default()
    };
    let service =
        ServiceDraft { name: Some("Metrics".to_owned()), job: Some("node".to_owned()), instance: None };
    let setup = Setup {
        prometheus: url(Backend::Prometheus),
        loki: url(Backend::Loki),
        watch: WatchDraft { services: vec![service], probes: vec![probe], ..WatchDraft::default() },
        timings: Backend::ALL.map(|backend| timing(Victim::Backend(backend))),
        ..Setup::of(
            &farm.url(Victim::Backend(Backend::Gateway)),
            &farm.url(Victim::Backend(Backend::Orchestrator)),
            Timing::default(),
        )
    };
    setup.start().ready()
}

fn configuration(farm: &Farm) -> String {
    let mut text = "[[services]]\nname = \"Metrics\"\nmatch = { job = \"node\" }\n".to_owned();
    for one in Victim::ALL {
        let [interval, timeout, stale_after] =
            spans(farm, one, Kind::Outside).map(|span| format!("{}ms", span.as_millis()));
        let url = farm.url(one);
        let pace = format!("interval = \"{interval}\"\ntimeout = \"{timeout}\"\n");
        text += &match one {
            Victim::Probe => format!("[[probes]]\nname = \"Shop\"\nhttp = \"{url}\"\n{pace}"),
            Victim::Backend(_) => format!(
                "[{}]\nurl = \"{url}\"\n{pace}stale_after = \"{stale_after}\"\noffline_after = \"1h\"\n",
                one.name()
            ),
        };
    }
    text
}
