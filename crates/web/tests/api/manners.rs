//! How every route answers: encodings, tags, methods, headers, errors.

use std::io::Read;

use snapshot::testing;

use crate::{
    app::{App, PUBLIC, spawn_app},
    client::{self, Answer},
};

const PAGES: [&str; 6] = ["/", "/queue", "/history", "/infrastructure", "/about/data", "/api"];
const DOCUMENTS: [&str; 4] = ["build-swarm", "build-history", "infrastructure", "queue"];

/// Everything that can be read, with what may be done with it.
pub(crate) fn readable(app: &App, base: &str) -> Vec<(String, &'static str)> {
    let live = "public, max-age=5, stale-while-revalidate=30, stale-if-error=86400";
    let slow = "public, max-age=15, stale-while-revalidate=30, stale-if-error=86400";
    let mut all: Vec<(String, &str)> = PAGES.map(|path| (format!("{base}{path}"), "no-cache")).into();
    all.extend(
        DOCUMENTS.into_iter().zip([live, slow, slow, live]).map(|(n, c)| (format!("{base}{PUBLIC}/{n}"), c)),
    );
    all.push((format!("{base}/history?drone=Izar&page=2&utm_source=x"), "no-cache"));
    all.push((format!("{base}{PUBLIC}/build-history?status=failed"), slow));
    all.push((format!("{base}{PUBLIC}/build-history?format=csv"), slow));
    all.push((format!("{base}/feed.xml"), "public, max-age=300"));
    for path in ["/badge/status.svg", "/badge/Izar.svg", "/badge/queue.json", "/badge/tarn.json"] {
        all.push((format!("{base}{path}"), "public, max-age=60"));
    }
    all.push((format!("{base}/api/openapi.json"), "no-cache"));
    for path in ["/api/v2/summary.json", "/api/v2/status.json"] {
        all.push((format!("{base}{path}"), "public, max-age=60"));
    }
    all.push((style_sheet(app, base), "public, max-age=31536000, immutable"));
    all
}

/// The address of the style sheet, as pages name it.
fn style_sheet(app: &App, base: &str) -> String {
    let page = app.get(&format!("{base}/"));
    let begin = page.text().find(&format!("{base}/assets/")).unwrap();
    page.text()[begin..].split('"').next().unwrap().to_owned()
}

#[track_caller]
pub(crate) fn check_security(answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
    assert!(policy.contains("frame-ancestors 'none'"));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    // Pictures may be shown by other sites.
    let lent = answer.header("cross-origin-resource-policy");
    assert!(matches!(lent, Some("same-origin" | "cross-origin")));
    assert!(answer.header("permissions-policy").is_some());
    assert!(answer.header("date").is_some());
    for name in ["server", "last-modified", "set-cookie", "access-control-allow-origin"] {
        assert_eq!(answer.header(name), None);
    }
}

fn unpacked(answer: &Answer) -> Vec<u8> {
    let mut body = Vec::new();
    match answer.header("content-encoding") {
        Some("br") => brotli::Decompressor::new(&answer.body[..], 4_096).read_to_end(&mut body).unwrap(),
        Some("gzip") => flate2::read::GzDecoder::new(&answer.body[..]).read_to_end(&mut body).unwrap(),
        other => panic!("{other:?}"),
    };
    body
}

#[test]
fn every_route_has_its_headers_tags_and_encodings() {
    let app = spawn_app(testing::example());
    for (path, cache) in readable(&app, "") {
        let plain = app.get(&path);
        assert_eq!(plain.status, 200, "{path}");
        check_security(&plain);
        assert_eq!(plain.header("cache-control"), Some(cache), "{path}");
        assert_eq!(plain.header("vary"), Some("Accept-Encoding"));
        assert_eq!(plain.header("content-encoding"), None);
        let hash = plain.etag().trim_matches('"').to_owned();
        assert_eq!(plain.etag(), format!("\"{hash}\""));

        for (accepted, suffix) in
            [("gzip, deflate, br, zstd", "-br"), ("gzip", "-gz"), ("br;q=0.1, gzip", "-gz")]
        {
            let packed = app.send("GET", &path, &[("Accept-Encoding", accepted)]);
            if packed.header("content-encoding").is_none() {
                assert!(plain.body.len() < 512, "{path} is not compressed");
                continue;
            }
            assert_eq!(packed.etag(), format!("\"{hash}{suffix}\""));
            assert_eq!(unpacked(&packed), plain.body, "{path}");
            assert!(packed.body.len() < plain.body.len());
        }
        for accepted in ["", "identity", "br;q=0, gzip;q=0", "zstd", "*;q=0", "br;q=x"] {
            let answer = app.send("GET", &path, &[("Accept-Encoding", accepted)]);
            assert_eq!((answer.status, answer.header("content-encoding")), (200, None), "{accepted}");
        }

        for tag in [
            format!("\"{hash}\""),
            format!("W/\"{hash}\""),
            format!("\"{hash}-br\""),
            format!("W/\"{hash}-gz\""),
            format!("\"other\", W/\"{hash}-br\",\"x\""),
            "*".to_owned(),
        ] {
            let answer = app.send("GET", &path, &[("If-None-Match", &tag), ("Accept-Encoding", "br")]);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{path} {tag}");
            check_security(&answer);
            assert_eq!(answer.header("cache-control"), Some(cache));
            assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
            assert!(answer.etag().contains(&hash));
        }
        for tag in [hash.clone(), "\"\"".to_owned(), format!("\"{hash}-zs\""), "W/".to_owned()] {
            assert_eq!(app.send("GET", &path, &[("If-None-Match", &tag)]).status, 200, "{path} {tag}");
        }
    }
}

#[test]
fn head_is_get_without_the_body() {
    let app = spawn_app(testing::example());
    for (path, _) in readable(&app, "") {
        for accepted in ["identity", "br"] {
            let headers = [("Accept-Encoding", accepted)];
            let (get, head) = (app.send("GET", &path, &headers), app.send("HEAD", &path, &headers));
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
            for name in
                ["content-length", "content-type", "content-encoding", "etag", "cache-control", "vary"]
            {
                assert_eq!(head.header(name), get.header(name), "{path} {name}");
            }
            assert_eq!(get.header("content-length"), Some(get.body.len().to_string().as_str()));
        }
    }
    assert_eq!(app.send("HEAD", "/nowhere", &[]).body.len(), 0);
}

#[test]
fn nothing_can_be_written() {
    let app = spawn_app(testing::example());
    for (path, _) in readable(&app, "") {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let answer = app.send(method, &path, &[]);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
            check_error(&answer, &path);
        }
    }
}

/// The form of an error by its place.
#[track_caller]
fn check_error(answer: &Answer, path: &str) {
    check_security(answer);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("etag"), None);
    if path.starts_with("/api/") || path.starts_with("/badge/") {
        let envelope = answer.json();
        assert_eq!(envelope["status"], "error");
        assert!(envelope["error"]["code"].is_string());
    } else {
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.text().contains("<title>"));
    }
}

#[test]
fn crawlers_read_pages_and_not_the_same_once_more() {
    let answer = spawn_app(testing::example()).get("/robots.txt");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert_eq!(answer.text(), "User-agent: *\nDisallow: /api/v1/\nDisallow: /api/v2/\nDisallow: /ws/\n");
}

#[test]
fn what_is_not_there_is_404_in_the_form_of_its_place() {
    let app = spawn_app(testing::example());
    let outdated = style_sheet(&app, "").replacen("/assets/", "/assets/0", 1);
    for path in [
        "/nowhere",
        "/queue/",
        "/history/",
        "//",
        "/index.html",
        "/.env",
        "/%2e%2e/etc/passwd",
        "/assets/",
        "/assets/000000/app.css",
        &outdated,
        "/api/",
        "/api/v1/services/public/",
        "/api/v1/services/public/nothing",
        "/api/v1/services/public/queue/",
        "/metrics",
        "/healthz",
        "/names",
    ] {
        let answer = app.get(path);
        assert_eq!(answer.status, 404, "{path}");
        check_error(&answer, path);
    }
    let envelope = app.get("/api/v2").text().to_owned();
    let expected = r#"{"status":"error","error":{"code":"not_found","message":"there is no such page","parameter":null}}"#;
    assert_eq!(envelope, expected);
}

#[test]
fn bad_parameters_are_named_and_never_repeated() {
    let app = spawn_app(testing::example());
    let canary = "zq9canary";
    let bad = format!(
        "{{\"status\":\"error\",\"error\":{{\"code\":\"bad_parameter\",\"message\":{},\"parameter\":\"per_page\"}}}}",
        "\"per_page must be a whole number from 1 to 200\""
    );
    let answer = app.get(&format!("{PUBLIC}/build-history?per_page={canary}"));
    assert_eq!((answer.status, answer.text()), (400, bad.as_str()));
    for path in [
        format!("{PUBLIC}/build-history?{canary}=1"),
        format!("{PUBLIC}/build-history?as_of={canary}"),
        format!("{PUBLIC}/build-history?package={canary}%3C"),
        format!("{PUBLIC}/queue?since=1"),
        format!("{PUBLIC}/queue?epoch={canary}"),
        format!("{PUBLIC}/queue?epoch={canary}&since={canary}"),
        format!("{PUBLIC}/queue?epoch={canary}&since=-1"),
        format!("{PUBLIC}/queue?epoch={canary}&since=9007199254740992"),
        format!("{PUBLIC}/queue?epoch={canary}&since=1&since=1"),
        format!("{PUBLIC}/queue?epoch={canary}&since=1&{canary}=1"),
        format!("{PUBLIC}/build-swarm?{canary}"),
        format!("{PUBLIC}/infrastructure?{canary}"),
        format!("/history?from={canary}"),
        format!("/history?page={canary}"),
        format!("/history?from=2026-02-23&to=2026-02-22&x={canary}"),
    ] {
        let answer = app.send("GET", &path, &[("User-Agent", canary), ("Referer", canary)]);
        assert_eq!(answer.status, 400, "{path}");
        check_error(&answer, &path);
        assert!(!answer.everything().contains(canary), "{path}");
    }
    for path in [format!("/{canary}"), format!("/api/{canary}"), format!("/queue?{canary}")] {
        assert!(!app.get(&path).everything().contains(canary), "{path}");
    }
}

#[test]
fn a_resumed_queue_is_sent_whole_and_not_kept() {
    let app = spawn_app(testing::example());
    let whole = app.document("queue");
    for query in ["epoch=k3v9q2&since=4711", "since=0&epoch=x", "epoch=k3v9q2&since=9007199254740991"] {
        let answer = app.get(&format!("{PUBLIC}/queue?{query}"));
        assert_eq!((answer.status, &answer.body), (200, &whole.body));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("etag"), None);
    }
}

#[test]
fn other_hosts_are_misdirected_once_hosts_are_named() {
    let hosts = web::config::AllowedHosts::parse(["status.example.org"]).unwrap();
    let config = web::config::Config::new().with_allowed_hosts(hosts);
    let app = crate::app::spawn_app_at(testing::example(), testing::NOW, config);
    for host in ["status.example.org", "STATUS.example.org:8093"] {
        assert_eq!(app.send("GET", "/", &[("Host", host)]).status, 200, "{host}");
    }
    for (path, host) in
        [("/", "evil.example"), ("/api/v1/services/public/queue", "127.0.0.1"), ("/x", "evil.example")]
    {
        let answer = app.send("GET", path, &[("Host", host), ("X-Forwarded-Host", "status.example.org")]);
        assert_eq!(answer.status, 421, "{host}");
        check_error(&answer, path);
        assert!(!answer.everything().contains(host));
    }
    assert_eq!(client::send(app.internal_port, "GET", "/healthz", &[("Host", "localhost")]).status, 200);
}
