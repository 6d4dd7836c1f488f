//! Nothing that a backend wrote leaves, except what the types let through.

use std::sync::Mutex;

use serde_json::Value;
use simulator::{
    canary::{self, Mode},
    message::{Answer, Request},
    recording::{self, State},
    server::Server,
};

use crate::{
    recordings::names,
    support::{
        leaks::{check, crawl},
        stack::Setup,
    },
};

fn planted(state: State, mode: Mode) -> Server {
    let counter = Mutex::new(0);
    Server::start(move |request: &Request| {
        let query: Vec<String> =
            request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = recording::answer(state, &format!("{}?{}", request.path, query.join("&")));
        let mut value: Value = serde_json::from_slice(&answer.body).unwrap();
        canary::plant(&mut value, mode, &mut counter.lock().unwrap());
        Answer { status: answer.status, ..Answer::json(&value) }
    })
    .unwrap()
}

#[test]
fn no_marker_planted_in_any_string_leaves() {
    for mode in [Mode::Everywhere, Mode::KeepingShape] {
        for state in State::ALL {
            let server = planted(state, mode);
            let stack = Setup { names: names(), ..Setup::once(&server.url()) }.start().ready();
            check(&crawl(stack.public), &[canary::MARK.to_owned()]);
        }
    }
}

#[test]
fn no_internal_name_of_the_recordings_leaves_whether_configured_or_not() {
    let secrets: Vec<String> = recording::INTERNAL_STRINGS.map(str::to_owned).to_vec();
    for state in State::ALL {
        let server = recording::serve(state).unwrap();
        for names in [names(), Default::default()] {
            let stack = Setup { names, ..Setup::once(&server.url()) }.start().ready();
            check(&crawl(stack.public), &secrets);
        }
    }
}

#[test]
fn errors_of_backends_leave_nothing_behind() {
    use simulator::behaviour::{Behaviour, INTERNAL_STRINGS};
    for behaviour in [Behaviour::Status(500), Behaviour::Html, Behaviour::Garbage, Behaviour::Redirect] {
        let server = recording::serve(State::Busy).unwrap();
        server.set_behaviour(behaviour);
        let stack = Setup::once(&server.url()).start().ready();
        let mut secrets = INTERNAL_STRINGS.map(str::to_owned).to_vec();
        secrets.push(server.address().port().to_string());
        check(&crawl(stack.public), &secrets);
    }
}
