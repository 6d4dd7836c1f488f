//! Rows that change under the reader's hands: many, few, from none; and what the reader holds stays in place.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use scheduler::config::Timing;
use serde_json::{Value, json};
use simulator::{
    message::{Answer, Request},
    server::Server,
};

use super::{REFRESH, assert_marked, mark, still_browser, wait_for_socket, wait_for_the_queue};
use crate::support::{
    browser::{self, Browser},
    stack::{Setup, Stack},
};

/// An orchestrator whose queue is what the test says.
struct Orchestrator {
    server: Server,
    rows: Arc<Mutex<Vec<Value>>>,
}

impl Orchestrator {
    fn start() -> Self {
        let rows = Arc::new(Mutex::new(Vec::new()));
        let shown = Arc::clone(&rows);
        let server = Server::start(move |request: &Request| match request.path.as_str() {
            "/api/v1/queue" => Answer::json(&json!(*shown.lock().unwrap())),
            _ => Answer::not_found(),
        });
        Self { server: server.unwrap(), rows }
    }

    /// From now on these packages wait.
    fn wait(&self, numbers: impl Iterator<Item = usize>) {
        let row = |n| json!({"package": format!("=dev-libs/p{n}-1"), "status": "needed"});
        *self.rows.lock().unwrap() = numbers.map(row).collect();
    }

    fn stack(&self) -> Stack {
        let timing = Timing {
            interval: Some(Duration::from_millis(200)),
            stale_after: Some(Duration::from_secs(7_200)),
            ..Timing::default()
        };
        Setup { gateway: None, ..Setup::of("", &self.server.url(), timing) }.start().ready()
    }
}

/// Waits until the page has so many rows that wait, and exactly those of the server.
#[track_caller]
fn wait_for_pending(browser: &Browser, n_rows: usize) {
    browser.wait_for(
        &format!("{n_rows} rows"),
        &format!("return document.querySelectorAll('[data-list=pending] > [data-id]').length === {n_rows}"),
    );
    wait_for_the_queue(browser);
}

#[test]
fn hundreds_of_rows_come_and_go_in_their_order() {
    if browser::is_missing() {
        return;
    }
    let orchestrator = Orchestrator::start();
    orchestrator.wait(1..=250);
    let stack = orchestrator.stack();
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", stack.public));
    mark(&browser);
    wait_for_socket(&browser, 1, 1);
    wait_for_pending(&browser, 250);
    let labels =
        "return [...document.querySelectorAll('.group__title')].map((title) => title.textContent).join()";
    assert_eq!(browser.run(labels, &[]), "Place 1 to 100,Place 101 to 200,Place 201 to 250");
    browser.run(
        "const [one, two] = document.querySelectorAll('details.group'); one.open = false; two.open = true",
        &[],
    );

    // From the beginning, in the middle, at the end; then more than the last group has; then fewer than three have.
    for numbers in [
        (2..=250).collect::<Vec<_>>(),
        (2..=120).chain(122..=250).chain([121]).collect(),
        (2..=320).collect(),
        (1..=320).rev().collect(),
        (1..=150).collect(),
    ] {
        let n_rows = numbers.len();
        orchestrator.wait(numbers.into_iter());
        wait_for_pending(&browser, n_rows);
    }
    browser.pass(REFRESH);
    browser.wait_for(
        "as many groups as there should be",
        "return document.querySelectorAll('details.group').length === 2",
    );
    wait_for_pending(&browser, 150);
    assert_eq!(browser.run(labels, &[]), "Place 1 to 100,Place 101 to 150");
    let is_open = "return [...document.querySelectorAll('details.group')].map(({ open }) => open)";
    assert_eq!(browser.run(is_open, &[]), json!([false, true]), "the reader's choice");
    assert_marked(&browser);
}

#[test]
fn rows_come_to_lists_that_had_none_and_go() {
    if browser::is_missing() {
        return;
    }
    let orchestrator = Orchestrator::start();
    let stack = orchestrator.stack();
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", stack.public));
    wait_for_socket(&browser, 1, 1);
    let is_said =
        "const words = document.querySelector('[data-empty=pending]'); return words.checkVisibility()";
    assert_eq!(browser.run(is_said, &[]), json!(true));
    orchestrator.wait(1..=3);
    wait_for_pending(&browser, 3);
    let is_seen =
        "const row = document.querySelector('[data-list=pending] > [data-id]'); return row.checkVisibility()";
    assert_eq!(browser.run(is_seen, &[]), json!(true));
    assert_eq!(browser.run(is_said, &[]), json!(false));
    orchestrator.wait(0..0);
    wait_for_pending(&browser, 0);
    assert_eq!(browser.run(is_said, &[]), json!(true));
}

#[test]
fn focus_selection_and_place_stay_while_rows_change() {
    if browser::is_missing() {
        return;
    }
    let orchestrator = Orchestrator::start();
    orchestrator.wait(1..=90);
    let stack = orchestrator.stack();
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", stack.public));
    wait_for_socket(&browser, 1, 1);
    browser.run(
        "window.row = document.querySelector('[data-id=\"dev-libs/p60-1\"]'); row.scrollIntoView({ block: 'center' }); \
         row.tabIndex = 0; row.focus({ preventScroll: true }); \
         getSelection().selectAllChildren(row.querySelector('.package__name')); \
         await new Promise(requestAnimationFrame); window.top_ = row.getBoundingClientRect().top",
        &[],
    );
    let kept = "await new Promise(requestAnimationFrame); \
                return [document.activeElement === row, String(getSelection()), Math.abs(row.getBoundingClientRect().top - top_) <= 1]";
    let expected = json!([true, "p60", true]);
    assert_eq!(browser.run(kept, &[]), expected);
    // Rows above leave and come, then the row itself moves among the others.
    for numbers in [(2..=90).collect::<Vec<_>>(), (1..=90).collect(), (1..=140).collect()] {
        let n_rows = numbers.len();
        orchestrator.wait(numbers.into_iter());
        wait_for_pending(&browser, n_rows);
        assert_eq!(browser.run(kept, &[]), expected, "{n_rows} rows");
        browser.pass(REFRESH);
        let title = "return document.querySelector('.group__title').textContent";
        let label = format!("Place 1 to {}", n_rows.min(100));
        browser.wait_for("the page refreshed", &format!("{title} === '{label}'"));
        wait_for_pending(&browser, n_rows);
        assert_eq!(browser.run(kept, &[]), expected, "{n_rows} rows, refreshed");
    }
    // What is in a closed group has no focus.
    browser.run("document.querySelectorAll('details.group').forEach((group) => { group.open = true })", &[]);
    orchestrator.wait((1..60).chain(61..=140).chain([60]));
    wait_for_pending(&browser, 140);
    // Whether a selection inside a row that moves to another group stays is up to the browser; it does not always.
    assert_eq!(browser.run(kept, &[])[0], json!(true), "moved among the others");
}
