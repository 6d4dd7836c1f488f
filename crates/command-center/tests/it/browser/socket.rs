//! The connection: every way in which it begins, ends, goes quiet and is opened again.

use std::time::Duration;

use serde_json::json;

use super::{
    RARELY, REFRESH, RETRY, assert_marked, finish_one, following, is_lost, mark, once,
    script::{Script, now, put, take},
    simulator, still_browser, wait_for_socket, wait_for_the_queue,
};
use crate::support::{
    browser::{self, Browser},
    eventually,
    relay::Relay,
};

/// How often the page asked for the document of the queue.
fn n_asked(browser: &Browser) -> u64 {
    let asked = "const isIt = ({ name }) => /public\\/queue\\?epoch=\\w+&since=\\d+$/.test(name); \
                 return performance.getEntriesByType('resource').filter(isIt).length";
    browser.run(asked, &[]).as_u64().unwrap()
}

/// How often the page asked for itself.
fn n_fetched(browser: &Browser) -> u64 {
    let fetched = "return performance.getEntriesByName(location.href, 'resource').length";
    browser.run(fetched, &[]).as_u64().unwrap()
}

#[test]
fn a_row_goes_through_all_lists_as_the_same_element() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = once(&simulator);
    let queue = stack.document("queue")["data"].clone();
    let relay = Relay::before(stack.public);
    let browser = Browser::start();
    browser.open(&format!("http://{}/queue", relay.address));
    let socket = relay.socket();
    let (epoch, seq) = (queue["epoch"].as_str().unwrap(), &queue["seq"]);
    assert_eq!(socket.target, format!("/ws/queue?epoch={epoch}&since={seq}"));

    let mut script = Script { queue, socket };
    script.heartbeat("online");
    let id = script.queue["pending"][0]["id"].as_str().unwrap().to_owned();
    browser.run(
        "window.marker = document.querySelector(`[data-list=pending] > [data-id=\"${arguments[0]}\"]`); \
         window.marker.tabIndex = 0; window.marker.focus(); document.body.dataset.mine = 'yes';",
        &[json!(id)],
    );
    let started_at = script.queue["building"][0]["started_at"].clone();
    let set = json!({"state": "building", "reason": null, "drone": "Izar", "started_at": started_at});
    let ops =
        json!([{"op": "move", "from": "pending", "to": "building", "id": id, "before": null, "set": set}]);
    script.delta(&ops, |queue| {
        let mut row = take(queue, "pending");
        row.as_object_mut().unwrap().extend(set.as_object().unwrap().clone());
        let end = queue["building"].as_array().unwrap().len();
        put(queue, "building", end, row);
    });
    let is_kept =
        "marker.isConnected && document.activeElement === marker && document.body.dataset.mine === 'yes'";
    browser.wait_for("the row among those that are built", &format!(
        "return marker.parentElement.dataset.list === 'building' && {is_kept} && marker.textContent.includes('Izar')"
    ));

    let build = json!({"id": "0123456789abc", "package": id, "drone": "Izar", "status": "success",
        "duration_seconds": 171, "finished_at": "2026-02-23T14:29:52Z"});
    let first = script.queue["recent"][0]["id"].clone();
    let ops = json!([
        {"op": "remove", "list": "building", "id": id},
        {"op": "add", "list": "recent", "before": first, "item": build},
    ]);
    script.delta(&ops, |queue| {
        queue["building"].as_array_mut().unwrap().pop();
        put(queue, "recent", 0, build.clone());
    });
    browser.wait_for("the row among those that were built", &format!(
        "return marker.parentElement.dataset.list === 'recent' && {is_kept} && marker.textContent.includes('Built')"
    ));

    script.heartbeat("stale");
    browser.wait_for(
        "what is shown to freeze",
        "return !document.querySelector('#active progress, #active .job .ticking')",
    );
    script.heartbeat("online");
    browser.wait_for("what is shown to go on", "return !!document.querySelector('#active .job .ticking')");
}

#[test]
fn a_lost_server_is_told_of_after_a_moment_and_found_again() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = once(&simulator);
    let queue = stack.document("queue")["data"].clone();
    let relay = Relay::before(stack.public);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", relay.address));
    let script = Script { queue, socket: relay.socket() };
    script.heartbeat("online");
    script.socket.close(r#"{"retry_after_ms": 7000}"#);
    wait_for_socket(&browser, 1, 3);
    browser.pass(Duration::from_millis(4_900));
    assert!(!is_lost(&browser), "trouble this short is not worth a word");
    browser.pass(Duration::from_millis(100));
    assert!(is_lost(&browser));
    browser.pass(Duration::from_millis(1_900));
    wait_for_socket(&browser, 1, 3);
    browser.pass(Duration::from_millis(100));
    let script = Script { socket: relay.socket(), ..script };
    assert!(script.socket.target.contains("since="));
    script.heartbeat("online");
    browser.wait_for(
        "the word to go",
        "return !document.body.hasAttribute('data-past') && document.getElementById('contact').textContent === ''",
    );
}

#[test]
fn while_no_socket_can_be_had_the_queue_is_asked_for() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = following(&simulator);
    let relay = Relay::before(stack.public);
    relay.refuse_sockets(true);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", relay.address));
    mark(&browser);
    for number in 1..=3 {
        wait_for_socket(&browser, number, 3);
        assert_eq!(n_asked(&browser), 0, "after {number} failures");
        if number < 3 {
            browser.pass(RETRY);
        }
    }
    for n_polls in 1..=2 {
        finish_one(&simulator, || stack.document("queue"));
        browser.pass(REFRESH);
        wait_for_the_queue(&browser);
        eventually("the question", || (n_asked(&browser) == n_polls).then_some(()));
        assert!(!is_lost(&browser), "the server is heard");
    }
    wait_for_socket(&browser, 3, 3);
    relay.refuse_sockets(false);
    browser.pass(RARELY);
    let socket = relay.socket();
    assert!(socket.target.contains("since="), "{}", socket.target);
    let n_polls = 2 + RARELY.as_secs() / REFRESH.as_secs();
    eventually("every question until then", || (n_asked(&browser) == n_polls).then_some(()));
    let script = Script { queue: stack.document("queue")["data"].clone(), socket };
    script.heartbeat("online");
    browser.wait_for("the frame to be heard", "return sockets.at(-1).heard > 0");
    for _ in 0..2 {
        let n_before = n_fetched(&browser);
        browser.pass(REFRESH);
        eventually("the page refreshed", || (n_fetched(&browser) > n_before).then_some(()));
    }
    wait_for_socket(&browser, 4, 1);
    assert_eq!(n_asked(&browser), n_polls, "the socket is heard");
    assert_marked(&browser);
}

#[test]
fn a_page_out_of_sight_goes_quiet_and_catches_up_when_it_is_seen() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = following(&simulator);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", stack.public));
    mark(&browser);
    wait_for_socket(&browser, 1, 1);
    browser.hide();
    browser.pass(Duration::from_secs(29));
    wait_for_socket(&browser, 1, 1);
    browser.pass(Duration::from_secs(1));
    wait_for_socket(&browser, 1, 3);
    let n_requests = || browser.run("return performance.getEntriesByType('resource').length", &[]);
    let before = n_requests();
    for _ in 0..3 {
        finish_one(&simulator, || stack.document("queue"));
    }
    browser.pass(Duration::from_secs(600));
    wait_for_socket(&browser, 1, 3);
    assert_eq!(n_requests(), before, "nothing is asked for");

    browser.show();
    wait_for_socket(&browser, 2, 1);
    wait_for_the_queue(&browser);
    let target = browser.run("return sockets.at(-1).url", &[]);
    assert!(target.as_str().unwrap().contains("since="), "{target}");
    assert_marked(&browser);
}

#[test]
fn after_a_long_sleep_the_page_is_old_at_once_until_the_server_is_heard() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = once(&simulator);
    let queue = stack.document("queue")["data"].clone();
    let relay = Relay::before(stack.public);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", relay.address));
    mark(&browser);
    let script = Script { queue, socket: relay.socket() };
    script.heartbeat("online");
    // Before any answer can come.
    let slept = "clock.sleep(3_600_000); return document.body.hasAttribute('data-past')";
    assert_eq!(browser.run(slept, &[]), json!(true));
    wait_for_socket(&browser, 1, 3);
    browser.wait_for("the refreshed page", "return !document.body.hasAttribute('data-past')");
    browser.pass(RETRY);
    let script = Script { socket: relay.socket(), ..script };
    script.heartbeat("online");
    wait_for_socket(&browser, 2, 1);
    assert_marked(&browser);
}

#[test]
fn silence_is_not_taken_for_life() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = once(&simulator);
    let queue = stack.document("queue")["data"].clone();
    let relay = Relay::before(stack.public);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", relay.address));
    let script = Script { queue, socket: relay.socket() };
    script.heartbeat("online");
    wait_for_socket(&browser, 1, 1);
    browser.pass(Duration::from_secs(39));
    wait_for_socket(&browser, 1, 1);
    let silent = "await clock.pass(2000); return document.body.hasAttribute('data-past')";
    assert_eq!(browser.run(silent, &[]), json!(true), "that takes no more patience");
    wait_for_socket(&browser, 1, 3);
}

#[test]
fn a_server_with_another_protocol_is_asked_and_not_followed() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = following(&simulator);
    let queue = stack.document("queue")["data"].clone();
    let relay = Relay::before(stack.public);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", relay.address));
    let socket = relay.socket();
    socket.send(&json!({
        "type": "snapshot", "protocol": 2, "build": "ffffff", "epoch": queue["epoch"], "seq": 9, "hash": "00000000",
        "server_time": now(), "rows": "in another language",
    }));
    wait_for_socket(&browser, 1, 3);
    finish_one(&simulator, || stack.document("queue"));
    browser.pass(REFRESH);
    wait_for_the_queue(&browser);
    eventually("the question", || (n_asked(&browser) == 1).then_some(()));
    browser.pass(2 * RARELY);
    wait_for_socket(&browser, 1, 3);
    assert!(!is_lost(&browser));
}

#[test]
fn a_server_with_newer_scripts_is_joined_once() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = once(&simulator);
    let queue = stack.document("queue")["data"].clone();
    let relay = Relay::before(stack.public);
    let browser = still_browser();
    browser.open(&format!("http://{}/queue", relay.address));
    mark(&browser);
    // A quarter of the longest wait.
    browser.run("Math.random = () => 0.25", &[]);
    let script = Script { queue, socket: relay.socket() };
    script.heartbeat_of_build("ffffff");
    browser.wait_for("the frame to be heard", "return history.state === 'ffffff'");
    browser.pass(Duration::from_secs(29));
    assert_marked(&browser);
    browser.pass(Duration::from_secs(1));
    // The page that comes is still another than the server says: something in between keeps old ones.
    let script = Script { socket: relay.socket(), ..script };
    browser.wait_for("the page anew", "return window.mark === undefined && sockets.length === 1");
    mark(&browser);
    script.heartbeat_of_build("ffffff");
    browser.wait_for("the frame to be heard", "return sockets.at(-1).heard > 0");
    browser.pass(REFRESH);
    browser.hide();
    browser.pass(Duration::ZERO);
    assert_marked(&browser);
    // Out of sight nobody minds.
    script.heartbeat_of_build("eeeeee");
    browser.wait_for("the frame to be heard", "return history.state === 'eeeeee'");
    browser.pass(Duration::ZERO);
    browser.wait_for("the page anew", "return window.mark === undefined");
}
