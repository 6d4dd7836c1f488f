//! Answers that nobody would write: recorded ones in which anything may be anything.

use std::sync::{Arc, Mutex};

use identity::{
    alias::Alias,
    config::{Config as Names, Star, Unknown},
    name::PublicName,
};
use proptest::{
    prelude::*,
    test_runner::{Config as Runs, TestRunner},
};
use scheduler::config::Config;
use serde_json::{Value, json};
use simulator::{
    message::{Answer, Request},
    recording::{self, State},
    server::Server,
};
use snapshot::section::SourceName;

use crate::support::{Steps, config, observation, patient, standing};

/// With up to eleven changes each: enough to try every field with every kind of value.
const CASES: u32 = 1_000;

/// The host that a star claims: it may stand anywhere in an answer and nowhere in a snapshot.
const HOST: &str = "tau-host";

/// What every planted text contains beside the host; no word, version or package has it.
const MARK: &str = "c@nary";

const PATHS: [&str; 4] = ["/api/v1/nodes", "/api/v1/status", "/api/v1/queue", "/api/v1/history"];

/// One change to an answer.
#[derive(Debug, Clone)]
struct Change {
    /// Which answer.
    path: usize,
    /// Which of its values, in the order of reading; counted around.
    value: usize,
    /// What stands there instead; `None` takes it out.
    instead: Option<Value>,
}

fn anything() -> impl Strategy<Value = Value> {
    let texts = [
        "".to_owned(),
        MARK.to_owned(),
        format!("={HOST}/{MARK}-1.0"),
        format!("=app-misc/{HOST}-1.0"),
        format!("=app-misc/tool-1.0_p{HOST}"),
        format!("{HOST}.internal.lan"),
        format!("1.0-{HOST}"),
        "=app-misc/tool-10.42.0.194-r1".to_owned(),
        "10.42.0.194".to_owned(),
        "00000001-aaaa-bbbb-cccc-000000000001".to_owned(),
        "00000001-aaa".to_owned(),
        "online".to_owned(),
        "delegated".to_owned(),
        "blocked".to_owned(),
        "\u{202e}\u{0}ß\u{1f680}".to_owned(),
        "é".repeat(500),
        "Failed on 99999999999999999999 different drones".to_owned(),
        "Manually blockeé".to_owned(),
        "Vega".to_owned(),
    ];
    let numbers = [
        json!(-1),
        json!(0),
        json!(-0.0),
        json!(1e308),
        json!(-1e308),
        json!(0.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(u32::MAX),
        json!(1_795_431_416.9),
        json!(1_795_431_500),
        json!(99_999_999_999.0),
        json!(253_402_300_800_i64),
    ];
    let shapes =
        [json!(null), json!(true), json!(false), json!([]), json!({}), json!([[[]]]), json!([null, MARK])];
    prop_oneof![
        proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        proptest::sample::select(numbers.to_vec()),
        proptest::sample::select(shapes.to_vec()),
        "\\PC{0,40}".prop_map(|text| json!(format!("{MARK}{text}"))),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    (0..PATHS.len(), any::<usize>(), proptest::option::weighted(0.9, anything()))
        .prop_map(|(path, value, instead)| Change { path, value, instead })
}

/// The recorded answers, cut down to a few rows.
fn answers() -> [Value; 4] {
    let read = |path: &str| -> Value {
        serde_json::from_slice(&recording::answer(State::Troubled, path).body).unwrap()
    };
    let mut answers = PATHS.map(read);
    let mut n_waiting = 0;
    answers[2].as_array_mut().unwrap().retain(|row| {
        n_waiting += usize::from(row["status"] == "needed");
        row["status"] != "received" && (row["status"] != "needed" || n_waiting <= 3)
    });
    answers[3]["history"].as_array_mut().unwrap().truncate(8);
    answers
}

fn n_values(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(n_values).sum(),
        Value::Object(fields) => fields.values().map(n_values).sum(),
        _ => 0,
    }
}

/// Puts something else in place of the `n`-th value below and including this one.
fn put(value: &mut Value, n: &mut usize, instead: &Option<Value>) {
    if *n == 0 {
        *value = instead.clone().unwrap_or(Value::Null);
    }
    let Some(rest) = n.checked_sub(1) else { return };
    *n = rest;
    match value {
        Value::Array(items) => put_below(items.iter_mut(), n, instead),
        Value::Object(fields) if *n == 0 && instead.is_none() => {
            let first = fields.keys().next().cloned();
            first.and_then(|key| fields.remove(&key));
        }
        Value::Object(fields) => put_below(fields.values_mut(), n, instead),
        _ => {}
    }
}

fn put_below<'a>(values: impl Iterator<Item = &'a mut Value>, n: &mut usize, instead: &Option<Value>) {
    for value in values {
        let size = n_values(value);
        if *n < size {
            put(value, n, instead);
            // Found: whoever is above looks no further.
            *n = usize::MAX;
            return;
        }
        *n -= size;
    }
}

fn names() -> Names {
    let star = Star {
        name: PublicName::new("Tau").unwrap(),
        aliases: [HOST, "10.42.0.194"].into_iter().filter_map(Alias::parse).collect(),
        galaxy: None,
        role: None,
        optional: false,
    };
    Names::new(Unknown::Pseudonym, vec![], vec![], vec![], vec![star]).unwrap()
}

#[test]
fn nothing_that_a_backend_can_say_panics_or_gets_out() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let said = Arc::new(Mutex::new(answers()));
    let server = Server::start({
        let said = Arc::clone(&said);
        move |request: &Request| match PATHS.iter().position(|path| *path == request.path) {
            Some(path) => Answer::json(&said.lock().unwrap()[path]),
            None => Answer::not_found(),
        }
    })
    .unwrap();
    let backends = config(Some(patient(&server.url())), Some(patient(&server.url())));
    let config = Config { identity: names(), ..backends };
    let right = answers();
    let mut runner = TestRunner::new(Runs { cases: CASES, failure_persistence: None, ..Runs::default() });
    let outcome = runner.run(&proptest::collection::vec(change(), 1..12), |changes| {
        let mut spoiled = right.clone();
        for change in changes {
            let answer = &mut spoiled[change.path];
            let mut n = change.value % n_values(answer);
            put(answer, &mut n, &change.instead);
        }
        let _in_runtime = runtime.enter();
        let mut steps = Steps::new(&config, standing(1_795_431_417.7));
        *said.lock().unwrap() = spoiled;
        let first = runtime.block_on(steps.poll());
        *said.lock().unwrap() = right.clone();
        let second = runtime.block_on(steps.poll());
        for snapshot in [&first, &second] {
            let shown = format!("{snapshot:?}").to_lowercase();
            for internal in [MARK, HOST, "10.42.0.194", "-aaaa-bbbb-", "internal.lan"] {
                prop_assert!(!shown.contains(internal), "{internal} in {shown}");
            }
        }
        // One good answer heals, whatever came before.
        for source in [SourceName::Gateway, SourceName::Orchestrator] {
            prop_assert_eq!(observation(&second, source).fault, None);
        }
        prop_assert_eq!(second.queue.get().unwrap().counts.blocked, Some(8));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
