//! One request, and every way in which a backend can spoil it.

use std::time::{Duration, Instant};

use scheduler::{
    client::{Client, ClientError},
    error::FetchError,
};
use simulator::{
    behaviour::Behaviour,
    message::Answer,
    recording::{self, State},
    server::Server,
};
use snapshot::{clock::Clock, section::Fault};

use crate::support::{PATIENCE, TIMEOUT, backend, patient};

const QUEUE: &str = "/api/v1/queue";

fn recorded() -> Server {
    recording::serve(State::Busy).unwrap()
}

fn answering(answer: Answer) -> Server {
    Server::start(move |_| answer.clone()).unwrap()
}

async fn gateway(client: Client) -> Result<(), FetchError> {
    let mut source = scheduler::poll::Source::Gateway(client, Default::default());
    source.poll(&Clock::system()).await.map(drop)
}

async fn orchestrator(client: Client) -> Result<(), FetchError> {
    let mut source = scheduler::poll::Source::Orchestrator(client, Default::default(), Default::default());
    source.poll(&Clock::system()).await.map(drop)
}

fn fault(outcome: Result<(), FetchError>) -> Option<Fault> {
    outcome.err().map(|error| error.fault())
}

/// What both backends' polls make of a misbehaviour when there is all the time in the world.
#[track_caller]
fn check(behaviour: Behaviour, expected: Fault) -> impl Future<Output = ()> {
    let server = recorded();
    server.set_behaviour(behaviour);
    let client = Client::new(&patient(&server.url())).unwrap();
    async move {
        assert_eq!(fault(gateway(client.clone()).await), Some(expected), "the gateway: {behaviour:?}");
        assert_eq!(fault(orchestrator(client).await), Some(expected), "the orchestrator: {behaviour:?}");
        drop(server);
    }
}

#[tokio::test]
async fn a_backend_that_answers_is_understood() {
    let server = recorded();
    let client = Client::new(&patient(&server.url())).unwrap();
    assert_eq!(fault(gateway(client.clone()).await), None);
    assert_eq!(fault(orchestrator(client).await), None);
}

#[tokio::test]
async fn nobody_at_the_port_is_refused() {
    check(Behaviour::Refuse, Fault::Refused).await;
}

#[tokio::test]
async fn an_error_status_is_bad_status_whatever_its_body_says() {
    for status in [500, 503, 401, 404, 418, 204] {
        check(Behaviour::Status(status), Fault::BadStatus).await;
    }
}

#[tokio::test]
async fn what_cannot_be_understood_is_a_bad_body() {
    use Behaviour::{
        Cut, DeepNesting, Empty, Garbage, HangUp, Html, Null, WrongEncoding, WrongLength, WrongTypes,
    };
    for behaviour in
        [Cut, DeepNesting, Empty, Garbage, HangUp, Html, Null, WrongEncoding, WrongLength, WrongTypes]
    {
        check(behaviour, Fault::BadBody).await;
    }
}

#[tokio::test]
async fn an_endless_body_and_a_compressed_one_cost_no_more_than_the_cap() {
    for behaviour in [Behaviour::Huge, Behaviour::GzipBomb, Behaviour::BrotliBomb] {
        check(behaviour, Fault::TooLarge).await;
    }
}

#[tokio::test]
async fn a_body_at_the_cap_passes_and_one_byte_more_does_not() {
    let cap = scheduler::client::BODY_MAX;
    for (length, expected) in [(cap, None), (cap + 1, Some(Fault::TooLarge))] {
        let mut body = vec![b' '; length];
        body[..2].copy_from_slice(b"[]");
        let server = answering(Answer::json_text(200, body));
        let client = Client::new(&patient(&server.url())).unwrap();
        assert_eq!(fault(gateway(client).await), expected, "{length}");
    }
}

#[tokio::test]
async fn silence_at_any_point_is_a_timeout_within_its_deadline() {
    for behaviour in [Behaviour::StallConnect, Behaviour::Stall, Behaviour::StallBody, Behaviour::Drip] {
        let server = recorded();
        server.set_behaviour(behaviour);
        let client = Client::new(&backend(&server.url())).unwrap();
        let begun = Instant::now();
        assert_eq!(fault(gateway(client.clone()).await), Some(Fault::Timeout), "{behaviour:?}");
        assert_eq!(fault(orchestrator(client).await), Some(Fault::Timeout), "{behaviour:?}");
        // Two polls of one deadline each; the rest is what a busy machine adds.
        let spent = begun.elapsed();
        assert!(spent >= TIMEOUT * 2 && spent < TIMEOUT * 2 + Duration::from_secs(5), "{spent:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_a_fault_and_is_not_followed() {
    let server = recorded();
    server.set_behaviour(Behaviour::Redirect);
    let client = Client::new(&patient(&server.url())).unwrap();
    assert_eq!(fault(gateway(client).await), Some(Fault::Redirect));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_failed_request_is_not_repeated() {
    let server = recorded();
    let client = Client::new(&patient(&server.url())).unwrap();
    let behaviours = [Behaviour::Status(503), Behaviour::Cut, Behaviour::Garbage, Behaviour::Empty];
    for (n_before, behaviour) in (0..).zip(behaviours) {
        server.set_behaviour(behaviour);
        assert!(client.get::<serde_json::Value>(QUEUE).await.is_err());
        assert_eq!(server.requests(), n_before + 1, "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_unreachable() {
    let client = Client::new(&patient("http://no-such-host.invalid/")).unwrap();
    assert_eq!(fault(gateway(client).await), Some(Fault::Unreachable));
}

#[tokio::test]
async fn what_speaks_no_tls_is_a_tls_fault() {
    let server = recorded();
    let url = server.url().replace("http:", "https:");
    match Client::new(&patient(&url)) {
        Ok(client) => assert_eq!(fault(gateway(client).await), Some(Fault::Tls)),
        // A machine without root certificates says so before it asks anybody.
        Err(error) => assert!(matches!(error, ClientError::NoRoots), "{error}"),
    }
}

#[tokio::test]
async fn one_missing_endpoint_is_a_lesser_service_and_all_of_them_a_fault() {
    let serving = |present: &'static [&'static str]| {
        Server::start(move |request| {
            let is_present = present.iter().any(|path| request.path == *path);
            if is_present { recording::answer(State::Busy, &request.path) } else { Answer::not_found() }
        })
        .unwrap()
    };
    let all = ["/api/v1/status", QUEUE, "/api/v1/history"];
    let table: [(&'static [&'static str], Option<Fault>); 5] = [
        (&[], Some(Fault::BadStatus)),
        (&["/api/v1/status"], None),
        (&[QUEUE], None),
        (&["/api/v1/history"], None),
        (&["/api/v1/status", QUEUE], None),
    ];
    for (present, expected) in table {
        assert!(present.iter().all(|path| all.contains(path)));
        let server = serving(present);
        let client = Client::new(&patient(&server.url())).unwrap();
        assert_eq!(fault(orchestrator(client).await), expected, "{present:?}");
    }
}

#[tokio::test]
async fn a_path_prefix_of_the_backend_is_kept() {
    let server = Server::start(|request| {
        let is_right = request.path == "/swarm/api/v1/nodes" && request.query_value("all") == Some("true");
        if is_right { Answer::json_text(200, "[]") } else { Answer::not_found() }
    })
    .unwrap();
    let client = Client::new(&patient(&format!("{}/swarm", server.url()))).unwrap();
    assert_eq!(fault(gateway(client).await), None);
}

#[tokio::test]
async fn what_is_not_a_number_does_not_spoil_the_rest() {
    let body = r#"[{"name": "a-host", "status": "online", "online": true,
        "metrics": {"cpu_percent": NaN, "ram_percent": -Infinity, "load_1m": Infinity}}]"#;
    let server = answering(Answer::json_text(200, body));
    let client = Client::new(&patient(&server.url())).unwrap();
    assert_eq!(fault(gateway(client).await), None);
    assert!(TIMEOUT < PATIENCE);
}
