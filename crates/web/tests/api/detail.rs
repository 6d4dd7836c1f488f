//! Packages and drones, one by one, over HTTP.

use snapshot::{history::BuildStatus, snapshot::Snapshot, testing};

use web::config::{BasePath, Config};

use crate::app::{App, PUBLIC, spawn_app, spawn_app_at};

const OPENSSL: &str = "dev-libs/openssl";

fn package(app: &App, name: &str) -> serde_json::Value {
    let answer = app.get(&format!("{PUBLIC}/packages/{name}"));
    assert_eq!(answer.status, 200, "{name}");
    answer.json()
}

fn drone(app: &App, name: &str) -> serde_json::Value {
    let answer = app.get(&format!("{PUBLIC}/drones/{name}"));
    assert_eq!(answer.status, 200, "{name}");
    answer.json()
}

/// Builds of some packages, each a minute older than the one before it.
fn built(builds: &[(&str, &str, BuildStatus)]) -> Snapshot {
    let mut snapshot = testing::example();
    let builds = builds.iter().enumerate().map(|(n, (package, drone, status))| {
        testing::build(package, drone, *status, &format!("2026-02-23T13:{:02}:00Z", 59 - n))
    });
    testing::set_builds(&mut snapshot, builds.collect());
    snapshot
}

#[test]
fn a_package_that_broke_says_which_version_was_good_and_which_was_not() {
    let app = spawn_app(built(&[
        ("dev-libs/openssl-3.5.1", "Izar", BuildStatus::Returned),
        ("dev-libs/openssl-3.5.1", "Tarn", BuildStatus::Failed),
        ("dev-libs/openssl-3.5.0", "Izar", BuildStatus::Masked),
        ("dev-libs/openssl-compat-1.1.1", "Izar", BuildStatus::Success),
        ("dev-libs/openssl-3.4.1", "Izar", BuildStatus::UploadFailed),
        ("dev-libs/openssl-3.4.0", "Izar", BuildStatus::Success),
        ("dev-libs/openssl-3.3.0", "Tarn", BuildStatus::Failed),
    ]));
    let data = &package(&app, OPENSSL)["data"];
    assert_eq!(data["package"], OPENSSL);
    assert_eq!(data["last_success"]["package"], "dev-libs/openssl-3.4.0");
    assert_eq!(data["first_failure"]["package"], "dev-libs/openssl-3.5.0");
    let summary = &data["summary"];
    assert_eq!([&summary["success"], &summary["failure"], &summary["uncounted"]], [1, 3, 2]);
    assert_eq!(summary["success_rate_percent"], 25.0);
    let versions: Vec<_> = data["versions"].as_array().unwrap().iter().map(|it| &it["version"]).collect();
    assert_eq!(versions, ["3.5.1", "3.5.0", "3.4.1", "3.4.0", "3.3.0"]);
    assert_eq!(data["builds"].as_array().unwrap().len(), 6);
    assert_eq!(data["durations"]["histogram"][0]["builds"], 1);
    let page = app.get(&format!("/packages/{OPENSSL}"));
    for words in ["Last good", "Broken since", "3.4.0", "25.0 %", "href=\"/drones/Tarn\""] {
        assert!(page.text().contains(words), "{words}");
    }
    let fine = &package(&app, "dev-libs/openssl-compat")["data"];
    assert_eq!(fine["first_failure"], serde_json::Value::Null);
}

#[test]
fn a_drone_is_judged_by_what_it_did_itself() {
    let app = spawn_app(built(&[
        ("dev-libs/openssl-3.5.1", "Izar", BuildStatus::UploadFailed),
        ("dev-libs/nss-3.108", "Izar", BuildStatus::Masked),
        ("dev-libs/glib-2.82.5", "Izar", BuildStatus::Success),
        ("dev-libs/glib-2.82.5", "Tarn", BuildStatus::Failed),
    ]));
    let summary = &drone(&app, "Izar")["data"]["summary"];
    assert_eq!([&summary["success"], &summary["failure"], &summary["uncounted"]], [1, 1, 1]);
}

#[test]
fn a_drone_comes_with_its_state_its_host_and_what_it_holds() {
    let mut snapshot = testing::example_infrastructure();
    testing::set_hosts(
        &mut snapshot,
        vec![testing::host("izar", snapshot::infrastructure::Reachability::Up)],
    );
    let app = spawn_app(snapshot);
    let document = drone(&app, "IZAR");
    let data = &document["data"];
    assert_eq!((&data["name"], &data["drone"]["state"]), (&"Izar".into(), &"building".into()));
    assert_eq!(data["host"]["state"], "up");
    assert_eq!(data["queued"][0]["drone"], "Izar");
    assert_eq!(document["status"], "ok");
    assert!(document["sources"]["prometheus"].is_object());
    let page = app.get("/drones/Izar");
    assert!(page.text().contains("id=\"host\"") && page.text().contains("llvm-core/llvm"));
}

#[test]
fn a_retired_drone_keeps_its_page() {
    let app = spawn_app(built(&[("dev-libs/nss-3.108", "Old One", BuildStatus::Success)]));
    let data = &drone(&app, "old%20one")["data"];
    assert_eq!((&data["name"], &data["drone"]), (&"Old One".into(), &serde_json::Value::Null));
    assert!(app.get("/drones/Old%20One").text().contains("no longer heard of"));
}

#[test]
fn names_are_escaped_in_paths_and_found_by_them_under_a_base_path() {
    let config = Config::new().with_base_path(BasePath::parse("/farm").unwrap());
    let snapshot = built(&[("x11-libs/gtk+-3.24.43", "Kepler 22-b's", BuildStatus::Success)]);
    let app = spawn_app_at(snapshot, testing::NOW, config);
    let hrefs = |text: &str| -> Vec<String> {
        let hrefs = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        hrefs.map(|href| href.replace("&#39;", "'").replace("&#x27;", "'")).collect()
    };
    let dashboard = app.get("/farm/");
    for path in ["/farm/packages/x11-libs/gtk%2B", "/farm/drones/Kepler%2022-b's"] {
        assert!(hrefs(dashboard.text()).iter().any(|href| href == path), "{path}");
        assert_eq!(app.get(path).status, 200, "{path}");
        assert_eq!(app.get(&path.replace("/farm", &format!("/farm{PUBLIC}"))).status, 200, "{path}");
    }
    assert_eq!(app.get("/farm/packages/x11-libs/gtk+").status, 200);
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let app = spawn_app(testing::example_infrastructure());
    let mut seen = std::collections::BTreeSet::new();
    let mut left: Vec<String> = vec!["/".to_owned()];
    while let Some(path) = left.pop() {
        let page = app.get(&path);
        assert_eq!(page.status, 200, "{path}");
        let is_about_one = path.starts_with("/packages/") || path.starts_with("/drones/");
        assert!(!is_about_one || page.text().len() < 128 * 1024, "{path}: {} bytes", page.text().len());
        // What scripts make rows from has the beginnings of links.
        let shown = page.text().split("<template").next().unwrap();
        for href in shown.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let href = href.replace("&amp;", "&").replace("&#39;", "'").replace("&#x27;", "'");
            let target = href.split('#').next().unwrap().to_owned();
            let is_page = target.starts_with('/') && !target.starts_with("/assets/") && !target.contains('?');
            if is_page && seen.len() < 200 && seen.insert(target.clone()) {
                left.push(target);
            }
        }
    }
    assert!(seen.iter().filter(|path| path.starts_with("/packages/")).count() > 10, "{seen:?}");
    assert!(seen.iter().filter(|path| path.starts_with("/drones/")).count() >= 4, "{seen:?}");
}

#[test]
fn what_nobody_knows_is_not_there_and_not_repeated() {
    let app = spawn_app(testing::example());
    for path in [
        "/drones/Zzyzx",
        "/drones/drone-10-42-0-199",
        "/drones/%ff%fe",
        "/drones/Zzyzx%2FIzar",
        "/packages/dev-libs/zzyzx",
        "/packages/dev-libs/opens",
        "/packages/DEV-LIBS/openssl",
        "/packages/dev-libs/openssl-3.4.1",
        "/packages/dev-libs/openssl%0Azzyzx",
        "/packages/dev-libs",
    ] {
        for path in [path.to_owned(), format!("{PUBLIC}{path}")] {
            let answer = app.get(&path);
            assert_eq!(answer.status, 404, "{path}");
            let text = answer.everything().to_lowercase();
            assert!(!text.contains("zzyzx") && !text.contains("10-42"), "{path}");
        }
    }
    let refused = app.get(&format!("{PUBLIC}/drones/Izar?x=1"));
    assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (400, Some("bad_parameter")));
    assert_eq!(app.get("/drones/Izar?fbclid=1").status, 200);
    assert_eq!(app.send("POST", "/drones/Izar", &[]).status, 405);
    assert_eq!(app.send("HEAD", "/drones/Izar", &[]).status, 200);
}

#[test]
fn a_withheld_package_has_no_page_but_its_builds_count_for_the_drone() {
    let mut snapshot = built(&[("dev-libs/nss-3.108", "Izar", BuildStatus::Success)]);
    testing::edit(&mut snapshot.history, |history| {
        history.builds = vec![std::sync::Arc::new(snapshot::history::Build {
            package: None,
            ..(*history.builds[0]).clone()
        })];
    });
    let app = spawn_app(snapshot);
    assert_eq!(app.get("/packages/dev-libs/nss").status, 404);
    assert_eq!(drone(&app, "Izar")["data"]["summary"]["success"], 1);
    assert!(app.get("/drones/Izar").text().contains("withheld package"));
}

#[test]
fn documents_keep_their_tag_while_their_content_stays_and_say_when_they_are_old() {
    let app = spawn_app(testing::example());
    for path in [format!("{PUBLIC}/packages/{OPENSSL}"), format!("{PUBLIC}/drones/Izar")] {
        let first = app.get(&path);
        assert_eq!(app.send("GET", &path, &[("If-None-Match", first.etag())]).status, 304);
        assert!(first.json()["changed_at"].is_string() && first.json()["expected_next"].is_string());
    }
    let dead = spawn_app(testing::orchestrator_dead());
    assert_eq!(package(&dead, OPENSSL)["status"], "offline");
}
