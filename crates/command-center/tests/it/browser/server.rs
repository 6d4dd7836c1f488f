//! The real server, polling a simulated farm, before a page that is open all the time.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use simulator::{
    behaviour::Behaviour,
    simulator::{Backend, Simulator},
};
use tempfile::NamedTempFile;

use super::{
    REFRESH, assert_marked, finish_one, is_lost, mark, simulator, still_browser, wait_for_a_new_socket,
    wait_for_socket, wait_for_the_queue,
};
use crate::support::{
    binary::Running,
    browser::{self, Browser},
    eventually, http,
};

/// A server of the farm, with these lines at the beginning of its configuration and of each backend's part.
fn serve(simulator: &Simulator, first: &str, timing: &str) -> (Running, NamedTempFile) {
    let config = NamedTempFile::new().unwrap();
    let backend = |name: &str, backend| {
        format!("[{name}]\nurl = \"{}\"\ninterval = \"200ms\"\n{timing}\n", simulator.url(backend))
    };
    let [gateway, orchestrator] = [("gateway", Backend::Gateway), ("orchestrator", Backend::Orchestrator)]
        .map(|(name, of)| backend(name, of));
    std::fs::write(config.path(), format!("{first}\n{gateway}{orchestrator}")).unwrap();
    let running = Running::start(&["serve", "--config", config.path().to_str().unwrap()], &[]);
    (running, config)
}

/// No busy machine makes a backend late.
const PATIENT: &str = "stale_after = \"1h\"";
/// A dead backend is soon known to be dead.
const STRICT: &str = "stale_after = \"1500ms\"\noffline_after = \"4s\"";

fn queue(address: SocketAddr) -> Value {
    http::get_json(address, "/api/v1/services/public/queue")
}

/// Which list an element of the page is in.
fn list_of(browser: &Browser, element: &str) -> String {
    let list =
        browser.run(&format!("return {element}.isConnected && {element}.parentElement.dataset.list"), &[]);
    list.as_str().unwrap_or("none").to_owned()
}

#[test]
fn a_package_is_followed_from_the_queue_to_the_recent_builds() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let (server, _config) = serve(&simulator, "base_path = \"/status\"", PATIENT);
    let document = || http::get_json(server.public, "/status/api/v1/services/public/queue");
    let browser = still_browser();
    browser.open(&format!("http://{}/status/queue", server.public));
    mark(&browser);
    wait_for_socket(&browser, 1, 1);
    assert!(browser.run("return sockets[0].url", &[]).as_str().unwrap().contains("/status/ws/queue?epoch="));
    wait_for_the_queue(&browser);
    browser.run("window.row = document.querySelector('[data-list=pending] > [data-id]')", &[]);
    let mut lists = vec!["pending".to_owned()];
    while lists.last().is_some_and(|list| list != "recent") {
        assert!(lists.len() < 40, "{lists:?}");
        finish_one(&simulator, document);
        wait_for_the_queue(&browser);
        lists.push(list_of(&browser, "row"));
    }
    lists.dedup();
    assert_eq!(lists, ["pending", "building", "recent"]);
    assert!(browser.run("return row.textContent", &[]).as_str().unwrap().contains("Built"));
    assert_marked(&browser);
}

#[test]
fn a_killed_server_is_missed_after_a_moment_and_followed_again_when_it_is_back() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let (server, config) = serve(&simulator, "", PATIENT);
    let addresses = (server.public, server.internal);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", server.public));
    mark(&browser);
    wait_for_socket(&browser, 1, 1);
    wait_for_the_queue(&browser);
    let ages = "return [...document.querySelectorAll('.age .ticking')].map(({ textContent }) => textContent)";
    let elapsed = "return document.querySelector('#active .job .ticking').textContent";

    drop(server);
    wait_for_socket(&browser, 1, 3);
    browser.pass(Duration::from_millis(4_900));
    assert!(!is_lost(&browser), "trouble this short is not worth a word");
    browser.pass(Duration::from_millis(200));
    assert!(is_lost(&browser));
    let (age, work) = (browser.run(ages, &[]), browser.run(elapsed, &[]));
    assert!(age.as_array().unwrap().iter().all(|age| age.as_str().unwrap().ends_with(" ago")), "{age}");
    browser.pass(Duration::from_secs(120));
    let (later, work_later) = (browser.run(ages, &[]), browser.run(elapsed, &[]));
    for (age, later) in age.as_array().unwrap().iter().zip(later.as_array().unwrap()) {
        assert_ne!(age, later, "the age of what is shown is told all the time");
    }
    assert_eq!(work, work_later, "nobody knows whether it goes on");
    assert!(is_lost(&browser));

    let server = Running::start_at(addresses, &["serve", "--config", config.path().to_str().unwrap()]);
    wait_for_a_new_socket(&browser);
    browser.wait_for("the server to be found", "return !document.body.hasAttribute('data-past')");
    finish_one(&simulator, || queue(server.public));
    wait_for_the_queue(&browser);
    assert!(!is_lost(&browser));
    assert_marked(&browser);
}

#[test]
fn a_server_that_knows_nothing_yet_makes_nothing_zero() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let (server, config) = serve(&simulator, "", PATIENT);
    let addresses = (server.public, server.internal);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", server.public));
    wait_for_socket(&browser, 1, 1);
    wait_for_the_queue(&browser);
    browser.run(
        "window.lies = new Set(); \
         const look = () => ['pending', 'building'].forEach((list) => \
           document.querySelector(`[data-empty=${list}]:not([hidden])`) && lies.add(list)); \
         new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true })",
        &[],
    );
    let backends = [Backend::Gateway, Backend::Orchestrator];
    backends.iter().for_each(|backend| simulator.set_behaviour(*backend, Behaviour::Refuse));
    drop(server);
    wait_for_socket(&browser, 1, 3);
    let server = Running::start_at(addresses, &["serve", "--config", config.path().to_str().unwrap()]);
    wait_for_a_new_socket(&browser);
    browser.pass(REFRESH);
    browser.wait_for(
        "what is not known to be told",
        "return document.querySelector('#pending').innerText.includes('Not known yet.') \
         && !document.querySelector('[data-list] > [data-id]')",
    );
    assert_eq!(browser.run("return [...lies]", &[]), json!([]), "what is not known is not empty");

    backends.iter().for_each(|backend| simulator.set_behaviour(*backend, Behaviour::Normal));
    eventually("the queue", || (!queue(server.public)["data"]["counts"]["total"].is_null()).then_some(()));
    browser.wait_for(
        "the page that has it",
        "await clock.pass(100); return !!document.querySelector('[data-id]')",
    );
    wait_for_the_queue(&browser);
    assert_eq!(browser.run("return [...lies]", &[]), json!([]), "what is not known is not empty");
}

/// Takes a page through the death of the orchestrator and its return; `silent` is what it must say in between.
fn outlive_the_orchestrator(path: &str, silent: &str) {
    let simulator = simulator();
    let (server, _config) = serve(&simulator, "", STRICT);
    let browser = still_browser();
    browser.open(&format!("http://{}{path}", server.public));
    mark(&browser);
    wait_for_socket(&browser, 1, 1);
    let wait_for = |state: &str, what: &str, is_so: &str| {
        eventually(state, || {
            let source = &queue(server.public)["sources"]["orchestrator"];
            (source["state"] == state).then_some(())
        });
        // Rows that a script keeps stand or go at once, those of a page that it fetches in a moment.
        let moment = if path == "/" { "await clock.pass(100);" } else { "" };
        browser.wait_for(&format!("{what} while {state}"), &format!("{moment} {is_so}"));
        browser.pass(Duration::from_secs(1));
        let is_told = format!("return document.getElementById('active').dataset.freshness === '{state}'");
        browser.wait_for(&format!("{state} to be told"), &is_told);
        browser.wait_for(&format!("{what} still, while {state}"), is_so);
        wait_for_socket(&browser, 1, 1);
        assert!(!is_lost(&browser), "the server is there");
        let said = browser.run("return [document.title, document.body.innerText]", &[]);
        [0, 1].map(|idx| said[idx].as_str().unwrap().to_owned())
    };
    let goes = "return !!document.querySelector('#active .job .ticking')";
    let stands = "return !document.querySelector('#active progress, #active .job .ticking') \
                  && !!document.querySelector('#active .job')";
    browser.wait_for("work that goes on", goes);

    simulator.set_behaviour(Backend::Orchestrator, Behaviour::Refuse);
    for (state, sign) in [("stale", "▲ Late"), ("offline", "■ Silent")] {
        let [title, text] = wait_for(state, "work that stands", stands);
        assert!(title.starts_with(sign), "{path}: {title}");
        for wrong in ["All good", "All systems go", "Orchestrator ● online"] {
            assert!(!text.contains(wrong), "{path}: {wrong} in {text}");
        }
        assert!(text.contains("showing what was known at"), "{text}");
        assert!(text.contains("refused the connection"), "{text}");
        assert!(state != "offline" || text.contains(silent), "{text}");
    }

    simulator.set_behaviour(Backend::Orchestrator, Behaviour::Normal);
    let [title, text] = wait_for("online", "work that goes on", goes);
    assert!(!title.starts_with(['■', '▲']), "{title}");
    assert!(!text.contains("showing what was known at"), "{text}");
    assert_marked(&browser);
}

#[test]
fn a_dead_orchestrator_behind_a_live_socket_is_shown_as_such() {
    if !browser::is_missing() {
        outlive_the_orchestrator("/queue", "Orchestrator silent since");
    }
}

#[test]
fn the_dashboard_shows_a_dead_orchestrator_as_such() {
    if !browser::is_missing() {
        outlive_the_orchestrator("/", "Orchestrator silent since");
    }
}
