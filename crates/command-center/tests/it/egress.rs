//! Everything that the server emits, with canaries in every text of every backend: pages, documents, errors, headers,
//! frames, what the internal listener says beside names, the log, and what stands on the disk.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::Path,
    sync::{Arc, Mutex},
};

use rustix::process::Signal;
use serde_json::Value;
use simulator::{
    canary::{self, Mode},
    message::{Answer, Request},
    recording::{self, State},
    server::Server,
};

use crate::support::{
    binary::Running,
    eventually,
    frames::Subscriber,
    leaks::{check, crawl, crawl_internal, searchable, unanswered},
    planted::{DOMAIN, MARK, Watchers},
};

const TIMING: &str = "interval = \"300ms\"\ntimeout = \"280ms\"\n";

/// A name of the inside that the recordings have, written into packages.
const HOST: &str = "tau-host";

/// What of an answer is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planting {
    /// Every text, or every one that steers nothing.
    Texts(Mode),
    /// Packages; machines keep the names that packages have, too.
    Packages,
    /// Nothing: what was recorded is canary enough.
    Nothing,
}

/// A gateway and an orchestrator in one, whose answers can be changed.
struct Swarm {
    server: Server,
    shown: Arc<Mutex<(State, Planting)>>,
}

impl Swarm {
    fn start() -> Self {
        let shown = Arc::new(Mutex::new((State::Busy, Planting::Nothing)));
        let asked = Arc::clone(&shown);
        let server = Server::start(move |request: &Request| {
            let (state, planting) = *asked.lock().unwrap();
            let query: Vec<String> =
                request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = recording::answer(state, &format!("{}?{}", request.path, query.join("&")));
            let mut value: Value = serde_json::from_slice(&answer.body).unwrap();
            match planting {
                // The same each time: what does not change makes no deltas.
                Planting::Texts(mode) => canary::plant(&mut value, mode, &mut 0),
                Planting::Packages => canary::plant_in_packages(&mut value, HOST),
                Planting::Nothing => {}
            }
            let headers =
                vec![("server".to_owned(), MARK.to_owned()), ("x-host".to_owned(), HOST.to_owned())];
            Answer { status: answer.status, headers, ..Answer::json(&value) }
        })
        .unwrap();
        Self { server, shown }
    }

    /// Changes the answers, and waits until both sides have been asked everything twice.
    fn show(&self, state: State, planting: Planting) {
        *self.shown.lock().unwrap() = (state, planting);
        let wanted = self.server.requests() + 2 * 4;
        eventually("two more polls", || (self.server.requests() >= wanted).then_some(()));
    }
}

/// The names that an operator gives to some of the machines, in the words of the recordings.
fn stars() -> String {
    let mut text = String::new();
    for (name, alias) in [
        ("Izar", "drone-izar-host"),
        ("Tarn", "192.168.20.196"),
        ("Tau", HOST),
        ("Meridian", "00000003-aaaa-bbbb-cccc-000000000003"),
    ] {
        write!(text, "[[identity.stars]]\nname = \"{name}\"\naliases = [\"{alias}\"]\n").unwrap();
    }
    text + "[[identity.galaxies]]\nname = \"Andromeda\"\nnetworks = [\"192.168.20.0/24\"]\n"
}

/// Every file below a directory, as a text: what is no UTF-8 is left out, what is stands as it is.
fn files(directory: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        // In texts of two bytes a character, too.
        let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        for bytes in [bytes, narrow] {
            files.push((path.display().to_string(), searchable(&bytes).into_owned()));
        }
    }
    files
}

/// Everything that is emitted, in the order in which it is looked for.
fn emitted(is_named: bool) {
    let (swarm, watchers) = (Swarm::start(), Watchers::start());
    let (failing, nowhere) = (swarm.server.address(), format!("{MARK}-{}.{DOMAIN}", "x".repeat(64)));
    let data = tempfile::tempdir().unwrap();
    let archive = data.path().join("state");
    let mut config = format!("data_dir = '{}'\n", archive.display());
    for (table, server) in [
        ("gateway", &swarm.server),
        ("orchestrator", &swarm.server),
        ("prometheus", &watchers.prometheus),
        ("loki", &watchers.loki),
    ] {
        write!(config, "[{table}]\nurl = '{}/'\n{TIMING}", server.url()).unwrap();
    }
    for (name, kind, target) in [
        ("Failing", "http", format!("http://{failing}/{MARK}?{MARK}={MARK}")),
        ("Nowhere", "http", format!("http://{nowhere}/")),
        ("Port", "tcp", failing.to_string()),
    ] {
        write!(config, "[[probes]]\nname = \"{name}\"\n{kind} = '{target}'\n{TIMING}").unwrap();
    }
    if is_named {
        config.push_str(&stars());
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config).unwrap();
    let site = Running::start(&["serve", "--config", file.path().to_str().unwrap()], &[]);

    let mut subscriber = Subscriber::join(site.public, "");
    subscriber.hear("snapshot");
    let mut said = Vec::new();
    for (state, planting) in [
        (State::Busy, Planting::Nothing),
        (State::Session, Planting::Texts(Mode::KeepingShape)),
        (State::Troubled, Planting::Packages),
        (State::RemovedNode, Planting::Texts(Mode::Everywhere)),
        (State::Busy, Planting::Packages),
    ] {
        swarm.show(state, planting);
        said.extend(crawl(site.public));
        said.extend(crawl_internal(site.internal));
    }
    assert_eq!(
        unanswered(&said),
        [""; 0],
        "no request of the crawl was answered with success for these routes"
    );

    // Steps from one state to the next, and a resume that hears at once that nothing happened.
    let delta = subscriber.hear("delta");
    swarm.show(State::Session, Planting::Nothing);
    let newest = subscriber.hear("delta");
    let since = format!("?epoch={}&since={}", delta["epoch"].as_str().unwrap(), delta["seq"]);
    let mut resumed = Subscriber::join(site.public, &since);
    resumed.hear("heartbeat");
    let missed = format!("/api/v1/services/public/queue{since}");
    assert!(newest["seq"].as_u64() > delta["seq"].as_u64());
    said.extend(
        crate::support::http::request(site.public, "GET", &missed).map(|answer| (missed, answer.text())),
    );

    site.signal(Signal::TERM);
    subscriber.hear("close");
    let (status, log) = site.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("stopped"), "the log says something: {log}");
    said.push(("the log".to_owned(), log));
    let heard: Vec<_> = subscriber.heard.into_iter().chain(resumed.heard).collect();
    let kinds: BTreeSet<&str> = heard.iter().map(|(kind, _)| kind.as_str()).collect();
    let known = ["close", "delta", "heartbeat", "snapshot", "upgrade"];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), known, "every kind of frame, and no other");
    said.extend(heard);
    let files = files(&archive);
    assert!(files.iter().any(|(_, text)| text.contains("SQLite format 3")), "{:?}", files.len());
    said.extend(files);

    let ports = [swarm.server.address(), watchers.prometheus.address(), watchers.loki.address()];
    let mut secrets: Vec<String> = ports.iter().map(|address| format!(":{}", address.port())).collect();
    secrets.extend([MARK, DOMAIN, HOST, "10.66.6.6"].map(str::to_owned));
    secrets.extend(recording::INTERNAL_STRINGS.map(str::to_owned));
    check(&said, &secrets);
}

#[test]
fn nothing_internal_is_in_anything_that_is_emitted_when_nothing_is_named() {
    emitted(false);
}

#[test]
fn nothing_internal_is_in_anything_that_is_emitted_when_machines_are_named() {
    emitted(true);
}

/// A process that is killed leaves its log of writes behind, which is searched as it is.
#[test]
fn nothing_internal_stands_on_the_disk_of_a_process_that_was_killed() {
    let swarm = Swarm::start();
    let data = tempfile::tempdir().unwrap();
    let archive = data.path().join("state");
    let url = format!("{}/", swarm.server.url());
    let config = format!(
        "data_dir = '{}'\n[gateway]\nurl = '{url}'\n{TIMING}[orchestrator]\nurl = '{url}'\n{TIMING}",
        archive.display()
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), config).unwrap();
    let site = Running::start(&["serve", "--config", file.path().to_str().unwrap()], &[]);
    for planting in [Planting::Packages, Planting::Texts(Mode::KeepingShape)] {
        swarm.show(State::Busy, planting);
    }
    let is_stored =
        || files(&archive).into_iter().any(|(path, text)| path.ends_with("-wal") && !text.is_empty());
    eventually("the log of writes", || is_stored().then_some(()));
    site.signal(Signal::KILL);
    site.end();
    let mut secrets = vec![canary::MARK.to_owned(), "10.66.6.6".to_owned()];
    secrets.extend(recording::INTERNAL_STRINGS.map(str::to_owned));
    check(&files(&archive), &secrets);
}
