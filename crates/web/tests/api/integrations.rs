//! The forms of other software: a feed, badges, and what a Statuspage would answer.

use std::collections::BTreeSet;

use atom_syndication::Feed;
use snapshot::{
    fleet::DroneState,
    section::SourceName,
    snapshot::{Announcement, Level, Snapshot},
    testing,
};
use web::config::{BasePath, Config, PublicUrl};

use crate::{
    app::{App, spawn_app, spawn_app_at},
    client::Answer,
    manners::readable,
};

const BADGES: [&str; 6] = ["status", "queue", "drones", "builds", "hosts", "services"];

fn public() -> Config {
    Config::new().with_public_url(Some(PublicUrl::parse("https://status.example.org").unwrap()))
}

fn feed(app: &App, base: &str) -> Feed {
    let answer = app.get(&format!("{base}/feed.xml"));
    assert_eq!(answer.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    Feed::read_from(&answer.body[..]).unwrap()
}

fn ids(feed: &Feed) -> Vec<&str> {
    feed.entries.iter().map(|entry| &*entry.id).collect()
}

#[track_caller]
fn entry<'a>(feed: &'a Feed, title: &str) -> &'a atom_syndication::Entry {
    let found = feed.entries.iter().find(|entry| entry.title.as_str().starts_with(title));
    found.unwrap_or_else(|| panic!("no {title:?} among {:?}", feed.entries))
}

fn returned(snapshot: &mut Snapshot, name: &str, at: &str) {
    testing::edit(&mut snapshot.fleet, |fleet| {
        let drone = fleet.drones.iter_mut().find(|drone| drone.name.same(name)).unwrap();
        (drone.state, drone.state_since, drone.offline_since) = (DroneState::Idle, testing::at(at), None);
    });
}

#[test]
fn the_feed_tells_of_builds_and_outages_under_names_that_stay() {
    let app = spawn_app_at(testing::example(), testing::NOW, public());
    let first = feed(&app, "");
    assert_eq!(first.id, "tag:status.example.org,2026:/feed");
    assert_eq!(first.entries.len(), 100);
    assert_eq!(first.updated.to_rfc3339(), "2026-02-23T13:51:38+00:00");
    let links: BTreeSet<_> = first.links.iter().map(|link| (link.rel.as_str(), link.href.as_str())).collect();
    let expected =
        [("alternate", "https://status.example.org/"), ("self", "https://status.example.org/feed.xml")];
    assert_eq!(links, BTreeSet::from(expected));

    let built = entry(&first, "Built: dev-libs/openssl-3.4.1");
    assert_eq!(built.id, "tag:status.example.org,2026-02-23:/build/7f3k2m9q4c1x0");
    assert_eq!(built.links[0].href, "https://status.example.org/packages/dev-libs/openssl");
    assert_eq!(
        built.summary.as_ref().unwrap().as_str(),
        "dev-libs/openssl-3.4.1: built on Izar in 2 min 51 s."
    );
    let down = entry(&first, "Drone Tarn");
    assert_eq!(down.title.as_str(), "Drone Tarn offline since 23 Feb 2026 03:12 UTC");
    let id = "tag:status.example.org,2026-02-23:/outage/drone/Tarn/2026-02-23T03%3A12%3A40Z";
    assert_eq!((down.id.as_str(), down.categories[0].term.as_str()), (id, "incident"));
    assert_eq!(down.links[0].href, "https://status.example.org/drones/Tarn");
    let unique: BTreeSet<_> = ids(&first).into_iter().collect();
    assert_eq!(unique.len(), first.entries.len());
    for entry in &first.entries {
        assert!(entry.links.iter().all(|link| link.href.starts_with("https://status.example.org/")));
        assert!(entry.published.unwrap() <= entry.updated && entry.updated <= first.updated);
    }

    // Another process, a day later, that knows nothing new.
    let restarted = spawn_app_at(testing::example(), "2026-02-24T14:30:00Z", public());
    let second = feed(&restarted, "");
    let kept = |feed: &Feed| -> Vec<(String, String, String)> {
        let told = feed.entries.iter().filter(|entry| !entry.title.as_str().contains("silent since"));
        told.take(90)
            .map(|entry| (entry.id.clone(), entry.title.to_string(), entry.updated.to_rfc3339()))
            .collect()
    };
    assert_eq!(kept(&first), kept(&second));
}

#[test]
fn an_outage_that_ends_is_the_same_entry_updated() {
    let app = spawn_app(testing::example());
    let before = feed(&app, "");
    let id = entry(&before, "Drone Tarn").id.clone();
    let mut snapshot = testing::example();
    let previous = snapshot.clone();
    returned(&mut snapshot, "Tarn", "2026-02-23T14:20:00Z");
    let activity = snapshot.activity.get().cloned().unwrap_or_default();
    let activity = activity.after(&previous, &snapshot, testing::at(testing::NOW));
    snapshot.activity.replace(activity, testing::at(testing::NOW));
    app.publish(snapshot);
    app.wait_for("build-swarm", |answer| answer.json()["data"]["swarm"]["drones"]["online"] == 4);
    let after = feed(&app, "");
    let over = entry(&after, "Drone Tarn");
    assert_eq!(over.id, id);
    assert_eq!(over.title.as_str(), "Drone Tarn offline from 23 Feb 2026 03:12 UTC to 23 Feb 2026 14:20 UTC");
    assert_eq!(over.updated.to_rfc3339(), "2026-02-23T14:20:00+00:00");
    assert_eq!(over.published.unwrap().to_rfc3339(), "2026-02-23T03:12:40+00:00");
    assert_eq!(after.entries.iter().filter(|entry| entry.title.as_str().contains("Tarn")).count(), 1);
}

#[test]
fn an_announcement_is_told_once_and_is_markup_nowhere() {
    let mut snapshot = testing::example();
    let text = "<b>Moving & \"packing\"</b> 'til \u{7}noon".to_owned();
    snapshot.announcement = Some(std::sync::Arc::new(Announcement {
        text,
        level: Level::Warning,
        from: Some(testing::at("2026-02-23T14:00:00Z")),
        until: None,
    }));
    let app = spawn_app(snapshot.clone());
    let told = feed(&app, "");
    let announced = entry(&told, "<b>Moving & \"packing\"</b> 'til  noon");
    assert_eq!(announced.updated.to_rfc3339(), "2026-02-23T14:00:00+00:00");
    let incident = app.get("/api/v2/summary.json").json()["incidents"][0].clone();
    assert_eq!(
        (incident["impact"].as_str(), incident["status"].as_str()),
        (Some("minor"), Some("identified"))
    );
    let again = spawn_app_at(snapshot, "2026-02-23T14:31:00Z", Config::new());
    assert_eq!(entry(&feed(&again, ""), "<b>").id, announced.id);
}

#[test]
fn without_a_public_address_links_have_no_host_and_never_that_of_the_request() {
    let config = Config::new().with_base_path(BasePath::parse("/status").unwrap());
    let app = spawn_app_at(testing::example(), testing::NOW, config);
    for path in ["/feed.xml", "/api/v2/summary.json", "/api/v2/status.json", "/badge/status.svg", "/"] {
        let headers = [("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")];
        let answer = app.send("GET", &format!("/status{path}"), &headers);
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.everything().contains("evil.example"), "{path}");
    }
    let feed = feed(&app, "/status");
    assert_eq!(feed.id, "tag:command-center.invalid,2026:/status/feed");
    assert!(feed.entries.iter().all(|entry| entry.links[0].href.starts_with("/status/")));
    assert!(!app.get("/status/").text().contains("og:url"));
}

#[test]
fn a_page_says_what_it_shows_where_it_is_linked() {
    let app = spawn_app_at(testing::example(), testing::NOW, public());
    for (path, url) in [
        ("/", "https://status.example.org/"),
        ("/queue", "https://status.example.org/queue"),
        ("/drones/izar", "https://status.example.org/drones/Izar"),
        ("/packages/dev-libs/openssl", "https://status.example.org/packages/dev-libs/openssl"),
    ] {
        let page = app.get(path);
        let text = page.text().replace("&#x2F;", "/");
        assert!(text.contains(&format!("<meta property=\"og:url\" content=\"{url}\">")), "{path}");
        let preview = "content=\"As of 23 Feb 2026 14:30 UTC: Building 2 packages, 9 waiting; all done around 16:40 UTC.\"";
        assert!(text.contains(preview), "{path}");
        assert!(text.contains("type=\"application/atom+xml\""), "{path}");
    }
    assert!(!app.get("/nowhere").text().contains("og:"));
}

fn badge(app: &App, name: &str) -> (Answer, Answer) {
    (app.get(&format!("/badge/{name}.svg")), app.get(&format!("/badge/{name}.json")))
}

#[test]
fn badges_are_pictures_and_data_that_say_the_same() {
    let app = spawn_app(testing::example_infrastructure());
    for name in BADGES.into_iter().chain(["Izar", "tarn"]) {
        let (picture, data) = badge(&app, name);
        assert_eq!(picture.header("content-type"), Some("image/svg+xml"), "{name}");
        let data = data.json();
        let keys: Vec<&String> = data.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["color", "isError", "label", "message", "schemaVersion"]);
        assert_eq!(data["schemaVersion"], 1);
        let words = format!("{}: {}", data["label"].as_str().unwrap(), data["message"].as_str().unwrap());
        let document = roxmltree::Document::parse(picture.text()).unwrap();
        let root = document.root_element();
        assert_eq!(root.attribute("aria-label"), Some(words.as_str()));
        let is = |tag: &'static str| move |node: &roxmltree::Node<'_, '_>| node.has_tag_name(tag);
        let named = |tag| document.descendants().find(is(tag)).and_then(|node| node.text());
        assert_eq!(named(("http://www.w3.org/2000/svg", "title").1), Some(words.as_str()));
        let number =
            |node: roxmltree::Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<u32>().unwrap();
        let texts: Vec<_> = document.descendants().filter(|node| node.tag_name().name() == "text").collect();
        let end = texts.last().map(|text| number(*text, "x") + number(*text, "textLength")).unwrap();
        assert!(end < number(root, "width"), "{name}");
    }
    for name in ["nobody", "Status", "status.svg", "%00", "..%2Fstatus"] {
        for path in [format!("/badge/{name}.svg"), format!("/badge/{name}.json")] {
            let answer = app.get(&path);
            assert_eq!(
                (answer.status, answer.json()["error"]["code"].as_str()),
                (404, Some("not_found")),
                "{path}"
            );
        }
    }
    assert_eq!(badge(&spawn_app(testing::example()), "hosts").0.status, 404);
}

/// The writer of snapshots is gone and nobody rings.
#[test]
fn badges_and_status_pages_of_a_dead_scheduler_turn_old_by_themselves() {
    let mut app = spawn_app(testing::example());
    app.publisher = None;
    let said = |name: &str| badge(&app, name).1.json()["message"].as_str().unwrap().to_owned();
    let status = || app.get("/api/v2/status.json").json()["status"]["indicator"].as_str().unwrap().to_owned();
    assert_eq!(
        (said("status"), said("queue"), status()),
        parts("2 building", "2 building, 9 waiting", "none")
    );
    let fresh = badge(&app, "queue").0.etag().to_owned();
    // Fifteen seconds after 14:29:58 are still fresh.
    app.clock.advance(14);
    assert_eq!((said("status"), status()), ("late".to_owned(), "minor".to_owned()));
    assert_eq!(said("queue"), "2 building, 9 waiting, as of 14:29 UTC");
    assert_eq!(said("Izar"), "building llvm-core/llvm-19.1.7");
    assert_ne!(badge(&app, "queue").0.etag(), fresh);
    app.clock.advance(60);
    let silent = parts("silent since 14:29 UTC", "2 building, 9 waiting, as of 14:29 UTC", "critical");
    assert_eq!((said("status"), said("queue"), status()), silent);
    assert_eq!(said("Izar"), "building llvm-core/llvm-19.1.7, as of 14:29 UTC");
    let told = feed(&app, "");
    assert_eq!(
        entry(&told, "Orchestrator").title.as_str(),
        "Orchestrator silent since 23 Feb 2026 14:29 UTC"
    );
}

fn parts(status: &str, queue: &str, indicator: &str) -> (String, String, String) {
    (status.to_owned(), queue.to_owned(), indicator.to_owned())
}

#[test]
fn what_says_the_same_keeps_its_bytes() {
    let app = spawn_app(testing::example());
    let paths = ["/badge/queue.svg", "/badge/status.json", "/feed.xml"];
    let tags = |app: &App| paths.map(|path| app.get(path).etag().to_owned());
    let before = tags(&app);
    app.clock.advance(10);
    let mut snapshot = testing::example();
    testing::edit(&mut snapshot.fleet, |fleet| fleet.drones[0].cpu_percent = Some(5));
    app.publish(snapshot);
    app.wait_for("build-swarm", |answer| answer.json()["data"]["drones"][0]["cpu_percent"] == 5);
    assert_eq!(tags(&app), before);
}

#[test]
fn the_status_page_has_the_form_that_programs_know() {
    let app = spawn_app_at(testing::example_infrastructure(), testing::NOW, public());
    let summary = app.get("/api/v2/summary.json").json();
    let status = app.get("/api/v2/status.json?_=123").json();
    assert_eq!((&status["page"], &status["status"]), (&summary["page"], &summary["status"]));
    assert_eq!(summary["page"]["url"], "https://status.example.org/");
    assert_eq!(summary["status"]["indicator"], "none");
    assert_eq!(
        summary["status"]["description"],
        "Building 2 packages, 9 waiting; all done around 16:40 UTC."
    );
    assert_eq!(summary["scheduled_maintenances"], serde_json::json!([]));

    let components = summary["components"].as_array().unwrap();
    let of = |name: &str| -> Vec<(&str, bool)> {
        let named = components.iter().filter(|component| component["name"] == name);
        named.map(|one| (one["status"].as_str().unwrap(), one["group"].as_bool().unwrap())).collect()
    };
    assert_eq!(of("Build swarm"), [("operational", false)]);
    assert_eq!(of("Drones"), [("partial_outage", true)]);
    assert_eq!(of("Izar"), [("operational", false)]);
    // The drone and the host of that name.
    assert_eq!(of("Tarn"), [("major_outage", false), ("major_outage", false)]);
    assert_eq!(of("Node exporter"), [("degraded_performance", false)]);
    let ids: BTreeSet<&str> = components.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), components.len());
    for component in components {
        assert!(component["page_id"] == summary["page"]["id"]);
        if let Some(group) = component["group_id"].as_str() {
            let group = components.iter().find(|other| other["id"] == group).unwrap();
            assert!(group["components"].as_array().unwrap().contains(&component["id"]));
        }
    }
    let incidents = summary["incidents"].as_array().unwrap();
    let names: Vec<&str> = incidents.iter().map(|incident| incident["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Tarn offline since 03:12 UTC", "Tarn down since 03:12 UTC"]);
    for incident in incidents {
        assert_eq!(
            (incident["status"].as_str(), &incident["resolved_at"]),
            (Some("investigating"), &serde_json::Value::Null)
        );
        let affected = &incident["incident_updates"][0]["affected_components"][0]["code"];
        assert!(ids.contains(affected.as_str().unwrap()));
    }
}

#[test]
fn components_of_which_nobody_knows_are_left_out() {
    let mut snapshot = testing::example_infrastructure();
    testing::hear(&mut snapshot, SourceName::Prometheus, "2026-02-23T14:20:00Z");
    let app = spawn_app(snapshot);
    let summary = app.get("/api/v2/summary.json").json();
    let names: Vec<&str> =
        summary["components"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(!names.contains(&"Hosts") && !names.contains(&"Altair-Link") && names.contains(&"Gateway"));
    assert_eq!(summary["incidents"][0]["name"], "Prometheus silent since 14:20 UTC");
    let app = spawn_app_at(testing::started(), "2026-02-23T14:29:58Z", Config::new());
    let summary = app.get("/api/v2/summary.json").json();
    assert_eq!(
        (&summary["components"], &summary["incidents"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    assert_eq!(summary["status"]["indicator"], "minor");
}

#[test]
fn only_the_pictures_of_badges_may_be_shown_by_other_sites() {
    let app = spawn_app(testing::example());
    for (path, _) in readable(&app, "") {
        let is_picture = path.starts_with("/badge/") && path.ends_with(".svg");
        let expected = if is_picture { "cross-origin" } else { "same-origin" };
        for tag in ["\"\"", "*"] {
            let answer = app.send("GET", &path, &[("If-None-Match", tag)]);
            assert_eq!(answer.header("cross-origin-resource-policy"), Some(expected), "{path}");
        }
    }
}
