//! Credentials: what reaches a backend, whom we believe to be one, and that nothing of it gets out.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use scheduler::{
    backend::{
        loki::{LokiQueries, Memory},
        prometheus::Expressions,
    },
    client::{Client, ClientError},
    config::{
        Config,
        credentials::{Credentials, Secret},
        draft::{
            credentials::{BasicAuthDraft, CredentialsDraft},
            watch::{ProbeDraft, WatchDraft},
        },
    },
};
use simulator::{
    behaviour::Behaviour,
    message::{Answer, Request},
    recording::{self, State},
    server::Server,
};
use snapshot::{
    clock::Clock,
    infrastructure::Reachability,
    section::{Fault, SourceName},
    snapshot::Snapshot,
};

use crate::{
    support::{Running, config, observation, patient},
    tls::{Authority, Front, Validity},
};

const TOKEN: &str = "c4n4ry-token-0123456789";
const PASSWORD: &str = "c4n4ry pass word";
const TENANT: &str = "c4n4ry-tenant";

fn bearer() -> Credentials {
    CredentialsDraft { bearer_token: Some(Secret::new(TOKEN)), ..Default::default() }.check().unwrap()
}

fn basic() -> Credentials {
    let username = Some(Secret::new("viewer"));
    let basic_auth = Some(BasicAuthDraft { username, password: Secret::new(PASSWORD) });
    CredentialsDraft { basic_auth, ..Default::default() }.check().unwrap()
}

fn tenant() -> Credentials {
    let headers = vec![("X-Scope-OrgID".to_owned(), Secret::new(TENANT))];
    CredentialsDraft { headers, ..Default::default() }.check().unwrap()
}

fn trusting(pem: &str) -> Credentials {
    CredentialsDraft { ca: Some(pem.into()), ..Default::default() }.check().unwrap()
}

/// How often every path was asked, and the requests that did not show the one expected header exactly once.
#[derive(Debug, Default)]
struct Door {
    asked: BTreeMap<String, usize>,
    refused: Vec<String>,
}

/// A backend that answers only whom it knows.
fn guarded(name: &'static str, value: &'static str) -> (Server, Arc<Mutex<Door>>) {
    let door = Arc::new(Mutex::new(Door::default()));
    let shared = Arc::clone(&door);
    let server = Server::start(move |request: &Request| {
        let given: Vec<&str> = request
            .headers
            .iter()
            .filter(|(given, _)| ["authorization", "x-scope-orgid"].contains(&given.as_str()))
            .map(|(given, text)| if given == name { text.as_str() } else { "another header" })
            .collect();
        let mut door = shared.lock().unwrap();
        *door.asked.entry(request.path.clone()).or_default() += 1;
        if given == [value] {
            return quiet(request);
        }
        door.refused.push(request.path.clone());
        Answer::json_text(401, "{}")
    })
    .unwrap();
    (server, door)
}

fn everything(url: &str, credentials: &Credentials) -> Config {
    let backend = |url: &str| patient(url).with_credentials(credentials.clone());
    let mut config = config(Some(backend(url)), Some(backend(url)));
    config.prometheus = Some((backend(url), Expressions::default()));
    config.loki = Some((backend(url), LokiQueries::default()));
    let probe = ProbeDraft {
        name: Some("Web".to_owned()),
        http: Some(format!("{}/-/ready", url)),
        credentials: credentials.clone(),
        ..Default::default()
    };
    config.watch = WatchDraft { probes: vec![probe], ..Default::default() }.check().unwrap();
    config
}

/// What all backends answer on a quiet day.
fn quiet(request: &Request) -> Answer {
    let data = |data: &str| Answer::json_text(200, format!(r#"{{"status": "success", "data": {data}}}"#));
    match request.path.as_str() {
        "/api/v1/query" | "/loki/api/v1/query" => data(r#"{"resultType": "vector", "result": []}"#),
        "/api/v1/query_range" => data(r#"{"resultType": "matrix", "result": []}"#),
        "/api/v1/alerts" => data(r#"{"alerts": []}"#),
        "/ready" | "/-/ready" => Answer::new(200, "text/plain", "ready"),
        path => recording::answer(State::Busy, path),
    }
}

#[tokio::test]
async fn each_kind_of_credential_arrives_exactly_once_with_every_request() {
    for (credentials, name, value) in [
        (bearer(), "authorization", "Bearer c4n4ry-token-0123456789"),
        (basic(), "authorization", "Basic dmlld2VyOmM0bjRyeSBwYXNzIHdvcmQ="),
        (tenant(), "x-scope-orgid", TENANT),
    ] {
        let (server, door) = guarded(name, value);
        let url = server.url();
        let mut running = Running::start(&everything(&url, &credentials), Clock::system());
        let snapshot = running.heard().await;
        assert_eq!(snapshot.probes.get().unwrap().services[0].state, Reachability::Up);
        assert!(!format!("{snapshot:?}").contains("c4n4ry"));
        running.stop().await.unwrap();
        let door = door.lock().unwrap();
        assert_eq!(door.refused, [""; 0]);
        for path in [
            "/api/v1/nodes",
            "/api/v1/status",
            "/api/v1/queue",
            "/api/v1/history",
            "/api/v1/query",
            "/api/v1/query_range",
            "/api/v1/alerts",
            "/ready",
            "/loki/api/v1/query",
            "/-/ready",
        ] {
            assert!(door.asked.contains_key(path), "{path}: {:?}", door.asked);
        }
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_a_bad_status() {
    let (server, _) = guarded("authorization", "Bearer another");
    for (credentials, status) in [(Credentials::default(), 401), (bearer(), 401), (basic(), 403)] {
        if status == 403 {
            server.set_behaviour(Behaviour::Status(status));
        }
        let mut running = Running::start(&everything(&server.url(), &credentials), Clock::system());
        let snapshot = running.wait_for("everybody was asked", all_tried).await;
        for source in
            [SourceName::Gateway, SourceName::Orchestrator, SourceName::Prometheus, SourceName::Loki]
        {
            let observation = observation(&snapshot, source);
            assert_eq!(observation.fault, Some(Fault::BadStatus), "{source:?}");
            assert_eq!(observation.last_seen, None, "{source:?}");
        }
        assert_eq!(snapshot.probes.get().unwrap().services[0].state, Reachability::Down);
    }
}

fn all_tried(snapshot: &Snapshot) -> bool {
    snapshot.sources.iter().all(|(_, it)| it.checked_at.is_some())
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect() {
    let asked_elsewhere = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked_elsewhere);
    let elsewhere = Server::start(move |request| {
        *count.lock().unwrap() += 1;
        quiet(request)
    })
    .unwrap();
    let location = format!("{}/", elsewhere.url());
    let server = Server::start(move |_| {
        let mut answer = Answer::new(307, "text/plain", "");
        answer.headers.push(("location".to_owned(), location.clone()));
        answer
    })
    .unwrap();
    let mut running = Running::start(&everything(&server.url(), &bearer()), Clock::system());
    let snapshot = running.wait_for("everybody was asked", all_tried).await;
    assert_eq!(observation(&snapshot, SourceName::Prometheus).fault, Some(Fault::Redirect));
    assert_eq!(observation(&snapshot, SourceName::Loki).fault, Some(Fault::Redirect));
    assert_eq!(*asked_elsewhere.lock().unwrap(), 0);
}

#[test]
fn no_debug_shows_a_secret() {
    for credentials in [bearer(), basic(), tenant()] {
        let config = everything("http://127.0.0.1:1", &credentials);
        let client = Client::new(config.gateway.as_ref().unwrap()).unwrap();
        let scheduler = scheduler::Scheduler::new(&config, Clock::system()).unwrap();
        let shown = format!("{credentials:?} {config:?} {client:?} {scheduler:?}");
        for secret in ["c4n4ry", "dmlld2VyOmM0", "viewer"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }
}

/// What a poll makes of a backend that proves itself with `identity`, when `credentials` trust somebody.
async fn poll_over_tls(front: &Front, credentials: Credentials) -> Result<Option<Fault>, ClientError> {
    let client = Client::new(&patient(&front.url()).with_credentials(credentials))?;
    let mut source = scheduler::poll::Source::Loki(client, Memory::new(LokiQueries::default()));
    Ok(source.poll(&Clock::system()).await.err().map(|error| error.fault()))
}

#[tokio::test]
async fn only_who_proves_to_be_the_backend_is_believed() {
    let (server, door) = guarded("authorization", "Bearer c4n4ry-token-0123456789");
    let ours = Authority::new();
    let other = Authority::new();
    let both = format!("{}{}", other.pem(), ours.pem());
    let right = ours.certify("127.0.0.1", Validity::Now);
    for (identity, trusted, expected) in [
        (&right, ours.pem(), None),
        (&right, both, None),
        (&right, other.pem(), Some(Fault::Tls)),
        (&ours.certify("elsewhere.example", Validity::Now), ours.pem(), Some(Fault::Tls)),
        (&ours.certify("127.0.0.1", Validity::Over), ours.pem(), Some(Fault::Tls)),
        (&ours.certify("127.0.0.1", Validity::ToCome), ours.pem(), Some(Fault::Tls)),
    ] {
        let front = Front::start(identity, server.address());
        let draft = CredentialsDraft {
            bearer_token: Some(Secret::new(TOKEN)),
            ca: Some(trusted.into()),
            ..Default::default()
        };
        let before = server.requests();
        assert_eq!(poll_over_tls(&front, draft.check().unwrap()).await.unwrap(), expected);
        assert_eq!(server.requests() > before, expected.is_none(), "no request before the proof");
    }
    assert_eq!(door.lock().unwrap().refused, [""; 0]);
}

#[tokio::test]
async fn without_a_ca_file_an_authority_of_ones_own_is_not_believed() {
    let server = Server::start(quiet).unwrap();
    let front = Front::start(&Authority::new().certify("127.0.0.1", Validity::Now), server.address());
    match poll_over_tls(&front, Credentials::default()).await {
        Ok(fault) => assert_eq!(fault, Some(Fault::Tls)),
        // A machine without root certificates says so before it asks anybody.
        Err(error) => assert!(matches!(error, ClientError::NoRoots), "{error}"),
    }
}

#[tokio::test]
async fn every_backend_and_probe_can_be_asked_over_tls() {
    let server = Server::start(quiet).unwrap();
    let ours = Authority::new();
    let front = Front::start(&ours.certify("127.0.0.1", Validity::Now), server.address());
    let config = everything(&front.url(), &trusting(&ours.pem()));
    let mut running = Running::start(&config, Clock::system());
    let snapshot = running.heard().await;
    assert_eq!(snapshot.probes.get().unwrap().services[0].state, Reachability::Up);
}
