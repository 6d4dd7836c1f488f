//! The queue for a client that names the version it has: deltas where they are known, and the whole queue elsewhere.

use serde_json::{Value, json};
use snapshot::{section::SourceName, snapshot::Snapshot, testing};
use web::mirror::{Heard, Mirror};

use crate::{
    app::{App, PUBLIC, spawn_app},
    client::Answer,
    documents::minified,
};

/// The documented queue and the documented next one, at the instant of the documented delta.
fn next() -> (App, String) {
    let app = spawn_app(testing::example());
    let epoch = app.document("queue").json()["data"]["epoch"].as_str().unwrap().to_owned();
    app.clock.advance(3);
    publish(&app, 2, |snapshot| testing::edit(&mut snapshot.queue, |queue| *queue = testing::example_next()));
    (app, epoch)
}

fn publish(app: &App, seq: u64, change: impl FnOnce(&mut Snapshot)) -> Answer {
    let mut snapshot = testing::example();
    testing::hear(&mut snapshot, SourceName::Orchestrator, "2026-02-23T14:30:03Z");
    testing::hear(&mut snapshot, SourceName::Gateway, "2026-02-23T14:30:03Z");
    change(&mut snapshot);
    app.publish(snapshot);
    app.wait_for("queue", |answer| answer.json()["data"]["seq"] == seq)
}

fn since(app: &App, epoch: &str, since: u64) -> Answer {
    let answer = app.get(&format!("{PUBLIC}/queue?epoch={epoch}&since={since}"));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("etag"), None);
    answer
}

#[test]
fn the_documented_delta_in_the_document_around_it() {
    let (app, epoch) = next();
    let before = include_str!("documents/queue.json").replace("k3v9q2", &epoch).replace("4711", "1");
    let answer = since(&app, &epoch, 1);
    let delta = minified(include_str!("documents/delta.json")).replace(
        r#""epoch":"k3v9q2","base":4711,"seq":4712"#,
        &format!(r#""epoch":"{epoch}","base":1,"seq":2"#),
    );
    assert!(answer.text().contains(&format!(r#""deltas":[{delta}]}},"sources""#)), "{}", answer.text());

    // Who has the version before and goes on from there has the whole queue.
    let mut client = Mirror::from_document(&before).unwrap();
    assert_eq!(client.receive_document(answer.text(), None), Ok(Heard::Delta));
    assert_eq!(client.queue(), Mirror::from_document(app.document("queue").text()).unwrap().queue());

    let whole = app.document("queue").json();
    let mut expected = whole.clone();
    expected["data"] = json!({
        "epoch": epoch,
        "seq": 2,
        "hash": "2f4f71d8",
        "counts": whole["data"]["counts"],
        "deltas": [serde_json::from_str::<Value>(&delta).unwrap()],
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(whole["data"]["hash"], "2f4f71d8");
}

#[test]
fn who_has_the_newest_version_is_sent_no_delta() {
    let (app, epoch) = next();
    let answer = since(&app, &epoch, 2);
    assert_eq!(answer.json()["data"]["deltas"], json!([]));
    let keys: Vec<_> = answer.json()["data"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["counts", "deltas", "epoch", "hash", "seq"]);

    let head = app.send("HEAD", &format!("{PUBLIC}/queue?since=2&epoch={epoch}"), &[]);
    let length = answer.body.len().to_string();
    assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, Some(&*length)));
    assert_eq!(head.header("cache-control"), Some("no-store"));
}

#[test]
fn deltas_follow_one_another_and_stay_as_they_were_sent() {
    let (app, epoch) = next();
    let first = since(&app, &epoch, 1).json()["data"]["deltas"][0].clone();
    app.clock.advance(5);
    publish(&app, 3, |_| ());
    let answer = since(&app, &epoch, 1).json();
    let deltas = answer["data"]["deltas"].as_array().unwrap();
    assert_eq!(deltas[0], first);
    let versions: Vec<_> = deltas.iter().map(|delta| (delta["base"].clone(), delta["seq"].clone())).collect();
    assert_eq!(versions, [(1.into(), 2.into()), (2.into(), 3.into())]);
    assert_eq!(deltas[1]["server_time"], "2026-02-23T14:30:08.000Z");
    assert_eq!(deltas[1]["hash"], answer["data"]["hash"]);
    assert_eq!(since(&app, &epoch, 2).json()["data"]["deltas"], json!([deltas[1]]));
}

#[test]
fn who_cannot_be_led_on_is_sent_the_whole_queue() {
    let (app, epoch) = next();
    let whole = app.document("queue");
    for (epoch, version) in
        [("k3v9q2", 1), ("k3v9q2", 2), (&*epoch, 0), (&*epoch, 3), (&*epoch, 9_007_199_254_740_991)]
    {
        assert_eq!(since(&app, epoch, version).body, whole.body, "{epoch} {version}");
    }
    // Two rows of one id have no delta.
    publish(&app, 3, |snapshot| {
        testing::edit(&mut snapshot.queue, |queue| queue.pending.push(queue.pending[0].clone()));
    });
    let whole = app.document("queue");
    assert_eq!(since(&app, &epoch, 2).body, whole.body);
    assert_eq!(since(&app, &epoch, 3).json()["data"]["deltas"], json!([]));
}
