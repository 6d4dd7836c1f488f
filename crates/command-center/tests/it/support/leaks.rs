//! Everything that the public side says, searched for what it must not say.

use std::{collections::BTreeSet, net::SocketAddr};

use super::{
    http,
    stack::{DOCUMENTS, PAGES, PUBLIC},
};

/// Requests beyond documents and pages: errors of every kind, filters, other methods, conditional ones.
const OTHERS: [(&str, &str); 18] = [
    ("GET", "/packages/dev-libs/nope"),
    ("GET", "/drones/drone-Tarn"),
    ("GET", "/api/v1/services/public/packages/dev-libs/nope"),
    ("GET", "/api/v1/services/public/drones/nope"),
    ("GET", "/nope"),
    ("GET", "/api/v1/nope"),
    ("POST", "/"),
    ("DELETE", "/api/v1/services/public/queue"),
    ("HEAD", "/queue"),
    ("GET", "/api/v1/services/public/build-history?per_page=0"),
    ("GET", "/api/v1/services/public/build-history?typo=1"),
    ("GET", "/api/v1/services/public/build-history?per_page=200&page=2"),
    ("GET", "/api/v1/services/public/build-history?format=csv"),
    ("GET", "/api/v1/services/public/build-history?drone=drone-Tarn"),
    ("GET", "/api/v1/services/public/queue?epoch=x&since=1"),
    ("GET", "/history?package=dev&per_page=200"),
    ("GET", "/history?per_page=x"),
    ("GET", "/assets/none/app.css"),
];

/// What the pages of packages and drones begin with.
const DETAILS: [&str; 2] = ["/packages/", "/drones/"];
/// How many of them are asked for: one is made like the other.
const DETAILS_MAX: usize = 60;

/// Asks for everything; gives each request with head and body of its answer.
///
/// The pages of packages and drones are those that other pages lead to, and each is there.
pub(crate) fn crawl(public: SocketAddr) -> Vec<(String, String)> {
    let ask = |method: &str, target: &str| {
        let answer = http::request(public, method, target).unwrap();
        assert!(answer.status < 500, "{method} {target}: {}", answer.status);
        (answer.status, format!("{}\n{}", answer.head, answer.text()))
    };
    let gets = DOCUMENTS.iter().chain(&PAGES).map(|target| ("GET", *target));
    let mut texts: Vec<_> = gets
        .chain(OTHERS)
        .map(|(method, target)| (format!("{method} {target}"), ask(method, target).1))
        .collect();
    let mut seen = BTreeSet::new();
    let mut next = 0;
    while let Some((_, text)) = texts.get(next) {
        for target in details(text) {
            if seen.len() >= DETAILS_MAX || !seen.insert(target.clone()) {
                continue;
            }
            for path in [target.clone(), format!("{PUBLIC}{target}")] {
                let (status, text) = ask("GET", &path);
                assert_eq!(status, 200, "{path}");
                texts.push((format!("GET {path}"), text));
            }
        }
        next += 1;
    }
    texts
}

/// The pages of packages and drones that a page leads to.
fn details(page: &str) -> Vec<String> {
    // What scripts make rows from has the beginning of such links.
    let page = page.split("<template").next().unwrap_or_default();
    let hrefs = page.split(" href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let hrefs = hrefs.map(|href| href.replace("&#39;", "'").replace("&#x27;", "'"));
    hrefs.filter(|href| DETAILS.iter().any(|detail| href.starts_with(detail))).collect()
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
fn found<'s>(text: &str, secrets: &'s [String]) -> Option<(&'s str, String)> {
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
    while let Some(first) = rest.chars().next() {
        let (plain, len) = escape(rest).unwrap_or((first, first.len_utf8()));
        out.push(plain);
        rest = &rest[len..];
    }
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
