//! Credentials through the real binary: they reach their backend, and nobody else ever sees them.

use std::{fs, os::unix::fs::PermissionsExt as _};

use simulator::{
    message::{Answer, Request},
    server::Server,
};

use crate::support::{
    binary::{self, Running},
    eventually, http,
    leaks::{check, crawl},
};

const TOKEN: &str = "c4n4ry-token-0123456789";
const TENANT: &str = "c4n4ry-tenant";
const PASSWORD: &str = "c4n4ry-password";

/// Answers like a Prometheus with one machine, to who shows the token and the tenant.
fn prometheus(request: &Request) -> Answer {
    let is_known = request.header("authorization") == Some(&format!("Bearer {TOKEN}"))
        && request.header("x-scope-orgid") == Some(TENANT);
    if !is_known {
        return echo(request);
    }
    let data = |data: &str| Answer::json_text(200, format!(r#"{{"status": "success", "data": {data}}}"#));
    let sample =
        r#"{"metric": {"instance": "a-host:9100", "job": "node", "nodename": "a-host"}, "value": [0, "1"]}"#;
    match request.path.as_str() {
        "/api/v1/query" => data(&format!(r#"{{"resultType": "vector", "result": [{sample}]}}"#)),
        "/api/v1/query_range" => data(r#"{"resultType": "matrix", "result": []}"#),
        "/api/v1/alerts" => data(r#"{"alerts": []}"#),
        _ => Answer::not_found(),
    }
}

/// Refuses, and repeats what it was shown.
fn echo(request: &Request) -> Answer {
    Answer::json_text(401, format!("{{\"error\": \"{:?} is nobody\"}}", request.headers))
}

#[test]
fn a_backend_that_needs_credentials_is_watched_and_they_are_seen_nowhere() {
    let server = Server::start(prometheus).unwrap();
    let stranger = Server::start(echo).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    write("token", &format!("{TOKEN}\n"));
    write("password", &format!("{PASSWORD}\n"));
    // Relative to the configuration, wherever the process runs.
    let config = write(
        "config.toml",
        &format!(
            r#"
            [prometheus]
            url = "{}"
            interval = "500ms"
            bearer_token_file = "token"
            headers = {{ X-Scope-OrgID = "{TENANT}" }}
            [loki]
            url = "{}"
            interval = "500ms"
            basic_auth = {{ username = "viewer", password_file = "password" }}
            "#,
            server.url(),
            stranger.url()
        ),
    );
    let config = config.to_str().unwrap();
    let log = tempfile::NamedTempFile::new().unwrap();
    let running = Running::start_logging_to(
        log.reopen().unwrap(),
        &["serve", "--config", config],
        &[("RUST_LOG", "trace")],
    );
    let document = eventually("a machine of Prometheus", || {
        let document = http::get_json(running.public, "/api/v1/services/public/infrastructure");
        (document["sources"]["prometheus"]["state"] == "online"
            && document["sources"]["loki"]["fault"] == "bad_status"
            && document["data"]["hosts"].as_array().is_some_and(|hosts| hosts.len() == 1))
        .then_some(document)
    });
    assert!(!document.to_string().contains("c4n4ry"));
    // The mark of all of them, and how user and password are encoded.
    let secrets = ["c4n4ry", "dmlld2Vy"].map(str::to_owned);
    check(&crawl(running.public), &secrets);
    for path in ["/readyz", "/healthz"] {
        assert!(!http::get(running.internal, path).text().contains("c4n4ry"), "{path}");
    }
    let outputs = [
        binary::run(&["check-config", "--config", config]),
        binary::run(&["names", "--internal-listen", &running.internal.to_string()]),
    ];
    drop((server, running));
    let log = fs::read_to_string(log.path()).unwrap();
    assert!(log.contains("TRACE") && log.contains("poll failed"), "the log tells everything else");
    let mut told: Vec<_> =
        log.lines().map(|line| ("a line of the log".to_owned(), line.to_owned())).collect();
    for output in outputs {
        assert_eq!(output.status.code(), Some(0));
        told.push(("a command".to_owned(), format!("{output:?}")));
    }
    check(&told, &secrets);
}
