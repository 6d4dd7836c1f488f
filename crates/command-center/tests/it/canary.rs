//! Nothing that a backend wrote leaves, except what the types let through.

use std::{net::SocketAddr, sync::Mutex};

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
        http,
        stack::{DOCUMENTS, PAGES, Setup},
    },
};

/// Requests beyond documents and pages: errors of every kind, filters, other methods, conditional ones.
const OTHERS: [(&str, &str); 14] = [
    ("GET", "/nope"),
    ("GET", "/api/v1/nope"),
    ("POST", "/"),
    ("DELETE", "/api/v1/services/public/queue"),
    ("HEAD", "/queue"),
    ("GET", "/api/v1/services/public/build-history?per_page=0"),
    ("GET", "/api/v1/services/public/build-history?typo=1"),
    ("GET", "/api/v1/services/public/build-history?per_page=200&page=2"),
    ("GET", "/api/v1/services/public/build-history?format=csv"),
    ("GET", "/api/v1/services/public/build-history?drone=drone-Tarn"),
    ("GET", "/api/v1/services/public/queue?epoch=x&since=1"),
    ("GET", "/history?package=dev&per_page=200"),
    ("GET", "/history?per_page=x"),
    ("GET", "/assets/none/app.css"),
];

/// Everything that is public: each request with its whole answer.
pub(crate) fn crawl(public: SocketAddr) -> Vec<(String, String)> {
    let gets = DOCUMENTS.iter().chain(&PAGES).map(|target| ("GET", *target));
    gets.chain(OTHERS)
        .map(|(method, target)| {
            let answer = http::request(public, method, target).unwrap();
            assert!(answer.status < 500, "{method} {target}: {}", answer.status);
            (format!("{method} {target}"), format!("{}\n{}", answer.head, answer.text()))
        })
        .collect()
}

/// A text as it may appear after escaping: lower case, with percent, entity and JSON escapes undone.
fn unescaped(text: &str) -> String {
    let mut text = text.to_lowercase();
    for (escaped, plain) in [
        ("%2f", "/"),
        ("%40", "@"),
        ("%3a", ":"),
        ("&#x2f;", "/"),
        ("&#47;", "/"),
        ("&amp;", "&"),
        ("\\/", "/"),
    ] {
        text = text.replace(escaped, plain);
    }
    text
}

/// Fails where a secret stands in an answer, however it is escaped.
#[track_caller]
pub(crate) fn check(answers: &[(String, String)], secrets: &[String]) {
    for (request, text) in answers {
        let text = unescaped(text);
        for secret in secrets {
            let secret = secret.to_lowercase();
            if let Some(at) = text.find(&secret) {
                let around: String = text[at.saturating_sub(80)..].chars().take(200).collect();
                panic!("{request} has {secret:?}: {around}");
            }
        }
    }
}

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
