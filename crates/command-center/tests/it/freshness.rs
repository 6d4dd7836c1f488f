//! Old is never shown as fresh: not when the scheduler hangs, not when the process stood still, not when the calendar is
//! set. Everything turns old by itself, and comes back by itself.

use std::{fs, io::Read as _, net::SocketAddr, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;
use scheduler::config::Timing;
use serde_json::Value;
use simulator::{
    behaviour::Behaviour,
    recording::{self, State},
    server::Server,
};

use crate::support::{
    DEADLINE,
    binary::Running,
    eventually,
    faketime::FakeTime,
    http, program,
    stack::{PUBLIC, Setup},
    subscriber::Subscriber,
};

/// What tells of the farm that these tests watch.
const DOCUMENTS: [&str; 3] = ["build-swarm", "queue", "build-history"];
const PAGES: [&str; 3] = ["/", "/queue", "/history"];

fn config(server: &Server) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let timing = "interval = \"300ms\"\nstale_after = \"900ms\"\noffline_after = \"1800ms\"\n";
    let url = format!("url = \"{}\"\n", server.url());
    fs::write(file.path(), format!("[gateway]\n{url}{timing}[orchestrator]\n{url}{timing}")).unwrap();
    file
}

#[track_caller]
fn document(site: SocketAddr, name: &str) -> Value {
    http::get_json(site, &format!("{PUBLIC}/{name}"))
}

fn is(site: SocketAddr, status: &str) {
    for name in DOCUMENTS {
        eventually(&format!("{name} {status}"), || (document(site, name)["status"] == status).then_some(()));
    }
}

/// Whether a page says that nothing was heard for a while.
fn says_so(text: &str) -> bool {
    ["ilent since", "No answer from anything since"].iter().any(|words| text.contains(words))
}

#[track_caller]
fn pages_say(site: SocketAddr, is_silent: bool) {
    for page in PAGES {
        assert_eq!(says_so(&http::get(site, page).text()), is_silent, "{page}");
    }
}

fn says(status: &str) -> impl Fn(&Value) -> bool {
    move |frame| frame["status"] == status
}

#[test]
fn a_scheduler_that_hangs_leaves_everything_to_turn_old_and_come_back() {
    let server = recording::serve(State::Busy).unwrap();
    let ms = |ms| Some(Duration::from_millis(ms));
    let timing =
        Timing { interval: ms(300), timeout: ms(280), stale_after: ms(900), offline_after: ms(1_800) };
    let stack = Setup::of(&server.url(), &server.url(), timing).start().ready();
    let mut subscriber = Subscriber::join(stack.public);
    is(stack.public, "ok");
    pages_say(stack.public, false);
    let frozen = stack.freeze();
    // Nobody asks for anything: it is told all the same.
    subscriber.until(says("offline"));
    for name in DOCUMENTS {
        let document = document(stack.public, name);
        assert_eq!(document["status"], "offline", "{name}");
        assert!(!document["timestamp"].is_null(), "{name}");
    }
    pages_say(stack.public, true);
    drop(frozen);
    subscriber.until(says("ok"));
    is(stack.public, "ok");
    pages_say(stack.public, false);
}

#[test]
fn the_first_answers_of_a_process_that_was_stopped_are_already_marked_old() {
    let server = recording::serve(State::Busy).unwrap();
    let config = config(&server);
    let running = Running::start(&["serve", "--config", config.path().to_str().unwrap()], &[]);
    is(running.public, "ok");
    let mut subscriber = Subscriber::join(running.public);
    assert_eq!(subscriber.frame()["status"], "ok");

    server.set_behaviour(Behaviour::Refuse);
    running.stop();
    // The kernel takes connections and requests; the process does not answer while it is stopped.
    let documents = DOCUMENTS.map(|name| format!("{PUBLIC}/{name}"));
    let targets: Vec<&str> = documents.iter().map(String::as_str).chain(PAGES).collect();
    let mut streams: Vec<_> =
        targets.iter().map(|target| http::send(running.public, "GET", target).unwrap()).collect();
    streams[0].set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    assert!(streams[0].read(&mut [0]).is_err(), "a stopped process answered");
    running.signal(Signal::CONT);
    for (target, stream) in targets.into_iter().zip(streams) {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let answer = http::receive(stream).unwrap();
        assert_eq!(answer.status, 200, "{target}");
        if PAGES.contains(&target) {
            assert!(says_so(&answer.text()), "{target}");
        } else {
            let document: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(document["status"], "offline", "{target}");
        }
    }
    // Nothing is said as if it were fresh before that.
    assert_ne!(subscriber.frame()["status"], "ok");

    server.set_behaviour(Behaviour::Normal);
    is(running.public, "ok");
    subscriber.until(says("ok"));
    pages_say(running.public, false);
}

#[test]
fn a_calendar_that_is_set_makes_nothing_old_and_nothing_fresh() {
    if program::is_missing(&["faketime"]) {
        return;
    }
    let time = FakeTime::start();
    let server = recording::serve(State::Busy).unwrap();
    let config = config(&server);
    let variables = time.variables();
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let running = Running::start(&["serve", "--config", config.path().to_str().unwrap()], &variables);
    let mut subscriber = Subscriber::join(running.public);
    is(running.public, "ok");
    for (offset, hours) in [("+30h", 30), ("-30h", -30), ("+0", 0)] {
        time.set(offset);
        let now = || Timestamp::now() + SignedDuration::from_hours(hours);
        let instant = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
        for name in DOCUMENTS {
            let followed = eventually(&format!("{name} follows the calendar by {offset}"), || {
                let document = document(running.public, name);
                assert_eq!(document["status"], "ok", "{name}: nothing is older than it was");
                let age = now().duration_since(instant(&document["timestamp"])).abs();
                (age < SignedDuration::from_mins(1)).then_some(document)
            });
            assert!(
                instant(&followed["expected_next"]) >= now() - SignedDuration::from_secs(2),
                "{name}: {offset}"
            );
        }
        // Whatever the calendar says, silence is silence.
        server.set_behaviour(Behaviour::Refuse);
        subscriber.until(says("offline"));
        is(running.public, "offline");
        pages_say(running.public, true);
        server.set_behaviour(Behaviour::Normal);
        subscriber.until(says("ok"));
        is(running.public, "ok");
    }
}
