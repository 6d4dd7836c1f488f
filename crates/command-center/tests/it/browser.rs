//! Pages in a real browser: the modules alone, and the queue as it is followed live.

use std::time::Duration;

use scheduler::config::Timing;
use serde_json::{Value, json};
use simulator::simulator::{Backend, Options, Simulator};

use crate::support::{
    browser::{self, Browser},
    http,
    relay::{Relay, Socket},
    stack::{Setup, Stack},
};

const QUEUE: &str = include_str!("../../../web/tests/api/documents/queue.json");
const DELTA: &str = include_str!("../../../web/tests/api/documents/queue_delta.json");

fn stack() -> (Simulator, Stack) {
    let simulator = Simulator::start(Options { seed: 3, speed: 1.0 }).unwrap();
    let once = Timing {
        interval: Some(Duration::from_secs(3600)),
        stale_after: Some(Duration::from_secs(3600)),
        ..Timing::default()
    };
    let [gateway, orchestrator] =
        [Backend::Gateway, Backend::Orchestrator].map(|backend| simulator.url(backend));
    let stack = Setup::of(&gateway, &orchestrator, once).start().ready();
    (simulator, stack)
}

/// Where the modules of this build are.
fn modules(stack: &Stack) -> String {
    let page = http::get(stack.public, "/").text();
    let build = page.split_once("data-build=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    format!("/assets/{build}/js/modules")
}

#[test]
fn the_modules_do_what_the_contract_says() {
    if browser::is_missing() {
        return;
    }
    let (_simulator, stack) = stack();
    let browser = Browser::start();
    browser.open(&format!("http://{}/history", stack.public));
    let [queue, delta] = [QUEUE, DELTA].map(|text| serde_json::from_str::<Value>(text).unwrap());
    let failed = browser.run(include_str!("browser/modules.js"), &[json!(modules(&stack)), queue, delta]);
    assert_eq!(failed, json!([]));
}

#[test]
fn rows_that_the_script_makes_are_those_of_the_server() {
    if browser::is_missing() {
        return;
    }
    let (_simulator, stack) = stack();
    let browser = Browser::start();
    browser.open(&format!("http://{}/queue", stack.public));
    let unequal = browser.run(include_str!("browser/rows.js"), &[json!(modules(&stack))]);
    assert_eq!(unequal, json!([]));
}

/// The hash of a queue, as a client proves it.
fn hash(queue: &Value) -> String {
    let mut text = String::new();
    for list in ["pending", "building", "blocked", "recent"] {
        for row in queue[list].as_array().unwrap() {
            let fields: &[&str] = match list {
                "recent" => &["id"],
                _ => &["id", "state", "drone", "failures", "started_at", "reason"],
            };
            let field = |name: &&str| match &row[*name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let fields: Vec<_> = [list.to_owned()].into_iter().chain(fields.iter().map(field)).collect();
            text += &(fields.join("\t") + "\n");
        }
    }
    let sum =
        text.bytes().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{sum:08x}")
}

/// The queue as the other side has it, and the frames that follow.
struct Script {
    queue: Value,
    socket: Socket,
}

impl Script {
    fn heartbeat(&self, orchestrator: &str) {
        self.socket.send(&json!({
            "type": "heartbeat", "epoch": self.queue["epoch"], "seq": self.queue["seq"], "hash": hash(&self.queue),
            "server_time": jiff_now(), "status": "ok", "timestamp": null,
            "sources": {"orchestrator": orchestrator}, "next_ms": 20_000,
        }));
    }

    /// Sends operations; `change` makes the same of the queue.
    fn delta(&mut self, ops: &Value, change: impl FnOnce(&mut Value)) {
        let base = self.queue["seq"].as_u64().unwrap();
        change(&mut self.queue);
        self.queue["seq"] = json!(base + 1);
        self.socket.send(&json!({
            "type": "delta", "epoch": self.queue["epoch"], "base": base, "seq": base + 1, "hash": hash(&self.queue),
            "server_time": jiff_now(), "status": "ok", "timestamp": null, "ops": ops, "counts": self.queue["counts"],
        }));
    }
}

fn jiff_now() -> String {
    humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string()
}

fn take(queue: &mut Value, list: &str) -> Value {
    queue[list].as_array_mut().unwrap().remove(0)
}

fn put(queue: &mut Value, list: &str, idx: usize, row: Value) {
    queue[list].as_array_mut().unwrap().insert(idx, row);
}

#[test]
fn a_row_goes_through_all_lists_as_the_same_element() {
    if browser::is_missing() {
        return;
    }
    let (_simulator, stack) = stack();
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
    let (_simulator, stack) = stack();
    let queue = stack.document("queue")["data"].clone();
    let relay = Relay::before(stack.public);
    let browser = Browser::start();
    browser.open(&format!("http://{}/queue", relay.address));
    let script = Script { queue, socket: relay.socket() };
    script.heartbeat("online");
    script.socket.close(r#"{"retry_after_ms": 7000}"#);
    browser.wait_for("a word about the loss", "return document.body.hasAttribute('data-past')");
    assert!(
        browser
            .run("return document.getElementById('contact').textContent", &[])
            .as_str()
            .unwrap()
            .starts_with("Reconnecting. Showing ")
    );
    let script = Script { socket: relay.socket(), ..script };
    assert!(script.socket.target.contains("since="));
    script.heartbeat("online");
    browser.wait_for("the word to go", "return !document.body.hasAttribute('data-past') && document.getElementById('contact').textContent === ''");
}
