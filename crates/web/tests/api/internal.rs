//! The internal listener.

use snapshot::{
    section::{Fault, SourceName},
    testing,
};
use web::{backstage::Backstage, config::Config};

use crate::{
    app::{spawn_app, spawn_app_at, spawn_app_with},
    client,
};

#[test]
fn it_is_ready_once_every_source_was_tried_and_stays_so() {
    let app = spawn_app_at(testing::started(), "2026-02-23T14:29:58Z", Config::new());
    assert_eq!((app.probe("/healthz").status, app.probe("/healthz").text()), (200, "ok\n"));
    let answer = app.probe("/readyz");
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (503, Some("unavailable")));

    let mut tried = testing::started();
    let orchestrator = tried.sources.get_mut(SourceName::Orchestrator).unwrap();
    orchestrator.fail(Fault::Refused, testing::now("2026-02-23T14:29:59Z"));
    app.publish(tried);
    app.wait_for("queue", |answer| answer.json()["sources"]["orchestrator"]["fault"] == "refused");
    assert_eq!(app.probe("/readyz").status, 200);

    let mut untried = testing::started();
    untried.announcement = None;
    app.publish(untried);
    app.wait_for("queue", |answer| answer.json()["sources"]["orchestrator"]["fault"].is_null());
    assert_eq!(app.probe("/readyz").status, 200);
}

#[test]
fn names_are_passed_on_as_they_are_or_not_at_all() {
    let app = spawn_app(testing::example());
    let answer = app.probe("/names");
    assert_eq!((answer.status, answer.text()), (200, r#"{"names":[]}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    let (now, config) = (testing::now(testing::NOW), Config::new());
    let app = spawn_app_with(testing::example(), now, config, Backstage::empty());
    assert_eq!(app.probe("/names").status, 503);
    assert_eq!(app.probe("/metrics").status, 503);
    let backstage = Backstage::empty().with_metrics(|| Some("up 1\n".to_owned()));
    let app = spawn_app_with(testing::example(), now, Config::new(), backstage);
    let answer = app.probe("/metrics");
    assert_eq!((answer.status, answer.text()), (200, "up 1\n"));
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
}

#[test]
fn it_can_only_be_read_and_has_nothing_public() {
    let app = spawn_app(testing::example());
    let answer = client::send(app.internal_port, "POST", "/healthz", &[]);
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
    for path in ["/", "/queue", "/healthz/", "/api/v1/services/public/queue"] {
        let answer = app.probe(path);
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("not_found")));
        assert!(answer.header("x-content-type-options").is_some());
    }
    for path in ["/healthz", "/readyz", "/names", "/metrics"] {
        assert_eq!(app.get(path).status, 404, "{path} is not public");
    }
}
