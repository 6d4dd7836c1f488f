//! Pages in a real browser, before the real server or one that a test plays.
//!
//! In most tests time stands still on the page until the test lets it pass, so that nothing is waited for that a page
//! only does after a while, and what must not happen yet can be told from what is late.

mod modules;
mod page;
mod rows;
mod script;
mod server;
mod socket;

use std::time::Duration;

use scheduler::config::Timing;
use serde_json::{Value, json};
use simulator::simulator::{Backend, Options, Simulator};

use crate::support::{
    browser::Browser,
    eventually,
    stack::{Setup, Stack},
};

/// A page asks for itself this often, and for the queue while no socket can be had.
const REFRESH: Duration = Duration::from_secs(15);
/// The longest wait before a socket is tried again, as long as that has not failed too often.
const RETRY: Duration = Duration::from_secs(30);
/// The longest wait after that.
const RARELY: Duration = Duration::from_secs(60);

fn simulator() -> Simulator {
    Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap()
}

/// A stack that polls as often as `interval` says and never finds its backends late.
fn stack_of(simulator: &Simulator, interval: Duration) -> Stack {
    let timing = Timing {
        interval: Some(interval),
        stale_after: Some(Duration::from_secs(7_200)),
        ..Timing::default()
    };
    let [gateway, orchestrator] =
        [Backend::Gateway, Backend::Orchestrator].map(|backend| simulator.url(backend));
    Setup::of(&gateway, &orchestrator, timing).start().ready()
}

/// A stack that knows what its first poll told, for ever.
fn once(simulator: &Simulator) -> Stack {
    stack_of(simulator, Duration::from_secs(3_600))
}

/// A stack that soon knows what happens.
fn following(simulator: &Simulator) -> Stack {
    stack_of(simulator, Duration::from_millis(200))
}

/// A browser whose pages have no time of their own.
fn still_browser() -> Browser {
    let browser = Browser::start();
    browser.hold_the_clock();
    browser
}

/// Lets the oldest build end, and waits until that is published.
fn finish_one(simulator: &Simulator, document: impl Fn() -> Value) {
    let completed = || document()["data"]["counts"]["completed"].clone();
    let before = completed();
    assert!(simulator.with_world(|world| world.finish_one()).is_some());
    eventually("the finished build in the document", || (completed() != before).then_some(()));
}

/// Waits until the page shows the queue of the document, row by row, and its counts.
#[track_caller]
fn wait_for_the_queue(browser: &Browser) {
    browser.wait_for("the queue of the document", include_str!("browser/is_queue.js"));
}

/// Marks the document of the page: a page that was loaded anew has no mark.
fn mark(browser: &Browser) {
    browser.run("window.mark = true", &[]);
}

#[track_caller]
fn assert_marked(browser: &Browser) {
    assert_eq!(browser.run("return window.mark === true", &[]), json!(true), "the page was loaded anew");
}

fn is_lost(browser: &Browser) -> bool {
    let says =
        "return document.body.hasAttribute('data-past') && document.getElementById('contact').textContent";
    let said = browser.run(says, &[]);
    said.as_str().is_some_and(|words| words.starts_with("Reconnecting. Showing "))
}

/// Waits until the newest of so many sockets is in a state: 1 is open, 3 is closed.
#[track_caller]
fn wait_for_socket(browser: &Browser, number: usize, state: u8) {
    browser.wait_for(
        &format!("socket {number} in state {state}"),
        &format!("return sockets.length === {number} && sockets.at(-1).readyState === {state}"),
    );
}

/// Lets time pass until the page has heard from a server again. It stands still while a socket is being opened: what
/// takes this machine a moment must not look to the page like a minute of silence.
#[track_caller]
fn wait_for_a_new_socket(browser: &Browser) {
    browser.wait_for(
        "a socket that is heard",
        "const socket = sockets.at(-1); \
         if (socket.readyState > 1) await clock.pass(1000); \
         return socket.readyState === 1 && socket.heard > 0",
    );
}
