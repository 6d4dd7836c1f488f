//! The other side of a page's socket, as a test plays it: the queue that it has, and the frames that lead on from there.

use serde_json::{Value, json};

use crate::support::relay::Socket;

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
pub(super) struct Script {
    pub(super) queue: Value,
    pub(super) socket: Socket,
}

impl Script {
    pub(super) fn heartbeat(&self, orchestrator: &str) {
        self.send(orchestrator, json!({}));
    }

    /// A heartbeat of a server with other scripts than the page has.
    pub(super) fn heartbeat_of_build(&self, build: &str) {
        self.send("online", json!({ "build": build }));
    }

    fn send(&self, orchestrator: &str, more: Value) {
        let mut frame = json!({
            "type": "heartbeat", "epoch": self.queue["epoch"], "seq": self.queue["seq"], "hash": hash(&self.queue),
            "server_time": now(), "status": "ok", "timestamp": null,
            "sources": {"orchestrator": orchestrator}, "next_ms": 20_000,
        });
        frame.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.socket.send(&frame);
    }

    /// Sends operations; `change` makes the same of the queue.
    pub(super) fn delta(&mut self, ops: &Value, change: impl FnOnce(&mut Value)) {
        let base = self.queue["seq"].as_u64().unwrap();
        change(&mut self.queue);
        self.queue["seq"] = json!(base + 1);
        self.socket.send(&json!({
            "type": "delta", "epoch": self.queue["epoch"], "base": base, "seq": base + 1, "hash": hash(&self.queue),
            "server_time": now(), "status": "ok", "timestamp": null, "ops": ops, "counts": self.queue["counts"],
        }));
    }
}

pub(super) fn now() -> String {
    humantime::format_rfc3339_millis(std::time::SystemTime::now()).to_string()
}

pub(super) fn take(queue: &mut Value, list: &str) -> Value {
    queue[list].as_array_mut().unwrap().remove(0)
}

pub(super) fn put(queue: &mut Value, list: &str, idx: usize, row: Value) {
    queue[list].as_array_mut().unwrap().insert(idx, row);
}
