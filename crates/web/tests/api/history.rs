//! The history over HTTP.

use snapshot::{history::BuildStatus, testing};

use crate::app::{App, PUBLIC, spawn_app};

fn list(app: &App, query: &str) -> serde_json::Value {
    let answer = app.get(&format!("{PUBLIC}/build-history{query}"));
    assert_eq!(answer.status, 200, "{query}");
    answer.json()["data"].clone()
}

#[test]
fn filters_select_and_are_told_as_they_are_in_effect() {
    let app = spawn_app(testing::example());
    let data =
        list(&app, "?drone=TARN&drone=izar&status=failed&from=2026-02-22T23:00:00+13:00&to=2026-02-23");
    assert_eq!(data["filters"]["drone"], serde_json::json!(["Izar", "Tarn"]));
    assert_eq!(data["filters"]["status"], serde_json::json!(["failed"]));
    assert_eq!(data["filters"]["from"], "2026-02-22T10:00:00Z");
    assert_eq!(data["filters"]["to"], "2026-02-24T00:00:00Z");
    assert_eq!(data["page"]["total"], 1);
    assert_eq!(data["builds"][0]["drone"], "Tarn");
    assert_eq!(data["kept"]["builds"], 1_873);
}

#[test]
fn an_unknown_name_a_misspelt_one_and_an_internal_one_are_the_same() {
    let app = spawn_app(testing::example());
    let lists: Vec<_> =
        ["Nobody", "Izr", "drone-10-42-0-199"].map(|name| list(&app, &format!("?drone={name}"))).into();
    assert_eq!(lists[0]["page"]["total"], 0);
    assert_eq!(lists[0]["page"]["pages"], 0);
    assert_eq!(lists[0]["page"]["number"], 1);
    assert!(lists.iter().all(|list| *list == lists[0]));
}

#[test]
fn links_are_followed_over_http_on_documents_and_pages() {
    let app = spawn_app(testing::example());
    let mut query = "?status=failed&per_page=10".to_owned();
    let mut n_seen = 0;
    loop {
        assert_eq!(app.get(&format!("/history{query}")).status, 200);
        let data = list(&app, &query);
        n_seen += data["builds"].as_array().unwrap().len();
        match data["page"]["next"].as_str() {
            Some(next) => query = next.to_owned(),
            None => break assert_eq!(data["page"]["total"], n_seen),
        }
    }
}

#[test]
fn equal_answers_on_demand_have_equal_tags() {
    let app = spawn_app(testing::example());
    for path in [format!("{PUBLIC}/build-history?drone=Izar"), "/history?drone=Izar".to_owned()] {
        let first = app.get(&path);
        assert_eq!(first.etag(), app.get(&path).etag());
        let tag = first.etag().to_owned();
        assert_eq!(app.send("GET", &path, &[("If-None-Match", &tag)]).status, 304);
    }
    let explicit = app.get(&format!("{PUBLIC}/build-history?page=1&per_page=50&sort=finished_at&order=desc"));
    assert_eq!(explicit.etag(), app.document("build-history").etag());
}

#[test]
fn the_table_holds_everything_that_is_selected() {
    let app = spawn_app(testing::example());
    let answer = app.get(&format!("{PUBLIC}/build-history?format=csv&from=2026-02-22&page=2&per_page=1"));
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"builds.csv\""));
    let lines: Vec<_> = answer.text().lines().collect();
    assert_eq!(lines.len(), 144);
    assert_eq!(lines[1], "2026-02-23T13:51:38Z,dev-libs/openssl-3.4.1,Izar,success,171,7f3k2m9q4c1x0");
}

#[test]
fn the_page_links_to_the_same_query_as_data() {
    let app = spawn_app(testing::example());
    let hrefs = |query: &str| -> Vec<String> {
        let page = app.get(&format!("/history{query}"));
        let hrefs = page.text().split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        hrefs.filter(|href| href.starts_with(PUBLIC)).map(|href| href.replace("&amp;", "&")).collect()
    };
    for query in ["", "?page=3", "?drone=Izar&status=failed&sort=duration&per_page=2&page=2&fbclid=x"] {
        let [csv, json] = hrefs(query).try_into().unwrap();
        let document = app.get(&json).json()["data"].clone();
        let asked = query.replace("&fbclid=x", "");
        assert_eq!(document["builds"], list(&app, &asked)["builds"], "{query}");
        let n_lines = app.get(&csv).text().lines().count() as u64;
        assert_eq!(document["page"]["total"], n_lines - 1, "{query}");
    }
    assert!(hrefs("?drone=Nobody").is_empty());
}

#[test]
fn a_listing_that_is_followed_stays_while_builds_arrive() {
    let app = spawn_app(testing::example());
    let next = list(&app, "?status=success&per_page=7")["page"]["next"].as_str().unwrap().to_owned();
    let before = list(&app, &next);
    let mut snapshot = testing::example();
    for second in 0..9 {
        let at = format!("2026-02-23T14:29:5{second}Z");
        let new = testing::build("app-misc/screen-5.0.0", "Izar", BuildStatus::Success, &at);
        testing::edit(&mut snapshot.history, |history| history.builds.insert(0, new));
        app.publish(snapshot.clone());
        let total = 1_874 + second;
        app.wait_for("build-history", |answer| answer.json()["data"]["page"]["total"] == total);
        let after = list(&app, &next);
        for key in ["builds", "page", "summary"] {
            assert_eq!(after[key], before[key]);
        }
    }
}

#[test]
fn the_history_is_answered_while_its_source_is_dead() {
    let app = spawn_app(testing::orchestrator_dead());
    let answer = app.get(&format!("{PUBLIC}/build-history?from=2026-02-22&per_page=3")).json();
    assert_eq!(answer["status"], "offline");
    assert_eq!(answer["data"]["page"]["total"], 143);
    assert_eq!(answer["notices"][0]["code"], "source_stale");
}

#[test]
fn a_new_build_is_on_the_first_page_at_once() {
    let app = spawn_app(testing::example());
    let mut snapshot = testing::example();
    let new = testing::build("app-misc/screen-5.0.0", "Izar", BuildStatus::Failed, "2026-02-23T14:29:59Z");
    testing::edit(&mut snapshot.history, |history| history.builds.insert(0, new.clone()));
    app.publish(snapshot);
    app.wait_for("build-history", |answer| answer.json()["data"]["builds"][0]["id"] == new.id.as_str());
    assert_eq!(list(&app, "?status=failed&per_page=1")["builds"][0]["id"], new.id.as_str());
    assert!(app.get("/history").text().contains("screen"));
}
