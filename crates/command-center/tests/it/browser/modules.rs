//! The modules alone: what they compute is what the contract says, and what the server makes.

use serde_json::{Value, json};

use super::{once, simulator};
use crate::support::{
    browser::{self, Browser},
    http,
    stack::Stack,
};

const QUEUE: &str = include_str!("../../../../web/tests/api/documents/queue.json");
const DELTA: &str = include_str!("../../../../web/tests/api/documents/queue_delta.json");

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
    let simulator = simulator();
    let stack = once(&simulator);
    let browser = Browser::start();
    browser.open(&format!("http://{}/history", stack.public));
    let [queue, delta] = [QUEUE, DELTA].map(|text| serde_json::from_str::<Value>(text).unwrap());
    let failed = browser.run(include_str!("modules.js"), &[json!(modules(&stack)), queue, delta]);
    assert_eq!(failed, json!([]));
}

#[test]
fn rows_that_the_script_makes_are_those_of_the_server() {
    if browser::is_missing() {
        return;
    }
    let simulator = simulator();
    let stack = once(&simulator);
    let browser = Browser::start();
    browser.open(&format!("http://{}/queue", stack.public));
    let unequal = browser.run(include_str!("rows.js"), &[json!(modules(&stack))]);
    assert_eq!(unequal, json!([]));
}
