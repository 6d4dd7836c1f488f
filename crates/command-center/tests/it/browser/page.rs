//! Pages that fetch themselves again: what changed is shown, what the reader has begun stays.

use serde_json::json;

use super::{
    REFRESH, assert_marked, finish_one, following, mark, once, simulator, still_browser, wait_for_socket,
    wait_for_the_queue,
};
use crate::support::browser;

#[test]
fn a_page_without_a_socket_shows_what_changed_and_keeps_what_was_typed() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = following(&simulator);
    let browser = still_browser();
    browser.open(&format!("http://{}/history?per_page=20", stack.public));
    mark(&browser);
    browser.run(
        "window.field = document.querySelector('input[name=package]'); field.focus(); field.value = 'qtba'; \
         field.setSelectionRange(1, 3); window.newest = document.querySelector('#builds tbody > tr'); \
         window.fetched = () => performance.getEntriesByType('resource').filter(({ name }) => name === location.href).length",
        &[],
    );
    for n_fetched in 1..=2 {
        finish_one(&simulator, || stack.document("queue"));
        browser.pass(REFRESH);
        browser.wait_for(
            "the newer build",
            &format!(
                "return fetched() === {n_fetched} \
                 && document.querySelectorAll('#builds tbody > tr')[{n_fetched}] === newest"
            ),
        );
    }
    browser.wait_for(
        "what was typed",
        "return document.activeElement === field && field.value === 'qtba' && field.selectionEnd === 3",
    );
    // A page without a queue opens none.
    assert_eq!(browser.run("return sockets.length", &[]), 0);
    assert_marked(&browser);
}

#[test]
fn the_dashboard_follows_what_is_built() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = following(&simulator);
    let browser = still_browser();
    browser.open(&format!("http://{}/", stack.public));
    mark(&browser);
    wait_for_socket(&browser, 1, 1);
    let is_current = include_str!("is_active.js");
    browser.wait_for("what is built", is_current);
    // The socket rings, and the page is fetched in a moment: sooner than every page is without it.
    let opened = browser.run("return Date.now()", &[]);
    for _ in 0..2 {
        finish_one(&simulator, || stack.document("queue"));
        browser.wait_for("what is built now", &format!("await clock.pass(100);\n{is_current}"));
    }
    let passed = browser.run("return Date.now() - arguments[0]", &[opened]);
    assert!(passed.as_u64().unwrap() < 10_000, "{passed} ms");
    let newest = stack.document("queue")["data"]["recent"][0]["id"].as_str().unwrap().to_owned();
    browser.pass(REFRESH);
    browser.wait_for(
        "the newest build",
        &format!("return document.querySelector('#recent [data-id]').dataset.id === '{newest}'"),
    );
    browser.wait_for("what is built still", is_current);
    assert_marked(&browser);
}

#[test]
fn a_page_that_the_reader_stopped_says_from_when_it_is_whatever_happens() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = following(&simulator);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", stack.public));
    wait_for_socket(&browser, 1, 1);
    wait_for_the_queue(&browser);
    let stop_or_go = "document.querySelector('[data-choice=paused]').click()";
    browser.run(stop_or_go, &[]);
    let shown = || {
        let ids = "[...document.querySelectorAll('[data-id]')].map(({ dataset }) => dataset.id)";
        let said = "document.getElementById('contact')";
        let body = format!("return [{ids}, {said}.textContent, {said}.querySelector('time').dateTime]");
        browser.run(&body, &[])
    };
    let before = shown();
    assert!(before[1].as_str().unwrap().starts_with("Paused. Showing "), "{before}");
    finish_one(&simulator, || stack.document("queue"));
    browser.pass(REFRESH);
    // The server is gone and the page is told to say so: it is still of the same time.
    drop(stack);
    browser.wait_for("the end of the socket", "return sockets.at(-1).readyState === 3");
    browser.pass(2 * REFRESH);
    assert_eq!(shown(), before);
    browser.run(stop_or_go, &[]);
    let said = browser.run("return document.getElementById('contact').textContent", &[]);
    assert!(said.as_str().unwrap().starts_with("Reconnecting. Showing "), "{said}");
    assert_eq!(browser.run("return document.body.hasAttribute('data-past')", &[]), json!(true));
}

#[test]
fn a_page_that_something_on_the_way_keeps_is_told_from_the_newest() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = once(&simulator);
    let browser = still_browser();
    browser.open(&format!("http://{}/history", stack.public));
    browser.run(
        "window.real = fetch; const kept = await (await real(location.href)).text(); \
         window.fetch = async () => new Response(kept, { headers: { date: new Date().toUTCString() } })",
        &[],
    );
    let said = || browser.run("return document.getElementById('contact').innerText", &[]);
    browser.pass(REFRESH * 2);
    assert_eq!(said(), "", "no older than a page may be");
    browser.pass(REFRESH * 3);
    browser.wait_for("the copy to be told", "return document.body.hasAttribute('data-past')");
    let words = said().as_str().unwrap().to_owned();
    let is_told = words.starts_with("This page is a copy from ")
        && words.ends_with("; newer data should exist. Reload");
    assert!(is_told, "{words}");
    browser.run("window.fetch = real", &[]);
    browser.pass(REFRESH);
    browser.wait_for("the newest page", "return !document.body.hasAttribute('data-past')");
    assert_eq!(said(), "");
}
