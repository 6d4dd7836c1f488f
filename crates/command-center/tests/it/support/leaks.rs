//! Everything that the public side says, searched for what it must not say.

use std::{borrow::Cow, collections::BTreeSet, net::SocketAddr};

use web::startup::Application;

use super::http;

/// What is asked of each public route, by its pattern. Every route has its line here: one that has none fails every
/// crawl. Parts in braces are filled from links of other pages, too.
const ASKED: &[(&str, &[&str])] = &[
    ("/", &["/", "/?utm_source=x"]),
    ("/queue", &["/queue"]),
    (
        "/history",
        &["/history", "/history?package=dev&per_page=200", "/history?per_page=x", "/history?page=2"],
    ),
    ("/infrastructure", &["/infrastructure"]),
    ("/feed.xml", &["/feed.xml"]),
    (
        "/badge/{name}.svg",
        &[
            "/badge/status.svg",
            "/badge/queue.svg",
            "/badge/drones.svg",
            "/badge/builds.svg",
            "/badge/hosts.svg",
            "/badge/services.svg",
            "/badge/drone-Tarn.svg",
            "/badge/nope.svg",
        ],
    ),
    ("/badge/{name}.json", &["/badge/status.json", "/badge/services.json", "/badge/drone-Tarn.json"]),
    ("/api/v2/summary.json", &["/api/v2/summary.json"]),
    ("/api/v2/status.json", &["/api/v2/status.json"]),
    ("/api/openapi.json", &["/api/openapi.json"]),
    ("/about/data", &["/about/data"]),
    ("/api", &["/api"]),
    ("/packages/{category}/{name}", &["/packages/dev-libs/nope"]),
    ("/drones/{name}", &["/drones/drone-Tarn", "/drones/nope"]),
    ("/api/v1/services/public/build-swarm", &["/api/v1/services/public/build-swarm"]),
    (
        "/api/v1/services/public/build-history",
        &[
            "/api/v1/services/public/build-history",
            "/api/v1/services/public/build-history?per_page=0",
            "/api/v1/services/public/build-history?typo=1",
            "/api/v1/services/public/build-history?per_page=200&page=2",
            "/api/v1/services/public/build-history?format=csv",
            "/api/v1/services/public/build-history?drone=drone-Tarn",
            "/api/v1/services/public/build-history?sort=duration&order=asc",
        ],
    ),
    ("/api/v1/services/public/infrastructure", &["/api/v1/services/public/infrastructure"]),
    (
        "/api/v1/services/public/queue",
        &[
            "/api/v1/services/public/queue",
            "/api/v1/services/public/queue?epoch=x&since=1",
            "/api/v1/services/public/queue?since=1",
        ],
    ),
    (
        "/api/v1/services/public/packages/{category}/{name}",
        &["/api/v1/services/public/packages/dev-libs/nope"],
    ),
    ("/api/v1/services/public/drones/{name}", &["/api/v1/services/public/drones/nope"]),
    ("/ws/queue", &["/ws/queue"]),
    ("/robots.txt", &["/robots.txt"]),
    ("/assets/{build}/{path:.+}", &["/assets/none/app.css"]),
];

/// What is asked of no route: what is not there, and what may not be done.
const BESIDE: [(&str, &str); 7] = [
    ("GET", "/nope"),
    ("GET", "/api/v1/nope"),
    ("GET", "/ws/nope"),
    ("POST", "/"),
    ("DELETE", "/api/v1/services/public/queue"),
    ("OPTIONS", "/drones/nope"),
    ("PUT", "/ws/queue"),
];

/// What is asked of the internal listener that is no business of names; `/names` is there to tell them.
const INTERNAL: &[(&str, &[&str])] = &[
    ("/healthz", &["/healthz", "/nope"]),
    ("/readyz", &["/readyz"]),
    ("/names", &[]),
    ("/metrics", &["/metrics"]),
];

/// Routes whose paths are found on pages: what their paths begin with, and what the same begins with as a document.
const LINKED: [(&str, &str); 3] =
    [("/packages/", "/api/v1/services/public"), ("/drones/", "/api/v1/services/public"), ("/assets/", "")];
/// How many of them are asked for: one is made like the other.
const LINKED_MAX: usize = 60;

/// An answer to a request, as a text.
#[derive(Debug)]
pub(crate) struct Said {
    /// Method and target.
    pub(crate) asked: String,
    pub(crate) status: u16,
    /// Head and body.
    pub(crate) text: String,
}

/// Asks for everything; gives each request with head and body of its answer.
pub(crate) fn crawl(public: SocketAddr) -> Vec<(String, String)> {
    let said =
        crawl_by(&mut |requests| requests.iter().map(|(method, path)| ask(public, method, path)).collect());
    said.into_iter().map(|said| (said.asked, said.text)).collect()
}

/// Asks the internal listener for what tells no names on purpose.
pub(crate) fn crawl_internal(internal: SocketAddr) -> Vec<(String, String)> {
    let targets = targets(INTERNAL, Application::internal_routes());
    targets.map(|path| ask(internal, "GET", path)).map(|said| (said.asked, said.text)).collect()
}

/// Bytes as a text that can be searched, whatever they are.
#[expect(clippy::disallowed_methods, reason = "what is no UTF-8 is searched as well")]
pub(crate) fn searchable(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn ask(address: SocketAddr, method: &str, target: &str) -> Said {
    let answer = http::request(address, method, target).unwrap();
    let text = format!("{}\n{}", answer.head, searchable(&answer.body));
    Said { asked: format!("{method} {target}"), status: answer.status, text }
}

/// The requests of a table that has a line for each route, and none for anything else.
#[track_caller]
fn targets<'t>(
    table: &'t [(&'t str, &'t [&'t str])],
    routes: impl Iterator<Item = &'static str>,
) -> impl Iterator<Item = &'t str> {
    let routes: BTreeSet<&str> = routes.collect();
    let known: BTreeSet<&str> = table.iter().map(|(pattern, _)| *pattern).collect();
    let missing: Vec<_> = routes.difference(&known).collect();
    assert!(missing.is_empty(), "no crawl asks for {missing:?}: give each a line in {}", file!());
    let gone: Vec<_> = known.difference(&routes).collect();
    assert!(gone.is_empty(), "there is no route {gone:?} any more: remove its line from {}", file!());
    table.iter().flat_map(|(_, targets)| targets.iter().copied())
}

/// Answers requests: methods and targets.
type Asking<'a> = dyn FnMut(&[(String, String)]) -> Vec<Said> + 'a;

/// The same, by whoever can ask.
pub(crate) fn crawl_by(ask: &mut Asking<'_>) -> Vec<Said> {
    let owned = |(method, path): (&str, &str)| (method.to_owned(), path.to_owned());
    let targets: Vec<&str> = targets(ASKED, Application::public_routes()).collect();
    let gets = targets.iter().map(|path| ("GET", *path));
    let heads = targets.iter().map(|path| ("HEAD", *path));
    let requests: Vec<_> = gets.chain(heads).chain(BESIDE).map(owned).collect();
    let mut said = ask(&requests);
    let mut seen = BTreeSet::new();
    let mut begin = 0;
    while begin < said.len() {
        let mut next = Vec::new();
        for (target, document) in said[begin..].iter().flat_map(|said| links(&said.text)) {
            if seen.len() < LINKED_MAX && seen.insert(target.clone()) {
                next.push(("GET".to_owned(), target.clone()));
                if let Some(name) = target.strip_prefix("/drones/") {
                    next.push(("GET".to_owned(), format!("/badge/{name}.svg")));
                }
                if !document.is_empty() {
                    next.push(("GET".to_owned(), format!("{document}{target}")));
                }
            }
        }
        begin = said.len();
        let answers = ask(&next);
        for answer in &answers {
            // What happened of late may name what is gone since.
            assert!(matches!(answer.status, 200 | 404), "{}: {}", answer.asked, answer.status);
        }
        said.extend(answers);
    }
    // What waits for nobody is unavailable; nothing else may fail.
    let failed = said.iter().find(|said| said.status >= 500);
    assert!(failed.is_none(), "{failed:?}");
    said
}

/// The routes, by their patterns, for which no request of a crawl was answered with success.
pub(crate) fn unanswered(said: &[(String, String)]) -> Vec<&'static str> {
    let is_good =
        |text: &str| [" 200 ", " 426 "].iter().any(|status| text.starts_with(&format!("HTTP/1.1{status}")));
    let good: Vec<&str> =
        said.iter().filter(|(_, text)| is_good(text)).map(|(asked, _)| asked.as_str()).collect();
    Application::public_routes()
        .filter(|pattern| {
            let paths = good.iter().filter_map(|asked| asked.strip_prefix("GET "));
            !paths.map(|path| path.split('?').next().unwrap_or(path)).any(|path| fits(pattern, path))
        })
        .collect()
}

/// Whether a path is one of a pattern's. The last part of a pattern may stand for several of a path.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.ends_with(":.+}") => return true,
            (Some(part), Some(given)) if part == given || fills(part, given) => {}
            _ => return false,
        }
    }
}

/// Whether a part of a path stands for a part of a pattern, such as `{name}` or `{name}.svg`.
fn fills(part: &str, given: &str) -> bool {
    let end = part.strip_prefix('{').and_then(|part| part.split_once('}')).map(|(_, end)| end);
    end.is_some_and(|end| given.len() > end.len() && given.ends_with(end))
}

/// What a page leads to, and what the same begins with as a document.
fn links(page: &str) -> Vec<(String, &'static str)> {
    // What scripts make rows from has the beginning of such links.
    let page = page.split("<template").next().unwrap_or_default();
    let targets = ["href", "src"].into_iter().flat_map(|name| {
        let rest = page.split(name).skip(1).filter_map(|rest| rest.strip_prefix("=\""));
        rest.filter_map(|rest| rest.split('"').next()).collect::<Vec<_>>()
    });
    let targets = targets.map(|target| target.replace("&#39;", "'").replace("&#x27;", "'"));
    targets
        .filter_map(|target| {
            let (_, document) = LINKED.iter().find(|(beginning, _)| target.starts_with(beginning))?;
            Some((target, *document))
        })
        .collect()
}

/// Fails when a text has a secret, however it is spelled.
#[track_caller]
pub(crate) fn check(texts: &[(String, String)], secrets: &[String]) {
    for (origin, text) in texts {
        if let Some((secret, around)) = found(text, secrets) {
            panic!("{origin} has {secret:?}: {around}");
        }
    }
}

/// The first secret in a text, and what stands around it.
pub(crate) fn found<'s>(text: &str, secrets: &'s [String]) -> Option<(&'s str, String)> {
    let text = unescaped(text);
    secrets.iter().find_map(|secret| {
        let (before, after) = text.split_once(&secret.to_lowercase())?;
        let before: Vec<char> = before.chars().rev().take(80).collect();
        let around = before.into_iter().rev().chain(secret.chars()).chain(after.chars().take(100)).collect();
        Some((secret.as_str(), around))
    })
}

/// A text in lower case with percent, entity and JSON escapes undone, those within each other too.
fn unescaped(text: &str) -> String {
    let mut text = text.to_lowercase();
    loop {
        let plainer = once_unescaped(&text).to_lowercase();
        if plainer == text {
            return text;
        }
        text = plainer;
    }
}

fn once_unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Nearly everything is no escape, and texts are long.
    while let Some(at) = rest.find(['&', '\\', '%']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let first = char::from(rest.as_bytes()[0]);
        let (plain, len) = escape(rest).unwrap_or((first, 1));
        out.push(plain);
        rest = &rest[len..];
    }
    out.push_str(rest);
    out
}

/// What the escape at the beginning of a text stands for, and how long it is.
fn escape(text: &str) -> Option<(char, usize)> {
    const NAMED: [(&str, char); 7] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("\\/", '/'),
        ("\\\\", '\\'),
    ];
    if let Some((escape, plain)) = NAMED.into_iter().find(|(escape, _)| text.starts_with(escape)) {
        return Some((plain, escape.len()));
    }
    let (digits, radix, frame) = if let Some(rest) = text.strip_prefix("&#x") {
        (rest.split_once(';')?.0, 16, 4)
    } else if let Some(rest) = text.strip_prefix("&#") {
        (rest.split_once(';')?.0, 10, 3)
    } else if let Some(rest) = text.strip_prefix("\\u") {
        (rest.get(..4)?, 16, 2)
    } else {
        (text.strip_prefix('%')?.get(..2)?, 16, 1)
    };
    let plain = u32::from_str_radix(digits, radix).ok().filter(|code| frame != 1 || *code < 128)?;
    Some((char::from_u32(plain)?, frame + digits.len()))
}

/// The spellings of a text: as it is, in capitals, percent-encoded, as HTML entities, as JSON escapes.
pub(crate) fn spellings(text: &str) -> [String; 5] {
    let each = |spell: fn(char) -> String| text.chars().map(spell).collect();
    [
        text.to_owned(),
        text.to_uppercase(),
        each(|c| format!("%{:02X}", u32::from(c))),
        each(|c| format!("&#x{:x};", u32::from(c))),
        each(|c| format!("\\u{:04x}", u32::from(c))),
    ]
}

#[test]
fn a_secret_is_found_in_every_spelling_even_escaped_once_more() {
    let secrets = ["canary/é@x".replace('é', "e")];
    for spelled in spellings(&secrets[0]) {
        let in_html = spelled.replace('&', "&amp;");
        let in_json = serde_json::to_string(&spelled).unwrap();
        for text in [spelled.clone(), in_html, in_json, spelled.replace('%', "%25")] {
            assert!(found(&format!("…{text}…"), &secrets).is_some(), "{text}");
        }
    }
    assert!(found("100 % of 5 % &c; &#zz; \\u12 café", &secrets).is_none());
}

#[test]
fn patterns_are_known_from_their_paths() {
    for (pattern, path, is_one) in [
        ("/", "/", true),
        ("/", "/queue", false),
        ("/drones/{name}", "/drones/Izar", true),
        ("/drones/{name}", "/drones/", false),
        ("/drones/{name}", "/drones/Izar/x", false),
        ("/badge/{name}.svg", "/badge/status.svg", true),
        ("/badge/{name}.svg", "/badge/status.json", false),
        ("/assets/{build}/{path:.+}", "/assets/a/b/c.css", true),
        ("/assets/{build}/{path:.+}", "/assets/a", false),
    ] {
        assert_eq!(fits(pattern, path), is_one, "{pattern} {path}");
    }
}
