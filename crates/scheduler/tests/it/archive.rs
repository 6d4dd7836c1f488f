//! What was known survives: restarts with dead backends, under another configuration, with another clock.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{Arc, Mutex},
};

use scheduler::{
    Scheduler, StartError,
    archive::Archive,
    config::{
        Config, Names,
        draft::{NamesDraft, StarDraft},
    },
};
use serde_json::{Value, json};
use simulator::{
    behaviour::Behaviour,
    canary::{self, MARK, Mode},
    message::{Answer, Request},
    recording::{self, State},
    server::Server,
};
use snapshot::{
    clock::{Clock, Now},
    history::{Build, Gap, History},
    section::{SourceName, SourceState},
    snapshot::Snapshot,
};

use crate::support::{Running, backend, config, patient, standing};

const NOON: i64 = 1_795_435_200;

/// A backend that is not there, and a data directory.
fn dead(directory: &Path) -> Config {
    // Nobody listens on the port of a server that refuses.
    let nobody = || Some(patient("http://127.0.0.1:9"));
    Config { data_dir: Some(directory.to_owned()), ..config(nobody(), nobody()) }
}

fn noon() -> Clock {
    standing(1_795_435_200.0)
}

/// What a new process shows before its first poll.
fn restarted(config: &Config, clock: Clock) -> Arc<Snapshot> {
    Scheduler::new(config, clock).unwrap().reader().load()
}

/// Runs until everything was heard; gives what was published last.
async fn run(config: &Config, clock: Clock) -> Arc<Snapshot> {
    let mut running = Running::start(config, clock);
    // What was restored was heard by another process.
    let is_heard = |it: &Snapshot| {
        it.sources.iter().all(|(_, it)| it.last_seen.is_some_and(|seen| seen.uptime.is_some()))
    };
    running.wait_for("every source was heard by this process", is_heard).await;
    let reader = running.reader.clone();
    running.stop().await.unwrap();
    reader.load()
}

fn names(stars: &[(&str, &str)], hidden: &[&str], unknown: &str) -> Names {
    let star = |(name, alias): &(&str, &str)| StarDraft {
        name: Some((*name).to_owned()),
        aliases: vec![(*alias).to_owned()],
        ..StarDraft::default()
    };
    let draft = NamesDraft {
        unknown: Some(unknown.to_owned()),
        hidden_packages: hidden.iter().map(|pattern| (*pattern).to_owned()).collect(),
        stars: stars.iter().map(star).collect(),
        ..NamesDraft::default()
    };
    draft.check().unwrap()
}

fn shown(build: &Build) -> (Option<String>, Option<String>) {
    let Build { package, drone, .. } = build;
    (package.as_ref().map(ToString::to_string), drone.as_ref().map(ToString::to_string))
}

fn history(snapshot: &Snapshot) -> &History {
    snapshot.history.get().unwrap()
}

/// An orchestrator with nothing but a log of builds, the newest first.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Value>>>);

impl Log {
    fn serve(&self) -> Server {
        let log = self.clone();
        Server::start(move |request: &Request| {
            if request.path != "/api/v1/history" {
                return Answer::not_found();
            }
            let limit = request.query_value("limit").unwrap().parse().unwrap();
            let rows: Vec<Value> = log.0.lock().unwrap().iter().take(limit).cloned().collect();
            Answer::json(&json!({"history": rows}))
        })
        .unwrap()
    }

    fn finish(&self, rows: impl IntoIterator<Item = Value>) {
        let mut log = self.0.lock().unwrap();
        rows.into_iter().for_each(|row| log.insert(0, row));
    }

    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}

fn row(id: i64, at: i64) -> Value {
    json!({"id": id, "package": format!("=dev-libs/p{id}-1"), "drone_id": "deadbeef-0000-4000-8000-00000000cafe",
        "drone_name": "tarn-host", "status": "success", "duration_seconds": 1.5, "built_at": NOON + at})
}

fn with(server: &Server, directory: &Path) -> Config {
    Config { data_dir: Some(directory.to_owned()), ..config(None, Some(patient(&server.url()))) }
}

#[tokio::test]
async fn a_restart_shows_what_was_published_last_with_its_times() {
    let directory = tempfile::tempdir().unwrap();
    for state in State::ALL {
        let server = recording::serve(state).unwrap();
        let url = || Some(patient(&server.url()));
        let config = Config { data_dir: Some(directory.path().to_owned()), ..config(url(), url()) };
        let recorded = recording::recorded_at(state);
        let before = run(&config, standing(recorded)).await;
        server.set_behaviour(Behaviour::Refuse);
        let after = restarted(&config, standing(recorded + 3_600.0));
        let what = state.name();
        assert_eq!(after.fleet.get(), before.fleet.get(), "{what}");
        assert_eq!(after.queue.get(), before.queue.get(), "{what}");
        assert_eq!(after.control.get(), before.control.get(), "{what}");
        assert_eq!(history(&after), history(&before), "{what}");
        assert_eq!(after.queue.changed_at, before.queue.changed_at, "{what}");
        assert_eq!(after.history.changed_at, before.history.changed_at, "{what}");
        assert_eq!((after.marks.status, after.marks.polled), (before.marks.status, false), "{what}");
        for source in [SourceName::Gateway, SourceName::Orchestrator] {
            let [was, is] = [&before, &after].map(|it| it.sources.get(source).unwrap());
            assert_eq!(is.last_seen.unwrap().at, was.last_seen.unwrap().at, "{what}");
            assert_eq!((is.checked_at, is.fault), (None, None), "nobody was asked yet");
            let now = standing(recorded + 3_600.0).now();
            assert_eq!(is.state(now), SourceState::Offline, "{what}");
        }
        std::fs::remove_dir_all(directory.path()).unwrap();
    }
}

#[tokio::test]
async fn what_happened_of_late_is_still_told_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    for state in [State::Busy, State::FleetOffline] {
        let server = recording::serve(state).unwrap();
        let url = || Some(patient(&server.url()));
        let config = Config { data_dir: Some(directory.path().to_owned()), ..config(url(), url()) };
        let clock = standing(recording::recorded_at(State::FleetOffline));
        let activity = run(&config, clock.clone()).await.activity.content.clone();
        let after = restarted(&dead(directory.path()), clock).activity.content.clone();
        assert_eq!(after, activity, "{}", state.name());
        let n_events = activity.map_or(0, |activity| activity.events.len());
        assert_eq!(n_events > 0, state == State::FleetOffline, "{n_events} in {}", state.name());
    }
}

#[tokio::test]
async fn polls_that_fail_after_a_restart_leave_what_was_restored() {
    let directory = tempfile::tempdir().unwrap();
    let server = recording::serve(State::Busy).unwrap();
    let url = || Some(backend(&server.url()));
    let config = Config { data_dir: Some(directory.path().to_owned()), ..config(url(), url()) };
    let before = run(&config, Clock::system()).await;
    server.set_behaviour(Behaviour::Refuse);
    for _ in 0..2 {
        let mut running = Running::start(&config, Clock::system());
        let is_faulty = |it: &Snapshot| it.sources.iter().all(|(_, source)| source.fault.is_some());
        let after = running.wait_for("both failed", is_faulty).await;
        assert_eq!((after.fleet.get(), after.queue.get()), (before.fleet.get(), before.queue.get()));
        assert_eq!(history(&after), history(&before));
        running.stop().await.unwrap();
    }
}

#[tokio::test]
async fn claiming_a_pseudonym_renames_the_past_before_any_poll() {
    let directory = tempfile::tempdir().unwrap();
    let server = recording::serve(State::Busy).unwrap();
    let url = || Some(patient(&server.url()));
    let clock = standing(recording::recorded_at(State::Busy));
    let alive = Config { data_dir: Some(directory.path().to_owned()), ..config(url(), url()) };
    let before = run(&alive, clock.clone()).await;
    // By its name, and by an address that only the gateway's record ties to it.
    for alias in ["drone-tarn", "192.168.20.196"] {
        let claimed =
            Config { identity: names(&[("Wega Prime", alias)], &[], "pseudonym"), ..dead(directory.path()) };
        let after = restarted(&claimed, clock.clone());
        let pairs: Vec<_> = history(&before).builds.iter().zip(&history(&after).builds).collect();
        let changed: std::collections::BTreeSet<_> = pairs
            .iter()
            .filter(|(was, is)| was.drone != is.drone)
            .map(|(was, is)| (shown(was).1.unwrap(), shown(is).1.unwrap()))
            .collect();
        assert_eq!(changed.len(), 1, "{alias}: {changed:?}");
        let (was, is) = changed.first().unwrap();
        assert_eq!(is, "Wega Prime");
        assert!(history(&after).builds.iter().all(|build| shown(build).1.as_ref() != Some(was)));
        let drones = |snapshot: &Snapshot| {
            snapshot
                .fleet
                .get()
                .unwrap()
                .drones
                .iter()
                .map(|drone| drone.name.to_string())
                .collect::<Vec<_>>()
        };
        assert!(drones(&before).contains(was) && drones(&after).contains(is), "{alias}");
        assert!(!drones(&after).contains(was), "{alias}");
        assert_eq!(drones(&after).len(), drones(&before).len());
        // Ids rest on public facts that did not change.
        assert!(pairs.iter().all(|(was, is)| was.id == is.id));
    }
    let dropped = Config { identity: names(&[], &[], "drop"), ..dead(directory.path()) };
    let after = restarted(&dropped, clock);
    assert_eq!(history(&after).builds.len(), history(&before).builds.len());
    assert!(history(&after).builds.iter().all(|build| build.drone.is_none()));
    assert_eq!(after.fleet.get().unwrap().drones, []);
}

#[tokio::test]
async fn stars_that_claim_what_no_row_says_have_their_past_before_any_poll() {
    let directory = tempfile::tempdir().unwrap();
    let server = recording::serve(State::Busy).unwrap();
    let url = || Some(patient(&server.url()));
    let clock = standing(recording::recorded_at(State::Busy));
    // One of these stars claims an address, another the beginning of an id.
    let identity = crate::recordings::names();
    let alive = Config {
        identity: identity.clone(),
        data_dir: Some(directory.path().to_owned()),
        ..config(url(), url())
    };
    let before = run(&alive, clock.clone()).await;
    let after = restarted(&Config { identity, ..dead(directory.path()) }, clock);
    assert_eq!(history(&after), history(&before));
    assert_eq!(after.fleet.get(), before.fleet.get());
}

#[tokio::test]
async fn what_is_hidden_follows_the_configuration_of_each_start() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let server = log.serve();
    log.finish((1..=3).map(|id| row(id, -100 + id)));
    let open = with(&server, directory.path());
    let hiding = Config { identity: names(&[], &["dev-libs/p2"], "pseudonym"), ..open.clone() };
    let packages =
        |snapshot: &Snapshot| history(snapshot).builds.iter().map(|build| shown(build).0).collect::<Vec<_>>();
    let p = |n: u32| Some(format!("dev-libs/p{n}-1"));
    let first = run(&open, noon()).await;
    assert_eq!(packages(&first), [p(3), p(2), p(1)]);
    assert_eq!(packages(&restarted(&hiding, noon())), [p(3), None, p(1)]);
    assert_eq!(history(&restarted(&open, noon())), history(&first));

    // What was withheld from the beginning was never stored: the backend has to say it again.
    let directory = tempfile::tempdir().unwrap();
    let at = |config: &Config| Config { data_dir: Some(directory.path().to_owned()), ..config.clone() };
    run(&at(&hiding), noon()).await;
    assert_eq!(packages(&restarted(&at(&open), noon())), [p(3), None, p(1)]);
    assert_eq!(packages(&*run(&at(&open), noon()).await), packages(&first));
    assert_eq!(packages(&restarted(&at(&open), noon())), packages(&first));
    assert_eq!(packages(&restarted(&at(&hiding), noon())), [p(3), None, p(1)]);
}

#[tokio::test]
async fn builds_are_counted_once_over_restarts_and_a_gap_stays() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let server = log.serve();
    let config = Config { history_keep: 100_000, ..with(&server, directory.path()) };
    log.finish((1..=10).map(|id| row(id, -90_000 + id)));
    let first = run(&config, noon()).await;
    assert_eq!(history(&first).builds.len(), 10);
    // A burst while nobody looked is fetched whole.
    log.finish((11..=1_010).map(|id| row(id, -80_000 + id)));
    let second = run(&config, noon()).await;
    assert_eq!((history(&second).builds.len(), history(&second).gaps.len()), (1_010, 0));
    // What the backend deletes stays, and ids that begin again are other builds.
    log.clear();
    log.finish((1..=10).map(|id| row(id, -70_000 + id)));
    let third = run(&config, noon()).await;
    assert_eq!((history(&third).builds.len(), history(&third).gaps.len()), (1_020, 0));
    // More than the longest page.
    log.finish((11..=20_200).map(|id| row(id, -50_000 + id)));
    let fourth = run(&config, noon()).await;
    assert_eq!(history(&fourth).builds.len(), 21_020);
    let at = |second: i64| jiff::Timestamp::from_second(NOON + second).unwrap();
    assert_eq!(history(&fourth).gaps, [Gap { from: at(-70_000 + 10), to: at(-50_000 + 201) }]);
    server.set_behaviour(Behaviour::Refuse);
    assert_eq!(history(&restarted(&config, noon())), history(&fourth));
    // In memory are the newest; the archive has all.
    let few = Config { history_keep: 100, ..config.clone() };
    let newest = restarted(&few, noon());
    assert_eq!(history(&newest).builds[..], history(&fourth).builds[..100]);
    assert_eq!(history(&newest).complete_from, Some(history(&fourth).builds[99].finished_at));
    assert_eq!(history(&restarted(&config, noon())), history(&fourth));
}

#[tokio::test]
async fn a_build_told_differently_after_a_restart_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let server = log.serve();
    log.finish([row(1, -10), row(2, -9)]);
    let first = run(&with(&server, directory.path()), noon()).await;
    for (key, value) in
        [("status", json!("failed")), ("duration_seconds", json!(900)), ("drone_id", json!("x"))]
    {
        let mut other = row(2, -9);
        other[key] = value;
        log.clear();
        log.finish([row(1, -10), other]);
        assert_eq!(history(&*run(&with(&server, directory.path()), noon()).await), history(&first), "{key}");
    }
    // A drone that was removed is named by the beginning of its id: the same build all the same.
    let mut renamed = row(2, -9);
    renamed["drone_name"] = json!("deadbeef-000");
    log.clear();
    log.finish([row(1, -10), renamed]);
    assert_eq!(history(&*run(&with(&server, directory.path()), noon()).await), history(&first));
}

#[tokio::test]
async fn odd_builds_are_archived_as_they_are_understood() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let server = log.serve();
    let odd = |id: i64, key: &str, value: Value| {
        let mut row = row(id, -100 + id);
        row[key] = value;
        row
    };
    log.finish([
        odd(1, "duration_seconds", Value::Null),
        odd(2, "duration_seconds", json!(-5)),
        odd(3, "built_at", json!(4_102_444_800_i64)),
        odd(4, "id", json!("an-id-of-letters")),
        odd(5, "id", json!(u64::MAX)),
        odd(6, "package", json!("not a package")),
        odd(7, "drone_id", Value::Null),
        odd(8, "status", json!("failed on tarn-host (10.42.0.203)")),
    ]);
    let before = run(&with(&server, directory.path()), noon()).await;
    assert_eq!(history(&before).builds.len(), 7, "nobody finishes a build in 2100");
    let after = restarted(&dead(directory.path()), noon());
    assert_eq!(history(&after), history(&before));
}

#[tokio::test]
async fn a_clock_that_was_set_back_neither_loses_nor_doubles() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let server = log.serve();
    log.finish((1..=5).map(|id| row(id, -100 + id)));
    let config = with(&server, directory.path());
    run(&config, noon()).await;
    // A day earlier than what was seen.
    let yesterday = standing(1_795_435_200.0 - 86_400.0);
    let restored = restarted(&config, yesterday.clone());
    assert_eq!(history(&restored).builds.len(), 5);
    let now: Now = yesterday.now();
    assert_eq!(restored.source_state(SourceName::Orchestrator, now), Some(SourceState::Offline));
    let again = run(&config, yesterday).await;
    assert_eq!(history(&again).builds.len(), 5);
    let tomorrow = run(&config, standing(1_795_435_200.0 + 86_400.0)).await;
    assert_eq!(history(&tomorrow).builds, history(&again).builds);
}

#[tokio::test]
async fn a_directory_that_cannot_be_used_is_said_in_a_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Scheduler::new(&dead(&file), noon()).unwrap_err();
    assert!(matches!(error, StartError::Archive(_)));
}

#[test]
fn who_is_stopped_before_the_first_write_still_stores() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let server = log.serve();
    log.finish((1..=50).map(|id| row(id, -100 + id)));
    let config = with(&server, directory.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // One thread that may block, and it is taken: the writer waits for its turn.
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let before = runtime.block_on(async {
        let (release, is_released) = std::sync::mpsc::channel::<()>();
        let taken = tokio::task::spawn_blocking(move || is_released.recv());
        let mut running = Running::start(&config, noon());
        let published = running.wait_for("the builds are there", |it| it.history.get().is_some()).await;
        let stopped = tokio::spawn(running.stop());
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        release.send(()).unwrap();
        taken.await.unwrap().unwrap();
        stopped.await.unwrap().unwrap();
        published
    });
    assert_eq!(history(&before).builds.len(), 50);
    assert_eq!(history(&restarted(&dead(directory.path()), noon())), history(&before));
}

/// Runs on a thread that may write only what it has the right to, like anybody but root.
fn without_privilege<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let run = move || {
        let mut sets = rustix::thread::capabilities(None).unwrap();
        sets.effective.remove(rustix::thread::CapabilitySet::DAC_OVERRIDE);
        rustix::thread::set_capabilities(None, sets).unwrap();
        run()
    };
    std::thread::spawn(run).join().unwrap()
}

fn permit(directory: &Path, file_mode: u32, directory_mode: u32) {
    let permit = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    for file in std::fs::read_dir(directory).unwrap() {
        permit(&file.unwrap().path(), file_mode);
    }
    permit(directory, directory_mode);
}

#[tokio::test]
async fn an_archive_that_cannot_be_written_is_served_and_stays() {
    let directory = tempfile::tempdir().unwrap();
    let log = Log::default();
    let server = log.serve();
    log.finish((1..=50).map(|id| row(id, -100 + id)));
    let before = run(&with(&server, directory.path()), noon()).await;
    let config = dead(directory.path());
    // The file, the directory around it, and both.
    for (file_mode, directory_mode) in [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)] {
        permit(directory.path(), file_mode, directory_mode);
        let (config, place) = (config.clone(), directory.path().to_owned());
        let after = without_privilege(move || {
            assert!(Archive::open(&place, 1).is_err_and(|error| error.is_unwritable()));
            restarted(&config, noon())
        });
        permit(directory.path(), 0o600, 0o700);
        assert_eq!(history(&after), history(&before), "{file_mode:o} {directory_mode:o}");
    }
    // Once it can be written, it goes on.
    log.finish([row(51, -10)]);
    run(&with(&server, directory.path()), noon()).await;
    assert_eq!(history(&restarted(&config, noon())).builds.len(), 51);
}

/// The bytes of everything in a directory but the key, in lower case.
fn bytes(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    files
        .filter(|entry| entry.file_name() != "identity.key")
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).unwrap().to_ascii_lowercase())
        })
        .collect()
}

#[track_caller]
fn assert_no_trace(directory: &Path, internal: &[&str]) {
    for (file, bytes) in bytes(directory) {
        for name in internal {
            let name = name.to_lowercase();
            let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
            assert!(!found, "{file} has {name}");
        }
    }
}

#[tokio::test]
async fn no_internal_name_is_at_rest() {
    for state in State::ALL {
        for names in [Names::default(), crate::recordings::names()] {
            let directory = tempfile::tempdir().unwrap();
            let server = recording::serve(state).unwrap();
            let url = || Some(patient(&server.url()));
            let config = Config {
                identity: names,
                data_dir: Some(directory.path().to_owned()),
                ..config(url(), url())
            };
            let mut running = Running::start(&config, standing(recording::recorded_at(state)));
            running.heard().await;
            // While it runs there is a write-ahead log; afterwards there is the file alone.
            assert_no_trace(directory.path(), &recording::INTERNAL_STRINGS);
            running.stop().await.unwrap();
            assert_no_trace(directory.path(), &recording::INTERNAL_STRINGS);
            assert!(
                bytes(directory.path()).iter().any(|(_, bytes)| bytes.len() > 20_000),
                "builds are there"
            );
        }
    }
}

#[tokio::test]
async fn no_marker_is_at_rest() {
    for mode in [Mode::Everywhere, Mode::KeepingShape] {
        let directory = tempfile::tempdir().unwrap();
        let counter = Mutex::new(0);
        let server = Server::start(move |request: &Request| {
            let query: Vec<String> =
                request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = recording::answer(State::Busy, &format!("{}?{}", request.path, query.join("&")));
            let mut value = serde_json::from_slice(&answer.body).unwrap();
            canary::plant(&mut value, mode, &mut counter.lock().unwrap());
            Answer { status: answer.status, ..Answer::json(&value) }
        })
        .unwrap();
        let url = || Some(patient(&server.url()));
        let config = Config { data_dir: Some(directory.path().to_owned()), ..config(url(), url()) };
        let before = run(&config, standing(recording::recorded_at(State::Busy))).await;
        assert!(history(&before).builds.len() >= 200);
        assert_no_trace(directory.path(), &[MARK, "10.66.6.6"]);
    }
}

#[tokio::test]
async fn a_last_snapshot_that_nobody_can_read_is_left_out_alone() {
    let directory = tempfile::tempdir().unwrap();
    let server = recording::serve(State::Busy).unwrap();
    let url = || Some(patient(&server.url()));
    let clock = standing(recording::recorded_at(State::Busy));
    let config = Config { data_dir: Some(directory.path().to_owned()), ..config(url(), url()) };
    let before = run(&config, clock.clone()).await;
    let file = rusqlite::Connection::open(directory.path().join("archive-v3.sqlite3")).unwrap();
    file.execute("UPDATE last_known SET content = x'7b' WHERE section IN ('queue', 'frame')", []).unwrap();
    drop(file);
    let after = restarted(&config, clock);
    assert_eq!(after.queue.get(), None);
    assert_eq!(after.fleet.get(), before.fleet.get());
    assert_eq!(history(&after), history(&before));
    assert_eq!(after.sources.get(SourceName::Gateway).unwrap().last_seen, None);
}
