//! deploy.sh against a real sshd: what it replaces, what it leaves alone, and for how long nobody is served.

mod server;

use std::{
    collections::BTreeSet,
    fs,
    net::SocketAddr,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use server::{Server, is_missing, told};
use simulator::{
    behaviour::Behaviour,
    recording::{self, State},
};

use crate::support::{eventually, http};

const HISTORY: &str = "/api/v1/services/public/build-history";

/// How long nobody may be served.
const INTERRUPTION: Duration = Duration::from_secs(5);
/// How long a deploy of a binary may take, where the machine has nothing else to do: thirty connections of ssh take as
/// long as that on one that is busy.
const PREBUILT: Duration = Duration::from_secs(10);

/// A release that never serves anything, but accepts every configuration.
const DEAD: &str = "[ \"$1\" = check-config ] && exit 0\necho cannot start >&2\nexit 1";

/// A release that lives while it has no past, and destroys itself on what it makes of one.
const MIGRATES_BADLY: &str = r#"
words="$*"
data=${words##*--data-dir }
if [ "$1" = serve ] && ls "$data"/archive-v*.sqlite3 >/dev/null 2>&1; then
    cp "$data"/archive-v*.sqlite3 "$data"/archive-v99.sqlite3
    echo broken >>"$data"/archive-v99.sqlite3
    echo "the archive cannot be read" >&2
    exit 1
fi
exec "$real" "$@""#;

/// Asks a site again and again, and measures the longest time without an answer.
struct Visitor {
    is_done: Arc<AtomicBool>,
    longest: JoinHandle<Duration>,
}

impl Visitor {
    fn of(site: SocketAddr) -> Self {
        let is_done = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_done);
        let longest = std::thread::spawn(move || {
            let (mut served_at, mut longest) = (Instant::now(), Duration::ZERO);
            while !stop.load(Ordering::Relaxed) {
                let is_served = http::request(site, "GET", "/queue").is_ok_and(|answer| answer.status == 200);
                longest = longest.max(served_at.elapsed());
                if is_served {
                    served_at = Instant::now();
                }
                std::thread::park_timeout(Duration::from_millis(5));
            }
            longest
        });
        Self { is_done, longest }
    }

    /// The longest time without an answer.
    fn leave(self) -> Duration {
        self.is_done.store(true, Ordering::Relaxed);
        self.longest.join().unwrap()
    }
}

/// The ids of the builds that are shown.
fn builds(server: &Server) -> BTreeSet<String> {
    let history: Value = http::get_json(server.site, &format!("{HISTORY}?per_page=200"));
    let builds = history["data"]["builds"].as_array().unwrap().iter();
    builds.map(|build| build["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_release_replaces_the_one_before_and_gives_way_again() {
    if is_missing() {
        return;
    }
    let backend = recording::serve(State::Busy).unwrap();
    let server = Server::start(&backend.url());
    server.next_release(None);
    for name in ["project/.env", "project/target/big", "project/data/x", "project/node_modules/x/y"] {
        let file = server.at(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "of this machine").unwrap();
    }
    for name in ["deployment/data/kept", "deployment/docker/config/config.toml", "deployment/obsolete"] {
        let file = server.at(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }

    let before = server.files();
    let (is_good, text) = server.run(&["--dry-run"]);
    assert!(is_good && text.contains("deploy.sh") && text.contains("obsolete"), "{text}");
    assert_eq!(server.files(), before);
    assert!(!server.run(&["--rollback"]).0);
    assert_eq!(server.files(), before);

    let (is_good, text) = server.run(&[]);
    assert!(is_good, "{text}");
    let first = server.read("deployment/.deploy/current");
    assert!(text.contains(&format!("{first} runs")), "{text}");
    assert!(server.at("deployment/deploy.sh").is_file() && !server.at("deployment/obsolete").exists());
    for name in [".env", "target", "node_modules", "data/x"] {
        assert!(!server.at("deployment").join(name).exists(), "{name} was copied");
    }
    for name in ["docker/.env", "docker/config/config.toml", "data/kept"] {
        assert!(server.at("deployment").join(name).exists(), "{name} was removed");
    }
    assert!(server.read("calls").lines().any(|call| call.contains("--profile candidate up")));
    assert!(!server.at("containers/candidate").exists());
    eventually("builds", || (!builds(&server).is_empty()).then_some(()));

    // Like a release, without what a debugger would want to know.
    let stripped = server.at("stripped");
    let strip =
        Command::new("strip").arg("-o").arg(&stripped).arg(env!("CARGO_BIN_EXE_command-center")).status();
    assert!(strip.unwrap().success());
    let limit = PREBUILT.max(30 * server.connection());
    let (visitor, pid, begin) = (Visitor::of(server.site), server.pid(), Instant::now());
    let (is_good, text) = server.run(&["--prebuilt", stripped.to_str().unwrap()]);
    let (took, interruption) = (begin.elapsed(), visitor.leave());
    println!("a deploy of a binary took {took:?}, of which nobody was served for {interruption:?}");
    assert!(is_good && took < limit && interruption < INTERRUPTION, "{took:?}, {interruption:?}\n{text}");
    assert_ne!(server.pid(), pid);
    let second = server.read("deployment/.deploy/current");
    assert!(second > first, "{first}, {second}");
    assert_eq!(server.read("deployment/.deploy/previous"), first);

    let (visitor, kept) = (Visitor::of(server.site), builds(&server));
    let (is_good, text) = server.run(&["--rollback"]);
    let interruption = visitor.leave();
    assert!(is_good && text.contains(&format!("{first} runs again")), "{text}");
    assert!(interruption < INTERRUPTION, "{interruption:?}");
    assert_eq!(server.read("deployment/.deploy/current"), first);
    assert_eq!(server.read("deployment/.deploy/previous"), second);
    assert!(builds(&server).is_superset(&kept));
}

#[test]
fn what_does_not_become_healthy_never_stays() {
    if is_missing() {
        return;
    }
    let backend = recording::serve(State::Busy).unwrap();
    let server = Server::start(&backend.url());
    server.next_release(Some(DEAD));
    let (is_good, text) = server.run(&[]);
    assert!(!is_good && text.contains("nothing was not touched"), "{text}");
    assert_eq!(server.read("deployment/.deploy/current"), "");

    server.next_release(None);
    let (is_good, text) = server.run(&[]);
    assert!(is_good, "{text}");
    let good = server.read("deployment/.deploy/current");
    eventually("builds", || (!builds(&server).is_empty()).then_some(()));
    let (pid, kept) = (server.pid(), builds(&server));

    // What is wrong already with the candidate, never touches what runs.
    server.next_release(Some(DEAD));
    let visitor = Visitor::of(server.site);
    let (is_good, text) = server.run(&[]);
    let silence = visitor.leave();
    assert!(!is_good && text.contains("cannot start") && text.contains("did not become healthy"), "{text}");
    assert_eq!((server.pid(), server.read("deployment/.deploy/current")), (pid, good.clone()));
    println!("beside a dead candidate nobody was served for {silence:?} at most");
    assert!(silence < Duration::from_secs(2), "{silence:?}");

    // What fails only on the data, is rolled back; the archive of the release before is as it was left.
    backend.set_behaviour(Behaviour::Refuse);
    server.next_release(Some(MIGRATES_BADLY));
    let visitor = Visitor::of(server.site);
    let (is_good, text) = server.run(&[]);
    let interruption = visitor.leave();
    assert!(!is_good && text.contains("the archive cannot be read"), "{text}");
    assert!(text.contains(&format!("{good} runs again")), "{text}");
    println!("a release that was rolled back interrupted for {interruption:?}");
    assert!(interruption < INTERRUPTION, "{interruption:?}");
    assert!(server.at("data/archive-v99.sqlite3").is_file(), "it did migrate");
    assert_eq!(server.read("deployment/.deploy/current"), good);
    assert_eq!(builds(&server), kept, "from the archive: no backend answers");
    let images = fs::read_dir(server.at("images")).unwrap().flatten().map(|entry| entry.file_name());
    let images: BTreeSet<_> = images.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(
        images,
        BTreeSet::from([format!("command-center:{good}"), "command-center:latest".to_owned()])
    );

    // A configuration that is wrong is noticed before anything else is tried.
    server.next_release(None);
    fs::write(server.at("deployment/docker/.env"), "GATEWAY_URL=nowhere\n").unwrap();
    let (is_good, text) = server.run(&[]);
    assert!(!is_good && text.contains("gateway.url") && text.contains("configuration"), "{text}");
    assert_eq!(server.read("deployment/.deploy/current"), good);
}

#[test]
fn a_deploy_that_is_interrupted_leaves_one_release_running() {
    if is_missing() {
        return;
    }
    let backend = recording::serve(State::Busy).unwrap();
    let server = Server::start(&backend.url());
    server.next_release(None);
    let (is_good, text) = server.run(&[]);
    assert!(is_good, "{text}");
    let (good, pid) = (server.read("deployment/.deploy/current"), server.pid());
    let releases = || fs::read_dir(server.at("deployment/.deploy/releases")).unwrap().count();
    let held = |what: &str| {
        let held = server.at(&format!("held-{what}"));
        eventually(what, || fs::remove_file(&held).ok());
    };

    for signal in [Signal::INT, Signal::KILL] {
        fs::write(server.at("hold-build"), "").unwrap();
        let deploy = server.deploy(&[]).spawn().unwrap();
        held("build");
        let (is_good, text) = server.run(&[]);
        assert!(!is_good && text.contains("another deploy"), "{text}");
        kill_process(Pid::from_child(&deploy), signal).unwrap();
        let (is_good, text) = told(deploy.wait_with_output().unwrap());
        assert!(!is_good, "{text}");
        if signal != Signal::KILL {
            assert!(text.contains("what was begun is undone"), "{text}");
        }
        eventually("what was begun to be undone", || (releases() == 1).then_some(()));
        fs::remove_file(server.at("hold-build")).unwrap();
        assert_eq!((server.pid(), server.read("deployment/.deploy/current")), (pid.clone(), good.clone()));
    }

    // The old one is gone already: now it goes on to its end, although nobody is there any more.
    let hold = server.at("hold-up-command-center");
    fs::write(&hold, "").unwrap();
    let mut deploy = server.deploy(&[]).spawn().unwrap();
    held("up-command-center");
    deploy.kill().unwrap();
    deploy.wait().unwrap();
    fs::remove_file(hold).unwrap();
    let new = eventually("another release", || {
        Some(server.read("deployment/.deploy/current")).filter(|current| *current != good)
    });
    assert_eq!(http::get(server.site, "/queue").status, 200);
    assert_eq!(server.read("deployment/.deploy/previous"), good);
    let next = eventually("the lock", || Some(server.run(&[])).filter(|(is_good, _)| *is_good));
    assert!(next.1.contains(&format!("runs {new}")), "{}", next.1);
    // Two are kept, and the one that is neither was forgotten.
    assert_eq!(releases(), 2);
    assert!(!server.at("images").join(format!("command-center:{good}")).exists());
}
