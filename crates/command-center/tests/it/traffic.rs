//! Viewers never cause backend traffic.

use simulator::{
    recording::{self, State},
    server::Server,
};

use crate::support::{
    http,
    stack::{DOCUMENTS, PAGES, Setup},
};

#[test]
fn ten_thousand_requests_cause_no_backend_request() {
    let server: Server = recording::serve(State::Session).unwrap();
    let stack = Setup::once(&server.url()).start().ready();
    let before = server.requests();
    assert!(before > 0);
    let targets: Vec<&str> =
        DOCUMENTS.iter().chain(&PAGES).copied().chain(["/nope", "/history?page=2"]).collect();
    let viewers: Vec<_> = (0..4)
        .map(|viewer| {
            let (address, targets) = (stack.public, targets.clone());
            std::thread::spawn(move || {
                let targets = targets.iter().map(|target| (*target).to_owned()).collect::<Vec<_>>();
                for n in 0..2_500 {
                    let answer = http::get(address, &targets[(viewer + n) % targets.len()]);
                    assert!(answer.status < 500);
                }
            })
        })
        .collect();
    for viewer in viewers {
        viewer.join().unwrap();
    }
    assert_eq!(server.requests(), before);
}
