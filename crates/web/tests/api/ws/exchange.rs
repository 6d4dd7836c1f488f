//! The exchange that the README shows, replayed: what it says is what comes.

use serde_json::Value;
use snapshot::testing;

use super::socket::Socket;
use crate::app::spawn_app;

/// What stands for anything.
const ANYTHING: &str = "…";

fn exchange() -> Vec<String> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let (_, block) = readme.split_once("```ws\n").unwrap();
    block.split_once("```").unwrap().0.lines().map(str::to_owned).collect()
}

/// Whether a message is as it was told.
#[track_caller]
fn check(told: &Value, came: &Value) {
    match (told, came) {
        (Value::String(told), _) if told == ANYTHING => {}
        (Value::Object(told), Value::Object(came)) => {
            for (key, value) in told.iter().filter(|(key, _)| *key != ANYTHING) {
                check(value, came.get(key).unwrap_or_else(|| panic!("no {key}")));
            }
            let has_more = told.contains_key(ANYTHING);
            assert!(has_more || told.len() == came.len(), "{told:?}\n{came:?}");
        }
        (Value::Array(told), Value::Array(came)) => {
            let has_more = told.last().is_some_and(|last| last == ANYTHING);
            let told = if has_more { &told[..told.len() - 1] } else { &told[..] };
            assert!(came.len() >= told.len() && (has_more || came.len() == told.len()), "{came:?}");
            told.iter().zip(came).for_each(|(told, came)| check(told, came));
        }
        _ => assert_eq!(told, came),
    }
}

#[test]
fn the_exchange_that_the_readme_shows_is_what_happens() {
    let app = spawn_app(testing::example());
    let (mut socket, mut epoch, mut is_next) = (None::<Socket>, String::new(), false);
    let told = exchange();
    assert!(told.len() >= 8);
    for line in told {
        if let Some(target) = line.strip_prefix("client ") {
            socket = Some(Socket::open(app.port, &target.replace("k3v9q2", &epoch)));
            continue;
        }
        let told: Value = serde_json::from_str(line.strip_prefix("server ").unwrap()).unwrap();
        if told["type"] == "delta" && !is_next {
            // What is told first as a step is what happens next.
            let mut snapshot = testing::example();
            testing::edit(&mut snapshot.queue, |queue| *queue = testing::example_next());
            app.publish(snapshot);
            is_next = true;
        }
        let mut came = socket.as_mut().unwrap().json();
        while came["type"] == "heartbeat" && told["type"] != "heartbeat" {
            came = socket.as_mut().unwrap().json();
        }
        if epoch.is_empty() {
            came["epoch"].as_str().unwrap().clone_into(&mut epoch);
        }
        if came.get("epoch").is_some() {
            assert_eq!(came["epoch"], epoch);
            came["epoch"] = "k3v9q2".into();
        }
        check(&told, &came);
    }
}
