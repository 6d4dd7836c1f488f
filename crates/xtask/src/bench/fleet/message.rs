//! What the live queue says, as the public contract has it; whatever is missing or unheard of is an error.

use serde::Deserialize;
use serde_json::{Map, Value};

/// One frame.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Message {
    /// The whole queue.
    Snapshot {
        /// This run of the server.
        epoch: String,
        /// The version.
        seq: u64,
        /// What the facts of that version hash to, in eight digits.
        hash: String,
        /// The queue: lists of rows, and what is said of all.
        queue: Map<String, Value>,
    },
    /// The way from one version to another.
    Delta {
        /// This run of the server.
        epoch: String,
        /// The version that the way begins at.
        base: u64,
        /// The version that it leads to.
        seq: u64,
        /// What the facts of that version hash to.
        hash: String,
        /// The steps.
        ops: Vec<Operation>,
        /// How many items are in each state.
        counts: Value,
    },
    /// A sign of life.
    Heartbeat {
        /// This run of the server.
        epoch: String,
        /// The version.
        seq: u64,
        /// What its facts hash to.
        hash: String,
        /// After twice this silence the server is gone.
        next_ms: u64,
    },
}

/// One step of a delta.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Operation {
    /// A row comes in before another, or at the end.
    Add {
        /// Where to.
        list: String,
        /// The row behind it.
        before: Option<String>,
        /// All of it.
        item: Map<String, Value>,
    },
    /// A row leaves.
    Remove {
        /// Where from.
        list: String,
        /// Which one.
        id: String,
    },
    /// Fields of a row are others.
    Change {
        /// Where it is.
        list: String,
        /// Which one.
        id: String,
        /// The fields.
        set: Map<String, Value>,
    },
    /// A row goes elsewhere.
    Move {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
        /// Which one.
        id: String,
        /// The row behind it then.
        before: Option<String>,
        /// Fields that are others.
        set: Map<String, Value>,
    },
    /// What is said of the queue is another.
    Meta {
        /// The fields.
        set: Map<String, Value>,
    },
}
